"""How long `touchline impact` takes over a ledger of many events, and how much memory, beside reading its JSON alone.

    python -m benchmarks.impact [--events 200000]

Each measure runs in a process of its own, on the same file, so that neither pays for the other's memory.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
TEAM = ["kay", "sam", "mo", "ravi", "aoife", "jun"]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--events", type=int, default=200_000, help="how many events the ledger holds")
    asked.add_argument("--measure", choices=MEASURES, help=argparse.SUPPRESS)
    asked.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    told = asked.parse_args()
    if told.measure:
        MEASURES[told.measure](told.file)
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "mb": used.ru_maxrss / 1024}))
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.jsonl"
        began = time.perf_counter()
        with file.open("w") as lines:
            lines.writelines(ledger(told.events))
        print(f"{told.events:,} events, {file.stat().st_size / 1e6:.0f} MB, written in {time.perf_counter() - began:.1f} s\n")
        found = {name: measured(name, file) for name in MEASURES}
    start = found["start"]
    print(f"{'':34}{'CPU s':>8}{'peak MB':>10}")
    for name, measure in MEASURES.items():
        print(f"{measure.__doc__:34}{found[name]['cpu']:8.2f}{found[name]['mb']:10.0f}")
    net = {name: used["cpu"] - start["cpu"] for name, used in found.items()}
    print(f"\nthe report takes {net['report'] / net['json']:.1f} times what reading the JSON with the standard library takes,")
    print(f"and {net['report'] / net['msgspec']:.1f} times what reading it with msgspec does (start of Python taken off)")


def measured(name: str, file: Path) -> dict[str, float]:
    """CPU seconds and peak megabytes of one measure in a process of its own."""
    run = [sys.executable, "-m", "benchmarks.impact", "--measure", name, "--file", str(file)]
    said = subprocess.run(run, check=True, capture_output=True, text=True)
    return json.loads(said.stdout)


def start(file: Path) -> None:
    """nothing (Python and its imports)"""
    import touchline.work.impact_command  # noqa: F401


def read_json(file: Path) -> None:
    """the JSON alone, json.loads"""
    with file.open("rb") as lines:
        for line in lines:
            json.loads(line)


def read_msgspec(file: Path) -> None:
    """the JSON alone, msgspec"""
    import msgspec

    decoder = msgspec.json.Decoder()
    with file.open("rb") as lines:
        for line in lines:
            decoder.decode(line)


def report(file: Path) -> None:
    """the whole report of a quarter"""
    from contextlib import redirect_stdout
    from io import StringIO

    from touchline.work.impact_command import main as impact

    told = ["--from", "2026-03-01", "--to", "2026-06-01", "--as-of", "2027-06-01T00:00:00Z", "--tz", "Europe/Dublin"]
    with redirect_stdout(StringIO()):
        exit_code = impact(["--events", str(file), *told, "--json"])
    assert exit_code == 0


MEASURES: dict[str, Callable[[Path], None]] = {"start": start, "json": read_json, "msgspec": read_msgspec, "report": report}


def ledger(events: int) -> Iterator[str]:
    """Lines of a believable year: blockers that are moved, some of them back again, check-ins, a join or a mistake here and there."""
    chance = random.Random(7)
    written = 0
    blocker = 0
    while written < events:
        blocker += 1
        for line in story(blocker, max(50, events // 16), chance):
            if written < events:
                yield json.dumps({**line, "id": f"e{written}"}) + "\n"
                written += 1


def story(blocker: int, persons: int, chance: random.Random) -> list[dict[str, object]]:
    """The events of one blocker, in order."""
    at = BEGIN + YEAR * chance.random()
    name = f"b{blocker}"
    lines: list[dict[str, object]] = []

    def happens(kind: str, hours: float, **fields: object) -> None:
        nonlocal at
        at += timedelta(seconds=round(hours * 3600))
        lines.append({"at": at.isoformat().replace("+00:00", "Z"), "kind": kind, "blocker": name, **fields})

    happens("raised", 0, person=f"p{chance.randrange(persons)}", topic=f"topic-{chance.randrange(40)}")
    if chance.random() < 0.03:
        happens("withdrawn", 1, why="spam")
        return lines
    for _ in range(chance.choice([1, 1, 2])):
        for _ in range(chance.choice([1, 1, 2, 3])):
            happens("took_part", 3 * chance.random(), by=chance.choice(TEAM), how=chance.choice(["reply", "note", "review"]))
        happens("moved", chance.random(), by=chance.choice(TEAM))
        if chance.random() < 0.4:
            happens("asked", 72, horizon="days", random=chance.random() < 0.5)
        if chance.random() < 0.35:
            happens("confirmed", 40 * chance.random(), source=chance.choice(["message", "check_in"]))
        if chance.random() < 0.1:
            happens("observed", 200 * chance.random(), event="site.published")
        happens("returned", 300 * chance.random(), source=chance.choice(["message", "check_in", "teammate"]))
    if chance.random() < 0.8:
        lines.pop()  # the last one holds
    return lines


if __name__ == "__main__":
    main()
