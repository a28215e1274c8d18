"""The held curve as a drawing: a step line in its band, which ends where it is too early to say."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from touchline.core.impact.curve import Curve, Held
from touchline.core.impact.spells import Horizons
from touchline.web.figures import span

WIDE, HIGH = 640, 160
STEPS = 168
"""Places along the line at which it is read: every three hours with a horizon of three weeks."""


class Mark(NamedTuple):
    """A place on an axis with its words."""

    at: float
    words: str


class Drawing(NamedTuple):
    """Paths and marks for an SVG of WIDE by HIGH; `ends` is where the line stops short of the last horizon, if it does."""

    line: str
    band: str
    across: list[Mark]
    up: list[Mark]
    ends: float | None


def drawn(curve: Curve, horizons: Horizons) -> Drawing | None:
    """The curve up to the *weeks* horizon; None where nothing was moved, or only just now."""
    seen: list[tuple[float, Held]] = []
    for step in range(STEPS + 1):
        held = curve.at(horizons.weeks * step / STEPS)
        if held is None:
            break
        seen.append((WIDE * step / STEPS, held))
    if len(seen) < 2:
        return None
    there = [(x, held.high) for x, held in seen]
    back = [(x, held.low) for x, held in seen]
    return Drawing(
        line=_path([(x, held.s) for x, held in seen]),
        band=f"{_path(there)} L{_point(*back[-1])} {_backwards(back)}Z",
        across=[Mark(round(WIDE * (time / horizons.weeks), 1), span(time)) for time in (horizons.days, horizons.weeks)],
        up=[Mark(_y(share), _("%(share)d %%") % {"share": round(100 * share)}) for share in (0, 0.5, 1)],
        ends=seen[-1][0] if len(seen) <= STEPS else None,
    )


def _path(points: list[tuple[float, float]]) -> str:
    """From the first point on, level until the next and then up or down to it."""
    (x, share), *more = points
    return f"M{_point(x, share)}" + "".join(f" H{x:g} V{_y(share):g}" for x, share in more)


def _backwards(points: list[tuple[float, float]]) -> str:
    """The same steps from the last point to the first."""
    pairs = zip(reversed(points[:-1]), reversed(points[1:]), strict=True)
    return "".join(f"V{_y(share):g} H{x:g} " for (x, share), _next in pairs)


def _point(x: float, share: float) -> str:
    return f"{x:g} {_y(share):g}"


def _y(share: float) -> float:
    return round(HIGH * (1 - share), 1)
