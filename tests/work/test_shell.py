"""The shell in front of Django: what is cut off is not taken for whole, and everyone is told whether we are well."""

import asyncio
from typing import Any

import pytest
from django.test import Client

from touchline.asgi import Shell

TOKEN = "a" * 32
FORM = f"csrfmiddlewaretoken={TOKEN}&login=kay@lantern.example&password=half".encode()


def ask(
    path: str, *events: dict[str, Any], method: str = "GET", headers: tuple[tuple[bytes, bytes], ...] = ()
) -> tuple[int, bytes]:
    """Ask a shell as its server would, with `events` coming in from the wire: the status and the body."""
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "scheme": "http", "http_version": "1.1"}
    scope |= {"server": ("127.0.0.1", 8000), "client": ("127.0.0.1", 5), "headers": [(b"host", b"localhost"), *headers]}
    coming, sent = list(events), []

    async def receive() -> dict[str, Any]:
        return coming.pop(0)

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    async def one() -> None:
        await Shell()(scope, receive, send)

    asyncio.run(one())
    return sent[0]["status"], b"".join(event.get("body", b"") for event in sent[1:])


def post(*events: dict[str, Any]) -> int:
    form = (b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", str(len(FORM)).encode())
    return ask("/sign-in/", *events, method="POST", headers=(*form, (b"cookie", f"touchline_csrf={TOKEN}".encode())))[0]


@pytest.mark.django_db(transaction=True)
def test_a_form_that_came_whole_is_read() -> None:
    """In two parts; it is refused for what it says, not for how it came."""
    parts = (
        {"type": "http.request", "body": FORM[:50], "more_body": True},
        {"type": "http.request", "body": FORM[50:], "more_body": False},
    )
    assert post(*parts) == 422


@pytest.mark.django_db(transaction=True)
def test_a_form_that_was_cut_off_is_refused_unread() -> None:
    """The token came, so Django would take the half of it for the whole."""
    assert post({"type": "http.request", "body": FORM[:-3], "more_body": True}, {"type": "http.disconnect"}) == 403


@pytest.mark.django_db(transaction=True)
def test_we_say_that_we_are_well() -> None:
    assert ask("/healthz") == (200, b'{"status":"ok"}')


def test_pages_answer_with_our_policy(client: Client, db: None) -> None:
    policy = client.get("/sign-in/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy
    assert "unsafe" not in policy and "data:" not in policy
