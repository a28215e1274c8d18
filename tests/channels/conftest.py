"""The outside of the channels: a real IMAP server, and SMTP servers that do what a test asks of them."""

import itertools
import smtplib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers import DOVECOT, BadLine, Certificate, Dovecot, SmtpSink, running_dovecot
from touchline.channels import wire

names = itertools.count()


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    if not DOVECOT:
        pytest.skip("dovecot is not installed: apt install dovecot-imapd")
    with running_dovecot() as running:
        yield running


@pytest.fixture
def box() -> str:
    """The name of a mail account that nobody has used before."""
    return f"support{next(names)}"


@pytest.fixture
def trusted(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine trusts dovecot's certificate, which is for the name localhost."""
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate.chain))


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    running = SmtpSink().start()
    yield running
    running.stop()


@pytest.fixture
def new_sink(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., SmtpSink]]:
    """Sinks with a certificate that this machine trusts."""
    certificate = Certificate.make(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.chain))
    running: list[SmtpSink] = []

    def start(**how: Any) -> SmtpSink:
        running.append(SmtpSink(certificate=certificate, **how).start())
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture
def bad_line() -> Iterator[Callable[..., BadLine]]:
    lines: list[BadLine] = []

    def lay(port: int, **how: Any) -> BadLine:
        lines.append(BadLine(port, **how))
        return lines[-1]

    yield lay
    for one in lines:
        one.close()


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """We wait half a second for each answer, so that a silent server does not hold up the tests."""
    monkeypatch.setattr(wire.PATIENCE, "connect", 0.5)
    monkeypatch.setattr(wire.PATIENCE, "answer", 0.5)
    monkeypatch.setattr(wire.PATIENCE, "accept", 0.5)


@pytest.fixture
def lmtp_answers() -> Callable[[smtplib.LMTP, bytes, list[str]], list[tuple[int, bytes]]]:
    """Send by LMTP and hear every answer; smtplib listens to the first only."""

    def send(client: smtplib.LMTP, raw: bytes, to: list[str]) -> list[tuple[int, bytes]]:
        client.ehlo_or_helo_if_needed()
        assert client.mail("nora@lantern.example")[0] == 250
        taken = [one for one in to if client.rcpt(one)[0] == 250]
        assert client.docmd("DATA")[0] == 354
        client.send(raw.replace(b"\r\n.", b"\r\n..") + b".\r\n")
        return [client.getreply() for _ in taken]

    return send
