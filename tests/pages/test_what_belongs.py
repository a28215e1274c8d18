"""Spam in a place of its own, a conversation that goes on in another, and what is warned of."""

import pytest
from playwright.sync_api import Page, expect

from tests.house import House, mail
from tests.pages.flaws import flaws
from tests.pages.steps import come_upon, open_from, sign_in, told

pytestmark = pytest.mark.browser


def test_spam_waits_with_its_reason_and_is_a_person_s_by_one_key(page: Page, house: House) -> None:
    sign_in(page, house)
    spam = mail("My lamp is dark.", subject="The lamp", sender="Ilse Brandt <ilse@garden.example>")
    house.deliver(b"X-Spam-Flag: YES\n" + spam, sender="ilse@garden.example")
    line = page.get_by_role("listitem").filter(has_text="The lamp")
    come_upon(page, f"{house.url}/spam/", line)
    expect(line).to_contain_text("The mail server marked it as spam (X-Spam-Flag).")
    assert flaws(page) == []

    line.get_by_role("button", name="Delete").click()
    told(page, "Deleted. It goes for good in a week.")
    expect(page.locator("main")).to_contain_text("No mail is taken for spam.")
    page.keyboard.press("z")
    told(page, "Undone.")

    page.get_by_role("link", name="The lamp").click()
    assert flaws(page) == []
    page.get_by_role("button", name="Not spam, and never from them").click()
    told(page, "It is in its conversation now.")
    expect(page.get_by_role("heading", level=1)).to_have_text("The lamp")
    page.goto(f"{house.url}/settings/senders/")
    expect(page.get_by_role("region", name="Never spam")).to_contain_text("ilse@garden.example")
    assert flaws(page) == []


def test_a_conversation_that_is_spam_goes_and_comes_back_by_one_key(page: Page, house: House) -> None:
    sign_in(page, house)
    house.deliver(mail("Buy now.", subject="Cheap pills", sender="Best <best@pills.example>"), sender="best@pills.example")
    open_from(page, house, "waiting", "Cheap pills")
    page.locator("summary", has_text="More").click()
    page.get_by_role("button", name="Spam, and block best@pills.example").click()
    told(page, "It is among the spam, and counted nowhere.")
    page.keyboard.press("z")
    told(page, "Undone.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cheap pills")
    page.goto(f"{house.url}/settings/senders/")
    expect(page.get_by_role("region", name="Spam", exact=True)).to_contain_text("Nobody yet.")


def test_one_conversation_goes_on_in_another_and_both_are_back_by_one_key(page: Page, house: House) -> None:
    sign_in(page, house)
    house.deliver(mail("I cannot sign in.", subject="Locked out"))
    open_from(page, house, "waiting", "Locked out")
    first = page.url.split("/conversations/")[1].split("/")[0]
    house.deliver(mail("Nobody answers me.", subject="Still there?"))
    open_from(page, house, "waiting", "Still there?")
    page.locator("summary", has_text="More").click()
    page.get_by_role("link", name="Merge into another").click()
    page.get_by_label("The number of the other one").fill(first)
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("region", name="It would go on in this one")).to_contain_text("Locked out")
    assert flaws(page) == []
    page.get_by_role("button", name=f"Merge into number {first}").click()
    told(page, "goes on here.")
    expect(page.locator("#talk")).to_contain_text("Nobody answers me.")
    page.keyboard.press("z")
    told(page, "Undone.")
    expect(page.locator("#talk")).not_to_contain_text("Nobody answers me.")


def test_what_to_know_stands_over_the_words(page: Page, house: House) -> None:
    sign_in(page, house)
    odd = mail("Please pay today.", subject="New account", sender="The bank <bank@thief.example>")
    house.deliver(b"Reply-To: cash@elsewhere.example\n" + odd, sender="bank@thief.example")
    open_from(page, house, "waiting", "New account")
    expect(page.locator(".message__warning")).to_have_text(
        "An answer would go to cash@elsewhere.example, not to bank@thief.example."
    )
    page.get_by_text("About this message").click()
    expect(page.locator(".message")).to_contain_text("Whether it is really from thief.example is not known.")
    assert flaws(page) == []
