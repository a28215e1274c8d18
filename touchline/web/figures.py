"""The account as sentences and lines: how many people were helped, how we know, and who they are. The core counts; here it is said."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Max
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from touchline.core.impact.account import CameBack, Helped, Period, Who
from touchline.core.impact.spells import Evidence, Horizons
from touchline.desk.models import Activity, Blocker, Conversation, ConversationBlocker, Message, Person, Spell
from touchline.web.request import Request

CAME_BACK = "came_back"


class Line(NamedTuple):
    """One line of how we know: a number, its words, and the address of the people behind it."""

    number: int
    words: str
    beside: str
    address: str
    kind: str


@dataclass(frozen=True)
class Days:
    """The days from `from_` up to `to`, which is no part of them, in the team's zone."""

    from_: date
    to: date

    def period(self, request: Request) -> Period:
        return Period.of_days(self.from_, self.to, request.desk.zone)

    def who(self, request: Request, *, mine: bool = False) -> Who:
        """The people behind the figures, as it stands now."""
        teammate = request.teammate if mine else None
        return Spell.objects.who(self.period(request), as_of=request.at, desk=request.desk, teammate=teammate)

    def address(self, how: str, *, mine: bool = False, csv: bool = False) -> str:
        told = {"from": self.from_.isoformat(), "to": self.to.isoformat(), "how": how}
        return f"{reverse('who')}?{urlencode(told | ({'mine': '1'} if mine else {}) | ({'csv': '1'} if csv else {}))}"


def lines(who: Who, days: Days, horizons: Horizons, *, mine: bool = False) -> list[Line]:
    """The four grades, the strongest first. They add up to everyone who was helped."""
    counts = {evidence: sum(known.evidence is evidence for known in who.helped) for evidence in Evidence}
    said = {
        Evidence.CONFIRMED: (_("told us so"), _("in what they wrote"), "helped"),
        Evidence.OBSERVED: (_("we saw get there"), "", "helped"),
        Evidence.HELD: (_("have held for %(time)s") % {"time": span(horizons.weeks)}, _("nothing has come back"), ""),
        Evidence.EARLY: (_("too early to say"), "", "early"),
    }
    return [
        Line(counts[grade], words, beside, days.address(grade.name.lower(), mine=mine), kind)
        for grade, (words, beside, kind) in said.items()
    ]


def span(time: timedelta) -> str:
    """A length of time in the words of a sentence: “three weeks” would be nicer, “3 weeks” is right for every number."""
    hours = time // timedelta(hours=1)
    if hours and hours % (24 * 7) == 0:
        return ngettext("%(count)d week", "%(count)d weeks", hours // 168) % {"count": hours // 168}
    elif hours and hours % 24 == 0:
        return ngettext("%(count)d day", "%(count)d days", hours // 24) % {"count": hours // 24}
    elif hours:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    else:
        minutes = max(1, time // timedelta(minutes=1))
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


class Behind(NamedTuple):
    """A person behind a figure: what stood in their way, how we know, and where it was said."""

    person_id: int
    name: str
    blocker: str
    sentence: str
    day: date
    address: str
    evidence: str


def behind(who: Who, how: str, request: Request) -> list[Behind]:
    """The list behind a figure: as long as the figure says."""
    found: list[Helped] | list[CameBack]
    if how == CAME_BACK:
        found = who.came_back
    else:
        found = [known for known in who.helped if how in ("", known.evidence.name.lower())]
    names = called([int(known.person) for known in found])
    blockers = {
        blocker.pk: blocker.words for blocker in Blocker.objects.filter(pk__in=[int(known.spell.blocker) for known in found])
    }
    numbers = _conversations(blockers)
    return [
        Behind(
            person_id=int(known.person),
            name=names[int(known.person)],
            blocker=blockers[int(known.spell.blocker)],
            sentence=_sentence(known, names[int(known.person)], request),
            day=known.spell.began_at.astimezone(request.desk.zone).date(),
            address=numbers.get(int(known.spell.blocker), ""),
            evidence=known.evidence.name.lower() if isinstance(known, Helped) else CAME_BACK,
        )
        for known in found
    ]


def called(ids: Iterable[int]) -> dict[int, str]:
    """What we call these people, in two queries however many they are."""
    people = Person.objects.filter(pk__in=list(ids)).prefetch_related("addresses")
    return {person.pk: person.name or next((address.email for address in person.addresses.all()), "") for person in people}


def _conversations(blockers: Iterable[int]) -> dict[int, str]:
    """The address of the newest conversation about each blocker."""
    newest = (
        ConversationBlocker.objects.filter(blocker__in=list(blockers))
        .values("blocker")
        .annotate(number=Max("conversation__number"))
    )
    return {row["blocker"]: reverse("conversation", args=[row["number"]]) for row in newest}


def _sentence(known: Helped | CameBack, name: str, request: Request) -> str:
    spell = known.spell
    if isinstance(known, CameBack):
        assert spell.ended_at
        words = _("It was moved on %(moved)s and is back since %(day)s.")
        return words % {"moved": _day(spell.began_at, request), "day": _day(spell.ended_at, request)}
    elif known.evidence is Evidence.CONFIRMED:
        assert spell.confirmed_at
        return _("%(name)s said that it worked, on %(day)s.") % {"name": name, "day": _day(spell.confirmed_at, request)}
    elif known.evidence is Evidence.OBSERVED:
        assert spell.observed_at
        return _("We saw %(name)s get there, on %(day)s.") % {"name": name, "day": _day(spell.observed_at, request)}
    elif known.evidence is Evidence.HELD:
        return _("Moved on %(day)s, and nothing has come back since.") % {"day": _day(spell.began_at, request)}
    else:
        return _("Moved on %(day)s. It is too early to say.") % {"day": _day(spell.began_at, request)}


def _day(at: datetime, request: Request) -> str:
    return date_format(at.astimezone(request.desk.zone), "j F")


class Said(NamedTuple):
    """Words with which someone said that it worked, and who moved what stood in their way."""

    words: str
    who: str
    address: str


def said(request: Request, *, since: datetime, until: datetime, most: int = 3) -> list[Said]:
    """The newest words that a teammate read as: it works."""
    told = (
        Activity.objects.filter(
            kind=Activity.Kind.WORKS,
            message__outcome=Message.Outcome.WORKS,
            message__at__gte=since,
            message__at__lt=until,
            undone_by=None,
        )
        .filter(conversation__in=Conversation.objects.visible_to(request.teammate))
        .select_related("message", "conversation__person", "blocker")
        .order_by("-message__at")[:most]
    )
    found = list(told)
    movers = {
        spell.blocker_id: (spell.began_at, spell.began_by.name)
        for spell in Spell.objects.filter(blocker__in=[activity.blocker_id for activity in found if activity.blocker_id])
        .select_related("began_by")
        .order_by("began_at")
    }
    result = []
    for activity in found:
        assert activity.message
        moved = movers.get(activity.blocker_id or 0)
        name = activity.message.by
        who = name
        if moved:
            who = _("%(name)s, %(time)s after %(mover)s moved it") % {
                "name": name,
                "time": span(activity.message.at - moved[0]),
                "mover": moved[1],
            }
        result.append(Said(activity.message.excerpt, who, reverse("conversation", args=[activity.conversation.number])))
    return result
