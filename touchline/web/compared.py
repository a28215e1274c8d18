"""Two held curves beside each other, and whether the difference is more than chance would make."""

from datetime import datetime
from typing import NamedTuple

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from touchline.core.impact.account import Period
from touchline.core.impact.curve import Curve
from touchline.core.impact.log_rank import LogRank, log_rank
from touchline.core.impact.spells import Spell as SpellValue
from touchline.desk.models import Topic
from touchline.web.request import Request
from touchline.web.spans import Span

BEFORE = "before"
LIKELY = 0.05
"""A difference that chance alone makes this often or more is not told as one."""


class Compared(NamedTuple):
    """The other curve, what both are called, and what the test says of them."""

    curve: Curve
    ours: str
    other: str
    words: str
    how: str


def choices(span: Span) -> list[tuple[str, str]]:
    """What the span can be compared with: the one before, or with a topic, that topic with all others."""
    topics = [(f"topic:{key}", name) for key, name in _topics().items() if key != span.days.among.topic]
    before = [(BEFORE, span.before.name)] if span.before else []
    return before + topics


def asked(request: Request, span: Span, spells: list[SpellValue]) -> Compared | None:
    """The comparison that an address asks for, if it does. A topic is compared with the one that the page is narrowed to, or with
    all that is about something else: no spell is in both."""
    with_what = request.GET.get("compare", "")
    if not with_what:
        return None
    at = span.days.at(request)
    if with_what == BEFORE and span.before:
        before = span.before.days
        return _compared(spells, before.spells(request), before.period(request), (span.name, span.before.name), at)
    topic = with_what.removeprefix("topic:")
    if topic == with_what or topic not in _topics() or topic == span.days.among.topic:
        raise Http404
    theirs = span.days.only(topic=topic).spells(request)
    if span.days.among.topic is None:
        found = {spell.blocker for spell in theirs}
        spells = [spell for spell in spells if spell.blocker not in found]
        ours = _("everything else")
    else:
        ours = _topics().get(span.days.among.topic, _("no topic"))
    return _compared(spells, theirs, span.days.period(request), (ours, _topics()[topic]), at)


def _topics() -> dict[str, str]:
    return dict(Topic.objects.order_by("name").values_list("key", "name"))


def _compared(
    spells: list[SpellValue],
    theirs: list[SpellValue],
    their_period: Period,
    names: tuple[str, str],
    at: datetime,
) -> Compared:
    ours, other = names
    found = log_rank(spells, theirs, as_of=at)
    return Compared(Curve(theirs, their_period, as_of=at), ours, other, said(found, ours, other), _arithmetic(found))


def said(found: LogRank | None, ours: str, other: str) -> str:
    """What the test says, for someone who has never heard of one."""
    if found is None:
        return _("Too little has come back, or been watched for as long, to compare them.")
    elif found.p >= LIKELY:
        return _("We cannot tell them apart: chance alone makes such a difference often enough.")
    else:
        words = _(
            "What was moved in “%(sooner)s” comes back sooner than in “%(later)s”. Chance alone makes such a difference in %(often)s."
        )
        sooner, later = (ours, other) if found.sooner else (other, ours)
        return words % {"sooner": sooner, "later": later, "often": one_in(found.p)}


def one_in(p: float) -> str:
    """How often something happens, as one would tell it: “1 of 200 cases”."""
    if p < 1e-6:
        return _("less than 1 of 1,000,000 cases")
    of = round(1 / p)
    scale = 10 ** max(0, len(str(of)) - 2)  # two figures are as much as can be meant
    of = of // scale * scale
    return ngettext("1 of %(of)s case", "1 of %(of)s cases", of) % {"of": f"{of:,}"}


def _arithmetic(found: LogRank | None) -> str:
    if found is None:
        return ""
    words = _("Log-rank test (Mantel and Haenszel): chi-square %(chi)s with 1 degree of freedom, p = %(p)s.")
    return words % {"chi": f"{found.chi_square:.2f}", "p": f"{found.p:.3f}" if found.p >= 0.001 else f"{found.p:.1e}"}
