"""Two conversations that are one; every name of the one leads to the other, until that is undone."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import ILSE, NORA, SUPPORT, TOMAS, Writer, arrives, bounce, replies, says, sent
from touchline.core.mail.belonging import reply_address
from touchline.desk.keys import signing_keys
from touchline.desk.models import (
    Activity,
    Blocker,
    Conversation,
    Delivery,
    Draft,
    Mailbox,
    Message,
    OutcomeEvent,
    Participant,
    Spell,
    Teammate,
)
from touchline.desk.models.conversation_merging import CannotBeMerged

MINUTE = timedelta(minutes=1)


@pytest.fixture
def again(support: Mailbox, nora_cannot_sign_in: Conversation, at: datetime) -> Conversation:
    """Nora wrote a second time, as of something new, with Ilse in copy."""
    raw = NORA.writes("Locked out", "Nobody answers.", cc=ILSE.from_, at=at + MINUTE, attached={"a.txt": b"A list"})
    return says(support, raw, at=at + MINUTE).conversation


def now(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def everything() -> dict[str, list[dict[str, object]]]:
    """All rows that a merge may touch, as they are."""
    nouns = (Conversation, Message, Participant, Blocker, Delivery, Draft, Spell)
    return {noun.__name__: list(noun._default_manager.order_by("pk").values()) for noun in nouns}


def test_what_was_said_in_both_stands_in_one(
    nora_cannot_sign_in: Conversation, again: Conversation, kay: Teammate, at: datetime
) -> None:
    ours = sent(again, "Try this.", by=kay, at=at + 2 * MINUTE)
    before = OutcomeEvent.objects.count()
    again.merge(nora_cannot_sign_in, by=kay, at=at + 3 * MINUTE)
    target, source = now(nora_cannot_sign_in), now(again)
    assert [each.text[:10] for each in target.messages.said()] == ["Good morni", "Nobody ans", "Try this."]
    assert (target.latest_message, target.latest_words) == (ours.pk, "Try this.")
    assert target.waiting_since == at  # her first mail is still unanswered
    assert [each.name for each in target.attachments.all()] == ["a.txt"]
    assert {p.email for p in target.participants.recipients()} == {NORA.address, ILSE.address}
    assert target.blockers.count() == 2 and not source.blockers.exists()
    assert target.deliveries.get().message == ours
    assert OutcomeEvent.objects.count() == before  # the ledger knows nothing of conversations
    assert (source.merged_into, source.waiting_since) == (target, None)
    assert list(Conversation.objects.visible_to(kay).listed()) == [target]


def test_every_name_of_the_merged_one_leads_to_its_target(
    nora_cannot_sign_in: Conversation, again: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    ours = sent(again, "Try this.", by=kay, at=at + 2 * MINUTE)
    theirs = again.messages.theirs().get()
    again.merge(nora_cannot_sign_in, by=kay, at=at + 3 * MINUTE)
    roads = [
        NORA.writes("Re: 1", "By our signed id.", answers=ours),
        NORA.writes("Re: 2", "By her own id.", answers=theirs),
        NORA.writes("Re: 3", "By its address.", to=reply_address(SUPPORT, again.pk, key=signing_keys()[0])),
        NORA.writes(f"[TL-{again.number}]", "By its number."),
        bounce(NORA.address, original_id=ours.message_id),
    ]
    for number, raw in enumerate(roads, start=4):
        assert says(support, raw, at=at + number * MINUTE).conversation == nora_cannot_sign_in
    stranger = says(support, TOMAS.writes("Re: it", "I was sent this.", answers=ours), at=at + 10 * MINUTE)
    assert stranger.conversation == nora_cannot_sign_in
    assert [p.email for p in nora_cannot_sign_in.participants.only_shown()] == [TOMAS.address]


def test_a_chain_of_merges_leads_to_its_end(
    nora_cannot_sign_in: Conversation, again: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    third = says(support, ILSE.writes("Also", "Me too."), at=at).conversation
    ours = sent(again, "Try this.", by=kay, at=at + 2 * MINUTE)
    first = again.merge(nora_cannot_sign_in, by=kay, at=at + 3 * MINUTE)
    second = nora_cannot_sign_in.merge(third, by=kay, at=at + 4 * MINUTE)
    assert says(support, NORA.writes("Re: it", "Hm.", answers=ours), at=at + 5 * MINUTE).conversation == third
    assert now(again).target() == third
    # Taken apart in the order in which they were merged: each gets back what is its own.
    first.undo(by=kay, at=at + 6 * MINUTE)
    assert [each.text[:10] for each in now(again).messages.said()] == ["Nobody ans", "Try this."]
    second.undo(by=kay, at=at + 7 * MINUTE)
    assert [each.text[:10] for each in now(nora_cannot_sign_in).messages.said()] == ["Good morni"]
    assert [each.text[:7] for each in now(third).messages.said()] == ["Me too.", "Hm."]


def test_undoing_brings_both_back_as_they_were(
    nora_cannot_sign_in: Conversation, again: Conversation, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    sent(again, "Try this.", by=kay, at=at + 2 * MINUTE, moved=True)
    again.give(sam, by=kay, at=at + 2 * MINUTE)
    Draft.of(again, sam, at=at).keep(text="Dear Nora", html="", at=at)
    before = everything()
    activity = again.merge(nora_cannot_sign_in, by=kay, at=at + 3 * MINUTE)
    assert Draft.objects.get().conversation == now(nora_cannot_sign_in)
    assert everything() != before
    activity.undo(by=kay, at=at + 4 * MINUTE)
    assert everything() == before


def test_what_came_since_stays_where_it_came(
    nora_cannot_sign_in: Conversation, again: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    theirs = again.messages.get()
    activity = again.merge(nora_cannot_sign_in, by=kay, at=at + 2 * MINUTE)
    since = says(support, NORA.writes("Re: it", "Hello?", answers=theirs), at=at + 3 * MINUTE)
    activity.undo(by=kay, at=at + 4 * MINUTE)
    since.refresh_from_db()
    assert since.conversation == nora_cannot_sign_in
    assert now(again).latest_words == "Nobody answers."
    activity.undo(by=kay, at=at + 5 * MINUTE)  # a second time changes nothing
    assert Activity.objects.filter(kind="undone").count() == 1


def test_what_cannot_be_merged(nora_cannot_sign_in: Conversation, again: Conversation, kay: Teammate, at: datetime) -> None:
    with pytest.raises(CannotBeMerged):
        again.merge(again, by=kay, at=at)
    again.merge(nora_cannot_sign_in, by=kay, at=at)
    for one, other in ((again, nora_cannot_sign_in), (nora_cannot_sign_in, again)):
        with pytest.raises(CannotBeMerged):
            one.merge(other, by=kay, at=at)
    assert Activity.objects.filter(kind="merged").count() == 1


def test_a_reply_on_its_way_leaves_from_where_it_went(
    nora_cannot_sign_in: Conversation, again: Conversation, can_send: Mailbox, kay: Teammate, at: datetime
) -> None:
    message = replies(again, "Try this.", by=kay, at=at + 2 * MINUTE, moved=True)
    again.merge(nora_cannot_sign_in, by=kay, at=at + 2 * MINUTE)
    delivery = Delivery.objects.get(message=message)
    assert delivery.release(at + 3 * MINUTE)
    assert Spell.objects.get().blocker.conversations.get() == nora_cannot_sign_in


# Nobody is let in by what they can guess


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    writer=st.sampled_from(
        [TOMAS, ILSE, Writer("Nora Adeyemi", "nora@bakery.example.thief.example"), Writer("", "nora@bäkery.example")]
    ),
    subject=st.sampled_from(["I can’t sign in", "Re: I can’t sign in", "Re: [TL-1] I can’t sign in", "[TL-1]", ""]),
    answers=st.sampled_from(["theirs", "forged", "nothing"]),
    to=st.sampled_from([SUPPORT, "support+tl-b-aaaaaaaaaaaaaaaaaaaa@touchline.example"]),
)
def test_a_stranger_is_let_in_by_no_subject_and_no_guessed_id(
    nora_cannot_sign_in: Conversation, support: Mailbox, at: datetime, writer: Writer, subject: str, answers: str, to: str
) -> None:
    theirs = nora_cannot_sign_in.messages.theirs().first()
    answered = {"theirs": theirs, "forged": "tl.b.1.aaaaaaaaaaaaaaaaaaaa@touchline.example", "nothing": None}[answers]
    message = arrives(support, writer.writes(subject, "Let me in.", answers=answered, to=to), at=at)
    assert message and message.conversation != nora_cannot_sign_in
    assert not nora_cannot_sign_in.participants.exclude(email=NORA.address).exists()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(6)))
def test_in_whatever_order_a_backlog_comes_its_conversations_are_the_same(
    support: Mailbox, at: datetime, order: list[int]
) -> None:
    prefix = str(Message.objects.count())
    first = f"1.{prefix}@bakery.example"
    second = f"2.{prefix}@bakery.example"
    mails = [
        NORA.writes(f"My lamp {prefix}", "It is dark.", message_id=first, cc=ILSE.from_, at=at),
        NORA.writes(f"Re: My lamp {prefix}", "Still.", message_id=second, answers=first, cc=ILSE.from_, at=at + MINUTE),
        ILSE.writes(f"Re: My lamp {prefix}", "Mine too.", answers=second, cc=NORA.from_, at=at + 2 * MINUTE),
        NORA.writes(f"Another thing {prefix}", "The shade.", at=at + 3 * MINUTE),
        TOMAS.writes(f"My lamp {prefix}", "Mine is bright.", message_id=f"t.{prefix}@harbour.example", at=at + 4 * MINUTE),
        TOMAS.writes(f"Re: My lamp {prefix}", "Very bright.", answers=f"t.{prefix}@harbour.example", at=at + 5 * MINUTE),
    ]
    came = {number: says(support, mails[number], at=at + number * MINUTE).pk for number in order}
    homes = {number: Message.objects.get(pk=pk).conversation_id for number, pk in came.items()}
    grouped = {frozenset(each for each in homes if homes[each] == home) for home in homes.values()}
    assert grouped == {frozenset({0, 1, 2}), frozenset({3}), frozenset({4, 5})}
