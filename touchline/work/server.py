"""One process that does everything: pages and stream in the main thread's loop, the worker and the mail door beside them."""

import asyncio
import errno
import fcntl
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import IO, Any

import structlog
import uvicorn
import uvloop

from touchline.work.environment import Settings, Sorry

log = structlog.get_logger(__name__)

# A stop takes at most so many seconds: requests that are being answered, then the worker's step, then we go.
REQUESTS_SECONDS = 3
WORKER_SECONDS = 2.0
STOP_SECONDS = 6.0


def lock_data(settings: Settings) -> IO[str]:
    """Take the data folder for this process; it is held until the file is closed or the process ends, however it ends.

    Raises `Sorry` when another one has it.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = open(settings.data / "lock", "a+", encoding="ascii")  # noqa: SIM115  it stays open as long as we run
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        process = lock.read().strip()
        lock.close()
        raise Sorry(
            f"Another Touchline{f' (process {process})' if process else ''} already uses {settings.data}. "
            "Stop it first, or give this one a folder of its own with TOUCHLINE_DATA."
        ) from None
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def listen(host: str, port: int, setting: str) -> socket.socket:
    """A socket that listens. Raises `Sorry` where that cannot be, naming the setting that would change it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as trouble:
        listening.close()
        reasons: dict[type[OSError], str] = {PermissionError: "is not ours to use (those below 1024 belong to root)"}
        reason = reasons.get(
            type(trouble),
            "is taken by another program" if trouble.errno == errno.EADDRINUSE else f"cannot be used ({trouble.strerror})",
        )
        raise Sorry(f"Port {port} at {host} {reason}. Stop that program, or set {setting} to another one.") from None
    listening.setblocking(False)
    return listening


class _Server(uvicorn.Server):
    """uvicorn without its signal handling, which would raise the signal again when all has ended well."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self.on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.on_started()


class House:
    """The server, the worker and the mail door, which live and end together."""

    def __init__(self, settings: Settings, listening: socket.socket) -> None:
        self.settings = settings
        self.listening = listening
        self.stop_worker = threading.Event()
        self.failed = False
        self.stopping = False

    def run(self, on_started: Callable[[], None]) -> int:
        """Serve until a signal or `stop()` ends it; `on_started` is called once pages are answered. Returns the exit code."""
        from touchline.work import door

        door_handle = door.start()
        worker = threading.Thread(target=self._work, name="worker", daemon=True)
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(self._serve(worker, on_started))
        finally:
            self.stop_worker.set()
            if door_handle:
                door_handle.stop()
            if worker.is_alive():
                worker.join(WORKER_SECONDS)
            _close_databases()
        return 1 if self.failed else 0

    def stop(self) -> None:
        """End everything in good order. Call it in the loop's thread."""
        if self.stopping:
            return
        self.stopping = True
        self.stop_worker.set()
        self.shell.close()
        self.server.should_exit = True
        # A thread that is stuck somewhere must not keep us: what it was at is due again later.
        last = threading.Timer(STOP_SECONDS, _end_at_once, (1 if self.failed else 0,))
        last.daemon = True
        last.start()

    async def _serve(self, worker: threading.Thread, on_started: Callable[[], None]) -> None:
        from touchline.asgi import application

        self.shell = application
        self.loop = asyncio.get_running_loop()
        config = uvicorn.Config(
            application,
            loop="none",
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(self.settings.trust_proxy),
            forwarded_allow_ips=list(self.settings.trust_proxy),
            timeout_keep_alive=30,
            timeout_graceful_shutdown=REQUESTS_SECONDS,
        )
        self.server = _Server(config, on_started)
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.add_signal_handler(number, self._signalled)
        worker.start()
        await self.server._serve(sockets=[self.listening])

    def _signalled(self) -> None:
        """The first Ctrl-C asks; the second does not wait."""
        if self.stopping:
            _end_at_once(130)
        self.stop()

    def _work(self) -> None:
        """The worker. It ends when it is told to; if it ends of itself, everything ends, so that whoever watches us starts us anew."""
        from touchline.work import worker

        try:
            worker.run(self.stop_worker)
        except Exception:
            log.exception("The worker has failed.")
        if not self.stop_worker.is_set():
            self.failed = True
            self.loop.call_soon_threadsafe(self.stop)


def _close_databases() -> None:
    from django.db import connections

    connection: Any
    for connection in connections.all(initialized_only=True):
        connection.close()
        if connection.vendor == "postgresql":
            connection.close_pool()


def _end_at_once(exit_code: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)
