"""After every step the focus is where the hand goes next: never lost, and never taken from where it is."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.house import House, mail
from tests.pages.steps import open_from, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture
def noras(page: Page, house: House) -> Page:
    """Kay has Nora's conversation open."""
    house.deliver(mail("The tablet asks for a code.", subject="The code"))
    sign_in(page, house)
    open_from(page, house, "waiting", "Nora Adeyemi")
    return page


def strip(page: Page, name: str) -> Locator:
    return page.locator("#strip").get_by_role("button", name=name)


def test_moved_and_undone_with_the_keyboard_alone(noras: Page) -> None:
    strip(noras, "It’s moved").focus()
    noras.keyboard.press("Enter")
    expect(strip(noras, "Undo")).to_be_focused()
    noras.keyboard.press("Enter")
    expect(strip(noras, "It’s moved")).to_be_focused()


def test_what_a_key_did_takes_the_focus_from_nowhere(noras: Page) -> None:
    noras.keyboard.press("m")
    expect(strip(noras, "Undo")).to_be_visible()
    expect(noras.locator(":focus")).to_have_count(0)
    message = noras.locator(".message summary").first
    message.focus()
    noras.keyboard.press("z")
    expect(strip(noras, "It’s moved")).to_be_visible()
    expect(message).to_be_focused()


def test_what_has_just_come_can_be_pressed_at_once(noras: Page) -> None:
    """The way to take it back, pressed in the very step in which it came: it is part of the page, which stays."""
    noras.evaluate(
        """() => {
            window.stays = true;
            const toasts = document.getElementById("toasts");
            const pressed = new MutationObserver(() => {
                const undo = toasts.querySelector("[data-key=z]");
                if (undo) pressed.disconnect();
                undo?.click();
            });
            pressed.observe(toasts, { childList: true, subtree: true });
        }"""
    )
    noras.keyboard.press("m")
    expect(noras.locator("#talk")).to_contain_text("undone by Kay")
    assert noras.evaluate("window.stays")


def test_taken_and_the_next_button_has_the_focus(noras: Page) -> None:
    noras.get_by_role("button", name="I’ll take this").click()
    expect(noras.locator("#about")).to_contain_text("With you")
    expect(noras.locator("#about summary", has_text="Give to")).to_be_focused()


def test_from_a_menu_to_the_menu(noras: Page) -> None:
    noras.keyboard.press("m")
    expect(noras.locator("#about form[action*='/told/']")).to_have_count(2)
    more = noras.locator("#about summary", has_text="More")
    more.click()
    noras.get_by_role("button", name="It came back").click()
    expect(noras.locator("#strip")).to_contain_text("Back in the way:")
    expect(more).to_be_focused()
    expect(noras.locator("#talk")).to_contain_text("Kay was told that it is back")


def test_undoing_in_the_talk_goes_on_at_the_strip(noras: Page) -> None:
    noras.keyboard.press("m")
    noras.locator("#talk").get_by_role("button", name="Undo").click()
    expect(noras.locator("#talk")).to_contain_text("undone by Kay")
    expect(strip(noras, "It’s moved")).to_be_focused()


def test_after_a_note_the_hand_is_at_what_to_write_next(noras: Page) -> None:
    noras.keyboard.press("n")
    expect(noras.locator(".reply-box--note .ProseMirror")).to_be_focused()
    noras.keyboard.type("She has the old tablet.")
    noras.keyboard.press("Control+Enter")
    expect(noras.locator(".message--note")).to_contain_text("the old tablet")
    expect(noras.get_by_role("radio", name="Reply")).to_be_focused()


@pytest.mark.parametrize("size", [(390, 844), (800, 900)])
def test_nothing_stands_over_what_is_in_the_way(open_page, house: House, size: tuple[int, int]) -> None:
    page = open_page(viewport={"width": size[0], "height": size[1]}, has_touch=True, is_mobile=True)
    words = "The tablet that stands at the stall asks for a code that I never get. " * 20
    house.deliver(mail(words, subject="The tablet that stands at the stall asks for a code that I never get"))
    sign_in(page, house)
    open_from(page, house, "waiting", "Nora Adeyemi")
    page.get_by_role("button", name="It’s moved").tap()
    toast, line = page.locator(".toast"), page.locator("#strip .strip")
    expect(toast).to_be_visible()
    for scrolled in (0, 10_000):
        page.evaluate("scrolled => scrollTo(0, scrolled)", scrolled)
        assert apart(box(toast), box(line)) and apart(box(toast), box(page.locator(".conversation__foot")))
    if size[0] < 480:
        assert box(line)["height"] <= 72
        assert all(box(button)["height"] >= 36 for button in line.locator("button, summary").all() if button.is_visible())


def box(part: Locator) -> dict[str, float]:
    found = part.bounding_box()
    assert found
    return dict(found)


def apart(one: dict[str, float], other: dict[str, float]) -> bool:
    return one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
