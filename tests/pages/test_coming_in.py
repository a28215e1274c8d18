"""The first five minutes, and the morning on which a password is gone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.house import KAY, House, mail
from tests.pages.conftest import OpenPage
from tests.pages.flaws import flaws
from tests.pages.steps import open_from, sign_in, told
from tests.servers import SmtpSink

pytestmark = pytest.mark.browser


def test_the_link_on_the_terminal_sets_the_desk_up_once(open_page: OpenPage, new_house: House) -> None:
    page, link = open_page(), new_house.setup_link()
    page.goto(link)
    assert "#" not in page.url  # no history keeps the token
    assert flaws(page) == []
    page.get_by_label("Your name").fill("Kay")
    page.get_by_label("Your own address").fill(KAY.address)
    page.get_by_label("A password", exact=True).fill("short")
    page.get_by_label("What your team is called").fill("Lantern Books")
    expect(page.get_by_label("Its time zone")).to_have_value("Europe/Dublin")  # as the browser says
    page.get_by_label("The address that people write to").fill("help@lantern.example")
    page.get_by_role("button", name="Set up the desk").click()
    expect(page.get_by_label("A password", exact=True)).to_be_focused()
    assert flaws(page) == []
    page.keyboard.type(KAY.password)
    page.get_by_role("button", name="Set up the desk").click()
    page.wait_for_url(f"{new_house.url}/")
    told(page, "The desk is yours.")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    new_house.deliver(mail("Do you open on Sundays?", subject="Sundays"), to="help@lantern.example")
    open_from(page, new_house, "waiting", "Nora Adeyemi")

    stranger = open_page()
    stranger.goto(link)
    expect(stranger.get_by_role("heading", level=1)).to_have_text("This desk is set up")
    assert stranger.get_by_label("Your name").count() == 0
    assert flaws(stranger) == []


def test_a_made_up_link_does_not_set_the_desk_up(page: Page, new_house: House) -> None:
    page.goto(f"{new_house.url}/set-up/#a-guess")
    page.get_by_label("Your name").fill("Mallory")
    page.get_by_label("Your own address").fill("mallory@elsewhere.example")
    page.get_by_label("A password", exact=True).fill("a password of mallory")
    page.get_by_label("What your team is called").fill("Mine")
    page.get_by_label("The address that people write to").fill("mine@elsewhere.example")
    page.get_by_role("button", name="Set up the desk").click()
    expect(page.locator("main")).to_contain_text("This link is not good any more.")
    assert flaws(page) == []


def test_a_forgotten_password_is_replaced_by_mail(open_page: OpenPage, house: House, sink: SmtpSink) -> None:
    house.sends_through(sink.port)
    page = open_page()
    page.goto(f"{house.url}/sign-in/")
    page.get_by_role("link", name="I forgot my password").click()
    page.get_by_label("Your address").fill(KAY.address)
    page.get_by_role("button", name="Mail me a link").click()
    expect(page.locator("main")).to_contain_text("a mail with a link is on its way")
    assert flaws(page) == []
    (notice,) = sink.wait_for(1)
    assert notice.recipients == (KAY.address,)
    (link,) = re.findall(rb"http://\S+/new-password/\S+", notice.raw.replace(b"=\r\n", b"").replace(b"=3D", b"="))

    page.goto(link.decode())
    assert flaws(page) == []
    page.get_by_label("A password", exact=True).fill("a harbour at low tide")
    page.get_by_role("button", name="Keep it, and come in").click()
    page.wait_for_url(f"{house.url}/")
    told(page, "Your new password is kept.")

    again = open_page()
    again.goto(link.decode())
    expect(again.locator("main")).to_contain_text("not good any more")
    assert flaws(again) == []
    again.goto(f"{house.url}/sign-in/")
    again.get_by_label("Your address").fill(KAY.address)
    again.get_by_label("Password", exact=True).fill(KAY.password)
    again.get_by_role("button", name="Sign in").click()
    expect(again.locator("main")).to_contain_text("do not go together")
    assert flaws(again) == []
    sign_in(again, house, KAY._replace(password="a harbour at low tide"))
