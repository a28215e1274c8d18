"""What a product states is read with care; what cannot be read is said in one sentence, with the field."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.core.signals.product_event import CLOCKS_DIFFER, EARLIEST, Moved, NotRead, Rule, read, shown

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def stated(**changed: Any) -> bytes:
    told = {"event": "shop.published", "person": {"email": "nora@bakery.example"}, "at": "2026-03-01T09:00:00Z", "key": "1"}
    return json.dumps({name: value for name, value in {**told, **changed}.items() if value != "left out"}).encode()


def test_a_statement_as_it_should_be() -> None:
    found = read(stated(person={"email": "Nora@Bakery.example", "external_id": "n-17"}, at="2026-03-01T10:00:00+01:00"), at=NOW)
    assert (found.event, found.email, found.external_id, found.key) == ("shop.published", "nora@bakery.example", "n-17", "1")
    assert found.at == datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def test_the_same_has_the_same_digest_and_anything_else_another() -> None:
    first = read(stated(), at=NOW).digest
    assert read(stated(), at=NOW + DAY).digest == first
    for changed in ({"event": "order.came"}, {"at": "2026-03-01T09:00:01Z"}, {"person": {"email": "ilse@garden.example"}}):
        assert read(stated(**changed), at=NOW).digest != first


@pytest.mark.parametrize(
    ("raw", "field", "words"),
    [
        (b"{", "", "not JSON"),
        (b"\xff\xfe", "", "not JSON"),
        (b"[" * 16000, "", "not JSON"),
        (b"[]", "", "one JSON object"),
        (stated(event="left out"), "event", "missing"),
        (stated(event=7), "event", "no text"),
        (stated(event="Shop Published"), "event", "small letters"),
        (stated(event="a" * 81), "event", "longer than 80"),
        (stated(person="left out"), "person", "missing"),
        (stated(person="nora"), "person", "no object"),
        (stated(person={}), "person", "needs `email` or `external_id`"),
        (stated(person={"mail": "nora@bakery.example"}), "person", "no field `mail`"),
        (stated(person={"email": "nora"}), "person.email", "not one address"),
        (stated(person={"email": "nora@a.example, ilse@b.example"}), "person.email", "not one address"),
        (stated(person={"external_id": "a\x00b"}), "person.external_id", "cannot be shown"),
        (stated(person={"external_id": ["n"]}), "person.external_id", "no text"),
        (stated(at="left out"), "at", "missing"),
        (stated(at="yesterday"), "at", "not a time such as"),
        (stated(at="2026-03-01T09:00:00"), "at", "has no zone"),
        (stated(at="2026-03-02T09:05:01Z"), "at", "in the future"),
        (stated(at="2025-12-02T08:59:59Z"), "at", "more than 90 days ago"),
        (stated(key="left out"), "key", "missing"),
        (stated(key=" "), "key", "missing"),
        (stated(key="k" * 121), "key", "longer than 120"),
        (stated(idempotency="1"), "", "no field `idempotency`"),
    ],
)
def test_what_is_wrong_is_said_with_where(raw: bytes, field: str, words: str) -> None:
    with pytest.raises(NotRead) as refusal:
        read(raw, at=NOW)
    assert refusal.value.field == field
    assert words in refusal.value.sentence


def test_clocks_differ_a_little_and_history_is_bounded() -> None:
    assert read(stated(at=(NOW + CLOCKS_DIFFER).isoformat()), at=NOW).at == NOW
    assert read(stated(at=(NOW - EARLIEST).isoformat()), at=NOW).at == NOW - EARLIEST


@given(st.binary(max_size=200) | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda each: st.lists(each) | st.dictionaries(st.sampled_from(["event", "person", "at", "key", "email", "x"]), each)).map(lambda told: json.dumps(told).encode()))  # fmt: skip
def test_whatever_comes_is_read_or_refused(raw: bytes) -> None:
    try:
        read(raw, at=NOW)
    except NotRead as refusal:
        assert refusal.sentence


WHATEVER, DNS = Rule("", "went on", 30 * DAY), Rule("dns", "published her shop", 10 * DAY)


@pytest.mark.parametrize(
    ("moved", "rules", "words"),
    [
        (Moved(1, "dns", NOW - DAY, None), [WHATEVER, DNS], "published her shop"),
        (Moved(1, "billing", NOW - DAY, None), [WHATEVER, DNS], "went on"),
        (Moved(1, "billing", NOW - DAY, None), [DNS], None),
        (Moved(1, "dns", NOW - 11 * DAY, None), [WHATEVER, DNS], None),  # the rule for the topic holds, and no other
        (Moved(1, "dns", NOW - 10 * DAY, None), [DNS], "published her shop"),
        (Moved(1, "dns", NOW, None), [DNS], "published her shop"),
        (Moved(1, "dns", NOW + DAY, None), [DNS], None),  # it did this before we moved anything
        (Moved(1, "dns", NOW - DAY, NOW), [DNS], None),  # it was back by then
        (Moved(1, "dns", NOW - DAY, NOW + DAY), [DNS], "published her shop"),  # it came back later
        (Moved(1, "dns", NOW - DAY, None), [], None),
    ],
)
def test_what_an_event_shows(moved: Moved, rules: list[Rule], words: str | None) -> None:
    found = shown(NOW, [moved], rules)
    assert [rule.words for _moved, rule in found] == ([words] if words else [])


def test_the_newest_stands_first() -> None:
    found = shown(NOW, [Moved(1, "dns", NOW - 3 * DAY, None), Moved(2, "dns", NOW - DAY, None)], [DNS])
    assert [moved.blocker for moved, _rule in found] == [2, 1]
