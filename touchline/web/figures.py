"""The account as sentences and lines: how many people were helped, how we know, and who they are. The core counts; here it is said."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Max
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from touchline.core.impact.account import CameBack, Helped, Period, Who, midnight
from touchline.core.impact.spells import Evidence, Horizons
from touchline.core.impact.spells import Spell as SpellValue
from touchline.desk.models import Activity, Blocker, Conversation, ConversationBlocker, Message, Person, Spell, Teammate
from touchline.desk.models.spell import EVERYTHING, Among
from touchline.web.request import Request
from touchline.web.sentences import together

CAME_BACK = "came_back"

Counted = Helped | CameBack
"""A person of the account, with the spell that says why."""


class Line(NamedTuple):
    """One line of how we know: a number, its words, and the address of the people behind it."""

    number: int
    words: str
    beside: str
    address: str
    kind: str


@dataclass(frozen=True)
class Days:
    """The days from `from_` up to `to`, which is no part of them, in the team's zone; as it stands now, or as it stood when the
    day `as_of` began; and what the account is narrowed to."""

    from_: date
    to: date
    as_of: date | None = None
    among: Among = EVERYTHING

    def period(self, request: Request) -> Period:
        return Period.of_days(self.from_, self.to, request.desk.zone)

    def at(self, request: Request) -> datetime:
        """The instant as of which it is told."""
        return min(request.at, midnight(self.as_of, request.desk.zone)) if self.as_of else request.at

    def spells(self, request: Request) -> list[SpellValue]:
        """Its spells, as they were known then."""
        return Spell.objects.known(self.period(request), as_of=self.at(request), among=self.among)

    def who(self, request: Request, *, mine: bool = False) -> Who:
        """The people behind the figures; with `mine`, only where the one who asks took part."""
        among = replace(self.among, teammate=request.teammate.pk) if mine else self.among
        return Spell.objects.who(self.period(request), as_of=self.at(request), desk=request.desk, among=among)

    def only(self, **narrower: Any) -> "Days":
        """The same days, narrowed further."""
        return replace(self, among=replace(self.among, **narrower))

    @property
    def query(self) -> dict[str, str]:
        """What an address says beside its days."""
        named = {"topic": self.among.topic, "mailbox": self.among.mailbox, "answer": self.among.answer}
        told = {name: str(value) for name, value in named.items() if value is not None}
        mine = {"mine": "1"} if self.among.teammate else {}
        return told | mine | ({"as_of": self.as_of.isoformat()} if self.as_of else {})

    def address(self, how: str, *, mine: bool = False, csv: bool = False, page: int = 1) -> str:
        """Where the people behind a figure are listed."""
        told = {"from": self.from_.isoformat(), "to": self.to.isoformat(), "how": how} | self.query
        more = ({"mine": "1"} if mine else {}) | ({"csv": "1"} if csv else {}) | ({"page": str(page)} if page > 1 else {})
        return f"{reverse('who')}?{urlencode(told | more)}"


class Whose(NamedTuple):
    """One of the two that the account may be of: the whole team's, or where the one who asks took part."""

    words: str
    address: str
    here: bool


def whose(team: str, own: str, *, mine: bool) -> list[Whose]:
    """Both, with the addresses of either."""
    return [Whose(_("The whole team"), team, not mine), Whose(_("Where I took part"), own, mine)]


def lines(who: Who, days: Days, horizons: Horizons) -> list[Line]:
    """The four grades, the strongest first. They add up to everyone who was helped."""
    counts = {evidence: sum(known.evidence is evidence for known in who.helped) for evidence in Evidence}
    return [
        Line(counts[grade], words, beside, days.address(grade.name.lower()), kind)
        for grade, (words, beside, kind) in _grades(horizons).items()
    ]


def kept_lines(counts: Mapping[str, int], horizons: Horizons) -> list[Line]:
    """The same of figures that were kept: their people are found by month."""
    return [
        Line(counts.get(grade.name.lower(), 0), words, beside, "", kind)
        for grade, (words, beside, kind) in _grades(horizons).items()
    ]


def _grades(horizons: Horizons) -> dict[Evidence, tuple[str, str, str]]:
    """How each grade is said: its words, what stands beside them, and the kind of its line."""
    return {
        Evidence.CONFIRMED: (_("told us so"), _("in their own words"), "helped"),
        Evidence.OBSERVED: (_("we saw get there"), _("by what they did next"), "helped"),
        Evidence.HELD: (_("have held for %(time)s") % {"time": span(horizons.weeks)}, _("nothing has come back"), ""),
        Evidence.EARLY: (_("too early to say"), "", "early"),
    }


def span(time: timedelta) -> str:
    """A length of time that was chosen, such as a horizon, exactly: “3 weeks”, “36 hours”."""
    minutes = time // timedelta(minutes=1)
    if minutes and minutes % (60 * 24 * 7) == 0:
        return ngettext("%(count)d week", "%(count)d weeks", minutes // 10080) % {"count": minutes // 10080}
    elif minutes and minutes % (60 * 24) == 0:
        return _days(minutes // 1440)
    elif minutes and minutes % 60 == 0:
        return _hours(minutes // 60)
    else:
        return _minutes(minutes)


def about(time: timedelta) -> str:
    """How long something took, as one would tell it: “14 minutes”, “3 hours”, “9 days”."""
    minute = timedelta(minutes=1)
    time = max(minute, minute * round(time / minute))  # ten seconds of it are those in which a reply can be taken back
    if time >= timedelta(days=2):
        return _days(time.days)
    elif time >= timedelta(hours=1):
        return _hours(time // timedelta(hours=1))
    else:
        return _minutes(time // minute)


def _days(count: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}


def _hours(count: int) -> str:
    return ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count}


def _minutes(count: int) -> str:
    return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count}


class Behind(NamedTuple):
    """A person behind a figure: what stood in their way, how we know, what they said of it, and where."""

    person_id: int
    name: str
    blocker_id: int
    blocker: str
    sentence: str
    words: str
    day: date
    address: str
    evidence: str


def among(who: Who, how: str) -> Sequence[Counted]:
    """The people whom a figure counts; everyone who was helped where `how` is empty."""
    if how == CAME_BACK:
        return who.came_back
    else:
        return [known for known in who.helped if how in ("", known.evidence.name.lower())]


def in_batches(many: Sequence[Counted], size: int = 500) -> Iterator[Sequence[Counted]]:
    """The same, some at a time, so that no question to the database grows without end."""
    return (many[start : start + size] for start in range(0, len(many), size))


def behind(found: Sequence[Counted], request: Request) -> list[Behind]:
    """Some people with what is told of each, in five queries however many they are."""
    names = _called(int(known.person) for known in found)
    blockers = dict(Blocker.objects.filter(pk__in=[int(known.spell.blocker) for known in found]).values_list("pk", "words"))
    numbers = _conversations(blockers)
    messages = _messages(found, request)
    told = []
    for known in found:
        blocker, name = int(known.spell.blocker), names[int(known.person)]
        message = messages.get((blocker, known.spell.confirmed_at)) if isinstance(known, Helped) else None
        address = reverse("conversation", args=[numbers[blocker]]) + "?in=everything" if blocker in numbers else ""
        told.append(
            Behind(
                person_id=int(known.person),
                name=name,
                blocker_id=blocker,
                blocker=blockers[blocker],
                sentence=_sentence(known, name, message is not None, request),
                words=message.excerpt if message else "",
                day=known.spell.began_at.astimezone(request.desk.zone).date(),
                address=f"{address}#message-{message.pk}" if message and address else address,
                evidence=known.evidence.name.lower() if isinstance(known, Helped) else CAME_BACK,
            )
        )
    return told


def _called(ids: Iterable[int]) -> dict[int, str]:
    """What we call these people, in two queries however many they are."""
    people = Person.objects.filter(pk__in=list(ids)).prefetch_related("addresses")
    return {person.pk: person.name or next((address.email for address in person.addresses.all()), "") for person in people}


def _conversations(blockers: Iterable[int]) -> dict[int, int]:
    """The number of the newest conversation about each blocker."""
    about_each = ConversationBlocker.objects.filter(blocker__in=list(blockers))
    return dict(about_each.values("blocker").annotate(number=Max("conversation__number")).values_list("blocker", "number"))


def _messages(found: Sequence[Counted], request: Request) -> dict[tuple[int, datetime | None], Message]:
    """The words with which they said that it worked, by the blocker and the time."""
    return _read_as_works([int(known.spell.blocker) for known in found if known.spell.confirmed_at], request.teammate)


def _read_as_works(blockers: Sequence[int], teammate: Teammate) -> dict[tuple[int, datetime | None], Message]:
    """The messages that a teammate read as “it works” and nobody has taken back, by their blocker and time."""
    works = Activity.objects.filter(kind=Activity.Kind.WORKS, blocker__in=blockers, undone_by=None)
    theirs = works.filter(conversation__in=Conversation.objects.visible_to(teammate)).select_related("message__conversation")
    return {(activity.blocker_id or 0, activity.message.at): activity.message for activity in theirs if activity.message}


def _sentence(known: Counted, name: str, wrote: bool, request: Request) -> str:
    spell = known.spell
    if isinstance(known, CameBack):
        assert spell.ended_at
        words = _("Moved on %(moved)s, and back since %(day)s.")
        return words % {"moved": _day(spell.began_at, request), "day": _day(spell.ended_at, request)}
    elif known.evidence is Evidence.CONFIRMED:
        assert spell.confirmed_at
        words = (
            _("%(name)s said that it worked, in the message of %(day)s.")
            if wrote
            else _("%(name)s said that it worked, on %(day)s.")
        )
        return words % {"name": name, "day": _day(spell.confirmed_at, request)}
    elif known.evidence is Evidence.OBSERVED:
        assert spell.observed_at
        return _("We saw %(name)s get there, on %(day)s.") % {"name": name, "day": _day(spell.observed_at, request)}
    elif known.evidence is Evidence.HELD:
        return _("Held: moved on %(day)s, and nothing has come back since.") % {"day": _day(spell.began_at, request)}
    else:
        return _("Moved on %(day)s. It is too early to say.") % {"day": _day(spell.began_at, request)}


def _day(at: datetime, request: Request) -> str:
    there, here = at.astimezone(request.desk.zone), request.at.astimezone(request.desk.zone)
    return date_format(there, "j F" if there.year == here.year else "j F Y")


class Said(NamedTuple):
    """Words with which someone said that it worked, and who took part in moving what stood in their way."""

    words: str
    who: str
    address: str


def said(request: Request, *, since: datetime, until: datetime, most: int = 3, mine: bool = False) -> list[Said]:
    """The newest words with which people told us, in this time, that what we moved for them is out of the way; it still is.

    With `mine`, only those of people whom the one who asks took part in helping, among the newest of all.
    """
    standing = Spell.objects.filter(ended_at=None, confirmed_at__gte=since, confirmed_at__lt=until)
    newest = standing.order_by("-confirmed_at", "-id")[: 100 if mine else 4 * most]  # some were confirmed without a message
    hand = str(request.teammate.pk)
    spells = [(row, row.as_value()) for row in newest if not mine or hand in row.took_part]
    messages = _read_as_works([row.blocker_id for row, _value in spells], request.teammate)
    names = dict(Teammate.objects.get_queryset().order_by("name").values_list("pk", "name"))
    told: list[Said] = []
    for row, spell in spells:
        message = messages.get((row.blocker_id, spell.confirmed_at))
        if message and len(told) < most:
            hands = together([name for id, name in names.items() if str(id) in spell.took_part])
            after = about(message.at - spell.began_at)
            who = _("%(name)s, %(time)s after %(hands)s moved it") % {"name": message.by, "time": after, "hands": hands}
            address = reverse("conversation", args=[message.conversation.number]) + f"?in=everything#message-{message.pk}"
            told.append(Said(message.excerpt, who, address))
    return told
