"""What we were told is tried step by step, and the first step that fails says what to change."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.servers import HANG, BadLine, Dovecot, SmtpSink
from touchline.channels import Step, WrongSetting, email
from touchline.channels.wire import Server

pytestmark = pytest.mark.servers


def names(steps: list[Step]) -> list[str]:
    return [step.name for step in steps]


@pytest.mark.usefixtures("trusted")
def test_a_folder_that_can_be_read_is_shown_step_by_step_and_left_as_it_is(dovecot: Dovecot, box: str) -> None:
    uids = dovecot.deliver(box, b"Subject: one\r\n\r\n")
    steps = list(email.check(dovecot.told(box, security="tls"), way="in"))
    assert names(steps) == ["resolve", "connect", "tls", "sign in", "folder", "ready"]
    assert all(step.worked for step in steps)
    assert steps[4].words == "The folder “INBOX” is open; mails in it: 1."
    assert dovecot.unseen(box) == uids


def test_a_server_that_takes_our_mail_is_shown_step_by_step_and_sent_nothing(new_sink: Callable[..., SmtpSink]) -> None:
    sink = new_sink(username="kay", password="a-quiet-harbour")
    told = {"host": "localhost", "port": sink.port, "security": "starttls", "username": "kay", "password": "a-quiet-harbour"}
    steps = list(email.check(told, way="out"))
    assert names(steps) == ["resolve", "connect", "tls", "sign in", "ready"]
    assert all(step.worked for step in steps)
    assert not sink.mails


@pytest.mark.parametrize(
    ("wrong", "step", "words"),
    [
        ({"host": "imap.touchline.invalid", "security": "tls"}, "resolve", "imap.touchline.invalid"),
        ({"port": 9}, "connect", "Nobody answers at 127.0.0.1 on port 9."),
        ({"host": "localhost", "security": "starttls"}, "tls", "The certificate of localhost cannot be trusted"),
        ({"password": "not-this-one"}, "sign in", "refused the user name or the password"),
        ({"folder": "Hlep"}, "folder", "The folder “Hlep”"),
    ],
)
def test_the_step_that_fails_is_named(dovecot: Dovecot, box: str, wrong: dict[str, Any], step: str, words: str) -> None:
    steps = list(email.check(dovecot.told(box) | wrong, way="in"))
    assert [one.worked for one in steps] == [True] * (len(steps) - 1) + [False]
    assert steps[-1].name == step
    assert words in steps[-1].words


@pytest.mark.usefixtures("in_a_hurry")
def test_a_silent_server_is_not_waited_for_for_ever(sink: SmtpSink, dovecot: Dovecot, bad_line: Callable[..., BadLine]) -> None:
    sink.script["GREETING"] = HANG
    line = bad_line(dovecot.port, bytes_back=0, hang=True)
    for way, port in (("out", sink.port), ("in", line.port)):
        last = list(email.check({"host": "127.0.0.1", "port": port, "security": "none", "username": "kay"}, way=way))[-1]  # type: ignore[arg-type]
        assert (last.name, last.words) == ("tls", "The mail server 127.0.0.1 did not answer within 0.5 seconds.")


def test_a_password_is_never_said_in_the_clear_to_another_machine() -> None:
    ports = {"tls": 993, "none": 143}
    for host in ("mail.touchline.example", "192.0.2.1"):
        with pytest.raises(WrongSetting, match="could be read on the way"):
            Server.told({"host": host, "security": "none"}, ports=ports)
    assert Server.told({"host": "mail.touchline.example", "security": "none", "insecure": True}, ports=ports).port == 143
    for host in ("127.0.0.1", "::1", "localhost"):
        assert Server.told({"host": host, "security": "none"}, ports=ports).host == host


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": ""},
        {"host": "https://mail.touchline.example/"},
        {"host": "mail touchline"},
        {"port": "many"},
        {"port": 70000},
        {"port": -1},
        {"security": "ssl"},
        {"username": "kay\r\nA1 DELETE INBOX"},
        {"password": "x\r\ny"},
        {"folder": "a\nb"},
    ],
)
def test_what_cannot_be_right_is_said_before_anybody_is_called(wrong: dict[str, Any]) -> None:
    with pytest.raises(WrongSetting) as trouble:
        Server.told({"host": "mail.touchline.example", "port": "", **wrong}, ports={"tls": 993})
    assert "\n" not in str(trouble.value)


def test_a_password_is_not_in_what_is_logged_of_a_server() -> None:
    assert "a-quiet-harbour" not in repr(Server.told({"host": "localhost", "password": "a-quiet-harbour"}, ports={"tls": 993}))
