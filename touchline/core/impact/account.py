"""The account: people helped, came back, took part, by day. What counts as helped is decided here and nowhere else.

Every function takes the spells of whoever it is about, each with the person whom they are now known to be, and what was
known at an instant, `as_of`. Spells that started outside the period are passed over, so more may be given than are needed.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from typing import NamedTuple

from touchline.core.impact.spells import Evidence, Horizons, Spell


@dataclass(frozen=True, slots=True)
class Period:
    """From one instant up to another, which is no part of it. Where both are the same it is empty."""

    from_: datetime
    to: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.from_ <= at < self.to

    @classmethod
    def of_days(cls, from_: date, to: date, tz: tzinfo) -> "Period":
        """The days from `from_` up to `to`, which is no part of it, as `tz` bounds them."""
        return cls(midnight(from_, tz), midnight(to, tz))


class Helped(NamedTuple):
    """A person who was helped, how we know, and the spell that says so: the first of those with that evidence."""

    person: str
    evidence: Evidence
    spell: Spell


class CameBack(NamedTuple):
    """A person whose every spell of the period has ended, and the one that ended last."""

    person: str
    spell: Spell


class Who(NamedTuple):
    """The lists behind the figures, each in the order in which their spells started."""

    helped: list[Helped]
    came_back: list[CameBack]


class PeopleHelped(NamedTuple):
    """How many people were helped, by the strongest evidence of each, and how many came back."""

    by_evidence: dict[Evidence, int]
    came_back: int

    @property
    def total(self) -> int:
        return sum(self.by_evidence.values())


class Day(NamedTuple):
    """One day of the account."""

    day: date
    people_helped: int
    came_back: int


def who(spells: Iterable[Spell], during: Period, *, as_of: datetime, horizons: Horizons) -> Who:
    """The people behind the figures: each person once, under their strongest evidence, or as one who came back."""
    helped: dict[str, Helped] = {}
    returned: dict[str, CameBack] = {}
    for spell in _in_order(spells, during, as_of):
        if spell.stands(as_of):
            evidence = spell.evidence(as_of, horizons)
            known = helped.get(spell.person)
            if known is None or evidence > known.evidence:
                helped[spell.person] = Helped(spell.person, evidence, spell)
        else:
            last = returned.get(spell.person)
            if last is None or _end(spell) > _end(last.spell):
                returned[spell.person] = CameBack(spell.person, spell)
    return Who(
        sorted(helped.values(), key=lambda known: known.spell.began_at),
        sorted((back for back in returned.values() if back.person not in helped), key=lambda back: back.spell.began_at),
    )


def people_helped(spells: Iterable[Spell], during: Period, *, as_of: datetime, horizons: Horizons) -> PeopleHelped:
    """The figures: distinct persons with a spell that started in the period and stands, and those with none that does."""
    people = who(spells, during, as_of=as_of, horizons=horizons)
    by_evidence = dict.fromkeys(sorted(Evidence, reverse=True), 0)
    for known in people.helped:
        by_evidence[known.evidence] += 1
    return PeopleHelped(by_evidence, len(people.came_back))


def by_day(spells: Iterable[Spell], from_: date, to: date, tz: tzinfo, *, as_of: datetime, horizons: Horizons) -> list[Day]:
    """The same figures with each day of the period as the period, in order; every day is there."""
    return by_part(spells, days(from_, to, tz), as_of=as_of, horizons=horizons)


def by_part(spells: Iterable[Spell], parts: Sequence[tuple[date, Period]], *, as_of: datetime, horizons: Horizons) -> list[Day]:
    """The same figures with each of some parts as the period: days, weeks or months, one right after the other, each with its
    first day."""
    if not parts:
        return []
    begins = [period.from_ for _, period in parts]
    of_part: list[list[Spell]] = [[] for _ in parts]
    for spell in _in_order(spells, Period(begins[0], parts[-1][1].to), as_of):
        of_part[bisect_right(begins, spell.began_at) - 1].append(spell)
    return [
        Day(day, figures.total, figures.came_back)
        for (day, period), its in zip(parts, of_part, strict=True)
        for figures in [people_helped(its, period, as_of=as_of, horizons=horizons)]
    ]


def by_label(
    spells: Iterable[Spell], labels: Callable[[Spell], Iterable[str]], during: Period, *, as_of: datetime, horizons: Horizons
) -> dict[str, PeopleHelped]:
    """The same figures for the spells under each label, by label. A spell counts under all that `labels` gives it."""
    of_label: dict[str, list[Spell]] = {}
    for spell in spells:
        if spell.began_at in during and spell.began_at <= as_of:
            for label in labels(spell):
                of_label.setdefault(label, []).append(spell)
    return {label: people_helped(its, during, as_of=as_of, horizons=horizons) for label, its in sorted(of_label.items())}


def had_a_hand(spells: Iterable[Spell], during: Period, *, as_of: datetime) -> dict[str, set[str]]:
    """For each teammate who took part, by name, the persons with a spell that stands in which they had a hand.

    Everyone counts in full. It is never a share, never summed over teammates and never sorted into a rank.
    """
    persons: dict[str, set[str]] = {}
    for spell in spells:
        if spell.began_at in during and spell.stands(as_of):
            for teammate in spell.took_part:
                persons.setdefault(teammate, set()).add(spell.person)
    return dict(sorted(persons.items()))


def took_part(spells: Iterable[Spell], during: Period, *, as_of: datetime) -> dict[str, int]:
    """How many people each teammate helped to help, by name; who helped nobody is not in it."""
    return {teammate: len(persons) for teammate, persons in had_a_hand(spells, during, as_of=as_of).items()}


def days(from_: date, to: date, tz: tzinfo) -> list[tuple[date, Period]]:
    """Each day from `from_` up to `to`, which is no part of it, with its bounds in `tz`.

    A day that a zone left out, when it crossed the date line, is there and empty.
    """
    dates = [from_ + timedelta(days=n) for n in range((to - from_).days)]
    midnights = [midnight(day, tz) for day in [*dates, to]] if dates else []
    return [(day, Period(*bounds)) for day, bounds in zip(dates, pairwise(midnights), strict=True)]


def midnight(day: date, tz: tzinfo) -> datetime:
    """The first instant that bears the date in `tz`, in UTC; for a date that never was, the first of the next.

    It is not always 00:00: where clocks go forward over midnight the day begins with the first minute that they show.
    Raises OverflowError at the ends of the calendar, where that instant has no date in UTC.
    """
    zero = datetime.combine(day, time.min, tzinfo=tz)  # the first of two, where clocks go back over midnight
    at = zero.astimezone(UTC)
    if at.astimezone(tz).replace(tzinfo=None) == zero.replace(tzinfo=None):
        return at
    # Clocks go forward over midnight. Read with the distance from UTC after that, 00:00 lies before it, and with the
    # distance before that, after it; between the two the date changes once, at a whole second.
    before = zero.replace(fold=1).astimezone(UTC)
    seconds = round((at - before).total_seconds())
    low, high = 0, seconds
    while low < high:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(tz).date() >= day:
            high = middle
        else:
            low = middle + 1
    return before + timedelta(seconds=low)


def _in_order(spells: Iterable[Spell], during: Period, as_of: datetime) -> list[Spell]:
    """The spells of the period that had started by `as_of`, in the order in which they started."""
    started = [spell for spell in spells if spell.began_at in during and spell.began_at <= as_of]
    return sorted(started, key=lambda spell: (spell.began_at, spell.person, spell.blocker))


def _end(spell: Spell) -> datetime:
    assert spell.ended_at is not None
    return spell.ended_at
