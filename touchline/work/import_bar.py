"""How far an import is: a bar at a terminal, a line every few seconds elsewhere."""

import sys
import time
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


class Bar(Protocol):
    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...
    def begin(self, what: str) -> None:
        """What is done from now on."""

    def show(self, part: float, mails: int) -> None:
        """This part of it is done, from 0 to 1, with so many mails."""


def bar() -> Bar:
    """On standard error, so that what is printed can be piped on."""
    return Drawn() if sys.stderr.isatty() else Said()


class Drawn:
    """A bar with the rate and the time left."""

    def __init__(self) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
        )
        self.progress = Progress(*columns, console=Console(stderr=True))

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.progress.stop()

    def begin(self, what: str) -> None:
        self.began = time.monotonic()
        self.task = self.progress.add_task(f"{what:<20}", total=1.0, rate="")

    def show(self, part: float, mails: int) -> None:
        self.progress.update(self.task, completed=part, rate=rate(mails, time.monotonic() - self.began))


class Said:
    """A line every few seconds, for a log."""

    EVERY = 5.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def begin(self, what: str) -> None:
        self.what = what
        self.began = self.said = time.monotonic()

    def show(self, part: float, mails: int) -> None:
        now = time.monotonic()
        if now - self.said >= self.EVERY:
            self.said = now
            left = f", about {(now - self.began) * (1 - part) / part:,.0f} s left" if part else ""
            print(f"{self.what}: {part:.0%}, {rate(mails, now - self.began)}{left}", file=sys.stderr, flush=True)


def rate(mails: int, seconds: float) -> str:
    return f"{mails:,} mails, {mails / seconds:,.0f} a second" if seconds > 0.1 else f"{mails:,} mails"
