"""IMAP (RFC 3501) in: what is new in one folder, and the word to its server once we have it."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]
from imapclient.exceptions import (  # type: ignore[import-untyped]
    CapabilityError,
    IMAPClientAbortError,
    IMAPClientError,
    IMAPClientReadOnlyError,
    LoginError,
)

from touchline.channels.contract import Fetched, NotNow, WrongSetting
from touchline.channels.wire import PATIENCE, Server, how_private, in_words, resolve_and_connect, shown

PORTS = {"tls": 993, "starttls": 143, "none": 143}

IN_HAND = 20 * 1024 * 1024
"""Bytes that are asked for at a time; a bigger mail comes alone."""
AT_A_TIME = 200
"""Mails whose sizes are asked for at a time."""
WINDOW = 50_000
"""UIDs that are searched at a time: more would make an answer longer than imaplib reads."""
BEGINNING = 64 * 1024
"""Bytes of the headers that are fetched of a mail that is too big."""


class New:
    """What is new in a folder since a mark, oldest first; a `Fetching`.

    The first time only what nobody has read is new; after that, whatever has a UID above the mark's. Where the server
    numbers its mails anew (another UIDVALIDITY), what nobody has read is new, and what came since two days before the
    last that we read: the desk knows the bytes it has. While a folder is read in these two ways the mark stays where it
    was until the last mail, so that a run that breaks off begins again.
    """

    def __init__(self, server: Server, *, since: str, size_limit: int) -> None:
        self.mark = since
        self._mails = self._read(server, Mark.read(since), size_limit)

    def __iter__(self) -> "New":
        return self

    def __next__(self) -> Fetched:
        return next(self._mails)

    def _read(self, server: Server, known: "Mark | None", size_limit: int) -> Iterator[Fetched]:
        with Line(server) as line:
            imap, folder = line.imap, line.folder
            with in_imap_words(server):
                validity, lowest, highest = folder[b"UIDVALIDITY"], *ends(imap, folder)
                if known is None or known.validity != validity:
                    again = True
                    uids = search(imap, lowest, highest, fresh_start(known))
                    latest = later(known.latest if known else None, internal_date(imap, highest))
                else:
                    again = False
                    highest = max(highest, known.uid)
                    uids = search(imap, known.uid + 1, highest, [])
                    latest = known.latest
            for mail in mails(line, uids, size_limit):
                if not again:
                    latest = later(latest, mail.received_at)
                    mark = str(Mark(validity, mail.uid, latest))
                elif mail.uid == uids[-1]:
                    mark = str(Mark(validity, highest, latest))
                else:
                    mark = self.mark
                kept = partial(see, line, mail.uid)
                yield Fetched(raw=mail.raw, received_at=mail.received_at, mark=mark, kept=kept, note=mail.note)
                self.mark = mark
            self.mark = str(Mark(validity, highest, latest))


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a folder was read: its UIDVALIDITY, a UID, and when the newest mail so far came."""

    validity: int
    uid: int
    latest: datetime | None

    @classmethod
    def read(cls, text: str) -> "Mark | None":
        if not text:
            return None
        validity, uid, latest = text.split(":")
        return cls(int(validity), int(uid), datetime.fromtimestamp(int(latest), UTC) if latest else None)

    def __str__(self) -> str:
        return f"{self.validity}:{self.uid}:{int(self.latest.timestamp()) if self.latest else ''}"


def check(server: Server) -> Generator[str, None, None]:
    """Sign in and open the folder, changing nothing: a sentence for each step. Raises NotNow at the step that does not work."""
    yield from resolve_and_connect(server)
    with connected(server) as imap:
        yield how_private(server)
        sign_in(imap, server)
        yield f"Signed in as {server.username}."
        folder = opened(imap, server)
        yield f"The folder “{server.folder}” is open; mails in it: {folder[b'EXISTS']}."


class Line:
    """A folder, signed in to and open; opened anew where the server hangs up over one mail."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._opened = ExitStack()

    def __enter__(self) -> "Line":
        with ExitStack() as opening:
            self.imap = opening.enter_context(connected(self.server))
            sign_in(self.imap, self.server)
            self.folder = opened(self.imap, self.server)
            self._opened = opening.pop_all()
        return self

    def __exit__(self, *trouble: object) -> None:
        self._opened.close()

    def anew(self) -> None:
        validity = self.folder[b"UIDVALIDITY"]
        self._opened.close()
        self.__enter__()
        if self.folder[b"UIDVALIDITY"] != validity:
            raise NotNow(f"{self.server.host} numbered “{self.server.folder}” anew while we read it.")


@contextmanager
def connected(server: Server) -> Iterator[IMAPClient]:
    with in_imap_words(server, PATIENCE.connect):
        imap = IMAPClient(
            server.host,
            server.port,
            ssl=server.security == "tls",
            ssl_context=server.tls(),
            timeout=SocketTimeout(connect=PATIENCE.connect, read=PATIENCE.answer),
        )
    with imap:
        imap.normalise_times = False
        if server.security == "starttls":
            with in_imap_words(server):
                try:
                    imap.starttls(server.tls())
                except CapabilityError as error:
                    raise WrongSetting(
                        f"{server.host} does not offer STARTTLS on port {server.port}. Try TLS on port 993."
                    ) from error
        yield imap


def sign_in(imap: IMAPClient, server: Server) -> None:
    with in_imap_words(server):
        try:
            if (server.username + server.password).isascii():
                imap.login(server.username, server.password)
            else:
                imap.plain_login(server.username, server.password)  # the one way that is UTF-8 (RFC 4616)
        except LoginError as error:
            if isinstance(error.__context__, IMAPClientAbortError):
                raise error.__context__ from error
            said = shown(str(error))
            if any(code in said for code in ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")):  # RFC 5530: not our fault
                raise NotNow(f"{server.host} lets nobody sign in just now: “{said}”.") from error
            else:
                raise WrongSetting(
                    f"{server.host} refused the user name or the password of {server.username}: “{said}”."
                ) from error


def opened(imap: IMAPClient, server: Server) -> dict[bytes, Any]:
    """The folder's state: EXISTS and UIDVALIDITY at least."""
    with in_imap_words(server):
        try:
            folder: dict[bytes, Any] = imap.select_folder(server.folder)
        except IMAPClientReadOnlyError as error:
            raise WrongSetting(
                f"{server.username} may read “{server.folder}” on {server.host} but not mark mails as seen there."
            ) from error
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            raise WrongSetting(
                f"The folder “{server.folder}” on {server.host} cannot be opened: “{shown(str(error))}”."
            ) from error
    if b"UIDVALIDITY" not in folder:
        raise WrongSetting(
            f"{server.host} keeps no lasting numbers in “{server.folder}”, so we could not tell what is new. Choose another folder."
        )
    return folder


def ends(imap: IMAPClient, folder: dict[bytes, Any]) -> tuple[int, int]:
    """The lowest and the highest UID in the folder; of an empty one, the highest that it has ever had."""
    if folder[b"EXISTS"] and (first := imap.search("1")) and (last := imap.search("*")):
        return first[0], last[0]
    else:
        return 1, folder.get(b"UIDNEXT", 1) - 1


def fresh_start(known: Mark | None) -> list[Any]:
    if known is None:
        return ["UNSEEN", "UNDELETED"]
    elif known.latest is None:
        return []  # the folder was empty when we last looked, so all of it is new
    else:
        return ["OR", "UNSEEN", "SINCE", (known.latest - timedelta(days=2)).date()]


def search(imap: IMAPClient, first: int, last: int, criteria: Sequence[Any]) -> list[int]:
    """The UIDs from `first` to `last` to which all criteria apply, lowest first."""
    found: set[int] = set()
    for start in range(first, last + 1, WINDOW):
        found.update(imap.search(["UID", f"{start}:{min(start + WINDOW - 1, last)}", *criteria]))
    return sorted(found)


def internal_date(imap: IMAPClient, uid: int) -> datetime | None:
    return utc(imap.fetch([uid], ["INTERNALDATE"]).get(uid, {}).get(b"INTERNALDATE")) if uid else None


def utc(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC) if at else None


def later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(filter(None, (one, other)), default=None)


@dataclass(frozen=True, slots=True)
class Mail:
    uid: int
    raw: bytes
    received_at: datetime | None
    note: str = ""


def mails(line: Line, uids: Sequence[int], size_limit: int) -> Iterator[Mail]:
    """The mails with these UIDs, without marking them as seen. One that was deleted meanwhile is left out."""
    for start in range(0, len(uids), AT_A_TIME):
        with in_imap_words(line.server):
            about = line.imap.fetch(uids[start : start + AT_A_TIME], ["RFC822.SIZE", "INTERNALDATE"])
        for group in groups({uid: facts.get(b"RFC822.SIZE", 0) for uid, facts in sorted(about.items())}, size_limit):
            size = about[group[0]].get(b"RFC822.SIZE", 0)
            if size > size_limit:
                note = f"This mail is {size / 1024**2:.0f} MB, more than the {size_limit / 1024**2:.0f} MB that are taken here. Only its headers were fetched; the whole is still in “{line.server.folder}”."
                found = [Mail(group[0], beginning(line, group[0]), None, note)]
            else:
                found = bodies(line, group)
            while found:
                mail = found.pop(0)
                yield Mail(mail.uid, mail.raw, utc(about[mail.uid].get(b"INTERNALDATE")), mail.note)


def groups(sizes: dict[int, int], size_limit: int) -> Iterator[list[int]]:
    """The same UIDs in the same order, in groups that are fetched at once; one that is over the limit is alone."""
    group: list[int] = []
    total = 0
    for uid, size in sizes.items():
        if group and (total + size > IN_HAND or size > size_limit or total > size_limit):
            yield group
            group, total = [], 0
        group.append(uid)
        total += size
    if group:
        yield group


def bodies(line: Line, group: Sequence[int]) -> list[Mail]:
    """Fetch a group whole. A mail that its server cannot hand over must not hold up the others: it comes with a note."""
    with in_imap_words(line.server):
        try:
            found = line.imap.fetch(group, ["BODY.PEEK[]"])
        except IMAPClientError as error:
            go_on_after(error, line)
            if len(group) > 1:
                return [mail for uid in group for mail in bodies(line, [uid])]
            else:
                return [Mail(group[0], beginning(line, group[0]), None, not_handed_over(line, str(error)))]
    return [whole(line, uid, found[uid].get(b"BODY[]")) for uid in group if uid in found]


def whole(line: Line, uid: int, raw: bytes | None) -> Mail:
    if raw is None:
        return Mail(uid, beginning(line, uid), None, not_handed_over(line, "NIL"))
    else:
        return Mail(uid, raw, None)


def not_handed_over(line: Line, said: str) -> str:
    return f"{line.server.host} could not hand this mail over: “{shown(said)}”. It is still in “{line.server.folder}”."


def beginning(line: Line, uid: int) -> bytes:
    """The headers, as far as they go; nothing where even these cannot be had."""
    with in_imap_words(line.server):
        try:
            facts = line.imap.fetch([uid], [f"BODY.PEEK[HEADER]<0.{BEGINNING}>"]).get(uid, {})
        except IMAPClientError as error:
            go_on_after(error, line)
            return b""
    return next((value for name, value in facts.items() if name.startswith(b"BODY[HEADER]") and value), b"")


def go_on_after(error: IMAPClientError, line: Line) -> None:
    """Where the server said no to one mail, go on with the others; dovecot says it with BYE. A line that merely broke is a NotNow."""
    if isinstance(error, IMAPClientAbortError):
        if broke(error):
            raise error
        else:
            line.anew()


def see(line: Line, uid: int) -> None:
    with in_imap_words(line.server):
        line.imap.add_flags([uid], [b"\\Seen"], silent=True)


def broke(error: IMAPClientAbortError) -> bool:
    return "EOF" in str(error) or "socket error" in str(error)


@contextmanager
def in_imap_words(server: Server, seconds: float | None = None) -> Iterator[None]:
    with in_words(server, seconds or PATIENCE.answer):
        try:
            yield
        except IMAPClientAbortError as error:
            if broke(error):
                raise NotNow(f"The mail server {server.host} hung up.") from error
            else:
                raise NotNow(f"The mail server {server.host} broke off: “{shown(str(error))}”.") from error
        except IMAPClientError as error:
            raise NotNow(f"The mail server {server.host} did not do as it was asked: “{shown(str(error))}”.") from error
