"""The account kept in the database is the one of the ledger, whatever happened on the desk, and in whatever order."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.cast import AT, ILSE, NORA, TOMAS, Writer, replies, says, sent
from touchline.core.impact.account import Period
from touchline.core.impact.events import Kind
from touchline.core.impact.report import report
from touchline.desk.models import (
    Activity,
    Blocker,
    Conversation,
    Desk,
    Mailbox,
    Message,
    OutcomeEvent,
    Spell,
    Teammate,
)
from touchline.desk.models.conversation_outcomes import AlreadyDecided, NothingInTheWay

DUBLIN = ZoneInfo("Europe/Dublin")
FIRST, LAST = date(2026, 3, 2), date(2026, 5, 1)
STEPS = [timedelta(0), timedelta(minutes=7), timedelta(hours=5), timedelta(days=1), timedelta(days=9), timedelta(days=22)]

WHAT = "writes, reply, moved, moved, move, works, works, back, back, new, thanks, withdraw, observed, take back, undo, undo"

happenings = st.lists(
    st.tuples(
        st.sampled_from(WHAT.split(", ")),
        st.integers(0, 2),  # whose conversation
        st.booleans(),  # by Kay or by Sam
        st.sampled_from(STEPS),
    ),
    max_size=14,
)


@given(history=happenings)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_the_account_kept_is_the_account_of_the_ledger(
    history: list[tuple[str, int, bool, timedelta]], desk: Desk, kay: Teammate, sam: Teammate, support: Mailbox
) -> None:
    with transaction.atomic():
        Story(support).goes_on(history, kay, sam)
        now = AT + timedelta(days=400)
        events = [row.as_value() for row in OutcomeEvent.objects.in_order()]
        for from_, to in periods(events):
            for teammate in (None, kay, sam):
                assert kept(from_, to, now, desk, teammate) == of_ledger(events, from_, to, now, desk, teammate)
        transaction.set_rollback(True)


def periods(events: list[Any]) -> Iterator[tuple[date, date]]:
    """All of it, and each day on which something was moved."""
    yield FIRST, FIRST + timedelta(days=400)
    for day in {event.at.astimezone(DUBLIN).date() for event in events if event.kind is Kind.MOVED}:
        yield day, day + timedelta(days=1)


def kept(from_: date, to: date, now: datetime, desk: Desk, teammate: Teammate | None) -> dict[str, Any]:
    who = Spell.objects.who(Period.of_days(from_, to, DUBLIN), as_of=now, desk=desk, teammate=teammate)
    if teammate:
        return {"took_part": len(who.helped)}
    grades = [known.evidence.name.lower() for known in who.helped]
    return {"total": len(grades), "came_back": len(who.came_back)} | {
        name: grades.count(name) for name in ("confirmed", "observed", "held", "early")
    }


def of_ledger(events: list[Any], from_: date, to: date, now: datetime, desk: Desk, teammate: Teammate | None) -> dict[str, Any]:
    account = report(events, from_=from_, to=to, as_of=now, tz=DUBLIN, horizons=desk.horizons)
    if teammate:
        return {"took_part": account["took_part"].get(str(teammate.pk), 0)}
    return account["people_helped"] | {"came_back": account["came_back"]}


class Story:
    """What happens on the desk, one thing after the other; what cannot happen then does not."""

    WRITERS = (NORA, ILSE, TOMAS)

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self.at = AT
        self.conversations: dict[int, Conversation] = {}
        self.happened = 0

    def goes_on(self, history: list[tuple[str, int, bool, timedelta]], kay: Teammate, sam: Teammate) -> None:
        for what, whose, by_kay, after in history:
            self.at += after
            self.happens(what, whose, kay if by_kay else sam)

    def happens(self, what: str, whose: int, by: Teammate) -> None:
        conversation = self.conversations.get(whose)
        if conversation is None or what == "writes":
            self.conversations[whose] = self.writes(self.WRITERS[whose], conversation).conversation
        elif what in ("reply", "moved"):
            self.if_it_can(lambda: sent(conversation, "Like this.", by=by, at=self.at, moved=what == "moved"))
        elif what == "take back":
            message = replies(conversation, "Not like this.", by=by, at=self.at)
            conversation.take_back(message, by=by, at=self.at)
        elif what == "undo":
            self.undo(conversation, by)
        elif what == "observed":
            self.observed(conversation)
        elif what == "move":
            self.if_it_can(lambda: conversation.move_blocker(by=by, at=self.at))
        elif what == "withdraw":
            self.if_it_can(lambda: conversation.nothing_in_the_way(why=Blocker.Why.DUPLICATE, by=by, at=self.at))
        else:
            self.decide(conversation, what, by)

    def writes(self, writer: Writer, conversation: Conversation | None) -> Message:
        self.happened += 1
        answered = conversation.messages.filter(kind=Message.Kind.OURS).last() if conversation else None
        raw = writer.writes(
            "It", f"Words {self.happened}", answers=answered, at=self.at, message_id=f"{self.happened}@mail.example"
        )
        return says(self.mailbox, raw, at=self.at)

    def decide(self, conversation: Conversation, what: str, by: Teammate) -> None:
        """They write again where there is nothing to decide yet, and a teammate says what it means."""
        asked = conversation.messages.filter(outcome=Message.Outcome.ASKED).last()
        if asked is None:
            asked = self.writes(
                next(each for each in self.WRITERS if each.address == conversation.person.addresses.get().email), conversation
            )
        verbs = {
            "works": Conversation.it_works,
            "back": Conversation.it_is_back,
            "new": Conversation.something_new,
            "thanks": Conversation.just_a_thank_you,
        }
        self.if_it_can(lambda: verbs[what](asked.conversation, asked, by=by, at=self.at))

    def observed(self, conversation: Conversation) -> None:
        if blocker := Conversation.objects.get(pk=conversation.pk).blocker:
            self.happened += 1
            OutcomeEvent.record(Kind.OBSERVED, key=f"seen:{self.happened}", at=self.at, blocker=blocker, event="signed_in")

    def undo(self, conversation: Conversation, by: Teammate) -> None:
        last = Activity.objects.filter(conversation=conversation, undone_by=None, undoes=None).order_by("id").last()
        if last:
            last.undo(by=by, at=self.at)

    def if_it_can(self, do: Any) -> None:
        try:
            with transaction.atomic():
                do()
        except (NothingInTheWay, AlreadyDecided):
            pass


LATER = timedelta(days=2)


def figures(desk: Desk, now: datetime) -> tuple[int, int, int]:
    """People helped, of these confirmed, and came back; of all that was ever moved."""
    told = kept(FIRST, LAST, now, desk, None)
    return told["total"], told["confirmed"], told["came_back"]


@pytest.fixture
def moved(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> Message:
    return sent(nora_cannot_sign_in, "Try again now.", by=kay, at=at, moved=True)


def test_nora_says_that_it_works_and_it_is_undone(
    moved: Message, support: Mailbox, desk: Desk, kay: Teammate, at: datetime
) -> None:
    words = says(support, NORA.writes("Re: it", "It works.", answers=moved, at=at + LATER), at=at + LATER)
    activity = moved.conversation.it_works(words, by=kay, at=at + LATER)
    assert figures(desk, at + LATER) == (1, 1, 0)
    activity.undo(by=kay, at=at + LATER)
    assert figures(desk, at + LATER) == (1, 0, 0)
    Activity.objects.get(kind=Activity.Kind.MOVED).undo(by=kay, at=at + LATER)
    assert figures(desk, at + LATER) == (0, 0, 0)


def test_it_is_back_from_when_she_wrote_and_not_from_when_we_read_it(
    moved: Message, support: Mailbox, desk: Desk, kay: Teammate, at: datetime
) -> None:
    words = says(support, NORA.writes("Re: it", "It is back.", answers=moved, at=at + LATER), at=at + LATER)
    moved.conversation.it_is_back(words, by=kay, at=at + 2 * LATER)
    assert Spell.objects.get().ended_at == at + LATER
    assert figures(desk, at + 2 * LATER) == (0, 0, 1)


def test_moved_twice_is_helped_once_from_the_first_time(moved: Message, desk: Desk, sam: Teammate, at: datetime) -> None:
    moved.conversation.move_blocker(by=sam, at=at + LATER)
    spell = Spell.objects.get()
    assert spell.began_at == at + timedelta(seconds=10)
    assert figures(desk, at + LATER) == (1, 0, 0)
    assert kept(FIRST, LAST, at + LATER, desk, sam) == {"took_part": 0}


def test_something_new_is_a_blocker_of_its_own_and_nora_still_one_person(
    moved: Message, support: Mailbox, desk: Desk, kay: Teammate, at: datetime
) -> None:
    words = says(support, NORA.writes("Re: it", "And the printer?", answers=moved, at=at + LATER), at=at + LATER)
    moved.conversation.something_new(words, by=kay, at=at + LATER)
    assert Blocker.objects.count() == 2
    assert figures(desk, at + LATER) == (1, 0, 0)
    sent(moved.conversation, "Turn it off and on.", by=kay, at=at + LATER, moved=True)
    assert Spell.objects.count() == 2
    assert figures(desk, at + 2 * LATER) == (1, 0, 0)


def test_what_never_stood_in_the_way_counts_nowhere(moved: Message, desk: Desk, kay: Teammate, at: datetime) -> None:
    activity = moved.conversation.nothing_in_the_way(why="spam", by=kay, at=at + LATER)
    assert figures(desk, at + LATER) == (0, 0, 0)
    activity.undo(by=kay, at=at + LATER)
    assert figures(desk, at + LATER) == (1, 0, 0)
