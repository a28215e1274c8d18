"""Makes .venv, or brings it up to date, from a lock file with hashes. Run by bin/prepare; needs only Python itself."""

import fcntl
import filecmp
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path


def main(root: Path, name: str) -> int:
    """Install what `root/name` pins into `root/.venv`; two that start at once wait for one another.

    pip cannot put right what it was killed in the middle of, so an environment marked unfinished is made anew.
    """
    place, lock = root / ".venv", root / name
    wait_for_others(root)
    stamp = place / name
    if works(place) and stamp.exists() and filecmp.cmp(lock, stamp, shallow=False):
        return 0
    stamp.unlink(missing_ok=True)
    unfinished = place / "unfinished"
    if unfinished.exists() or not works(place):
        print("Making an environment in .venv ...", flush=True)
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        unfinished.touch()
        venv.create(place, with_pip=True)
    unfinished.touch()
    before = lock.read_bytes()
    exit_code = install(place, lock)
    if exit_code == 0:
        draft = place / f"{name}.part"
        draft.write_bytes(before)
        unfinished.unlink()
        os.replace(draft, stamp)
    return exit_code


def wait_for_others(root: Path) -> None:
    """Be the only one that prepares this checkout, until this process ends."""
    folder = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Waiting for another start to finish its preparations ...", flush=True)
        fcntl.flock(folder, fcntl.LOCK_EX)


def works(place: Path) -> bool:
    """Whether there is an environment with a Python and a pip that run."""
    python = place / "bin" / "python"
    return python.exists() and subprocess.run([python, "-c", "import pip"], capture_output=True).returncode == 0


def install(place: Path, lock: Path) -> int:
    """Run pip, telling which package it is at, and what went wrong if it did."""
    count = sum(1 for line in lock.read_text().splitlines() if line[:1].isalnum())
    print(f"Installing {count} packages (once; a minute or two) ...", flush=True)
    command: list[str | Path] = [place / "bin" / "python", "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar=off", "--requirement", lock]
    told: list[str] = []
    at = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as pip:
        assert pip.stdout
        for line in pip.stdout:
            told.append(line.rstrip())
            if line.startswith("Collecting "):
                at += 1
                show(f"  {at} of {count}: {line.split()[1].partition('==')[0]}")
            elif line.startswith("Installing collected"):
                show("  unpacking")
    show("")
    if pip.returncode:
        print("\n".join(told[-12:]), file=sys.stderr)
        print(
            "The packages could not be installed; pip's last words are above. Look at the network and the disk, and run this again.",
            file=sys.stderr,
        )
        return 1
    print("Installed.", flush=True)
    return 0


def show(words: str) -> None:
    """One line that is written over, where somebody watches."""
    if sys.stdout.isatty():
        print(f"\r\033[K{words}", end="", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, subprocess.CalledProcessError) as trouble:
        sys.exit(f"The environment in .venv could not be made: {trouble}. Run this again when that is put right.")
