"""What runs without a browser: each chore in a thread of its own, at once when there is work and every few seconds in any case."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from django.db import close_old_connections, connection

from touchline.desk import live
from touchline.work import idle
from touchline.work.chores import CHORES, Chore
from touchline.work.trouble import foreseen, logged

log = structlog.get_logger()

EVERY = 2.0
"""Seconds between two looks at what is due, where nothing told us that there is work."""


def run(stop: threading.Event) -> None:
    """Do the chores, and watch the mailboxes, until `stop` is set. Returns once every chore has come to its end."""
    wakes = {chore.name: threading.Event() for chore in CHORES}
    stop_listening = live.listen(_waker(wakes))
    threads = [
        threading.Thread(target=_keep_doing, args=(chore, wakes[chore.name], stop), name=f"{chore.name} {hand}", daemon=True)
        for chore in CHORES
        for hand in range(chore.hands)
    ]
    for thread in threads:
        thread.start()
    watchers = idle.Watchers()
    watchers.start()
    stop.wait()
    stop_listening()
    for wake in wakes.values():
        wake.set()
    watchers.stop()
    for thread in threads:
        thread.join(timeout=10)


def do_all(at: Callable[[], datetime] = lambda: datetime.now(UTC)) -> int:
    """Every chore once, in this thread: how much was done. For commands and tests."""
    return sum(chore.do(at()) for chore in CHORES)


def _waker(wakes: dict[str, threading.Event]) -> live.Listener:
    def wake(topic: str, id: int) -> None:
        for chore in CHORES:
            if topic in chore.wakes_on:
                wakes[chore.name].set()

    return wake


def _keep_doing(chore: Chore, wake: threading.Event, stop: threading.Event) -> None:
    """The one place that catches everything: it is logged, and the chore goes on with what is due next.

    A trouble that is foreseen and goes on, a full disk say, is one line and not one every two seconds.
    """
    said = ""
    while not stop.is_set():
        wake.clear()
        try:
            done = chore.do(datetime.now(UTC))
        except Exception as trouble:
            words = str(foreseen(trouble) or "")
            if not words or words != said:
                log.error("chore failed", chore=chore.name, **logged(trouble))
            said = words
            done = 0
        else:
            said = ""
        finally:
            close_old_connections()
        if not done:
            wake.wait(EVERY)
    connection.close()
