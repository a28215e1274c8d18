"""When somebody is asked whether it worked: at which horizons, which spells by chance, and at no hour of the night."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from hashlib import sha256
from typing import NamedTuple

from touchline.core.impact.spells import Horizons

HORIZONS = ("hours", "days", "weeks")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a team chose: the horizons at which everyone is asked, and the share of spells that is drawn at random (0 to 1)."""

    asks: frozenset[str]
    share: float = 0.0


NOBODY = Rule(frozenset())


class Question(NamedTuple):
    """One question about a spell: at which horizon it is asked, when at the earliest, and whether its spell was drawn."""

    horizon: str
    at: datetime
    random: bool


def questions(rule: Rule, horizons: Horizons, began_at: datetime, *, is_drawn: bool) -> Iterator[Question]:
    """What is to be asked of a spell that began at `began_at`, the earliest first.

    A spell that was drawn is asked at the *days* horizon, or at the first at which everyone is asked where that is another; that one
    question bears the mark, since it alone was owed to chance.
    """
    asked = rule.asks if rule.asks or not is_drawn else frozenset({"days"})
    by_chance = "days" if "days" in asked else next((name for name in HORIZONS if name in asked), "")
    for name in HORIZONS:
        if name in asked:
            yield Question(name, began_at + getattr(horizons, name), random=is_drawn and name == by_chance)


def drawn(spell: str, *, secret: bytes, share: float) -> bool:
    """Whether this spell is among the `share` that is drawn at random.

    `spell` is its key, which never changes, and `secret` belongs to the desk: asked again, the answer is the same, and nobody without
    the secret can tell it beforehand. A larger share draws whatever a smaller one drew.
    """
    digest = hmac.new(secret, b"drawn at random\0" + spell.encode(), sha256).digest()
    return int.from_bytes(digest[:7]) < share * (1 << 56)  # 56 bits: what a float counts without a gap


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours in which nobody is asked, by the clock of `zone`: from `begins` until `ends`, over midnight where that is earlier.

    Where both are the same there are none.
    """

    begins: time
    ends: time
    zone: tzinfo

    def covers(self, at: datetime) -> bool:
        clock = at.astimezone(self.zone).time()
        if self.begins <= self.ends:
            return self.begins <= clock < self.ends
        else:
            return clock >= self.begins or clock < self.ends

    def over(self, at: datetime) -> datetime:
        """`at`, or the end of the quiet hours that it lies in. UTC."""
        if self.covers(at):
            there = at.astimezone(self.zone)
            day = there.date() if there.time() < self.ends else there.date() + timedelta(days=1)
            return max(at, self._of(day, fold=there.fold)).astimezone(UTC)
        else:
            return at

    def _of(self, day: date, *, fold: int) -> datetime:
        """When the quiet ends on a day, in the same turn of an hour that the clock strikes twice."""
        return datetime.combine(day, self.ends, self.zone).replace(fold=fold)


def not_before(at: datetime, *, quiet: Quiet, away_until: date | None = None) -> datetime:
    """When somebody may be asked who could be asked at `at`: not in their quiet hours, and not before they are back. UTC.

    `away_until` is the last day on which they are away, as an absence note says it; they are asked on the day after.
    """
    if away_until is not None and at.astimezone(quiet.zone).date() <= away_until:
        back = datetime.combine(away_until + timedelta(days=1), quiet.ends, quiet.zone).astimezone(UTC)
        return quiet.over(max(at, back))
    else:
        return quiet.over(at)
