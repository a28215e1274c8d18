"""`touchline import`: bring in a history of mail."""

import argparse
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Self

from touchline.core.mail.addresses import address_of
from touchline.importers import IMPORTERS
from touchline.importers.found import BrokenArchive, Found, NotAnArchive
from touchline.importers.mbox import Mbox
from touchline.work import database, environment
from touchline.work.environment import Sorry
from touchline.work.import_bar import Bar, bar

if TYPE_CHECKING:
    from touchline.desk.archive import Archive, Report

BATCH = 500
"""Mails that are kept in one go: as many are done again where the power fails."""
BATCH_BYTES = 32 * 1024 * 1024
MOST_LISTED = 20


def main(argv: list[str]) -> int:
    """Exit code 1 where an archive broke off, 130 where it was interrupted; what is in by then stays in."""
    told = parser().parse_args(argv)
    settings = environment.read()
    archives = [opened(told.source, file, largest=settings.max_mail_mb * 1024 * 1024) for file in told.files]
    team = addresses_in(told.team)
    database.ready()
    from touchline.desk.archive import Archive
    from touchline.desk.archive_plan import ArchiveChanged
    from touchline.desk.models import Mailbox

    mailbox = Mailbox.objects.reached_by(told.mailbox)
    if mailbox is None:
        raise Sorry(
            f"{told.mailbox} is no mailbox of this desk. `touchline mailbox add {told.mailbox}` makes it one.", exit_code=2
        )
    archive = Archive(mailbox, team=team, at=datetime.now(UTC), dry_run=told.dry_run)
    try:
        with Asked() as asked, bar() as shown:
            broken = take_in(archives, archive, asked, shown)
    except ArchiveChanged as trouble:
        raise Sorry(
            "A file was changed while it was read. What was taken in so far is kept; run the same command again."
        ) from trouble
    print(summary(archive.report, mailbox.address, dry_run=told.dry_run))
    if told.report:
        told.report.write_text("".join(f"{line}\n" for line in aside(archive.report)), encoding="utf-8")
    for sentence in broken:
        print(sentence)
    if asked.stopped:
        print("Stopped, as you asked. Run the same command again to go on: what is in is not taken in twice.")
        return 130
    return 1 if broken else 0


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "touchline import",
        description="Bring in a history of mail, as conversations that are closed: nobody waits, nothing is mailed, nothing is counted. "
        "It can be interrupted and run again at any time.",
    )
    parser.add_argument("source", choices=IMPORTERS, metavar="mbox", help="the kind of archive: mbox, plain or gzip")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--mailbox", required=True, metavar="ADDRESS", help="the mailbox that these mails were written to")
    parser.add_argument(
        "--team", required=True, type=Path, metavar="FILE", help="a file with the addresses that your team wrote from, one a line"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would come of it, and keep nothing")
    parser.add_argument(
        "--report", type=Path, metavar="FILE", help="write the list of what could not be placed, and why, into this file"
    )
    return parser


def opened(source: str, file: Path, *, largest: int) -> Mbox:
    try:
        return IMPORTERS[source](file, largest=largest)
    except (NotAnArchive, BrokenArchive) as trouble:
        raise Sorry(str(trouble), exit_code=2) from trouble


def addresses_in(file: Path) -> frozenset[str]:
    """The addresses in a file, one a line, lower-case. Empty lines and what follows a # are passed over."""
    found = set()
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        text = line.partition("#")[0].strip()
        if text:
            address = address_of(text)
            if not address:
                raise Sorry(f"Line {number} of {file} is no address: {text[:80]}", exit_code=2)
            found.add(address)
    return frozenset(found)


def take_in(archives: Sequence[Mbox], archive: "Archive", asked: "Asked", shown: Bar) -> list[str]:
    """Go over all of it twice: once to plan, once to take it in. Sentences about archives that broke off."""
    broken: list[str] = []
    shown.begin("Reading who wrote")
    for found in mails(archives, shown, []):
        archive.plan(found)
        if asked.stopped:
            return broken
    archive.look_around()
    shown.begin("Taking in")
    for batch in batches(mails(archives, shown, broken)):
        archive.take(batch)
        if asked.stopped:
            break
    return broken


def mails(archives: Sequence[Mbox], shown: Bar, broken: list[str]) -> Iterator[Found]:
    """Every mail of all archives. Where one breaks off the next goes on, and `broken` is told."""
    size = sum(archive.size for archive in archives) or 1
    before = number = 0
    for archive in archives:
        try:
            for found in archive.mails():
                yield found
                number += 1
                if number % 50 == 0:
                    shown.show((before + archive.position) / size, number)
        except BrokenArchive as trouble:
            broken.append(str(trouble) + " What came before is taken in.")
        before += archive.size
    shown.show(1.0, number)


def batches(many: Iterator[Found]) -> Iterator[list[Found]]:
    batch: list[Found] = []
    size = 0
    for found in many:
        batch.append(found)
        size += len(found.raw)
        if len(batch) >= BATCH or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def summary(report: "Report", mailbox: str, *, dry_run: bool) -> str:
    would = "would be" if dry_run else "are"
    lines = [
        f"{report.read:,} mails were read for {mailbox}." + (" This was a dry run: nothing was kept." if dry_run else ""),
        f"  {report.new:,} {would} new, in {len(report.conversations):,} conversations, with {report.people:,} people we had not heard of.",
        f"  {report.again:,} of these were set aside by an earlier import, and have found their place.",
        f"  {report.here:,} were here already.",
        f"  {report.repeats:,} are repeats of another mail and count once.",
        f"  {report.beside:,} of the new ones bear the Message-ID of another mail, with other words; both are kept.",
        f"  {len(report.aside):,} could not be placed" + (":" if report.aside else "."),
        *listed(report),
    ]
    return "\n".join(lines)


def listed(report: "Report") -> Iterator[str]:
    """The first that could not be placed, under the reasons why."""
    left = MOST_LISTED
    for because, count in Counter(one.because for one in report.aside).most_common():
        yield f"    {count:,} of them: {because}"
        some = [one for one in report.aside if one.because == because][:left]
        yield from (f"      {one.where}, from {one.sender or 'nobody'}: {one.subject[:80]}" for one in some)
        left -= len(some)
    if len(report.aside) > MOST_LISTED:
        yield "    --report FILE writes all of them into a file."


def aside(report: "Report") -> Iterator[str]:
    """All that could not be placed, a line each: where, from whom, about what, why; with tabs between."""
    for one in report.aside:
        yield "\t".join(" ".join(text.split()) for text in (one.where, one.sender, one.subject, one.because))


class Asked:
    """Whether somebody asked us to stop (Ctrl-C). We do after the batch at hand; asked twice, at once."""

    def __init__(self) -> None:
        self.stopped = False

    def __enter__(self) -> Self:
        self.before = signal.signal(signal.SIGINT, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self.before)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        if self.stopped:
            raise KeyboardInterrupt
        self.stopped = True
