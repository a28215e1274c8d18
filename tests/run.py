"""What `bin/test` does: brings the servers and the browser that tests need, and runs the tests on both databases."""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
ALONE = "browser or servers"
STORIES = "tests/pages"
# Not every test asks a database; these do, and are run on both.
WITH_DATABASE = ("tests/desk", "tests/web", "tests/work")


@dataclass(frozen=True)
class Package:
    """A package of Debian's, and where one of its programs is once it is there."""

    name: str
    program: str
    places: tuple[str, ...] = ()

    def found(self) -> Path | None:
        named = shutil.which(self.program)
        if named:
            return Path(named)
        return next(
            (file for place in self.places for file in sorted(Path("/").glob(f"{place}/{self.program}"), reverse=True)), None
        )


CHROMIUM = Package("chromium", "chromium")
DOVECOT = Package("dovecot-imapd", "dovecot", ("usr/sbin",))
POSTGRESQL = Package("postgresql", "initdb", ("usr/lib/postgresql/*/bin",))


def main(named: list[str]) -> int:
    signal.signal(signal.SIGTERM, _leave)
    missing = bring(CHROMIUM, DOVECOT, POSTGRESQL)
    outcomes: list[tuple[str, str, float]] = []
    if named:
        run(outcomes, "on SQLite", named)
    else:
        run(outcomes, "on SQLite", ["-n", "2", "-m", f"not ({ALONE})"])
        # The stories have a process of their own, since Playwright can be started only once in each.
        run(
            outcomes,
            "servers and parts",
            ["-m", "servers and not browser" if CHROMIUM in missing else ALONE, f"--ignore={STORIES}"],
        )
        if CHROMIUM not in missing:
            run(outcomes, "stories", [STORIES])
    again = (
        [part for part in named if any(part.startswith(folder) for folder in WITH_DATABASE)]
        if named
        else _existing(WITH_DATABASE)
    )
    if again and POSTGRESQL not in missing:
        with postgresql() as url:
            more = [word for word in named if word not in again] if named else ["-n", "2", "-m", f"not ({ALONE})"]
            run(outcomes, "on PostgreSQL", [*again, *more], TEST_DATABASE_URL=url)
    return summary(outcomes, missing)


def bring(*packages: Package) -> list[Package]:
    """Install what is missing where we may, and return what still is."""
    missing = [package for package in packages if not package.found()]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        names = [package.name for package in missing]
        print(f"Installing {', '.join(names)} ...", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "-q", "update"], ["apt-get", "-q", "install", "-y", "--no-install-recommends", *names]):
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if done.returncode:
                print("\n".join(done.stdout.splitlines()[-8:]), flush=True)
        missing = [package for package in missing if not package.found()]
    return missing


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """A private PostgreSQL in a temporary folder, reached by a socket in it; yields the address of a database.

    What tests make is made from that database: a schema called `desk`, and no `public`.
    """
    programs = POSTGRESQL.found()
    assert programs
    programs = programs.resolve().parent
    home = Path(tempfile.mkdtemp(prefix="touchline-pg-"))
    # PostgreSQL refuses to run as root.
    person = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    os.chown(home, person.pw_uid, person.pw_gid)
    become: dict[str, Any] = {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    server = None
    try:
        _do(
            [
                programs / "initdb",
                "-D",
                home / "data",
                "-A",
                "trust",
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
            home,
            become,
        )
        fast = [
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "listen_addresses=",
            f"unix_socket_directories={home}",
        ]
        command: list[object] = [
            programs / "postgres",
            "-D",
            home / "data",
            *(word for setting in fast for word in ("-c", setting)),
        ]
        with open(home / "log", "wb") as log:
            server = subprocess.Popen(
                [str(word) for word in command], cwd=home, stdout=log, stderr=subprocess.STDOUT, preexec_fn=_end_with_us, **become
            )
        _wait_until_it_answers(programs, home, become)
        psql = [programs / "psql", "-h", home, "-U", "postgres", "-q", "-v", "ON_ERROR_STOP=1"]
        _do([*psql, "-d", "postgres", "-c", "CREATE DATABASE touchline TEMPLATE template0"], home, become)
        _do([*psql, "-d", "touchline", "-c", "CREATE SCHEMA desk; DROP SCHEMA public"], home, become)
        yield f"postgresql://postgres@/touchline?host={quote(str(home), safe='')}&options={quote('-c search_path=desk', safe='')}"
    finally:
        if server:
            server.send_signal(signal.SIGINT)
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
        shutil.rmtree(home, ignore_errors=True)


def run(outcomes: list[tuple[str, str, float]], name: str, arguments: list[str], **told: str) -> None:
    """One run of pytest; no test at all where some were named is a failure, as is any other trouble."""
    print(f"\n== {name} ==", flush=True)
    began = time.monotonic()
    code = subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env={**os.environ, **told}).returncode
    outcomes.append((name, "passed" if code == 0 else "no tests" if code == 5 else "FAILED", time.monotonic() - began))


def summary(outcomes: list[tuple[str, str, float]], missing: list[Package]) -> int:
    """Say how it went, and return the exit code."""
    print("\n== tests ==")
    for name, outcome, seconds in outcomes:
        print(f"{outcome:9} {name} ({seconds:.0f} s)")
    if missing:
        names = " ".join(package.name for package in missing)
        print(
            f"NOT RUN   what needs {names}. Install them and run this again:\n    sudo apt-get install --no-install-recommends {names}"
        )
    good = all(outcome == "passed" for _, outcome, _ in outcomes)
    return 0 if good and not missing else 1


def _existing(folders: tuple[str, ...]) -> list[str]:
    return [folder for folder in folders if any((ROOT / folder).glob("test_*.py"))]


def _do(command: list[object], home: Path, become: dict[str, Any]) -> None:
    done = subprocess.run(
        [str(word) for word in command], cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **become
    )
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout}")


def _wait_until_it_answers(programs: Path, home: Path, become: dict[str, Any]) -> None:
    for _ in range(150):
        if subprocess.run([programs / "pg_isready", "-q", "-h", home]).returncode == 0:
            return
        time.sleep(0.1)
    raise SystemExit(f"PostgreSQL did not start:\n{(home / 'log').read_text(errors='replace')}")


def _end_with_us() -> None:
    """In the child: a run that is killed takes its server along (Linux: PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)


def _leave(number: int, frame: FrameType | None) -> None:
    # As an exception, so that what was started is also ended.
    raise SystemExit(128 + number)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
