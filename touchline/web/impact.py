"""People helped: a month in sentences, the lists behind its figures, and how long help has held."""

import csv
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from touchline.core.impact.account import Day, by_day
from touchline.core.impact.curve import Curve
from touchline.desk.models import Conversation, Spell
from touchline.web import figures
from touchline.web.access import signed_in
from touchline.web.around import show
from touchline.web.request import Request

HOWS = ("", "confirmed", "observed", "held", "early", figures.CAME_BACK)


@require_safe
@signed_in
def people_helped(request: Request) -> HttpResponse:
    """A month of the account, as it stands now."""
    here = request.at.astimezone(request.desk.zone).date().replace(day=1)
    first = _month(request.GET.get("month", ""), here)
    days = figures.Days(first, _next(first))
    period = days.period(request)
    who = days.who(request)
    spells = Spell.objects.began_in(period).as_values()
    horizons = request.desk.horizons
    mine = days.who(request, mine=True)
    return show(
        request,
        "people_helped.html",
        here="people_helped",
        sentence=_sentence(len(who.helped), first, here),
        came_back=_came_back(request, who.came_back),
        came_back_address=days.address(figures.CAME_BACK),
        lines=figures.lines(who, days, horizons),
        mine=len(mine.helped),
        mine_address=days.address("", mine=True),
        held=_held(Curve(spells, period, as_of=request.at), request),
        days=[
            (day, figures.Days(day.day, day.day + timedelta(days=1)))
            for day in by_day(spells, days.from_, days.to, request.desk.zone, as_of=request.at, horizons=horizons)
            if _worth_a_line(day)
        ],
        said=figures.said(request, since=period.from_, until=period.to),
        month=first,
        earlier=f"?month={(first - timedelta(days=1)):%Y-%m}",
        later=f"?month={_next(first):%Y-%m}" if first < here else "",
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
    people = figures.behind(days.who(request, mine=mine), how, request)
    if request.GET.get("csv"):
        return _as_csv(people, days)
    return show(
        request,
        "who.html",
        here="people_helped",
        title=_title(len(people), how),
        people=people,
        days=days,
        last=days.to - timedelta(days=1),
        mine=mine,
        csv=days.address(how, mine=mine, csv=True),
        back=f"{reverse('people_helped')}?month={days.from_:%Y-%m}",
    )


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
            between = _("%(low)d to %(high)d %%") % {"low": round(share.low * 100), "high": round(share.high * 100)}
            told.append(Held(figures.span(time), _("%(share)d %%") % {"share": round(share.s * 100)}, between, share.at_risk))
    return told


def _came_back(request: Request, back: list[figures.CameBack]) -> str:
    count = len(back)
    if not count:
        return ""
    with_us = (
        Conversation.objects.open().filter(person__in=[int(known.person) for known in back]).values("person").distinct().count()
    )
    others = ngettext("%(count)d person came back.", "%(count)d people came back.", count) % {"count": count}
    now = ngettext("We are with %(count)d of them now.", "We are with %(count)d of them now.", with_us) % {"count": with_us}
    return f"{others} {now}"


def _sentence(helped: int, month: date, here: date) -> str:
    if month == here:
        words = ngettext("This month we helped %(count)d person so far.", "This month we helped %(count)d people so far.", helped)
    else:
        words = ngettext("In %(month)s we helped %(count)d person.", "In %(month)s we helped %(count)d people.", helped)
    name = date_format(month, "F") if month.year == here.year else date_format(month, "F Y")
    return words % {"count": helped, "month": name}


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


def _as_csv(people: list[figures.Behind], days: figures.Days) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="people-helped-{days.from_}-{days.to}.csv"'
    rows = csv.writer(response)
    rows.writerow([_("day"), _("person"), _("what was in the way"), _("evidence"), _("how we know")])
    rows.writerows(
        [person.day.isoformat(), *map(_cell, (person.name, person.blocker, person.evidence, person.sentence))]
        for person in people
    )
    return response


def _cell(words: str) -> str:
    """Words that no spreadsheet takes for a formula."""
    return f"'{words}" if words[:1] in ("=", "+", "-", "@", "\t", "\r") else words


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


def _worth_a_line(day: Day) -> bool:
    return bool(day.people_helped or day.came_back)
