"""Who gets what we write, in a real browser and with a real SMTP server: chosen before it is sent, and told afterwards."""

from email import message_from_bytes
from email.policy import default

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.house import SUPPORT, House, mail
from tests.pages.flaws import flaws
from tests.pages.steps import open_from, plain, read, sign_in, told
from tests.servers import SmtpSink

pytestmark = pytest.mark.browser


@pytest.fixture
def noras(page: Page, house: House, sink: SmtpSink) -> Page:
    """Nora wrote, with Ilse copied, and Kay has it open. What Kay sends ends in the sink."""
    house.sends_through(sink.port)
    hers = mail(
        "It has not come.", subject="The parcel", to=f"{SUPPORT}, Ilse Brandt <ilse@garden.example>", id="<1@honey.example>"
    )
    house.deliver(hers)
    sign_in(page, house)
    open_from(page, house, "waiting", "Nora Adeyemi")
    return page


def who(page: Page, kind: str = "reply") -> Locator:
    return page.locator(f"#who-{kind}")


def line(page: Page, kind: str = "reply") -> Locator:
    return who(page, kind).locator("summary")


def row(page: Page, address: str, kind: str = "reply") -> Locator:
    return who(page, kind).locator(".addressing__row", has_text=address)


def write(page: Page, words: str, key: str = "r") -> None:
    page.keyboard.press(key)
    expect(page.locator(".ProseMirror:focus")).to_be_visible()
    page.keyboard.type(words)


def no_flaws(page: Page) -> None:
    assert flaws(page) == []


def test_the_line_says_who_gets_it_and_opens_into_why(noras: Page) -> None:
    expect(line(noras)).to_have_text(
        f"To Nora Adeyemi <nora@honey.example>, copied: Ilse Brandt <ilse@garden.example> · From {SUPPORT}"
    )
    assert line(noras).bounding_box()["height"] < 40  # type: ignore[index]  # one line, unless it is opened
    noras.keyboard.press("w")
    expect(row(noras, "nora@honey.example")).to_contain_text("They wrote what you answer.")
    expect(row(noras, "ilse@garden.example")).to_contain_text("They take part.")
    no_flaws(noras)


def test_to_copy_and_unseen_copy_arrive_once_each(noras: Page, sink: SmtpSink) -> None:
    noras.keyboard.press("w")
    add = who(noras).get_by_label("Add an address")
    add.fill("boss@honey.example")
    who(noras).get_by_label("What they get").select_option("bcc")
    add.press("Enter")
    expect(row(noras, "boss@honey.example")).to_contain_text("You chose them.")
    expect(row(noras, "boss@honey.example")).to_contain_text("Takes no part here yet.")
    expect(add).to_be_focused()
    expect(add).to_have_value("")
    noras.reload()  # the choice is kept
    expect(line(noras)).to_contain_text("Unseen: boss@honey.example")
    write(noras, "On its way.")
    noras.keyboard.press("Control+Enter")
    told(noras, "Sent to Nora")
    (caught,) = sink.wait_for(1, seconds=40)
    assert sorted(caught.recipients) == ["boss@honey.example", "ilse@garden.example", "nora@honey.example"]
    assert b"boss@" not in caught.raw and b"bcc" not in caught.raw.lower()
    assert (read(caught)["To"], read(caught)["Cc"]) == ("Nora Adeyemi <nora@honey.example>", "Ilse Brandt <ilse@garden.example>")
    noras.go_back()
    noras.reload()
    ours = noras.locator(".message--ours")
    ours.get_by_text("Who got this").click()
    expect(ours.locator(".message__facts")).to_contain_text("boss@honey.example · sent")
    expect(line(noras)).not_to_contain_text("boss@")  # the unseen are not carried on


def test_someone_can_be_taken_out_by_the_keyboard_alone(noras: Page, sink: SmtpSink) -> None:
    noras.keyboard.press("w")
    expect(line(noras)).to_be_focused()
    for _ in range(2):
        noras.keyboard.press("Tab")
    place = row(noras, "ilse@garden.example").locator("select")
    expect(place).to_be_focused()
    noras.keyboard.press("End")  # Nothing this time
    expect(line(noras)).to_have_text(f"To Nora Adeyemi <nora@honey.example> · From {SUPPORT}")
    expect(row(noras, "ilse@garden.example")).to_contain_text("you took them out of this one")
    expect(place).to_be_focused()  # the hand stays where it was
    noras.keyboard.press("Escape")
    write(noras, "On its way.")
    noras.keyboard.press("Control+Enter")
    (caught,) = sink.wait_for(1, seconds=40)
    assert caught.recipients == ("nora@honey.example",)


def test_only_to_the_one_who_is_answered_and_back_again(noras: Page) -> None:
    noras.keyboard.press("w")
    who(noras).get_by_role("button", name="Only to Nora Adeyemi").click()
    expect(line(noras)).not_to_contain_text("copied")
    who(noras).get_by_role("button", name="Everyone who takes part").click()
    expect(line(noras)).to_contain_text("copied: Ilse Brandt")


def test_what_is_no_address_is_said_and_stands_there_still(noras: Page) -> None:
    noras.keyboard.press("w")
    add = who(noras).get_by_label("Add an address")
    add.fill("ilse at garden")
    add.press("Enter")
    expect(who(noras)).to_contain_text("We couldn’t read this address.")
    expect(add).to_have_value("ilse at garden")
    expect(add).to_have_attribute("aria-invalid", "true")
    add.fill(SUPPORT)
    add.press("Enter")
    expect(who(noras)).to_contain_text("is an address of ours")
    no_flaws(noras)


def test_whom_we_know_is_offered_while_typing(noras: Page) -> None:
    noras.keyboard.press("w")
    who(noras).get_by_label("Add an address").press_sequentially("nor")
    expect(who(noras).locator("datalist option")).to_have_attribute("value", "nora@honey.example")


def test_someone_who_joined_meanwhile_is_shown_before_anything_goes(noras: Page, house: House) -> None:
    more = mail("And my boss.", subject="Re: The parcel", to=f"{SUPPORT}, Boss <boss@honey.example>", answers="<1@honey.example>")
    house.deliver(more)
    expect(line(noras)).to_contain_text("Boss <boss@honey.example>", timeout=20_000)


def test_it_works_without_scripts(open_page, house: House, sink: SmtpSink) -> None:
    page = open_page(java_script_enabled=False, viewport={"width": 320, "height": 640})
    house.sends_through(sink.port)
    house.deliver(mail("It has not come.", subject="The parcel", to=f"{SUPPORT}, Ilse Brandt <ilse@garden.example>"))
    sign_in(page, house)
    open_from(page, house, "waiting", "Nora Adeyemi")
    page.locator("reply-box[data-kind=reply] textarea").click()  # on a phone the line is there once one begins to write
    line(page).click()
    row(page, "ilse@garden.example").locator("select").select_option("")
    who(page).get_by_label("Add an address").fill("boss@honey.example")
    who(page).get_by_role("button", name="Add").click()
    expect(row(page, "boss@honey.example")).to_be_visible()
    expect(line(page)).to_contain_text("copied: boss@honey.example")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.locator("reply-box[data-kind=reply] textarea").fill("On its way.")
    page.get_by_role("button", name="Send", exact=True).click()
    (caught,) = sink.wait_for(1, seconds=40)
    assert sorted(caught.recipients) == ["boss@honey.example", "nora@honey.example"]


def test_a_message_is_passed_on_outside_and_nothing_leaks(noras: Page, house: House, sink: SmtpSink) -> None:
    write(noras, "She owes us for March.", key="n")
    noras.keyboard.press("Control+Enter")
    expect(noras.locator(".message--note")).to_be_visible()
    theirs = noras.locator(".message", has_text="It has not come.").first
    theirs.locator(".menu summary").click()
    theirs.get_by_role("button", name="Forward to someone outside").click()
    to = who(noras, "forward").get_by_label("To whom does it go?")
    expect(to).to_be_focused()
    to.fill("Cora <cora@courier.example>")
    to.press("Enter")
    expect(line(noras, "forward")).to_contain_text("To Cora <cora@courier.example>")
    noras.get_by_text("What goes along beneath your words").click()
    expect(noras.locator("reply-box[data-kind=forward] .folded__past")).to_contain_text("It has not come.")
    no_flaws(noras)
    noras.locator("reply-box[data-kind=forward] textarea").focus()
    write_here = noras.locator("reply-box[data-kind=forward] .ProseMirror")
    expect(write_here).to_be_focused()
    noras.keyboard.type("Where is it?")
    noras.keyboard.press("Control+Enter")
    told(noras, "Passed on to Cora")
    expect(noras.locator("#about")).to_contain_text("Waiting")  # Nora waits all the same
    (caught,) = sink.wait_for(1, seconds=40)
    assert caught.recipients == ("cora@courier.example",)
    words = plain(caught)
    assert "Where is it?" in words and "It has not come." in words and "From: Nora Adeyemi\n" in words
    for leak in (b"owes us", b"honey.example", b"garden.example", b"+tl-", b"In-Reply-To", b"References"):
        assert leak not in caught.raw, leak
    answer = mail(
        "In Cork.", subject="Re: Fwd: The parcel", sender="Cora <cora@courier.example>", answers=str(read(caught)["Message-ID"])
    )
    house.deliver(answer, sender="cora@courier.example")
    expect(noras.locator("#talk")).to_contain_text("In Cork.", timeout=20_000)
    expect(line(noras)).not_to_contain_text("cora@")
    expect(noras.locator("[id^=stranger-]")).to_have_count(0)


def test_a_forward_can_be_left(noras: Page) -> None:
    noras.locator(".message .menu summary").first.click()
    noras.get_by_role("button", name="Forward to someone outside").first.click()
    noras.get_by_role("button", name="Don’t forward").click()
    expect(noras.locator("reply-box[data-kind=forward]")).to_have_count(0)
    expect(noras.locator("reply-box[data-kind=reply]")).to_be_visible()


def test_what_one_did_not_get_is_edited_and_goes_to_them_alone(noras: Page, sink: SmtpSink) -> None:
    sink.script["RCPT"] = lambda argument: "550 5.1.1 No mailbox here by that name" if "nora@" in argument else None
    write(noras, "On its wya.")
    noras.keyboard.press("Control+Enter")
    sink.wait_for(1, seconds=40)
    del sink.script["RCPT"]
    noras.go_back()
    noras.reload()
    again = noras.get_by_role("button", name="Edit and send again")
    for _ in range(20):
        if again.count():
            break
        noras.wait_for_timeout(500)
        noras.reload()
    again.click()
    box = noras.locator("reply-box[data-kind=reply]")
    expect(box).to_contain_text("Those who have it already do not get it again.")
    expect(box.locator(".ProseMirror, textarea:visible").first).to_contain_text("On its wya.")
    noras.keyboard.press("Escape")
    noras.keyboard.press("w")
    expect(row(noras, "ilse@garden.example")).to_contain_text("They have it already.")
    expect(row(noras, "nora@honey.example")).to_contain_text("Mail to this address came back.")
    noras.get_by_role("button", name="Send", exact=True).click()
    first, told, second = sink.wait_for(3, seconds=40)
    assert (first.recipients, second.recipients) == (("ilse@garden.example",), ("nora@honey.example",))
    assert message_from_bytes(told.raw, policy=default)["Subject"] == "Not delivered: The parcel"
    assert (
        message_from_bytes(first.raw, policy=default)["Message-ID"]
        != message_from_bytes(second.raw, policy=default)["Message-ID"]
    )


def test_it_reads_from_right_to_left_and_on_a_phone(open_page, house: House) -> None:
    house.deliver(mail("It has not come.", subject="The parcel", to=f"{SUPPORT}, Ilse Brandt <ilse@garden.example>"))
    page = open_page(viewport={"width": 320, "height": 640})
    sign_in(page, house)
    open_from(page, house, "waiting", "Nora Adeyemi")
    page.evaluate("document.documentElement.dir = 'rtl'")
    page.keyboard.press("r")
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    expect(row(page, "nora@honey.example")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
