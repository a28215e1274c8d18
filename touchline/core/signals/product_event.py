"""A product states that someone did something: the statement, read and checked, and which spells it was seen within (docs/api.md)."""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from touchline.core.impact.events import in_utc

LARGEST = 16 * 1024
"""Bytes of one statement."""
EARLIEST = timedelta(days=90)
"""How long ago what is stated may have happened."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""How far ahead of ours a product's clock may be; what it dates later than now is taken to be now."""

NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,78}[a-z0-9])?")
ADDRESS = re.compile(r"[^\s@<>,;\"\x00-\x1f]{1,64}@[^\s@<>,;\"\x00-\x1f]{1,255}")


class NotRead(ValueError):
    """What was stated cannot be read. `field` is where, `sentence` why; "" where it is all of it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


@dataclass(frozen=True)
class Stated:
    """What a product states: someone, known by an address or by what the product calls them, did this, then."""

    event: str
    email: str
    external_id: str
    at: datetime
    key: str
    digest: str
    """Of all that was stated, as it came: the same key with another digest is another statement."""


def read(raw: bytes, *, at: datetime) -> Stated:
    """One statement as JSON: `event`, `person` (`email`, `external_id` or both), `at` and `key`. Raises NotRead.

    Other fields are refused, since a field that nobody reads is most often one that was misspelt.
    """
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        raise NotRead("", "This is not JSON in UTF-8.") from None
    told = _object(told, "", ("event", "person", "at", "key"))
    person = _object(told.get("person"), "person", ("email", "external_id"))
    email, external_id = _email(person), _text(person, "external_id", 200, path="person.external_id", needed=False)
    if not email and not external_id:
        raise NotRead("person", "Say who it is: `person` needs `email` or `external_id`.")
    event = _text(told, "event", 80)
    if not NAME.fullmatch(event):
        raise NotRead("event", "`event` is a name such as shop.published: small letters, figures, dots, dashes and underscores.")
    key, then = _text(told, "key", 120), _text(told, "at", 40)
    facts = json.dumps([event, email, external_id, then])
    return Stated(event, email, external_id, _when(then, at), key, hashlib.sha256(facts.encode()).hexdigest())


def _object(value: Any, path: str, names: Sequence[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotRead(path, f"`{path}` is missing, or is no object." if path else "A statement is one JSON object.")
    for name in value:
        if name not in names:
            raise NotRead(path, f"There is no field `{name[:60]}` here; there are {', '.join(f'`{each}`' for each in names)}.")
    return value


def _text(told: dict[str, Any], name: str, most: int, *, path: str = "", needed: bool = True) -> str:
    value = told.get(name)
    path = path or name
    if value is None and not needed:
        return ""
    elif not isinstance(value, str) or not value.strip():
        raise NotRead(path, f"`{path}` is missing, or is no text.")
    elif len(value) > most:
        raise NotRead(path, f"`{path}` is longer than {most} characters.")
    elif not value.isprintable():
        raise NotRead(path, f"`{path}` has a character in it that cannot be shown.")
    return value.strip()


def _email(person: dict[str, Any]) -> str:
    email = _text(person, "email", 320, path="person.email", needed=False).lower()
    if email and not ADDRESS.fullmatch(email):
        raise NotRead("person.email", "`person.email` is not one address such as nora@example.org.")
    return email


def _when(text: str, now: datetime) -> datetime:
    try:
        then = in_utc(text)
    except ValueError as trouble:
        raise NotRead("at", f"`at`: {trouble}") from None
    if then > now + CLOCKS_DIFFER:
        raise NotRead("at", "`at` is in the future. Is the clock right?")
    if then < now - EARLIEST:
        raise NotRead("at", f"`at` is more than {EARLIEST.days} days ago.")
    return min(then, now)


class Moved(NamedTuple):
    """A blocker that was moved: what it was about, and from when until when it stayed out of the way."""

    blocker: int
    topic: str
    began_at: datetime
    ended_at: datetime | None


class Rule(NamedTuple):
    """That an event shows that the goal of a topic was reached; of whatever it was about where `topic` is empty."""

    topic: str
    words: str
    within: timedelta


def shown(then: datetime, moved: Iterable[Moved], rules: Iterable[Rule]) -> list[tuple[Moved, Rule]]:
    """The spells within which it was observed, newest first, each with the rule that says so.

    A rule for the topic itself goes before one for whatever it was about. An event belongs to a spell that had begun, had
    not ended, and had begun no longer before than the rule allows.
    """
    by_topic = {rule.topic: rule for rule in rules}
    found = []
    for each in sorted(moved, key=lambda each: each.began_at, reverse=True):
        rule = by_topic.get(each.topic) or by_topic.get("")
        running = each.began_at <= then and (each.ended_at is None or then < each.ended_at)
        if rule and running and then - each.began_at <= rule.within:
            found.append((each, rule))
    return found
