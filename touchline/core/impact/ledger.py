"""The ledger as lines of JSON: reading it with every line checked, and writing it (IMPACT.md, "The command")."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

import msgspec

from touchline.core.impact.events import (
    ALLOWED,
    FIELDS,
    SAYING,
    Kind,
    NotValid,
    OutcomeEvent,
    in_utc,
    missing,
    not_allowed,
    shown,
)
from touchline.core.impact.people import Joins


def read(lines: Iterable[bytes | str]) -> list[OutcomeEvent]:
    """The events of a ledger, one line of JSON each, in the order of the lines; `order` is the number of the line, from 1.

    A repeated id counts once, the first. Fields that a kind does not have are ignored; null and the empty text are the same as
    a missing field. A retraction may stand before what it takes back. Raises NotValid, with the line and the reason, for the
    first line that is not an event, a second `raised` of a blocker, a second standing join or a cycle (in the order of the
    lines), and for a retraction of an id that the whole ledger does not hold.
    """
    events: list[OutcomeEvent] = []
    ids: set[str] = set()
    raised: dict[str, int] = {}
    joins = Joins()
    retractions: list[OutcomeEvent] = []
    same: dict[str, str] = {}  # one text for each blocker and person, however many lines name it
    for number, line in enumerate(lines, start=1):
        try:
            event = _event(line, number, same.setdefault)
            if event.id:
                if event.id in ids:
                    continue
                ids.add(event.id)
            if event.kind is Kind.RAISED:
                if event.blocker in raised:
                    raise NotValid(
                        f"A second `raised` for blocker {event.blocker}; the first is on line {raised[event.blocker]}."
                    )
                raised[event.blocker] = number
            elif event.kind is Kind.JOINED:
                joins.record(event)
            elif event.kind is Kind.RETRACTED:
                joins.record(event)
                retractions.append(event)
        except NotValid as refusal:
            raise NotValid(refusal.reason, line=number) from None
        events.append(event)
    for retraction in retractions:
        if retraction.event not in ids:
            raise NotValid(f"It takes back {shown(retraction.event)}, and no event has that id.", line=retraction.order)
    return events


def write(event: OutcomeEvent) -> str:
    """The event as a line of JSON, without the end of the line."""
    fields = FIELDS[event.kind]
    line: dict[str, Any] = {"at": event.at.isoformat().replace("+00:00", "Z"), "kind": event.kind.value}
    for name in fields.required + fields.optional + ("id",):
        if value := getattr(event, name):
            line[name] = value
    return msgspec.json.encode(line).decode()


def _event(line: bytes | str, number: int, one: Callable[[str, str], str]) -> OutcomeEvent:
    """The quick way, for lines that are as they should be. Whatever is odd goes the careful way, which has the say."""
    try:
        said = _quick.decode(line)
        at = datetime.fromisoformat(said.at)
        if at.tzinfo is not UTC:
            if at.utcoffset() is None:
                return _carefully(line, number)
            at = at.astimezone(UTC)
    except (msgspec.DecodeError, ValueError, OverflowError, RecursionError):
        return _carefully(line, number)
    return OutcomeEvent(
        said.id,
        at,
        said.KIND,
        one(said.blocker, said.blocker),
        one(said.person, said.person),
        one(said.by, said.by),
        said.how,
        one(said.answer, said.answer),
        said.horizon,
        said.random,
        said.source,
        one(said.event, said.event),
        one(said.why, said.why),
        one(said.into, said.into),
        one(said.topic, said.topic),
        one(said.mailbox, said.mailbox),
        number,
    )


def _carefully(line: bytes | str, number: int) -> OutcomeEvent:
    """Read a line field by field. Raises NotValid with a sentence for the first thing that is wrong with it."""
    try:
        said = msgspec.json.decode(line)
    except (msgspec.DecodeError, ValueError) as trouble:
        raise NotValid(f"This is not JSON ({trouble}).") from None
    except RecursionError:
        raise NotValid("This is nested too deeply to be read.") from None
    if not isinstance(said, dict):
        raise NotValid("This is JSON, but not an object with fields.")
    if said.get("kind") in (None, ""):
        raise NotValid("`kind` is missing.")
    if said["kind"] not in list(Kind):
        raise NotValid(f"There is no kind of event called {shown(said['kind'])}.")
    kind = Kind(said["kind"])
    values: dict[str, Any] = {}
    for name in ("at", "id", *FIELDS[kind].required, *FIELDS[kind].optional):
        value = said.get(name)
        if value is None or value == "":
            if name == "at" or name in FIELDS[kind].required:
                raise NotValid(missing(kind, name))
        elif not isinstance(value, bool if name == "random" else str):
            raise NotValid(f"`{name}` is {shown(value)}, and must be {'true or false' if name == 'random' else 'a text'}.")
        elif name in ALLOWED and value not in ALLOWED[name]:
            raise NotValid(not_allowed(name, str(value)))
        else:
            values[name] = value
    try:
        at = in_utc(values.pop("at"))
    except ValueError as trouble:
        raise NotValid(str(trouble)) from None
    return OutcomeEvent(id=values.pop("id", ""), at=at, kind=kind, order=number, **values)


def _line(kind: Kind) -> type[msgspec.Struct]:
    """What a line of this kind holds, made from FIELDS for the decoder; the fields of other kinds are there, empty."""
    required, optional = FIELDS[kind]
    text = Annotated[str, msgspec.Meta(min_length=1)]
    types: dict[str, Any] = {name: Literal[words] for name, words in ALLOWED.items()} | {"random": bool}
    here: list[Any] = [("at", text)]
    here += [(name, types.get(name, text)) for name in required]
    here += [(name, types.get(name, str), False if name == "random" else "") for name in (*optional, "id")]
    elsewhere = {name: False if name == "random" else "" for name in SAYING if name not in required + optional}
    return msgspec.defstruct(kind.name, here, tag=kind.value, tag_field="kind", gc=False, namespace={**elsewhere, "KIND": kind})


_quick: msgspec.json.Decoder[Any] = msgspec.json.Decoder(reduce(or_, [_line(kind) for kind in Kind]))
