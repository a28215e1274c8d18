"""Whether some blockers stay out of the way longer than others, or whether chance alone would make such a difference.

N. Mantel, "Evaluation of survival data and two new rank order statistics arising in its consideration", Cancer Chemotherapy
Reports 50 (1966); the variance is that of the hypergeometric distribution at each time of a return (Mantel and Haenszel, 1959).
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from math import erfc, sqrt
from typing import NamedTuple

from touchline.core.impact.spells import Spell


class LogRank(NamedTuple):
    """How two sets of spells compare: the statistic (chi-square, 1 degree of freedom), how often chance alone gives one as large,
    and how many of the first came back beside how many would have if both held alike."""

    chi_square: float
    p: float
    returned: int
    expected: float

    @property
    def sooner(self) -> bool:
        """Whether the first come back sooner than the others."""
        return self.returned > self.expected


def log_rank(one: Iterable[Spell], other: Iterable[Spell], *, as_of: datetime) -> LogRank | None:
    """Compare how long two sets of spells held, as far as was known at `as_of`. No spell may be in both.

    None where nothing can be said: at no time had something come back while spells of both were watched.
    """
    ours = [spell for spell in one if spell.began_at <= as_of]
    both = ours + [spell for spell in other if spell.began_at <= as_of]
    lasted_ours = sorted(spell.lasted(as_of) for spell in ours)
    lasted = sorted(spell.lasted(as_of) for spell in both)
    returned_ours = Counter(spell.lasted(as_of) for spell in ours if not spell.stands(as_of))
    returned = Counter(spell.lasted(as_of) for spell in both if not spell.stands(as_of))
    expected = variance = 0.0
    for t, d in sorted(returned.items()):
        n_ours, n = len(lasted_ours) - bisect_left(lasted_ours, t), len(lasted) - bisect_left(lasted, t)
        expected += d * n_ours / n
        if n > 1:
            variance += d * (n_ours / n) * (1 - n_ours / n) * (n - d) / (n - 1)
    if not variance:
        return None
    count = returned_ours.total()
    chi_square = (count - expected) ** 2 / variance
    return LogRank(chi_square, erfc(sqrt(chi_square / 2)), count, expected)
