"""Nora is asked whether it worked, and says so on her phone; Kay sees what is asked, and what came of it."""

import re
import urllib.request
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.house import House, mail
from tests.pages.conftest import OpenPage
from tests.pages.flaws import MODES, flaws, of_focus
from tests.pages.steps import open_from, plain, read, ready, sign_in, start_writing, told
from tests.servers import SmtpSink

pytestmark = pytest.mark.browser

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
NO_NIGHT = """
from datetime import time
from touchline.desk.models import Desk
Desk.objects.update(quiet_from=time(0), quiet_to=time(0))
"""
THEIR_TIME_HAS_COME = """
from datetime import UTC, datetime, timedelta
from touchline.desk.models import CheckIn
now = datetime.now(UTC)
CheckIn.objects.filter(message_id=None).update(due_at=now, planned_at=now)
"""
RTL = "() => { document.documentElement.dir = 'rtl'; }"


def ask_after_days(page: Page, house: House) -> None:
    """Kay turns them on."""
    page.goto(f"{house.url}/settings/check-ins/")
    page.get_by_label("3 days after it was moved").check()
    page.get_by_role("button", name="Show me the words").click()
    expect(page.get_by_text("Kay asked us to check whether this is out of your way: “I can’t sign in”.")).to_be_visible()
    assert of_every_mode(page) == []
    page.get_by_label("Of every hundred blockers").fill("10")
    page.get_by_role("button", name="Keep it").click()
    told(page, "This is kept.")


def of_every_mode(page: Page) -> list[str]:
    found = []
    for mode in MODES:
        mode.put_on(page)
        found += [f"{mode}: {flaw}" for flaw in flaws(page)]
    MODES[0].put_on(page)
    return found


def moved_and_asked(page: Page, house: House, sink: SmtpSink) -> str:
    """Nora writes, Kay answers and moves it, its time comes: the link in Nora's mail."""
    house.deliver(mail("My password has expired.", subject="I can’t sign in", sender="Nora Adeyemi <nora@bakery.example>"))
    open_from(page, house, "waiting", "Nora Adeyemi")
    start_writing(page)
    page.keyboard.type("Here is a new one.")
    page.keyboard.press("Control+Shift+Enter")
    told(page, "Sent to Nora Adeyemi. We’ll ask Nora")
    sink.wait_for(1, seconds=40)
    open_from(page, house, "everything", "Nora Adeyemi")
    expect(page.locator("#strip")).to_contain_text("We’ll ask Nora")
    page.get_by_text("What we’ll ask").click()
    expect(page.get_by_text("Kay asked us to check whether this is out of your way")).to_be_visible()
    assert of_every_mode(page) == []
    page.set_viewport_size(PHONE["viewport"])
    sheet = page.locator(".menu__sheet:has(.asks)").bounding_box()
    assert sheet and sheet["x"] >= 0 and sheet["x"] + sheet["width"] <= 390
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_label("What it was about, as they read it").fill("your new password")
    page.locator(".asks").get_by_role("button", name="Keep").click()
    told(page, "This is kept.")
    house.command("django", "shell", "-c", THEIR_TIME_HAS_COME)
    question = sink.wait_for(2, seconds=60)[1]
    assert read(question)["Auto-Submitted"] == "auto-generated"
    assert "“your new password”" in plain(question)
    (link,) = set(re.findall(r"http://\S+/check-in/[0-9a-f]{32}/", plain(question)))
    return str(link)


def test_nora_says_on_her_phone_that_it_does_not_work_yet(open_page: OpenPage, house: House, sink: SmtpSink) -> None:
    house.sends_through(sink.port)
    house.command("django", "shell", "-c", NO_NIGHT)
    kay = open_page()
    sign_in(kay, house)
    ask_after_days(kay, house)
    link = moved_and_asked(kay, house, sink)

    for method in ("GET", "HEAD", "GET", "GET", "GET", "GET"):  # a scanner of her provider
        with urllib.request.urlopen(urllib.request.Request(link, method=method), timeout=20) as answer:
            assert answer.status == 200 and answer.headers["Set-Cookie"] is None
    robot = open_page()  # and one that runs scripts, and waits
    robot.goto(link)
    robot.wait_for_timeout(1500)
    open_from(kay, house, "everything", "Nora Adeyemi")
    expect(kay.locator("#strip")).to_contain_text("and have no answer yet.")

    nora = open_page(**PHONE, java_script_enabled=False)
    nora.goto(link)
    expect(nora.get_by_role("heading", level=1)).to_have_text("Did it work?")
    expect(nora.get_by_text("your new password")).to_be_visible()
    nora.get_by_label("A word, if you like").fill("It asks for a code now.")
    nora.get_by_role("button", name="Not yet").click()
    expect(nora.get_by_role("heading", level=1)).to_have_text("Thank you, Nora.")
    expect(nora.get_by_text("It asks for a code now.")).to_be_visible()
    assert nora.context.cookies() == []
    nora.reload()
    expect(nora.get_by_text("You told us that it does not work yet.")).to_be_visible()

    open_from(kay, house, "with-me", "Nora Adeyemi")
    expect(kay.locator("#strip")).to_contain_text("Back in the way:")
    expect(kay.locator("#talk")).to_contain_text("It asks for a code now.")
    expect(kay.locator("#talk")).to_contain_text("Nora Adeyemi answered our question: not yet")
    assert of_every_mode(kay) == []


def test_the_pages_of_a_check_in_are_for_everyone(open_page: OpenPage, house: House, sink: SmtpSink) -> None:
    house.sends_through(sink.port)
    house.command("django", "shell", "-c", NO_NIGHT)
    kay = open_page()
    sign_in(kay, house)
    ask_after_days(kay, house)
    link = moved_and_asked(kay, house, sink)

    nora = open_page()
    nora.goto(link)
    assert of_every_mode(nora) == [] and of_focus(nora) == []
    nora.evaluate(RTL)
    assert of_every_mode(nora) == []
    nora.goto(link)
    nora.keyboard.press("Tab")  # all of it by the keyboard
    nora.keyboard.type("Thank you!")
    nora.keyboard.press("Tab")
    nora.keyboard.press("Enter")
    expect(nora.get_by_text("You told us that it works.")).to_be_visible()
    assert of_every_mode(nora) == [] and of_focus(nora) == []
    nora.get_by_role("button", name="It does not work yet").click()
    expect(nora.get_by_text("You told us that it does not work yet.")).to_be_visible()
    expect(nora.get_by_role("button", name="It works")).to_have_count(0)
    nora.get_by_role("button", name="Please do not ask me again").click()
    expect(nora.get_by_text("We will not ask you such questions again.")).to_be_visible()
    assert of_every_mode(nora) == []
    nora.goto(f"{house.url}/check-in/{'0' * 32}/")
    expect(nora.get_by_role("heading", level=1)).to_have_text("This link has done its work")
    assert of_every_mode(nora) == []

    kay.goto(f"{house.url}/people/")
    kay.get_by_role("link", name="Nora Adeyemi").click()
    expect(kay.get_by_text("They are not asked, since")).to_be_visible()
    assert of_every_mode(kay) == []
    kay.get_by_role("button", name="They may be asked again").click()
    told(kay, "Nora Adeyemi may be asked again")
    this_month = datetime.now(UTC).strftime("%Y-%m")
    ready(kay).goto(f"{house.url}/people-helped/?month={this_month}")
    assert of_every_mode(kay) == []
