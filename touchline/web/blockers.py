"""The page of a blocker: its story as the ledger tells it, what was taken back as such, and how long it stayed out of the way."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from touchline.core.impact.events import Kind
from touchline.core.impact.people import standing
from touchline.core.impact.spells import Evidence
from touchline.core.impact.spells import Spell as SpellValue
from touchline.desk.models import Blocker, Conversation, OutcomeEvent, Person, Teammate, Topic
from touchline.web import figures, sentences
from touchline.web.access import blocker_for, signed_in
from touchline.web.around import offer, show
from touchline.web.forms import Form
from touchline.web.request import Request

WIDE = 640
MOST_CONVERSATIONS = 50


@require_safe
@signed_in
def blocker(request: Request, id: int) -> HttpResponse:
    """What stood in someone's way, everything that became true of it, and where it was spoken of."""
    blocker = blocker_for(request.teammate, id)
    person = blocker.person.joined_into or blocker.person
    spells = [row.as_value() for row in blocker.spells.order_by("began_at", "id")]
    conversations = Conversation.objects.visible_to(request.teammate).listed().filter(blockers=blocker).newest_first()
    topics = list(Topic.objects.filter(put_away_at=None).order_by("name"))
    return show(
        request,
        "blocker.html",
        here="people",
        blocker=blocker,
        person=person,
        fared=None if blocker.withdrawn_at else sentences.fared(blocker, request.at, request.desk.horizons),
        story=_story(blocker, person),
        spells=_spells(spells, request),
        drawing=_drawing(blocker, spells, request.at),
        conversations=list(conversations[:MOST_CONVERSATIONS]),
        topics=[("", _("not said")), *((topic.key, topic.name) for topic in topics)],
    )


class About(Form):
    topic = forms.CharField(max_length=60, required=False)
    new = forms.CharField(max_length=100, required=False)


@require_POST
@signed_in
def about(request: Request, id: int) -> HttpResponse:
    """Say what a blocker is about: one of the team's topics, or a new one."""
    blocker = blocker_for(request.teammate, id)
    form = About(request.POST)
    if form.is_valid():
        if form.cleaned_data["new"]:
            topic: Topic | None = Topic.called(form.cleaned_data["new"])
        else:
            topic = Topic.objects.filter(key=form.cleaned_data["topic"]).first()
        blocker.is_about(topic)
        offer(request, _("This is kept."))
    return redirect("blocker", blocker.pk)


class Told(NamedTuple):
    """One thing that became true, as a sentence; `taken_back` where it counts no longer."""

    kind: str
    words: str
    at: datetime
    taken_back: bool


def _story(blocker: Blocker, person: Person) -> list[Told]:
    rows = list(OutcomeEvent.objects.of_blocker(blocker).select_related("by"))
    stand = {event.id for event in standing(row.as_value() for row in rows)}
    of_key = {row.key: row for row in rows}
    name = person.called or sentences.someone()
    return [Told(_mark(row), _words(row, of_key, name), row.at, row.key not in stand) for row in rows]


def _mark(row: OutcomeEvent) -> str:
    """The kind of its mark."""
    return {Kind.MOVED: "helped", Kind.CONFIRMED: "helped", Kind.OBSERVED: "helped", Kind.RETURNED: "back"}.get(
        Kind(row.kind), ""
    )


def _words(row: OutcomeEvent, of_key: dict[str, OutcomeEvent], name: str) -> str:
    facts = {"who": _who(row.by), "name": name, "event": row.event, "why": _why(row.why)}
    if row.kind == Kind.RETRACTED:
        taken = of_key.get(row.event)
        what = _words(taken, of_key, name) if taken else row.event
        return _("%(who)s took this back: “%(what)s”") % {"who": _who(row.by), "what": what}
    elif row.kind == Kind.TOOK_PART:
        return _hand(row.how) % facts
    elif row.kind == Kind.ASKED:
        return _asked(row) % facts
    elif row.kind in (Kind.CONFIRMED, Kind.RETURNED):
        return _heard(row) % facts
    else:
        return {
            Kind.RAISED: _("%(name)s asked for help with it"),
            Kind.MOVED: _("%(who)s moved it out of the way"),
            Kind.OBSERVED: _("We saw %(name)s get there (%(event)s)"),
            Kind.WITHDRAWN: _("It counts nowhere: %(why)s"),
        }[Kind(row.kind)] % facts


def _hand(how: str) -> str:
    return {
        "reply": _("%(who)s answered"),
        "note": _("%(who)s wrote a note that was used"),
        "review": _("%(who)s read the answer before it went"),
        "answer": _("%(who)s had written the answer that was sent"),
    }[how]


def _asked(row: OutcomeEvent) -> str:
    words = {
        ("hours", False): _("The desk asked %(name)s whether it worked, some hours later"),
        ("days", False): _("The desk asked %(name)s whether it worked, some days later"),
        ("weeks", False): _("The desk asked %(name)s whether it worked, some weeks later"),
        ("hours", True): _("The desk asked %(name)s, drawn at random, whether it worked, some hours later"),
        ("days", True): _("The desk asked %(name)s, drawn at random, whether it worked, some days later"),
        ("weeks", True): _("The desk asked %(name)s, drawn at random, whether it worked, some weeks later"),
    }
    return words[row.horizon, row.random]


def _heard(row: OutcomeEvent) -> str:
    works = {
        "message": _("%(name)s wrote that it worked"),
        "check_in": _("%(name)s answered the check-in: it worked"),
        "teammate": _("%(name)s told one of us that it worked"),
    }
    back = {
        "message": _("%(name)s wrote that it is back"),
        "check_in": _("%(name)s answered the check-in: not yet"),
        "teammate": _("%(name)s told one of us that it is back"),
    }
    return (works if row.kind == Kind.CONFIRMED else back)[row.source]


def _who(by: Teammate | None) -> str:
    return by.name if by else _("The desk")


def _why(why: str) -> str:
    return str(Blocker.Why(why).label) if why in Blocker.Why.values else why


class Stretch(NamedTuple):
    """A stretch of time out of the way: when it began and ended, how long that was, how we know, and who had a hand in it."""

    began_at: datetime
    ended_at: datetime | None
    lasted: str
    evidence: str
    hands: str


def _spells(spells: Sequence[SpellValue], request: Request) -> list[Stretch]:
    names = dict(Teammate.objects.get_queryset().order_by("name").values_list("pk", "name"))
    at, horizons = request.at, request.desk.horizons
    return [
        Stretch(
            spell.began_at,
            spell.ended_at,
            figures.about(spell.lasted(at)),
            _known(spell.evidence(at, horizons)) if spell.stands(at) else _("it came back"),
            sentences.together([name for id, name in names.items() if str(id) in spell.took_part]),
        )
        for spell in spells
    ]


def _known(evidence: Evidence) -> str:
    return {
        Evidence.CONFIRMED: _("told us so"),
        Evidence.OBSERVED: _("we saw them get there"),
        Evidence.HELD: _("it has held"),
        Evidence.EARLY: _("too early to say"),
    }[evidence]


class Piece(NamedTuple):
    """A piece of the line of its life: `out` of the way, or in it."""

    x: float
    wide: float
    out: bool


def _drawing(blocker: Blocker, spells: Sequence[SpellValue], at: datetime) -> list[Piece]:
    """From when it was raised until now, WIDE long; nothing where there is nothing to draw."""
    begin = min([time for time in (blocker.raised_at, *(spell.began_at for spell in spells)) if time], default=at)
    length = at - begin
    if length <= timedelta(0) or not spells:
        return []

    def x(time: datetime) -> float:
        return round(WIDE * (min(max(time, begin), at) - begin) / length, 1)

    pieces, place = [], 0.0
    for spell in spells:
        from_, to = x(spell.began_at), x(spell.ended_at or at)
        pieces += [Piece(place, round(from_ - place, 1), out=False), Piece(from_, round(to - from_, 1), out=True)]
        place = to
    pieces.append(Piece(place, round(WIDE - place, 1), out=False))
    return [piece for piece in pieces if piece.wide > 0]
