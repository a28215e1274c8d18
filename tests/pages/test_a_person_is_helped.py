"""The whole walk: mail comes in, a person is answered, their blocker is moved, a person was helped."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.house import SUPPORT, House, mail
from tests.pages.steps import plain, read, sign_in, start_writing, told
from tests.servers import DOVECOT, SmtpSink, running_dovecot

pytestmark = pytest.mark.browser

SUBJECT = "I can’t sign in on the tablet"
WORDS = "Hello, the stall tablet keeps asking for a code I never get. The market opens at ten. What can I do?"


def test_nora_writes_to_the_door_and_is_helped(page: Page, house: House, sink: SmtpSink) -> None:
    house.sends_through(sink.port)
    sign_in(page, house)
    page.goto(f"{house.url}/waiting/")
    house.deliver(mail(WORDS, subject=SUBJECT))
    answer_and_confirm(page, house, sink, lambda raw: house.deliver(raw))


@pytest.mark.servers
@pytest.mark.skipif(not DOVECOT, reason="needs Debian's dovecot-imapd")
def test_nora_writes_to_an_imap_folder_and_is_helped(page: Page, house: House, sink: SmtpSink, tmp_path: Path) -> None:
    with running_dovecot() as dovecot:
        house.sends_through(sink.port)
        (tmp_path / "password").write_text(dovecot.password)
        imap = [
            "--imap-host",
            "127.0.0.1",
            "--imap-port",
            str(dovecot.port),
            "--imap-security",
            "none",
            "--imap-username",
            "support",
        ]
        dovecot.deliver("support", mail(WORDS, subject=SUBJECT))
        sign_in(page, house)
        page.goto(f"{house.url}/waiting/")
        house.command("mailbox", "add", SUPPORT, *imap, "--imap-password-file", str(tmp_path / "password"))

        def answers(raw: bytes) -> None:
            time.sleep(1)  # an IMAP server dates to the second, and what came before the reply left cannot be an answer to it
            dovecot.deliver("support", raw)

        answer_and_confirm(page, house, sink, answers, seconds=60)
        assert dovecot.unseen("support") == []


def answer_and_confirm(
    page: Page, house: House, sink: SmtpSink, deliver: Callable[[bytes], object], *, seconds: int = 15
) -> None:
    """From the moment the mail is on its way, with the waiting list open and never loaded again by us."""
    offered = page.get_by_role("link", name="1 more is waiting")
    expect(offered).to_be_visible(timeout=seconds * 1000)
    offered.click()
    page.get_by_role("link", name="Nora Adeyemi").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SUBJECT)
    expect(page.locator("#talk")).to_contain_text("keeps asking for a code")

    start_writing(page)
    page.keyboard.type("Your codes went to an old phone. Ask for a **new one** now.")
    page.keyboard.press("Control+Shift+Enter")
    told(page, "Sent to Nora")

    (reply,) = sink.wait_for(1, seconds=40)
    assert reply.recipients == ("nora@honey.example",)
    assert reply.mail_from == SUPPORT
    sent = read(reply)
    assert sent["To"] == "Nora Adeyemi <nora@honey.example>"
    assert sent["Subject"] == f"Re: {SUBJECT}"
    assert "old phone" in plain(reply)
    html = sent.get_body(("html",))
    assert html and "<strong>new one</strong>" in html.get_content()

    page.goto(f"{house.url}/everything/")
    page.get_by_role("link", name="Nora Adeyemi").click()
    expect(page.locator("#strip")).to_contain_text("Moved")
    works = mail("That works, thank you!", subject=f"Re: {SUBJECT}", answers=sent["Message-ID"])
    deliver(works)
    it_works = page.locator("#strip").get_by_role("button", name="It works", exact=True)
    expect(it_works).to_be_visible(timeout=seconds * 1000)
    expect(page.locator("#talk")).to_contain_text("That works, thank you")
    it_works.click()
    expect(page.get_by_role("button", name="It works", exact=True)).to_have_count(0)

    page.goto(f"{house.url}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Today we helped 1 person so far.")
    expect(page.locator("main")).to_contain_text("told us so")
    page.get_by_role("link", name="see who").first.click()
    expect(page.locator("main")).to_contain_text("Nora Adeyemi")
    expect(page.locator("main")).to_contain_text("said that it worked")
