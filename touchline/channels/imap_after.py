"""What happens to a mail at its IMAP server once we have it: it is marked as read, left, moved, or deleted."""

from collections.abc import Iterable, Sequence
from typing import Any

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError  # type: ignore[import-untyped]

from touchline.channels.imap_line import Line, in_imap_words
from touchline.channels.wire import shown


class Refuses(Exception):
    """The server will not do it. `str()` is a sentence that says what to change; the mail stays where it is."""


class After:
    """Does what was chosen (`server.after`), so that doing it again after a line that broke has no second effect."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.what = line.server.after
        self.target = line.server.move_to

    @property
    def leaves(self) -> bool:
        """Whether nothing is to be done in the folder that is open; what is in the target of a move is there already."""
        return self.what == "leave" or (self.what == "move" and self.target == self.line.name)

    def do(self, uids: Sequence[int], *, again: bool = False) -> None:
        """`again`: it may have been done before, as far as anybody knows. Raises Refuses, and NotNow where the line broke."""
        with in_imap_words(self.line.server):
            try:
                if self.what == "delete":
                    self._remove(uids)
                else:
                    self.line.imap.add_flags(uids, [b"\\Seen"], silent=True)
                    if self.what == "move":
                        self._move(uids, again)
            except IMAPClientAbortError:
                raise
            except IMAPClientError as error:
                raise Refuses(self._why(str(error))) from error

    def _move(self, uids: Sequence[int], again: bool) -> None:
        """MOVE is one step (RFC 6851). Without it a copy may be there already, if we broke off before we took the first away."""
        imap = self.line.imap
        if imap.has_capability("MOVE"):
            imap.move(uids, self.target)
        else:
            copies = [uid for uid in uids if not (again and self._is_there(uid))]
            if copies:
                imap.copy(copies, self.target)
            self._remove(uids)

    def _remove(self, uids: Sequence[int]) -> None:
        """Take these away and no others: what somebody else marked as deleted is theirs to take away. Without UIDPLUS
        (RFC 4315) ours stay marked as deleted where that cannot be told apart."""
        imap = self.line.imap
        imap.add_flags(uids, [b"\\Deleted"], silent=True)
        if imap.has_capability("UIDPLUS"):
            imap.uid_expunge(uids)
        elif set(imap.search("DELETED")) <= set(uids):
            imap.expunge()

    def _is_there(self, uid: int) -> bool:
        """Whether the target holds the same mail: one of the same Message-ID and the same size."""
        imap = self.line.imap
        header = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"
        facts = imap.fetch([uid], ["RFC822.SIZE", header]).get(uid, {})
        said = next((value for name, value in facts.items() if name.startswith(b"BODY[HEADER.FIELDS")), b"") or b""
        message_id = said.partition(b":")[2].strip().decode("ascii", "replace")
        if not message_id or not message_id.isascii():
            return False
        try:
            imap.select_folder(self.target, readonly=True)
            found = imap.search(["HEADER", "Message-ID", message_id])
            sizes = imap.fetch(found, ["RFC822.SIZE"]) if found else {}
            return facts.get(b"RFC822.SIZE") in {other.get(b"RFC822.SIZE") for other in sizes.values()}
        finally:
            self.line.open(self.line.name)

    def _why(self, said: str) -> str:
        host = self.line.server.host
        if self.what == "move":
            return f"We have the mail, but {host} would not move it to “{self.target}”: “{shown(said)}”. Is there such a folder? Until then mail stays where it is."
        elif self.what == "delete":
            return f"We have the mail, but {host} would not delete it there: “{shown(said)}”. It stays where it is."
        else:
            return f"We have the mail, but {host} would not mark it as read: “{shown(said)}”."


class Undone:
    """The UIDs of a folder for which this is still to be done, as a set that is written and read as in IMAP ("3,7:9")."""

    MOST = 1000
    """So many are remembered; of older ones nothing more is done, and they stay where they are."""

    def __init__(self, uids: Iterable[int] = ()) -> None:
        self.uids = set(uids)

    @classmethod
    def read(cls, text: str) -> "Undone":
        ranges = [[int(end) for end in each.split(":")] for each in text.split(",") if each]
        return cls(uid for ends in ranges for uid in range(ends[0], ends[-1] + 1))

    def __str__(self) -> str:
        ranges: list[list[int]] = []
        for uid in sorted(self.uids):
            if ranges and uid == ranges[-1][1] + 1:
                ranges[-1][1] = uid
            else:
                ranges.append([uid, uid])
        return ",".join(f"{first}:{last}" if first < last else f"{first}" for first, last in ranges)

    def __contains__(self, uid: Any) -> bool:
        return uid in self.uids

    def add(self, uid: int) -> None:
        self.uids.add(uid)
        if len(self.uids) > self.MOST:
            self.uids.discard(min(self.uids))

    def discard(self, uids: Iterable[int]) -> None:
        self.uids.difference_update(uids)
