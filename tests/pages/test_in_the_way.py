"""What stands in many people's way, from the second person who has it to the mail that tells all of them that it is gone."""

import pytest
from playwright.sync_api import Page, expect

from tests.house import SAM, House, mail
from tests.pages.conftest import OpenPage
from tests.pages.flaws import flaws
from tests.pages.steps import come_upon, open_from, plain, read, sign_in, told
from tests.servers import SmtpSink

pytestmark = pytest.mark.browser

THREE = {"Nora Adeyemi": "nora@honey.example", "Ilse Brandt": "ilse@garden.example", "Tomás Lima": "tomas@harbour.example"}


def put_with_the_others(page: Page, house: House, subject: str) -> None:
    open_from(page, house, "waiting", subject)
    page.locator("summary", has_text="More").click()
    page.get_by_role("link", name="Others have this too…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Others have this too")


def test_kay_names_it_puts_others_with_it_and_writes_once_to_all(
    page: Page, open_page: OpenPage, house: House, sink: SmtpSink
) -> None:
    house.sends_through(sink.port)
    for name, address in THREE.items():
        first = name.split()[0]
        house.deliver(
            mail(f"I am {first} and no invoice downloads.", subject=f"Invoices, {first}", sender=f"{name} <{address}>"),
            sender=address,
        )
    sign_in(page, house)
    put_with_the_others(page, house, "Invoices, Nora")
    assert flaws(page) == []
    page.get_by_label("What stands in their way, for anyone who has it").fill("Invoices do not download")
    page.get_by_role("button", name="Put it there").click()
    told(page, "Put with the others in whose way it stands: “Invoices do not download”.")
    page.keyboard.press("z")
    told(page, "Undone.")
    for subject in ("Invoices, Nora", "Invoices, Ilse", "Invoices, Tomás"):
        put_with_the_others(page, house, subject)
        page.get_by_role("button", name="Put it with these").click()
        told(page, "Put with the others")
    assert flaws(page) == []

    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page.get_by_role("heading", level=1)).to_have_text("In the way")
    expect(page.locator("main")).to_contain_text("3 people wait")
    assert flaws(page) == []
    page.get_by_role("link", name="Invoices do not download").click()
    expect(page.get_by_role("heading", name="3 people wait")).to_be_visible()
    assert flaws(page) == []

    page.get_by_role("link", name="Write once to all of them…").click()
    page.get_by_label("Your words").fill("Hello {first name},\n\nyour invoices download again. Do they?")
    assert flaws(page) == []
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("region", name="As they would read it")).to_contain_text("Hello Tomás,")
    page.get_by_role("listitem").filter(has_text="Ilse").get_by_role("button", name="Leave them out").click()
    expect(page.get_by_role("region", name="Who does not get it")).to_contain_text("A teammate left them out.")
    page.get_by_role("button", name="Write to them too").click()
    assert flaws(page) == []
    page.get_by_role("button", name="Send me a test").click()
    told(page, "A test is on its way to kay@touchline.example.")
    page.get_by_role("button", name="Write to 3 people, blocker moved").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    assert flaws(page) == []
    expect(page.locator("main")).to_contain_text("3 of 3 have left.", timeout=40_000)  # by itself, as they leave
    assert flaws(page) == []
    to_them = {read(each)["To"].addresses[0].addr_spec: plain(each) for each in sink.mails}
    assert set(to_them) == {*THREE.values(), "kay@touchline.example"}
    assert to_them["ilse@garden.example"].startswith("Hello Ilse,")

    sam = open_page()
    sign_in(sam, house, SAM)
    come_upon(sam, f"{house.url}/in-the-way/", sam.get_by_text("Nobody waits"))
    sam.get_by_role("link", name="Invoices do not download").click()
    expect(sam.get_by_role("link", name="Write once to all of them…")).to_have_count(0)
    expect(sam.locator("main")).to_contain_text("written to with all the others")


def test_an_owner_names_a_system_that_is_told(page: Page, house: House) -> None:
    sign_in(page, house)
    page.goto(f"{house.url}/in-the-way/")
    page.get_by_role("link", name="Tell other systems").click()
    page.get_by_label("Another address").fill("https://10.0.0.1/hook")
    page.get_by_role("button", name="Tell it").click()
    expect(page.locator("main")).to_contain_text("10.0.0.1 is in a network of our own")
    assert flaws(page) == []
    page.get_by_label("Another address").fill("https://board.example.com/hook")
    page.get_by_role("button", name="Tell it", exact=True).click()
    told(page, "It is told from now on.")
    assert flaws(page) == []
    page.get_by_role("button", name="Tell it nothing more").click()
    told(page, "It is told nothing more.")
    page.keyboard.press("z")
    expect(page.locator("main")).to_contain_text("board.example.com")
