"""What asking tells, said so that nobody takes it for more than it is."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from tests.cast import AT, NORA, says
from touchline.core.impact.account import Period
from touchline.core.impact.events import Kind
from touchline.core.impact.spells import Spell
from touchline.desk.models import Mailbox, OutcomeEvent, Teammate
from touchline.web.check_in_estimate import estimate

HOUR = timedelta(hours=1)
PERIOD = Period(AT - HOUR, AT + HOUR)


def spells(yes: int, no: int, silent: int, not_asked: int = 3) -> list[Spell]:
    def one(kind: str, number: int) -> Spell:
        asked = AT + HOUR if kind != "not asked" else None
        return Spell(
            blocker=f"{kind} {number}",
            person=f"{kind} {number}",
            began_at=AT,
            began_by="kay",
            asked_random_at=asked,
            check_in_yes_at=AT + 2 * HOUR if kind == "yes" else None,
            ended_at=AT + 2 * HOUR if kind == "no" else None,
            returned_source="check_in" if kind == "no" else "",
        )

    counts = {"yes": yes, "no": no, "silent": silent, "not asked": not_asked}
    return [one(kind, number) for kind, count in counts.items() for number in range(count)]


def said(*counts: int, as_of: datetime = AT + 9 * HOUR) -> str:
    found = estimate(spells(*counts), PERIOD, as_of=as_of)
    return " ".join(found) if found else ""


def test_the_counts_come_first_then_what_holds_then_what_may() -> None:
    assert said(9, 2, 9) == (
        "We asked after 20 blockers that were drawn by chance. Yes: 9. Not yet: 2. No answer: 9."
        " So it worked for at least 45 % of them and at most 90 %, whatever those without an answer would say."
        " Among those who answered it is 82 %, likely between 52 and 95 %."
        " That speaks for all only if those who did not answer fare like those who did."
    )


def test_fewer_than_five_answers_are_only_counted() -> None:
    words = said(3, 1, 1)
    assert "Yes: 3. Not yet: 1. No answer: 1." in words and "With fewer than 5 answers we give no share" in words
    assert "Among those" not in words


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((0, 0, 7), "So we cannot say yet how often it worked."),
        ((6, 2, 0), "All of them answered: it worked for 75 %."),
        ((1, 0, 2), "at least 33 % of them and at most 100 %"),
        ((0, 1, 2), "at least 0 % of them and at most 67 %"),
    ],
)
def test_bounds_are_never_narrower_than_they_are(counts: tuple[int, int, int], words: str) -> None:
    assert words in said(*counts)


def test_nothing_is_said_where_nobody_was_asked_by_chance_or_not_yet() -> None:
    assert said(0, 0, 0) == ""
    assert said(9, 2, 9, as_of=AT) == ""


@pytest.mark.django_db
def test_people_helped_says_it(support: Mailbox, kay: Teammate, as_kay: Client) -> None:
    for number in range(6):
        conversation = says(support, NORA.writes(f"Question {number}", f"It fails {number}.\n", at=AT), at=AT).conversation
        blocker = conversation.blocker
        assert blocker
        blocker.move(by=kay, at=AT + HOUR, key=f"moved:{number}")
        OutcomeEvent.record(
            Kind.ASKED, key=f"asked:{number}", at=AT + 2 * HOUR, blocker=blocker, horizon="days", random=number != 5
        )
        if number < 2:
            blocker.confirm(at=AT + 3 * HOUR, source="check_in", key=f"yes:{number}")
    page = as_kay.get("/people-helped/?month=2026-03").text
    assert "What they said when we asked" in page
    assert "We asked after 5 blockers that were drawn by chance. Yes: 2. Not yet: 0. No answer: 3." in page
    assert "What they said when we asked" not in as_kay.get("/people-helped/?month=2026-02").text
