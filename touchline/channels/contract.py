"""What every channel promises, and the values that go through it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from touchline.core.mail.email import Email

MAIL_LIMIT = 50 * 1024 * 1024
"""Bytes of one mail that are taken where nobody chose another limit."""

Told = Mapping[str, Any]
"""What an administrator told us about one way in or out: the answers to its asks, by name."""

Way = Literal["in", "out"]

StepName = Literal["settings", "resolve", "connect", "tls", "sign in", "folder", "ready"]


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that an administrator must tell us. The form that asks for it is made from this."""

    way: Way
    name: str
    words: str
    kind: Literal["text", "secret", "number", "choice"] = "text"
    choices: tuple[tuple[str, str], ...] = ()
    """(value, words) of a choice; the first is the default."""
    default: str = ""
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Fetched:
    """One piece of mail that waits outside. It stays there unseen until `kept` is called."""

    raw: bytes
    received_at: datetime | None
    """When its server got it, UTC; None where the server does not say."""
    mark: str
    """How far we have read in its place once this is kept: hand it to the next `fetch`. Opaque; kept before `kept` is called."""
    kept: Callable[[], None]
    """Say outside that we have it. Call it once the bytes are durable, and before asking for the next. May raise NotNow."""
    note: str = ""
    """Where `raw` is not the whole mail: a sentence that says why, fit to show."""
    place: str = ""
    """Which of the other places (see `fetch`) it was in; "" is the first."""


@dataclass(frozen=True, slots=True)
class Place:
    """One of the places outside that mail may be read from: a folder."""

    name: str
    spam: bool = False
    """Whether the outside says that this is where spam goes."""


class Fetching(Protocol):
    """An iterator of what is new. `mark` is how far it has read in the first place, and `marks` in the others, by name: kept
    after the last one, also where there was none."""

    @property
    def mark(self) -> str: ...
    @property
    def marks(self) -> Mapping[str, str]: ...
    @property
    def trouble(self) -> str:
        """What did not work though mail came in, as a sentence: another place that cannot be read, say. "" where all is well."""

    def __iter__(self) -> Iterator[Fetched]: ...
    def __next__(self) -> Fetched: ...


class Watching(Protocol):
    """Somebody who is told by the outside when mail comes, and hands that on by the `tell` that `watch` was given."""

    def run(self) -> None:
        """Wait and tell, until stopped. Tells once when it begins to wait, for what came before. Raises NotNow where the
        line breaks, and CannotWatch where the outside tells nobody."""

    def stop(self) -> None:
        """End `run` at once. Called from another thread."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A mail on its way out, whole, as `core.mail.compose` made it, with the envelope it travels in."""

    envelope_from: str
    """Where bounces go; "" for mail that nobody may answer automatically."""
    recipients: Sequence[str]
    raw: bytes


class Refused(str):
    """Why one recipient did not get it, as a sentence; and whether that will ever change."""

    permanent: bool

    def __new__(cls, words: str, *, permanent: bool) -> "Refused":
        refused = super().__new__(cls, words)
        refused.permanent = permanent
        return refused


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a check, in a sentence. The steps end with the first that went wrong."""

    name: StepName
    worked: bool
    words: str
    ends_at: datetime | None = None
    """Until when the certificate of its server is good, where one was seen."""


class NotNow(Exception):
    """It did not work this time and may later. `str()` is a sentence fit to show to a teammate."""

    def __init__(self, words: str, refused: Mapping[str, Refused] | None = None) -> None:
        super().__init__(words)
        self.refused: Mapping[str, Refused] = refused or {}


class WrongSetting(NotNow):
    """It will not work until somebody changes what we were told: a password, a name, a folder. What waits keeps waiting."""


class CannotWatch(Exception):
    """The outside tells nobody when mail comes: it must be asked."""


class SignInAgain(WrongSetting):
    """We may not sign in any more with what we were given (OAuth2): somebody has to sign in again."""


class Never(Exception):
    """It will not work, however often it is tried. `str()` is a sentence fit to show to a teammate."""

    def __init__(self, words: str, refused: Mapping[str, Refused] | None = None) -> None:
        super().__init__(words)
        self.refused: Mapping[str, Refused] = refused or {}


class Channel(Protocol):
    """A kind of way in and out. A module that has these names is one; its line is in CHANNELS."""

    @property
    def kind(self) -> str:
        """Kept with the mailbox."""

    @property
    def asks(self) -> tuple[Ask, ...]:
        """What an administrator must tell us, in the order in which to ask."""

    def fetch(self, told: Told, *, since: str, more: Mapping[str, str] | None = None, size_limit: int = MAIL_LIMIT) -> Fetching:
        """What came in after the mark `since`, oldest first; "" is the first time. Then the same of other places: `more` has
        the mark of each by its name. Raises NotNow, also between two of them."""

    def places(self, told: Told) -> Sequence[Place]:
        """Where mail may be read from. Raises NotNow."""

    def make_place(self, told: Told, name: str) -> None:
        """Make one more. Raises NotNow."""

    def watch(self, told: Told, *, tell: Callable[[], None]) -> Watching:
        """Be told at once when mail comes to the first place."""

    def understand(self, raw: bytes) -> Email:
        """The same email for the same bytes, at any later time, whatever they are."""

    def send(self, told: Told, reply: Reply) -> Mapping[str, Refused]:
        """Hand a reply over. The recipients that were refused, though others got it; raises NotNow or Never where nobody did."""

    def check(self, told: Told, *, way: Way) -> Iterator[Step]:
        """Try what we were told, step by step, changing nothing outside."""
