"""The account in small stories: what counts, from when to when, and how we know."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tests.core.impact.histories import ledger
from tests.core.impact.oracle import midnight as naive_midnight
from tests.core.impact.oracle import wilson as naive_wilson
from touchline.core.impact.account import Period, by_day, days, midnight, people_helped, took_part, who
from touchline.core.impact.check_ins import check_ins, wilson
from touchline.core.impact.curve import Curve
from touchline.core.impact.report import all_spells, report
from touchline.core.impact.spells import DEFAULT, Evidence, Horizons, spells

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MARCH = Period(MONDAY, MONDAY + timedelta(days=30))
DUBLIN = ZoneInfo("Europe/Dublin")


def at(day, hour=0):
    return MONDAY + timedelta(days=day, hours=hour)


def story(*happenings, person="nora", blocker="sign-in"):
    """Lines of one blocker, an hour after one another on Monday, or at the day and hour that stands before the kind."""
    lines = [{"kind": "raised", "person": person, "at": MONDAY.isoformat()}]
    for n, happening in enumerate(happenings, start=1):
        moment, kind, fields = happening if len(happening) == 3 else (at(0, n), *happening)
        lines.append({"kind": kind, "at": moment.isoformat()} | fields)
    return [{"id": f"{blocker}-{n}", "blocker": blocker, **line} for n, line in enumerate(lines)]


def moved(by="kay"):
    return "moved", {"by": by}


def back(source="message"):
    return "returned", {"source": source}


def confirmed(source="message"):
    return "confirmed", {"source": source}


def hand(by, how="reply", **fields):
    return "took_part", {"by": by, "how": how, **fields}


OBSERVED = ("observed", {"event": "site.published"})
ASKED = ("asked", {"horizon": "days", "random": True})


def figures(lines, as_of, during=MARCH):
    known = all_spells(event for event in ledger(lines) if event.at <= as_of)
    helped = people_helped(known, during, as_of=as_of, horizons=DEFAULT)
    return helped.total, helped.came_back


def grade(lines, as_of):
    people = who(all_spells(ledger(lines)), MARCH, as_of=as_of, horizons=DEFAULT)
    return [(known.person, known.evidence) for known in people.helped]


def test_nora_is_helped_from_the_moment_her_blocker_is_moved_until_it_is_back():
    lines = story(moved(), (at(5), *back()))
    assert figures(lines, at(0)) == (0, 0)
    assert figures(lines, at(0, 1)) == (1, 0)
    assert figures(lines, at(5) - timedelta(microseconds=1)) == (1, 0)
    assert figures(lines, at(5)) == (0, 1)


def test_moved_again_she_is_helped_again_and_did_not_come_back():
    lines = story(moved(), back(), moved(by="sam"))
    assert figures(lines, at(1)) == (1, 0)
    first, second = spells(ledger(lines))
    assert (first.ended_at, first.returned_source, first.began_by) == (at(0, 2), "message", "kay")
    assert (second.began_at, second.ended_at, second.began_by) == (at(0, 3), None, "sam")


def test_a_second_moved_and_a_returned_outside_a_spell_change_nothing():
    lines = story(back(), moved(), moved(by="sam"), back(), back())
    (spell,) = spells(ledger(lines))
    assert (spell.began_at, spell.began_by, spell.ended_at) == (at(0, 2), "kay", at(0, 4))


def test_she_counts_once_however_many_blockers_under_the_strongest_evidence():
    lines = story(moved()) + story(moved(), OBSERVED, blocker="invoice") + story(moved(), confirmed(), back(), blocker="parcel")
    assert grade(lines, at(1)) == [("nora", Evidence.OBSERVED)]  # what came back is no evidence
    assert figures(lines, at(1)) == (1, 0)


def test_evidence_counts_within_its_spell_by_order_and_not_by_the_clock():
    noon = at(0, 12)
    lines = story((noon, *confirmed()), (noon, *moved()), (noon, *OBSERVED), (noon, *back()), (noon, *confirmed()))
    (spell,) = spells(ledger(lines))
    assert (spell.confirmed_at, spell.observed_at) == (None, noon)
    assert spell.lasted(at(1)) == timedelta(0)
    lines = story((noon, *moved()), (noon, *confirmed()))
    assert grade(lines, noon) == [("nora", Evidence.CONFIRMED)]


def test_held_is_from_exactly_three_weeks_on_and_early_before():
    lines = story(moved())
    assert grade(lines, at(21, 1) - timedelta(microseconds=1)) == [("nora", Evidence.EARLY)]
    assert grade(lines, at(21, 1)) == [("nora", Evidence.HELD)]
    (spell,) = spells(ledger(lines))
    assert spell.evidence(at(7, 1), Horizons(weeks=timedelta(days=7))) is Evidence.HELD


def test_a_withdrawn_blocker_counts_nowhere_once_that_is_known():
    lines = story(moved(), confirmed(), (at(9), "withdrawn", {"why": "spam"}))
    assert figures(lines, at(8)) == (1, 0)
    assert figures(lines, at(9)) == (0, 0)
    assert spells(ledger(lines)) == []


def test_a_blocker_counts_from_when_it_was_raised_though_that_was_told_late():
    lines = [line | {"at": at(3).isoformat()} if line["kind"] == "raised" else line for line in story(moved())]
    assert figures(lines, at(2)) == (0, 0)
    assert figures(lines, at(3)) == (1, 0)
    assert spells(ledger(lines[1:])) == []


def test_two_who_are_one_person_count_once_in_the_past_too():
    join = {"id": "j1", "kind": "joined", "at": at(9).isoformat(), "person": "nora-at-work", "into": "nora"}
    lines = [*story(moved()), *story(moved(), blocker="invoice", person="nora-at-work"), join]
    assert figures(lines, at(8)) == (2, 0)
    assert figures(lines, at(9)) == (1, 0)


def test_who_came_back_names_the_spell_that_ended_last():
    lines = story(moved(), back(), moved(), (at(4), *back())) + story(moved(), blocker="invoice", person="ilse")
    people = who(spells(ledger(lines[:5])) + spells(ledger(lines[5:])), MARCH, as_of=at(9), horizons=DEFAULT)
    assert [(known.person, known.evidence) for known in people.helped] == [("ilse", Evidence.EARLY)]
    assert [(known.person, known.spell.ended_at) for known in people.came_back] == [("nora", at(4))]


def test_everyone_with_a_hand_before_the_start_took_part_in_full():
    lines = story(hand("sam", "review"), hand("mo", "note"), moved("kay"), hand("ravi"))
    lines += story(moved("sam"), back(), blocker="invoice", person="ilse")
    known = all_spells(ledger(lines))
    assert took_part(known, MARCH, as_of=at(1)) == {"kay": 1, "mo": 1, "sam": 1}
    assert took_part(known, MARCH, as_of=at(0, 1)) == {"sam": 1}  # while Ilse's still held


def test_a_hand_in_the_first_try_is_a_hand_in_what_holds_at_last():
    lines = story(hand("sam"), moved("sam"), back(), moved("kay"))
    assert took_part(all_spells(ledger(lines)), MARCH, as_of=at(1)) == {"kay": 1, "sam": 1}


def test_a_spell_belongs_to_the_day_in_which_it_began():
    lines = story((at(1) - timedelta(microseconds=1), *moved())) + story((at(1), *moved()), blocker="invoice", person="ilse")
    known = all_spells(ledger(lines))
    during = date(2026, 3, 1), date(2026, 3, 5)
    counted = by_day(known, *during, UTC, as_of=at(9), horizons=DEFAULT)
    assert [(day.day.day, day.people_helped, day.came_back) for day in counted] == [(1, 0, 0), (2, 1, 0), (3, 1, 0), (4, 0, 0)]
    assert by_day(known, during[0], during[0], UTC, as_of=at(9), horizons=DEFAULT) == []


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("Europe/Dublin", date(2026, 3, 29), "2026-03-29T00:00:00Z"),
        ("Europe/Dublin", date(2026, 3, 30), "2026-03-29T23:00:00Z"),
        ("America/Sao_Paulo", date(2017, 10, 15), "2017-10-15T03:00:00Z"),  # clocks go from 00:00 to 01:00
        ("America/Sao_Paulo", date(2018, 2, 18), "2018-02-18T03:00:00Z"),  # and back at 00:00 to 23:00 of the day before
        ("America/St_Johns", date(2006, 10, 29), "2006-10-29T02:30:00Z"),  # back at 00:01: the date is borne for a minute
        ("America/Havana", date(2025, 11, 2), "2025-11-02T04:00:00Z"),  # back at 01:00 to 00:00: midnight twice
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00:00Z"),  # a day that never was
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00:00Z"),
        ("America/Scoresbysund", date(2024, 3, 31), "2024-03-31T01:00:00Z"),  # clocks go over midnight with the zone's change
        ("America/Toronto", date(1919, 3, 31), "1919-03-31T04:30:00Z"),  # clocks go from 23:30 to 00:30
        ("Asia/Tehran", date(2021, 3, 22), "2021-03-21T20:30:00Z"),
    ],
)
def test_a_day_begins_at_the_first_instant_that_bears_its_date(zone, day, begins):
    assert midnight(day, ZoneInfo(zone)) == datetime.fromisoformat(begins) == naive_midnight(day, zone)
    assert midnight(day, ZoneInfo(zone)).tzinfo is UTC


@pytest.mark.parametrize("zone", ["America/Toronto", "Africa/Cairo", "Asia/Amman", "America/Asuncion", "Pacific/Kwajalein"])
def test_no_instant_before_a_midnight_bears_its_date_or_a_later_one(zone):
    for year in (1993, 2005, 2014):
        for n in range(366):
            day = date(year, 1, 1) + timedelta(days=n)
            begins = midnight(day, ZoneInfo(zone))
            assert begins.astimezone(ZoneInfo(zone)).date() >= day
            just_before = (begins - timedelta(microseconds=1)).astimezone(ZoneInfo(zone))
            assert just_before.date() < day


def test_the_days_of_a_period_lie_end_to_end():
    spring = days(date(2026, 3, 28), date(2026, 3, 31), DUBLIN)
    assert [(period.to - period.from_).total_seconds() / 3600 for _, period in spring] == [24, 23, 24]
    assert [before.to == after.from_ for (_, before), (_, after) in pairwise(spring)] == [True, True]
    ((_, skipped),) = days(date(2011, 12, 30), date(2011, 12, 31), ZoneInfo("Pacific/Apia"))
    assert skipped.from_ == skipped.to and skipped.from_ not in skipped


def test_an_empty_period_has_an_empty_account_and_a_period_backwards_none():
    asked = {"from_": date(2026, 3, 5), "as_of": at(9), "tz": DUBLIN}
    account = report(ledger(story(moved())), to=date(2026, 3, 5), **asked)
    assert account["people_helped"] == {"total": 0, "confirmed": 0, "observed": 0, "held": 0, "early": 0}
    assert (account["by_day"], account["took_part"], account["came_back"]) == ([], {}, 0)
    assert account["held_curve"] == {"hours": None, "days": None, "weeks": None}
    assert account["check_ins"]["asked"] == 0 and account["check_ins"]["bounds"] is None
    with pytest.raises(ValueError, match="before it begins"):
        report([], to=date(2026, 3, 4), **asked)


def test_a_desk_tells_each_teammate_their_own_part_and_no_other():
    asked = {"from_": date(2026, 3, 1), "to": date(2026, 4, 1), "as_of": at(9), "tz": DUBLIN}
    events = ledger(story(hand("sam"), moved()))
    assert report(events, **asked)["took_part"] == {"kay": 1, "sam": 1}
    assert report(events, teammate="sam", everyone=False, **asked)["took_part"] == {"sam": 1}
    assert report(events, teammate="mo", everyone=False, **asked)["took_part"] == {"mo": 0}
    assert "took_part" not in report(events, everyone=False, **asked)


def test_the_curve_by_hand():
    # Of six spells one came back after 4 h, one after 2 days; one is looked at after 2 days, three after 30.
    lines = story((at(0, 4), *back()), blocker="none")
    for blocker, begin, end in [("a", 1, 5), ("b", 0, 48), ("d", 0, None), ("e", 0, None), ("f", 0, None)]:
        lines += story((at(0, begin), *moved()), *([(at(0, end), *back())] if end else []), blocker=blocker)
    lines += story((at(28), *moved()), blocker="c")
    curve = Curve(all_spells(ledger(lines)), MARCH, as_of=at(30))
    assert curve.at(timedelta(0)) == (1, 1, 1, 6)
    assert curve.at(timedelta(hours=4) - timedelta(microseconds=1)) == (1, 1, 1, 6)
    assert curve.at(timedelta(hours=4)).s == pytest.approx(5 / 6)  # a return at the horizon counts
    assert curve.at(timedelta(hours=4)).at_risk == 6  # and was at risk
    two_days = curve.at(timedelta(days=2))
    assert (two_days.s, two_days.at_risk) == (pytest.approx(5 / 6 * 4 / 5), 5)  # returns go before censorings
    assert two_days.low < two_days.s < two_days.high
    assert curve.at(timedelta(days=30)).at_risk == 3  # exactly as long as the longest: a figure
    assert curve.at(timedelta(days=30, microseconds=1)) is None  # past it: too early to say


def test_a_curve_that_falls_to_nothing_is_sure_of_it():
    curve = Curve(all_spells(ledger(story(moved(), (at(0, 5), *back())))), MARCH, as_of=at(9))
    assert curve.at(timedelta(hours=4)) == (0, 0, 0, 1)


def test_check_ins_hear_yes_no_or_nothing():
    answers = {
        "yes": [confirmed("check_in")],
        "no": [back("check_in")],
        "yes, then no": [confirmed("check_in"), back("check_in")],
        "yes, and back by mail": [confirmed("check_in"), back("message")],
        "told by mail": [confirmed("message")],
        "nothing": [],
    }
    lines = [line for name, more in answers.items() for line in story(moved(), ASKED, *more, blocker=name)]
    lines += story(moved(), ("asked", {"horizon": "days"}), confirmed("check_in"), blocker="not drawn")
    lines += story(moved(), back(), ASKED, blocker="asked too late")
    counts = check_ins(all_spells(ledger(lines)), MARCH, as_of=at(9))
    assert (counts.asked, counts.yes, counts.no, counts.silent) == (6, 2, 2, 2)
    assert counts.bounds == (2 / 6, 4 / 6)
    assert counts.rate is None  # four answers are too few
    lines += story(moved(), ASKED, confirmed("check_in"), blocker="one more")
    assert check_ins(all_spells(ledger(lines)), MARCH, as_of=at(9)).rate == wilson(3, 5)


def test_the_interval_of_a_rate_is_wilsons():
    for of in range(1, 60):
        for yes in range(of + 1):
            rate = wilson(yes, of)
            assert rate == pytest.approx(naive_wilson(yes, of), abs=1e-9)
            assert 0 <= rate.low <= rate.rate <= rate.high <= 1
    assert wilson(9, 11) == pytest.approx((0.8181818, 0.5230, 0.9486), abs=5e-5)  # the example of IMPACT.md


def test_evidence_has_words_and_an_order():
    assert sorted(Evidence) == [Evidence.EARLY, Evidence.HELD, Evidence.OBSERVED, Evidence.CONFIRMED]
    assert len({evidence.words for evidence in Evidence}) == 4
