"""What a teammate says of a conversation: one verb a view, told with its undo, and on to where the hand goes next."""

import json

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from touchline.desk.models import Activity, Blocker, CameBackLink, Conversation, Message, NothingToDecide
from touchline.desk.models.conversation_outcomes import AlreadyDecided, NothingInTheWay, NotMoved
from touchline.web import lists, sentences, talk
from touchline.web.access import activity_for, conversation_for, message_for, participant_for, signed_in, teammate_for
from touchline.web.around import offer
from touchline.web.page import render
from touchline.web.request import Request


@signed_in
@require_POST
def take(request: Request, number: int) -> HttpResponse:
    opened = conversation_for(request.teammate, number)
    return stay(request, opened, opened.give(request.teammate, by=request.teammate, at=request.at))


@signed_in
@require_POST
def give(request: Request, number: int) -> HttpResponse:
    """To the teammate `to`; to nobody where that is empty."""
    opened = conversation_for(request.teammate, number)
    to = request.POST.get("to", "")
    whom = teammate_for(request.teammate, _number(to)) if to else None
    return stay(request, opened, opened.give(whom, by=request.teammate, at=request.at))


@signed_in
@require_POST
def moved(request: Request, number: int) -> HttpResponse:
    opened = conversation_for(request.teammate, number)
    try:
        return stay(request, opened, opened.move_blocker(by=request.teammate, at=request.at))
    except NothingInTheWay:
        return _changed(request, opened, _("There is nothing in the way here any more."))


@signed_in
@require_POST
def nothing_to_answer(request: Request, number: int) -> HttpResponse:
    opened = conversation_for(request.teammate, number)
    key = _place(request, opened)
    return go_on(request, opened, key, opened.nothing_to_answer(by=request.teammate, at=request.at))


@signed_in
@require_POST
def open_again(request: Request, number: int) -> HttpResponse:
    opened = conversation_for(request.teammate, number)
    return stay(request, opened, opened.open_again(by=request.teammate, at=request.at))


@signed_in
@require_POST
def nothing_in_the_way(request: Request, number: int) -> HttpResponse:
    """It never was a blocker; `why` is one of Blocker.Why."""
    opened = conversation_for(request.teammate, number)
    why = request.POST.get("why", "")
    if why not in Blocker.Why.values:
        raise Http404
    key = _place(request, opened)
    try:
        return go_on(request, opened, key, opened.nothing_in_the_way(why=why, by=request.teammate, at=request.at))
    except NothingInTheWay:
        return _changed(request, opened, _("There is nothing in the way here any more."))


@signed_in
@require_POST
def is_it_back(request: Request, number: int, id: int) -> HttpResponse:
    """What the desk proposed: `same` is yes or no."""
    opened = conversation_for(request.teammate, number)
    link = CameBackLink.objects.filter(pk=id, conversation=opened).select_related("blocker__person", "conversation").first()
    if link is None or request.POST.get("same") not in ("yes", "no"):
        raise Http404
    decides = link.accept if request.POST["same"] == "yes" else link.decline
    try:
        return stay(request, opened, decides(by=request.teammate, at=request.at))
    except NothingToDecide:
        return _changed(request, opened, _("This was decided meanwhile."))


@signed_in
@require_POST
def name_blocker(request: Request, number: int) -> HttpResponse:
    opened = conversation_for(request.teammate, number)
    try:
        return stay(request, opened, opened.name_blocker(request.POST.get("words", ""), by=request.teammate, at=request.at))
    except NothingInTheWay:
        return _changed(request, opened, _("There is nothing in the way here any more."))


@signed_in
@require_POST
def means(request: Request, number: int, id: int) -> HttpResponse:
    """What a person's words mean for the blocker that was moved: `outcome` is works, back, new or thanks."""
    opened = conversation_for(request.teammate, number)
    message = message_for(request.teammate, opened, id)
    verbs = {
        Message.Outcome.WORKS: opened.it_works,
        Message.Outcome.BACK: opened.it_is_back,
        Message.Outcome.NEW: opened.something_new,
        Message.Outcome.THANKS: opened.just_a_thank_you,
    }
    outcome = request.POST.get("outcome", "")
    if outcome not in verbs:
        raise Http404
    key = _place(request, opened)
    try:
        activity = verbs[Message.Outcome(outcome)](message, by=request.teammate, at=request.at)
    except AlreadyDecided:
        return _changed(request, opened, _("Somebody has said already what these words mean."))
    except NothingInTheWay:
        return _changed(request, opened, _("There is nothing in the way here any more."))
    if activity.kind == Activity.Kind.THANKS:
        return go_on(request, opened, key, activity)
    else:
        return stay(request, opened, activity)


@signed_in
@require_POST
def told(request: Request, number: int) -> HttpResponse:
    """They told us, and not in a mail, how it went: `outcome` is works or back."""
    opened = conversation_for(request.teammate, number)
    verbs = {Message.Outcome.WORKS: opened.they_told_us_it_works, Message.Outcome.BACK: opened.they_told_us_it_is_back}
    outcome = request.POST.get("outcome", "")
    if outcome not in verbs:
        raise Http404
    try:
        return stay(request, opened, verbs[Message.Outcome(outcome)](by=request.teammate, at=request.at))
    except NothingInTheWay:
        return _changed(request, opened, _("There is nothing in the way here any more."))
    except NotMoved:
        return _changed(request, opened, _("It is in the way already. Once it is moved, you can say here how it fares."))


@signed_in
@require_POST
def add_participant(request: Request, number: int, id: int) -> HttpResponse:
    """Someone who wrote here gets what we write from now on."""
    opened = conversation_for(request.teammate, number)
    return stay(request, opened, participant_for(request.teammate, opened, id).add(by=request.teammate, at=request.at))


@signed_in
@require_POST
def undo(request: Request, id: int) -> HttpResponse:
    """Take back a step. What it changed is as before, unless it was changed again since."""
    activity = activity_for(request.teammate, id)
    activity.undo(by=request.teammate, at=request.at)
    return _answer(request, activity.conversation, _("Undone."))


def stay(request: Request, opened: Conversation, activity: Activity) -> HttpResponse:
    """It is done, and the conversation stays open before us."""
    return _answer(request, opened, sentences.done(activity, opened.person.called), activity)


def go_on(request: Request, opened: Conversation, key: lists.Key | None, activity: Activity) -> HttpResponse:
    """It is done and out of the list: on to the next one."""
    offer(request, sentences.done(activity, opened.person.called), undo=reverse("undo", args=[activity.pk]))
    return onwards(request, key)


def onwards(request: Request, key: lists.Key | None) -> HttpResponse:
    """To the conversation that follows in the list, or to the list where none does."""
    where = lists.Where.of(request)
    number, where = lists.next_after(where, key, request.teammate)
    address = f"{reverse('conversation', args=[number])}?{where.query}" if number else reverse(where.place.name)
    return to(request, address)


def to(request: Request, address: str) -> HttpResponse:
    """To another page, whichever way we were asked."""
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    else:
        return redirect(address)


def _answer(request: Request, opened: Conversation, words: str, activity: Activity | None = None) -> HttpResponse:
    undo = reverse("undo", args=[activity.pk]) if activity and activity.can_be_undone else ""
    where = lists.Where.of(request)
    if request.htmx and request.htmx.target == "strip":
        shown = conversation_for(request.teammate, opened.number)
        toast = {"words": words, "undo": f"{undo}?{where.query}" if undo else "", "seconds": 10, "target": "#strip"}
        response = render(request, "conversation.html", block="done", toast=toast, **talk.living(request, shown, where))
        # The rest of the page hears of it as of anything else that changed.
        response["HX-Trigger"] = json.dumps({"live": {"topic": "conversation", "id": str(opened.pk)}})
        return response
    else:
        offer(request, words, undo=undo, seconds=10)
        return to(request, f"{reverse('conversation', args=[opened.number])}?{where.query}")


def _changed(request: Request, opened: Conversation, notice: str) -> HttpResponse:
    """409: it is not any more as the page showed it. Here is how it is now, with a word of why."""
    shown, where = conversation_for(request.teammate, opened.number), lists.Where.of(request)
    if request.htmx and request.htmx.target == "strip":
        response = render(
            request,
            "conversation.html",
            block="done",
            status=409,
            toast={"words": notice, "undo": ""},
            **talk.living(request, shown, where),
        )
        response["HX-Trigger"] = json.dumps({"live": {"topic": "conversation", "id": str(opened.pk)}})
        return response
    else:
        return talk.show(request, shown, where, status=409, notice=notice)


def _place(request: Request, opened: Conversation) -> lists.Key | None:
    """Where it stands in the list we came from, before it is changed."""
    return lists.key_of(opened, lists.Where.of(request).place)


def _number(text: str) -> int:
    if text.isdecimal() and len(text) < 20:
        return int(text)
    else:
        raise Http404
