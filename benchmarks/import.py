"""How many mails a second an import takes in, beside the least that could be done with them: parse and insert.

    python -m benchmarks.import [--mbox FILE --team FILE]

The floor reads the same file with the standard library (mailbox.mbox and email's compat32 parser, headers and body) and inserts
the subject, sender, date, id and body with sqlite3's executemany into one table, in one transaction, in the same run. CPU time of one
process, start of Python and Django taken off. Without `--mbox` an archive is made up: threads of one to six mails, 1,000 people.
"""

import argparse
import gzip
import mailbox
import random
import sqlite3
import time
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import StringIO
from pathlib import Path

from benchmarks.desk import cpu, make_desk

ADDRESS = "help@touchline.example"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--mbox", type=Path)
    asked.add_argument("--team", type=Path)
    asked.add_argument("--mailbox", default=ADDRESS, help="the address it was written to")
    asked.add_argument("--mails", type=int, default=5000, help="how many are made up")
    told = asked.parse_args()
    folder = make_desk()
    file = told.mbox or made_up(folder / "made-up.mbox", told.mails)
    team = told.team or folder / "team.txt"
    if told.team is None:
        team.write_text("kay@touchline.example\n")
    from touchline.desk.models import InboundEmail, Mailbox
    from touchline.work import import_command

    Mailbox.open(address=told.mailbox, name="Help", at=datetime.now(UTC))

    def take_in() -> None:
        with redirect_stdout(StringIO()):
            assert import_command.main(["mbox", str(file), "--mailbox", told.mailbox, "--team", str(team)]) == 0

    began = time.perf_counter()
    imported = cpu(take_in)
    elapsed = time.perf_counter() - began
    mails = InboundEmail.objects.count()
    again = cpu(take_in)
    floor = cpu(lambda: parse_and_insert(file, folder))
    print(f"{mails:,} mails of {file.name}, {elapsed:.1f} s by the clock\n")
    print(f"{'':34}{'CPU s':>8}{'mails/s':>10}{'× floor':>10}")
    for name, seconds in (("import", imported), ("the same again: all is here", again), ("floor: parse and insert", floor)):
        print(f"{name:34}{seconds:8.2f}{mails / seconds:10,.0f}{seconds / floor:10.1f}")


def parse_and_insert(file: Path, folder: Path) -> None:
    plain = folder / "plain.mbox"
    plain.write_bytes(gzip.decompress(file.read_bytes()) if file.read_bytes()[:2] == b"\x1f\x8b" else file.read_bytes())
    database = sqlite3.connect(folder / "floor.sqlite3")
    database.execute(
        "CREATE TABLE mail (id INTEGER PRIMARY KEY, message_id TEXT, sender TEXT, subject TEXT, date TEXT, body BLOB)"
    )
    with database:
        database.executemany(
            "INSERT INTO mail (message_id, sender, subject, date, body) VALUES (?, ?, ?, ?, ?)",
            (
                (
                    str(each["message-id"]),
                    str(each["from"]),
                    str(each["subject"]),
                    str(each["date"]),
                    each.get_payload(decode=True),
                )
                for each in mailbox.mbox(str(plain))
            ),
        )
    database.close()


def made_up(file: Path, mails: int) -> Path:
    chance = random.Random(1)
    words = [f"word{number}" for number in range(2000)]
    begin = datetime(2024, 1, 1, tzinfo=UTC)
    number = 0
    with file.open("w") as lines:
        while number < mails:
            person = chance.randrange(1000)
            references: list[str] = []
            subject = " ".join(chance.sample(words, 5))
            for place in range(min(chance.randint(1, 6), mails - number)):
                at = begin + timedelta(minutes=10 * number)
                sender = "Kay <kay@touchline.example>" if place % 2 else f"Person {person} <person{person}@far.example>"
                text = "\n".join(" ".join(chance.sample(words, 10)) for _line in range(chance.randint(3, 20)))
                quoted = "".join(f"> {line}\n" for line in text.splitlines()) if place else ""
                lines.write(
                    f"From - {at:%a %b %d %H:%M:%S %Y}\nFrom: {sender}\nTo: {ADDRESS}\nSubject: {'Re: ' if place else ''}{subject}\n"
                )
                lines.write(f"Date: {format_datetime(at)}\nMessage-ID: <{number}@far.example>\n")
                if references:
                    lines.write(f"In-Reply-To: {references[-1]}\nReferences: {' '.join(references)}\n")
                lines.write(f"Content-Type: text/plain; charset=utf-8\n\n{text}\n\n{'They wrote:' if quoted else ''}\n{quoted}\n")
                references.append(f"<{number}@far.example>")
                number += 1
    return file


if __name__ == "__main__":
    main()
