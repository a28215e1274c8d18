"""What changed, pushed to every open page: server-sent events, in raw ASGI, outside of Django's views.

Each stream signs in with its session, hears that something changed (ids only), and ends when its session does.
Pages fetch the piece they show themselves; without the stream they ask every thirty seconds.
"""

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import close_old_connections
from django.utils.crypto import constant_time_compare

from touchline.desk import live
from touchline.desk.models import Teammate

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]

HEARTBEAT = 25.0
"""Seconds between two signs of life, at which the session is looked at again."""
MOST_STREAMS = 4000
REMEMBERED = 2000
"""Events kept for pages that come back after a sleep."""


class Hub:
    """Everything said on this process, and who listens. Events carry a number, so that a page can say what it heard last."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: set[asyncio.Event] = set()
        self._said: deque[tuple[int, str, int]] = deque(maxlen=REMEMBERED)
        self._number = 0

    def bind(self) -> None:
        """Hear what is published, from whatever thread, in the loop that runs now. Once is enough."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            live.listen(self._hear)

    def _hear(self, topic: str, id: int) -> None:
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._say, topic, id)

    def _say(self, topic: str, id: int) -> None:
        self._number += 1
        self._said.append((self._number, topic, id))
        for listener in self._listeners:
            listener.set()

    @contextlib.contextmanager
    def listening(self) -> Any:
        listener = asyncio.Event()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    @property
    def full(self) -> bool:
        return len(self._listeners) >= MOST_STREAMS

    @property
    def now(self) -> int:
        return self._number

    def since(self, number: int) -> Sequence[tuple[int, str, int]]:
        """What was said after that number; everything we remember where it is not one of ours."""
        return [said for said in self._said if said[0] > number]


hub = Hub()


async def stream(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """GET /live: an event stream for a teammate; 401 for anyone else."""
    hub.bind()
    cookie = _header(scope, b"cookie")
    if scope["method"] != "GET":
        await _answer(send, 405)
    elif hub.full:
        await _answer(send, 503, [(b"retry-after", b"30")])
    elif await _who(cookie) is None:
        await _answer(send, 401)
    else:
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"content-type", b"text/event-stream"),
                    (b"cache-control", b"no-store"),
                    (b"x-accel-buffering", b"no"),
                ],
            }
        )
        gone = asyncio.create_task(_gone(receive))
        try:
            with hub.listening() as listener:
                await _tell(send, listener, gone, cookie, _last_heard(scope))
        finally:
            gone.cancel()


async def _tell(send: Send, listener: asyncio.Event, gone: "asyncio.Task[None]", cookie: str, heard: int) -> None:
    await _chunk(send, f": here\nretry: 3000\nid: {heard}\n\n")
    while not gone.done():
        listener.clear()
        said = hub.since(heard)
        if said:
            heard = said[-1][0]
            changed = dict.fromkeys((topic, str(id)) for _number, topic, id in said)
            await _chunk(
                send, "".join(f"id: {heard}\ndata: {json.dumps({'topic': topic, 'id': id})}\n\n" for topic, id in changed)
            )
        waiting = asyncio.create_task(listener.wait())
        done, _pending = await asyncio.wait({waiting, gone}, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not done:
            if await _who(cookie) is None:
                break
            await _chunk(send, ": still here\n\n")
    with contextlib.suppress(Exception):
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _who(cookie: str) -> Teammate | None:
    return await asyncio.get_running_loop().run_in_executor(None, _teammate, cookie)


def _teammate(cookie: str) -> Teammate | None:
    """Whose session this is, by the same checks as Django's own; None where it is nobody's."""
    close_old_connections()
    try:
        try:
            morsel = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
        except CookieError:
            return None
        if morsel is None:
            return None
        session = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value)
        if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
            return None
        teammate = Teammate.objects.here().filter(pk=session.get(SESSION_KEY) or 0).first()
        good = teammate is not None and constant_time_compare(session.get(HASH_SESSION_KEY, ""), teammate.get_session_auth_hash())
        return teammate if good else None
    finally:
        close_old_connections()


def _last_heard(scope: dict[str, Any]) -> int:
    told = _header(scope, b"last-event-id")
    heard = int(told) if told.isdecimal() and len(told) < 19 else hub.now
    return heard if heard <= hub.now else 0


def _header(scope: dict[str, Any], name: bytes) -> str:
    return next((bytes(value).decode("latin-1") for key, value in scope["headers"] if key == name), "")


async def _answer(send: Send, status: int, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain"), *headers]})
    await send({"type": "http.response.body", "body": b""})


async def _chunk(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
