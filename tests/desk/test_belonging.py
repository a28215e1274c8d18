"""Which conversation a mail belongs to, on real rows; and who may be written to because of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import ILSE, NORA, SUPPORT, TOMAS, Writer, arrives, replies, says, sent
from touchline.core.mail.belonging import reply_address
from touchline.core.mail.email import Correspondent
from touchline.desk.keys import signing_keys
from touchline.desk.models import Address, Conversation, Mailbox, Message, Participant, Person, Teammate

MINUTE = timedelta(minutes=1)


def wrote(support: Mailbox, writer: Writer, at: datetime, **more: object) -> Message:
    return says(support, writer.writes("Re: whatever she calls it", f"More words at {at}.", at=at, **more), at=at)


def recipients(conversation: Conversation) -> tuple[list[str], list[str]]:
    found = Conversation.objects.get(pk=conversation.pk).recipients()
    return [one.address for one in found.to], [one.address for one in found.cc]


def test_an_answer_to_our_reply_joins_by_its_signed_id(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    ours = sent(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    message = wrote(support, NORA, at + MINUTE, answers=ours)
    assert message.conversation == nora_cannot_sign_in
    assert "answers" in message.because


def test_an_answer_to_their_own_mail_joins_by_its_stored_id(
    nora_cannot_sign_in: Conversation, support: Mailbox, at: datetime
) -> None:
    message = wrote(support, NORA, at + MINUTE, answers=nora_cannot_sign_in.latest())
    assert message.conversation == nora_cannot_sign_in


def test_a_mail_to_a_reply_address_of_ours_joins(nora_cannot_sign_in: Conversation, support: Mailbox, at: datetime) -> None:
    address = reply_address(SUPPORT, nora_cannot_sign_in.pk, key=signing_keys()[0])
    message = wrote(support, NORA, at + MINUTE, to=address)
    assert message.conversation == nora_cannot_sign_in
    assert recipients(nora_cannot_sign_in) == ([NORA.address], [])  # that address is ours, however long


def test_a_reply_address_is_known_by_whatever_road_it_came(
    nora_cannot_sign_in: Conversation, support: Mailbox, at: datetime
) -> None:
    """The door was told it; or a server wrote it down, where the mail itself does not name it."""
    address = reply_address(SUPPORT, nora_cannot_sign_in.pk, key=signing_keys()[0])
    raw = NORA.writes("One", "By the door.", to="undisclosed-recipients:;", at=at)
    inbound = support.receive(raw, at=at, via="lmtp", recipient=address.upper())
    message = inbound.file(at)
    assert message and message.conversation == nora_cannot_sign_in
    for number, header in enumerate(("Delivered-To", "X-Original-To", "Envelope-To")):
        raw = NORA.writes(f"Two {number}", "By IMAP.", to="undisclosed-recipients:;", headers={header: address}, at=at)
        assert says(support, raw, at=at).conversation == nora_cannot_sign_in


def test_a_reply_address_outlives_the_key_that_signed_it(
    nora_cannot_sign_in: Conversation, support: Mailbox, at: datetime, settings: Any
) -> None:
    address = reply_address(SUPPORT, nora_cannot_sign_in.pk, key=signing_keys()[0])
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key that is only good for tests, and known to everyone"
    assert wrote(support, NORA, at, to=address).conversation == nora_cannot_sign_in
    settings.SECRET_KEY_FALLBACKS = []
    assert says(support, NORA.writes("Else", "Hi", to=address, at=at), at=at).conversation != nora_cannot_sign_in


def test_our_tag_in_the_subject_joins_whoever_takes_part(
    nora_cannot_sign_in: Conversation, support: Mailbox, at: datetime
) -> None:
    tag = f"Fwd of something else [TL-{nora_cannot_sign_in.number}]"
    assert says(support, NORA.writes(tag, "Here."), at=at).conversation == nora_cannot_sign_in
    assert says(support, ILSE.writes(tag, "Here."), at=at).conversation != nora_cannot_sign_in


def test_the_same_subject_by_the_same_person_joins_for_two_weeks(
    nora_cannot_sign_in: Conversation, support: Mailbox, at: datetime
) -> None:
    again = NORA.writes("Re: I can’t sign in", "Still.", at=at + timedelta(days=13))
    assert says(support, again, at=at + timedelta(days=13)).conversation == nora_cannot_sign_in
    later = NORA.writes("I can’t sign in", "Once more.", at=at + timedelta(days=28))
    assert says(support, later, at=at + timedelta(days=28)).conversation != nora_cannot_sign_in


def test_the_same_subject_by_someone_else_does_not_join(
    nora_cannot_sign_in: Conversation, support: Mailbox, at: datetime
) -> None:
    assert says(support, ILSE.writes("I can’t sign in", "Nor can I."), at=at).conversation != nora_cannot_sign_in


def test_the_same_subject_does_not_join_what_is_closed(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    nora_cannot_sign_in.nothing_to_answer(by=kay, at=at)
    assert says(support, NORA.writes("I can’t sign in", "Still."), at=at + MINUTE).conversation != nora_cannot_sign_in


def test_a_stranger_with_a_guessed_id_does_not_join(nora_cannot_sign_in: Conversation, support: Mailbox, at: datetime) -> None:
    theirs = nora_cannot_sign_in.latest()
    assert wrote(support, TOMAS, at, answers=theirs).conversation != nora_cannot_sign_in
    forged = f"tl.{theirs.message_id}.1.aaaaaaaaaaaaaaaaaaaa@touchline.example" if theirs else ""
    assert wrote(support, TOMAS, at + MINUTE, answers=forged).conversation != nora_cannot_sign_in


def test_who_holds_our_reply_is_shown_but_gets_nothing_until_a_teammate_adds_them(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    ours = sent(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    message = wrote(support, TOMAS, at + MINUTE, answers=ours)
    assert message.conversation == nora_cannot_sign_in
    assert "no part of it before" in message.because
    assert [p.email for p in nora_cannot_sign_in.participants.only_shown()] == [TOMAS.address]
    assert recipients(nora_cannot_sign_in) == ([NORA.address], [])

    nora_cannot_sign_in.participants.get(email=TOMAS.address).add(by=kay, at=at + 2 * MINUTE)
    assert recipients(nora_cannot_sign_in) == ([TOMAS.address], [NORA.address])
    assert not nora_cannot_sign_in.participants.only_shown().exists()


def test_a_stranger_brings_nobody_in_with_a_second_mail(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    ours = sent(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    first = wrote(support, TOMAS, at + MINUTE, answers=ours, cc="first@elsewhere.example")
    for n, answered in enumerate((ours, first), start=2):
        message = wrote(support, TOMAS, at + n * MINUTE, answers=answered, cc="second@elsewhere.example")
        if message.conversation == nora_cannot_sign_in:
            assert "no part of it before" in message.because
    assert recipients(nora_cannot_sign_in) == ([NORA.address], [])
    assert nora_cannot_sign_in.participants.count() == 2


def test_a_person_who_writes_from_another_address_of_theirs_takes_part(
    nora_cannot_sign_in: Conversation, support: Mailbox, at: datetime
) -> None:
    Address.objects.create(email="nora@home.example", person=nora_cannot_sign_in.person)
    message = wrote(support, Writer("Nora", "nora@home.example"), at + MINUTE, answers=nora_cannot_sign_in.latest())
    assert message.conversation == nora_cannot_sign_in
    assert recipients(nora_cannot_sign_in) == (["nora@home.example"], [])  # and not a second time at the other one
    assert Person.objects.count() == 1


# Who gets a reply


def test_those_who_were_copied_are_copied_again(support: Mailbox, at: datetime) -> None:
    message = says(
        support,
        NORA.writes("Ovens", "Hello", to=f"{SUPPORT}, {TOMAS.from_}", cc=f"{ILSE.from_}, Support@Touchline.example"),
        at=at,
    )
    assert recipients(message.conversation) == ([NORA.address], [TOMAS.address, ILSE.address])


def test_when_one_who_was_copied_writes_last_they_are_answered_and_the_person_is_copied(support: Mailbox, at: datetime) -> None:
    message = says(support, NORA.writes("Ovens", "Hello", cc=ILSE.from_), at=at)
    wrote(support, ILSE, at + MINUTE, answers=message)
    assert recipients(message.conversation) == ([ILSE.address], [NORA.address])


def test_one_who_asks_for_answers_elsewhere_is_answered_there_and_only_there(support: Mailbox, at: datetime) -> None:
    message = says(support, NORA.writes("Ovens", "Hello", headers={"Reply-To": "orders@bakery.example"}, cc=ILSE.from_), at=at)
    assert recipients(message.conversation) == (["orders@bakery.example"], [ILSE.address])


def test_a_reply_to_address_that_is_ours_is_no_reason_to_write_to_ourselves(support: Mailbox, at: datetime) -> None:
    message = says(support, NORA.writes("Ovens", "Hello", headers={"Reply-To": "support+x@touchline.example"}), at=at)
    assert recipients(message.conversation) == ([NORA.address], [])


def test_our_words_thread_in_every_client(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    first = nora_cannot_sign_in.latest()
    ours = sent(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    assert first and ours.references == [first.message_id]
    theirs = wrote(support, NORA, at + MINUTE, answers=ours)
    again = replies(nora_cannot_sign_in, "And this.", by=kay, at=at + 2 * MINUTE)
    assert again.references == [first.message_id, ours.message_id, theirs.message_id]
    assert again.subject == "Re: I can’t sign in"


def test_a_long_story_is_named_by_its_beginning_and_its_end(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    first = nora_cannot_sign_in.latest()
    said = [wrote(support, NORA, at + n * MINUTE, answers=first) for n in range(1, 20)]
    ours = replies(nora_cannot_sign_in, "Now I know.", by=kay, at=at + timedelta(hours=1))
    assert first and ours.references == [first.message_id, *(message.message_id for message in said[-10:])]


@pytest.mark.parametrize("where", ["same", "other"])
def test_a_mail_to_another_mailbox_that_answers_ours_joins_its_conversation(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime, where: str
) -> None:
    mailbox = support if where == "same" else Mailbox.open(address="sales@touchline.example", name="Sales", at=at)
    ours = sent(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    message = arrives(mailbox, NORA.writes("Re: that", "Thanks", answers=ours, at=at + MINUTE), at=at + MINUTE)
    assert message and message.conversation == nora_cannot_sign_in


def test_looking_for_a_conversation_costs_no_query_for_each(support: Mailbox, at: datetime) -> None:
    def queries(n: int) -> int:
        says(support, NORA.writes(f"Matter {n}", "Hi"), at=at + n * MINUTE)
        inbound = support.receive(NORA.writes(f"Something else {n}", "Hi"), at=at + n * MINUTE, via="smtp")
        with CaptureQueriesContext(connection) as asked:
            inbound.file(at + n * MINUTE)
        return len(asked)

    queries(0)  # the first makes what is there from then on
    assert len({queries(n) for n in range(1, 8)}) == 1


def test_a_participant_is_one_whatever_the_case(nora_cannot_sign_in: Conversation, support: Mailbox, at: datetime) -> None:
    wrote(support, Writer("N", "Nora@Bakery.Example"), at + MINUTE, answers=nora_cannot_sign_in.latest())
    assert Participant.objects.filter(conversation=nora_cannot_sign_in).count() == 1


def test_who_wrote_in_an_archive_is_not_asked_about_again(nora_cannot_sign_in, at):
    conversation = nora_cannot_sign_in
    for name, joined in (("Ilse", at - timedelta(days=400)), ("Tomás", at + timedelta(hours=1))):
        Participant.join(conversation, Correspondent(name, f"{name}@far.example".lower()), at=joined, recipient=False)
    assert [one.name for one in conversation.participants.new_since(None)] == ["Ilse", "Tomás"]
    assert [one.name for one in conversation.participants.new_since(at)] == ["Tomás"]
