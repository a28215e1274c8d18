"""Replies that have not gone out, or not to everyone: why, and what to do about it."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from touchline.desk.models import Delivery
from touchline.web.access import delivery_for, signed_in
from touchline.web.around import offer, show
from touchline.web.forms import id_in
from touchline.web.page import render
from touchline.web.request import Request, page_of_ours

A_PAGE = 50


@require_safe
@signed_in
def not_sent(request: Request) -> HttpResponse:
    """Newest first; `?before=` goes on to older ones. An open page asks for its line `?one=` anew, and how many came `?since=`."""
    one, since, before = (id_in(request.GET, name) for name in ("one", "since", "before"))
    mine = Delivery.objects.visible_to(request.teammate)
    listed = (mine.not_sent() | mine.in_trouble()).select_related("message", "conversation__person", "mailbox")
    if one is not None:
        return render(request, "not_sent.html", block="one", delivery=delivery_for(request.teammate, one), whom=whom)
    elif since is not None:
        return render(request, "not_sent.html", block="more", more=listed.filter(pk__gt=since)[:A_PAGE].count())
    elif before:
        listed = listed.filter(pk__lt=before)
    found = list(listed[: A_PAGE + 1])
    older = found[A_PAGE - 1].pk if len(found) > A_PAGE else None
    return show(request, "not_sent.html", here="not_sent", deliveries=found[:A_PAGE], older=older, first=not before, whom=whom)


def whom(delivery: Delivery) -> str:
    """Whom it was to reach: names, or addresses where there is no name."""
    return ", ".join(name or address for name, address in delivery.message.addressed.get("to", []))


@require_POST
@signed_in
def again(request: Request, id: int) -> HttpResponse:
    """Try it again now, and go back to the page one was on: `next`, where that is one of ours."""
    delivery = delivery_for(request.teammate, id)
    delivery.try_by_hand(request.at)
    offer(request, _("It is tried again now."))
    return redirect(page_of_ours(request, request.POST.get("next", "")) or "not_sent")


@require_POST
@signed_in
def put_away(request: Request, id: int) -> HttpResponse:
    delivery_for(request.teammate, id).put_away(request.at)
    offer(request, _("It is off this list. The conversation still shows that it did not go out."))
    return redirect("not_sent")
