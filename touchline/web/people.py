"""People we help: who they are, and how they fared."""

from typing import NamedTuple

from django.core.paginator import Paginator
from django.db.models import Max
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from markupsafe import Markup

from touchline.desk.milestones import of_person
from touchline.desk.models import Blocker, Conversation, Person
from touchline.web import milestones, sentences
from touchline.web.access import person_for, signed_in
from touchline.web.around import offer, show
from touchline.web.jinja import clock
from touchline.web.request import Request

A_PAGE = 50
MOST_TOLD = 100


@require_safe
@signed_in
def people(request: Request) -> HttpResponse:
    """Everyone who ever wrote, last heard first; with `q`, those who have its words in their name or in an address."""
    words = " ".join(request.GET.get("q", "").replace("\0", "").split())[:100]
    found = Person.objects.visible_to(request.teammate).last_heard_first().prefetch_related("addresses")
    if words:
        found = found.named(words)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    query = {"q": words} if words else {}
    return show(
        request,
        "people.html",
        here="people",
        people=[_listed(person) for person in page.object_list],
        words=words,
        older=f"?{urlencode(query | {'page': page.next_page_number()})}" if page.has_next() else "",
        newer=f"{reverse('people')}?{urlencode(query)}" if page.has_previous() else "",
    )


@require_safe
@signed_in
def person(request: Request, id: int) -> HttpResponse:
    """One person: how to reach them, what stood in their way and how it went, and everything that was said."""
    person = person_for(request.teammate, id)
    conversations = (
        Conversation.objects.visible_to(request.teammate).listed().filter(person=person).newest_first()[: MOST_TOLD + 1]
    )
    return show(
        request,
        "person.html",
        here="people",
        person=person,
        addresses=list(person.addresses.order_by("id")),
        blockers=_blockers(person, request),
        milestones=milestones.told(of_person(person), request.teammate),
        conversations=conversations[:MOST_TOLD],
        more=len(conversations) > MOST_TOLD,
        most=MOST_TOLD,
    )


@require_POST
@signed_in
def works_again(request: Request, id: int, address: int) -> HttpResponse:
    """Mail reaches this address of theirs, says a teammate, whatever came back."""
    person = person_for(request.teammate, id)
    found = person.addresses.filter(pk=address).first()
    if found is None:
        raise Http404
    found.works_again()
    offer(request, _("Mail to %(address)s is as good as any again.") % {"address": found.email})
    return redirect("person", person.pk)


class Listed(NamedTuple):
    """A person in the list: what we call them, and where they write from."""

    person: Person
    name: str
    beside: str


def _listed(person: Person) -> Listed:
    addresses = ", ".join(sorted(address.email for address in person.addresses.all()))
    return Listed(person, person.name or addresses or sentences.someone(), addresses if person.name else "")


class InTheWay(NamedTuple):
    """What stood in someone's way, where it was spoken of, and how it fared."""

    words: str
    address: str
    kind: str
    state: str
    beside: Markup


def _blockers(person: Person, request: Request) -> list[InTheWay]:
    """What stood in their way, the newest first."""
    raised = Blocker.objects.visible_to(request.teammate).filter(person=person, raised_at__isnull=False)
    newest = raised.annotate(number=Max("conversations__number")).prefetch_related("spells").order_by("-raised_at", "-id")
    return [_in_the_way(blocker, request) for blocker in newest[:MOST_TOLD]]


def _in_the_way(blocker: Blocker, request: Request) -> InTheWay:
    number = blocker.number  # type: ignore[attr-defined]  # annotated by whoever asks
    address = reverse("conversation", args=[number]) + "?in=everything" if number else ""
    if blocker.withdrawn_at:
        return InTheWay(blocker.words, address, "", _("Nothing stood in the way"), clock(blocker.withdrawn_at, request.at))
    else:
        fared = sentences.fared(blocker, request.at, request.desk.horizons)
        return InTheWay(blocker.words, address, fared.kind, fared.state, fared.beside)
