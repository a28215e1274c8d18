"""What changed, told to whoever listens: ids only, once per transaction, after commit."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

Listener = Callable[[str, int], None]

_listeners: list[Listener] = []


def publish(topic: str, id: int) -> None:
    """Say that something changed. It is told after commit, and once however often it is said in a transaction."""
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
            listener(self.topic, self.id)
