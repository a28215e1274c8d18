"""When people are asked: at the horizons, by chance, and never at night."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.core.impact.asking import NOBODY, Quiet, Rule, drawn, not_before, questions
from touchline.core.impact.spells import DEFAULT

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = b"a secret that only tests know"
DUBLIN = ZoneInfo("Europe/Dublin")
NIGHT = Quiet(time(20), time(8), DUBLIN)
ZONES = st.sampled_from(["UTC", "Europe/Dublin", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu"])
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2032, 1, 1)).map(lambda when: when.replace(tzinfo=UTC))


def asked(rule: Rule, *, is_drawn: bool = False) -> list[tuple[str, timedelta, bool]]:
    return [(each.horizon, each.at - AT, each.random) for each in questions(rule, DEFAULT, AT, is_drawn=is_drawn)]


def test_people_are_asked_at_the_horizons_that_the_team_chose() -> None:
    assert asked(Rule(frozenset({"weeks", "hours"}))) == [
        ("hours", timedelta(hours=4), False),
        ("weeks", timedelta(days=21), False),
    ]
    assert asked(NOBODY) == []


def test_a_spell_that_is_drawn_is_asked_after_days_though_nobody_else_is() -> None:
    assert asked(NOBODY, is_drawn=True) == [("days", timedelta(days=3), True)]


def test_of_a_drawn_spell_one_question_is_owed_to_chance() -> None:
    everything = Rule(frozenset({"hours", "days", "weeks"}))
    assert [(name, random) for name, _after, random in asked(everything, is_drawn=True)] == [
        ("hours", False),
        ("days", True),
        ("weeks", False),
    ]
    assert asked(Rule(frozenset({"hours"})), is_drawn=True) == [("hours", timedelta(hours=4), True)]
    assert [random for _name, _after, random in asked(Rule(frozenset({"hours", "weeks"})), is_drawn=True)] == [True, False]


def test_nobody_is_drawn_of_none_and_everybody_of_all() -> None:
    keys = [f"{number}:0" for number in range(500)]
    assert not any(drawn(key, secret=SECRET, share=0.0) for key in keys)
    assert all(drawn(key, secret=SECRET, share=1.0) for key in keys)


@given(st.text(max_size=40), st.floats(0, 1), st.floats(0, 1))
def test_a_draw_is_the_same_however_often_it_is_asked_and_a_larger_share_keeps_it(spell: str, one: float, other: float) -> None:
    small, large = sorted((one, other))
    assert drawn(spell, secret=SECRET, share=small) == drawn(spell, secret=SECRET, share=small)
    assert drawn(spell, secret=SECRET, share=large) or not drawn(spell, secret=SECRET, share=small)


def test_draws_with_another_secret_are_other_draws() -> None:
    keys = [f"{number}:0" for number in range(2000)]
    alike = sum(drawn(key, secret=SECRET, share=0.5) == drawn(key, secret=b"another", share=0.5) for key in keys)
    assert 880 < alike < 1120  # half of them, give or take five standard deviations


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.9])
def test_draws_are_fair(share: float) -> None:
    """Chi-square over ten runs of keys that follow each other, as the keys of blockers do: each run draws its share."""
    runs, size = 10, 4000
    statistic = 0.0
    for run in range(runs):
        got = sum(drawn(f"{run * size + number}:0", secret=SECRET, share=share) for number in range(size))
        expected = share * size
        statistic += (got - expected) ** 2 / (expected * (1 - share))
    assert 1.48 < statistic < 29.59  # the 0.1 % and 99.9 % points of chi-square with ten degrees of freedom


@pytest.mark.parametrize(
    ("due", "goes"),
    [
        ("2026-03-02T12:00", "2026-03-02T12:00"),
        ("2026-03-02T07:59", "2026-03-02T08:00"),
        ("2026-03-02T20:00", "2026-03-03T08:00"),
        ("2026-03-02T23:30", "2026-03-03T08:00"),
        ("2026-03-28T23:30", "2026-03-29T08:00"),  # the night in which Dublin loses an hour
        ("2026-10-24T23:30", "2026-10-25T08:00"),  # and gains one
    ],
)
def test_nobody_is_asked_at_night(due: str, goes: str) -> None:
    there = [datetime.fromisoformat(each).replace(tzinfo=DUBLIN).astimezone(UTC) for each in (due, goes)]
    assert not_before(there[0], quiet=NIGHT) == there[1]


def test_the_quiet_hours_are_those_of_whoever_is_asked() -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    in_auckland = Quiet(time(20), time(8), ZoneInfo("Pacific/Auckland"))
    assert not_before(noon, quiet=in_auckland) == datetime(2026, 3, 2, 19, tzinfo=UTC)


def test_quiet_by_day_and_no_quiet_at_all() -> None:
    siesta = Quiet(time(12), time(15), ZoneInfo("Europe/Madrid"))
    assert not_before(datetime(2026, 3, 2, 12, tzinfo=UTC), quiet=siesta) == datetime(2026, 3, 2, 14, tzinfo=UTC)
    assert not_before(AT, quiet=siesta) == AT
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    assert not_before(midnight, quiet=Quiet(time(0), time(0), UTC)) == midnight


def test_who_is_away_is_asked_on_the_day_after() -> None:
    assert not_before(AT, quiet=NIGHT, away_until=date(2026, 3, 5)) == datetime(2026, 3, 6, 8, tzinfo=UTC)
    assert not_before(AT, quiet=NIGHT, away_until=date(2026, 3, 2)) == datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert not_before(AT, quiet=NIGHT, away_until=date(2026, 3, 1)) == AT


@given(INSTANTS, CLOCKS, CLOCKS, ZONES, st.none() | st.dates(date(2020, 1, 1), date(2031, 12, 1)))
def test_nobody_is_ever_asked_in_quiet_hours_or_too_early_or_a_day_late(
    at: datetime, begins: time, ends: time, zone: str, away_until: date | None
) -> None:
    quiet = Quiet(begins, ends, ZoneInfo(zone))
    goes = not_before(at, quiet=quiet, away_until=away_until)
    assert goes >= at
    assert not quiet.covers(goes)
    assert away_until is None or goes.astimezone(quiet.zone).date() > away_until
    if away_until is None:
        assert goes - at <= timedelta(hours=26)
