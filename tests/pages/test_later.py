"""Stories of a reply that leaves later, and of what stands beneath it, with real mail."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.house import House, mail
from tests.pages.flaws import flaws
from tests.pages.steps import open_from, plain, sign_in, start_writing, told
from tests.servers import SmtpSink

pytestmark = pytest.mark.browser


@pytest.fixture
def noras(page: Page, house: House, sink: SmtpSink) -> Page:
    """Nora has written, and her conversation is open."""
    house.sends_through(sink.port)
    house.deliver(mail("It keeps asking for a code.", subject="I can’t sign in", id="<first@honey.example>"))
    sign_in(page, house)
    open_from(page, house, "waiting", "Nora Adeyemi")
    return page


def later(page: Page) -> Locator:
    """The menu beside Send, opened."""
    menu = page.locator("reply-box[data-kind=reply] .menu")
    menu.locator("summary").click()
    return menu


def test_it_leaves_at_the_time_that_kay_chose(noras: Page, house: House, sink: SmtpSink) -> None:
    start_writing(noras)
    noras.keyboard.type("Try it again now.")
    menu = later(noras)
    assert flaws(noras) == []
    soon = datetime.now(UTC) + timedelta(seconds=65)
    menu.get_by_label("At another time").fill(f"{soon:%Y-%m-%dT%H:%M}")
    menu.get_by_role("button", name="At this time").click()
    told(noras, f"{soon:%H:%M}.")
    noras.goto(f"{house.url}/later/")
    expect(noras.locator(".line")).to_contain_text("To Nora Adeyemi")
    assert flaws(noras) == []
    assert sink.mails == []
    (only,) = sink.wait_for(1, seconds=90)
    assert datetime.now(UTC) >= soon.replace(second=0, microsecond=0)
    assert "Try it again now." in plain(only)
    noras.goto(f"{house.url}/later/")
    expect(noras.locator("main")).to_contain_text("Nothing waits for its time.")


def test_nora_writes_first_and_it_is_in_the_box_again(noras: Page, house: House, sink: SmtpSink) -> None:
    start_writing(noras)
    noras.keyboard.type("Try it again tomorrow.")
    later(noras).get_by_role("button", name="Tomorrow morning").click()
    told(noras, "It leaves tomorrow 09:00.")
    open_from(noras, house, "everything", "Nora Adeyemi")
    expect(noras.locator(".message--ours")).to_contain_text("unless somebody writes here first")
    assert flaws(noras) == []
    house.deliver(mail("It works by itself now.", subject="Re: I can’t sign in", answers="<first@honey.example>"))
    open_from(noras, house, "waiting", "Nora Adeyemi")
    expect(noras.locator("#talk")).to_contain_text("what Kay had written was not sent")
    expect(noras.locator("reply-box[data-kind=reply]").get_by_role("textbox").first).to_contain_text("Try it again tomorrow.")
    (notice,) = sink.wait_for(1)
    assert "was not sent" in plain(notice) and notice.recipients == ("kay@touchline.example",)


def test_what_stands_beneath_it_is_written_once_and_goes_out(noras: Page, house: House, sink: SmtpSink) -> None:
    conversation = noras.url
    noras.goto(f"{house.url}/settings/me/signatures/")
    editor = noras.locator("#signature-everywhere").get_by_role("textbox")
    editor.click()
    expect(noras.locator("#signature-everywhere .ProseMirror")).to_be_focused()
    noras.keyboard.type("{first name} of {desk}")
    noras.get_by_role("button", name="Show it as it goes out").first.click()
    expect(noras.locator("#signature-everywhere .sheet")).to_contain_text("Kay of ")
    assert flaws(noras) == []
    noras.get_by_role("button", name="Keep it").first.click()
    told(noras, "This is kept.")
    noras.goto(conversation)
    noras.get_by_text("Your signature goes out beneath it").click()
    assert flaws(noras) == []
    start_writing(noras)
    noras.keyboard.type("Try it again now.")
    later(noras).get_by_role("button", name="In an hour").click()
    told(noras, "It leaves ")
    noras.goto(f"{house.url}/later/")
    noras.get_by_role("button", name="Send it now").click()
    told(noras, "It leaves now.")
    (only,) = sink.wait_for(1)
    assert "Try it again now.\n\n-- \nKay of " in plain(only).replace("\r\n", "\n")
