"""A long time is counted beside the pages, and kept with the time at which that was."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.cast import ILSE, NORA, TOMAS
from tests.web.helped import HOUR, NOON, SetClock, helped, it_is, page, text
from touchline.desk.models import KeptFigures, Mailbox, Teammate
from touchline.work.chores import count_what_is_kept

__all__ = ["it_is"]
DAY = timedelta(days=1)


@pytest.fixture
def many(support: Mailbox, kay: Teammate, sam: Teammate, it_is: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nora and Ilse were helped in March, and Nora again in April; that is more than a page counts."""
    monkeypatch.setattr("touchline.web.impact.MOST_COUNTED", 2)
    for whom, by, at in ((NORA, kay, NOON), (ILSE, sam, NOON + HOUR), (NORA, kay, NOON + 35 * DAY)):
        helped(support, whom, by=by, at=at)
    it_is(NOON + 40 * DAY)


def test_it_is_counted_once_and_kept(as_kay: Client, many: None, support: Mailbox, kay: Teammate) -> None:
    assert text(page(as_kay, "/people-helped/?all=1")).startswith("This is being counted. So much takes a while.")
    assert count_what_is_kept(NOON + 40 * DAY) == 1
    assert count_what_is_kept(NOON + 40 * DAY) == 0
    told = text(page(as_kay, "/people-helped/?all=1"))
    assert told.startswith("So far we have helped 2 people. Counted today 13:00 .")
    assert "March 2026 2 0 April 2026 1 0" in told
    helped(support, TOMAS, by=kay, at=NOON + 40 * DAY)
    assert text(page(as_kay, "/people-helped/?all=1")).startswith("So far we have helped 2 people.")


def test_somebody_asks_for_it_anew_and_every_night_it_is(as_kay: Client, many: None, support: Mailbox, kay: Teammate) -> None:
    page(as_kay, "/people-helped/?all=1")
    count_what_is_kept(NOON + 40 * DAY)
    helped(support, TOMAS, by=kay, at=NOON + 40 * DAY)
    as_kay.post("/people-helped/?all=1")
    assert "It is being counted anew." in text(page(as_kay, "/people-helped/?all=1"))
    assert count_what_is_kept(NOON + 40 * DAY + HOUR) == 1
    assert text(page(as_kay, "/people-helped/?all=1")).startswith("So far we have helped 3 people.")
    assert count_what_is_kept(NOON + 40 * DAY + 2 * HOUR) == 0
    assert count_what_is_kept(NOON + 41 * DAY) == 1


def test_what_one_of_us_took_part_in_is_kept_for_them_alone(as_kay: Client, as_sam: Client, many: None) -> None:
    for browser in (as_kay, as_sam):
        page(browser, "/people-helped/?all=1&mine=1")
    assert KeptFigures.objects.count() == 2
    while count_what_is_kept(NOON + 40 * DAY):
        pass
    assert text(page(as_kay, "/people-helped/?all=1&mine=1")).startswith("So far we have helped 1 person. where you took part")


def test_a_year_is_kept_too_and_a_month_is_always_counted(as_kay: Client, many: None) -> None:
    assert text(page(as_kay, "/people-helped/?year=2026")).startswith("This is being counted.")
    count_what_is_kept(NOON + 40 * DAY)
    assert text(page(as_kay, "/people-helped/?year=2026")).startswith("In 2026 we helped 2 people.")
    assert text(page(as_kay, "/people-helped/?month=2026-03")).startswith("In March we helped 2 people.")


def test_what_is_short_is_counted_at_once(as_kay: Client, support: Mailbox, kay: Teammate, it_is: SetClock) -> None:
    helped(support, NORA, by=kay, at=NOON)
    it_is(NOON + DAY)
    assert text(page(as_kay, "/people-helped/?all=1")).startswith("So far we have helped 1 person.")
    assert not KeptFigures.objects.exists()
