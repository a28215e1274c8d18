"""mbox: many mails in one file, each after a line that begins with "From " (RFC 4155, and what was written before it)."""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from touchline.core.mail.headers import instant_of
from touchline.importers.found import BrokenArchive, Found, NotAnArchive

LONGEST_PIECE = 1 << 20  # bytes of one line that are read at a time
BEGINNING = 64 * 1024  # bytes that are kept of a mail that is too large

# "From nora@bakery.example Tue Apr  1 00:25:17 2014", with a zone somewhere or not; or the date as a mail's own header has it.
# Only a line that ends in a date separates: "From the garden, with love" is somebody's words.
_SEPARATOR = re.compile(
    rb"From (?:.{0,500}\s)?((?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s+)?"
    rb"(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{1,2}\s+\d{1,2}:\d\d(?::\d\d)?(?:\s+[A-Z]{1,5})?(?:\s+[+-]\d{4})?\s+\d{4}"
    rb"|\d{1,2}\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{4}\s+\d{1,2}:\d\d(?::\d\d)?)"
    rb"(?:\s+[A-Z]{1,5})?(?:\s+[+-]\d{4})?)\s*"
)
_QUOTED = re.compile(rb">+From ")
_GZIP = b"\x1f\x8b"


class Mbox:
    """One file, plain or gzip (its first bytes say which), read as a stream: memory holds one mail at a time."""

    def __init__(self, path: Path, *, largest: int) -> None:
        """`largest`: how many bytes a mail may have. Raises NotAnArchive, BrokenArchive, or OSError where it cannot be opened."""
        self.path = path
        self.largest = largest
        self.position = 0
        """How many bytes of the file have been read, of `size`."""
        with path.open("rb") as file:
            self.size = file.seek(0, io.SEEK_END)
            file.seek(0)
            first = next((line for line in self._lines(file) if line.strip()), b"")
        if first and not _SEPARATOR.fullmatch(first):
            raise NotAnArchive(
                f'{path} is no mbox: it does not begin with a line such as "From nora@bakery.example Tue Apr  1 00:25:17 2014".'
            )

    def mails(self) -> Iterator[Found]:
        """Every mail, in the order of the file. Raises BrokenArchive after the last whole one where the file breaks off."""
        number = 0
        with self.path.open("rb") as file:
            at: datetime | None = None
            lines = _Lines(self.largest)
            after_blank = True
            for line in self._lines(file):
                separator = _SEPARATOR.fullmatch(line) if after_blank and line.startswith(b"From ") else None
                if separator:
                    if number:
                        yield self._found(lines, at, number)
                    number += 1
                    at = instant_of(separator[1].decode("ascii", "replace"))
                    lines = _Lines(self.largest)
                else:
                    lines.add(line)
                after_blank = line in (b"\n", b"\r\n")
                self.position = file.tell()
            if number:
                yield self._found(lines, at, number)

    def _found(self, lines: "_Lines", at: datetime | None, number: int) -> Found:
        return Found(lines.mail(), at, f"{self.path.name}, mail {number:,}", lines.too_large)

    def _lines(self, file: BinaryIO) -> Iterator[bytes]:
        zipped = file.read(2) == _GZIP
        file.seek(0)
        stream = io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=file)), 1 << 18) if zipped else file
        so_far = 0
        try:
            while line := stream.readline(LONGEST_PIECE):
                so_far += len(line)
                yield line
        except (EOFError, gzip.BadGzipFile, zlib.error) as trouble:
            raise BrokenArchive(
                f"{self.path} is broken: after {so_far:,} unpacked bytes it cannot be unpacked any further ({trouble})."
            ) from trouble


class _Lines:
    """The lines of one mail, as they are met with."""

    def __init__(self, largest: int) -> None:
        self.lines: list[bytes] = []
        self.size = 0
        self.largest = largest
        self.quoted: list[int] = []

    @property
    def too_large(self) -> bool:
        return self.size > self.largest

    def add(self, line: bytes) -> None:
        self.size += len(line)
        if self.too_large:
            self.lines, self.quoted = [b"".join([*self.lines, line])[:BEGINNING]], []
        else:
            if line.startswith(b">") and _QUOTED.match(line):
                self.quoted.append(len(self.lines))
            self.lines.append(line)

    def mail(self) -> bytes:
        """The bytes of the mail: without the empty line before the next separator, and with "From " as it was written."""
        for place in [place for place in self.quoted if not self._is_quoted_by_its_writer(place)]:
            self.lines[place] = self.lines[place][1:]
        if self.lines and self.lines[-1] in (b"\n", b"\r\n"):
            self.lines.pop()
        return b"".join(self.lines)

    def _is_quoted_by_its_writer(self, place: int) -> bool:
        """Among lines that are quoted themselves, the ">" before a "From " is the writer's, else that of whoever wrote the file."""
        around = (self.lines[place - 1] if place else b"", self.lines[place + 1] if place + 1 < len(self.lines) else b"")
        return any(line.startswith(b">") and not _QUOTED.match(line) for line in around)
