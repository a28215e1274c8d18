"""How long the faults are injected, and what must be true after each."""

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db.models import Count

from tests.house import House
from tests.servers import Dovecot, SmtpSink, running_dovecot
from touchline.channels.mail_door import MailDoor
from touchline.desk.models import InboundEmail, Mailbox, Message
from touchline.work import door, worker

LONG = os.environ.get("TEST_FAULTS") == "long"
"""Cut at every byte and kill at every stage, many times; else a few of each, so that it is done in a minute or two."""


INSIDE = Path(__file__).parent / "inside"


class Tally(NamedTuple):
    """What was injected, how many times, what was lost by it, and what came or left twice as the very same bytes (a doubt)."""

    what: str
    times: int
    lost: int = 0
    twice: int = 0


TALLIES: list[Tally] = []


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The table of docs/mail.md."""
    if TALLIES:
        terminalreporter.write_line(f"{'injected':60}{'times':>8}{'lost':>8}{'twice':>8}")
    for tally in TALLIES:
        terminalreporter.write_line(f"{tally.what:60}{tally.times:8}{tally.lost:8}{tally.twice:8}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/faults" in str(item.path):
            item.add_marker(pytest.mark.servers)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot() as dovecot:
        yield dovecot


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    sink = SmtpSink().start()
    yield sink
    sink.stop()


@pytest.fixture
def open_door(support: Mailbox, settings: Any) -> Iterator[MailDoor]:
    settings.MAIL_IN = ("127.0.0.1", 0)
    opened = door.start()
    yield opened
    opened.stop()


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which Kay, Sam and the support mailbox are set up, to be copied."""
    house = House(tmp_path_factory.mktemp("house") / "data")
    house.set_up()
    return house.data


@pytest.fixture
def house(data: Path, tmp_path: Path) -> Iterator[House]:
    """Kay, Sam and the mailbox, not yet up. A claim is held for a second, so that nobody waits for what a dead worker had."""
    subprocess.run(["cp", "-a", data, tmp_path / "data"], check=True)
    house = House(tmp_path / "data", told={"PYTHONPATH": str(INSIDE), "TEST_LEASE": "1"})
    yield house
    if hasattr(house, "process") and house.process.poll() is None:
        house.stop()


def file_all(at: datetime | None = None) -> None:
    """All that came in is where it belongs, or set aside."""
    while worker.do_all(lambda: at or datetime.now(UTC)):
        pass


def reconcile(accepted: int, *, same_ids: int = 0) -> dict[str, int]:
    """What was accepted is shown or set aside with a reason, each once, and nothing waits. `same_ids`: Message-IDs that really came
    with several mails."""
    assert not InboundEmail.objects.filter(due_at__isnull=False).exists()
    shown = InboundEmail.objects.filter(message__isnull=False).count()
    aside = InboundEmail.objects.set_aside().count()
    assert InboundEmail.objects.count() == shown + aside == accepted
    twice = (
        Message.objects.filter(kind="theirs")
        .values("conversation__mailbox", "message_id")
        .annotate(times=Count("id"))
        .filter(times__gt=1)
    )
    assert twice.count() == same_ids, list(twice)
    return {"accepted": accepted, "shown": shown, "aside": aside}
