"""People helped: a month in sentences, the lists behind its figures, and how long help has held."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from touchline.core.impact import account
from touchline.core.impact.curve import Curve
from touchline.desk.models import Conversation, KeptFigures, Spell
from touchline.web import compared, figures, groups, spans
from touchline.web.access import signed_in
from touchline.web.around import show
from touchline.web.check_in_estimate import estimate
from touchline.web.drawn_curve import drawn
from touchline.web.request import Request

HOWS = ("", "confirmed", "observed", "held", "early", figures.CAME_BACK)
A_PAGE = 100
MOST_COUNTED = 20_000
"""A year, or all of time, with more spells in it is counted beside the pages, and kept."""
MOST_LOOKED_BACK = 5000
"""With more spells in it, how a span stood at its end is worked out only where somebody asks."""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def people_helped(request: Request) -> HttpResponse:
    """A month of the account, or another span, as it stands now or as it stood; counted by parts, and compared."""
    span = spans.span(request)
    days = span.days
    if span.kind in (spans.YEAR, spans.ALL) and not days.as_of and _is_long(days.period(request)):
        return _kept(request, span)
    period, at = days.period(request), days.at(request)
    horizons = request.desk.horizons
    spells = days.spells(request)
    who = account.who(spells, period, as_of=at, horizons=horizons)
    hands = account.had_a_hand(spells, period, as_of=at)
    curve = Curve(spells, period, as_of=at)
    beside = compared.asked(request, span, spells)
    return show(
        request,
        "people_helped.html",
        here="people_helped",
        span=span,
        title=span.name,
        anything=bool(spells),
        sentence=_sentence(len(who.helped), span),
        came_back=_came_back(who.came_back),
        with_us="" if days.as_of else _with_us(who.came_back),
        came_back_address=days.address(figures.CAME_BACK),
        lines=figures.lines(who, days, horizons),
        mine=0 if days.among.teammate else len(hands.get(str(request.teammate.pk), ())),
        mine_address=days.address("", mine=True),
        whose=_whose(span, request),
        said=[] if days.as_of or days.query else figures.said(request, since=period.from_, until=period.to),
        curve=drawn(curve, horizons),
        held=_held(curve, request),
        estimate=estimate(spells, period, as_of=at),
        compared=beside,
        compared_curve=drawn(beside.curve, horizons) if beside else None,
        compared_held=_held(beside.curve, request) if beside else [],
        can_compare=compared.choices(span),
        groups=groups.grouped(request, span, spells),
        tabs=groups.tabs(request, span),
        narrow=groups.narrow(days.among),
        narrowed=groups.narrowed_words(days.among),
        kinds=_kinds(span),
        earlier=_beside(span.before, span) if span.before and _anything_before(period) else None,
        later=_beside(span.after, span) if span.after else None,
        stood=_stood(request, span, who),
        now=f"?{urlencode(span.query | {name: words for name, words in days.query.items() if name != 'as_of'})}",
    )


def _is_long(period: account.Period) -> bool:
    """Whether a page would take long to count it."""
    return Spell.objects.began_in(period).order_by()[: MOST_COUNTED + 1].count() > MOST_COUNTED


def _kept(request: Request, span: spans.Span) -> HttpResponse:
    """A long time as it was counted last, with the time of that; or that it is being counted."""
    days = span.days
    always = span.kind == spans.ALL
    name = f"{span.kind}:{'' if always else days.from_}:{urlencode(days.query)}:{days.among.teammate or ''}"[:200]
    kept = KeptFigures.of(name, days.from_, None if always else days.to, days.among)
    if request.method == "POST":
        kept.anew()
        return redirect(_address(span))
    return show(
        request,
        "people_helped_kept.html",
        here="people_helped",
        span=span,
        kept=kept,
        sentence=_sentence(kept.figures["total"], span) if kept.told_at else _("This is being counted."),
        narrowed=groups.narrowed_words(days.among),
        lines=figures.kept_lines(kept.figures.get("by_evidence", {}), request.desk.horizons),
        came_back=kept.figures.get("came_back", 0),
        months=[
            (date_format(date.fromisoformat(day), "F Y"), day[:7], helped, back)
            for day, helped, back in kept.figures.get("months", [])
        ],
        kinds=_kinds(span),
        address=_address(span),
    )


class Place(NamedTuple):
    """Somewhere else to look, what it is called, and whether it is here."""

    words: str
    address: str
    here: bool = False


def _kinds(span: spans.Span) -> list[Place]:
    words = {spans.DAY: _("Day"), spans.WEEK: _("Week"), spans.MONTH: _("Month"), spans.YEAR: _("Year")}
    told = [Place(name, _address(span.of_kind(kind)), kind == span.kind) for kind, name in words.items()]
    always = f"{reverse('people_helped')}?{urlencode({spans.ALL: '1'} | span.days.query)}"
    return [*told, Place(_("All"), always, span.kind == spans.ALL)]


def _whose(span: spans.Span, request: Request) -> list[figures.Whose]:
    team, own = (replace(span, days=span.days.only(teammate=one)) for one in (None, request.teammate.pk))
    return figures.whose(_address(team), _address(own), mine=bool(span.days.among.teammate))


def _beside(other: spans.Span, span: spans.Span) -> Place:
    return Place(_capital(other.name), _address(other))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _address(span: spans.Span) -> str:
    query = urlencode(span.query | span.days.query)
    return f"{reverse('people_helped')}{'?' if query else ''}{query}"


def _anything_before(period: account.Period) -> bool:
    return Spell.objects.filter(began_at__lt=period.from_).exists()


class Stood(NamedTuple):
    """What was thought of a span when it ended, and what has changed since."""

    words: str
    address: str


def _stood(request: Request, span: spans.Span, now: account.Who) -> Stood | None:
    """How the account of a span stood at its end, where that is past and it has changed since."""
    days = span.days
    if (
        span.kind == spans.ALL
        or span.is_now
        or days.as_of
        or days.to > span.here
        or Spell.objects.began_in(days.period(request)).count() > MOST_LOOKED_BACK
    ):
        return None
    then_days = replace(days, as_of=days.to)
    then = {known.person for known in then_days.who(request).helped}
    helped = {known.person for known in now.helped}
    back = {known.person for known in now.came_back}
    if then == helped:
        return None
    day = date_format(days.to, "j F" if days.to.year == span.here.year else "j F Y")
    told = [
        ngettext("On %(day)s we thought it was %(count)d.", "On %(day)s we thought it was %(count)d.", len(then))
        % {"day": day, "count": len(then)}
    ]
    if returned := len((then - helped) & back):
        told.append(ngettext("%(count)d has come back since.", "%(count)d have come back since.", returned) % {"count": returned})
    if gone := len(then - helped - back):
        words = ngettext(
            "%(count)d counts no longer: it was undone, or nothing had stood in the way.",
            "%(count)d count no longer: it was undone, or nothing had stood in the way.",
            gone,
        )
        told.append(words % {"count": gone})
    if new := len(helped - then):
        told.append(ngettext("%(count)d was added since.", "%(count)d were added since.", new) % {"count": new})
    return Stood(" ".join(told), _address(replace(span, days=then_days)))


@require_safe
@signed_in
def who(request: Request) -> HttpResponse:
    """The people behind a figure, each with how we know; as CSV with `csv=1`."""
    days = _days(request)
    how = request.GET.get("how", "")
    mine = bool(days.among.teammate)
    if how not in HOWS:
        raise Http404
    among = figures.among(days.who(request), how)
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
        narrowed=groups.narrowed_words(days.among),
        csv=days.address(how, csv=True),
        back=f"{reverse('people_helped')}?{urlencode({'month': f'{days.from_:%Y-%m}'} | days.query)}",
        newer=days.address(how) if page.has_previous() else "",
        older=days.address(how, page=page.next_page_number()) if page.has_next() else "",
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
        people = [int(known.person) for known in some]
        theirs = Conversation.objects.open().filter(Q(person__in=people) | Q(person__joined_into__in=people)).order_by()
        with_us.update(known_as or id for id, known_as in theirs.values_list("person_id", "person__joined_into"))
    if back and len(with_us) == len(back):
        return _("We are with them now.")
    elif with_us:
        return ngettext("We are with %(count)d of them now.", "We are with %(count)d of them now.", len(with_us)) % {
            "count": len(with_us)
        }
    else:
        return ""


def _sentence(helped: int, span: spans.Span) -> str:
    if span.is_now and span.kind == spans.MONTH and helped:
        words = ngettext("This month we helped %(count)d person so far.", "This month we helped %(count)d people so far.", helped)
    elif span.is_now and span.kind == spans.MONTH:
        words = _("Nobody has been helped yet this month.")
    elif span.kind == spans.ALL:
        words = ngettext("So far we have helped %(count)d person.", "So far we have helped %(count)d people.", helped)
    elif span.kind == spans.DAY and helped:
        words = ngettext("On %(when)s we helped %(count)d person.", "On %(when)s we helped %(count)d people.", helped)
    elif span.kind == spans.DAY:
        words = _("On %(when)s we helped nobody that we know of.")
    elif helped:
        words = ngettext("In %(when)s we helped %(count)d person.", "In %(when)s we helped %(count)d people.", helped)
    else:
        words = _("In %(when)s we helped nobody that we know of.")
    return words % {"count": helped, "when": span.name}


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
        from_, to = date.fromisoformat(request.GET.get("from", "")), date.fromisoformat(request.GET.get("to", ""))
    except ValueError:
        raise Http404 from None
    if not (date(1970, 1, 2) < from_ < to < date(2200, 1, 1)):
        raise Http404
    return figures.Days(from_, to, as_of=spans.as_of(request), among=spans.among(request))
