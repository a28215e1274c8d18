"""A mail on its way in by the mail door, piece by piece, and why it is not taken."""

import re
from typing import Protocol

IN_HAND = 4
"""Mails of the largest size that may be in memory at a time; more are asked to come again."""
SMALL = 1024 * 1024
"""A mail up to so many bytes is taken however full our hands are: nobody keeps it out who sends large ones slowly."""
BLOCK = 64 * 1024
"""Bytes that must come within the idle time; what is slower is a trick or a dead line."""
TOO_BIG = "552 5.3.4 This mail is larger than we take."
LONE_DOT = re.compile(rb"(?:\A|[\r\n])\.[\r\n]")
ENDLESS = 2 * 1024**3
"""Bytes after which nobody listens any more: what goes on for ever has no end to wait for."""


class Hands(Protocol):
    """Who takes mails: how large they may be, and how much of unfinished ones is in hand."""

    size_limit: int
    in_hand: int


class TooMuch(Exception):
    """It goes on and on."""


class Reading:
    """A mail on its way in, as far as it has come."""

    def __init__(self, door: Hands) -> None:
        self.door = door
        self.pieces: list[bytes] = []
        self.size = 0
        self.heard = 0
        self.tail = b"\r\n"  # a mail begins as if a line had ended
        self.ended = False
        self._refusal = ""

    def add(self, piece: bytes) -> None:
        self.tail = (self.tail + piece)[-5:]
        self.ended = self.tail == b"\r\n.\r\n"
        self.heard += len(piece)
        if self.heard > ENDLESS:
            raise TooMuch
        elif self._refusal:
            return  # we listen to the end, so that our answer is heard, and keep nothing
        elif self.size + len(piece) > self.door.size_limit + BLOCK:
            self._refuse(TOO_BIG)
        elif self.size + len(piece) > SMALL and self.door.in_hand + len(piece) > IN_HAND * self.door.size_limit + BLOCK:
            self._refuse("452 4.3.1 We have our hands full just now. Please come again.")
        else:
            self.pieces.append(piece)
            self.size += len(piece)
            self.door.in_hand += len(piece)

    def refusal(self) -> str:
        """Why the whole of it is not taken; "" where it is."""
        if not self._refusal and LONE_DOT.search(self._stuffed()):
            self._refuse(
                "554 5.5.2 A dot stands alone between bare line ends, where another server could see the end of a mail (RFC 5321, 2.3.8)."
            )
        elif not self._refusal and len(self.mail()) > self.door.size_limit:
            self._refuse(TOO_BIG)
        return self._refusal

    def mail(self) -> bytes:
        """The mail as it was before dots were doubled for the way (RFC 5321, 4.5.2)."""
        mail = self._stuffed().replace(b"\r\n.", b"\r\n")
        return mail[1:] if mail.startswith(b".") else mail

    def let_go(self) -> None:
        self.door.in_hand -= self.size
        self.size = 0
        self.pieces.clear()

    def _stuffed(self) -> bytes:
        if len(self.pieces) > 1:
            self.pieces = [b"".join(self.pieces)]
        return self.pieces[0][:-3]

    def _refuse(self, answer: str) -> None:
        self._refusal = answer
        self.let_go()
