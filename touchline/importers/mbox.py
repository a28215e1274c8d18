"""mbox: many mails in one file, each after a line that begins with "From " (RFC 4155, and what was written before it)."""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from touchline.core.mail.headers import instant_of
from touchline.importers.found import BrokenArchive, Found, NotAnArchive

PIECE = 1 << 18  # bytes that are read at a time
BEGINNING = 64 * 1024  # bytes that are kept of a mail that is too large
LONGEST_LINE = 1000  # bytes of a line that separates

# "From nora@bakery.example Tue Apr  1 00:25:17 2014", with a zone somewhere or not; or the date as a mail's own header has it.
# Only a line that ends in a date separates: "From the garden, with love" is somebody's words.
_SEPARATOR = re.compile(
    rb"From (?:.{0,500}\s)?((?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s+)?"
    rb"(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{1,2}\s+\d{1,2}:\d\d(?::\d\d)?(?:\s+[A-Z]{1,5})?(?:\s+[+-]\d{4})?\s+\d{4}"
    rb"|\d{1,2}\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{4}\s+\d{1,2}:\d\d(?::\d\d)?)"
    rb"(?:\s+[A-Z]{1,5})?(?:\s+[+-]\d{4})?)\s*"
)
_QUOTED = re.compile(rb"(?m)^>+From ")
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
            beginning = b""
            for piece in self._pieces(file):
                beginning = (beginning + piece).lstrip(b"\r\n")
                if b"\n" in beginning or len(beginning) > LONGEST_LINE:
                    break
        if beginning and not _SEPARATOR.fullmatch(beginning.partition(b"\n")[0]):
            raise NotAnArchive(
                f'{path} is no mbox: it does not begin with a line such as "From nora@bakery.example Tue Apr  1 00:25:17 2014".'
            )

    def mails(self) -> Iterator[Found]:
        """Every mail, in the order of the file. Raises BrokenArchive after the last whole one where the file breaks off."""
        held = bytearray(b"\n\n")  # as if an empty line stood before the first
        begin = looked = number = 0
        at: datetime | None = None
        cut = b""
        with self.path.open("rb") as file:
            for piece in chain(self._pieces(file), (b"",)):
                held += piece
                self.position = file.tell()
                while (found := held.find(b"\nFrom ", looked)) >= 0:
                    end = held.find(b"\n", found + 1)
                    if end < 0:
                        if piece and len(held) - found < LONGEST_LINE:
                            break  # the rest of this line comes with the next piece
                        end = len(held)
                    looked = found + 1
                    after_blank = held[found - 1 : found] == b"\n" or held[found - 2 : found] == b"\n\r"
                    separator = _SEPARATOR.fullmatch(held, found + 1, end) if after_blank else None
                    if separator:
                        if number:
                            yield self._found(cut, held[begin : found + 1], at, number)
                        number += 1
                        at = instant_of(separator[1].decode("ascii", "replace"))
                        begin, looked, cut = end + 1, end, b""
                else:
                    looked = max(looked, len(held) - len(b"\nFrom"))
                if looked - begin > self.largest:
                    cut = cut or bytes(held[begin : begin + BEGINNING])
                    del held[begin : looked - 2]
                    looked = begin + 2
                passed = max(0, begin - 3)
                del held[:passed]
                begin, looked = begin - passed, looked - passed
            if number:
                yield self._found(cut, held[begin:], at, number)

    def _found(self, cut: bytes, lines: bytearray, at: datetime | None, number: int) -> Found:
        """`cut`: the beginning of a mail of which most was passed over."""
        raw = cut or _as_written(bytes(lines))
        too_large = bool(cut) or len(raw) > self.largest
        return Found(raw[:BEGINNING] if too_large else raw, at, f"{self.path.name}, mail {number:,}", too_large)

    def _pieces(self, file: BinaryIO) -> Iterator[bytes]:
        zipped = file.read(2) == _GZIP
        file.seek(0)
        stream = gzip.GzipFile(fileobj=file) if zipped else file
        so_far = 0
        try:
            while piece := stream.read1(PIECE):  # type: ignore[union-attr]
                so_far += len(piece)
                yield piece
        except (EOFError, gzip.BadGzipFile, zlib.error) as trouble:
            raise BrokenArchive(
                f"{self.path} is broken: after {so_far:,} unpacked bytes it cannot be unpacked any further ({trouble})."
            ) from trouble


def _as_written(raw: bytes) -> bytes:
    """The bytes of the mail: without the empty line before the next separator, and with "From " as it was written.

    Whoever writes an mbox puts ">" before "From " at the start of a line. Among lines that are quoted themselves it is the writer's own.
    """
    if raw.endswith((b"\n\n", b"\r\n\r\n")) or raw in (b"\n", b"\r\n"):
        raw = raw[: -2 if raw.endswith(b"\r\n") else -1]
    if not _QUOTED.search(raw):
        return raw
    lines = re.findall(rb"[^\n]*\n|[^\n]+", raw)
    quoted = [bool(_QUOTED.match(line)) for line in lines]
    for place, line in enumerate(lines):
        around = [each for each in (place - 1, place + 1) if 0 <= each < len(lines)]
        if quoted[place] and not any(lines[each].startswith(b">") and not quoted[each] for each in around):
            lines[place] = line[1:]
    return b"".join(lines)
