"""The shell in front of Django: what is cut off is not taken for whole, and everyone is told whether we are well."""

import asyncio
from typing import Any

import pytest
from django.test import Client

from touchline.asgi import Shell
from touchline.web import body

TOKEN = "a" * 32
FORM = f"csrfmiddlewaretoken={TOKEN}&login=kay@lantern.example&password=half".encode()


SCOPE = {"type": "http", "path": "/sign-in/", "query_string": b"", "scheme": "http", "http_version": "1.1",
         "server": ("127.0.0.1", 8000), "client": ("127.0.0.1", 5)}  # fmt: skip


def ask(
    path: str,
    *events: dict[str, Any] | None,
    method: str = "GET",
    headers: tuple[tuple[bytes, bytes], ...] = (),
    shell: Shell | None = None,
) -> tuple[int, bytes]:
    """Ask a shell as its server would, with `events` coming in from the wire: the status and the body; status 0 where it says nothing. After None nothing more comes."""
    scope = {**SCOPE, "method": method, "path": path, "headers": [(b"host", b"localhost"), *headers]}
    coming = list(events)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        event = coming.pop(0)
        if event is None:
            await asyncio.sleep(3600)
        assert event
        return event

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    async def one() -> None:
        await (shell or Shell())(scope, receive, send)

    asyncio.run(one())
    return (sent[0]["status"] if sent else 0), b"".join(event.get("body", b"") for event in sent[1:])


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
def test_a_form_that_was_cut_off_is_never_read() -> None:
    """The token came, so Django would take the half of it for the whole."""
    assert post({"type": "http.request", "body": FORM[:-3], "more_body": True}, {"type": "http.disconnect"}) == 0


def test_more_than_anyone_may_send_is_refused_unread() -> None:
    """By its announced length, before a byte of it is taken in."""
    length = (b"content-length", str(body.MOST + 1).encode())
    status, told = ask("/sign-in/", method="POST", headers=(length,))
    assert status == 413 and b"Could a file be left out?" in told


def test_what_hides_its_length_is_refused_where_it_becomes_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "MOST", 100)
    piece = {"type": "http.request", "body": b"a" * 60, "more_body": True}
    assert ask("/sign-in/", piece, piece, method="POST")[0] == 413


def test_all_that_comes_at_a_time_stays_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "MOST_IN_HAND", 100)
    shell = Shell()
    shell.bodies.in_hand = 50
    assert ask("/sign-in/", {"type": "http.request", "body": b"a" * 60, "more_body": True}, method="POST", shell=shell)[0] == 503
    assert shell.bodies.in_hand == 50  # what was refused is let go


@pytest.mark.django_db(transaction=True)
def test_strangers_who_send_slowly_keep_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than there are threads for pages, each with a form that never ends; a page is answered all the same."""
    monkeypatch.setattr(body, "PATIENCE", 20.0)
    shell = Shell()

    async def never() -> dict[str, Any]:
        await asyncio.sleep(3600)
        raise AssertionError

    async def nowhere(event: dict[str, Any]) -> None:
        pass

    async def story() -> int:
        form = (b"host", b"localhost"), (b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"1000")
        cookie = (b"cookie", f"touchline_csrf={TOKEN}".encode())
        slow = [
            asyncio.ensure_future(shell({**SCOPE, "method": "POST", "headers": [*form, cookie]}, never, nowhere))
            for _ in range(9)
        ]
        await asyncio.sleep(0.2)
        answers: list[dict[str, Any]] = []

        async def at_once() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def hear(event: dict[str, Any]) -> None:
            answers.append(event)

        try:
            await asyncio.wait_for(shell({**SCOPE, "method": "GET", "headers": [form[0]]}, at_once, hear), 10)
        finally:
            for each in slow:
                each.cancel()
            await asyncio.gather(*slow, return_exceptions=True)
        return int(answers[0]["status"])

    assert asyncio.run(story()) == 200


def test_whoever_sends_nothing_more_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "PATIENCE", 0.01)
    assert ask("/sign-in/", {"type": "http.request", "body": b"a", "more_body": True}, None, method="POST")[0] == 408


@pytest.mark.django_db(transaction=True)
def test_we_say_that_we_are_well() -> None:
    assert ask("/healthz") == (200, b'{"status":"ok"}')


def test_pages_answer_with_our_policy(client: Client, db: None) -> None:
    policy = client.get("/sign-in/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy
    assert "unsafe" not in policy and "data:" not in policy
