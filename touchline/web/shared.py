"""In the way: what stands in many people's way, who they are, and putting a conversation with them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from touchline.desk.models import Blocker, Message, SharedBlocker, Teammate, Topic, WriteOnceMail
from touchline.desk.models.conversation_outcomes import NothingInTheWay
from touchline.desk.models.shared_blocker import STILL, WAITING, topics
from touchline.web import outcomes, sentences
from touchline.web.access import conversation_for, shared_for, signed_in
from touchline.web.around import offer, show
from touchline.web.page import render
from touchline.web.request import Request

MOST_ON_BOARD = 100
MOST_QUOTED = 20
MOST_OFFERED = 20
MOST_PEOPLE = 500


class OnBoard(NamedTuple):
    """One line of the board: what it is, how many wait and since when, and two of them in their own words."""

    words: str
    address: str
    waiting: int
    lately: int
    since: datetime | None
    moved_at: datetime | None
    quotes: list[tuple[str, str]]  # the words, and where they stand


@require_safe
@signed_in
def board(request: Request) -> HttpResponse:
    """What stands in people's way most: by people, or with `sort=long` by how long the first of them waits."""
    by_time = request.GET.get("sort") == "long"
    listed = SharedBlocker.objects.kept().with_people(request.at)
    found = sorted(listed.order_by("-id")[: 10 * MOST_ON_BOARD], key=lambda each: _place(by_time, vars(each)))[:MOST_ON_BOARD]
    names = dict(Topic.objects.values_list("key", "name"))
    by_topic = sorted(topics(request.at), key=lambda each: _place(by_time, each))[:MOST_ON_BOARD]
    return show(
        request,
        "shared/board.html",
        here="in_the_way",
        by_time=by_time,
        shared=[_on_board(each, request, place < MOST_QUOTED) for place, each in enumerate(found)],
        topics=[{**each, "name": names.get(each["topic"], each["topic"])} for each in by_topic],
    )


def _place(by_time: bool, told: Mapping[str, Any]) -> tuple[Any, ...]:
    since = told["since"].timestamp() if told["since"] else float("inf")
    return (since, -told["waiting"]) if by_time else (-told["waiting"], -told["lately"], since)


def _on_board(shared: SharedBlocker, request: Request, is_quoted: bool) -> OnBoard:
    counted = vars(shared)
    return OnBoard(
        words=shared.words,
        address=reverse("shared", args=[shared.pk]),
        waiting=counted["waiting"],
        lately=counted["lately"],
        since=counted["since"],
        moved_at=shared.moved_at,
        quotes=_quotes(shared.blockers.filter(STILL).order_by("-raised_at", "-id")[:2]) if is_quoted else [],
    )


def _quotes(blockers: Any) -> list[tuple[str, str]]:
    """How people said it themselves: the first words of each in the conversation about it."""
    told = []
    for blocker in blockers:
        said = Message.objects.by_people().filter(conversation__blockers=blocker, person=blocker.person_id).exclude(text="")
        first = said.select_related("conversation").order_by("at", "id").first()
        if first:
            told.append((first.excerpt, reverse("conversation", args=[first.conversation.number]) + "?in=everything"))
    return told


@require_safe
@signed_in
def shared(request: Request, id: int) -> HttpResponse:
    """One of them: what we know, who it is in the way of, who was written to and how each fares. `live=1`: what changes by itself."""
    return page(request, shared_for(request.teammate, id))


def page(request: Request, shared: SharedBlocker, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "shared": shared,
        "waiting": shared.count(WAITING),
        "people": shared.count(STILL),
        "since": shared.waits_since(),
        "each": _each(shared, request),
        "most": MOST_PEOPLE,
        "writings": list(shared.writings.exclude(started_at=None).select_related("by").order_by("-id")),
        "leads": _leads(),
    }
    if "live" in request.GET:
        return render(request, "shared/shared.html", block="live", **context)
    else:
        return show(request, "shared/shared.html", here="in_the_way", status=status, **context)


class One(NamedTuple):
    """One of those in whose way it stands."""

    blocker: Blocker
    name: str
    address: str
    fared: sentences.Fared
    told_at: datetime | None


def _each(shared: SharedBlocker, request: Request) -> list[One]:
    blockers = list(shared.each()[:MOST_PEOPLE])
    written = WriteOnceMail.objects.filter(writing__shared=shared).written().values_list("person", "writing__started_at")
    told = dict(written.order_by("id"))
    return [
        One(
            blocker=blocker,
            name=blocker.person.now().called or sentences.someone(),
            address=reverse("conversation", args=[blocker.number]) + "?in=everything",  # type: ignore[attr-defined]  # annotated
            fared=sentences.fared(blocker, request.at, request.desk.horizons),
            told_at=told.get(blocker.person.now().pk),
        )
        for blocker in blockers
    ]


def _leads() -> str:
    """Who may write to all of them."""
    here = Teammate.objects.here().filter(role__in=(Teammate.Role.OWNER, Teammate.Role.LEAD)).order_by("name")
    return sentences.together([each.first_name for each in here[:5]])


@require_POST
@signed_in
def describe(request: Request, id: int) -> HttpResponse:
    shared = shared_for(request.teammate, id)
    shared.describe(words=request.POST.get("words", ""), about=request.POST.get("about", "")[:20_000])
    offer(request, _("This is kept."))
    return redirect("shared", id)


@require_POST
@signed_in
def put_away(request: Request, id: int) -> HttpResponse:
    """Off the board; with `again`, on it."""
    shared = shared_for(request.teammate, id)
    if "again" in request.GET or "again" in request.POST:
        shared.bring_back()
        return redirect("shared", id)
    else:
        shared.put_away(at=request.at)
        offer(request, _("It is off the board."), undo=reverse("put_shared_away", args=[id]) + "?again=1")
        return redirect("in_the_way")


# From a conversation


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def others(request: Request, number: int) -> HttpResponse:
    """Others have this too: with `shared`, one that there is; else a new one with these `words`. A GET offers those alike."""
    opened = conversation_for(request.teammate, number)
    words = " ".join(request.POST.get("words", "").split())
    try:
        if request.method != "POST":
            return _offer(request, opened)
        elif chosen := request.POST.get("shared", ""):
            shared = shared_for(request.teammate, int(chosen) if chosen.isdecimal() and len(chosen) < 20 else 0)
        elif words and opened.blocker:
            shared = SharedBlocker.open(words, about=request.POST.get("about", "")[:20_000], by=request.teammate, at=request.at)
        else:
            return _offer(request, opened, trouble=_("Say in a few words what stands in their way."), status=422)
        return outcomes.stay(request, opened, opened.others_have_this(shared, by=request.teammate, at=request.at))
    except NothingInTheWay:
        raise Http404 from None


def _offer(request: Request, opened: Any, *, trouble: str = "", status: int = 200) -> HttpResponse:
    blocker = opened.blocker
    if blocker is None:
        raise NothingInTheWay
    told = " ".join(request.GET.get("q", "").replace("\0", "").split())[:100]
    alike = SharedBlocker.objects.kept().exclude(pk=blocker.shared_id or 0).alike(told or blocker.words)
    return show(
        request,
        "shared/others.html",
        here="everything",
        status=status,
        conversation=opened,
        blocker=blocker,
        words=told,
        alike=list(alike.with_people(request.at)[:MOST_OFFERED]),
        trouble=trouble,
    )


@require_POST
@signed_in
def only_theirs(request: Request, number: int) -> HttpResponse:
    opened = conversation_for(request.teammate, number)
    try:
        return outcomes.stay(request, opened, opened.only_theirs(by=request.teammate, at=request.at))
    except NothingInTheWay:
        raise Http404 from None
