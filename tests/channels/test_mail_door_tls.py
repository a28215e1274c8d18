"""The mail door speaks in private where it has a certificate, counts who comes, and writes one line a mail."""

import errno
import logging
import os
import re
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.channels.test_mail_door import MAIL, NORA, OURS, begin, say
from tests.servers import Certificate
from touchline.channels import NotNow, mail_door, mail_reading
from touchline.channels.mail_door import CannotOpen, Envelope, MailDoor, Visitor

TO = OURS[0]


@pytest.fixture
def kept() -> list[tuple[bytes, Envelope]]:
    return []


@pytest.fixture
def open_door(kept: list[tuple[bytes, Envelope]]) -> Iterator[Callable[..., MailDoor]]:
    doors: list[MailDoor] = []

    def open_one(**how: Any) -> MailDoor:
        chosen: dict[str, Any] = {"accepts": OURS.__contains__, "keep": lambda raw, envelope: kept.append((raw, envelope)), **how}
        doors.append(MailDoor("127.0.0.1", 0, **chosen))
        doors[-1].start()
        return doors[-1]

    yield open_one
    for one in doors:
        one.stop()


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return Certificate.make(tmp_path)


@pytest.fixture
def private(open_door: Callable[..., MailDoor], certificate: Certificate) -> MailDoor:
    return open_door(certificate=certificate.chain, key=certificate.key)


def who_trusts(certificate: Certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate.chain))


def nobody_is_left(door: MailDoor) -> bool:
    until = time.monotonic() + 5
    while door.visitors and time.monotonic() < until:
        time.sleep(0.02)
    return not door.visitors


def test_mail_comes_in_private_where_the_door_has_a_certificate(
    private: MailDoor, certificate: Certificate, kept: list[tuple[bytes, Envelope]]
):
    with smtplib.SMTP("localhost", private.port, timeout=10) as client:
        client.ehlo()
        assert client.has_extn("starttls")
        client.starttls(context=who_trusts(certificate))
        client.ehlo()
        assert not client.has_extn("starttls")
        client.sendmail(NORA, [TO], MAIL)
        client.sendmail(NORA, [TO], MAIL + b"more\r\n")
    assert [raw for raw, _ in kept] == [MAIL, MAIL + b"more\r\n"]
    assert nobody_is_left(private)


def test_lmtp_comes_in_private_too(private: MailDoor, certificate: Certificate, kept: list[tuple[bytes, Envelope]]):
    with smtplib.LMTP("localhost", private.port) as client:
        client.ehlo()
        client.starttls(context=who_trusts(certificate))
        client.sendmail(NORA, [TO], MAIL)
    assert kept[0][1].by == "lmtp"


def test_a_door_without_a_certificate_offers_none(open_door: Callable[..., MailDoor]):
    with smtplib.SMTP("127.0.0.1", open_door().port, timeout=10) as client:
        client.ehlo()
        assert not client.has_extn("starttls")
        assert client.docmd("STARTTLS")[0] == 454


def test_what_was_said_before_is_not_heard_after(private: MailDoor, certificate: Certificate, kept: list[tuple[bytes, Envelope]]):
    """Commands slipped in behind STARTTLS in the clear are no part of the encrypted conversation (CVE-2011-0411 and its like)."""
    with socket.create_connection(("localhost", private.port), 10) as wire:
        wire.recv(1000)
        wire.sendall(b"EHLO x\r\nMAIL FROM:<evil@x.example>\r\nSTARTTLS\r\nRCPT TO:<" + TO.encode() + b">\r\nDATA\r\n")
        heard = b""
        while b"220 2.0.0 Ready" not in heard and b"220 Ready" not in heard:
            heard += wire.recv(1000)
        with who_trusts(certificate).wrap_socket(wire, server_hostname="localhost") as private_wire:
            private_wire.sendall(b"NOOP\r\nRCPT TO:<" + TO.encode() + b">\r\nQUIT\r\n")
            answers = b""
            while piece := private_wire.recv(1000):
                answers += piece
    assert b"354" not in answers and b"250 2.1.5" not in answers
    assert not kept


def test_a_renewed_certificate_is_shown_without_a_start(private: MailDoor, certificate: Certificate, tmp_path: Path):
    (tmp_path / "renewed").mkdir()
    renewed = Certificate.make(tmp_path / "renewed")
    certificate.key.write_bytes(renewed.key.read_bytes())
    certificate.chain.write_bytes(renewed.chain.read_bytes())
    os.utime(certificate.chain, (1, 1))
    with smtplib.SMTP("localhost", private.port, timeout=10) as client:
        client.starttls(context=who_trusts(renewed))
    certificate.chain.write_bytes(b"half of a renew")
    with smtplib.SMTP("localhost", private.port, timeout=10) as client:
        client.starttls(context=who_trusts(renewed))


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_certificate_that_is_none_is_a_sentence(tmp_path: Path, content: bytes | None):
    file = tmp_path / "chain.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(CannotOpen, match="TOUCHLINE_MAIL_IN_CERT") as trouble:
        MailDoor("127.0.0.1", 0, accepts=bool, keep=lambda _raw, _envelope: None, certificate=file)
    assert "\n" not in str(trouble.value)


def test_every_answer_has_a_code_once_hello_was_said(open_door: Callable[..., MailDoor]):
    words = (
        b"NOOP\r\nRSET\r\nMAIL FROM:<x@x.example>\r\nMAIL FROM:<x@x.example>\r\nRCPT TO:<"
        + TO.encode()
        + b">\r\nRCPT TO:<no@no.example>\r\n"
        b"DATA x\r\nNONSENSE\r\nMAIL\r\nRCPT\r\nVRFY x\r\nEXPN x\r\nHELP\r\nAUTH PLAIN\r\nSTARTTLS\r\nDATA\r\nx\r\n.\r\nQUIT\r\n"
    )
    heard = say(open_door(), b"EHLO lantern.example\r\n" + words, until=b"221").decode()
    hello, _, answers = heard.partition("250 PIPELINING\r\n")
    assert (
        "250-ENHANCEDSTATUSCODES\r\n" in hello
        and "250-SIZE" in hello
        and "250-8BITMIME\r\n" in hello
        and "250-SMTPUTF8\r\n" in hello
    )
    lines = [line for line in answers.splitlines() if not line.startswith("354")]
    assert len(lines) == 17
    for line in lines:
        assert re.match(r"([245])\d\d[ -]\1\.\d+\.\d+ ", line), line


def test_a_caller_who_never_ends_is_hung_up_on(open_door: Callable[..., MailDoor], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mail_reading, "ENDLESS", 1_000_000)
    door = open_door(size_limit=100_000)
    with socket.create_connection(("127.0.0.1", door.port), 10) as wire, pytest.raises((BrokenPipeError, ConnectionResetError)):
        wire.sendall(begin())
        for _ in range(1000):
            wire.sendall(b"x" * 100_000)
    assert door.in_hand == 0


def test_one_machine_does_not_take_all_the_room_from_the_others(
    open_door: Callable[..., MailDoor], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(mail_door, "FROM_ONE", 3)
    monkeypatch.setattr(mail_door, "is_loopback", lambda _host: False)  # as if these came from elsewhere
    door = open_door(allow_outside=True)
    wires = [socket.create_connection(("127.0.0.1", door.port), 10) for _ in range(4)]
    assert [wire.recv(3) for wire in wires] == [b"220", b"220", b"220", b"421"]
    for wire in wires:
        wire.close()


def test_programs_on_this_machine_may_take_all_the_room(open_door: Callable[..., MailDoor], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mail_door, "FROM_ONE", 1)
    door = open_door()
    wires = [socket.create_connection(("127.0.0.1", door.port), 10) for _ in range(4)]
    assert [wire.recv(3) for wire in wires] == [b"220"] * 4
    for wire in wires:
        wire.close()


def test_a_mail_is_one_line_in_the_log_and_a_full_disk_is_no_essay(
    open_door: Callable[..., MailDoor], caplog: pytest.LogCaptureFixture
):
    troubles: list[Exception | None] = [
        None,
        OSError(errno.ENOSPC, "No space left on device"),
        NotNow("It is no mailbox any more."),
    ]

    def keep(_raw: bytes, _envelope: Envelope) -> None:
        trouble = troubles.pop(0)
        if trouble:
            raise trouble

    door = open_door(keep=keep)
    with (
        caplog.at_level(logging.INFO, "touchline.channels.mail_door"),
        smtplib.SMTP("127.0.0.1", door.port, timeout=10) as client,
    ):
        client.sendmail(NORA, [TO], MAIL)
        for code in (452, 451):
            with pytest.raises(smtplib.SMTPDataError) as refused:
                client.sendmail(NORA, [TO], MAIL)
            assert refused.value.smtp_code == code
    lines = [record for record in caplog.records if record.name == "touchline.channels.mail_door"]
    told = [record.getMessage() for record in lines if record.levelno == logging.INFO]
    assert [line.partition(f"for {TO}: ")[2][:3] for line in told] == ["250", "452", "451"]
    assert all(f"{len(MAIL)} bytes" in line and "from 127.0.0.1" in line and NORA not in line for line in told)
    assert not any(record.exc_info for record in lines)


def test_a_visitor_is_forgotten_when_they_go(private: MailDoor):
    with smtplib.SMTP("localhost", private.port, timeout=10) as client:
        client.ehlo()
        assert [type(each) for each in private.visitors] == [Visitor]
    assert nobody_is_left(private)
