"""`touchline understand`: show how mails are read, without a database."""

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from touchline.core.mail.shown import shown
from touchline.work.environment import Sorry
from touchline.work.trouble import foreseen


def main(argv: list[str]) -> int:
    """One line of JSON a mail, in the order named. A file that cannot be read is said on standard error, and the exit code is 1."""
    told = parse(argv)
    exit_code = 0
    for name in told.files:
        try:
            raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as trouble:
            sorry = foreseen(trouble) or Sorry(f"{name} cannot be read ({trouble.strerror}).")
            print(sorry, file=sys.stderr)
            exit_code = sorry.exit_code
        else:
            sys.stdout.buffer.write(line(raw, "" if name == "-" else Path(name).stem))
            sys.stdout.buffer.flush()
    return exit_code


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("touchline understand", description="Show how mails are read: one line of JSON each.")
    parser.add_argument("files", nargs="+", metavar="FILE", help="a mail as it was received (RFC 5322); - is standard input")
    return parser.parse_args(argv)


def line(raw: bytes, name: str) -> bytes:
    """What is read from one mail, with `ms`, the milliseconds it took, as a line in UTF-8."""
    began = time.perf_counter()
    read = shown(raw, name, at=datetime.now(UTC))
    read["ms"] = round((time.perf_counter() - began) * 1000, 3)
    # Half a surrogate pair cannot be written in UTF-8; escaped, it still is valid JSON.
    return json.dumps(read, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
