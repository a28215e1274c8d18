"""The whole account of a period as one object: what `touchline impact` prints (IMPACT.md, "The command")."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from touchline.core.impact.account import Period, by_day, people_helped, took_part
from touchline.core.impact.check_ins import check_ins
from touchline.core.impact.curve import Curve
from touchline.core.impact.events import OutcomeEvent
from touchline.core.impact.people import People, standing
from touchline.core.impact.spells import DEFAULT, Horizons, Spell, spells


def report(
    events: Iterable[OutcomeEvent],
    *,
    from_: date,
    to: date,
    as_of: datetime,
    tz: ZoneInfo,
    horizons: Horizons = DEFAULT,
    teammate: str | None = None,
    everyone: bool = True,
) -> dict[str, Any]:
    """The account of the days from `from_` up to `to`, which is no part of it, from a ledger and as of an instant.

    `took_part` holds every teammate, or with `everyone` false only the one named, or is left out where none is named.
    Raises ValueError where `to` is before `from_`, and OverflowError at the ends of the calendar.
    """
    if to < from_:
        raise ValueError(f"The period would end on {to}, before it begins on {from_}.")
    known = all_spells(event for event in events if event.at <= as_of)
    return report_of(known, from_=from_, to=to, as_of=as_of, tz=tz, horizons=horizons, teammate=teammate, everyone=everyone)


def report_of(
    known: Iterable[Spell],
    *,
    from_: date,
    to: date,
    as_of: datetime,
    tz: ZoneInfo,
    horizons: Horizons = DEFAULT,
    teammate: str | None = None,
    everyone: bool = True,
) -> dict[str, Any]:
    """The same from spells, as they were known at `as_of`; each with the person whom they were known to be."""
    during = Period.of_days(from_, to, tz)
    its = [spell for spell in known if spell.began_at in during]
    figures = people_helped(its, during, as_of=as_of, horizons=horizons)
    hands = took_part(its, during, as_of=as_of)
    said: dict[str, Any] = {
        "from": from_.isoformat(),
        "to": to.isoformat(),
        "as_of": as_of.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "tz": tz.key,
        "people_helped": {"total": figures.total}
        | {evidence.name.lower(): figures.by_evidence[evidence] for evidence in figures.by_evidence},
        "came_back": figures.came_back,
        "by_day": [
            {"day": day.day.isoformat(), "people_helped": day.people_helped, "came_back": day.came_back}
            for day in by_day(its, from_, to, tz, as_of=as_of, horizons=horizons)
        ],
    }
    if everyone:
        said["took_part"] = hands
    elif teammate is not None:
        said["took_part"] = {teammate: hands.get(teammate, 0)}
    said["held_curve"] = _held_curve(Curve(its, during, as_of=as_of), horizons)
    said["check_ins"] = _check_ins(its, during, as_of)
    return said


def all_spells(known: Iterable[OutcomeEvent]) -> list[Spell]:
    """The spells of every blocker, each with the person whom they are known to be, from the events known at an instant."""
    stand = standing(known)
    people = People(stand)
    of_blocker: dict[str, list[OutcomeEvent]] = {}
    for event in stand:
        if event.blocker:
            of_blocker.setdefault(event.blocker, []).append(event)
    found: list[Spell] = []
    for history in of_blocker.values():
        for spell in spells(history):
            person = people.of(spell.person)
            found.append(spell if person == spell.person else replace(spell, person=person))
    return found


def _held_curve(curve: Curve, horizons: Horizons) -> dict[str, Any]:
    held = {name: curve.at(getattr(horizons, name)) for name in ("hours", "days", "weeks")}
    return {name: share._asdict() if share else None for name, share in held.items()}


def _check_ins(its: Iterable[Spell], during: Period, as_of: datetime) -> dict[str, Any]:
    counts = check_ins(its, during, as_of=as_of)
    rate = counts.rate
    return {
        "asked": counts.asked,
        "yes": counts.yes,
        "no": counts.no,
        "silent": counts.silent,
        "bounds": list(counts.bounds) if counts.bounds else None,
        "rate": rate.rate if rate else None,
        "low": rate.low if rate else None,
        "high": rate.high if rate else None,
    }
