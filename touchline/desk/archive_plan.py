"""Which mails of an archive are one conversation, and with whom: worked out over all of them before the first is filed."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from touchline.core.mail.automatic import Kind, automatic
from touchline.core.mail.belonging import answered_ids
from touchline.core.mail.email import Correspondent, Email
from touchline.core.mail.understand import understand
from touchline.desk.models.inbound_email import digest_of_id
from touchline.importers.found import Found
from touchline.importers.threads import Threads

HEADERS_ARE_ENOUGH = 100_000
"""Bytes from which on a mail is mostly its files, and only its headers are read for the plan."""
CLOCKS_DIFFER = timedelta(days=1)

_Known = TypeVar("_Known")


class ArchiveChanged(Exception):
    """A mail is there that the plan does not know."""


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of mails that belong together: the earliest of each kind, with its time."""

    began: tuple[datetime, str]
    """The first mail, with its subject."""
    asked: tuple[datetime, Correspondent] | None = None
    """The first from a person who is not of the team."""
    addressed: tuple[datetime, Correspondent] | None = None
    """The first person whom the team wrote to."""

    def with_(self, other: "Story") -> "Story":
        began = min(self.began, other.began, key=lambda each: each[0])
        return Story(began, _earlier(self.asked, other.asked), _earlier(self.addressed, other.addressed))

    @property
    def person(self) -> tuple[datetime, Correspondent] | None:
        """Whom the conversation is with, and since when."""
        return self.asked or self.addressed


class Plan:
    """`add` every mail, then `close`; from then on `thread` and `story` answer."""

    def __init__(self, *, ours: Container[str], at: datetime) -> None:
        """`ours`: the addresses, in lower case, whose mails are the team's. `at` is now: no mail is from later."""
        self.ours = ours
        self.at = at
        self._threads = Threads()
        self._stories: dict[int, Story] = {}

    def add(self, found: Found) -> Email:
        """What was read of it, which is all of it but for large mails."""
        email = self._glance(found.raw)
        at = self.said_at(email, found.at)
        asked = addressed = None
        if email.sender.address in self.ours:
            addressed = next(((at, one) for one in (*email.to, *email.cc) if one.address not in self.ours), None)
        elif email.sender.address and is_by_a_person(automatic(email).kind):
            asked = (at, email.sender)
        self.tell(self._threads.join(map(bytes.fromhex, keys_of(email))), Story((at, email.subject), asked, addressed))
        return email

    def close(self) -> None:
        stories, self._stories = self._stories, {}
        for thread, story in stories.items():
            self.tell(self._threads.thread(thread), story)

    def thread(self, email: Email) -> int:
        """The thread of a mail that was added. Raises ArchiveChanged for one that was not."""
        thread = self._threads.find(bytes.fromhex(digest_of_id(email.message_id)))
        if thread is None:
            raise ArchiveChanged
        return thread

    def story(self, thread: int) -> Story:
        return self._stories[thread]

    def tell(self, thread: int, story: Story) -> None:
        """Something more is known of a thread."""
        known = self._stories.get(thread)
        self._stories[thread] = known.with_(story) if known else story

    def keys(self) -> Iterator[tuple[str, int]]:
        """Every id that is borne or answered, as MessageKey has it, with its thread."""
        for key, place in self._threads.items():
            yield key.hex(), self._threads.thread(place)

    def said_at(self, email: Email, came_at: datetime | None) -> datetime:
        """When it was written: as it says, unless that is doubtful; else as the archive says, else now. Neither is believed about the future."""
        doubtful = any(doubt.about == "date" for doubt in email.doubts)
        told = (came_at, email.date) if doubtful else (email.date, came_at)
        return next((when for when in told if when and when <= self.at + CLOCKS_DIFFER), self.at)

    def _glance(self, raw: bytes) -> Email:
        end = raw.find(b"\n\n", 0, HEADERS_ARE_ENOUGH)
        if len(raw) < HEADERS_ARE_ENOUGH or end < 0:
            return understand(raw)
        head = understand(raw[: end + 2])
        return understand(raw) if head.made_id else head  # an id is made from all of the bytes


def keys_of(email: Email) -> list[str]:
    """The id a mail bears, and after it those it answers, as MessageKey has them."""
    return [digest_of_id(id) for id in dict.fromkeys((email.message_id, *answered_ids(email)))]


def is_by_a_person(kind: Kind) -> bool:
    """What came through a list was still written by somebody, and in an archive it is nobody's advertisement."""
    return kind in (Kind.HUMAN, Kind.LIST)


def _earlier(one: tuple[datetime, _Known] | None, other: tuple[datetime, _Known] | None) -> tuple[datetime, _Known] | None:
    if one and other:
        return one if one[0] <= other[0] else other
    else:
        return one or other
