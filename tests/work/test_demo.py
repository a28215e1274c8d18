"""The demo: believable, whole, and something in every place, whenever it is started."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from tests.web.helped import SetClock, it_is, page, text
from touchline.core.impact.account import Period, Who
from touchline.core.impact.events import Kind
from touchline.core.impact.report import report
from touchline.core.impact.spells import Evidence
from touchline.desk.models import (
    Blocker,
    Conversation,
    Delivery,
    Desk,
    InboundEmail,
    Message,
    OutcomeEvent,
    Person,
    Spell,
    Teammate,
)
from touchline.work import demo
from touchline.work.demo_questions import QUESTIONS
from touchline.work.demo_stories import TOLD, WAITING_NOW, Ours

__all__ = ["it_is"]

pytestmark = pytest.mark.django_db

AFTERNOON = datetime(2026, 11, 23, 15, tzinfo=UTC)
STARTS = [
    AFTERNOON,
    datetime(2026, 3, 1, 0, 0, 40, tzinfo=UTC),  # the first minute of a month
    datetime(2026, 3, 31, 22, 59, tzinfo=UTC),  # the last one, in summer time
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),  # half an hour after the clocks went forward
]


def who(from_: date, to: date, at: datetime) -> Who:
    desk = Desk.get()
    return Spell.objects.who(Period.of_days(from_, to, desk.zone), as_of=at, desk=desk)


@pytest.mark.parametrize("at", STARTS, ids=str)
def test_there_are_people_helped_today_this_month_and_in_the_last(at: datetime) -> None:
    demo.prepare(at)
    day = at.astimezone(Desk.get().zone).date()
    today = who(day, day + timedelta(days=1), at)
    assert {known.evidence for known in today.helped} == {Evidence.CONFIRMED, Evidence.OBSERVED, Evidence.EARLY}
    first = day.replace(day=1)
    assert len(who(first, day + timedelta(days=1), at).helped) >= 3
    before = who((first - timedelta(days=1)).replace(day=1), first, at)
    assert len(before.helped) >= 10
    assert Evidence.CONFIRMED in {known.evidence for known in before.helped}
    assert not OutcomeEvent.objects.filter(at__gt=at).exists()
    assert not Message.objects.filter(at__gt=at).exists()


def test_there_is_something_in_every_place(as_the_demos_kay: Client, it_is: SetClock) -> None:
    it_is(AFTERNOON)
    today = text(page(as_the_demos_kay))
    assert today.startswith("Today we helped 3 people so far. 5 people wait for us.")
    for words in ("You took part for 2 of them.", "Kay and Sam moved it", "Came back after 9 days", "Wrote again"):
        assert words in today
    assert "Ilse Brandt" in page(as_the_demos_kay, "/with-me/")
    assert "Ilse Brandt" in page(as_the_demos_kay, "/came-back/")
    assert "Pavel Horák" in page(as_the_demos_kay, "/waiting/")
    month = text(page(as_the_demos_kay, "/people-helped/"))
    for words in ("What was said", "How long it has held", "too early to say", "Day by day", "came back. We are with"):
        assert words in month
    assert "have held for 3 weeks" in text(page(as_the_demos_kay, "/people-helped/?month=2026-10"))
    assert "Cardboard weekly" in page(as_the_demos_kay, "/set-aside/")
    # And every conversation and person can be opened.
    for number in Conversation.objects.values_list("number", flat=True):
        page(as_the_demos_kay, f"/conversations/{number}/?in=everything")
    for person in Person.objects.values_list("pk", flat=True):
        page(as_the_demos_kay, f"/people/{person}/")


@pytest.fixture
def as_the_demos_kay(client: Client) -> Client:
    demo.prepare(AFTERNOON)
    assert client.login(username="kay@touchline.example", password=demo.PASSWORD)
    return client


def test_outcomes_of_every_kind() -> None:
    demo.prepare(AFTERNOON)
    kinds = Counter(OutcomeEvent.objects.values_list("kind", flat=True))
    assert {Kind.RAISED, Kind.TOOK_PART, Kind.MOVED, Kind.CONFIRMED, Kind.OBSERVED, Kind.RETURNED, Kind.WITHDRAWN} == {*kinds}
    assert {*Message.objects.values_list("outcome", flat=True)} == {"", *Message.Outcome.values}
    assert Message.objects.filter(outcome=Message.Outcome.ASKED).get().person == Person.objects.get(name="Pavel Horák")
    assert Blocker.objects.filter(withdrawn_at__isnull=False).count() == 1
    assert Message.objects.filter(automatic="auto_reply").count() == 1
    assert Message.objects.filter(has_html=True, kind=Message.Kind.THEIRS).count() == 1
    assert Message.objects.filter(kind=Message.Kind.THEIRS, attachments__content_type="image/png").count() == 1
    assert InboundEmail.objects.set_aside().count() == 2
    assert Person.objects.count() >= 40
    assert Teammate.objects.here().count() == 2
    # Its account is that of its ledger, and nothing of it waits to be mailed.
    desk, from_, to = Desk.get(), date(2026, 9, 1), date(2026, 12, 1)
    events = [row.as_value() for row in OutcomeEvent.objects.in_order()]
    account = report(events, from_=from_, to=to, as_of=AFTERNOON, tz=desk.zone, horizons=desk.horizons)
    known = who(from_, to, AFTERNOON)
    assert (len(known.helped), len(known.came_back)) == (account["people_helped"]["total"], account["came_back"])
    assert not Delivery.objects.filter(due_at__isnull=False).exists()
    assert not Delivery.objects.in_trouble().exists()
    assert not InboundEmail.objects.due(AFTERNOON + timedelta(days=9)).exists()


def test_it_is_all_there_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_teller: demo.Teller) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(demo.Teller, "from_machines", breaks)
    with pytest.raises(OSError, match="the disk is full"):
        demo.prepare(AFTERNOON)
    assert not Teammate.objects.exists()
    assert not InboundEmail.objects.exists()


def test_every_answer_of_ours_greets_says_something_and_is_signed() -> None:
    """A conversation's later answers may go without a greeting; each first one has it."""
    for story in (*WAITING_NOW, *TOLD, *QUESTIONS):
        answers = [turn for turn in story.turns if isinstance(turn, Ours)]
        for answer in answers:
            assert answer.words.endswith(f"\n{answer.by.title()}"), answer.words
            assert len(answer.words.split()) >= 12, answer.words
        if answers:
            assert re.match(rf".*({story.person.split()[0]}|{story.person.split()[-1]}),\n\n", answers[0].words), answers[0].words
