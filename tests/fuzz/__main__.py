"""Read mails that nobody wrote, for as long as you like: `python -m tests.fuzz hypothesis --minutes 30`, or `atheris`.

Each find is kept as a file with its reason beside it, once for each place in the code, and the run goes on; a run leaves a
file of figures in runs/. The exit code is 1 where anything was found.
"""

import argparse
import hashlib
import json
import os
import sys
import time
import traceback
from pathlib import Path

MOST_BYTES = 30_000  # of a mail that atheris makes up
SLOWER_WATCHED = 12.0  # by how much atheris's watching slows us down


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    asked.add_argument("way", choices=("hypothesis", "atheris"))
    asked.add_argument("--minutes", type=float, default=10)
    asked.add_argument(
        "--state", type=Path, default=Path("data/fuzz"), help="where finds, runs and the mails that led somewhere new are kept"
    )
    told = asked.parse_args()
    run = Run(told.way, told.minutes, told.state)
    with_hypothesis(run) if told.way == "hypothesis" else with_atheris(run)
    return run.ended()


class Run:
    """One run: how many mails were read, and what was found."""

    def __init__(self, way: str, minutes: float, state: Path) -> None:
        self.way, self.state = way, state
        self.began = time.monotonic()
        self.until = self.began + 60 * minutes
        self.read, self.found, self.slower = 0, 0, 1.5
        (state / "found").mkdir(parents=True, exist_ok=True)
        (state / "runs").mkdir(exist_ok=True)
        self.told = state / "runs" / f"{way}-{int(time.time())}.json"

    def one(self, raw: bytes) -> None:
        """Read one mail; keep it if a promise was broken."""
        from tests.fuzz.held import check

        self.read += 1
        if self.read % 500 == 0:
            self.tell()  # libFuzzer ends the process when a mail takes a minute
        try:
            check(raw, slower=self.slower)
        except Exception as trouble:  # whatever it is, it is a find
            self.keep(raw, trouble)

    def keep(self, raw: bytes, trouble: Exception) -> None:
        frame = [one for one in traceback.extract_tb(trouble.__traceback__) if one.name != "_must"][-1]
        said = str(trouble)[:40] if "understand gave up" in str(trouble) else ""
        where = f"{type(trouble).__name__} {Path(frame.filename).name}:{frame.name} {frame.line} {said}"
        name = hashlib.sha256(where.encode()).hexdigest()[:16]
        kept = self.state / "found" / f"{name}.eml"
        if not kept.exists() or len(raw) < kept.stat().st_size:
            self.found += not kept.exists()
            kept.write_bytes(raw)
            kept.with_suffix(".txt").write_text(
                f"{where}\n{''.join(traceback.format_exception(trouble))[-4000:]}", "utf-8", "replace"
            )

    def tell(self) -> str:
        minutes = round((time.monotonic() - self.began) / 60, 2)
        line = json.dumps({"way": self.way, "minutes": minutes, "read": self.read, "found": self.found})
        self.told.write_text(line + "\n")
        return line

    def ended(self) -> int:
        print(self.tell(), flush=True)
        return 1 if self.found else 0


def with_hypothesis(run: Run) -> None:
    """Mails by tests.fuzz.mails, a thousand at a time until the time is over."""
    from hypothesis import HealthCheck, Phase, given, settings

    from tests.fuzz.mails import any_mail

    @settings(max_examples=1_000, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(any_mail)
    def read(raw: bytes) -> None:
        if time.monotonic() < run.until:
            run.one(raw)

    while time.monotonic() < run.until:
        read()


def with_atheris(run: Run) -> None:
    """Mails that libFuzzer grows from those of tests/mail/, led by which lines of our code they reach."""
    try:
        import atheris  # type: ignore[import-untyped]
    except ImportError:
        sys.exit("atheris is not here. It is no part of what we build on: pip install atheris")
    with atheris.instrument_imports(include=["touchline.core.mail"]):
        from tests.fuzz import held  # noqa: F401 (what it imports is watched from here on)
    from tests.fuzz.mails import CHARSETS, KNOWN, LINES, VALUES, WORDS

    seeds, grown, dictionary = run.state / "seeds", run.state / "grown", run.state / "dictionary"
    for folder in (seeds, grown):
        folder.mkdir(exist_ok=True)
    for raw in KNOWN:
        if len(raw) <= MOST_BYTES:
            (seeds / hashlib.sha256(raw).hexdigest()[:16]).write_bytes(raw)
    pieces = {piece.encode("utf-8", "replace")[:60] for piece in (*CHARSETS, *LINES, *VALUES, *WORDS)}
    in_hex = ["".join(rf"\x{byte:02x}" for byte in piece) for piece in sorted(pieces) if piece]
    dictionary.write_text("".join(f'"{piece}"\n' for piece in in_hex))
    run.slower = SLOWER_WATCHED

    def read(data: bytes) -> None:
        if time.monotonic() >= run.until:
            run.ended()
            os._exit(0)  # libFuzzer takes every other way to stop for a crash
        run.one(data)

    atheris.Setup([sys.argv[0], f"-max_len={MOST_BYTES}", f"-dict={dictionary}", "-timeout=60", "-rss_limit_mb=3000", "-verbosity=0",
                   f"-artifact_prefix={run.state}/found/", str(grown), str(seeds)], read)  # fmt: skip
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
