"""Foreseeable trouble is one sentence and an exit code, never a traceback."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import OperationalError, ProgrammingError

from touchline.work.environment import CHECKOUT, Sorry
from touchline.work.trouble import foreseen, logged, no_room


def touchline(*words: str, cwd: Path, stdout: int = subprocess.PIPE, **told: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT), "TOUCHLINE_DATA": str(cwd / "data"), **told}
    command = [sys.executable, "-P", "-m", "touchline", *words]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, env=environment, cwd=cwd, timeout=60)


def one_sentence(done: subprocess.CompletedProcess[str], exit_code: int) -> str:
    assert done.returncode == exit_code, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "/var/lib/touchline"), "/var/lib/touchline"),
        (FileNotFoundError(errno.ENOENT, "No such file", "mails.mbox"), "mails.mbox"),
        (OperationalError("database or disk is full"), "disk is full"),
        (OperationalError("database is locked"), "Another program"),
        (OperationalError("attempt to write a readonly database"), "only be read"),
        (OperationalError('FATAL:  password authentication failed for user "kay"'), "TOUCHLINE_DATABASE_URL"),
        (OperationalError('FATAL:  database "desk" does not exist'), "TOUCHLINE_DATABASE_URL"),
        (OperationalError("connection failed: Connection refused\nIs the server running?"), "cannot be reached"),
        (OperationalError("no such table: desk_person"), "touchline migrate"),
        (ProgrammingError('relation "desk_person" does not exist'), "touchline migrate"),
    ],
)
def test_what_can_be_foreseen_is_said(trouble: Exception, said: str) -> None:
    sorry = foreseen(trouble)
    assert sorry and said in str(sorry) and "\n" not in str(sorry)


def test_what_lies_behind_a_trouble_is_seen() -> None:
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device")
        except OSError as full:
            raise RuntimeError("the mail could not be kept") from full
    except RuntimeError as trouble:
        assert "disk is full" in str(foreseen(trouble))


def test_what_was_said_already_is_said_so() -> None:
    sorry = Sorry("There is no teammate Ilse.", exit_code=2)
    assert foreseen(sorry) is sorry


@pytest.mark.parametrize("trouble", [ValueError("a fault of ours"), OSError(errno.EBADF, "Bad file descriptor"), KeyError("x")])
def test_a_fault_of_ours_is_not_dressed_up(trouble: Exception) -> None:
    assert foreseen(trouble) is None


def test_a_missing_file_is_said_after_the_others_were_read(tmp_path: Path) -> None:
    (tmp_path / "nora.eml").write_bytes(b"From: Nora <nora@example.org>\r\nSubject: I cannot sign in\r\n\r\nPlease help.\r\n")
    done = touchline("understand", "none.eml", "nora.eml", cwd=tmp_path)
    assert "none.eml" in one_sentence(done, 1)
    assert '"id": "nora"' in done.stdout


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    (tmp_path / "nora.eml").write_bytes(b"From: Nora <nora@example.org>\r\n\r\nPlease help.\r\n")
    with open("/dev/full", "wb") as full:
        assert "disk is full" in one_sentence(touchline("understand", "nora.eml", cwd=tmp_path, stdout=full.fileno()), 1)


def test_a_wrong_setting_stops_a_command_that_reads_them(tmp_path: Path) -> None:
    assert "TOUCHLINE_PORT" in one_sentence(touchline("up", cwd=tmp_path, TOUCHLINE_PROT="1"), 2)
    assert "TOUCHLINE_PORT" in one_sentence(touchline("migrate", cwd=tmp_path, TOUCHLINE_PORT="x"), 2)


def test_a_command_that_is_none_is_said(tmp_path: Path) -> None:
    assert "downn" in one_sentence(touchline("downn", cwd=tmp_path), 2)


def test_help_is_there_before_anything_else_is(tmp_path: Path) -> None:
    done = touchline("--help", cwd=tmp_path)
    assert done.returncode == 0 and "understand" in done.stdout
    assert not (tmp_path / "data").exists()


def test_a_database_that_cannot_be_reached_is_said_at_once(tmp_path: Path) -> None:
    done = touchline("migrate", cwd=tmp_path, TOUCHLINE_DATABASE_URL="postgresql://kay:hunter2@127.0.0.1:1/desk")
    said = one_sentence(done, 1)
    assert "cannot be reached" in said and "hunter2" not in said


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    assert touchline("migrate", cwd=tmp_path).returncode == 0
    import sqlite3

    with sqlite3.connect(tmp_path / "data/touchline.sqlite3") as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('desk', '9999_from_the_future', '2031-01-01')"
        )
    assert "9999_from_the_future" in one_sentence(touchline("migrate", cwd=tmp_path), 1)


def test_a_data_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    one_sentence(touchline("migrate", cwd=tmp_path), 1)


@pytest.mark.parametrize(
    "words",
    [
        ["understand", "nora.eml"],
        ["impact", "--events", "ledger.jsonl", "--from", "2026-01-01", "--to", "2026-02-01", "--tz", "UTC", "--json"],
        ["up", "--help"],
        ["--help"],
    ],
    ids=lambda words: words[0],
)
def test_what_needs_no_desk_starts_none(tmp_path: Path, words: list[str]) -> None:
    """Neither Django, which takes its time, nor a data folder."""
    (tmp_path / "nora.eml").write_bytes(b"From: Nora <nora@example.org>\r\n\r\nPlease help.\r\n")
    (tmp_path / "ledger.jsonl").write_bytes(b"")
    program = "import sys\nfrom touchline.__main__ import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\nassert 'django' not in sys.modules"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT), "TOUCHLINE_DATA": str(tmp_path / "data")}
    done = subprocess.run(
        [sys.executable, "-c", program, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("trouble", "full"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), True),
        (OperationalError("database or disk is full"), True),
        (OperationalError("database is locked"), False),
        (FileNotFoundError(errno.ENOENT, "No such file"), False),
        (ValueError("no space left on device"), False),
    ],
)
def test_a_full_disk_is_told_from_other_trouble(trouble: Exception, full: bool) -> None:
    assert no_room(trouble) is full


def test_what_was_foreseen_is_logged_as_a_sentence_and_the_rest_with_its_traceback() -> None:
    assert "full" in logged(OperationalError("database or disk is full"))["trouble"]
    bug = ValueError("nobody thought of it")
    assert logged(bug) == {"exc_info": bug}
