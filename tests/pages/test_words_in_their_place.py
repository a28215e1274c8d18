"""Words stay where they belong: a note among us, a reply for the person, and none is lost on the way."""

import base64
from email import message_from_bytes
from email.policy import default

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.house import KAY, House, mail
from tests.pages.steps import open_from, ready, sign_in
from tests.servers import SmtpSink

pytestmark = pytest.mark.browser


@pytest.fixture
def noras(page: Page, house: House) -> Page:
    """Kay has Nora's conversation open."""
    house.deliver(mail("The tablet asks for a code.", subject="The code"))
    sign_in(page, house)
    open_from(page, house, "waiting", "Nora Adeyemi")
    return page


def box(page: Page, kind: str) -> Locator:
    return page.locator(f"reply-box[data-kind={kind}]")


def words(page: Page, kind: str) -> Locator:
    return box(page, kind).get_by_role("textbox")


def write(page: Page, kind: str, text: str) -> None:
    ready(page).keyboard.press("n" if kind == "note" else "r")
    expect(words(page, kind)).to_be_focused()
    expect(box(page, kind).locator(".ProseMirror")).to_be_focused()
    page.keyboard.type(text)


def test_what_was_written_as_a_note_never_stands_in_the_reply(noras: Page, house: House) -> None:
    write(noras, "note", "She owes us for March.")
    noras.keyboard.press("Escape")
    write(noras, "reply", "Good morning Nora.")
    expect(words(noras, "note")).to_have_count(0)  # it is not there for the hand while the other one is
    expect(words(noras, "reply")).to_have_text("Good morning Nora.")
    expect(box(noras, "reply").get_by_text("Kept", exact=True)).to_be_visible()
    noras.reload()
    expect(box(noras, "reply").locator(".ProseMirror")).to_have_text("Good morning Nora.")
    noras.get_by_role("radio", name="Note").check()
    expect(words(noras, "note")).to_have_text("She owes us for March.")
    noras.get_by_role("radio", name="Reply").check()
    noras.get_by_role("button", name="Send", exact=True).click()
    expect(noras.locator("undo-toast")).to_contain_text("Sent to Nora")
    noras.go_back()
    said = noras.locator("#talk .message")
    expect(said).to_have_count(2)
    expect(said.last).to_contain_text("Good morning Nora.")
    expect(noras.locator("#talk")).not_to_contain_text("She owes us")


def test_without_scripts_too(open_page, house: House) -> None:
    page = open_page(java_script_enabled=False)
    house.deliver(mail("The tablet asks for a code.", subject="The code"))
    sign_in(page, house)
    open_from(page, house, "waiting", "Nora Adeyemi")
    box(page, "reply").locator("textarea").fill("Good morning Nora.")
    page.get_by_role("radio", name="Note").check(force=True)
    expect(box(page, "reply")).to_be_hidden()
    expect(box(page, "note").locator("textarea")).to_have_value("")
    box(page, "note").locator("textarea").fill("She owes us for March.")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator(".message--note")).to_contain_text("She owes us for March.")
    expect(page.locator(".message--ours")).to_have_count(0)


def test_words_sent_while_signed_out_are_there_again(noras: Page, house: House) -> None:
    write(noras, "reply", "Good morning")
    expect(box(noras, "reply").get_by_text("Kept", exact=True)).to_be_visible()
    noras.context.clear_cookies(name="touchline_session")
    noras.keyboard.type(" Nora.")
    noras.keyboard.press("Control+Enter")
    noras.wait_for_url("**/sign-in/**")
    noras.get_by_label("Your address").fill(KAY.address)
    noras.get_by_label("Password", exact=True).fill(KAY.password)
    noras.get_by_role("button", name="Sign in").click()
    expect(box(noras, "reply").locator(".ProseMirror")).to_have_text("Good morning Nora.")


PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
CARRY = """(words, [kind, name, png, html]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(atob(png), (c) => c.charCodeAt(0))], name, { type: "image/png" }));
  if (html) { data.setData("text/html", html); data.setData("text/plain", "Bread 3"); }
  const { left, top } = words.getBoundingClientRect();
  const how = { bubbles: true, cancelable: true };
  words.dispatchEvent(kind === "paste" ? new ClipboardEvent("paste", { ...how, clipboardData: data })
    : new DragEvent("drop", { ...how, dataTransfer: data, clientX: left + 17, clientY: top + 17 }));
}"""


def carry(page: Page, how: str, name: str, html: str = "") -> None:
    words(page, "reply").evaluate(CARRY, [how, name, PNG, html])


def are_there(pictures: Locator) -> None:
    """Each of them has come, and is the picture of one point that was carried in."""
    for each in pictures.all():
        expect(each).to_have_js_property("naturalWidth", 1)


def test_pictures_stand_in_the_words_and_leave_in_them(noras: Page, house: House, sink: SmtpSink) -> None:
    house.sends_through(sink.port)
    pictures = box(noras, "reply").locator(".ProseMirror img[src]")
    write(noras, "reply", "Press here: ")
    carry(noras, "paste", "here.png")
    expect(pictures).to_have_count(1)
    noras.keyboard.type(" and then wait.")
    carry(noras, "drop", "first.png")
    expect(pictures).to_have_count(2)
    assert pictures.evaluate_all("all => all.map((each) => each.alt)") == ["first.png", "here.png"]
    are_there(pictures)
    carry(noras, "paste", "wrong.png")
    expect(pictures).to_have_count(3)
    noras.keyboard.press("Backspace")
    expect(pictures).to_have_count(2)
    expect(box(noras, "reply").get_by_text("Kept", exact=True)).to_be_visible()
    noras.reload()
    expect(pictures).to_have_count(2)
    noras.keyboard.press("r")
    noras.keyboard.press("Control+Enter")
    expect(noras.locator("undo-toast")).to_contain_text("Sent to Nora")
    noras.go_back()
    shown = noras.locator(".message--ours img")
    expect(shown).to_have_count(2)
    are_there(shown)
    expect(noras.locator(".message--ours .attachment")).to_have_count(0)

    (reply,) = sink.wait_for(1, seconds=40)
    mail = message_from_bytes(reply.raw, policy=default)
    (related,) = (part for part in mail.walk() if part.get_content_type() == "multipart/related")
    html, *inside = related.iter_parts()
    assert [part.get_filename() for part in inside] == ["here.png", "first.png"]
    assert all(part.get_content() == base64.b64decode(PNG) for part in inside)
    assert all(f'src="cid:{part["Content-ID"][1:-1]}"' in html.get_content() for part in inside)


def test_words_that_bring_a_picture_of_themselves_are_words(noras: Page) -> None:
    write(noras, "reply", "Prices: ")
    carry(noras, "paste", "image.png", html="<table><tr><td>Bread</td><td>3</td></tr></table>")
    expect(words(noras, "reply")).to_contain_text("Bread")
    expect(box(noras, "reply").locator("img, .attachment")).to_have_count(0)
