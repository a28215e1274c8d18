"""A line that breaks at any byte, either way."""

import socket
import threading
from contextlib import suppress


class Cut:
    """A connection to `port`, cut once so many bytes went `out` to the server or came `back` from it; with neither it holds,
    and `went` and `came` are how many there were in all. Whoever waits at either end hears of it at once."""

    def __init__(self, port: int, *, out: int | None = None, back: int | None = None) -> None:
        self.went = self.came = 0
        self._limits = {"went": out, "came": back}
        self._to = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._wires: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "Cut":
        return self

    def __exit__(self, *_: object) -> None:
        """Hung up; what was on its way has been passed on or is lost."""
        for wire in (self._server, *self._wires):
            end(wire)
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._server.accept()
                there = socket.create_connection(("127.0.0.1", self._to))
                for wire in (here, there):
                    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._wires += [here, there]
                for one, other, name in ((here, there, "went"), (there, here, "came")):
                    self._threads.append(threading.Thread(target=self._pass, args=(one, other, name), daemon=True))
                    self._threads[-1].start()

    def _pass(self, one: socket.socket, other: socket.socket, name: str) -> None:
        limit = self._limits[name]
        with suppress(OSError):
            while piece := one.recv(65536):
                passed: int = getattr(self, name)
                setattr(self, name, passed + len(piece))
                if limit is not None and passed + len(piece) > limit:
                    other.sendall(piece[: max(0, limit - passed)])
                    break
                other.sendall(piece)
        end(one)
        end(other)


def end(wire: socket.socket) -> None:
    with suppress(OSError):
        wire.shutdown(socket.SHUT_RDWR)
    wire.close()


def spread(total: int, most: int) -> list[int]:
    """At most so many numbers from 0 to `total`, evenly, with both ends."""
    return sorted({round(total * n / (most - 1)) for n in range(most)}) if total >= most else list(range(total + 1))
