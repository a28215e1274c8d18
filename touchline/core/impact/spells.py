"""The events of a blocker → its spells: the stretches of time in which it stayed out of the way."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from functools import lru_cache

import msgspec

from touchline.core.impact.events import Kind, OutcomeEvent, when


class Evidence(IntEnum):
    """How we know that somebody was helped, the weakest first."""

    EARLY = 0
    HELD = 1
    OBSERVED = 2
    CONFIRMED = 3

    @property
    def words(self) -> str:
        """The evidence as it is said after a name: "Nora: said that it worked"."""
        return _WORDS[self]


_WORDS = {
    Evidence.EARLY: "too early to say",
    Evidence.HELD: "it has held",
    Evidence.OBSERVED: "we saw them get there",
    Evidence.CONFIRMED: "said that it worked",
}


@dataclass(frozen=True, slots=True)
class Horizons:
    """How long after a blocker was moved we look: three settings of the team."""

    hours: timedelta = timedelta(hours=4)
    days: timedelta = timedelta(days=3)
    weeks: timedelta = timedelta(days=21)


DEFAULT = Horizons()  # until a team sets its own


class Spell(msgspec.Struct, frozen=True, gc=False):
    """From the moment a blocker was moved until it came back, if it did.

    Everything is kept with the time at which it came, so the same spell serves whatever instant it is looked at from, as
    long as no event that was recorded since changes it. "Within" means after the start and before the end, in the order
    of events. A struct and not a dataclass, since a desk holds a million; `msgspec.structs.replace` gives a changed copy.
    """

    blocker: str
    person: str
    began_at: datetime
    began_by: str  # the teammate whose `moved` it was
    ended_at: datetime | None = None
    returned_source: str = ""  # how we learned that it is back: message, check_in or teammate
    confirmed_at: datetime | None = None  # the first of each within
    observed_at: datetime | None = None
    asked_random_at: datetime | None = None  # a check-in to a spell that was drawn at random
    check_in_yes_at: datetime | None = None  # a confirmation by check-in
    took_part: frozenset[str] = frozenset()  # teammates with a hand in it before the start, and the one who moved it
    answers: frozenset[str] = frozenset()  # answers that were sent on the blocker before the start

    def stands(self, as_of: datetime) -> bool:
        """Whether the blocker is out of the way at `as_of`, as far as is known then."""
        return self.began_at <= as_of and not came(self.ended_at, as_of)

    def lasted(self, as_of: datetime) -> timedelta:
        """From the start to the end, or to `as_of` where it had not ended."""
        if self.ended_at is not None and self.ended_at <= as_of:
            return self.ended_at - self.began_at
        else:
            return as_of - self.began_at

    def evidence(self, as_of: datetime, horizons: Horizons) -> Evidence:
        """The strongest evidence within it that has come by `as_of`."""
        if came(self.confirmed_at, as_of):
            return Evidence.CONFIRMED
        elif came(self.observed_at, as_of):
            return Evidence.OBSERVED
        elif as_of - self.began_at >= horizons.weeks:
            return Evidence.HELD
        else:
            return Evidence.EARLY


def came(at: datetime | None, as_of: datetime) -> bool:
    """Whether something that happens at `at`, if ever, has happened by `as_of`."""
    return at is not None and at <= as_of


def spells(events: Iterable[OutcomeEvent]) -> list[Spell]:
    """The spells of one blocker, in order. `events` are those known of it, without those taken back, in any order.

    A blocker that was withdrawn, or that nobody has raised, has none. The person is the one who raised it: whom they were
    joined into is for `People`.
    """
    history = sorted(events, key=when)
    raised = [event for event in history if event.kind is Kind.RAISED]
    if not raised or any(event.kind is Kind.WITHDRAWN for event in history):
        return []
    return [_spell(raised[0].person, history, start, end) for start, end in _stretches(history)]


def _stretches(history: Sequence[OutcomeEvent]) -> Iterator[tuple[int, int]]:
    """Where each spell starts in the history, and where it ends: its `returned`, or the end of the history."""
    start: int | None = None
    for place, event in enumerate(history):
        if start is None and event.kind is Kind.MOVED:
            start = place
        elif start is not None and event.kind is Kind.RETURNED:
            yield start, place
            start = None
    if start is not None:
        yield start, len(history)


def _spell(person: str, history: Sequence[OutcomeEvent], start: int, end: int) -> Spell:
    moved = history[start]
    returned = history[end] if end < len(history) else None
    within = history[start + 1 : end]
    hands = [event for event in history[:start] if event.kind is Kind.TOOK_PART]
    confirmed = [event for event in within if event.kind is Kind.CONFIRMED]
    return Spell(
        blocker=moved.blocker,
        person=person,
        began_at=moved.at,
        began_by=moved.by,
        ended_at=returned.at if returned else None,
        returned_source=returned.source if returned else "",
        confirmed_at=_first(confirmed),
        observed_at=_first(event for event in within if event.kind is Kind.OBSERVED),
        asked_random_at=_first(event for event in within if event.kind is Kind.ASKED and event.random),
        check_in_yes_at=_first(event for event in confirmed if event.source == "check_in"),
        took_part=_one(frozenset({moved.by, *(event.by for event in hands)})),
        answers=_one(frozenset(event.answer for event in hands if event.answer)),
    )


@lru_cache(maxsize=1024)
def _one(names: frozenset[str]) -> frozenset[str]:
    """The same set for the same names: a team's few hands make up half the memory of a million spells otherwise."""
    return names


def _first(events: Iterable[OutcomeEvent]) -> datetime | None:
    return next((event.at for event in events), None)
