"""The held curve and the log-rank test beside an independent implementation, on random histories, and said of known ones."""

import warnings
from datetime import timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.core.impact.histories import BEGIN
from touchline.core.impact.account import Period
from touchline.core.impact.curve import Curve
from touchline.core.impact.log_rank import log_rank
from touchline.core.impact.spells import Spell

lives = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=40)
PERIOD = Period(BEGIN - timedelta(days=9), BEGIN + timedelta(days=1))


def spells(its):
    """Spells that had lasted so many hours at BEGIN, and ended then or stood."""
    return [Spell("b", "nora", BEGIN - timedelta(hours=hours), "kay", ended_at=BEGIN if back else None) for hours, back in its]


@given(lives)
@settings(max_examples=60, deadline=None)
def test_the_held_curve_and_its_interval_are_those_of_lifelines(its):
    from lifelines import KaplanMeierFitter

    curve = Curve(spells(its), PERIOD, as_of=BEGIN)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = KaplanMeierFitter(alpha=0.05).fit([hours for hours, _ in its], [back for _, back in its])
    for hours in range(max(hours for hours, _ in its) + 1):
        held = curve.at(timedelta(hours=hours))
        assert held
        assert held.s == pytest.approx(float(theirs.predict(hours)), abs=1e-9)
        if 0 < held.s < 1:
            known = theirs.confidence_interval_.loc[:hours].iloc[-1]
            assert [held.low, held.high] == pytest.approx([float(known.iloc[0]), float(known.iloc[1])], abs=1e-9)


@given(lives, lives)
@settings(max_examples=60, deadline=None)
def test_the_log_rank_test_is_that_of_lifelines(one, other):
    from lifelines.statistics import logrank_test

    found = log_rank(spells(one), spells(other), as_of=BEGIN)
    assume(found)
    assert found
    hours, back = zip(*one, strict=True), zip(*other, strict=True)
    (durations_one, ended_one), (durations_other, ended_other) = hours, back
    theirs = logrank_test(durations_one, durations_other, ended_one, ended_other)
    assert found.chi_square == pytest.approx(theirs.test_statistic, abs=1e-9)
    assert found.p == pytest.approx(theirs.p_value, abs=1e-9)


@given(lives, lives)
def test_who_is_named_first_makes_no_difference(one, other):
    found, turned = log_rank(spells(one), spells(other), as_of=BEGIN), log_rank(spells(other), spells(one), as_of=BEGIN)
    assert (found is None) == (turned is None)
    if found and turned:
        assert found.chi_square == pytest.approx(turned.chi_square, abs=1e-9)
        assert found.p == pytest.approx(turned.p, abs=1e-9)
        assert not (found.sooner and turned.sooner)


def test_a_worked_case():
    """Two of three come back after an hour, and none of three others, of which each is watched for two."""
    one, other = [(1, True), (1, True), (2, False)], [(2, False)] * 3
    found = log_rank(spells(one), spells(other), as_of=BEGIN)
    assert found
    # Of six watched two came back: one was to be expected of the first three, with a variance of 2 · ½ · ½ · 4 ⁄ 5.
    assert (found.returned, found.expected) == (2, 1)
    assert found.chi_square == pytest.approx(1 / 0.4)
    assert found.p == pytest.approx(0.11384629800665805, abs=1e-12)
    assert found.sooner


def test_the_last_that_is_watched_says_nothing_alone():
    found = log_rank(spells([(1, True), (9, True)]), spells([(2, False)]), as_of=BEGIN)
    assert found
    assert (found.returned, found.expected) == (2, pytest.approx(2 / 3 + 1))
    assert found.chi_square == pytest.approx((1 / 3) ** 2 / (2 / 9))


def test_what_had_not_begun_then_is_not_in_it():
    one, other = spells([(1, True), (3, False)]), spells([(2, False), (5, True)])
    later = [Spell("b", "nora", BEGIN + timedelta(hours=1), "kay", ended_at=BEGIN + timedelta(hours=2))]
    assert log_rank([*one, *later], [*other, *later], as_of=BEGIN) == log_rank(one, other, as_of=BEGIN)


def test_where_nothing_can_be_compared_nothing_is_said():
    assert log_rank([], spells([(1, True)]), as_of=BEGIN) is None
    assert log_rank(spells([(1, False)]), spells([(2, False)]), as_of=BEGIN) is None
    assert log_rank([], [], as_of=BEGIN) is None


def test_every_time_of_a_return_adds_to_the_variance():
    """One of ours and one of theirs comes back at each of two times, until the last two are watched alone."""
    found = log_rank(spells([(1, True), (3, True)]), spells([(2, True), (4, False)]), as_of=BEGIN)
    assert found
    # After one hour 2 of 4 are ours, after two 1 of 3, after three 1 of 2.
    assert found.expected == pytest.approx(1 / 2 + 1 / 3 + 1 / 2)
    assert found.chi_square == pytest.approx((2 - 4 / 3) ** 2 / (1 / 4 + 2 / 9 + 1 / 4))
