"""People we help: who they are, and how they fared."""

from django.core.paginator import Paginator
from django.db.models import Max
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from touchline.desk.models import Blocker, Conversation, Person
from touchline.web import figures
from touchline.web.access import person_for, signed_in
from touchline.web.around import show
from touchline.web.request import Request

PAGE = 50
CONVERSATIONS_SHOWN = 100


@require_safe
@signed_in
def people(request: Request) -> HttpResponse:
    """Everyone who ever wrote, last heard first; those with some words in their name or address with `q`."""
    words = request.GET.get("q", "").strip()[:100]
    found = Person.objects.visible_to(request.teammate).last_heard_first().prefetch_related("addresses")
    if words:
        found = found.named(words)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    query = {"q": words} if words else {}
    return show(
        request,
        "people.html",
        here="people",
        people=page.object_list,
        words=words,
        older=f"?{urlencode(query | {'page': page.next_page_number()})}" if page.has_next() else "",
        newer=f"?{urlencode(query)}" if page.has_previous() else "",
    )


@require_safe
@signed_in
def person(request: Request, id: int) -> HttpResponse:
    """One person: how to reach them, what stood in their way and how it went, and everything that was said."""
    person = person_for(request.teammate, id)
    blockers = list(
        Blocker.objects.visible_to(request.teammate)
        .filter(person=person, raised_at__isnull=False)
        .annotate(number=Max("conversations__number"))
        .order_by("-id")[:CONVERSATIONS_SHOWN]
    )
    conversations = Conversation.objects.visible_to(request.teammate).filter(person=person).newest_first()[:CONVERSATIONS_SHOWN]
    return show(
        request,
        "person.html",
        here="people",
        person=person,
        addresses=list(person.addresses.order_by("id")),
        blockers=[
            (blocker, *how_it_went(blocker, request), reverse("conversation", args=[blocker.number]) if blocker.number else "")
            for blocker in blockers
        ],
        conversations=conversations,
    )


def how_it_went(blocker: Blocker, request: Request) -> tuple[str, str]:
    """(kind of mark, words): how a blocker fared, as far as we know."""
    if blocker.withdrawn_at:
        return "", _("Nothing stood in the way")
    elif blocker.confirmed_at:
        return "helped", _("Helped; they said so")
    elif blocker.moved_at and request.at - blocker.moved_at >= request.desk.weeks:
        return "helped", _("Helped; it has held for %(time)s") % {"time": figures.span(request.desk.weeks)}
    elif blocker.moved_at:
        return "early", _("Moved; too early to say")
    elif blocker.came_back_at:
        return "back", _("Came back")
    else:
        return "early", _("In the way")
