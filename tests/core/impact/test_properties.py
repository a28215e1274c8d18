"""What must always hold (the last section of IMPACT.md), on random histories."""

import json
import random
from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.core.impact import oracle
from tests.core.impact.histories import BEGIN, PERSONS, ZONES, drafts, histories, instants, ledger, periods
from tests.core.impact.test_cases import same
from touchline.core.impact.account import Period, had_a_hand, people_helped, took_part, who
from touchline.core.impact.check_ins import check_ins
from touchline.core.impact.curve import Curve
from touchline.core.impact.events import NotValid
from touchline.core.impact.report import all_spells, report
from touchline.core.impact.spells import DEFAULT, Spell

zones = st.sampled_from(ZONES)


def told(lines, period, as_of, tz):
    return report(ledger(lines), from_=period[0], to=period[1], as_of=as_of, tz=ZoneInfo(tz))


@settings(max_examples=300)
@given(histories(), periods, instants, zones)
def test_the_account_is_what_the_page_says(lines, period, as_of, tz):
    same(told(lines, period, as_of, tz), oracle.account(lines, *period, as_of, tz))


@settings(max_examples=300)
@given(drafts(most=2))
def test_a_ledger_is_refused_exactly_when_a_line_does_not_fit(lines):
    try:
        ledger(lines)
        taken = True
    except NotValid:
        taken = False
    assert taken == oracle.fits(lines)


@given(histories(), periods, instants, zones)
def test_grades_sum_to_the_total_and_days_to_no_less(lines, period, as_of, tz):
    account = told(lines, period, as_of, tz)
    grades = dict(account["people_helped"])
    total = grades.pop("total")
    assert sum(grades.values()) == total
    assert sum(day["people_helped"] for day in account["by_day"]) >= total
    assert len(account["by_day"]) == (period[1] - period[0]).days


@given(histories(), periods, instants, zones)
def test_every_figure_is_the_length_of_a_list(lines, period, as_of, tz):
    spells = all_spells(event for event in ledger(lines) if event.at <= as_of)
    during = Period.of_days(*period, ZoneInfo(tz))
    people = who(spells, during, as_of=as_of, horizons=DEFAULT)
    figures = people_helped(spells, during, as_of=as_of, horizons=DEFAULT)
    assert len(people.helped) == figures.total == len({known.person for known in people.helped})
    assert len(people.came_back) == figures.came_back == len({back.person for back in people.came_back})
    for known in people.helped:
        assert known.person == known.spell.person and known.spell.began_at in during and known.spell.stands(as_of)
        assert known.evidence is known.spell.evidence(as_of, DEFAULT)
    for back in people.came_back:
        assert back.person == back.spell.person and back.spell.began_at in during and not back.spell.stands(as_of)
    hands = had_a_hand(spells, during, as_of=as_of)
    assert {by: len(persons) for by, persons in hands.items()} == took_part(spells, during, as_of=as_of)


@given(histories(), periods, instants, zones, st.randoms(use_true_random=False))
def test_the_order_in_which_events_are_handed_over_does_not_matter(lines, period, as_of, tz, chance: random.Random):
    events = ledger(lines)
    shuffled = list(events)
    chance.shuffle(shuffled)
    asked = {"from_": period[0], "to": period[1], "as_of": as_of, "tz": ZoneInfo(tz)}
    assert report(shuffled, **asked) == report(events, **asked)


@given(histories(corrected=False), periods, instants, zones, st.randoms(use_true_random=False))
def test_lines_need_not_be_sorted_where_no_times_are_equal(lines, period, as_of, tz, chance: random.Random):
    later = [
        {**line, "at": (oracle.datetime.fromisoformat(line["at"]) + timedelta(microseconds=n)).isoformat()}
        for n, line in enumerate(lines)
    ]
    shuffled = list(later)
    chance.shuffle(shuffled)
    assert told(shuffled, period, as_of, tz) == told(later, period, as_of, tz)


@given(histories(), periods, instants, zones, st.randoms(use_true_random=False))
def test_recording_an_event_twice_changes_nothing(lines, period, as_of, tz, chance: random.Random):
    twice = list(lines)
    for line in chance.sample(lines, k=min(5, len(lines))):
        twice.insert(chance.randint(lines.index(line) + 1, len(twice)), line)
    # A repeated line must stand after the first, and it need not say the same.
    first = {}
    for place, line in enumerate(twice):
        first.setdefault(line["id"], place)
    assume([line["id"] for place, line in enumerate(twice) if first[line["id"]] == place] == [line["id"] for line in lines])
    twice = [line if first[line["id"]] == place else {**line, "at": "2026-03-01T00:00:00Z"} for place, line in enumerate(twice)]
    assert told(twice, period, as_of, tz) == told(lines, period, as_of, tz)


@given(histories(), periods, zones, st.integers(0, 40))
def test_a_retracted_event_is_as_if_it_had_never_been(lines, period, tz, n):
    as_of = max(oracle.datetime.fromisoformat(line["at"]) for line in lines)
    target = lines[n % len(lines)]
    assume(not any(line["kind"] == "retracted" and line["event"] == target["id"] for line in lines))
    without = [line for line in lines if line is not target]
    taken_back = [*lines, {"id": "mistake", "kind": "retracted", "at": as_of.isoformat(), "event": target["id"], "by": "kay"}]
    assume(oracle.fits(without) and oracle.fits(taken_back))
    assert told(taken_back, period, as_of, tz) == told(without, period, as_of, tz)
    again = [*taken_back, {"id": "not-one", "kind": "retracted", "at": as_of.isoformat(), "event": "mistake", "by": "kay"}]
    assert told(again, period, as_of, tz) == told(lines, period, as_of, tz)


@given(histories(), periods, instants, zones, st.permutations(PERSONS))
def test_joining_two_people_never_raises_a_count(lines, period, as_of, tz, persons):
    join = {"id": "join", "kind": "joined", "at": "2026-03-01T00:00:00Z", "person": persons[0], "into": persons[1]}
    assume(oracle.fits([*lines, join]))
    # As of some instants a later join gives way to this one, and then one person more may be two again.
    assume(not any(line["kind"] == "joined" and line["person"] == persons[0] for line in lines))
    apart, joined = told(lines, period, as_of, tz), told([*lines, join], period, as_of, tz)
    assert joined["came_back"] <= apart["came_back"]
    for grade, count in joined["people_helped"].items():
        assert count <= apart["people_helped"][grade]
    for teammate, count in joined["took_part"].items():
        assert count <= apart["took_part"][teammate]
    for day, before in zip(joined["by_day"], apart["by_day"], strict=True):
        assert day["people_helped"] <= before["people_helped"] and day["came_back"] <= before["came_back"]


@given(histories(), periods, instants, zones, st.sampled_from(["b0", "b1", "b2"]))
def test_withdrawing_a_blocker_never_raises_what_was_helped(lines, period, as_of, tz, blocker):
    withdrawal = {"id": "never", "kind": "withdrawn", "at": "2026-03-01T00:00:00Z", "blocker": blocker, "why": "spam"}
    stood, withdrawn = told(lines, period, as_of, tz), told([*lines, withdrawal], period, as_of, tz)
    assert withdrawn["people_helped"]["total"] <= stood["people_helped"]["total"]
    for day, before in zip(withdrawn["by_day"], stood["by_day"], strict=True):
        assert day["people_helped"] <= before["people_helped"]
    for teammate, count in withdrawn["took_part"].items():
        assert count <= stood["took_part"][teammate]


@given(histories(), periods, instants, instants, zones)
def test_spells_kept_from_the_last_event_serve_whatever_later_instant(lines, period, one, other, tz):
    last, as_of = sorted([one, other])
    events = [event for event in ledger(lines) if event.at <= last]
    figures_agree(all_spells(events), events, period, as_of, tz)


@given(histories(corrected=False), periods, instants, zones)
def test_spells_serve_an_earlier_instant_too_where_nothing_was_corrected(lines, period, as_of, tz):
    # Evidence, ends and answers come with their times, and count only once those have come.
    early = [{**line, "at": "2026-03-01T00:00:00Z"} if line["kind"] == "raised" else line for line in lines]
    events = ledger(early)
    figures_agree(all_spells(events), events, period, as_of, tz)


def figures_agree(spells, events, period, as_of, tz):
    """The account worked out from kept spells is the one worked out afresh from the ledger."""
    account = report(events, from_=period[0], to=period[1], as_of=as_of, tz=ZoneInfo(tz))
    during = Period.of_days(*period, ZoneInfo(tz))
    figures = people_helped(spells, during, as_of=as_of, horizons=DEFAULT)
    grades = {evidence.name.lower(): count for evidence, count in figures.by_evidence.items()}
    assert account["people_helped"] == {"total": figures.total} | grades
    assert account["came_back"] == figures.came_back
    assert account["took_part"] == took_part(spells, during, as_of=as_of)
    curve = Curve(spells, during, as_of=as_of)
    for name, horizon in oracle.HORIZONS.items():
        held = curve.at(horizon)
        assert account["held_curve"][name] == (held._asdict() if held else None)
    counts = check_ins(spells, during, as_of=as_of)
    assert (account["check_ins"]["asked"], account["check_ins"]["yes"], account["check_ins"]["no"]) == tuple(counts)


lives = st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=40)


@given(lives, st.integers(0, 13))
def test_the_held_curve_is_what_an_independent_one_is(lives, horizon):
    # Every spell began when it had to, for it to have lasted so many hours at the instant of looking.
    began = [BEGIN - timedelta(hours=hours) for hours, _ in lives]
    ended = [BEGIN if back else None for _, back in lives]
    spells = [Spell("b", "nora", *times) for times in zip(began, ["kay"] * len(lives), ended, strict=True)]
    naive = [{"duration": timedelta(hours=hours), "end": back} for hours, back in lives]
    t = timedelta(hours=horizon)
    held = Curve(spells, Period(BEGIN - timedelta(days=9), BEGIN + timedelta(days=1)), as_of=BEGIN).at(t)
    same(held._asdict() if held else None, oracle.held(naive, t))


def test_the_random_histories_are_worth_something():
    """They hold every kind of event and every kind of figure, or the properties above would be kept by silence."""
    seen = set()

    @settings(max_examples=300, derandomize=True, database=None)
    @given(histories(), periods, instants)
    def look(lines, period, as_of):
        seen.update(line["kind"] for line in lines)
        account = told(lines, period, as_of, "Europe/Dublin")
        seen.update(name for name, count in account["people_helped"].items() if count)
        seen.update(name for name in ("yes", "no", "silent", "rate") if account["check_ins"][name])
        seen.update(f"{name} held" for name, held in account["held_curve"].items() if held and 0 < held["s"] < 1)
        seen.update(["came back"] if account["came_back"] else [])
        json.dumps(account)

    look()
    kinds = {"raised", "took_part", "moved", "asked", "returned", "withdrawn", "joined", "retracted"}
    figures = {"total", "confirmed", "observed", "held", "early", "came back", "yes", "no", "silent", "rate"}
    figures |= {"hours held", "days held", "weeks held"}
    assert kinds | figures <= seen
