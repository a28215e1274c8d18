"""Reading and writing the ledger: what is taken, what is refused, with which line and which words."""

import json
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.core.impact import ledger
from touchline.core.impact.events import FIELDS, Kind, NotValid, OutcomeEvent, check
from touchline.core.impact.ledger import read, write

RAISED = {"at": "2026-03-02T09:00:00Z", "kind": "raised", "blocker": "sign-in", "person": "nora", "id": "e1"}
MOVED = {"at": "2026-03-02T10:00:00Z", "kind": "moved", "blocker": "sign-in", "by": "kay", "id": "e2"}
JOINED = {"at": "2026-03-02T11:00:00Z", "kind": "joined", "person": "nora-at-work", "into": "nora", "id": "j1"}
RETRACTED = {"at": "2026-03-02T12:00:00Z", "kind": "retracted", "event": "e2", "by": "sam", "id": "r1"}
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def lines(*events):
    return [json.dumps(event) for event in events]


def without(event, *names):
    return {name: value for name, value in event.items() if name not in names}


def test_a_line_becomes_an_event_with_its_place_in_the_file():
    first, second = read(lines(RAISED, MOVED))
    assert first == OutcomeEvent("e1", NINE, Kind.RAISED, blocker="sign-in", person="nora", order=1)
    assert (second.by, second.order) == ("kay", 2)
    assert first.at.tzinfo is UTC and type(first.kind) is Kind


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "not JSON"),
        ("{oops}", "not JSON"),
        ('{"kind": "moved"', "not JSON"),
        (b'{"kind": "\xff"}', "not JSON"),
        ('{"n": NaN}', "not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "not an object"),
        ("null", "not an object"),
        ('"moved"', "not an object"),
        ({}, "`kind` is missing"),
        (without(MOVED, "kind"), "`kind` is missing"),
        (MOVED | {"kind": "solved"}, "no kind of event called 'solved'"),
        (MOVED | {"kind": 7}, "no kind of event called 7"),
        (MOVED | {"kind": ["moved"]}, "no kind of event called"),
        (without(MOVED, "at"), "`moved` needs `at`"),
        (without(MOVED, "blocker"), "`moved` needs `blocker`"),
        (without(MOVED, "by"), "`moved` needs `by`"),
        (MOVED | {"by": ""}, "`moved` needs `by`"),
        (MOVED | {"by": None}, "`moved` needs `by`"),
        (MOVED | {"by": 7}, "`by` is 7, and must be a text"),
        (MOVED | {"id": 7}, "`id` is 7, and must be a text"),
        (MOVED | {"at": "2026-03-02T10:00:00"}, "has no zone"),
        (MOVED | {"at": "2026-03-02"}, "has no zone"),
        (MOVED | {"at": "yesterday"}, "'yesterday' is not a time"),
        (MOVED | {"at": "2026-02-30T10:00:00Z"}, "is not a time"),
        (MOVED | {"at": 1772445600}, "`at` is 1772445600, and must be a text"),
        (MOVED | {"at": "0001-01-01T00:00:00+01:00"}, "outside the years 1 to 9999"),
        (MOVED | {"kind": "took_part"}, "`took_part` needs `how`"),
        (MOVED | {"kind": "took_part", "how": "magic"}, "`how` is 'magic', and can only be reply, note, review, answer"),
        (MOVED | {"kind": "asked", "horizon": "years"}, "`horizon` is 'years', and can only be hours, days, weeks"),
        (MOVED | {"kind": "asked", "horizon": "days", "random": "yes"}, "`random` is 'yes', and must be true or false"),
        (MOVED | {"kind": "asked", "horizon": "days", "random": 1}, "`random` is 1, and must be true or false"),
        (MOVED | {"kind": "confirmed", "source": "guess"}, "`source` is 'guess', and can only be message, check_in, teammate"),
        (RAISED | {"id": "e9"}, "second `raised` for blocker sign-in; the first is on line 1"),
        (JOINED | {"into": "nora-at-work"}, "would close a cycle"),
        (RETRACTED | {"event": "e999"}, "takes back 'e999', and no event has that id"),
        (RETRACTED | {"event": "r1"}, "takes back itself"),
    ],
)
def test_a_line_that_is_not_valid_is_refused_with_its_number_and_the_reason(line, reason):
    line = json.dumps(line) if isinstance(line, dict) else line
    after = lines(MOVED | {"id": "e3", "at": "2099-01-01T00:00:00Z"})
    with pytest.raises(NotValid) as refusal:
        read([*lines(RAISED, MOVED), line, *after])
    assert refusal.value.line == 3
    assert reason in refusal.value.reason
    assert str(refusal.value) == f"Line 3: {refusal.value.reason}"
    assert len(refusal.value.reason) < 250 and "\n" not in refusal.value.reason


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_needs_its_fields_and_takes_its_optional_ones(kind):
    whole = {
        "at": "2026-03-02T10:00:00Z", "kind": kind.value, "blocker": "b", "person": "nora", "by": "kay", "how": "note", "answer": "a",
        "horizon": "days", "random": True, "source": "message", "event": "e1", "why": "spam", "into": "ilse", "topic": "t",
        "mailbox": "m", "id": "e8",
    }  # fmt: skip
    before = lines(without(RAISED, "blocker") | {"blocker": "other"})
    required, optional = FIELDS[kind]
    said = read(before + lines({name: whole[name] for name in ("at", "kind", "id", *required, *optional)}))[1]
    assert {name: getattr(said, name) for name in required + optional} == {name: whole[name] for name in required + optional}
    # A field of another kind is an unknown one: it is ignored, whatever it holds.
    odd = {name: ["odd", {"thing": 1}] for name in whole if name not in ("at", "kind", "id", *required, *optional)}
    assert read(before + lines({**whole, **odd, "colour": {"deep": [1]}}))[1] == said
    assert read(before + lines(whole))[1] == said
    for name in required:
        with pytest.raises(NotValid, match=f"line 2.*needs `{name}`|Line 2.*needs `{name}`"):
            read(before + lines(without(whole, name)))
    bare = read(before + lines(without(whole, "id", *optional)))[1]
    assert bare.id == "" and not any(getattr(bare, name) for name in optional)


def test_null_and_the_empty_text_are_the_same_as_missing():
    asked = MOVED | {"kind": "asked", "horizon": "days"}
    bare = read(lines(without(asked, "id")))
    assert read(lines(asked | {"id": None, "random": None})) == bare
    assert read(lines(asked | {"id": "", "random": False})) == bare


@pytest.mark.parametrize(
    "at",
    [
        "2026-03-02T09:00:00Z",
        "2026-03-02T09:00:00+00:00",
        "2026-03-02T10:00:00+01:00",
        "2026-03-02T03:30:00-05:30",
        "2026-03-02t09:00:00z",
        "2026-03-02 09:00:00.000Z",
        "2026-03-02T09:00:00.0000009Z",
        "2026-03-02T09:00Z",
        "2026-03-02T10:00:00+0100",
    ],
)
def test_every_offset_is_converted_and_what_is_finer_than_a_microsecond_cut(at):
    (event,) = read(lines(MOVED | {"at": at}))
    assert event.at == NINE and event.at.tzinfo is UTC


def test_a_repeated_id_counts_once_and_the_first_has_the_say():
    later = RAISED | {"at": "2026-03-02T15:00:00Z", "person": "ilse"}
    assert read(lines(RAISED, MOVED, later)) == read(lines(RAISED, MOVED))


def test_a_repeated_line_is_checked_all_the_same():
    with pytest.raises(NotValid, match=r"Line 2: .*needs `person`"):
        read(lines(RAISED, without(RAISED, "person")))


def test_events_without_an_id_are_events_of_their_own():
    assert len(read(lines(without(MOVED, "id"), without(MOVED, "id")))) == 2


def test_a_retraction_may_stand_before_what_it_takes_back():
    assert len(read(lines(RETRACTED, RAISED, MOVED))) == 3


def test_a_second_join_is_refused_while_the_first_stands():
    other = JOINED | {"id": "j2", "into": "ilse"}
    with pytest.raises(NotValid, match=r"Line 2: nora-at-work is joined into nora already"):
        read(lines(JOINED, other))
    with pytest.raises(NotValid, match=r"Line 2: nora-at-work is joined into nora already"):
        read(lines(JOINED, JOINED | {"id": "j2"}))


def test_a_join_that_was_taken_apart_makes_room_for_another():
    apart = RETRACTED | {"event": "j1"}
    other = JOINED | {"id": "j2", "into": "ilse"}
    assert len(read(lines(JOINED, apart, other))) == 3
    assert len(read(lines(apart, JOINED, other))) == 3
    with pytest.raises(NotValid, match="Line 2: "):  # in the order of the file, it is taken apart too late
        read(lines(JOINED, other, apart))


def test_a_join_that_comes_back_must_fit_as_if_it_were_new():
    apart = RETRACTED | {"event": "j1"}
    together = RETRACTED | {"event": "r1", "id": "r2"}
    assert len(read(lines(JOINED, apart, together))) == 3
    with pytest.raises(NotValid, match=r"Line 4: nora-at-work is joined into ilse already"):
        read(lines(JOINED, apart, JOINED | {"id": "j2", "into": "ilse"}, together))
    with pytest.raises(NotValid, match=r"Line 4: .*would close a cycle"):
        read(lines(JOINED, apart, JOINED | {"id": "j2", "person": "nora", "into": "nora-at-work"}, together))


def test_a_cycle_of_joins_is_refused_however_long():
    chain = [JOINED | {"id": f"j{n}", "person": f"p{n}", "into": f"p{n + 1}"} for n in range(50)]
    with pytest.raises(NotValid, match=r"Line 51: Joining p50 into p0 would close a cycle"):
        read(lines(*chain, JOINED | {"id": "last", "person": "p50", "into": "p0"}))


def test_retractions_in_a_ring_are_refused_and_a_long_chain_is_not():
    chain = [RETRACTED | {"id": f"r{n}", "event": f"r{n + 1}"} for n in range(2000)]
    assert len(read(lines(*chain, RETRACTED | {"id": "r2000", "event": "e2"}, MOVED))) == 2002
    with pytest.raises(NotValid, match=r"Line 2001: .*take it back in turn"):
        read(lines(*chain, RETRACTED | {"id": "r2000", "event": "r0"}))


def test_an_event_is_written_with_the_fields_of_its_kind_and_no_others():
    event = OutcomeEvent("e1", NINE, Kind.ASKED, blocker="sign-in", horizon="days", random=True, order=12)
    assert json.loads(write(event)) == {
        "at": "2026-03-02T09:00:00Z",
        "kind": "asked",
        "blocker": "sign-in",
        "horizon": "days",
        "random": True,
        "id": "e1",
    }
    assert "\n" not in write(event)


texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
times = st.datetimes(timezones=st.just(UTC))


@st.composite
def events(draw):
    kind = draw(st.sampled_from(Kind))
    fields = {}
    for name in FIELDS[kind].required + FIELDS[kind].optional:
        choices = ledger.ALLOWED.get(name)
        fields[name] = draw(st.booleans() if name == "random" else st.sampled_from(choices) if choices else texts)
    return OutcomeEvent(id=draw(texts), at=draw(times), kind=kind, **fields)


@given(events())
def test_what_is_written_is_what_is_read(event):
    check(event)
    try:
        (read_back,) = read([write(event)])
    except NotValid as refusal:  # alone in its ledger, it may name what is not there
        assert event.kind in (Kind.RETRACTED, Kind.JOINED) and "id" not in refusal.reason.split("`")[1:2]
    else:
        assert read_back == msgspec.structs.replace(event, order=1)


values = st.one_of(st.none(), st.booleans(), st.integers(), texts, st.just(""), st.lists(st.integers(), max_size=2))
names = st.sampled_from(["id", *ledger.SAYING, "order", "KIND", "more"])
good = {"at": "2026-03-02T10:00:00Z", "blocker": "b", "by": "kay", "how": "note", "source": "message", "person": "nora"}


@given(st.sampled_from([*Kind, "solved"]), st.dictionaries(names, values), st.sets(st.sampled_from(list(good))))
def test_the_quick_way_of_reading_says_what_the_careful_way_says(kind, more, left_out):
    line = json.dumps(without(good, *left_out) | {"kind": kind} | more).encode()
    said = []
    for way in (lambda: ledger._carefully(line, 1), lambda: ledger._event(line, 1, {}.setdefault)):
        try:
            said.append(way())
        except NotValid as refusal:
            said.append(refusal.reason)
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (OutcomeEvent("e1", NINE, Kind.MOVED, blocker="b"), "`moved` needs `by`"),
        (OutcomeEvent("e1", NINE, Kind.MOVED, blocker="b", by="kay", person="nora"), "`moved` has no `person`"),
        (OutcomeEvent("e1", NINE, Kind.MOVED, blocker="b", by="kay", random=True), "`moved` has no `random`"),
        (OutcomeEvent("e1", NINE, Kind.RETURNED, blocker="b", source="guess"), "can only be message, check_in, teammate"),
        (OutcomeEvent("e1", NINE.replace(tzinfo=None), Kind.MOVED, blocker="b", by="kay"), "is not in UTC"),
    ],
)
def test_an_event_made_by_the_desk_is_checked_the_same_way(event, reason):
    with pytest.raises(NotValid, match=reason) as refusal:
        check(event)
    assert refusal.value.line is None
