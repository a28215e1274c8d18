"""What was acknowledged is there, whatever ends the desk: kill -9 in the middle of incoming mail."""

import smtplib
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from tests.house import SUPPORT, House, mail

MAILS = 200


@pytest.mark.servers
def test_every_mail_that_was_acknowledged_is_there_once_after_kill_9(tmp_path: Path) -> None:
    house = House(tmp_path / "data")
    house.set_up()
    house.start()
    acknowledged: set[int] = set()
    waiting = list(reversed(range(MAILS)))
    lock = threading.Lock()

    def deliver() -> None:
        while waiting:
            with lock:
                number = waiting.pop()
            raw = mail(
                f"Mail number {number}.",
                subject=f"Number {number}",
                sender=f"Person {number} <p{number}@far.example>",
                id=f"<n{number}@far.example>",
            )
            for _again in range(200):
                try:
                    house.deliver(raw, sender=f"p{number}@far.example")
                except (OSError, smtplib.SMTPException):
                    time.sleep(0.1)  # as a mail server would, it keeps the mail and tries again
                else:
                    acknowledged.add(number)
                    break

    senders = [threading.Thread(target=deliver) for _ in range(4)]
    for sender in senders:
        sender.start()
    kills = 0
    for share in (0.2, 0.5, 0.8):
        while len(acknowledged) < MAILS * share:
            time.sleep(0.01)
        house.kill()
        kills += 1
        house.start()
    for sender in senders:
        sender.join()
    try:
        assert acknowledged == set(range(MAILS))
        assert kills == 3
        subjects = wait_until_filed(house)
        assert sorted(subjects) == sorted(f"Number {number}" for number in range(MAILS))
    finally:
        house.stop()


def wait_until_filed(house: House) -> list[str]:
    """The subjects of all messages, once nothing waits to be filed."""
    until = time.monotonic() + 150  # what was claimed at the moment of a kill is claimed again once its lease is over
    with sqlite3.connect(f"file:{house.data}/touchline.sqlite3?mode=ro", uri=True) as database:
        while database.execute("SELECT count(*) FROM desk_inboundemail WHERE due_at IS NOT NULL").fetchone()[0]:
            assert time.monotonic() < until, "the mails were not filed in time"
            time.sleep(0.2)
        return [subject for (subject,) in database.execute("SELECT subject FROM desk_message")]


@pytest.mark.servers
def test_a_recipient_that_is_no_mailbox_is_refused(tmp_path: Path) -> None:
    house = House(tmp_path / "data")
    house.set_up()
    house.start()
    try:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            house.deliver(mail("Hello", subject="Hello"), to="nobody@touchline.example")
        ((code, _words),) = refused.value.recipients.values()
        assert code == 550
        house.deliver(mail("Hello", subject="Hello"), to=SUPPORT.upper(), lmtp=True)
    finally:
        house.stop()
