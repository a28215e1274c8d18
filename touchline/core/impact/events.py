"""Outcome events: what can become true of a blocker, and what each kind of event must say (IMPACT.md, "The ledger")."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

import msgspec


class Kind(StrEnum):
    """What became true."""

    RAISED = "raised"
    TOOK_PART = "took_part"
    MOVED = "moved"
    ASKED = "asked"
    CONFIRMED = "confirmed"
    OBSERVED = "observed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    JOINED = "joined"
    RETRACTED = "retracted"


class Fields(NamedTuple):
    """The fields of a kind beside `at` and `kind`, which every event has, and `id`, which a file may leave out."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


FIELDS: dict[Kind, Fields] = {
    Kind.RAISED: Fields(("blocker", "person"), ("topic", "mailbox")),
    Kind.TOOK_PART: Fields(("blocker", "by", "how"), ("answer",)),
    Kind.MOVED: Fields(("blocker", "by")),
    Kind.ASKED: Fields(("blocker", "horizon"), ("random",)),
    Kind.CONFIRMED: Fields(("blocker", "source")),
    Kind.OBSERVED: Fields(("blocker", "event")),
    Kind.RETURNED: Fields(("blocker", "source")),
    Kind.WITHDRAWN: Fields(("blocker", "why")),
    Kind.JOINED: Fields(("person", "into")),
    Kind.RETRACTED: Fields(("event", "by")),
}

ALLOWED: dict[str, tuple[str, ...]] = {
    "how": ("reply", "note", "review", "answer"),
    "horizon": ("hours", "days", "weeks"),
    "source": ("message", "check_in", "teammate"),
}


class OutcomeEvent(msgspec.Struct, frozen=True, gc=False):
    """One thing that became true, and when: a line of the ledger.

    `at` is UTC. `order` is that of recording and decides between equal times; it is no part of a written line.
    A field that the kind does not have is empty. A struct and not a dataclass, since a ledger holds millions;
    `msgspec.structs.replace` gives a changed copy.
    """

    id: str
    at: datetime
    kind: Kind
    blocker: str = ""
    person: str = ""
    by: str = ""
    how: str = ""
    answer: str = ""
    horizon: str = ""
    random: bool = False
    source: str = ""
    event: str = ""
    why: str = ""
    into: str = ""
    topic: str = ""
    mailbox: str = ""
    order: int = 0


# Before, after, within and ends always mean this order, not the clock alone.
when = attrgetter("at", "order")


class NotValid(ValueError):
    """An event that the ledger refuses. `reason` is one sentence; `line` is its line where it came from a file, from 1."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason if line is None else f"Line {line}: {reason}")
        self.reason = reason
        self.line = line


def check(event: OutcomeEvent) -> None:
    """Raise NotValid unless `event` says what its kind must say, only that, with a time in UTC.

    Whether it fits those recorded before (one `raised`, joins, a known id) is for who records it.
    """
    fields = FIELDS[event.kind]
    if event.at.utcoffset() != timedelta(0):
        raise NotValid(f"The time {event.at.isoformat()} is not in UTC.")
    for name in fields.required:
        if not getattr(event, name):
            raise NotValid(missing(event.kind, name))
    for name, values in ALLOWED.items():
        if getattr(event, name) and getattr(event, name) not in values:
            raise NotValid(not_allowed(name, getattr(event, name)))
    for name in SAYING:
        if getattr(event, name) and name not in fields.required and name not in fields.optional:
            raise NotValid(f"An event of kind `{event.kind}` has no `{name}`.")


SAYING = tuple(name for name in OutcomeEvent.__struct_fields__ if name not in ("id", "at", "kind", "order"))


def missing(kind: Kind, name: str) -> str:
    """The sentence for a field that a kind must have."""
    return f"An event of kind `{kind}` needs `{name}`, and it is missing."


def not_allowed(name: str, value: str) -> str:
    """The sentence for a word that a field cannot take."""
    return f"`{name}` is {shown(value)}, and can only be {', '.join(ALLOWED[name])}."


def shown(value: object) -> str:
    """A value as it can stand in a sentence, however long it is."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def in_utc(text: str) -> datetime:
    """An instant as ISO 8601 and RFC 3339 write it, in UTC, cut to the microsecond.

    Raises ValueError, with the reason as a sentence, where it is no time, has no zone, or lies outside the years 1 to 9999.
    """
    try:
        at = datetime.fromisoformat(text.upper())
    except ValueError:
        raise ValueError(f"{shown(text)} is not a time such as 2026-01-31T09:30:00Z.") from None
    if at.utcoffset() is None:
        raise ValueError(f"The time {shown(text)} has no zone: write Z after it, or its distance from UTC.")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"The time {shown(text)} lies outside the years 1 to 9999.") from None
