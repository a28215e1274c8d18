"""The account kept in the database is the one worked out afresh from the ledger, as it is written out, as of any instant:
whatever is done on the desk, and whatever is recorded beside it, in any order."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.cast import AT, NORA
from tests.desk.test_account import DUBLIN, STEPS, Story
from touchline.core.impact.account import Period, by_label, who
from touchline.core.impact.events import Kind, NotValid
from touchline.core.impact.events import OutcomeEvent as Value
from touchline.core.impact.ledger import read, write
from touchline.core.impact.report import all_spells, report, report_of
from touchline.desk.models import Blocker, Conversation, Desk, Mailbox, OutcomeEvent, Person, Spell, Teammate
from touchline.desk.models.spell import Among

FIRST, TO = date(2026, 2, 1), date(2026, 8, 1)
STORIES = ["writes", "reply", "moved", "moved", "works", "back", "new", "thanks", "withdraw", "take back", "undo", "undo"]
BESIDE: dict[str, dict[str, Any]] = {
    "raised": {},
    "took_part": {"how": "answer", "answer": "resetting"},
    "moved": {},
    "asked": {"horizon": "days", "random": True},
    "confirmed": {"source": "check_in"},
    "returned": {"source": "check_in"},
    "observed": {"event": "signed_in"},
    "withdrawn": {"why": "duplicate"},
}
sometime = st.sampled_from([AT + timedelta(hours=hours) for hours in (-400, -30, -1, 0, 1, 2, 24, 48, 72, 300, 505, 1500)])


class Anyhow(RuleBasedStateMachine):
    """What a desk can go through. `made` gives the team and the mailbox."""

    made: ClassVar[Callable[[], tuple[Desk, list[Teammate], Mailbox]]]

    @initialize()
    def begins(self) -> None:
        self.all = transaction.atomic()
        self.all.__enter__()
        self.desk, self.team, self.mailbox = type(self).made()
        self.story = Story(self.mailbox)
        self.story.happens("writes", 0, self.team[0])
        self.story.happens("moved", 0, self.team[0])
        self.count = 0

    def teardown(self) -> None:
        if hasattr(self, "all"):
            transaction.set_rollback(True)
            self.all.__exit__(None, None, None)

    @rule(what=st.sampled_from(STORIES), whose=st.integers(0, 2), which=st.integers(0, 1), after=st.sampled_from(STEPS))
    def happens(self, what: str, whose: int, which: int, after: timedelta) -> None:
        self.story.at += after
        self.story.happens(what, whose, self.team[which])

    @rule(kind=st.sampled_from(sorted(BESIDE)), n=st.integers(0, 5), at=sometime, which=st.integers(0, 1))
    def is_recorded(self, kind: str, n: int, at: datetime, which: int) -> None:
        """Something comes in late, early or twice, as other programs send it."""
        blocker = self.one(Blocker.objects, n)
        more = dict(BESIDE[kind])
        if kind == "raised":
            more |= {"person": blocker.person, "mailbox": self.mailbox}
        if kind in ("took_part", "moved"):
            more |= {"by": self.team[which]}
        self.count += n % 3  # now and then the id of the one before: it was recorded already
        self.if_it_may(lambda: OutcomeEvent.record(Kind(kind), key=f"beside:{self.count}", at=at, blocker=blocker, **more))

    @rule(n=st.integers(0, 30), at=sometime)
    def is_taken_back(self, n: int, at: datetime) -> None:
        key = self.one(OutcomeEvent.objects, n).key
        self.if_it_may(lambda: OutcomeEvent.retract(key, by=self.team[0], at=at))

    @rule(one=st.integers(0, 3), other=st.integers(0, 3), at=sometime)
    def are_joined(self, one: int, other: int, at: datetime) -> None:
        person, into = self.one(Person.objects, one), self.one(Person.objects, other)
        self.if_it_may(lambda: OutcomeEvent.join(person, into, by=self.team[0], at=at))

    @rule()
    def nobody_has_raised_it(self) -> None:
        """A blocker of which the ledger knows other things first."""
        person = self.one(Person.objects, 0)
        Blocker.objects.create(person=person, mailbox=self.mailbox, words="something", topic="signing-in")

    @rule(n=st.integers(0, 5), topic=st.sampled_from(["", "signing-in"]))
    def is_about(self, n: int, topic: str) -> None:
        Blocker.objects.filter(pk=self.one(Blocker.objects, n).pk).update(topic=topic)

    @invariant()
    def the_account_kept_is_that_of_the_ledger(self) -> None:
        if not hasattr(self, "all"):
            return
        events = self.written()
        instants = sorted({event.at for event in events})
        latest = instants[-1] + timedelta(days=40)
        for as_of in {latest, instants[-1], instants[len(instants) // 2], instants[0], AT + timedelta(hours=48)}:
            asked: dict[str, Any] = {"from_": FIRST, "to": TO, "as_of": as_of, "tz": DUBLIN, "horizons": self.desk.horizons}
            period = Period.of_days(FIRST, TO, DUBLIN)
            spells = Spell.objects.known(period, as_of=as_of)
            assert report_of(spells, **asked) == report(events, **asked)
            afresh = all_spells(event for event in events if event.at <= as_of)
            self.groups_agree(spells, afresh, period, as_of)

    def groups_agree(self, spells: Any, afresh: Any, period: Period, as_of: datetime) -> None:
        topics = {str(id): topic for id, topic in Blocker.objects.values_list("pk", "topic")}
        expected = by_label(afresh, lambda its: [topics[its.blocker]], period, as_of=as_of, horizons=self.desk.horizons)
        for topic in ("", "signing-in"):
            found = Spell.objects.who(period, as_of=as_of, desk=self.desk, among=Among(topic=topic))
            assert (len(found.helped), len(found.came_back)) == (
                (expected[topic].total, expected[topic].came_back) if topic in expected else (0, 0)
            )
        answers = by_label(afresh, lambda its: its.answers, period, as_of=as_of, horizons=self.desk.horizons)
        found = Spell.objects.who(period, as_of=as_of, desk=self.desk, among=Among(answer="resetting"))
        assert len(found.helped) == (answers["resetting"].total if "resetting" in answers else 0)
        everyone = who(afresh, period, as_of=as_of, horizons=self.desk.horizons)
        by_mailbox = Spell.objects.who(period, as_of=as_of, desk=self.desk, among=Among(mailbox=self.mailbox.pk))
        assert [known.person for known in by_mailbox.helped] == [known.person for known in everyone.helped]

    def written(self) -> list[Value]:
        """The ledger as it would be written out and read again, in the order of recording."""
        return read([write(row.as_value()) for row in OutcomeEvent.objects.order_by("order")])

    def if_it_may(self, record: Callable[[], Any]) -> None:
        try:
            with transaction.atomic():
                record()
        except NotValid:
            pass
        for conversation in Conversation.objects.all():
            conversation.settle_blockers()

    def one(self, manager: Any, n: int) -> Any:
        every = list(manager.order_by("pk"))
        return every[n % len(every)]


@pytest.mark.usefixtures("desk")
def test_whatever_happens_the_account_kept_is_that_of_the_ledger(
    desk: Desk, kay: Teammate, sam: Teammate, support: Mailbox
) -> None:
    class Here(Anyhow):
        made = staticmethod(lambda: (desk, [kay, sam], support))  # type: ignore[assignment]

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Here,
        settings=settings(
            max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
        ),
    )


def test_it_is_told_as_it_stood_then(desk: Desk, kay: Teammate, support: Mailbox) -> None:
    """As it stood between a `moved` and its `returned` she was helped; as it stands, she came back."""
    story = Story(support)
    story.happens("writes", 0, kay)
    story.happens("moved", 0, kay)
    story.at += timedelta(days=2)
    story.happens("back", 0, kay)
    period = Period.of_days(FIRST, TO, DUBLIN)

    def told(as_of: datetime) -> tuple[int, int]:
        found = Spell.objects.who(period, as_of=as_of, desk=desk)
        return len(found.helped), len(found.came_back)

    assert Person.objects.get().name == NORA.name
    assert told(AT) == (0, 0)
    assert told(AT + timedelta(days=1)) == (1, 0)
    assert told(AT + timedelta(days=3)) == (0, 1)
