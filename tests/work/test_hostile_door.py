"""Strangers at the mail door of the desk: addresses that are almost ours, and hands kept full."""

import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cast import NORA, SUPPORT
from touchline.channels import mail_reading
from touchline.channels.mail_door import MailDoor
from touchline.desk.models import InboundEmail, Mailbox
from touchline.work import door

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def opened(support: Mailbox, settings: Any) -> Iterator[MailDoor]:
    settings.MAIL_IN = ("127.0.0.1", 0)
    opened = door.start()
    try:
        yield opened
    finally:
        opened.stop()


def says(opened: MailDoor, *lines: bytes) -> list[bytes]:
    """What the door answers to each line."""
    with socket.create_connection(("127.0.0.1", opened.port), 10) as wire, wire.makefile("rb") as heard:
        heard.readline()
        answers = []
        for line in lines:
            wire.sendall(line + b"\r\n")
            answer = heard.readline()
            while answer[3:4] == b"-":
                answer = heard.readline()
            answers.append(answer.strip())
    return answers


@pytest.mark.parametrize(
    "address",
    [
        "s%pport@touchline.example",
        "%@touchline.example",
        "_upport@touchline.example",
        "support@touchline.example\x00",
        "support@touchline.example\x00.elsewhere.example",
        "support%elsewhere.example@touchline.example",
        "elsewhere.example!support@touchline.example",
        "@touchline.example:mallory@elsewhere.example",
        "\N{LATIN SMALL LETTER LONG S}upport@touchline.example",
        "support@touchl\N{LATIN SMALL LETTER DOTLESS I}ne.example",
        "support@elsewhere.example",
        "postmaster",
        "+@touchline.example",
    ],
)
def test_an_address_that_is_almost_ours_is_refused(address: str, opened: MailDoor) -> None:
    """Wildcards of the database, routes of old, letters that look alike, and a NUL, where a database stops to read."""
    answer = says(opened, b"EHLO x", b"MAIL FROM:<eve@elsewhere.example> SMTPUTF8", f"RCPT TO:<{address}>".encode())[-1]
    assert answer.startswith(b"55")


def test_a_way_back_with_a_nul_in_it_is_kept_readable(opened: MailDoor) -> None:
    """PostgreSQL takes no such text at all, and the mail would be asked to come again for ever."""
    mail_from = b"MAIL FROM:<nora\x00@bakery.example>"
    answers = says(opened, b"EHLO x", mail_from, f"RCPT TO:<{SUPPORT}>".encode(), b"DATA", b"Subject: Hi\r\n\r\nHello\r\n.")
    assert answers[-1].startswith(b"250")
    assert InboundEmail.objects.get().mail_from == "nora\ufffd@bakery.example"


def test_whoever_sends_large_mails_slowly_keeps_no_small_one_out(opened: MailDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_reading, "IN_HAND", 0)
    monkeypatch.setattr(mail_reading, "SMALL", 100_000)
    opened.in_hand = 10 * opened.size_limit  # of strangers who never come to an end
    with smtplib.SMTP("127.0.0.1", opened.port, timeout=10) as client:
        assert client.sendmail(NORA.address, [SUPPORT], NORA.writes("Hello", "Hi")) == {}
        with pytest.raises(smtplib.SMTPDataError) as full:
            client.sendmail(NORA.address, [SUPPORT], NORA.writes("Hello", "Hi there. " * 20_000))
    assert full.value.smtp_code == 452
    assert InboundEmail.objects.count() == 1


def test_what_the_commands_write_is_for_us_alone(tmp_path: Path) -> None:
    """Also in a folder that others may read: the database holds mails, and who is signed in."""
    tmp_path.chmod(0o755)
    told = {"PATH": "/usr/bin:/bin", "TOUCHLINE_DATA": str(tmp_path)}
    subprocess.run([sys.executable, "-m", "touchline", "migrate"], env=told, check=True, capture_output=True, timeout=120)
    written = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert any(each.name == "touchline.sqlite3" for each in written)
    assert [each.name for each in written if each.stat().st_mode & 0o077] == []
