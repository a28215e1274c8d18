"""For developers: end in good order when a file of the program has changed, and start anew in the same process."""

import contextlib
import os
import sys
import threading
import time
from pathlib import Path

from touchline.work.environment import CHECKOUT
from touchline.work.server import House

WATCHED = (".py", ".html", ".css", ".js")
_changed = threading.Event()


def watch(house: House) -> None:
    """Stop `house` as soon as a file changes that Python can read again."""

    def look() -> None:
        before = seen = stamps()
        while not _changed.is_set():
            time.sleep(0.5)
            now = stamps()
            fresh, seen = now != seen, now
            if fresh and all(compiles(file) for file, _ in now.items() - before.items()):
                _changed.set()
                house.loop.call_soon_threadsafe(house.stop)

    threading.Thread(target=look, name="reload", daemon=True).start()


def wanted() -> bool:
    return _changed.is_set()


def again() -> None:
    """Replace this process by a fresh one of the same kind."""
    os.execv(sys.executable, [sys.executable, "-P", "-m", "touchline", *sys.argv[1:]])  # noqa: S606


def stamps() -> dict[Path, int]:
    found = {}
    for file in (CHECKOUT / "touchline").rglob("*"):
        if file.suffix in WATCHED:
            with contextlib.suppress(FileNotFoundError):
                found[file] = file.stat().st_mtime_ns
    return found


def compiles(file: Path) -> bool:
    try:
        if file.suffix == ".py":
            compile(file.read_bytes(), str(file), "exec")
        return True
    except SyntaxError as mistake:
        print(f"{file.name}, line {mistake.lineno}: {mistake.msg}. Waiting until it is put right.", file=sys.stderr)
        return False
