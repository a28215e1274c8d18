"""The worker: at once when there is work, one failure does not stop it, and it ends when it is told."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.cast import NORA
from touchline.desk.models import Mailbox, Message
from touchline.work import worker
from touchline.work.chores import CHORES, Chore

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[..., threading.Event]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Start a worker with these chores; it is stopped when the test ends."""
    begun: list[tuple[threading.Event, threading.Thread]] = []

    def begin(*chores: Chore, every: float = 60.0) -> threading.Event:
        monkeypatch.setattr(worker, "CHORES", chores)
        monkeypatch.setattr(worker, "EVERY", every)
        stop = threading.Event()
        thread = threading.Thread(target=worker.run, args=(stop,))
        begun.append((stop, thread))
        thread.start()
        return stop

    yield begin
    for stop, thread in begun:
        stop.set()
        thread.join(15)
        assert not thread.is_alive()


def until(true: Callable[[], object], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def test_what_comes_in_is_filed_at_once(start: Start, support: Mailbox) -> None:
    looked = threading.Event()
    filing = next(chore for chore in CHORES if chore.do.__name__ == "file_inbound_email")

    def file(at: datetime) -> int:
        done = filing.do(at)
        looked.set()
        return done

    start(replace(filing, do=file))  # which would look again only after a minute
    assert looked.wait(10)
    support.receive(NORA.writes("Hello", "Hi"), at=datetime.now(UTC), via="smtp")
    until(Message.objects.exists, 20)


def test_a_chore_that_fails_goes_on_with_what_is_due_next(start: Start) -> None:
    tried: list[datetime] = []

    def fail(at: datetime) -> int:
        tried.append(at)
        raise RuntimeError("a bug")

    start(Chore("fail", fail), every=0.01)
    until(lambda: len(tried) >= 3)


def test_a_slow_chore_holds_up_no_other(start: Start) -> None:
    slow, others = threading.Event(), threading.Event()

    def wait(at: datetime) -> int:
        slow.wait(10)
        return 0

    def quick(at: datetime) -> int:
        others.set()
        return 0

    start(Chore("wait", wait), Chore("quick", quick))
    assert others.wait(10)
    slow.set()


def test_while_there_is_work_it_does_not_pause(start: Start) -> None:
    left = list(range(40))
    start(Chore("count down", lambda at: bool(left and left.pop() is not None)))
    until(lambda: not left)


def test_it_ends_when_it_is_told(start: Start) -> None:
    stop = start(Chore("nothing", lambda at: 0))
    before = threading.active_count()
    stop.set()
    until(lambda: threading.active_count() < before)


def test_it_is_not_woken_by_what_is_no_work_of_its(start: Start) -> None:
    from touchline.desk import live

    looks: list[datetime] = []
    start(Chore("look", lambda at: bool(looks.append(at)), wakes_on=("inbound",)))
    until(lambda: looks)
    time.sleep(0.1)
    live.publish("conversation", 1)
    time.sleep(0.2)
    assert len(looks) == 1
    live.publish("inbound", 1)
    until(lambda: len(looks) == 2)


def test_a_server_that_keeps_one_waiting_keeps_nobody_else(start: Start) -> None:
    """One hand is held up; what else is due is done by another."""
    free, done = threading.Event(), threading.Event()
    first = threading.Lock()

    def do(_at: datetime) -> int:
        if first.acquire(blocking=False):
            free.wait(20)
        else:
            done.set()
        return 0

    start(Chore("fetch", do, hands=2))
    assert done.wait(10)
    free.set()
