"""Who is one and the same, and what was taken back."""

from datetime import UTC, datetime, timedelta

import pytest

from touchline.core.impact.events import Kind, NotValid, OutcomeEvent
from touchline.core.impact.people import Joins, People, refuse_join, standing

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def joined(id, person, into, hours=0):
    return OutcomeEvent(id, NINE + timedelta(hours=hours), Kind.JOINED, person=person, into=into)


def retracted(id, event):
    return OutcomeEvent(id, NINE, Kind.RETRACTED, event=event, by="kay")


def ids(events):
    return [event.id for event in events]


def test_a_retracted_event_is_gone_and_comes_back_when_the_retraction_is_taken_back():
    moved = OutcomeEvent("e1", NINE, Kind.MOVED, blocker="b", by="kay")
    assert ids(standing([moved])) == ["e1"]
    assert ids(standing([moved, retracted("r1", "e1")])) == ["r1"]
    assert ids(standing([moved, retracted("r1", "e1"), retracted("r2", "r1")])) == ["e1", "r2"]
    assert ids(standing([retracted("r3", "r2"), retracted("r2", "r1"), retracted("r1", "e1"), moved])) == ["r3", "r1"]


def test_of_two_retractions_one_that_stands_is_enough():
    moved = OutcomeEvent("e1", NINE, Kind.MOVED, blocker="b", by="kay")
    assert ids(standing([moved, retracted("r1", "e1"), retracted("r2", "e1"), retracted("r3", "r1")])) == ["r2", "r3"]


def test_a_retraction_of_what_is_not_known_yet_takes_nothing_else_back():
    assert ids(standing([retracted("r1", "e1"), retracted("r2", "e2")])) == ["r1", "r2"]


def test_a_chain_of_many_thousand_retractions_is_followed():
    chain = [retracted(f"r{n}", f"r{n + 1}") for n in range(50_000)]
    assert len(standing(chain)) == 25_000


@pytest.mark.parametrize("ring", [["r1"], ["r1", "r2"], ["r1", "r2", "r3"]])
def test_retractions_in_a_ring_are_not_valid(ring):
    others = [retracted("a", "e1"), retracted("b", "e2"), retracted("c", "e3")]
    with pytest.raises(NotValid, match="take it back in turn"):
        standing([retracted(*pair) for pair in zip(ring, [*ring[1:], ring[0]], strict=True)])
    with pytest.raises(NotValid, match="take it back in turn"):
        standing([*others, *(retracted(*pair) for pair in zip(ring, [*ring[1:], ring[0]], strict=True))])


def test_joins_are_followed_to_the_end():
    people = People([joined("j1", "nora-at-work", "nora-at-home"), joined("j2", "nora-at-home", "nora")])
    assert [people.of(person) for person in ("nora-at-work", "nora-at-home", "nora", "ilse")] == ["nora", "nora", "nora", "ilse"]


def test_of_joins_that_never_stood_together_the_first_by_time_holds():
    people = People([joined("j2", "nora-at-work", "ilse", hours=1), joined("j1", "nora-at-work", "nora")])
    assert people.of("nora-at-work") == "nora"
    people = People([joined("j2", "nora", "nora-at-work", hours=1), joined("j1", "nora-at-work", "nora")])
    assert people.of("nora-at-work") == people.of("nora") == "nora"


def test_a_second_join_a_cycle_and_a_join_with_oneself_are_refused():
    joins = {"nora-at-work": "nora-at-home", "nora-at-home": "nora"}
    refuse_join("ilse", "nora-at-work", joins)
    for person, into in [("nora-at-work", "ilse"), ("nora", "nora-at-work"), ("nora", "nora-at-home"), ("ilse", "ilse")]:
        with pytest.raises(NotValid):
            refuse_join(person, into, joins)


def test_joins_keep_what_stands_through_any_undo_and_redo():
    joins = Joins()
    steps = [
        (joined("j1", "nora-at-work", "nora"), {"nora-at-work": "nora"}),
        (retracted("r1", "j1"), {}),
        (retracted("r2", "r1"), {"nora-at-work": "nora"}),
        (retracted("r3", "r2"), {}),
        (joined("j2", "nora-at-work", "ilse"), {"nora-at-work": "ilse"}),
        (retracted("r4", "r3x"), {"nora-at-work": "ilse"}),
        (retracted("r3x", "j2"), {"nora-at-work": "ilse"}),  # taken back before it came
        (retracted("r5", "j2"), {}),
    ]
    for event, into in steps:
        joins.record(event)
        assert joins.into == into, event.id
