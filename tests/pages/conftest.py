"""A real Chromium and a real Touchline for the stories."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.house import KAY, House
from tests.run import CHROMIUM
from tests.servers import SmtpSink

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = CHROMIUM.found()
    if chromium is None:
        pytest.fail("Stories need Debian's chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of 1440 x 900 in a browser of its own, on which no script may fail."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB", timezone_id="Europe/Dublin", reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(15_000)
    troubles: list[str] = []
    page.on("pageerror", lambda trouble: troubles.append(str(trouble)))
    page.on("console", lambda line: troubles.append(line.text) if "Content Security Policy" in line.text else None)
    yield page
    context.close()
    assert not troubles


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    sink = SmtpSink().start()
    yield sink
    sink.stop()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "data")
    house.set_up()
    house.start()
    yield house
    house.stop()


def sign_in(page: Page, house: House) -> None:
    page.goto(f"{house.url}/sign-in/")
    page.get_by_label("Address").fill(KAY[0])
    page.get_by_label("Password", exact=True).fill(KAY[1])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{house.url}/")
