"""Today: whom we helped, how we know, who waits, and who came back."""

from datetime import timedelta

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from touchline.desk.milestones import brought_back
from touchline.desk.models import Conversation
from touchline.web import figures, lists, milestones
from touchline.web.access import signed_in
from touchline.web.around import MOST_COUNTED, show
from touchline.web.request import Request

SHOWN = 5
LATELY = timedelta(days=7)


@require_safe
@signed_in
def today(request: Request) -> HttpResponse:
    day = request.at.astimezone(request.desk.zone).date()
    mine = bool(request.GET.get("mine"))
    team = figures.Days(day, day + timedelta(days=1))
    days = team.only(teammate=request.teammate.pk) if mine else team
    who = days.who(request)
    waiting = _rows("waiting", request)
    return show(
        request,
        "today.html",
        here="today",
        sentence=_mine(len(who.helped)) if mine else _sentence(len(who.helped)),
        whose=figures.whose(reverse("today"), reverse("today") + "?mine=1", mine=mine),
        lead=_waiting(_people_waiting(request)),
        lines=figures.lines(who, days, request.desk.horizons),
        came_back_today=len(who.came_back),
        came_back_address=days.address(figures.CAME_BACK),
        mine=0 if mine else len(days.who(request, mine=True).helped),
        mine_address=days.address("", mine=True),
        waiting=waiting[:SHOWN],
        more_wait=len(waiting) > SHOWN,
        came_back=_rows("came_back", request)[:SHOWN],
        milestones=milestones.told(brought_back(request.teammate, request.at)[:SHOWN], request.teammate),
        said=figures.said(request, since=request.at - LATELY, until=request.at, mine=mine),
    )


def _rows(place: str, request: Request) -> list[lists.Row]:
    return lists.page(lists.Where(lists.PLACES[place]), request.teammate, request.at).rows


def _people_waiting(request: Request) -> int:
    """How many people wait, each once; one more than we count stands for all beyond."""
    waiting = Conversation.objects.visible_to(request.teammate).waiting().order_by()
    return waiting.values("person").distinct()[: MOST_COUNTED + 1].count()


def _sentence(helped: int) -> str:
    if helped:
        words = ngettext("Today we helped %(count)d person so far.", "Today we helped %(count)d people so far.", helped)
        return words % {"count": helped}
    else:
        return _("Nobody has been helped yet today.")


def _mine(helped: int) -> str:
    if helped:
        words = ngettext(
            "Today you took part in helping %(count)d person so far.",
            "Today you took part in helping %(count)d people so far.",
            helped,
        )
        return words % {"count": helped}
    else:
        return _("You have taken part in helping nobody yet today.")


def _waiting(people: int) -> str:
    if people > MOST_COUNTED:
        return _("More than %(count)d people wait for us.") % {"count": MOST_COUNTED}
    elif people:
        return ngettext("%(count)d person waits for us.", "%(count)d people wait for us.", people) % {"count": people}
    else:
        return _("Nobody is waiting.")
