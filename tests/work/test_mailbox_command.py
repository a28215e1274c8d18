"""`touchline mailbox`: the addresses that people write to, said at a terminal."""

import io
import sys
from pathlib import Path

import pytest

from tests.cast import SUPPORT
from tests.servers import DOVECOT, free_port, running_dovecot
from touchline.desk.models import Desk, Mailbox
from touchline.work import mailbox_command
from touchline.work.environment import Sorry


def refused(*told: str) -> str:
    with pytest.raises(Sorry) as sorry:
        mailbox_command.main(list(told))
    assert sorry.value.exit_code == 2
    return str(sorry.value)


def test_a_mailbox_is_made_and_named(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert mailbox_command.main(["add", "Help@touchline.example"]) == 0
    mailbox = Mailbox.objects.open().get()
    assert (mailbox.name, mailbox.can_fetch, mailbox.can_send) == ("Help", False, False)
    assert capsys.readouterr().out == "Help@touchline.example is a mailbox now.\n"


def test_a_second_time_says_how_it_is_reached(
    support: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    password = tmp_path / "password"
    password.write_text("the tide is out\nand a second line\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO("the tide is in\n"))
    told = [
        "--imap-host",
        "imap.example",
        "--imap-username",
        "support",
        "--imap-password-file",
        str(password),
        "--imap-folder",
        "Help",
    ]
    told += ["--smtp-host", "smtp.example", "--smtp-port", "2525", "--smtp-security", "starttls", "--smtp-password-file", "-"]
    assert mailbox_command.main(["add", SUPPORT.upper(), *told]) == 0
    mailbox = Mailbox.objects.open().get()
    told_in, told_out = mailbox.told_in(), mailbox.told_out()
    assert (told_in["host"], told_in["port"], told_in["username"], told_in["folder"]) == ("imap.example", 993, "support", "Help")
    assert (told_out["host"], told_out["port"], told_out["security"]) == ("smtp.example", 2525, "starttls")
    assert (told_in["password"], told_out["password"]) == ("the tide is out", "the tide is in")
    assert capsys.readouterr().out == f"{SUPPORT} is changed.\n"


def test_no_address_is_refused_and_nothing_changes(desk: Desk) -> None:
    assert refused("add", "support at touchline").endswith("Nothing was changed.")
    assert not Mailbox.objects.exists()


def test_all_are_listed_with_how_they_are_reached(
    support: Mailbox, can_send: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    Mailbox.open(address="billing@touchline.example", name="Billing", at=support.opened_at)
    assert mailbox_command.main(["list"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "billing@touchline.example  Billing  by the mail door only",
        f"{SUPPORT}  Touchline support  through smtp.touchline.example",
    ]


def test_a_check_says_which_step_does_not_work(support: Mailbox, capsys: pytest.CaptureFixture[str]) -> None:
    port = str(free_port())
    mailbox_command.main(["add", SUPPORT, "--smtp-host", "127.0.0.1", "--smtp-port", port, "--smtp-security", "none"])
    capsys.readouterr()
    assert mailbox_command.main(["check", SUPPORT]) == 1
    fetching, *steps = capsys.readouterr().out.splitlines()
    assert fetching == f"  -    {SUPPORT}: fetching by IMAP is not set up."
    assert steps[-1].startswith(f"  NOT  {SUPPORT}, sending by SMTP: ")


def test_what_is_no_mailbox_cannot_be_checked(desk: Desk) -> None:
    assert refused("check", SUPPORT) == f"{SUPPORT} is no mailbox. `touchline mailbox list` shows them all."


def test_folders_and_what_happens_to_a_mail_there_can_be_said(support: Mailbox) -> None:
    told = ["--imap-host", "imap.example", "--more-folder", "Help", "--more-folder", "Old", "--spam-folder", "Junk"]
    assert mailbox_command.main(["add", SUPPORT, *told, "--after", "move", "--move-to", "Done", "--no-idle"]) == 0
    mailbox = Mailbox.objects.get()
    assert (mailbox.imap_folder, mailbox.other_folders) == ("INBOX", ["Help", "Old", "Junk"])
    assert (mailbox.imap_after, mailbox.imap_move_to, mailbox.imap_idle) == ("move", "Done", False)
    mailbox_command.main(["add", SUPPORT, "--more-folder", "", "--idle"])
    mailbox = Mailbox.objects.get()
    assert (mailbox.other_folders, mailbox.imap_after, mailbox.imap_idle) == (["Junk"], "move", True)


@pytest.mark.servers
def test_the_folders_of_a_server_are_listed_with_what_they_are_to_us(
    support: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    if not DOVECOT:
        pytest.skip("dovecot is not installed: apt install dovecot-imapd")
    with running_dovecot() as dovecot:
        with dovecot.client("support") as client:
            client.create_folder("Junk")
            client.create_folder("Archive")
        at = {"imap_host": "127.0.0.1", "imap_port": dovecot.port, "imap_security": "none", "imap_username": "support"}
        support.be_reached(at | {"imap_password": dovecot.password, "imap_spam_folder": "Junk"}, at=support.opened_at)
        assert mailbox_command.main(["folders", SUPPORT]) == 0
    assert capsys.readouterr().out.splitlines() == ["INBOX  (read first)", "Archive", "Junk  (read as spam)"]
