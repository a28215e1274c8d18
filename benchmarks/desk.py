"""What the benchmarks of the desk share: a real desk in a folder that goes away, and CPU time measured the same way everywhere."""

import atexit
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path


def make_desk() -> Path:
    """A fresh desk on SQLite, as anyone has it who starts Touchline. Django is ready afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="touchline-benchmark-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in [name for name in os.environ if name.startswith("TOUCHLINE_") and name != "TOUCHLINE_DATABASE_URL"]:
        del os.environ[name]
    os.environ["TOUCHLINE_DATA"] = str(folder)
    from touchline.work import database

    database.ready()
    return folder


def cpu(do: Callable[[], object]) -> float:
    """Seconds of CPU time that this process takes for it."""
    began = time.process_time()
    do()
    return time.process_time() - began


def median_cpu(do: Callable[[], object], *, times: int = 50, warm: int = 5) -> float:
    for _again in range(warm):
        do()
    return statistics.median(cpu(do) for _again in range(times))


def table(rows: list[tuple[str, float]], *, unit: str, digits: int = 2) -> None:
    """Each measure, and how many times the last one it takes: the floor."""
    floor = rows[-1][1]
    width = max(len(name) for name, _figure in rows)
    print(f"{'':{width}}  {unit:>14}  {'× floor':>8}")
    for name, figure in rows:
        print(f"{name:{width}}  {figure:14,.{digits}f}  {figure / floor:8.1f}")
