"""How many mails a second come in live, from the door to the conversation, beside the least that could be done with them.

    python -m benchmarks.intake [--mbox FILE] [--mails 1000]

One sender brings them to our own door by SMTP, one after another, each in a session's next mail; each is on the disk and in the database
when it is acknowledged. Then the worker's chore puts them where they belong. The floors are from the same run: the standard library's parser
(compat32, headers and body) over the same bytes, and sqlite3 inserting them into one table, each in a commit that is on the disk. By the clock, since
waiting for the disk is most of it, and CPU time of the whole process, the sender's included. Without `--mbox` mails are made up.
"""

import argparse
import logging
import smtplib
import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from itertools import islice
from pathlib import Path

from benchmarks.desk import make_desk

ADDRESS = "help@touchline.example"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--mbox", type=Path)
    asked.add_argument("--mails", type=int, default=1000)
    told = asked.parse_args()
    folder = make_desk()
    logging.disable(logging.INFO)  # the door tells of every mail, which nobody reads here
    from django.conf import settings

    from touchline.desk.models import InboundEmail, Mailbox
    from touchline.work import chores, door

    Mailbox.open(address=ADDRESS, name="Help", at=datetime.now(UTC))
    mails = of_archive(told.mbox, told.mails) if told.mbox else made_up(told.mails)
    settings.MAIL_IN = ("127.0.0.1", 0)
    opened = door.start()

    def bring() -> None:
        with smtplib.SMTP("127.0.0.1", opened.port) as sender:
            for mail in mails:
                sender.sendmail("nora@bakery.example", [ADDRESS], mail)

    def file() -> None:
        while chores.file_inbound_email(datetime.now(UTC)):
            pass

    kept, filed = measured(bring), measured(file)
    opened.stop()
    assert not InboundEmail.objects.filter(due_at__isnull=False).exists()
    shown = InboundEmail.objects.exclude(message=None).count()
    parsed = measured(lambda: [message_from_bytes(mail).get_payload(decode=True) for mail in mails])
    inserted = measured(lambda: insert(mails, folder))
    whole = (kept[0] + filed[0], kept[1] + filed[1])
    print(f"{len(mails):,} mails, {sum(map(len, mails)) / 1e6:.1f} MB; {shown:,} in conversations, the others set aside\n")
    print(f"{'':48}{'s':>8}{'mails/s':>10}{'CPU s':>8}{'mails/CPU s':>13}")
    rows = (
        ("kept at the door, durably, and acknowledged", kept),
        ("understood, and put where they belong", filed),
        ("the whole, from the door to shown", whole),
        ("floor: parse with the standard library", parsed),
        ("floor: insert into one table, a commit each", inserted),
    )
    for name, (elapsed, cpu) in rows:
        print(f"{name:48}{elapsed:8.2f}{len(mails) / elapsed:10,.0f}{cpu:8.2f}{len(mails) / cpu:13,.0f}")


def measured(do: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of CPU time of this process."""
    began, cpu = time.perf_counter(), time.process_time()
    do()
    return time.perf_counter() - began, time.process_time() - cpu


def insert(mails: Sequence[bytes], folder: Path) -> None:
    database = sqlite3.connect(folder / "floor.sqlite3")
    database.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE mail (id INTEGER PRIMARY KEY, raw BLOB)"
    )
    for mail in mails:
        with database:
            database.execute("INSERT INTO mail (raw) VALUES (?)", (mail,))
    database.close()


def of_archive(file: Path, most: int) -> list[bytes]:
    from touchline.importers.mbox import Mbox

    return [found.raw for found in islice(Mbox(file, largest=2**25).mails(), most)]


def made_up(count: int) -> list[bytes]:
    """Nora and others, each with a matter of their own and an answer to it."""
    mails = []
    for number in range(count):
        first = number - number % 2
        answers = f"In-Reply-To: <{first}@bakery.example>\r\n" if number % 2 else ""
        mails.append(
            (
                f"From: Person {first} <p{first}@bakery.example>\r\nTo: {ADDRESS}\r\nSubject: {'Re: ' if answers else ''}Matter {first}\r\n"
                f"Message-ID: <{number}@bakery.example>\r\n{answers}Date: Mon, 02 Mar 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n"
                "Content-Type: text/plain; charset=utf-8\r\n\r\nGood morning,\r\n\r\n"
                + "since the update I cannot sign in: it says that my password has expired.\r\n" * 12
                + "\r\nNora\r\n"
            ).encode()
        )
    return mails


if __name__ == "__main__":
    main()
