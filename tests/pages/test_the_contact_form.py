"""People write by the contact form: on a phone, within a page of somebody else, and where no script runs."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.house import SUPPORT, House, mail
from tests.pages.conftest import OpenPage
from tests.pages.flaws import MODES, flaws, of_focus
from tests.pages.steps import open_from, plain, read, sign_in, start_writing, told
from tests.servers import SmtpSink

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
WORDS = "The till prints every receipt twice.\n\nWe open at ten."
PICTURE: Any = {"name": "receipt of today.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" + b"x" * 20_000}
TIME_TO_WRITE = 2_200
"""Milliseconds: nobody fills in a form faster, and one that is sent faster is asked to be sent once more."""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A page of somebody else: its folder, and its address, which is of another origin."""
    folder = tmp_path / "shop"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def open_form(page: Page, house: House, *, embed_on: str = "") -> tuple[str, str]:
    """Kay opens the form. Its address, and the line that shows it elsewhere, as she copies them."""
    sign_in(page, house)
    page.goto(f"{house.url}/settings/mailboxes/")
    page.get_by_role("link", name=SUPPORT).click()
    page.get_by_role("link", name="Set up the contact form").click()
    page.get_by_label("Title").fill("How can we help?")
    page.get_by_label("Words above it").fill("We are here Monday to Friday, and answer the same day.")
    page.get_by_label("Pages that may show it").fill(embed_on)
    page.get_by_role("button", name="Open the form").click()
    told(page, "The form is open")
    return page.get_by_label("Its address, for a link").input_value(), page.get_by_label("A line that shows it").input_value()


def fill_in(form: Page | FrameLocator, page: Page) -> None:
    form.get_by_label("Your mail address").fill("ilse@garden.example")
    form.get_by_label("Your name").fill("Ilse Brandt")
    form.get_by_label("What is in the way?").fill(WORDS)
    form.get_by_label("Files").set_input_files([PICTURE])
    page.wait_for_timeout(TIME_TO_WRITE)


def test_ilse_writes_on_her_phone_within_the_shops_page_and_is_answered(
    open_page: OpenPage, house: House, sink: SmtpSink, shop: tuple[Path, str]
) -> None:
    house.sends_through(sink.port)
    kay = open_page()
    folder, address = shop
    _form, snippet = open_form(kay, house, embed_on=f"{address}/help.html")
    (folder / "index.html").write_text(
        f'<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Shop</title><h1>Help</h1>{snippet}</html>'
    )

    ilse = open_page(**PHONE)
    ilse.goto(f"{address}/")
    frame = ilse.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1)).to_have_text("How can we help?")
    expect(ilse.get_by_title("How can we help?")).to_be_visible()
    no_bar = "() => document.scrollingElement.scrollHeight - document.scrollingElement.clientHeight"
    inside = ilse.frames[1]
    inside.wait_for_function(f"({no_bar})() <= 1")
    fill_in(frame, ilse)
    frame.get_by_role("button", name="Send").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("Thank you. We have your words.")
    expect(frame.get_by_text("prints every receipt twice").first).to_be_visible()
    expect(frame.get_by_text("receipt of today.png")).to_be_visible()
    ilse.wait_for_function("() => document.querySelector('iframe').offsetHeight < 700")  # it shrinks with what it shows
    assert ilse.context.cookies() == []

    open_from(kay, house, "waiting", "Ilse Brandt")
    expect(kay.get_by_role("heading", level=1)).to_have_text("The till prints every receipt twice.")
    expect(kay.locator("#talk")).to_contain_text("Nobody has checked that this address is theirs")
    expect(kay.locator("#talk").get_by_text("receipt of today.png")).to_be_visible()
    start_writing(kay)
    kay.keyboard.type("Turn off the second copy in its settings.")
    kay.keyboard.press("Control+Enter")
    told(kay, "Sent to Ilse")
    (reply,) = sink.wait_for(1, seconds=40)
    assert reply.recipients == ("ilse@garden.example",)
    assert "Turn off the second copy" in plain(reply)
    assert "> The till prints every receipt twice." in plain(reply)

    answer = mail(
        "That was it!", subject="Re: The till", sender="Ilse Brandt <ilse@garden.example>", answers=read(reply)["Message-ID"]
    )
    house.deliver(answer, sender="ilse@garden.example")
    open_from(kay, house, "waiting", "Ilse Brandt")
    expect(kay.locator("#talk")).to_contain_text("That was it!")
    expect(kay.locator("#talk")).to_contain_text("We open at ten.")


def test_no_other_page_can_show_the_form_and_a_button_opens_it_where_it_may(
    open_page: OpenPage, house: House, shop: tuple[Path, str]
) -> None:
    folder, address = shop
    kay = open_page()
    _form, snippet = open_form(kay, house, embed_on=address)
    button = snippet.replace("<script", '<script data-button="Write to us"')
    (folder / "index.html").write_text(f'<!doctype html><html lang="en"><title>Shop</title><h1>Help</h1>{button}</html>')
    ilse = open_page()
    ilse.goto(f"{address}/")
    assert ilse.locator("iframe").count() == 0, "nothing of ours is loaded before somebody asks for it"
    ilse.get_by_role("button", name="Write to us").click()
    expect(ilse.frame_locator("iframe").get_by_label("What is in the way?")).to_be_visible()
    ilse.keyboard.press("Escape")
    expect(ilse.get_by_role("dialog")).to_be_hidden()

    kay.get_by_label("Pages that may show it").fill("https://elsewhere.example")
    kay.get_by_role("button", name="Keep it").click()
    told(kay, "This is kept")
    answer = kay.request.get(ilse.frames[1].url)
    assert "frame-ancestors 'self' https://elsewhere.example;" in answer.headers["content-security-policy"] + ";"


def test_the_form_is_for_everyone(open_page: OpenPage, house: House) -> None:
    kay = open_page()
    address, _snippet = open_form(kay, house)
    assert flaws(kay) == []
    page = open_page()
    for mode in MODES:
        mode.put_on(page)
        page.goto(address)
        assert flaws(page) == [], mode
        assert of_focus(page) == [], mode
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_text("Where may we answer you?")).to_be_visible()
        expect(page.get_by_label("Your mail address")).to_be_focused()
        assert flaws(page) == [], mode
    fill_in(page, page)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you. We have your words.")
    for mode in MODES:
        mode.put_on(page)
        assert flaws(page) == [], mode
    page.reload()
    expect(page.get_by_text("prints every receipt twice").first).to_be_visible()


def test_what_was_chosen_and_written_stays_when_the_line_is_lost(open_page: OpenPage, house: House) -> None:
    address, _snippet = open_form(open_page(), house)
    page = open_page(**PHONE)
    page.goto(address)
    fill_in(page, page)
    page.get_by_label("Your mail address").fill("ilse at the garden")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("We couldn’t read this address")).to_be_visible()
    assert page.get_by_label("Files").evaluate("field => field.files.length") == 1
    page.get_by_label("Your mail address").fill("ilse@garden.example")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("We couldn’t be reached just now.")).to_be_visible()
    expect(page.get_by_label("What is in the way?")).to_have_value(WORDS)
    page.context.set_offline(False)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("receipt of today.png")).to_be_visible()


def test_without_scripts_it_is_a_form(open_page: OpenPage, house: House) -> None:
    address, _snippet = open_form(open_page(), house)
    page = open_page(java_script_enabled=False)
    page.goto(address)
    fill_in(page, page)
    page.get_by_label("Your mail address").fill("ilse@nowhere")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("We couldn’t read this address")).to_be_visible()
    expect(page.get_by_text("Please choose your files once more.")).to_be_visible()
    expect(page.get_by_label("What is in the way?")).to_have_value(WORDS)
    page.get_by_label("Your mail address").fill("ilse@garden.example")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you. We have your words.")
