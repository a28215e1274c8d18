"""The inbox: the lists of conversations, and one conversation beside the list it was opened from."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from touchline.desk.live import publish
from touchline.desk.models import Conversation, Presence
from touchline.web import around, lists, talk
from touchline.web.access import conversation_for, signed_in
from touchline.web.page import render
from touchline.web.request import READING_LASTS, Request


@signed_in
@require_GET
def waiting(request: Request) -> HttpResponse:
    return _list(request, "waiting")


@signed_in
@require_GET
def with_me(request: Request) -> HttpResponse:
    return _list(request, "with_me")


@signed_in
@require_GET
def came_back(request: Request) -> HttpResponse:
    return _list(request, "came_back")


@signed_in
@require_GET
def everything(request: Request) -> HttpResponse:
    return _list(request, "everything")


@signed_in
@require_GET
def conversation(request: Request, number: int) -> HttpResponse:
    """A conversation. With `?live=1` only what changes while it is open, for a page that has it already."""
    opened = conversation_for(request.teammate, number)
    if opened.number != number:  # it was merged, and goes on there
        return redirect("conversation", opened.number)
    where = lists.Where.of(request, default="waiting" if opened.is_waiting else "everything")
    _reads(request, opened)
    if request.GET.get("live"):
        return render(request, "conversation.html", block="live", **talk.living(request, opened, where, whole=True))
    else:
        return talk.show(request, opened, where)


@signed_in
@require_POST
def present(request: Request, number: int) -> HttpResponse:
    """A page says what its teammate does here: reading, writing, or gone."""
    opened = conversation_for(request.teammate, number)
    doing = request.POST.get("doing")
    if doing == "writing":
        _is_here(request, opened, reading_at=request.at, writing_at=request.at)
    elif doing == "gone":
        _is_here(request, opened, reading_at=None, writing_at=None)
    else:
        _is_here(request, opened, reading_at=request.at)
    return HttpResponse(status=204)


def _list(request: Request, name: str) -> HttpResponse:
    where = lists.Where(lists.PLACES[name], lists.Key.read(request.GET.get("after", "")))
    if request.GET.get("new"):
        return _new(request, where)
    elif request.GET.get("block") == "places":
        return render(request, "list.html", block="places", here="", places=around.counts(request))
    else:
        chosen = request.GET.get("chosen", "")
        context: dict[str, Any] = {
            "where": where,
            "listed": lists.page(where, request.teammate, request.at),
            "conversation": Conversation(number=int(chosen)) if chosen.isdecimal() and len(chosen) < 19 else None,
        }
        if request.GET.get("block") == "list":
            return render(request, "list.html", block="list", **context)
        else:
            return around.show(request, "list.html", here=name, **context)


def _new(request: Request, where: lists.Where) -> HttpResponse:
    """What came into a list since it was shown: a line at its edge, or nothing."""
    shown = [
        int(number)
        for number in request.GET.get("shown", "").split(",")[: lists.A_PAGE]
        if number.isdecimal() and len(number) < 19
    ]
    count, names = lists.new_since(where, shown, lists.Key.read(request.GET.get("until", "")), request.teammate)
    chosen = request.GET.get("chosen", "")
    return render(
        request, "list.html", block="new", where=where, count=count, names=names, chosen=chosen if chosen.isdecimal() else ""
    )


def _reads(request: Request, opened: Conversation) -> None:
    """They have it all in front of them now. A page that asks again within moments is not written down again."""
    here = Presence.objects.filter(conversation=opened, teammate=request.teammate).first()
    just_now = here and here.reading_at and request.at - here.reading_at < READING_LASTS / 4
    if not (here and just_now and here.seen_message == opened.latest_message):
        _is_here(request, opened, seen_message=opened.latest_message, reading_at=request.at)


def _is_here(request: Request, opened: Conversation, **values: Any) -> None:
    """Keep what they do here. The others are told only when it is something else than a moment ago."""
    before = Presence.objects.filter(conversation=opened, teammate=request.teammate).first()
    now = Presence.touch(opened, request.teammate, **values)
    if _doing(before, request.at) != _doing(now, request.at):
        publish("conversation", opened.pk)


def _doing(presence: Presence | None, at: datetime) -> tuple[bool, bool]:
    since = at - READING_LASTS
    if presence:
        return bool(presence.reading_at and presence.reading_at > since), bool(
            presence.writing_at and presence.writing_at > since
        )
    else:
        return False, False
