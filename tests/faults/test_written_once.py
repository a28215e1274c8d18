"""Fifty people are written to, and the desk is killed in the middle, again and again: nobody gets it twice, and the rest still go."""

import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house import ROOT, House
from tests.servers import SmtpSink

PEOPLE = 50

BEGIN = f"""
from datetime import UTC, datetime
from touchline.work import environment
environment.django()
from touchline.desk.models import Mailbox, SharedBlocker, Teammate, WriteOnce
at = datetime.now(UTC)
kay, support = Teammate.objects.get(email__startswith="kay"), Mailbox.objects.get()
shared = SharedBlocker.open("Invoices do not download", by=kay, at=at)
for number in range({PEOPLE}):
    raw = f"From: P{{number}} <p{{number}}@far.example>\\r\\nTo: {{support.address}}\\r\\nSubject: Invoices {{number}}\\r\\n"
    raw += f"Message-ID: <n{{number}}@far.example>\\r\\n\\r\\nThey do not download.\\r\\n"
    message = support.receive(raw.encode(), at=at, via="smtp").file(at)
    message.conversation.others_have_this(shared, by=kay, at=at)
writing = WriteOnce.to_all(shared, "Hello {{first name}}, they do now.", moves=True, by=kay, at=at)
writing.start(people={PEOPLE}, by=kay, at=at)
""".replace("{{", "{").replace("}}", "}")

THEIR_TIME_IS_OVER = """
from datetime import UTC, datetime
from touchline.work import environment
environment.django()
from touchline.desk.models import Delivery, WriteOnceMail
for rows in (Delivery, WriteOnceMail):
    rows.objects.filter(due_at__isnull=False).update(due_at=datetime.now(UTC))
"""
"""What was claimed at the moment of a kill is due again once its lease is over: here that is now."""


@pytest.mark.servers
def test_killed_again_and_again_it_is_sent_at_most_once_to_each_and_the_rest_go(tmp_path: Path) -> None:
    sink = SmtpSink().start()
    house = House(tmp_path / "data")
    house.set_up()
    house.sends_through(sink.port)
    runs(house, BEGIN)
    house.start()
    try:
        for reached in (10, 25, 40):
            until(lambda reached=reached: len(sink.mails) >= reached)  # type: ignore[misc]
            house.kill()
            house.start()
        until(lambda: not asks(house, "desk_writeoncemail", "due_at IS NOT NULL AND due_at < datetime('now', '+20 seconds')"))
        house.kill()
        runs(house, THEIR_TIME_IS_OVER)
        house.start()
        until(lambda: not asks(house, "desk_writeoncemail", "due_at IS NOT NULL"))
        until(lambda: not asks(house, "desk_delivery", "due_at IS NOT NULL"))
    finally:
        house.stop()
        sink.stop()
    got = Counter(to for mail in sink.mails for to in mail.recipients if to.endswith("@far.example"))
    assert set(got.values()) == {1}
    given_up = asks(house, "desk_delivery", "gave_up_at IS NOT NULL")
    assert PEOPLE - given_up <= len(got) <= PEOPLE and given_up <= 4 * 3  # three hands, at each of four kills
    assert asks(house, "desk_delivery", "released_at IS NOT NULL") == PEOPLE
    assert asks(house, "desk_outcomeevent", "kind = 'moved'") == PEOPLE
    assert asks(house, "desk_writeonce", "ended_at IS NOT NULL") == 1


def runs(house: House, script: str) -> None:
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=house.environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def asks(house: House, table: str, which: str) -> int:
    """How many such rows there are, asked of the file itself."""
    with sqlite3.connect(f"file:{house.data}/touchline.sqlite3?mode=ro", uri=True) as database:
        return int(database.execute(f"SELECT count(*) FROM {table} WHERE {which}").fetchone()[0])


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not what():
        assert time.monotonic() < end, "it did not come to that in two minutes"
        time.sleep(0.05)
