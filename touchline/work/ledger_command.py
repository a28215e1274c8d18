"""`touchline ledger`: the ledger written out, so that anyone can check the figures, and read into a desk that has none."""

import argparse
import gzip
import os
import sys
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from touchline.core.impact.account import Period
from touchline.core.impact.events import NotValid
from touchline.work import database
from touchline.work.environment import wrong


def main(argv: list[str]) -> int:
    told = parser().parse_args(argv)
    return int(told.do(told) or 0)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "touchline ledger",
        description="The ledger holds what every figure is worked out from: an event a line, in JSON. IMPACT.md says what each means.",
    )
    which = parser.add_subparsers(required=True, metavar="WHAT")
    out = which.add_parser("export", help="write the ledger out", description="People, blockers and teammates are numbers in it.")
    out.add_argument("file", nargs="?", metavar="FILE", help="where to; packed where it ends in .gz. Without it, to the screen")
    out.add_argument("--from", dest="from_", metavar="DAY", help="only what the account from this day on is worked out from")
    out.add_argument("--to", metavar="DAY", help="up to this day, which is no part of it")
    out.set_defaults(do=export)
    into = which.add_parser(
        "import",
        help="read a ledger into a desk that has none",
        description="All of it or nothing; the same file again changes nothing. Its people have no names here.",
    )
    into.add_argument("file", metavar="FILE", help="a ledger of JSON lines, packed where it ends in .gz")
    into.set_defaults(do=take_in)
    return parser


def export(told: argparse.Namespace) -> int:
    """To a file all at once, or not at all: a half-written ledger would be read as a whole one."""
    database.ready()
    from touchline.desk.ledger import written

    lines = written(_period(told.from_, told.to))
    if told.file is None:
        sys.stdout.writelines(lines)
        return 0
    file = Path(told.file)
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with _opened(draft, packed=file.suffix == ".gz") as out:
            count = 0
            for line in lines:
                out.write(line.encode())
                count += 1
        os.replace(draft, file)
    except OSError as trouble:
        wrong(f"{file} cannot be written: {trouble.strerror}.")
    finally:
        draft.unlink(missing_ok=True)
    print(f"{count} events are in {file}.")
    return 0


def take_in(told: argparse.Namespace) -> int:
    database.ready()
    from touchline.desk.ledger import Mixed, take_in

    try:
        new = take_in(_lines(Path(told.file)), at=datetime.now(UTC))
    except NotValid as refusal:
        wrong(f"{told.file}, line {refusal.line}: {refusal.reason} Nothing was taken in.")
    except Mixed:
        wrong(
            "This desk has a ledger of its own, and some of it is not in this file: both would be counted together. Take it into a "
            "new desk (set TOUCHLINE_DATA to an empty folder). Nothing was taken in."
        )
    except (OSError, EOFError, zlib.error) as trouble:
        wrong(f"{told.file} cannot be read: {getattr(trouble, 'strerror', None) or trouble}. Nothing was taken in.")
    print("All of it is here already." if not new else f"{new} event{'s were' if new > 1 else ' was'} taken in.")
    return 0


def _opened(file: Path, *, packed: bool) -> IO[bytes]:
    # The time of packing would make two exports of one ledger differ.
    return gzip.GzipFile(file, "wb", mtime=0) if packed else open(file, "wb")  # type: ignore[return-value]


def _lines(file: Path) -> Iterator[bytes]:
    with gzip.open(file, "rb") if file.suffix == ".gz" else open(file, "rb") as lines:
        yield from lines


def _period(from_: str | None, to: str | None) -> Period | None:
    """The days that are asked for, as the desk bounds them; all of time where none are."""
    from touchline.desk.models import Desk
    from touchline.work.impact_command import day

    if from_ is None and to is None:
        return None
    first = day("--from", from_ or "1970-01-02")
    last = day("--to", to or "9998-01-01")
    if last < first:
        wrong(f"The period ends on {last}, before it begins on {first}: turn --from and --to around.")
    return Period.of_days(first, last, Desk.get().zone)
