"""Milestones as sentences, and the cards on Today that are put away once they were seen."""

from collections.abc import Iterable
from typing import NamedTuple

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from touchline.desk import milestones
from touchline.desk.milestones import Milestone
from touchline.desk.models import Person, ProductEvent, Teammate
from touchline.web import figures
from touchline.web.access import signed_in
from touchline.web.around import offer
from touchline.web.request import Request
from touchline.web.sentences import together


class Told(NamedTuple):
    """A milestone as it is shown: whom it is about, in whose words, and when."""

    id: int
    person_id: int
    sentence: str
    at: object


def told(found: Iterable[Milestone], teammate: Teammate | None) -> list[Told]:
    """These as sentences: “Jessica published her shop, 11 days after you and Sam moved “DNS””."""
    found = list(found)
    people = Person.objects.in_bulk([each.spell.person_id for each in found])
    names = {id: teammate.first_name for id, teammate in Teammate.objects.get_queryset().in_bulk().items()}
    return [
        Told(each.event.pk, each.spell.person_id, sentence(each, people[each.spell.person_id], names, teammate), each.event.at)
        for each in found
    ]


def sentence(each: Milestone, person: Person, names: dict[int, str], teammate: Teammate | None) -> str:
    others = sorted(name for id, name in names.items() if id in each.took_part and (teammate is None or id != teammate.pk))
    mine = teammate is not None and teammate.pk in each.took_part
    return _("%(name)s %(words)s, %(time)s after %(hands)s moved “%(blocker)s”.") % {
        "name": person.called,
        "words": each.event.words,
        "time": figures.about(each.event.at - each.spell.began_at),
        "hands": together([*([_("you")] if mine else []), *others]),
        "blocker": each.blocker.words,
    }


@require_POST
@signed_in
def put_away(request: Request, id: int) -> HttpResponse:
    """The card is put away, for the one who does it alone; with `again` it is back."""
    event = ProductEvent.objects.milestones().filter(pk=id).first()
    if event is None:
        raise Http404
    elif request.POST.get("again"):
        milestones.bring_back(event, by=request.teammate)
    else:
        milestones.put_away(event, by=request.teammate, at=request.at)
        offer(
            request, _("Put away. It stays on their page."), undo=reverse("put_away_milestone", args=[id]), fields={"again": "1"}
        )
    return redirect("today")
