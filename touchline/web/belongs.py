"""What a teammate says of where a conversation belongs: it is spam, it is one with another, somebody is no part of it."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from touchline.desk.models import Conversation
from touchline.desk.models.conversation_merging import CannotBeMerged
from touchline.web import lists
from touchline.web.access import conversation_for, participant_for, signed_in
from touchline.web.around import offer, show
from touchline.web.outcomes import go_on, stay
from touchline.web.request import Request

MOST_NEAR = 10


@require_POST
@signed_in
def call_spam(request: Request, number: int) -> HttpResponse:
    """It is spam; with `block`, so is what else comes from that address."""
    opened = conversation_for(request.teammate, number)
    key = lists.key_of(opened, lists.Where.of(request).place)
    try:
        activity = opened.call_spam(by=request.teammate, at=request.at, block=request.POST.get("block", ""))
    except ValidationError as trouble:
        raise Http404 from trouble  # nothing that a page of ours offers
    return go_on(request, opened, key, activity)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def merge(request: Request, number: int) -> HttpResponse:
    """Choose another conversation by its number, look at it, and merge this one into it."""
    opened = conversation_for(request.teammate, number)
    told = (request.POST if request.method == "POST" else request.GET).get("into", "").strip()
    into = _named(request, opened, told)
    trouble = _("There is no other conversation with this number.") if told and into is None else ""
    if request.method == "POST" and into:
        try:
            activity = opened.merge(into, by=request.teammate, at=request.at)
        except CannotBeMerged:
            trouble = _("One of the two was merged already. Here is how it is now.")
        else:
            words = _("Number %(number)s goes on here.") % {"number": opened.number}
            offer(request, words, undo=reverse("undo", args=[activity.pk]), seconds=0)
            return redirect("conversation", into.number)
    near = Conversation.objects.visible_to(request.teammate).listed().filter(person=opened.person).exclude(pk=opened.pk)
    return show(
        request,
        "merge.html",
        here="",
        conversation=opened,
        told=told,
        into=into,
        trouble=trouble,
        near=near.newest_first()[:MOST_NEAR],
        status=422 if trouble else 200,
    )


@require_POST
@signed_in
def remove_participant(request: Request, number: int, id: int) -> HttpResponse:
    """They get nothing more of what we write here, until they are added again."""
    opened = conversation_for(request.teammate, number)
    return stay(request, opened, participant_for(request.teammate, opened, id).remove(by=request.teammate, at=request.at))


def _named(request: Request, opened: Conversation, told: str) -> Conversation | None:
    """The conversation that a number names, wherever it goes on; None where that is this one, or none."""
    told = told.removeprefix("#")
    if not (told.isascii() and told.isdecimal() and len(told) < 19):
        return None
    found = Conversation.objects.visible_to(request.teammate).filter(number=int(told)).select_related("person").first()
    into = found.target() if found else None
    return None if into == opened else into
