"""When a silence is worth a word: never of a new mailbox, never of a night or a weekend that is always quiet."""

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.core.quiet import HISTORY, LEAST, REACH, unusual

DUBLIN = ZoneInfo("Europe/Dublin")
MONDAY = datetime(2026, 3, 2, 0, 0, tzinfo=DUBLIN)  # none of the five weeks after it has a change of the clocks until 29 March


def office(weeks: int, *, every: timedelta = timedelta(minutes=10), begin: datetime = MONDAY, seed: int = 1) -> list[datetime]:
    """Mail from eight to six on working days, about so often."""
    chance = random.Random(seed)
    came = []
    for day in range(weeks * 7):
        opens = begin + timedelta(days=day, hours=8)
        if opens.weekday() < 5:
            now = opens + every * chance.random()
            while now < opens + timedelta(hours=10):
                came.append(now.astimezone(UTC))
                now += every * chance.uniform(0.3, 1.7)
    return came


def first_word(came: list[datetime], until: datetime) -> datetime | None:
    """When the silence after the last one is first told, looked at every ten minutes."""
    now = came[-1]
    while now < until:
        if unusual(came, at=now, zone=DUBLIN):
            return now
        now += timedelta(minutes=10)
    return None


def test_a_busy_mailbox_that_falls_silent_on_a_tuesday_morning_is_told_within_two_hours() -> None:
    tuesday = MONDAY + timedelta(weeks=4, days=1, hours=10)
    came = [when for when in office(5) if when < tuesday]
    told = first_word(came, tuesday + timedelta(days=1))
    assert told and LEAST <= told - came[-1] <= timedelta(hours=2)
    found = unusual(came, at=told, zone=DUBLIN)
    assert found and found.since == came[-1] and found.noticed_at <= told


def test_once_told_it_is_told_until_mail_comes() -> None:
    tuesday = MONDAY + timedelta(weeks=4, days=1, hours=14)
    came = [when for when in office(5) if when < tuesday]
    told = first_word(came, tuesday + timedelta(days=1))
    assert told
    for hours in range(1, 24 * 6):
        assert unusual(came, at=told + timedelta(hours=hours), zone=DUBLIN), f"{hours} hours later, through nights and a weekend"
    later = told + timedelta(hours=20)
    assert not unusual([*came, later], at=later + timedelta(minutes=5), zone=DUBLIN)


@pytest.mark.parametrize("seed", range(5))
def test_no_night_and_no_weekend_is_told(seed: int) -> None:
    came = office(6, seed=seed)
    looked = came[-1] - timedelta(weeks=2)
    while looked <= came[-1]:
        assert not unusual([when for when in came if when <= looked], at=looked, zone=DUBLIN), looked
        looked += timedelta(minutes=30)


def test_what_failed_over_a_weekend_is_told_on_monday_morning() -> None:
    came = office(4)  # the last on a Friday
    told = first_word(came, MONDAY + timedelta(weeks=4, days=1))
    assert told and told.astimezone(DUBLIN).weekday() == 0
    assert told.astimezone(DUBLIN).hour in (9, 10, 11)


def test_summer_time_makes_no_silence() -> None:
    begin = datetime(2026, 3, 9, tzinfo=DUBLIN)  # clocks go forward on 29 March
    came = office(4, begin=begin)
    monday = begin + timedelta(weeks=3)
    for minutes in range(0, 10 * 60, 20):
        looked = monday + timedelta(hours=8, minutes=minutes)
        assert not unusual([when for when in came if when <= looked], at=looked, zone=DUBLIN)


def test_a_mailbox_that_gets_three_mails_a_day_is_hardly_ever_told_of_by_chance() -> None:
    chance = random.Random(7)
    now, came = MONDAY.astimezone(UTC), []
    while now < MONDAY + timedelta(weeks=30):
        now += timedelta(days=chance.expovariate(3))
        came.append(now)
    told = 0
    looked = MONDAY + timedelta(weeks=5)
    while looked < MONDAY + timedelta(weeks=30):
        known = [when for when in came if looked - REACH <= when <= looked]
        told += unusual(known, at=looked, zone=DUBLIN) is not None
        looked += timedelta(hours=6)
    assert told <= 5, f"{told} of 700 looks"


times = st.lists(st.integers(0, 60 * 24 * 60), max_size=300).map(
    lambda minutes: [MONDAY.astimezone(UTC) + timedelta(minutes=minute) for minute in sorted(minutes)]
)


@given(times, st.integers(0, 60 * 24 * 90))
def test_whatever_came_nothing_is_claimed_of_what_began_within_two_weeks(came: list[datetime], minutes: int) -> None:
    at = MONDAY.astimezone(UTC) + timedelta(minutes=minutes)
    known = [when for when in came if at - HISTORY < when]
    assert unusual(known, at=at, zone=DUBLIN) is None


@given(times, st.integers(0, 60 * 24 * 90))
def test_whatever_came_no_silence_under_an_hour_is_told(came: list[datetime], minutes: int) -> None:
    at = MONDAY.astimezone(UTC) + timedelta(minutes=minutes)
    found = unusual(came, at=at, zone=DUBLIN)
    if found:
        assert at - found.since > LEAST
        assert found.since <= found.noticed_at <= at


@given(st.lists(st.integers(0, 7 * 24 * 60 - 1), min_size=1, max_size=40), st.integers(0, 7 * 24 * 60 - 1))
def test_whatever_the_week_is_like_one_that_repeats_is_never_told(week: list[int], minute: int) -> None:
    came = [MONDAY + timedelta(weeks=each, minutes=offset) for each in range(4) for offset in sorted(week)]
    at = MONDAY + timedelta(weeks=3, minutes=minute)
    known = [when.astimezone(UTC) for when in came if when <= at]
    assert unusual(known, at=at, zone=DUBLIN) is None
