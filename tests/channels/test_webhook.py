"""A signed POST: where it may go, what counts as taken, and that it follows nobody into our own network."""

import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings

from touchline.channels import webhook
from touchline.channels.webhook import NotAllowed, NotTaken, check, post
from touchline.desk.models import SharedBlocker, Teammate, WebhookCall

HERE = ("127.0.0.1",)


class Listener:
    """A system that hears of us: what it was told, and what it answers."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.slow = 0.0
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                listener.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
                if listener.slow:
                    self._drip()
                else:
                    self.send_response(listener.answers.pop(0) if listener.answers else 204)
                    self.send_header("Location", f"http://127.0.0.1:{listener.port}/elsewhere")
                    self.end_headers()

            def _drip(self) -> None:
                """A byte now and then, for ever: each is in time, and the whole never comes."""
                try:
                    for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Slow: 1\r\n" * 100:
                        self.wfile.write(bytes([byte]))
                        time.sleep(listener.slow)
                except OSError:
                    pass

            def log_message(self, *_of: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?a=1"


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.server.shutdown()
    listener.server.server_close()


@pytest.mark.parametrize(
    "url",
    [
        "", "hook", "ftp://example.com/", "https://", "https:///hook", "https://exa mple.com/", "https://example.com:port/",
        "http://example.com/hook", "https://kay:secret@example.com/", "https://localhost/", "https://a.localhost/", "https://nas.local/",
        "https://db.internal/", "https://127.0.0.1/", "https://127.0.0.1./", "https://10.0.0.1/", "https://192.168.1.1/", "https://172.16.0.9/",
        "https://169.254.169.254/latest/meta-data/", "https://0.0.0.0/", "https://100.64.0.1/", "https://[::1]/", "https://[fe80::1]/",
        "https://[fd00::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/", "https://224.0.0.1/", "https://[ff02::1]/", "https://\x00example.com/",
        "https://" + "a" * 70 + ".example.com/",
    ],
)  # fmt: skip
def test_what_is_never_called(url: str) -> None:
    with pytest.raises(NotAllowed):
        check(url, private_hosts=())


def test_what_may_be_called() -> None:
    assert check("https://Board.example.com", private_hosts=()) == ("board.example.com", 443, "/", True)
    assert check("https://example.com:8443/a/b?c=d", private_hosts=()) == ("example.com", 8443, "/a/b?c=d", True)
    assert check("https://93.184.215.14/", private_hosts=()).host == "93.184.215.14"
    assert check("http://nas.local:8080/x", private_hosts=("NAS.local",)) == ("nas.local", 8080, "/x", False)


@pytest.mark.parametrize("spelled", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1"])
def test_a_number_spelled_otherwise_does_not_get_in(spelled: str) -> None:
    """The system's resolver reads these as 127.0.0.1; what it makes of them is what is looked at."""
    with pytest.raises(NotTaken):
        post(f"https://{spelled}/", b"{}", {}, private_hosts=())


def test_a_name_that_leads_home_is_not_followed(monkeypatch: pytest.MonkeyPatch, listener: Listener) -> None:
    """One of its addresses is public, and another is ours: none of them is called."""
    names(monkeypatch, ["93.184.215.14", "127.0.0.1"])
    with pytest.raises(NotTaken, match="network of our own"):
        post(f"https://board.example.com:{listener.port}/", b"{}", {}, private_hosts=())
    assert not listener.heard


def test_the_name_is_looked_up_once_and_that_address_is_called(monkeypatch: pytest.MonkeyPatch, listener: Listener) -> None:
    """A name that points at us a moment later (DNS rebinding) gains nothing."""
    asked = names(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])
    called: list[Any] = []

    def connect(address: Any, *_of: Any) -> socket.socket:
        called.append(address)
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(webhook.socket, "create_connection", connect)
    with pytest.raises(NotTaken, match="could not be reached"):
        post("https://board.example.com/", b"{}", {}, private_hosts=())
    assert called == [("93.184.215.14", 443)] and len(asked) == 1


def names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """What the names of the world are, one answer after the other; who was asked for."""
    asked: list[str] = []

    def look_up(host: str, port: int, **_how: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in answers[len(asked) - 1]]

    monkeypatch.setattr(webhook.socket, "getaddrinfo", look_up)
    return asked


def test_it_is_taken_with_any_200(listener: Listener) -> None:
    listener.answers = [200, 202, 204]
    for _each in range(3):
        post(listener.url, b'{"a":1}', {"Touchline-Id": "7"}, private_hosts=HERE)
    headers, body = listener.heard[0]
    assert body == b'{"a":1}' and headers["touchline-id"] == "7" and headers["host"] == f"127.0.0.1:{listener.port}"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_nobody_is_followed_elsewhere(listener: Listener, status: int) -> None:
    listener.answers = [status]
    with pytest.raises(NotTaken, match="we follow nobody"):
        post(listener.url, b"{}", {}, private_hosts=HERE)
    assert len(listener.heard) == 1


@pytest.mark.parametrize("status", [400, 404, 410, 500, 503])
def test_what_is_refused_is_said_with_the_status(listener: Listener, status: int) -> None:
    listener.answers = [status]
    with pytest.raises(NotTaken, match=f"answered with {status}"):
        post(listener.url, b"{}", {}, private_hosts=HERE)


def test_one_that_drips_is_hung_up_on(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "PATIENCE", 0.5)
    listener.slow = 0.1
    began = time.monotonic()
    with pytest.raises(NotTaken, match="did not answer within"):
        post(listener.url, b"{}", {}, private_hosts=HERE)
    assert time.monotonic() - began < 5


def test_nobody_there(listener: Listener) -> None:
    listener.server.server_close()
    with pytest.raises(NotTaken, match="could not be reached"):
        post(listener.url, b"{}", {}, private_hosts=HERE)


@pytest.mark.django_db
def test_the_other_side_can_tell_that_it_was_us_and_when(listener: Listener, kay: Teammate, at: datetime) -> None:
    """As docs/shared-blockers.md says it is checked."""
    with override_settings(WEBHOOK_PRIVATE_HOSTS=HERE):
        told = WebhookCall.listen(listener.url, by=kay, at=at)
        SharedBlocker.open("Übersicht lädt nicht", by=kay, at=at)
        call = WebhookCall.objects.get()
        call.send(at)
    headers, body = listener.heard[0]
    signed = headers["touchline-timestamp"].encode() + b"." + body
    assert headers["touchline-signature"] == "sha256=" + hmac.new(told.secret.encode(), signed, hashlib.sha256).hexdigest()
    assert datetime.fromtimestamp(int(headers["touchline-timestamp"]), UTC) == at
    said = json.loads(body)
    assert said["id"] == headers["touchline-id"] and said["event"] == headers["touchline-event"] == "shared_blocker.made"
    assert said["shared_blocker"]["words"] == "Übersicht lädt nicht" and (said["people"], said["waiting"]) == (0, 0)
    assert call.sent_at == at and call.due_at is None


@pytest.mark.django_db
def test_a_secret_is_not_to_be_read_in_the_database(kay: Teammate, at: datetime) -> None:

    told = WebhookCall.listen("https://board.example.com/", by=kay, at=at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM desk_webhook")
        (kept,) = cursor.fetchone()
    assert told.secret not in kept and len(told.secret) > 40


@pytest.mark.django_db
def test_with_a_lost_secret_nothing_is_sent_unsigned(listener: Listener, kay: Teammate, at: datetime) -> None:
    with override_settings(WEBHOOK_PRIVATE_HOSTS=HERE):
        WebhookCall.listen(listener.url, by=kay, at=at)
        SharedBlocker.open("Slow", by=kay, at=at)
        with override_settings(SECRET_KEY="another key of thirty-two letters"):
            call = WebhookCall.objects.select_related("webhook").get()
            call.send(at)
    assert not listener.heard and "cannot be opened" in call.trouble and call.due_at
