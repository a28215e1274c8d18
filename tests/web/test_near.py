"""Times near in words, as people in Dublin read them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from touchline.web.jinja import clock, near

DUBLIN = ZoneInfo("Europe/Dublin")
AT = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


def shown(when: datetime, how=near) -> str:
    return str(how(when, AT, DUBLIN)).partition(">")[2].removesuffix("</time>")


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=2, minutes=50), "2 h"),
        (timedelta(hours=11, minutes=59), "11 h"),
        (timedelta(hours=16, minutes=20), "yesterday 16:40"),
        (timedelta(days=2), "Tuesday 09:00"),
        (timedelta(days=9), "3 Mar"),
        (timedelta(days=400), "5 Feb 2025"),
        (-timedelta(hours=3), "today 12:00"),
        (-timedelta(days=1), "tomorrow 09:00"),
        (-timedelta(days=4), "Monday 09:00"),
        (-timedelta(days=40), "21 Apr 2026"),
    ],
)
def test_a_time_is_near_in_words(ago, words):
    assert shown(AT - ago) == words


def test_a_day_is_a_day_of_the_team_and_not_of_utc():
    """23:30 in Dublin in summer is 22:30 UTC; by one minute past midnight there it was yesterday."""
    at = datetime(2026, 7, 1, 23, 1, tzinfo=UTC)
    assert "yesterday" in clock(datetime(2026, 7, 1, 22, 30, tzinfo=UTC), at, DUBLIN)
    assert "today" in clock(datetime(2026, 7, 1, 22, 30, tzinfo=UTC), at, ZoneInfo("UTC"))


def test_the_exact_time_is_there_for_whoever_points_at_it():
    assert 'title="12 March 2026, 08:12 GMT"' in near(datetime(2026, 3, 12, 8, 12, tzinfo=UTC), AT, DUBLIN)
    assert 'datetime="2026-03-12T08:12:00+00:00"' in near(datetime(2026, 3, 12, 8, 12, tzinfo=UTC), AT, DUBLIN)


@pytest.mark.parametrize(
    ("days", "words"), [(0, "today 08:12"), (1, "yesterday 08:12"), (9, "3 Mar 08:12"), (400, "5 Feb 2025 08:12")]
)
def test_a_message_says_the_hour_of_its_day(days, words):
    assert shown(datetime(2026, 3, 12, 8, 12, tzinfo=UTC) - timedelta(days=days), clock) == words
