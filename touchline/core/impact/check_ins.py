"""What asking tells, and what it cannot: the estimate from check-ins to spells that were drawn at random.

E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
"""

from collections.abc import Iterable
from datetime import datetime
from math import sqrt
from typing import NamedTuple

from touchline.core.impact.account import Period
from touchline.core.impact.curve import Z
from touchline.core.impact.spells import Spell, came

ENOUGH = 5  # with fewer answers no rate is shown, only the counts


class Rate(NamedTuple):
    """A share of those who answered, with its 95 % interval; it speaks for all only if the silent are like them."""

    rate: float
    low: float
    high: float


class CheckIns(NamedTuple):
    """Of the spells that were asked at random, how many heard yes, how many no; counts of spells, not of people."""

    asked: int
    yes: int
    no: int

    @property
    def silent(self) -> int:
        """No answer to the check-in, whatever else happened."""
        return self.asked - self.yes - self.no

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Between these lies the share for whom it worked, whatever the silent would say. None where nobody was asked."""
        if self.asked:
            return self.yes / self.asked, (self.yes + self.silent) / self.asked
        else:
            return None

    @property
    def rate(self) -> Rate | None:
        """The share of yes among the answers. None with fewer answers than are ENOUGH."""
        if self.yes + self.no >= ENOUGH:
            return wilson(self.yes, self.yes + self.no)
        else:
            return None


def check_ins(spells: Iterable[Spell], during: Period, *, as_of: datetime) -> CheckIns:
    """Count the check-ins within the period's spells, as far as they were known at `as_of`."""
    asked = yes = no = 0
    for spell in spells:
        if spell.began_at in during and came(spell.asked_random_at, as_of):
            asked += 1
            if came(spell.ended_at, as_of) and spell.returned_source == "check_in":
                no += 1
            elif came(spell.check_in_yes_at, as_of):
                yes += 1
    return CheckIns(asked, yes, no)


def wilson(yes: int, of: int) -> Rate:
    """The share `yes / of` with its 95 % Wilson score interval. `of` is at least 1."""
    share = yes / of
    middle = (share + Z * Z / (2 * of)) / (1 + Z * Z / of)
    reach = Z / (1 + Z * Z / of) * sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    return Rate(share, max(0.0, min(share, middle - reach)), min(1.0, max(share, middle + reach)))
