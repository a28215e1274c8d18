"""The lists of conversations: which there are, their rows, and the way through them.

A list is read page by page from a place in its order (a time and an id), never by counting rows, so that the hundredth
page costs what the first does.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils.http import urlencode

from touchline.desk.models import Address, Conversation, Message, Presence, Spell, Teammate
from touchline.web import sentences
from touchline.web.request import READING_LASTS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
A_PAGE = 50

Among = Callable[[Teammate], "QuerySet[Conversation]"]


class Place(NamedTuple):
    """One list: which conversations are in it, and the time by which it is ordered."""

    name: str
    among: Among
    by: str
    newest_first: bool = False


PLACES: Mapping[str, Place] = {
    place.name: place
    for place in (
        Place("waiting", lambda who: Conversation.objects.visible_to(who).waiting(), "waiting_since"),
        Place("with_me", lambda who: Conversation.objects.visible_to(who).with_teammate(who), "latest_at", newest_first=True),
        Place("came_back", lambda who: Conversation.objects.visible_to(who).came_back(), "came_back_at"),
        Place("everything", lambda who: Conversation.objects.visible_to(who).listed(), "latest_at", newest_first=True),
    )
}


class Key(NamedTuple):
    """A place in the order of a list."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.id}"

    @classmethod
    def read(cls, text: str) -> "Key | None":
        """What an address said; None where it says nothing that can be a place."""
        at, _dash, id = text.partition("-")
        if at.isascii() and at.isdecimal() and id.isascii() and id.isdecimal() and len(at) < 18 and len(id) < 20:
            return cls(EPOCH + timedelta(microseconds=int(at)), min(int(id), 2**63 - 1))
        else:
            return None


class Where(NamedTuple):
    """Where a teammate is: in which list, and from which place on it is shown. Carried along in every address."""

    place: Place
    after: Key | None = None

    @classmethod
    def of(cls, request: HttpRequest, *, default: str = "waiting") -> "Where":
        place = PLACES.get(request.GET.get("in", "")) or PLACES[default]
        return cls(place, Key.read(request.GET.get("after", "")))

    @property
    def query(self) -> str:
        """What follows the `?` of an address that keeps this place."""
        return urlencode({"in": self.place.name} | ({"after": str(self.after)} if self.after else {}))


class Row(msgspec.Struct):
    """One conversation of a list, as it is shown."""

    number: int
    who: str
    when: datetime
    about: str
    kind: str
    state: str
    beside: str
    unread: bool


class Shown(msgspec.Struct):
    """One page of a list."""

    rows: list[Row]
    older: Key | None  # where the next page begins; None on the last

    @property
    def numbers(self) -> list[int]:
        return [row.number for row in self.rows]


class _Read(msgspec.Struct):
    """What one hot query reads of a conversation, in its order."""

    id: int
    key_at: datetime
    number: int
    subject: str
    waiting_since: datetime | None
    came_back_at: datetime | None
    closed_at: datetime | None
    imported_at: datetime | None
    latest_at: datetime
    latest_message: int
    latest_words: str
    assignee: int | None
    assignee_name: str | None
    person: int
    person_name: str


def page(where: Where, teammate: Teammate, at: datetime) -> Shown:
    """A page of rows: one query for the conversations, and one each for who is there, what is to be decided, what came back."""
    read = _read(where, teammate, A_PAGE + 1)
    more, read = len(read) > A_PAGE, read[:A_PAGE]
    rows = _rows(read, teammate, at)
    return Shown(rows, Key(read[-1].key_at, read[-1].id) if more else None)


def key_of(conversation: Conversation, place: Place) -> Key | None:
    """Where a conversation stands in a list; None where it is not of a kind to be in it."""
    at = getattr(conversation, place.by)
    return Key(at, conversation.pk) if at else None


def next_after(where: Where, key: Key | None, teammate: Teammate) -> tuple[int | None, Where]:
    """The conversation that follows a place in the list, by its number, and where one is then. None at the end of the list."""
    following = _beyond(where.place, key or where.after, teammate).values_list("number", flat=True).first()
    page = _beyond(where.place, where.after, teammate).values_list("number", flat=True)[:A_PAGE]
    return following, where if following in page else where._replace(after=key or where.after)


def new_since(where: Where, shown: Sequence[int], until: Key | None, teammate: Teammate) -> tuple[int, list[str]]:
    """How many conversations came into a page of a list since it was shown with these numbers, and who wrote the first of them."""
    came = _beyond(where.place, where.after, teammate).exclude(number__in=shown)
    if until:
        came = came.filter(_up_to(where.place, until))
    count = came.order_by().count()
    people = list(came.values_list("person_id", "person__name")[:3]) if count else []
    called = _called(people)
    return count, [called[person] for person, _name in people]


def _read(where: Where, teammate: Teammate, most: int) -> list[_Read]:
    fields = ("id", where.place.by, "number", "subject", "waiting_since", "came_back_at", "closed_at", "imported_at", "latest_at")
    more = ("latest_message", "latest_words", "assignee_id", "assignee__name", "person_id", "person__name")
    queryset = _beyond(where.place, where.after, teammate).values_list(*fields, *more)
    return [_Read(*row) for row in queryset[:most]]


def _called(people: Iterable[tuple[int, str]]) -> dict[int, str]:
    """What each person is called: by their name, or by the first address of one who never gave a name."""
    called = dict(people)
    nameless = [person for person, name in called.items() if not name]
    if nameless:
        addresses = Address.objects.filter(person__in=nameless).order_by("-id").values_list("person_id", "email")
        called |= dict.fromkeys(nameless, sentences.someone()) | dict(addresses)
    return called


def _beyond(place: Place, key: Key | None, teammate: Teammate) -> "QuerySet[Conversation]":
    queryset = place.among(teammate)
    sign = "-" if place.newest_first else ""
    if key:
        side = "lt" if place.newest_first else "gt"
        # Both conditions, since the first alone is what an index can walk to.
        queryset = queryset.filter(
            Q(**{f"{place.by}__{side}e": key.at}), Q(**{f"{place.by}__{side}": key.at}) | Q(**{f"id__{side}": key.id})
        )
    return queryset.order_by(f"{sign}{place.by}", f"{sign}id")


def _up_to(place: Place, key: Key) -> Q:
    side = "gt" if place.newest_first else "lt"
    return Q(**{f"{place.by}__{side}": key.at}) | Q(**{place.by: key.at, f"id__{side}e": key.id})


def _rows(read: Sequence[_Read], teammate: Teammate, at: datetime) -> list[Row]:
    ids = [each.id for each in read]
    seen, writing = _presences(ids, teammate, at)
    asked = set(
        Message.objects.filter(conversation__in=ids, outcome=Message.Outcome.ASKED).values_list("conversation_id", flat=True)
    )
    called = _called((each.person, each.person_name) for each in read)
    stood = _how_long_it_stood([each.id for each in read if each.came_back_at])
    rows = []
    for each in read:
        kind, state = _state(each, each.id in asked, stood.get(each.id))
        if each.id in writing:
            beside = sentences.writing(writing[each.id])
        elif each.assignee and each.assignee != teammate.pk:
            beside = sentences.with_whom(each.assignee_name or "")
        else:
            beside = ""
        unread = each.closed_at is None and seen.get(each.id, 0) < each.latest_message
        rows.append(
            Row(
                number=each.number,
                who=called[each.person],
                when=each.waiting_since or each.latest_at,
                about=each.subject or each.latest_words or sentences.no_subject(),
                kind=kind,
                state=state,
                beside=beside,
                unread=unread,
            )
        )
    return rows


def _state(each: _Read, asked: bool, stood: timedelta | None) -> tuple[str, str]:
    if each.came_back_at:
        return "back", sentences.came_back(stood)
    elif asked:
        return "early", sentences.wrote_again()
    elif each.waiting_since:
        return "early", sentences.waiting()
    elif each.closed_at:
        return "", sentences.archived() if each.imported_at else sentences.closed()
    else:
        return "", sentences.answered()


def _presences(ids: Sequence[int], teammate: Teammate, at: datetime) -> tuple[dict[int, int], dict[int, list[str]]]:
    """What the teammate has seen, by conversation; and who else writes where."""
    seen: dict[int, int] = {}
    writing: dict[int, list[str]] = {}
    fields = ("conversation_id", "teammate_id", "teammate__name", "seen_message", "writing_at")
    rows: Any = Presence.objects.filter(conversation__in=ids).order_by("id").values_list(*fields)
    for conversation, who, name, last, writing_at in rows:
        if who == teammate.pk:
            seen[conversation] = last
        elif writing_at and writing_at > at - READING_LASTS:
            writing.setdefault(conversation, []).append(name)
    return seen, writing


def _how_long_it_stood(ids: Sequence[int]) -> dict[int, timedelta]:
    """For how long the blocker that came back had been out of the way, by conversation."""
    if not ids:
        return {}
    ended = Spell.objects.filter(blocker__conversations__in=ids, ended_at__isnull=False).order_by("ended_at")
    pairs = ended.annotate(conversation=F("blocker__conversations")).values_list("conversation", "began_at", "ended_at")
    return {conversation: ended_at - began_at for conversation, began_at, ended_at in pairs if ended_at}
