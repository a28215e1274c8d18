"""Being told at once when mail comes (IMAP IDLE, RFC 2177)."""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from imapclient import IMAPClient  # type: ignore[import-untyped]

from touchline.channels.contract import CannotWatch, NotNow
from touchline.channels.imap_line import connected, in_imap_words, opened, sign_in
from touchline.channels.wire import Server

RENEW = 9 * 60.0
"""Seconds after which we ask anew: servers hang up after half an hour, and routers forget a silent line much sooner."""
SLICE = 20.0
"""Seconds that are waited at a time."""
ASLEEP = 60.0
"""Where the clock went on by so many seconds more than we waited, this machine slept, and the line is dead without knowing it."""


class Watch:
    """Waits for mail in the first folder, changing nothing there; a `Watching`."""

    def __init__(self, server: Server, tell: Callable[[], None]) -> None:
        self.server = server
        self.tell = tell
        self._stopped = threading.Event()
        self._imap: IMAPClient | None = None

    def run(self) -> None:
        with connected(self.server) as imap:
            self._imap = imap
            sign_in(imap, self.server)
            opened(imap, self.server, self.server.folder, to_change=False)
            if not imap.has_capability("IDLE"):
                raise CannotWatch(f"{self.server.host} tells nobody when mail comes; it is asked.")
            try:
                with in_imap_words(self.server):
                    self._watch(imap)
            except (NotNow, OSError, ValueError):
                if not self._stopped.is_set():  # else we broke the line ourselves
                    raise

    def stop(self) -> None:
        self._stopped.set()
        imap = self._imap
        if imap:
            with suppress(OSError):
                imap.socket().shutdown(socket.SHUT_RDWR)

    def _watch(self, imap: IMAPClient) -> None:
        imap.idle()
        self.tell()
        while not self._stopped.is_set():
            self._wait(imap)
            _words, answers = imap.idle_done()
            if not self._stopped.is_set():
                self._hear(answers)
                imap.idle()

    def _wait(self, imap: IMAPClient) -> None:
        """Wait until it is time to ask anew."""
        until = time.monotonic() + RENEW
        while (left := until - time.monotonic()) > 0 and not self._stopped.is_set():
            began, clock = time.monotonic(), time.time()
            answers = imap.idle_check(min(SLICE, left))
            waited = time.monotonic() - began
            if not answers and waited < min(SLICE, left) / 2:  # a line that has ended can always be read from
                raise NotNow(f"The mail server {self.server.host} hung up.")
            if time.time() - clock > waited + ASLEEP:
                raise NotNow(f"This machine slept; the line to {self.server.host} is made anew.")
            self._hear(answers)

    def _hear(self, answers: Sequence[Sequence[Any]]) -> None:
        if any(len(answer) > 1 and answer[1] == b"EXISTS" for answer in answers):
            self.tell()
        if any(answer and answer[0] == b"BYE" for answer in answers):
            raise NotNow(f"The mail server {self.server.host} hung up.")
