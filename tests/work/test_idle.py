"""Mail is here as soon as its server has it, where the server tells us; and in any case before long."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from tests.cast import NORA
from tests.servers import DOVECOT, BadLine, Dovecot, running_dovecot
from touchline.channels import imap_idle
from touchline.desk.models import InboundEmail, Mailbox
from touchline.work import idle, worker

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    if not DOVECOT:
        pytest.skip("dovecot is not installed: apt install dovecot-imapd")
    with running_dovecot() as running:
        yield running


@pytest.fixture
def at_work(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Starts the worker, which looks at what is due only when it is told to, and stops it at the end."""
    monkeypatch.setattr(worker, "EVERY", 60.0)
    monkeypatch.setattr(Mailbox, "FETCH_EVERY", timedelta(hours=1))
    monkeypatch.setattr(Mailbox, "FETCH_SELDOM", timedelta(hours=1))
    monkeypatch.setattr(idle, "PAUSES", (0.1,))
    stop = threading.Event()
    working = threading.Thread(target=worker.run, args=(stop,), daemon=True)
    yield working.start
    stop.set()
    working.join(15)
    assert not working.is_alive(), "it ends when it is told to"
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("watch")]
    assert not Mailbox.watched


def reached(support: Mailbox, dovecot: Dovecot, port: int = 0) -> None:
    told = {"imap_host": "127.0.0.1", "imap_port": port or dovecot.port, "imap_security": "none"}
    told |= {"imap_username": f"idle{support.pk}", "imap_password": dovecot.password}
    support.be_reached(told, at=datetime.now(UTC))


def until(what: Callable[[], bool], seconds: float = 10.0) -> float:
    """How long it took until so."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds, "it took too long"
        time.sleep(0.02)
    return time.monotonic() - began


def came(count: int) -> Callable[[], bool]:
    def so() -> bool:
        connection.close()
        return InboundEmail.objects.count() == count

    return so


def test_mail_is_here_within_two_seconds_of_its_server_having_it(support: Mailbox, dovecot: Dovecot, at_work: Callable[[], None]):
    reached(support, dovecot)
    at_work()
    until(lambda: support.pk in Mailbox.watched)
    for number in (1, 2, 3):
        dovecot.deliver(f"idle{support.pk}", NORA.writes(f"Hello {number}", "Hi"))
        assert until(came(number)) < 2


def test_what_came_before_anybody_watched_is_fetched_too(support: Mailbox, dovecot: Dovecot, at_work: Callable[[], None]):
    dovecot.deliver(f"idle{support.pk}", NORA.writes("Hello", "Hi"))
    reached(support, dovecot)
    Mailbox.objects.update(due_at=datetime.now(UTC) + timedelta(hours=1))
    at_work()
    until(came(1))


def test_a_line_that_breaks_is_made_anew_and_nothing_is_missed(
    support: Mailbox, dovecot: Dovecot, at_work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
):
    line = BadLine(dovecot.port)
    reached(support, dovecot, line.port)
    at_work()
    until(lambda: support.pk in Mailbox.watched)
    for wire in list(line._open):
        line._end(wire, wire)
    dovecot.deliver(f"idle{support.pk}", NORA.writes("Hello", "Hi"))
    until(came(1))
    until(lambda: support.pk in Mailbox.watched)
    line.close()


def test_the_line_is_renewed_before_anybody_forgets_it(
    support: Mailbox, dovecot: Dovecot, at_work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(imap_idle, "RENEW", 0.3)
    reached(support, dovecot)
    at_work()
    until(lambda: support.pk in Mailbox.watched)
    time.sleep(1)
    assert support.pk in Mailbox.watched
    dovecot.deliver(f"idle{support.pk}", NORA.writes("Hello", "Hi"))
    assert until(came(1)) < 2


def test_a_machine_that_slept_makes_the_line_anew(
    support: Mailbox, dovecot: Dovecot, at_work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(imap_idle, "SLICE", 0.2)
    reached(support, dovecot)
    at_work()
    until(lambda: support.pk in Mailbox.watched)
    awake = time.time
    slept = iter([0.0, 7200.0])
    monkeypatch.setattr(imap_idle.time, "time", lambda: awake() + next(slept, 7200.0))
    until(lambda: next(slept, None) is None)
    monkeypatch.setattr(imap_idle.time, "time", awake)
    until(lambda: support.pk in Mailbox.watched)
    dovecot.deliver(f"idle{support.pk}", NORA.writes("Hello", "Hi"))
    assert until(came(1)) < 3


def test_a_mailbox_that_moves_elsewhere_is_watched_there(support: Mailbox, dovecot: Dovecot, at_work: Callable[[], None]):
    reached(support, dovecot)
    at_work()
    until(lambda: support.pk in Mailbox.watched)
    support.be_reached({"imap_username": f"other{support.pk}"}, at=datetime.now(UTC))
    until(lambda: any(thread.name.startswith("watch ") for thread in threading.enumerate()))
    time.sleep(0.3)
    until(lambda: support.pk in Mailbox.watched)
    dovecot.deliver(f"other{support.pk}", NORA.writes("Hello", "Hi"))
    assert until(came(1)) < 3


def test_a_mailbox_that_does_not_want_it_is_not_watched(support: Mailbox, dovecot: Dovecot, at_work: Callable[[], None]):
    reached(support, dovecot)
    Mailbox.objects.update(imap_idle=False)
    at_work()
    dovecot.deliver(f"idle{support.pk}", NORA.writes("Hello", "Hi"))
    until(came(1))
    assert not Mailbox.watched
