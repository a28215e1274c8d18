"""People helped: a month in sentences, the lists behind its figures, and how long help has held."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from touchline.core.impact import account
from touchline.core.impact.curve import Curve
from touchline.core.impact.spells import Spell as SpellValue
from touchline.desk.models import Conversation, Spell
from touchline.web import figures
from touchline.web.access import signed_in
from touchline.web.around import show
from touchline.web.drawn_curve import drawn
from touchline.web.request import Request

HOWS = ("", "confirmed", "observed", "held", "early", figures.CAME_BACK)
A_PAGE = 100


@require_safe
@signed_in
def people_helped(request: Request) -> HttpResponse:
    """A month of the account, as it stands now."""
    here = request.at.astimezone(request.desk.zone).date().replace(day=1)
    first = _month(request.GET.get("month", ""), here)
    days = figures.Days(first, _next(first))
    period = days.period(request)
    horizons = request.desk.horizons
    spells = Spell.objects.began_in(period).as_values()
    who = account.who(spells, period, as_of=request.at, horizons=horizons)
    hands = account.had_a_hand(spells, period, as_of=request.at)
    curve = Curve(spells, period, as_of=request.at)
    before = first - timedelta(days=1)
    return show(
        request,
        "people_helped.html",
        here="people_helped",
        title=_month_name(first, here),
        sentence=_sentence(len(who.helped), first, here),
        came_back=_came_back(who.came_back),
        with_us=_with_us(who.came_back),
        came_back_address=days.address(figures.CAME_BACK),
        lines=figures.lines(who, days, horizons),
        mine=len(hands.get(str(request.teammate.pk), ())),
        mine_address=days.address("", mine=True),
        said=figures.said(request, since=period.from_, until=period.to),
        curve=drawn(curve, horizons),
        held=_held(curve, request),
        days=_by_day(spells, days, request),
        earlier=_month_name(before, here) if Spell.objects.filter(began_at__lt=period.from_).exists() else "",
        earlier_address=f"?month={before:%Y-%m}",
        later=_month_name(days.to, here) if first < here else "",
        later_address=f"?month={days.to:%Y-%m}" if days.to < here else reverse("people_helped"),
    )


@require_safe
@signed_in
def who(request: Request) -> HttpResponse:
    """The people behind a figure, each with how we know; as CSV with `csv=1`."""
    days = _days(request)
    how = request.GET.get("how", "")
    mine = bool(request.GET.get("mine"))
    if how not in HOWS:
        raise Http404
    among = figures.among(days.who(request, mine=mine), how)
    if request.GET.get("csv"):
        return _as_csv(among, days, request)
    page = Paginator(among, A_PAGE).get_page(request.GET.get("page"))
    return show(
        request,
        "who.html",
        here="people_helped",
        title=_title(len(among), how),
        people=figures.behind(list(page.object_list), request),
        days=days,
        last=days.to - timedelta(days=1),
        mine=mine,
        csv=days.address(how, mine=mine, csv=True),
        back=f"{reverse('people_helped')}?month={days.from_:%Y-%m}",
        newer=days.address(how, mine=mine) if page.has_previous() else "",
        older=days.address(how, mine=mine, page=page.next_page_number()) if page.has_next() else "",
    )


def _by_day(spells: Sequence[SpellValue], days: figures.Days, request: Request) -> list[tuple[account.Day, figures.Days, str]]:
    """The days on which something was moved, each with where its people are listed and what it is called in its month."""
    zone, horizons = request.desk.zone, request.desk.horizons
    every = account.by_day(spells, days.from_, days.to, zone, as_of=request.at, horizons=horizons)
    one = timedelta(days=1)
    told = [day for day in every if day.people_helped or day.came_back]
    return [(day, figures.Days(day.day, day.day + one), date_format(day.day, "D j M")) for day in told]


class Held(NamedTuple):
    """What is known of one horizon: of those moved, how many are still out of the way after it."""

    after: str
    words: str
    between: str
    at_risk: int | None


def _held(curve: Curve, request: Request) -> list[Held]:
    horizons = request.desk.horizons
    told = []
    for time in (horizons.hours, horizons.days, horizons.weeks):
        share = curve.at(time)
        if share is None:
            told.append(Held(figures.span(time), _("too early to say"), "", None))
        else:
            sure = share.s in (0, 1)  # the interval has no width then, and would say more than we know
            between = (
                "" if sure else _("%(low)d to %(high)d %%") % {"low": round(share.low * 100), "high": round(share.high * 100)}
            )
            told.append(Held(figures.span(time), _("%(share)d %%") % {"share": round(share.s * 100)}, between, share.at_risk))
    return told


def _came_back(back: Sequence[account.CameBack]) -> str:
    if back:
        return ngettext("%(count)d other came back.", "%(count)d others came back.", len(back)) % {"count": len(back)}
    else:
        return ""


def _with_us(back: Sequence[account.CameBack]) -> str:
    """With how many of those who came back we are now: something of theirs is open."""
    with_us: set[int] = set()
    for some in figures.in_batches(back):
        theirs = Conversation.objects.open().filter(person__in=[int(known.person) for known in some])
        with_us.update(theirs.order_by().values_list("person_id", flat=True))
    if back and len(with_us) == len(back):
        return _("We are with them now.")
    elif with_us:
        return ngettext("We are with %(count)d of them now.", "We are with %(count)d of them now.", len(with_us)) % {
            "count": len(with_us)
        }
    else:
        return ""


def _sentence(helped: int, month: date, here: date) -> str:
    if month == here and helped:
        words = ngettext("This month we helped %(count)d person so far.", "This month we helped %(count)d people so far.", helped)
    elif month == here:
        words = _("Nobody has been helped yet this month.")
    elif helped:
        words = ngettext("In %(month)s we helped %(count)d person.", "In %(month)s we helped %(count)d people.", helped)
    else:
        words = _("In %(month)s we helped nobody that we know of.")
    return words % {"count": helped, "month": _month_name(month, here)}


def _month_name(month: date, here: date) -> str:
    return date_format(month, "F") if month.year == here.year else date_format(month, "F Y")


def _title(count: int, how: str) -> str:
    counted = {"count": count}
    words = {
        "": ngettext("%(count)d person was helped", "%(count)d people were helped", count),
        "confirmed": ngettext("%(count)d person told us so", "%(count)d people told us so", count),
        "observed": ngettext("%(count)d person we saw get there", "%(count)d people we saw get there", count),
        "held": ngettext("For %(count)d person it has held", "For %(count)d people it has held", count),
        "early": ngettext("For %(count)d person it is too early to say", "For %(count)d people it is too early to say", count),
        figures.CAME_BACK: ngettext("%(count)d person came back", "%(count)d people came back", count),
    }
    return words[how] % counted


def _as_csv(among: Sequence[figures.Counted], days: figures.Days, request: Request) -> HttpResponse:
    """The people of a figure, a line each. It begins with a mark by which spreadsheets know UTF-8."""
    lines = io.StringIO()
    rows = csv.writer(lines)
    rows.writerow([_("day"), _("person"), _("what was in the way"), _("evidence"), _("how we know")])
    for some in figures.in_batches(among):
        for person in figures.behind(some, request):
            told = (person.name, person.blocker, person.evidence, person.sentence)
            rows.writerow([person.day.isoformat(), *map(_cell, told)])
    response = HttpResponse("\ufeff" + lines.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="people-helped-{days.from_}-{days.to}.csv"'
    return response


def _cell(words: str) -> str:
    """Words that no spreadsheet takes for a formula."""
    return f"'{words}" if words.lstrip()[:1] in FORMULAS else words


FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "\0")


def _days(request: Request) -> figures.Days:
    try:
        days = figures.Days(date.fromisoformat(request.GET.get("from", "")), date.fromisoformat(request.GET.get("to", "")))
    except ValueError:
        raise Http404 from None
    if not (date(1970, 1, 2) < days.from_ < days.to < date(2200, 1, 1)):
        raise Http404
    return days


def _month(words: str, here: date) -> date:
    try:
        month = datetime.strptime(words, "%Y-%m").replace(tzinfo=UTC).date() if words else here
    except ValueError:
        raise Http404 from None
    if not date(1970, 2, 1) <= month <= here:
        raise Http404
    return month


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)
