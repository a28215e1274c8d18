"""When is a silence longer than usual? Worked out from what came in the weeks before, at the same time of the week."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

WEEKS = 4
"""Weeks that are looked back at."""
HISTORY = timedelta(weeks=2)
"""Of what began later than this, nothing is claimed."""
LEAST = timedelta(hours=1)
"""No silence shorter than this is ever worth a word."""
TIMES = 1.5
"""A silence is unusual from so many times the longest that there was at this time of the week."""
AROUND = timedelta(hours=2)
"""What is near enough to be the same time of the week, before and after."""
MISSED = 6.0
"""And only where so many would have come meanwhile, as a mean of the weeks before. Were they to come by chance alone (a Poisson
process), a silence like this would be one in four hundred."""
STEP = timedelta(minutes=15)

REACH = timedelta(weeks=WEEKS + 1)
"""How far back one must know what came."""


@dataclass(frozen=True, slots=True)
class Unusual:
    """A silence that is longer than usual."""

    since: datetime
    """When the last one came."""
    noticed_at: datetime
    """When it became longer than usual."""


def unusual(came: Sequence[datetime], *, at: datetime, zone: tzinfo) -> Unusual | None:
    """The silence that lasts at `at`, if it is, or was in its course, longer than usual; None where it is not, or nobody can say.

    `came` is when each one came, oldest first, over REACH at least where there is so much. A night or a weekend that is always
    quiet is usual: silences are compared with those at the same time of the week, by the clock of `zone`. Once a silence is
    unusual it stays so until something comes, though the night that follows would have been quiet anyway.
    """
    came = [when for when in came if when <= at]
    if not came:
        return None
    last, end = came[-1], min(at, came[-1] + REACH)
    moment = last + LEAST
    while moment <= end:
        if at - moment < STEP:
            moment = end
        if _is_unusual(came, moment, zone):
            return Unusual(since=last, noticed_at=moment)
        moment += STEP
    return None


def _is_unusual(came: Sequence[datetime], moment: datetime, zone: tzinfo) -> bool:
    weeks = _weeks(came, moment, zone)
    if came[0] > moment - HISTORY or len(weeks) < HISTORY // timedelta(weeks=1):
        return False
    else:
        silence = moment - came[-1]
        longest = max(_longest(came, week) for week in weeks)
        return silence > max(LEAST, longest * TIMES) and _usual_count(came, silence, weeks) >= MISSED


def _weeks(came: Sequence[datetime], moment: datetime, zone: tzinfo) -> list[datetime]:
    """The same time of the week in the weeks before of which we know what came."""
    there = moment.astimezone(zone)
    before = [(there - timedelta(weeks=back)).astimezone(UTC) for back in range(1, WEEKS + 1)]
    return [week for week in before if week - AROUND >= came[0]]


def _longest(came: Sequence[datetime], moment: datetime) -> timedelta:
    """The longest that anyone had waited for the next one, at any time around this moment."""
    first, last = bisect_right(came, moment - AROUND), bisect_right(came, moment + AROUND)
    within = [came[i] - came[i - 1] for i in range(max(1, first), last)]
    return max([*within, moment + AROUND - came[last - 1]])


def _usual_count(came: Sequence[datetime], silence: timedelta, weeks: Sequence[datetime]) -> float:
    """How many came, as a mean, in as long a time up to the same time of the week."""
    counts = [bisect_right(came, week) - bisect_right(came, week - silence) for week in weeks]
    return sum(counts) / len(counts)
