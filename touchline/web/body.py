"""What a browser sends, taken in whole before a thread is given to it; raw ASGI, in the loop.

Pages are answered by a few threads. A thread that reads from the wire itself waits as long as the other side likes, so a
handful of strangers who send a letter a minute would hold all of them. Here waiting costs a connection and no thread.
"""

import asyncio
from collections.abc import Awaitable, Callable
from tempfile import SpooledTemporaryFile
from typing import Any

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]

MOST = 64 * 1024 * 1024
"""Bytes of one request: more than the files and words of any reply may have together, so that those are refused with words."""
MOST_IN_HAND = 8 * MOST
"""Bytes of all requests that are being taken in or answered."""
IN_MEMORY = 256 * 1024
"""Bytes of one request that are held in memory; what is longer waits in a file."""
PIECE = 64 * 1024
PATIENCE = 30.0
"""Seconds without a single byte, after which nobody waits any more."""


class GoneAway(Exception):
    """The browser left before it had sent everything. Half a reply must not look like a whole, shorter one."""


class Refused(Exception):
    """A request that is not taken in: `status`, and a sentence in the words of the page's script."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Bodies:
    """All that is being taken in, so that together it stays within bounds."""

    def __init__(self) -> None:
        self.in_hand = 0


class Body:
    """The body of one request. As a context manager it lets go of what it holds.

    `take_in` raises GoneAway and Refused; afterwards `receive` gives what came, as the wire would have.
    """

    def __init__(self, bodies: Bodies, scope: Event, receive: Receive) -> None:
        self.bodies = bodies
        self.told = _length(scope)
        self.wire = receive
        self.size = 0
        self.read = 0
        self.kept: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  closed by __exit__

    def __enter__(self) -> "Body":
        return self

    def __exit__(self, *_: object) -> None:
        self.bodies.in_hand -= self.size
        self.kept.close()

    async def take_in(self) -> None:
        if self.told > MOST:
            raise Refused(413, _TOO_LARGE)
        more = True
        while more:
            try:
                event = await asyncio.wait_for(self.wire(), PATIENCE)
            except TimeoutError:
                raise Refused(408, "Nothing more came. Please try again.") from None
            if event["type"] == "http.disconnect":
                raise GoneAway
            more = event.get("more_body", False)
            self._keep(event.get("body", b""))
        self.kept.seek(0)

    async def receive(self) -> Event:
        if self.read < self.size or self.size == 0 == self.read:
            piece = self.kept.read(PIECE)
            self.read += len(piece) or 1  # an empty body is given once, too
            return {"type": "http.request", "body": piece, "more_body": self.read < self.size}
        else:
            return await self.wire()

    def _keep(self, piece: bytes) -> None:
        self.size += len(piece)
        self.bodies.in_hand += len(piece)
        if self.size > MOST:
            raise Refused(413, _TOO_LARGE)
        if self.bodies.in_hand > MOST_IN_HAND:
            raise Refused(503, _NO_ROOM)
        try:
            self.kept.write(piece)
        except OSError:
            raise Refused(503, _NO_ROOM) from None


def _length(scope: Event) -> int:
    told = next((bytes(value) for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(told) if told.isdigit() and len(told) < 19 else 0


_TOO_LARGE = "This is more than can be sent at once. Could a file be left out?"
_NO_ROOM = "There is no room for this just now. Please try again in a minute."
