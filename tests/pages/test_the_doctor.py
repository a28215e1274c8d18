"""A mailbox is looked at: with a real IMAP server, and a way out that leads back to it."""

import os
import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.house import SUPPORT, House
from tests.pages.conftest import OpenPage
from tests.pages.flaws import flaws
from tests.pages.steps import sign_in, told
from tests.servers import DOVECOT, Dovecot, SmtpSink, running_dovecot

pytestmark = [pytest.mark.browser, pytest.mark.servers]
USER = "support"
MAIL_EVERY_SIX_MINUTES_UNTIL_THREE_HOURS_AGO = """
from datetime import UTC, datetime, timedelta
from touchline.desk.models import InboundEmail, Mailbox, new_id
last = datetime.now(UTC) - timedelta(hours=3)
times = [last - timedelta(minutes=6) * step for step in range(5 * 7 * 240)]
InboundEmail.objects.bulk_create(
    [
        InboundEmail(id=new_id(at), mailbox=Mailbox.objects.get(), digest="d", size=1, via="smtp", received_at=at, filed_at=at, dismissed_at=at)
        for at in times
    ],
    batch_size=500,
)
"""


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    if not DOVECOT:
        pytest.skip("dovecot is not installed: apt install dovecot-imapd")
    with running_dovecot() as running:
        yield running


@pytest.fixture
def road(sink: SmtpSink, dovecot: Dovecot) -> Iterator[None]:
    """What leaves by the sink comes in at dovecot, whatever stands after a plus: as at a good provider."""
    ended = threading.Event()

    def carry() -> None:
        carried = 0
        while not ended.wait(0.1):
            for caught in sink.mails[carried:]:
                dovecot.deliver(USER, caught.raw)
                carried += 1

    carrier = threading.Thread(target=carry, daemon=True)
    carrier.start()
    yield
    ended.set()
    carrier.join(5)


@pytest.fixture
def reached(house: House, dovecot: Dovecot, sink: SmtpSink, tmp_path: Path) -> House:
    (tmp_path / "password").write_text(dovecot.password + "\n")
    imap = {
        "host": "127.0.0.1",
        "port": dovecot.port,
        "security": "none",
        "username": USER,
        "password-file": tmp_path / "password",
    }
    told = [part for name, value in imap.items() for part in (f"--imap-{name}", str(value))]
    house.command("mailbox", "add", SUPPORT, *told)
    house.sends_through(sink.port)
    return house


def change_password(dovecot: Dovecot, new: str) -> None:
    """At the provider, and nowhere else."""
    configuration = dovecot.folder / "dovecot.conf"
    text = re.sub(r"args = password=.*", f"args = password={new}", configuration.read_text())
    configuration.write_text(text)
    os.kill(dovecot._process.pid, signal.SIGHUP)


def test_a_mailbox_that_is_well_says_so_and_then_a_password_is_changed(
    open_page: OpenPage, reached: House, dovecot: Dovecot, road: None
) -> None:
    page = open_page()
    sign_in(page, reached)
    page.goto(f"{reached.url}/settings/mailboxes/")
    page.get_by_role("link", name=SUPPORT).click()
    expect(page.get_by_role("heading", name="Is it well?")).to_be_visible()
    assert flaws(page) == []
    page.keyboard.press("l")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Is {SUPPORT} well?")
    expect(page.get_by_text("All is well.")).to_be_visible(timeout=60_000)
    for words in (
        "Signed in as support.",
        "Mail can come in.",
        "Mail can go out.",
        "was back within",
        "with a plus arrives, too",
    ):
        expect(page.locator("main")).to_contain_text(words)
    expect(page.locator(".step--back")).to_have_count(0)
    assert flaws(page) == []
    page.goto(f"{reached.url}/set-aside/")
    expect(page.locator("main")).not_to_contain_text("tl-doctor")
    page.goto(f"{reached.url}/everything/")
    expect(page.locator(".row")).to_have_count(0)

    change_password(dovecot, "another harbour")
    expect(page.locator("#banners")).to_contain_text(
        f"{SUPPORT} has brought no mail since", timeout=120_000
    )  # the page stayed open
    page.locator("#banners").get_by_role("link", name="Look at it").click()
    page.get_by_role("button", name="Look at it again").click()
    expect(page.get_by_text("1 thing is to be put right.")).to_be_visible(timeout=60_000)
    wrong = page.locator(".step--back")
    expect(wrong).to_contain_text("refused the user name or the password of support")
    expect(wrong).to_contain_text("What to do: Type user name and password once more.")
    page.get_by_text("All is well.").click()  # the visit before is kept, and opens
    expect(page.locator(".doctor__earlier[open]")).to_contain_text("with a plus arrives, too")
    assert flaws(page) == []

    change_password(dovecot, dovecot.password)
    page.get_by_role("button", name="Look at it again").click()
    expect(page.locator("#banners")).not_to_contain_text("has brought no mail", timeout=60_000)


def test_a_mailbox_that_falls_silent_is_told_until_somebody_says_that_it_is_fine(
    open_page: OpenPage, house: House, sink: SmtpSink
) -> None:
    house.sends_through(sink.port)
    house.command("django", "shell", "-c", MAIL_EVERY_SIX_MINUTES_UNTIL_THREE_HOURS_AGO)
    page = open_page()
    sign_in(page, house)
    banner = page.locator("#banners .banner--quiet")
    expect(banner).to_contain_text(f"Nothing has come in at {SUPPORT} since", timeout=90_000)  # the page stayed open
    assert flaws(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert flaws(page) == []
    banner.get_by_role("button", name="It is fine").click()
    told(page, "Good. You hear of it again if it is still quiet tomorrow.")
    expect(banner).to_have_count(0)
