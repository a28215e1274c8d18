"""Ties, bounds and sentences: what a program changed by one sign would get wrong. Most of these a mutation run has asked for."""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from touchline.core.impact.account import Period, by_day, by_label, by_part, days, people_helped, who
from touchline.core.impact.events import Kind, NotValid, OutcomeEvent, check, in_utc, shown
from touchline.core.impact.ledger import read
from touchline.core.impact.people import Joins, People
from touchline.core.impact.reach import ThisHelped, reach
from touchline.core.impact.report import all_spells, report, report_of
from touchline.core.impact.spells import DEFAULT, Evidence, Horizons, Spell, spells

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MARCH = Period(AT - DAY, AT + 30 * DAY)
LATER = AT + 60 * DAY


def spell(person, began=AT, ended=None, blocker="b", **more):
    return Spell(blocker, person, began, "kay", ended_at=ended, **more)


def test_of_two_spells_with_the_same_evidence_the_first_says_so():
    first, second = spell("nora"), spell("nora", AT + HOUR, blocker="c")
    told = who([second, first], MARCH, as_of=LATER, horizons=DEFAULT)
    assert [known.spell for known in told.helped] == [first]


def test_of_several_that_came_back_the_one_that_ended_last_is_named_and_of_two_at_once_the_first():
    early = spell("nora", AT, AT + 5 * DAY, "a")
    late = spell("nora", AT + HOUR, AT + 9 * DAY, "b")
    same = spell("nora", AT + 2 * HOUR, AT + 9 * DAY, "c")
    between = spell("nora", AT + 3 * HOUR, AT + 7 * DAY, "d")
    told = who([early, late, same, between], MARCH, as_of=LATER, horizons=DEFAULT)
    assert [back.spell for back in told.came_back] == [late]


def test_the_lists_are_in_the_order_in_which_their_spells_started():
    helped = [spell("zoe", AT, blocker="1"), spell("ada", AT + HOUR, blocker="2")]
    back = [spell("yan", AT, AT + DAY, "3"), spell("bo", AT + HOUR, AT + DAY, "4")]
    told = who([*reversed(helped), *reversed(back)], MARCH, as_of=LATER, horizons=DEFAULT)
    assert [known.person for known in told.helped] == ["zoe", "ada"]
    assert [known.person for known in told.came_back] == ["yan", "bo"]


def test_the_grades_are_told_the_strongest_first():
    figures = people_helped([], MARCH, as_of=LATER, horizons=DEFAULT)
    assert list(figures.by_evidence) == [Evidence.CONFIRMED, Evidence.OBSERVED, Evidence.HELD, Evidence.EARLY]


def test_no_days_are_no_days_even_at_the_ends_of_the_calendar():
    assert days(date.min, date.min, ZoneInfo("Asia/Tokyo")) == []
    assert by_part([spell("nora")], [], as_of=LATER, horizons=DEFAULT) == []


def test_weeks_that_bound_a_month_count_what_starts_on_their_edges_once():
    parts = [(date(2026, 3, 2), Period(AT, AT + 7 * DAY)), (date(2026, 3, 9), Period(AT + 7 * DAY, AT + 14 * DAY))]
    its = [spell("nora", AT), spell("ilse", AT + 7 * DAY), spell("tomas", AT + 14 * DAY), spell("pavel", AT - HOUR)]
    counted = by_part(its, parts, as_of=LATER, horizons=DEFAULT)
    assert [(part.day, part.people_helped, part.came_back) for part in counted] == [
        (date(2026, 3, 2), 1, 0),
        (date(2026, 3, 9), 1, 0),
    ]


def test_what_is_counted_by_label_counts_under_every_label_that_it_has():
    its = [
        spell("nora", answers=frozenset({"a", "b"})),
        spell("ilse", answers=frozenset({"b"})),
        spell("tomas"),
        spell("late", LATER + DAY, answers=frozenset({"a"})),
        spell("after", AT + 2 * DAY, answers=frozenset({"b"})),
    ]
    counted = by_label(its, lambda one: one.answers, MARCH, as_of=AT + DAY, horizons=DEFAULT)
    assert {label: figures.total for label, figures in counted.items()} == {"a": 1, "b": 2}
    assert list(counted) == ["a", "b"]


def test_a_day_has_what_started_at_its_first_instant():
    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    told = by_day([spell("nora", midnight)], date(2026, 3, 2), date(2026, 3, 4), UTC, as_of=LATER, horizons=DEFAULT)
    assert [day.people_helped for day in told] == [0, 1]


def test_a_spell_says_whose_blocker_it_was_and_how_it_was_learned_that_it_is_back():
    lines = [
        OutcomeEvent("r", AT, Kind.RAISED, "b", person="nora"),
        OutcomeEvent("m", AT + HOUR, Kind.MOVED, "b", by="kay"),
        OutcomeEvent("x", AT + 2 * HOUR, Kind.RETURNED, "b", source="check_in"),
        OutcomeEvent("n", AT + 3 * HOUR, Kind.MOVED, "b", by="sam"),
    ]
    assert [(one.blocker, one.person, one.returned_source) for one in spells(lines)] == [
        ("b", "nora", "check_in"),
        ("b", "nora", ""),
    ]


def test_the_account_is_told_in_utc_wherever_the_machine_stands(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        told = report([], from_=date(2026, 3, 1), to=date(2026, 3, 2), as_of=AT, tz=ZoneInfo("Europe/Dublin"))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert told["as_of"] == "2026-03-02T09:00:00Z"


def event(kind, id, **fields):
    return OutcomeEvent(id, AT, kind, **fields)


def test_a_retraction_of_a_retraction_of_a_retraction_is_followed_all_the_way():
    joins = Joins()
    joins.record(event(Kind.JOINED, "j", person="a", into="b"))
    for number, target in enumerate(["j", "r1", "r2", "r3"], start=1):
        joins.record(event(Kind.RETRACTED, f"r{number}", event=target, by="kay"))
        assert joins.into == ({} if number % 2 else {"a": "b"})
    with pytest.raises(NotValid, match="joined into b already"):
        joins.record(event(Kind.JOINED, "k", person="a", into="c"))


def test_a_join_that_was_taken_back_twice_stays_taken_back_until_both_are():
    joins = Joins()
    joins.record(event(Kind.JOINED, "j", person="a", into="b"))
    for id, target in (("r1", "j"), ("r2", "j"), ("s1", "r1")):
        joins.record(event(Kind.RETRACTED, id, event=target, by="kay"))
        assert joins.into == {}
    joins.record(event(Kind.RETRACTED, "s2", event="r2", by="kay"))
    assert joins.into == {"a": "b"}


def test_those_who_are_known_as_someone_else():
    people = People([event(Kind.JOINED, "j", person="a", into="b"), event(Kind.JOINED, "k", person="b", into="c")])
    assert people.joined == {"a", "b"}
    assert [people.of(name) for name in "abcd"] == ["c", "c", "c", "d"]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("[" * 5000, "This is nested too deeply to be read."),
        ("[1]", "This is JSON, but not an object with fields."),
        ('{"kind": ""}', "`kind` is missing."),
        ('{"kind": null}', "`kind` is missing."),
        ('{"kind": "moved", "at": "2026-03-02T10:00:00", "blocker": "b", "by": "k"}',
         "The time '2026-03-02T10:00:00' has no zone: write Z after it, or its distance from UTC."),
        ('{"kind": "moved", "at": "0001-01-01T00:00:00+14:00", "blocker": "b", "by": "k"}',
         "The time '0001-01-01T00:00:00+14:00' lies outside the years 1 to 9999."),
    ],
)  # fmt: skip
def test_a_line_is_refused_in_these_words(line, sentence):
    with pytest.raises(NotValid) as refusal:
        read(['{"kind": "raised", "at": "2026-03-02T09:00:00Z", "blocker": "b", "person": "nora"}', line])
    assert (refusal.value.reason, refusal.value.line) == (sentence, 2)
    assert str(refusal.value) == f"Line 2: {sentence}"


def test_a_refusal_without_a_line_is_the_sentence_alone():
    assert str(NotValid("It cannot be.")) == "It cannot be."


def test_a_word_that_cannot_be_is_named():
    with pytest.raises(NotValid) as refusal:
        check(event(Kind.RETURNED, "r", blocker="b", source="a rumour"))
    assert refusal.value.reason == "`source` is 'a rumour', and can only be message, check_in, teammate."


def test_a_long_value_is_cut_where_it_is_told():
    assert shown("x" * 58) == "'" + "x" * 58 + "'"
    assert shown("x" * 59) == "'" + "x" * 56 + "..."


def test_an_instant_without_a_zone_is_told_as_it_was_written():
    with pytest.raises(ValueError, match="'2026-03-02T10:00:00' has no zone"):
        in_utc("2026-03-02T10:00:00")


def test_what_happens_at_the_very_instant_of_looking_is_known():
    said = [ThisHelped("nora", "resetting", "signing-in", AT)]
    raised = [event(Kind.RAISED, "r", blocker="b", person="nora", topic="signing-in")]
    asked = {"spells": [], "as_of": AT, "horizons": DEFAULT}
    assert reach({"resetting"}, said=said, raised=[], **asked) == {"nora"}
    assert reach({"resetting"}, said=said, raised=raised, **asked) == set()


def test_a_label_has_only_what_started_in_the_period_and_by_the_instant_of_looking():
    its = [spell("nora", AT), spell("ilse", AT - 9 * DAY), spell("tomas", AT + DAY)]
    counted = by_label(its, lambda one: ["all"], MARCH, as_of=AT, horizons=DEFAULT)
    assert counted["all"].total == 1
    assert by_label(its[1:], lambda one: ["all"], MARCH, as_of=AT, horizons=DEFAULT) == {}


def test_a_report_keeps_the_horizons_of_the_team():
    events = [event(Kind.RAISED, "r", blocker="b", person="nora"), event(Kind.MOVED, "m", blocker="b", by="kay")]
    asked = {"from_": date(2026, 3, 1), "to": date(2026, 3, 9), "as_of": AT + DAY, "tz": ZoneInfo("UTC")}
    quick = Horizons(HOUR, 2 * HOUR, DAY)
    assert report(events, **asked)["people_helped"]["early"] == 1
    assert report(events, **asked, horizons=quick)["people_helped"]["held"] == 1
    assert report_of(all_spells(events), **asked) == report(events, **asked)
