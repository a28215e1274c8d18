"""How many mails a second one core understands, beside the standard library's parsers on the same mails in the same run.

    python -m benchmarks.understand [--rounds 5] [--mails tests/mail]

The mails are read into memory first. Each measure reads all of them, in turns with the others; the median of the rounds counts.
"""

import argparse
import base64
import email
import statistics
import time
from collections.abc import Callable
from email.parser import BytesParser
from email.policy import compat32, default
from pathlib import Path

from touchline.core.mail.automatic import automatic
from touchline.core.mail.fresh_words import fresh_words
from touchline.core.mail.safe_html import safe_html
from touchline.core.mail.understand import understand

LARGE = 10  # megabytes


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--mails", type=Path, default=Path("tests/mail"), help="a folder of .eml files")
    told = asked.parse_args()
    mails = [path.read_bytes() for path in sorted(told.mails.rglob("*.eml"))]
    size = sum(map(len, mails))
    print(f"{len(mails):,} mails of {size / len(mails) / 1e3:.1f} kB each\n")
    print(f"{'':52}{'mails/s':>9}{'× floor':>9}")
    _show({name: [_seconds(read, mails) for _ in range(told.rounds)] for name, read in READERS.items()}, len(mails))
    print(f"\none mail of {LARGE} MB, most of it a file in base64\n")
    print(f"{'':52}{'MB/s':>9}{'× floor':>9}")
    _show({name: [_seconds(read, [large()]) for _ in range(told.rounds)] for name, read in READERS.items()}, LARGE)


def _seconds(read: Callable[[bytes], object], mails: list[bytes]) -> float:
    began = time.process_time()
    for raw in mails:
        read(raw)
    return time.process_time() - began


def _show(taken: dict[str, list[float]], amount: int) -> None:
    floor = statistics.median(taken[FLOOR])
    for name, seconds in taken.items():
        took = statistics.median(seconds)
        print(f"{name:52}{amount / took:9,.0f}{took / floor:9.1f}")


def large() -> bytes:
    file = base64.encodebytes(bytes(range(256)) * (LARGE * 1_000_000 * 3 // 4 // 256))
    head = b'From: nora@lantern.example\nSubject: Lamp\nContent-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nHello\n'
    return head + b"--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n" + file + b"--b--\n"


def all_of_it(raw: bytes) -> None:
    """What is done to a mail until it can be shown."""
    found = understand(raw)
    fresh_words(found)
    automatic(found)
    safe_html(found.html)


def decoded_too(raw: bytes) -> None:
    """The standard library's headers and bodies, decoded, as far as it can without raising."""
    for part in email.message_from_bytes(raw, policy=compat32).walk():
        part.items()
        part.get_payload(decode=True)


FLOOR = "floor: message_from_bytes, compat32"
READERS: dict[str, Callable[[bytes], object]] = {
    FLOOR: lambda raw: email.message_from_bytes(raw, policy=compat32),
    "the same, with every body decoded": decoded_too,
    "BytesParser, the standard library's new policy": BytesParser(policy=default).parsebytes,
    "understand": understand,
    "understand, fresh words, automatic, safe HTML": all_of_it,
}

if __name__ == "__main__":
    main()
