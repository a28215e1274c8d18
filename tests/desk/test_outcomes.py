"""The blocker is moved, and we learn how it fared: every verb with its events in the ledger, and every one undone."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.cast import NORA, TIME_TO_TAKE_BACK, replies, says, sent
from touchline.core.impact.account import Period
from touchline.core.impact.spells import Evidence
from touchline.desk.models import Activity, Blocker, Conversation, Desk, Mailbox, Message, OutcomeEvent, Spell, Teammate, Words
from touchline.desk.models.conversation_outcomes import AlreadyDecided, NothingInTheWay, NotMoved

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def now(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def ledger() -> list[tuple[str, datetime]]:
    return list(OutcomeEvent.objects.order_by("order").values_list("kind", "at"))


def helped(desk: Desk, at: datetime, *, days: int = 1, as_of: datetime | None = None) -> tuple[list[Evidence], int]:
    """Of the people whose blocker was moved in the days since `at`: how we know, and how many came back."""
    who = Spell.objects.all().who(Period(at - HOUR, at + days * DAY), as_of=as_of or at + days * DAY, desk=desk)
    return [one.evidence for one in who.helped], len(who.came_back)


@pytest.fixture
def moved(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> Conversation:
    """Kay answered Nora at nine, and her blocker was moved with it."""
    sent(nora_cannot_sign_in, "Please try this.", by=kay, at=at, moved=True)
    return now(nora_cannot_sign_in)


@pytest.fixture
def wrote_again(moved: Conversation, support: Mailbox, at: datetime) -> Message:
    """An hour later Nora wrote again."""
    return says(support, NORA.writes("Re: I can’t sign in", "About that.", answers=moved.latest(), at=at + HOUR), at=at + HOUR)


# Moved


def test_a_blocker_can_be_moved_without_words(nora_cannot_sign_in: Conversation, desk: Desk, kay: Teammate, at: datetime) -> None:
    activity = nora_cannot_sign_in.move_blocker(by=kay, at=at + MINUTE)
    assert ledger() == [("raised", at), ("moved", at + MINUTE)]
    assert (now(nora_cannot_sign_in).waiting_since, now(nora_cannot_sign_in).closed_at) == (at, None)
    assert helped(desk, at) == ([Evidence.EARLY], 0)
    assert activity.kind == Activity.Kind.MOVED


def test_moving_twice_counts_once(
    nora_cannot_sign_in: Conversation, desk: Desk, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    nora_cannot_sign_in.move_blocker(by=kay, at=at + MINUTE)
    nora_cannot_sign_in.move_blocker(by=sam, at=at + HOUR)
    spell = Spell.objects.get()
    assert (spell.began_at, spell.began_by) == (at + MINUTE, kay)
    assert helped(desk, at) == ([Evidence.EARLY], 0)


def test_everyone_with_a_hand_in_it_took_part(
    nora_cannot_sign_in: Conversation, desk: Desk, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    sent(nora_cannot_sign_in, "Which version?", by=sam, at=at)
    sent(nora_cannot_sign_in, "Done.", by=kay, at=at + MINUTE, moved=True)
    assert sorted(Spell.objects.get().took_part) == sorted([str(sam.pk), str(kay.pk)])
    day = Period(at, at + DAY)
    for teammate in (kay, sam):
        assert len(Spell.objects.all().who(day, as_of=at + DAY, desk=desk, teammate=teammate).helped) == 1


def test_where_nothing_was_raised_nothing_can_be_moved(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    nora_cannot_sign_in.nothing_in_the_way(why="spam", by=kay, at=at)
    for verb in (
        lambda: nora_cannot_sign_in.move_blocker(by=kay, at=at),
        lambda: nora_cannot_sign_in.nothing_in_the_way(why="spam", by=kay, at=at),
        lambda: nora_cannot_sign_in.name_blocker("x", by=kay, at=at),
    ):
        with pytest.raises(NothingInTheWay):
            verb()


# Wrote again


def test_words_after_it_was_moved_ask_what_they_mean_and_record_nothing(wrote_again: Message, at: datetime) -> None:
    conversation = wrote_again.conversation
    assert wrote_again.to_decide
    assert (conversation.closed_at, conversation.waiting_since) == (None, at + HOUR)
    assert [kind for kind, _ in ledger()] == ["raised", "took_part", "moved"]
    assert Blocker.objects.count() == 1


def test_words_before_it_is_moved_ask_nothing(nora_cannot_sign_in: Conversation, support: Mailbox, at: datetime) -> None:
    again = says(support, NORA.writes("Re: I can’t sign in", "Hello?", answers=nora_cannot_sign_in.latest()), at=at + MINUTE)
    assert not again.to_decide
    assert again.conversation.waiting_since == at  # she waits since nine
    assert Blocker.objects.count() == 1


def test_words_that_came_before_it_was_moved_but_were_fetched_after_ask_nothing(
    moved: Conversation, support: Mailbox, at: datetime
) -> None:
    assert moved.blocker and moved.blocker.moved_at == at + TIME_TO_TAKE_BACK
    late = says(
        support,
        NORA.writes("Re: I can’t sign in", "Hurry!", answers=moved.messages.said().first()),
        at=at + TIME_TO_TAKE_BACK / 2,
    )
    assert not late.to_decide
    assert late.conversation.waiting_since == late.at and late.conversation.closed_at is None  # she is heard all the same


def test_it_works(wrote_again: Message, moved: Conversation, desk: Desk, sam: Teammate, at: datetime) -> None:
    moved.it_works(wrote_again, by=sam, at=at + 5 * HOUR)
    assert ledger()[-1] == ("confirmed", at + HOUR)  # when she wrote it, however late we see it
    assert OutcomeEvent.objects.get(kind="confirmed").source == "message"
    assert wrote_again.outcome == "works"
    assert helped(desk, at) == ([Evidence.CONFIRMED], 0)
    assert now(moved).blocker and now(moved).blocker.confirmed_at == at + HOUR  # type: ignore[union-attr]


def test_it_is_back(wrote_again: Message, moved: Conversation, desk: Desk, sam: Teammate, at: datetime) -> None:
    moved.it_is_back(wrote_again, by=sam, at=at + 5 * HOUR)
    assert ledger()[-1] == ("returned", at + HOUR)
    assert helped(desk, at) == ([], 1)
    conversation = now(moved)
    assert conversation.came_back_at == at + HOUR and list(Conversation.objects.came_back()) == [moved]
    assert conversation.blocker and conversation.blocker.moved_at is None


def test_what_came_back_can_be_moved_again(
    wrote_again: Message, moved: Conversation, desk: Desk, kay: Teammate, at: datetime
) -> None:
    moved.it_is_back(wrote_again, by=kay, at=at + HOUR)
    sent(moved, "This time for good.", by=kay, at=at + 2 * HOUR, moved=True)
    assert now(moved).came_back_at is None and not Conversation.objects.came_back().exists()
    assert Spell.objects.count() == 2
    assert helped(desk, at) == ([Evidence.EARLY], 0)


def test_something_new(wrote_again: Message, moved: Conversation, desk: Desk, sam: Teammate, at: datetime) -> None:
    moved.something_new(wrote_again, by=sam, at=at + 5 * HOUR)
    assert ledger()[-1] == ("raised", at + HOUR)
    new = now(moved).blocker
    assert new and (new.words, new.raised_at, new.moved_at) == ("About that.", at + HOUR, None)
    assert Blocker.objects.filter(conversations=moved).count() == 2
    assert helped(desk, at) == ([Evidence.EARLY], 0)  # what was moved stays moved
    assert now(moved).waiting_since == at + HOUR


def test_just_a_thank_you_closes_and_says_nothing_of_the_blocker(
    wrote_again: Message, moved: Conversation, sam: Teammate, at: datetime
) -> None:
    before = ledger()
    moved.just_a_thank_you(wrote_again, by=sam, at=at + 2 * HOUR)
    assert ledger() == before
    assert (now(moved).closed_at, now(moved).waiting_since) == (at + 2 * HOUR, None)


def test_a_thank_you_does_not_close_over_other_words(
    wrote_again: Message, moved: Conversation, support: Mailbox, sam: Teammate, at: datetime
) -> None:
    more = says(support, NORA.writes("Re: I can’t sign in", "But how do I print?", answers=wrote_again), at=at + 2 * HOUR)
    moved.just_a_thank_you(wrote_again, by=sam, at=at + 3 * HOUR)
    assert (now(moved).closed_at, now(moved).waiting_since) == (None, at + HOUR)
    moved.something_new(more, by=sam, at=at + 3 * HOUR)


def test_what_was_decided_is_not_decided_twice(
    wrote_again: Message, moved: Conversation, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    stale = Message.objects.get(pk=wrote_again.pk)
    moved.it_works(wrote_again, by=sam, at=at + 2 * HOUR)
    before = ledger()
    for verb in (moved.it_is_back, moved.it_works, moved.something_new, moved.just_a_thank_you):
        with pytest.raises(AlreadyDecided):
            verb(stale, by=kay, at=at + 2 * HOUR)
    assert ledger() == before


def test_words_can_be_something_new_also_when_the_blocker_never_was_one(
    wrote_again: Message, moved: Conversation, kay: Teammate, at: datetime
) -> None:
    moved.nothing_in_the_way(why="duplicate", by=kay, at=at + 2 * HOUR)
    with pytest.raises(NothingInTheWay):
        moved.it_works(wrote_again, by=kay, at=at + 2 * HOUR)
    moved.something_new(wrote_again, by=kay, at=at + 2 * HOUR)
    assert now(moved).blocker


# Nothing to answer, nothing in the way, what is in the way


def test_nothing_to_answer_closes_until_they_write_again(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    first = nora_cannot_sign_in.latest()
    nora_cannot_sign_in.nothing_to_answer(by=kay, at=at + MINUTE)
    assert (now(nora_cannot_sign_in).closed_at, now(nora_cannot_sign_in).waiting_since) == (at + MINUTE, None)
    assert [kind for kind, _ in ledger()] == ["raised"]
    says(support, NORA.writes("Re: I can’t sign in", "Hello?", answers=first), at=at + HOUR)
    assert (now(nora_cannot_sign_in).closed_at, now(nora_cannot_sign_in).waiting_since) == (None, at + HOUR)


def test_nothing_in_the_way_counts_nowhere(moved: Conversation, desk: Desk, kay: Teammate, at: datetime) -> None:
    assert helped(desk, at) == ([Evidence.EARLY], 0)
    moved.nothing_in_the_way(why=Blocker.Why.THANKS, by=kay, at=at + HOUR)
    assert helped(desk, at) == ([], 0)
    assert OutcomeEvent.objects.get(kind="withdrawn").why == "thanks"
    assert now(moved).blocker is None


def test_only_a_reason_from_the_list_is_one(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    with pytest.raises(ValueError, match="I said so"):
        nora_cannot_sign_in.nothing_in_the_way(why="I said so", by=kay, at=at)
    assert [kind for kind, _ in ledger()] == ["raised"]


def test_after_it_never_was_one_new_words_raise_one(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    first = nora_cannot_sign_in.latest()
    nora_cannot_sign_in.nothing_in_the_way(why="thanks", by=kay, at=at)
    says(support, NORA.writes("Re: I can’t sign in", "Now something is.", answers=first), at=at + HOUR)
    blocker = now(nora_cannot_sign_in).blocker
    assert blocker and blocker.raised_at == at + HOUR and Blocker.objects.count() == 2


def test_an_event_does_not_bring_back_an_older_name(
    nora_cannot_sign_in: Conversation, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    held = nora_cannot_sign_in.blocker
    assert held
    nora_cannot_sign_in.name_blocker("Her password has expired", by=sam, at=at)
    held.move(by=kay, at=at, key="moved:1")
    assert str(now(nora_cannot_sign_in).blocker) == "Her password has expired"


def test_what_is_in_the_way_can_be_said_in_other_words(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    nora_cannot_sign_in.name_blocker("  Her password has expired  ", by=kay, at=at)
    assert str(now(nora_cannot_sign_in).blocker) == "Her password has expired"
    nora_cannot_sign_in.name_blocker("   ", by=kay, at=at)  # nothing says nothing
    assert str(now(nora_cannot_sign_in).blocker) == "Her password has expired"
    nora_cannot_sign_in.name_blocker("x" * 900, by=kay, at=at)
    assert len(str(now(nora_cannot_sign_in).blocker)) == 200


# Who has it


def test_it_is_taken_given_and_let_go(nora_cannot_sign_in: Conversation, kay: Teammate, sam: Teammate, at: datetime) -> None:
    assert nora_cannot_sign_in.give(kay, by=kay, at=at).kind == Activity.Kind.TOOK
    assert list(Conversation.objects.with_teammate(kay)) == [nora_cannot_sign_in]
    given = nora_cannot_sign_in.give(sam, by=kay, at=at)
    assert (given.kind, given.about) == (Activity.Kind.GAVE, "Sam Okoro")
    assert nora_cannot_sign_in.give(None, by=sam, at=at).kind == Activity.Kind.LET_GO
    assert now(nora_cannot_sign_in).assignee is None


# What we are told without a mail


def test_on_the_phone_nora_says_that_it_works(
    moved: Conversation, desk: Desk, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    activity = moved.they_told_us_it_works(by=sam, at=at + HOUR)
    event = OutcomeEvent.objects.get(kind="confirmed")
    assert (event.source, event.at, event.by) == ("teammate", at + HOUR, None)  # it is her word, whoever wrote it down
    assert (activity.by, activity.message, activity.events) == (sam, None, [event.key])
    assert helped(desk, at) == ([Evidence.CONFIRMED], 0)
    assert now(moved).closed_at == moved.closed_at and not now(moved).is_waiting


def test_on_the_phone_nora_says_that_it_is_back_and_waits_again(
    moved: Conversation, desk: Desk, kay: Teammate, at: datetime
) -> None:
    assert moved.closed_at
    moved.they_told_us_it_is_back(by=kay, at=at + HOUR)
    event = OutcomeEvent.objects.get(kind="returned")
    assert (event.source, event.at) == ("teammate", at + HOUR)
    conversation = now(moved)
    assert (conversation.closed_at, conversation.waiting_since, conversation.came_back_at) == (None, at + HOUR, at + HOUR)
    assert helped(desk, at) == ([], 1)


def test_nobody_can_tell_how_it_fares_while_it_is_in_the_way(
    nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    for verb in (nora_cannot_sign_in.they_told_us_it_works, nora_cannot_sign_in.they_told_us_it_is_back):
        with pytest.raises(NotMoved):
            verb(by=kay, at=at)
    nora_cannot_sign_in.move_blocker(by=kay, at=at)
    nora_cannot_sign_in.they_told_us_it_is_back(by=kay, at=at + HOUR)
    with pytest.raises(NotMoved):  # pressed by Sam too: it is said once
        nora_cannot_sign_in.they_told_us_it_is_back(by=kay, at=at + HOUR)
    assert [kind for kind, _ in ledger()] == ["raised", "moved", "returned"]


# Every step can be undone

Step = Callable[[Conversation, Message, Teammate, datetime], Activity]
STEPS: dict[str, Step] = {
    "took": lambda c, m, by, at: c.give(by, by=by, at=at),
    "closed": lambda c, m, by, at: c.nothing_to_answer(by=by, at=at),
    "works": lambda c, m, by, at: c.it_works(m, by=by, at=at),
    "back": lambda c, m, by, at: c.it_is_back(m, by=by, at=at),
    "new": lambda c, m, by, at: c.something_new(m, by=by, at=at),
    "thanks": lambda c, m, by, at: c.just_a_thank_you(m, by=by, at=at),
    "moved": lambda c, m, by, at: c.move_blocker(by=by, at=at),
    "withdrawn": lambda c, m, by, at: c.nothing_in_the_way(why="other", by=by, at=at),
    "named": lambda c, m, by, at: c.name_blocker("Other words", by=by, at=at),
    "told that it works": lambda c, m, by, at: c.they_told_us_it_works(by=by, at=at),
    "told that it is back": lambda c, m, by, at: c.they_told_us_it_is_back(by=by, at=at),
}


def state(conversation: Conversation, message: Message, desk: Desk, at: datetime) -> object:
    """All that a step may change, as it is now."""
    conversation, message = now(conversation), Message.objects.get(pk=message.pk)
    blocker = conversation.blocker
    return (
        conversation.closed_at, conversation.waiting_since, conversation.assignee, conversation.came_back_at, message.outcome,
        blocker and (blocker.pk, blocker.words, blocker.moved_at, blocker.came_back_at, blocker.confirmed_at, blocker.withdrawn_at),
        helped(desk, at),
    )  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_undone_with_its_events_and_once(
    step: str, moved: Conversation, wrote_again: Message, desk: Desk, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    before = state(moved, wrote_again, desk, at)
    activity = STEPS[step](moved, wrote_again, kay, at + 2 * HOUR)
    recorded = list(activity.events)
    if step != "moved":  # to move what is moved changes nothing
        assert state(moved, wrote_again, desk, at) != before
    again = Activity.objects.get(pk=activity.pk)
    assert again.can_be_undone
    again.undo(by=sam, at=at + 3 * HOUR)
    assert state(moved, wrote_again, desk, at) == before
    retracted = OutcomeEvent.objects.filter(kind="retracted")
    assert [(event.event, event.by, event.at) for event in retracted] == [(key, sam, at + 3 * HOUR) for key in recorded]
    assert OutcomeEvent.objects.filter(key__in=recorded).count() == len(recorded)  # nothing is ever taken out of the ledger

    length = OutcomeEvent.objects.count()
    again.undo(by=kay, at=at + 4 * HOUR)
    activity.undo(by=kay, at=at + 4 * HOUR)  # also by whoever still has the old page
    assert OutcomeEvent.objects.count() == length
    undone = Activity.objects.get(pk=activity.pk)
    assert undone.is_undone and not undone.can_be_undone
    assert Activity.objects.filter(kind=Activity.Kind.UNDONE).count() == 1


def test_what_was_undone_can_be_done_again(
    wrote_again: Message, moved: Conversation, desk: Desk, kay: Teammate, at: datetime
) -> None:
    moved.it_is_back(wrote_again, by=kay, at=at + 2 * HOUR).undo(by=kay, at=at + 2 * HOUR)
    moved.it_works(Message.objects.get(pk=wrote_again.pk), by=kay, at=at + 2 * HOUR)
    assert helped(desk, at) == ([Evidence.CONFIRMED], 0)


def test_send_blocker_moved_is_undone_but_the_reply_has_left(
    moved: Conversation, desk: Desk, kay: Teammate, at: datetime
) -> None:
    Activity.objects.get(kind=Activity.Kind.MOVED).undo(by=kay, at=at + HOUR)
    assert helped(desk, at) == ([], 0)
    assert (now(moved).closed_at, now(moved).waiting_since) == (None, None)
    assert [kind for kind, _ in ledger()] == ["raised", "took_part", "moved", "retracted"]


def test_undoing_does_not_take_back_what_others_did_since(
    nora_cannot_sign_in: Conversation, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    took = nora_cannot_sign_in.give(kay, by=kay, at=at)
    nora_cannot_sign_in.give(sam, by=sam, at=at + MINUTE)
    took.undo(by=kay, at=at + HOUR)
    assert now(nora_cannot_sign_in).assignee == sam


def test_undoing_a_name_keeps_a_newer_one(nora_cannot_sign_in: Conversation, kay: Teammate, sam: Teammate, at: datetime) -> None:
    first = nora_cannot_sign_in.name_blocker("One", by=kay, at=at)
    nora_cannot_sign_in.name_blocker("Two", by=sam, at=at)
    first.undo(by=kay, at=at)
    assert str(now(nora_cannot_sign_in).blocker) == "Two"


def test_undoing_a_closing_after_a_reply_does_not_make_them_wait_again(
    nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    closed = nora_cannot_sign_in.nothing_to_answer(by=kay, at=at + MINUTE)
    replies(nora_cannot_sign_in, "After all: hello.", by=kay, at=at + 2 * MINUTE)
    closed.undo(by=kay, at=at + 3 * MINUTE)
    assert (now(nora_cannot_sign_in).closed_at, now(nora_cannot_sign_in).waiting_since) == (None, None)


def test_undoing_a_closing_after_she_wrote_keeps_since_when_she_waits(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    first = nora_cannot_sign_in.latest()
    closed = nora_cannot_sign_in.nothing_to_answer(by=kay, at=at + MINUTE)
    says(support, NORA.writes("Re: I can’t sign in", "Hello?", answers=first), at=at + HOUR)
    closed.undo(by=kay, at=at + 2 * HOUR)
    assert now(nora_cannot_sign_in).waiting_since == at + HOUR


def test_something_new_that_was_undone_counts_nothing_even_if_it_was_moved(
    wrote_again: Message, moved: Conversation, desk: Desk, kay: Teammate, at: datetime
) -> None:
    new = moved.something_new(wrote_again, by=kay, at=at + 2 * HOUR)
    moved.move_blocker(by=kay, at=at + 2 * HOUR + MINUTE)
    assert Spell.objects.count() == 2
    new.undo(by=kay, at=at + 3 * HOUR)
    assert Spell.objects.count() == 1 and helped(desk, at) == ([Evidence.EARLY], 0)


def test_an_undoing_a_bounce_and_an_adding_cannot_be_undone(
    nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    nora_cannot_sign_in.give(kay, by=kay, at=at).undo(by=kay, at=at)
    undoing = Activity.objects.get(kind=Activity.Kind.UNDONE)
    undoing.undo(by=kay, at=at)
    assert not undoing.can_be_undone and Activity.objects.count() == 2


# The ledger


def test_an_event_recorded_twice_is_recorded_once(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    from touchline.core.impact.events import Kind

    blocker = nora_cannot_sign_in.blocker
    first = OutcomeEvent.record(Kind.MOVED, key="pressed:1", at=at, blocker=blocker, by=kay)
    second = OutcomeEvent.record(Kind.MOVED, key="pressed:1", at=at + HOUR, blocker=blocker, by=kay)
    assert first == second and second.at == at
    assert Spell.objects.count() == 1


def test_an_event_that_does_not_say_what_it_must_is_refused(
    nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    from django.db import transaction

    from touchline.core.impact.events import Kind, NotValid

    blocker = nora_cannot_sign_in.blocker
    for facts in ({}, {"by": kay, "how": "magic"}, {"by": kay, "how": "reply", "source": "message"}):
        with pytest.raises(NotValid), transaction.atomic():
            OutcomeEvent.record(Kind.TOOK_PART, key="bad", at=at, blocker=blocker, **facts)
    assert OutcomeEvent.objects.count() == 1
    OutcomeEvent.record(Kind.TOOK_PART, key="bad", at=at, blocker=blocker, by=kay, how="reply")  # its key was not used up


def test_the_row_and_the_value_of_an_event_say_the_same(
    wrote_again: Message, moved: Conversation, kay: Teammate, at: datetime
) -> None:
    from touchline.core.impact import ledger as lines

    moved.it_works(wrote_again, by=kay, at=at + 2 * HOUR).undo(by=kay, at=at + 3 * HOUR)
    rows = OutcomeEvent.objects.order_by("order")
    values = [row.as_value() for row in rows]
    read = lines.read([lines.write(value) for value in values])
    assert [(v.id, v.at, v.kind, v.blocker, v.person, v.by, v.event) for v in values] == [
        (v.id, v.at, v.kind, v.blocker, v.person, v.by, v.event) for v in read
    ]


def test_the_spells_kept_are_those_worked_out_afresh(
    wrote_again: Message, moved: Conversation, support: Mailbox, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    from touchline.core.impact.people import standing
    from touchline.core.impact.spells import spells

    moved.it_is_back(wrote_again, by=kay, at=at + 2 * HOUR)
    sent(moved, "Again.", by=sam, at=at + 3 * HOUR, moved=True)
    moved.it_works(
        says(support, NORA.writes("Re: I can’t sign in", "Works!", answers=wrote_again), at=at + 4 * HOUR),
        by=sam,
        at=at + 9 * HOUR,
    )
    blocker = Blocker.objects.get()
    afresh = spells(standing([row.as_value() for row in OutcomeEvent.objects.of_blocker(blocker)]))
    kept = Spell.objects.order_by("began_at").as_values()
    assert kept == afresh and len(kept) == 2
    assert (kept[0].ended_at, kept[1].confirmed_at) == (at + HOUR, at + 4 * HOUR)


def test_a_note_in_a_moved_conversation_asks_nothing(moved: Conversation, kay: Teammate, at: datetime) -> None:
    assert moved.note(Words.plain("Well done."), by=kay, at=at + HOUR).outcome == ""
    assert now(moved).closed_at == at + TIME_TO_TAKE_BACK


def test_an_answer_whose_server_dates_it_before_what_it_answers_is_asked_about_all_the_same(
    nora_cannot_sign_in: Conversation, kay: Teammate, support: Mailbox, at: datetime
) -> None:
    moved = sent(nora_cannot_sign_in, "Ask for a new code.", by=kay, at=at, moved=True)
    before = moved.delivery.released_at - timedelta(seconds=1)
    works = says(support, NORA.writes("Re: it", "That works.", answers=moved, at=at), at=before)
    assert works.at > moved.delivery.released_at
    assert works.inbound.received_at == before
    assert works.to_decide
    works.conversation.it_works(works, by=kay, at=at + timedelta(hours=1))
    assert Spell.objects.get().confirmed_at == works.at
