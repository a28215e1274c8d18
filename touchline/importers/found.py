"""What an importer finds in an archive, and what can be wrong with one."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Found:
    """One mail of an archive, byte for byte. `at` is when the archive says that it came, None where it does not say.

    `where` tells a person where to find it ("june.mbox, mail 17"). `too_large`: it has more bytes than are taken; `raw` is only its beginning.
    """

    raw: bytes
    at: datetime | None
    where: str
    too_large: bool = False


class NotAnArchive(Exception):
    """The file is of another kind. Says of which file that is true, in a sentence."""


class BrokenArchive(Exception):
    """The file cannot be read to its end; every whole mail before the break was found. Says where it broke, in a sentence."""
