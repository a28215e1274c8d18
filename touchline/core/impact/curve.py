"""How long it holds: the Kaplan-Meier estimate over a period's spells, with what it does not know.

E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations", JASA 53 (1958); the interval is
Greenwood's variance on the scale of log(-log S), as J. D. Kalbfleisch and R. L. Prentice give it (1980).
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import exp, log, sqrt
from typing import NamedTuple

from touchline.core.impact.account import Period
from touchline.core.impact.spells import Spell

Z = 1.959963984540054  # the normal distribution's 97.5 % quantile: a 95 % interval


class Held(NamedTuple):
    """The share of spells that held for some time, its 95 % interval, and how many spells it could be seen on."""

    s: float
    low: float
    high: float
    at_risk: int


class Curve:
    """The held curve of the spells that started in a period, as far as it was known at `as_of`."""

    def __init__(self, spells: Iterable[Spell], during: Period, *, as_of: datetime) -> None:
        its = [spell for spell in spells if spell.began_at in during and spell.began_at <= as_of]
        self._lasted = sorted(spell.lasted(as_of) for spell in its)
        returns = Counter(spell.lasted(as_of) for spell in its if not spell.stands(as_of))
        self._times = sorted(returns)
        self._steps = [(1.0, 0.0)]  # the share that held, and Greenwood's sum, after no return, one, two ...
        s, greenwood = self._steps[0]
        for t in self._times:
            at_risk = self.at_risk(t)
            s *= 1 - returns[t] / at_risk
            if returns[t] < at_risk:
                greenwood += returns[t] / (at_risk * (at_risk - returns[t]))
            self._steps.append((s, greenwood))

    def at_risk(self, t: timedelta) -> int:
        """How many spells lasted for `t` at least: those whose return is told from their censoring at that very time too."""
        return len(self._lasted) - bisect_left(self._lasted, t)

    def at(self, t: timedelta) -> Held | None:
        """The share that held beyond `t`; a return after exactly `t` counts as one. None past the longest spell: too early to say."""
        at_risk = self.at_risk(t)
        if not at_risk:
            return None
        s, greenwood = self._steps[bisect_right(self._times, t)]
        if s in (0, 1):
            return Held(s, s, s, at_risk)
        middle = log(-log(s))
        reach = Z * sqrt(greenwood) / -log(s)
        return Held(s, exp(-exp(middle + reach)), exp(-exp(middle - reach)), at_risk)
