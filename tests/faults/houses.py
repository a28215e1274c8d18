"""A house that things happen to, and what is found in it afterwards."""

import sqlite3
import time

from tests.house import House, mail


def letter(number: int) -> bytes:
    return mail(
        f"Mail number {number}.",
        subject=f"Number {number}",
        sender=f"Person {number} <p{number}@far.example>",
        id=f"<n{number}@far.example>",
    )


def subjects(house: House, least: int = 0) -> list[str]:
    """The subjects of all messages, once nothing waits to be filed and there are so many."""
    waits(house, "SELECT count(*) FROM desk_inboundemail WHERE due_at IS NOT NULL")
    if least:
        waits(house, f"SELECT count(*) < {least} FROM desk_message")
    with sqlite3.connect(f"file:{house.data}/touchline.sqlite3?mode=ro", uri=True) as database:
        return [subject for (subject,) in database.execute("SELECT subject FROM desk_message")]


def waits(house: House, question: str, *, seconds: float = 90) -> None:
    """Until the answer is nought."""
    until = time.monotonic() + seconds
    while asked(house, question):
        assert time.monotonic() < until, f"still not: {question}\n{house.output()[-3000:]}"
        time.sleep(0.1)


def asked(house: House, question: str) -> int:
    with sqlite3.connect(f"file:{house.data}/touchline.sqlite3?mode=ro", uri=True) as database:
        return int(database.execute(question).fetchone()[0])
