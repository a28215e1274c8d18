"""How far an answer went."""

from datetime import UTC, datetime, timedelta

from touchline.core.impact.events import Kind, OutcomeEvent
from touchline.core.impact.reach import ThisHelped, reach, with_descendants
from touchline.core.impact.spells import DEFAULT, spells

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def blocker_of(person, answer, *, sent=1, moved=2, back=None):
    def event(kind, hours, **fields):
        return OutcomeEvent("", MONDAY + timedelta(hours=hours), kind, blocker=f"b-{person}", **fields)

    events = [
        event(Kind.RAISED, 0, person=person, topic="dns"),
        event(Kind.TOOK_PART, sent, by="sam", how="answer", answer=answer),
        event(Kind.MOVED, moved, by="kay"),
    ]
    return spells(events if back is None else [*events, event(Kind.RETURNED, back, source="message")])


def reached(answers, *, spells=(), said=(), raised=(), hours=100):
    as_of = MONDAY + timedelta(hours=hours)
    return reach(answers, spells=spells, said=said, raised=raised, as_of=as_of, horizons=DEFAULT)


def test_it_reaches_those_to_whom_it_was_sent_before_their_blocker_was_moved():
    its = [
        *blocker_of("nora", "dns-basics"),
        *blocker_of("ilse", "dns-basics", sent=3),
        *blocker_of("tomas", "dns-basics", back=50),
        *blocker_of("other", "invoices"),
    ]
    assert reached({"dns-basics"}, spells=its) == {"nora"}
    assert reached({"dns-basics"}, spells=its, hours=49) == {"nora", "tomas"}
    assert reached({"dns-basics", "invoices"}, spells=its) == {"nora", "other"}


def test_it_reaches_those_who_said_so_and_did_not_write_about_it_within_days():
    said = [ThisHelped(person, "dns-basics", "dns", MONDAY) for person in ("nora", "ilse", "tomas", "late")]
    said += [ThisHelped("future", "dns-basics", "dns", MONDAY + timedelta(hours=101)), ThisHelped("x", "invoices", "dns", MONDAY)]

    def wrote(person, hours, topic="dns"):
        at = MONDAY + timedelta(hours=hours)
        return OutcomeEvent("", at, Kind.RAISED, blocker=f"b-{person}", person=person, topic=topic)

    raised = [wrote("nora", 72), wrote("ilse", 5, topic="invoices"), wrote("tomas", -1), wrote("late", 72.001)]
    assert reached({"dns-basics"}, said=said, raised=raised) == {"ilse", "tomas", "late"}
    assert reached({"dns-basics"}, said=said, raised=raised, hours=71) == {"nora", "ilse", "tomas", "late"}


def test_a_person_reached_twice_counts_once():
    said = [ThisHelped("nora", "dns-basics", "dns", MONDAY)]
    assert reached({"dns-basics"}, spells=blocker_of("nora", "dns-basics"), said=said) == {"nora"}


def test_descendants_are_all_that_grew_out_of_it_however_far():
    grew_from = {"b": ["a"], "c": ["b", "x"], "d": ["x"], "a": ["c"]}  # and a ring does no harm
    assert with_descendants("a", grew_from) == {"a", "b", "c"}
    assert with_descendants("x", grew_from) == {"x", "c", "d", "a", "b"}
    assert with_descendants("d", grew_from) == {"d"}
