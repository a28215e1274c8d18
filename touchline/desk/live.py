"""What changed, told to whoever listens: ids only, once per transaction, after commit."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.db import transaction

log = structlog.get_logger()

Listener = Callable[[str, int], None]

_listeners: list[Listener] = []


def publish(topic: str, id: int) -> None:
    """Say that something changed. It is told after commit, and once however often it is said in a transaction.

    What a listener makes of it cannot fail the one who spoke: the work is committed by then, so it is only logged.
    """
    telling = _Telling(topic, id)
    if not any(waiting[1] == telling for waiting in transaction.get_connection().run_on_commit):
        transaction.on_commit(telling)


def listen(listener: Listener) -> Callable[[], None]:
    """Be told of everything from now on, in the thread that committed. Returns how to stop listening."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


@dataclass(frozen=True)
class _Telling:
    topic: str
    id: int

    def __call__(self) -> None:
        for listener in tuple(_listeners):
            try:
                listener(self.topic, self.id)
            except Exception:
                log.exception("a listener failed", topic=self.topic, id=self.id)
