"""`touchline import`: what it says, and that nothing is twice or lost whatever ends it."""

import gzip
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cast import NORA, SUPPORT
from tests.house import ROOT, House
from touchline.desk.models import Conversation, InboundEmail, Mailbox, Message
from touchline.work import import_command
from touchline.work.environment import Sorry

LINE = b"From - Tue Apr  1 00:25:17 2014\n"
R_HELP = ROOT.parent / "shared/data/mbox"


@pytest.fixture
def team(tmp_path: Path) -> Path:
    file = tmp_path / "team.txt"
    file.write_text("# who answered\nkay@touchline.example\n\nOld Hand <old@touchline.example>  # left in 2015\n")
    return file


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    file = tmp_path / "june.mbox"
    file.write_bytes(
        b"".join(
            LINE + NORA.writes(f"Lamp {number}", f"Lamp {number} is dark.", message_id=f"{number}@m") + b"\n"
            for number in range(3)
        )
    )
    return file


def brought_in(*told: object, mailbox: str = SUPPORT) -> int:
    return import_command.main(["mbox", *(str(each) for each in told), "--mailbox", mailbox])


def refused(*told: object, mailbox: str = SUPPORT) -> Sorry:
    with pytest.raises(Sorry) as sorry:
        brought_in(*told, mailbox=mailbox)
    return sorry.value


def test_it_says_what_came_of_it(support: Mailbox, archive: Path, team: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert brought_in(archive, "--team", team) == 0
    said = capsys.readouterr().out
    assert f"3 mails were read for {SUPPORT}." in said
    assert "3 are new, in 3 conversations, with 1 people we had not heard of." in said
    assert "0 could not be placed." in said
    assert Conversation.objects.count() == 3
    assert brought_in(archive, "--team", team) == 0
    assert "3 were here already." in capsys.readouterr().out


def test_a_dry_run_says_so_and_keeps_nothing(
    support: Mailbox, archive: Path, team: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert brought_in(archive, "--team", team, "--dry-run") == 0
    said = capsys.readouterr().out
    assert "This was a dry run: nothing was kept." in said
    assert "3 would be new, in 3 conversations" in said
    assert not InboundEmail.objects.exists()


def test_what_could_not_be_placed_is_listed_with_the_reason(
    support: Mailbox, tmp_path: Path, team: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "odd.mbox"
    file.write_bytes(b"".join(LINE + b"Subject: odd %d\n\nWho?\n\n" % number for number in range(25)))
    report = tmp_path / "report.txt"
    assert brought_in(file, "--team", team, "--report", report) == 0
    said = capsys.readouterr().out
    assert "25 could not be placed:\n    25 of them: We could not tell who wrote this." in said
    assert said.count("from nobody: odd") == 20
    assert report.read_text().splitlines()[24] == "odd.mbox, mail 25\t\todd 24\tWe could not tell who wrote this."


def test_a_broken_archive_gives_what_came_before_and_says_where_it_broke(
    support: Mailbox, archive: Path, team: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.mbox.gz"
    whole = b"".join(
        LINE + NORA.writes(f"Number {number}", os.urandom(3000).hex(), message_id=f"b{number}@m") + b"\n" for number in range(20)
    )
    packed = gzip.compress(whole)
    broken.write_bytes(packed[: len(packed) // 2])
    assert brought_in(broken, archive, "--team", team) == 1
    said = capsys.readouterr().out
    assert f"{broken} is broken: after" in said
    assert "What came before is taken in." in said
    assert 3 + 5 < Message.objects.count() < 3 + 15


def test_each_wrong_request_is_one_sentence_and_takes_nothing_in(
    support: Mailbox, archive: Path, team: Path, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Kay,\n")
    odd_team = tmp_path / "odd.txt"
    odd_team.write_text("kay@touchline.example\nsam at touchline\n")
    assert str(refused(archive, letter, "--team", team)).startswith(f"{letter} is no mbox: it does not begin with a line such as")
    assert str(refused(archive, "--team", odd_team)) == f"Line 2 of {odd_team} is no address: sam at touchline"
    nowhere = refused(archive, "--team", team, mailbox="nowhere@touchline.example")
    assert "`touchline mailbox add nowhere@touchline.example` makes it one." in str(nowhere)
    assert nowhere.exit_code == 2
    assert not InboundEmail.objects.exists()


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    told = ["import", "mbox", str(tmp_path / "none.mbox"), "--mailbox", SUPPORT, "--team", str(tmp_path / "none.txt")]
    done = subprocess.run([sys.executable, "-m", "touchline", *told], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"There is no such file or folder ({tmp_path / 'none.mbox'}).\n"


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House(tmp_path / "data")
    house.set_up()
    return house


@pytest.fixture
def years(tmp_path: Path) -> Path:
    """1,500 conversations of two mails each; the answers come first."""
    file = tmp_path / "years.mbox.gz"
    asked = (
        NORA.writes(f"Lamp {n}", f"Lamp {n} is dark.", message_id=f"q{n}@m", attached={"lamp": b"%d" % n}) for n in range(1500)
    )
    answered = (NORA.writes(f"Re: Lamp {n}", f"Lamp {n} shines.", message_id=f"a{n}@m", answers=f"q{n}@m") for n in range(1500))
    file.write_bytes(gzip.compress(b"".join(LINE + raw + b"\n" for raws in (answered, asked) for raw in raws), 1))
    return file


def importing(house: House, file: Path, team: Path) -> "subprocess.Popen[str]":
    told = ["import", "mbox", str(file), "--mailbox", SUPPORT, "--team", str(team)]
    command = [sys.executable, "-m", "touchline", *told]
    return subprocess.Popen(command, cwd=ROOT, env=house.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def asked_of(house: House, question: str) -> list[tuple[object, ...]]:
    database = sqlite3.connect(house.data / "touchline.sqlite3", timeout=20)
    try:
        return database.execute(question).fetchall()
    finally:
        database.close()


def kept_so_far(house: House, process: "subprocess.Popen[str]") -> Iterator[int]:
    """How many mails are in, again and again while it runs."""
    while process.poll() is None:
        yield int(str(asked_of(house, "SELECT count(*) FROM desk_inboundemail")[0][0]))
        time.sleep(0.005)


@pytest.mark.servers
def test_after_any_kill_another_run_ends_with_everything_once(house: House, years: Path, team: Path) -> None:
    kills = 0
    for stop_at in (1, 400, 900, 1600, 2300):
        process = importing(house, years, team)
        for kept in kept_so_far(house, process):
            if kept >= stop_at:
                process.kill()
                kills += 1
                break
        process.communicate()
    assert kills >= 3
    process = importing(house, years, team)
    said, trouble = process.communicate()
    assert process.returncode == 0, trouble
    assert "3,000 mails were read" in said
    assert asked_of(house, "SELECT count(*), count(DISTINCT message_id) FROM desk_message") == [(3000, 3000)]
    assert asked_of(house, "SELECT count(*), count(DISTINCT digest), count(message_id) FROM desk_inboundemail") == [
        (3000, 3000, 3000)
    ]
    assert asked_of(house, "SELECT count(*), count(closed_at), count(DISTINCT number) FROM desk_conversation") == [
        (1500, 1500, 1500)
    ]
    assert asked_of(house, "SELECT DISTINCT count(*) FROM desk_message GROUP BY conversation_id") == [(2,)]
    assert asked_of(house, "SELECT count(*) FROM desk_person") == [(1,)]
    assert asked_of(house, "SELECT count(*) FROM desk_attachment") == [(1500,)]
    for (digest,) in asked_of(house, "SELECT digest FROM desk_inboundemail UNION SELECT digest FROM desk_attachment"):
        assert (house.data / "files" / str(digest)[:2] / str(digest)).exists()


@pytest.mark.servers
def test_ctrl_c_ends_after_the_batch_and_says_how_to_go_on(house: House, years: Path, team: Path) -> None:
    process = importing(house, years, team)
    for kept in kept_so_far(house, process):
        if kept:
            process.send_signal(signal.SIGINT)
            break
    said, _trouble = process.communicate()
    assert process.returncode == 130
    assert "Stopped, as you asked. Run the same command again to go on" in said
    kept = int(str(asked_of(house, "SELECT count(*) FROM desk_inboundemail")[0][0]))
    assert 0 < kept < 3000
    assert kept % import_command.BATCH == 0


@pytest.mark.skipif(not R_HELP.exists(), reason="the archive of R-help is not here")
def test_three_months_of_a_real_list(support: Mailbox, capsys: pytest.CaptureFixture[str]) -> None:
    Mailbox.open(address="r-help@r-project.org", name="R-help", at=support.opened_at)
    told = (R_HELP / "r-help-2014-q2.mbox.gz", "--team", R_HELP / "r-help-team.txt")
    assert brought_in(*told, mailbox="r-help@r-project.org") == 0
    said = capsys.readouterr().out
    assert "3,331 mails were read" in said
    assert "  3 are repeats of another mail and count once." in said
    assert "  3 of the new ones bear the Message-ID of another mail, with other words; both are kept." in said
    assert Message.objects.count() + 3 + InboundEmail.objects.set_aside().count() == 3331
    assert not Conversation.objects.open().exists()
    assert not Conversation.objects.waiting().exists()
