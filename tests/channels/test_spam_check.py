"""Asking a spam filter: rspamd and SpamAssassin by their own protocols, and what happens when they do not answer."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.channels.spam_check import Filter, NoAnswer

RAW = b"From: win@lottery.example\r\nSubject: You won\r\n\r\nBuy now\r\n"


class Fake:
    """A filter that answers what it was told to, once a connection, and remembers what it was asked."""

    def __init__(self, answer: Callable[[bytes], bytes | None]) -> None:
        self.asked: list[bytes] = []
        self._answer = answer
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _where = self._server.accept()
            except OSError:
                return
            with line:
                asked = b""
                while not self._is_whole(asked) and (more := line.recv(65_536)):
                    asked += more
                self.asked.append(asked)
                answer = self._answer(asked)
                if answer is None:
                    time.sleep(3)
                else:
                    line.sendall(answer)

    @staticmethod
    def _is_whole(asked: bytes) -> bool:
        head, blank, body = asked.partition(b"\r\n\r\n")
        length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), None)
        return bool(blank and length and len(body) >= int(length.split(b":")[1]))

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def fake() -> Iterator[Callable[[Callable[[bytes], bytes | None]], Fake]]:
    made: list[Fake] = []

    def make(answer: Callable[[bytes], bytes | None]) -> Fake:
        made.append(Fake(answer))
        return made[-1]

    yield make
    for each in made:
        each.close()


def http(said: object, status: bytes = b"200 OK") -> bytes:
    body = json.dumps(said).encode()
    return b"HTTP/1.1 " + status + b"\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize(
    ("action", "spam"),
    [
        ("reject", True),
        ("add header", True),
        ("rewrite subject", True),
        ("no action", False),
        ("greylist", False),
        ("soft reject", False),
    ],
)
def test_rspamd_says_what_it_would_do(fake: Callable[..., Fake], action: str, spam: bool) -> None:
    rspamd = fake(lambda _asked: http({"action": action, "score": 7.5, "required_score": 15.0}))
    verdict = Filter.at(f"rspamd://127.0.0.1:{rspamd.port}/?password=let%20me").ask(
        RAW, mail_from="bounce@lottery.example", recipient="support@touchline.example"
    )
    assert verdict.spam is spam
    assert verdict.words == f"rspamd: {action}, 7.5 of 15"
    head, _blank, body = rspamd.asked[0].partition(b"\r\n\r\n")
    assert body == RAW
    assert head.startswith(b"POST /checkv2 HTTP/1.1\r\n")
    assert b"\r\nPassword: let me\r\n" in head + b"\r\n"
    assert b"\r\nFrom: bounce@lottery.example\r\n" in head + b"\r\n"
    assert b"\r\nRcpt: support@touchline.example\r\n" in head + b"\r\n"


@pytest.mark.parametrize(("said", "spam"), [("True", True), ("False", False), ("Yes", True)])
def test_spamassassin_says_yes_or_no(fake: Callable[..., Fake], said: str, spam: bool) -> None:
    answer = f"SPAMD/1.1 0 EX_OK\r\nContent-length: 9\r\nSpam: {said} ; 8.1 / 5.0\r\n\r\nBAYES_99\n".encode()
    spamd = fake(lambda _asked: answer)
    verdict = Filter.at(f"spamd://127.0.0.1:{spamd.port}").ask(RAW)
    assert verdict.spam is spam
    assert verdict.words == "SpamAssassin: 8.1 of 5.0"
    assert spamd.asked[0] == b"SYMBOLS SPAMC/1.5\r\nContent-length: %d\r\n\r\n" % len(RAW) + RAW


def test_an_envelope_with_a_line_break_puts_no_header_of_its_own(fake: Callable[..., Fake]) -> None:
    rspamd = fake(lambda _asked: http({"action": "no action"}))
    Filter.at(f"rspamd://127.0.0.1:{rspamd.port}").ask(RAW, mail_from="a@b\r\nSettings-ID: none", recipient="é@b")
    assert b"Settings-ID: none" not in rspamd.asked[0]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 403 Forbidden\r\n\r\n{}",
        http(["not", "an", "object"]),
        b"HTTP/1.1 200 OK\r\n\r\nnot json",
        http({"score": 3}),
        http({"action": "reject", "score": "many"}),
        b"x" * 300_000,
    ],
)
def test_an_answer_that_cannot_be_read_is_no_answer(fake: Callable[..., Fake], answer: bytes) -> None:
    rspamd = fake(lambda _asked: answer)
    with pytest.raises(NoAnswer):
        Filter.at(f"rspamd://127.0.0.1:{rspamd.port}").ask(RAW)


@given(st.binary(max_size=200))
def test_whatever_spamd_says_is_a_verdict_or_no_answer(answer: bytes) -> None:
    class Deaf(Filter):
        def _exchange(self, asked: bytes, seconds: float) -> bytes:
            return answer

    with contextlib.suppress(NoAnswer):
        Deaf("spamd", "127.0.0.1", 783).ask(RAW)


def test_a_filter_that_is_not_there_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NoAnswer, match="could not be reached"):
        Filter.at(f"spamd://127.0.0.1:{port}").ask(RAW)


def test_a_filter_that_thinks_too_long_is_not_waited_for(fake: Callable[..., Fake]) -> None:
    slow = fake(lambda _asked: None)
    began = time.monotonic()
    with pytest.raises(NoAnswer, match=r"within 0\.2 seconds"):
        Filter.at(f"rspamd://127.0.0.1:{slow.port}").ask(RAW, seconds=0.2)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "url", ["http://x", "rspamd://", "rspamd://h/path", "spamd://me@h", "rspamd://h/?password=a%0d%0ab", "x"]
)
def test_what_is_no_address_of_a_filter_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        Filter.at(url)
