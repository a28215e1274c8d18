"""A page on which nothing may be amiss: no script fails, nothing breaches the policy, and no other host is asked for anything."""

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Request, Response, expect

PATIENCE_MS = 20_000
"""How long anything on a page is waited for: a loaded machine is slow, not wrong."""
expect.set_options(timeout=PATIENCE_MS)

DESKTOP = {"width": 1440, "height": 900}


class Strict:
    """`page` in a browser of its own, and what went wrong on it in `troubles`, in words."""

    def __init__(self, browser: Browser, **how: Any) -> None:
        calm = {"viewport": DESKTOP, "locale": "en-GB", "timezone_id": "Europe/Dublin", "reduced_motion": "reduce"}
        self.context = browser.new_context(**(calm | how))
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.troubles: list[str] = []
        self.page.on("pageerror", lambda trouble: self.say(f"a script failed: {trouble}"))
        self.page.on("console", self.hear)
        self.context.on("request", self.asks)
        self.context.on("response", self.answers)

    def __enter__(self) -> "Strict":
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def hear(self, line: ConsoleMessage) -> None:
        if "Content Security Policy" in line.text:
            self.say(f"a breach of the policy: {line.text}")

    def asks(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob", "about") and address.hostname != "127.0.0.1":
            self.say(f"another host was asked: {request.url}")

    def answers(self, response: Response) -> None:
        if response.status >= 500:
            self.say(f"{response.status} from {response.url}")

    def say(self, trouble: str) -> None:
        self.troubles.append(f"{self.page.url}: {trouble}")

    def take_troubles(self) -> list[str]:
        """What went wrong since this was asked last."""
        taken, self.troubles = self.troubles, []
        return taken

    def close(self) -> list[str]:
        """No more of it; what went wrong while it was open."""
        self.context.close()
        return self.take_troubles()
