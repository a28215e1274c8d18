"""What asking by chance tells, in plain words: the bounds that hold, and the share that holds if the silent are like the others."""

from collections.abc import Iterable
from datetime import datetime
from math import ceil, floor
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from touchline.core.impact.account import Period
from touchline.core.impact.check_ins import ENOUGH, CheckIns, check_ins
from touchline.core.impact.spells import Spell


class Estimate(NamedTuple):
    """The counts as a sentence; what they bound; and the share among those who answered, or why there is none."""

    counts: str
    bounds: str
    rate: str


def estimate(spells: Iterable[Spell], period: Period, *, as_of: datetime) -> Estimate | None:
    """Of the period's spells that were drawn by chance and asked; None where none was."""
    counted = check_ins(spells, period, as_of=as_of)
    if counted.bounds is None:
        return None
    counts = ngettext(
        "We asked after %(asked)d blocker that was drawn by chance. Yes: %(yes)d. Not yet: %(no)d. No answer: %(silent)d.",
        "We asked after %(asked)d blockers that were drawn by chance. Yes: %(yes)d. Not yet: %(no)d. No answer: %(silent)d.",
        counted.asked,
    )
    told = {"asked": counted.asked, "yes": counted.yes, "no": counted.no, "silent": counted.silent}
    return Estimate(counts % told, _bounds(counted.bounds, counted.silent), _rate(counted))


def _bounds(bounds: tuple[float, float], silent: int) -> str:
    least, most = floor(bounds[0] * 100), ceil(bounds[1] * 100)
    if not silent:
        return _("All of them answered: it worked for %(share)d %%.") % {"share": round(bounds[0] * 100)}
    elif (least, most) == (0, 100):
        return _("So we cannot say yet how often it worked.")
    else:
        words = _(
            "So it worked for at least %(least)d %% of them and at most %(most)d %%, whatever those without an answer would say."
        )
        return words % {"least": least, "most": most}


def _rate(counted: CheckIns) -> str:
    rate = counted.rate
    if rate is None:
        words = ngettext(
            "With fewer than %(count)d answer we give no share: it would say more than we know.",
            "With fewer than %(count)d answers we give no share: it would say more than we know.",
            ENOUGH,
        )
        return words % {"count": ENOUGH}
    words = _(
        "Among those who answered it is %(rate)d %%, likely between %(low)d and %(high)d %%. That speaks for all only if those who did not answer fare like those who did."
    )
    return words % {"rate": round(rate.rate * 100), "low": round(rate.low * 100), "high": round(rate.high * 100)}
