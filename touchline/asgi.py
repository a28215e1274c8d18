"""The shell: `/live` goes to the hub, `/healthz` is answered here, all else goes to Django in a few threads.

A thread is given to a request once all of it is here, and never waits for a browser to read: neither a slow sender nor a
slow reader holds one. Django is run as WSGI, since its own ASGI handler costs ten times as much per request; the stream is raw ASGI,
since a view would hold a thread, or a third of a megabyte, for every open page.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.handlers.wsgi import WSGIHandler
from django.db import Error, close_old_connections, connection

from touchline.web.body import Bodies, Body, GoneAway, Refused
from touchline.work import environment

Event = dict[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]

THREADS = 4
HEALTH_SECONDS = 5.0


class Shell:
    """One ASGI application for everything that is served. `close()` ends the streams that are open."""

    def __init__(self) -> None:
        self.pages: Any = WSGIMiddleware(cast(Any, pages), workers=THREADS, send_queue_size=0)  # 0: however much
        self.bodies = Bodies()
        self.looker = ThreadPoolExecutor(1, thread_name_prefix="health")
        self.looked = (0.0, False)
        self.streams: set[asyncio.Task[Any]] = set()
        self.closing = False

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.pages(scope, receive, send)
        elif scope["path"] == "/live":
            await self.live(scope, receive, send)
        elif scope["path"] == "/healthz":
            await self.health(send)
        else:
            await self.page(scope, receive, send)

    def close(self) -> None:
        """End every open stream, so that stopping waits for nobody. Call it in the loop's own thread."""
        self.closing = True
        for stream in self.streams:
            stream.cancel()

    async def page(self, scope: Event, receive: Receive, send: Send) -> None:
        with Body(self.bodies, scope, receive) as body:
            try:
                await body.take_in()
            except GoneAway:
                pass  # nobody is there to hear an answer
            except Refused as refusal:
                await _answer(send, refusal.status, json.dumps({"error": str(refusal)}).encode())
            else:
                await self.pages(scope, body.receive, send)

    async def live(self, scope: Event, receive: Receive, send: Send) -> None:
        from touchline.web.live import stream

        started = ended = False

        async def watched(event: Event) -> None:
            nonlocal started, ended
            started = True
            ended = event["type"] == "http.response.body" and not event.get("more_body", False)
            await send(event)

        task = asyncio.current_task()
        assert task is not None
        self.streams.add(task)
        try:
            await stream(scope, receive, watched)
        except asyncio.CancelledError:
            if not self.closing:
                raise
            if started and not ended:
                await send({"type": "http.response.body", "body": b""})
            elif not started:
                await _answer(send, 503, b"")
        finally:
            self.streams.discard(task)

    async def health(self, send: Send) -> None:
        """200 when the database answers, else 503. It looks at most once a second, however often it is asked."""
        if time.monotonic() - self.looked[0] > 1:
            loop = asyncio.get_running_loop()
            try:
                well = await asyncio.wait_for(loop.run_in_executor(self.looker, database_answers), HEALTH_SECONDS)
            except TimeoutError:
                well = False
            self.looked = (time.monotonic(), well)
        if self.looked[1] and not self.closing:
            await _answer(send, 200, b'{"status":"ok"}')
        else:
            await _answer(
                send, 503, b'{"status":"the database does not answer"}' if not self.closing else b'{"status":"stopping"}'
            )


def database_answers() -> bool:
    """Whether the database can be asked something now."""
    try:
        close_old_connections()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except Error:
        connection.close()
        return False
    finally:
        close_old_connections()


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"cache-control", b"no-store"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


environment.django()
pages = WSGIHandler()
application = Shell()
