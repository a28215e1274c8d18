"""A real Chromium for tests: the one way in which they start it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.run import CHROMIUM

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Quiet: it asks nobody for updates, and needs neither a graphics card nor a sandbox of its own (CI runs as root).
QUIET = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync"


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Chromium for the tests of one file. No longer: while Playwright is up an event loop runs in this thread, and beside one
    Django refuses its database and asyncio a loop of its own."""
    from playwright.sync_api import sync_playwright  # here, since every run of tests reads this file and few need it

    chromium = CHROMIUM.found()
    if chromium is None:
        pytest.fail(f"This needs Debian's {CHROMIUM.name}: sudo apt-get install --no-install-recommends {CHROMIUM.name}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=QUIET.split())
        yield browser
        browser.close()
