"""What a hand does on the pages, as the stories tell it."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from playwright.sync_api import Locator, Page, expect

from tests.house import KAY, House, Teammate
from tests.servers import Caught


def sign_in(page: Page, house: House, who: Teammate = KAY) -> None:
    page.goto(f"{house.url}/sign-in/")
    page.get_by_label("Your address").fill(who.address)
    page.get_by_label("Password", exact=True).fill(who.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{house.url}/")


def ready(page: Page) -> Page:
    """Once its scripts have run: what is shown is shown before they have, and until then a key does nothing."""
    page.wait_for_load_state("domcontentloaded")
    return page


def open_from(page: Page, house: House, place: str, name: str) -> None:
    """Open the conversation that stands as `name` (who, or what about) in the list at `place`, once it has come in."""
    row = page.locator(".row", has_text=name)
    come_upon(page, f"{house.url}/{place}/", row)
    row.get_by_role("link").click()
    expect(page.locator("#reply-box")).to_be_visible()
    ready(page)


def come_upon(page: Page, address: str, part: Locator) -> None:
    """Open a page, again and again until `part` stands on it: what was sent to the desk has yet to come in."""
    for _ in range(80):
        page.goto(address)
        if part.count():
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"It never stood on {address}: {part}")


def start_writing(page: Page, key: str = "r") -> None:
    """Press the key for a reply (r) or a note (n), and go on once the editor is there."""
    ready(page).keyboard.press(key)
    expect(page.locator("#reply-box [role=textbox]:focus")).to_be_visible()


def told(page: Page, words: str) -> None:
    """The page says so in the line at its foot."""
    expect(page.locator("undo-toast")).to_contain_text(words)
    ready(page)


def read(caught: Caught) -> EmailMessage:
    """A mail that reached the sink, as the program of whoever gets it reads it."""
    return message_from_bytes(caught.raw, policy=default)


def plain(caught: Caught) -> str:
    """Its words, as a program shows them that shows plain text."""
    body = read(caught).get_body(("plain",))
    assert body
    return str(body.get_content()).replace("\r\n", "\n")
