"""Today: whom we helped, how we know, who waits, and who came back."""

from datetime import timedelta

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from touchline.desk.models import Conversation
from touchline.web import figures
from touchline.web.access import signed_in
from touchline.web.around import show
from touchline.web.request import Request

SHOWN = 5


@require_safe
@signed_in
def today(request: Request) -> HttpResponse:
    day = request.at.astimezone(request.desk.zone).date()
    days = figures.Days(day, day + timedelta(days=1))
    who = days.who(request)
    mine = days.who(request, mine=True)
    seen = Conversation.objects.visible_to(request.teammate).select_related("person").prefetch_related("person__addresses")
    waiting = list(seen.waiting().longest_first()[:SHOWN])
    came_back = list(seen.came_back().order_by("-came_back_at", "-id")[:SHOWN])
    return show(
        request,
        "today.html",
        here="today",
        sentence=_sentence(len(who.helped)),
        lines=figures.lines(who, days, request.desk.horizons),
        came_back_today=len(who.came_back),
        came_back_address=days.address(figures.CAME_BACK),
        mine=len(mine.helped),
        mine_address=days.address("", mine=True),
        waiting=waiting,
        waiting_count=Conversation.objects.visible_to(request.teammate).waiting().order_by()[:1001].count(),
        came_back=came_back,
        said=figures.said(request, since=request.at - timedelta(days=7), until=request.at),
    )


def _sentence(helped: int) -> str:
    if helped:
        return ngettext("Today we helped %(count)d person so far.", "Today we helped %(count)d people so far.", helped) % {
            "count": helped
        }
    else:
        return _("Nobody has been helped yet today.")
