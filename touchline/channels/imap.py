"""IMAP (RFC 3501) in: what is new in one folder, and the word to its server once we have it."""

import zlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from imapclient import IMAPClient  # type: ignore[import-untyped]
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError  # type: ignore[import-untyped]

from touchline.channels.contract import Fetched, WrongSetting
from touchline.channels.imap_after import After, Refuses, Undone
from touchline.channels.imap_line import PORTS, Line, broke, connected, in_imap_words, opened, perhaps, sign_in
from touchline.channels.wire import Server, how_private, resolve_and_connect, shown

__all__ = ["PORTS", "Mark", "New", "check"]

IN_HAND = 20 * 1024 * 1024
"""Bytes that are asked for at a time; a bigger mail comes alone."""
AT_A_TIME = 200
"""Mails whose sizes are asked for at a time."""
WINDOW = 50_000
"""UIDs that are searched at a time: more would make an answer longer than imaplib reads."""
BEGINNING = 64 * 1024
"""Bytes of the headers that are fetched of a mail that is too big."""


class New:
    """What is new in some folders since their marks, folder by folder, oldest first; a `Fetching`.

    The first time only what nobody has read is new; after that, whatever has a UID above the mark's. Where the server
    numbers its mails anew (another UIDVALIDITY), what nobody has read is new, and what came since two days before the
    last that we read: the desk knows the bytes it has. While a folder is read in these two ways the mark stays where it
    was until the last mail, so that a run that breaks off begins again.

    What is done to a mail once we have it stands in the mark from before it is done until it is done: a run that broke
    off, or a server that would not, is made up for by the next run.
    """

    def __init__(self, server: Server, *, since: str, more: Mapping[str, str], size_limit: int) -> None:
        self.mark = since
        self.marks = dict(more)
        self.trouble = ""
        self._mails = self._read_all(server, size_limit)

    def __iter__(self) -> "New":
        return self

    def __next__(self) -> Fetched:
        return next(self._mails)

    def _read_all(self, server: Server, size_limit: int) -> Iterator[Fetched]:
        """The first folder, then the others. One that cannot be opened holds up no other."""
        with Line(server, to_change=server.after != "leave") as line:
            wrong = None
            try:
                yield from self._read(line, "", server.folder, Mark.read(self.mark), size_limit)
            except WrongSetting as trouble:
                wrong = trouble
            for name in [name for name in self.marks if name != server.folder]:
                try:
                    yield from self._read(line, name, name, Mark.read(self.marks[name]), size_limit)
                except WrongSetting as trouble:
                    self.trouble = str(trouble)
            if wrong:
                raise wrong

    def _read(self, line: Line, place: str, name: str, known: "Mark | None", size_limit: int) -> Iterator[Fetched]:
        folder = line.open(name)
        with in_imap_words(line.server):
            validity, lowest, highest = folder[b"UIDVALIDITY"], *ends(line.imap, folder)
            where = which(line.server, name)
            again = known is None or known.validity != validity or known.where not in ("", where)
            after = Doing(line, known.undone if known and not again else "", self)
            after.make_up()
            if known is None or again:
                uids = search(line.imap, lowest, highest, fresh_start(known))
                latest = later(known.latest if known else None, internal_date(line.imap, highest))
            else:
                highest = max(highest, known.uid)
                uids = search(line.imap, known.uid + 1, highest, [])
                latest = known.latest
        before = str(known or "")
        for mail in mails(line, uids, size_limit):
            after.will_do(mail.uid)
            if not again:
                latest = later(latest, mail.received_at)
                mark = Mark(validity, mail.uid, latest, after.undone, where)
            else:
                mark = Mark(validity, highest, latest, after.undone, where)
            text = before if again and mail.uid != uids[-1] else str(mark)
            kept = partial(after.do, mail.uid)
            yield Fetched(raw=mail.raw, received_at=mail.received_at, mark=text, kept=kept, note=mail.note, place=place)
            self._is_at(place, text)
        self._is_at(place, str(Mark(validity, highest, latest, after.undone, where)))

    def _is_at(self, place: str, mark: str) -> None:
        if place:
            self.marks[place] = mark
        else:
            self.mark = mark


class Doing:
    """What is done to the mails of one folder once we have them, and which of them still want it."""

    def __init__(self, line: Line, undone: str, told: New) -> None:
        self._after = After(line)
        self._undone = Undone() if self._after.leaves else Undone.read(undone)
        self._told = told
        self._refused = False

    @property
    def undone(self) -> str:
        return str(self._undone)

    def will_do(self, uid: int) -> None:
        if not self._after.leaves:
            self._undone.add(uid)

    def do(self, uid: int) -> None:
        """Where the server will not, it is not asked for every mail again, but the next time."""
        if not self._after.leaves and not self._refused:
            self._do([uid])

    def make_up(self) -> None:
        """Do what an earlier run could not."""
        if self._undone.uids:
            self._do(sorted(self._undone.uids), again=True)

    def _do(self, uids: list[int], *, again: bool = False) -> None:
        try:
            self._after.do(uids, again=again)
        except Refuses as trouble:
            self._refused = True
            self._told.trouble = str(trouble)
        else:
            self._undone.discard(uids)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a folder was read: its UIDVALIDITY, a UID, when the newest mail so far came, for which mails we have not yet
    done what is done once we have them, and which folder it was: another one may have the same numbers."""

    validity: int
    uid: int
    latest: datetime | None
    undone: str = ""
    where: str = ""

    @classmethod
    def read(cls, text: str) -> "Mark | None":
        if not text:
            return None
        numbered, uid, latest, *undone = text.split(":", 3)
        validity, _, where = numbered.partition("@")
        at = datetime.fromtimestamp(int(latest), UTC) if latest else None
        return cls(int(validity), int(uid), at, undone[0] if undone else "", where)

    def __str__(self) -> str:
        numbered = f"{self.validity}@{self.where}" if self.where else str(self.validity)
        known = f"{numbered}:{self.uid}:{int(self.latest.timestamp()) if self.latest else ''}"
        return f"{known}:{self.undone}" if self.undone else known


def which(server: Server, folder: str) -> str:
    """A short name of one folder of one account."""
    return f"{zlib.crc32(f'{server.host}/{server.username}/{folder}'.lower().encode()):08x}"


def check(server: Server) -> Generator[str, None, None]:
    """Sign in and open the folder, changing nothing: a sentence for each step. Raises NotNow at the step that does not work."""
    yield from resolve_and_connect(server)
    with connected(server) as imap:
        yield how_private(server, imap.socket())
        sign_in(imap, server)
        yield f"Signed in as {server.username}."
        folder = opened(imap, server, server.folder, to_change=server.after != "leave")
        for name in server.more:
            opened(imap, server, name, to_change=server.after != "leave")
        with in_imap_words(server):
            if server.after == "move" and not imap.folder_exists(server.move_to):
                raise WrongSetting(
                    f"There is no folder “{server.move_to}” on {server.host} to move mail to.{perhaps(imap, server.move_to)} "
                    "Choose another, or make it."
                )
        also = f" So {'are' if len(server.more) > 1 else 'is'} {in_words_of(server.more)}." if server.more else ""
        yield f"The folder “{server.folder}” is open; mails in it: {folder[b'EXISTS']}.{also}"


def in_words_of(names: Sequence[str]) -> str:
    *rest, last = [f"“{name}”" for name in names]
    return f"{', '.join(rest)} and {last}" if rest else last


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
                found = [Mail(group[0], beginning(line, group[0]), None, too_big(line, size, size_limit))]
            else:
                found = bodies(line, group, size_limit)
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


def bodies(line: Line, group: Sequence[int], size_limit: int) -> list[Mail]:
    """Fetch a group whole. A mail that its server cannot hand over must not hold up the others: it comes with a note."""
    with in_imap_words(line.server):
        try:
            found = line.imap.fetch(group, ["BODY.PEEK[]"])
        except IMAPClientError as error:
            go_on_after(error, line)
            if len(group) > 1:
                return [mail for uid in group for mail in bodies(line, [uid], size_limit)]
            else:
                return [Mail(group[0], beginning(line, group[0]), None, not_handed_over(line, str(error)))]
    return [whole(line, uid, found[uid].get(b"BODY[]"), size_limit) for uid in group if uid in found]


def whole(line: Line, uid: int, raw: bytes | None, size_limit: int) -> Mail:
    if raw is None:
        return Mail(uid, beginning(line, uid), None, not_handed_over(line, "NIL"))
    elif len(raw) > size_limit:  # the server had said that it was smaller
        return Mail(uid, beginning(line, uid), None, too_big(line, len(raw), size_limit))
    else:
        return Mail(uid, raw, None)


def too_big(line: Line, size: int, size_limit: int) -> str:
    return f"This mail is {size / 1024**2:.0f} MB, more than the {size_limit / 1024**2:.0f} MB that are taken here. Only its headers were fetched; the whole is still in “{line.name}”."


def not_handed_over(line: Line, said: str) -> str:
    return f"{line.server.host} could not hand this mail over: “{shown(said)}”. It is still in “{line.name}”."


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
