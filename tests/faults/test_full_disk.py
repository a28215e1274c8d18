"""The disk is full: nothing is lost, nothing is said to be kept that is not, and all goes on once there is room."""

import os
import smtplib
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults.conftest import INSIDE, TALLIES, Tally
from tests.faults.houses import letter, subjects
from tests.house import SUPPORT, House
from tests.servers import Dovecot

SIZE = 48
"""Megabytes of the whole disk."""
MAILS = 12


@pytest.fixture
def small_disk(data: Path, tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "data"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("only root may mount the small disk that is to be filled")
    subprocess.run(["cp", "-a", f"{data}/.", disk], check=True)
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with open(filler, "wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(os.urandom(4096))
    return filler


def test_a_full_disk_loses_no_mail_and_is_one_line_a_mail(small_disk: Path, dovecot: Dovecot, tmp_path: Path) -> None:
    box = f"full{time.time_ns()}"
    (tmp_path / "password").write_text(dovecot.password)
    house = House(small_disk, told={"PYTHONPATH": str(INSIDE), "TEST_LEASE": "1"})
    imap = ["--imap-host", "127.0.0.1", "--imap-port", str(dovecot.port), "--imap-security", "none", "--imap-username", box]
    house.command("mailbox", "add", SUPPORT, *imap, "--imap-password-file", str(tmp_path / "password"))
    house.start()
    try:
        house.deliver(letter(0))
        assert subjects(house, 1) == ["Number 0"]
        filler = fill(small_disk)
        for number in range(1, MAILS):
            with pytest.raises(smtplib.SMTPDataError) as refused:
                house.deliver(letter(number))
            assert refused.value.smtp_code == 452
        dovecot.deliver(box, *(letter(number) for number in range(MAILS, 2 * MAILS)))
        until = time.monotonic() + 60
        while "could not make a mailbox due" not in house.output():  # its server has told us of the mail, and we cannot note it
            assert time.monotonic() < until, house.output()
            time.sleep(0.2)
        assert len(dovecot.unseen(box)) == MAILS
        said = house.output()
        assert "Traceback" not in said, said
        assert said.count("There is no room to keep a mail") == MAILS - 1

        filler.unlink()
        for number in range(1, MAILS):
            house.deliver(letter(number))
        assert sorted(subjects(house, 2 * MAILS)) == sorted(f"Number {number}" for number in range(2 * MAILS))
        assert dovecot.unseen(box) == []
        assert "Traceback" not in house.output()
    finally:
        house.stop()
    TALLIES.append(Tally("the disk is full, by the door and by IMAP", 2 * MAILS - 1))
