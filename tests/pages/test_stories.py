"""Stories of a day at the desk, each with real mail: what Kay and Sam do, and what reaches Nora."""

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.house import KAY, SAM, House, mail
from tests.pages.conftest import OpenPage
from tests.pages.flaws import flaws
from tests.pages.steps import come_upon, open_from, plain, read, ready, sign_in, start_writing, told
from tests.servers import SmtpSink

pytestmark = pytest.mark.browser

TIME_TO_TAKE_BACK = 10  # seconds


def words(page: Page) -> Locator:
    return page.locator("reply-box[data-kind=reply]").get_by_role("textbox")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the hand is at what has this name."""
    for _ in range(30):
        if page.evaluate("document.activeElement.name") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {name}")


def test_kay_helps_with_the_keyboard_alone(page: Page, house: House, sink: SmtpSink) -> None:
    house.sends_through(sink.port)
    house.deliver(mail("It was due on Monday.", subject="The invoice", sender="Ilse Brandt <ilse@garden.example>"))
    house.deliver(mail("It keeps asking for a code.", subject="I can’t sign in"))
    page.goto(f"{house.url}/waiting/")
    tab_to(page, "login")
    page.keyboard.type(KAY.address)
    tab_to(page, "password")
    page.keyboard.type(KAY.password)
    page.keyboard.press("Enter")
    rows = page.locator(".row")
    expect(rows.first).to_be_visible()
    come_upon(page, f"{house.url}/waiting/", rows.nth(1))
    ready(page).keyboard.press("j")
    expect(page.locator(":focus")).to_contain_text("Ilse Brandt")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator(":focus")).to_contain_text("Ilse Brandt")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("The invoice")

    start_writing(page)
    page.keyboard.type("It is on its way")
    page.keyboard.press("Control+Enter")
    told(page, "Sent to Ilse Brandt")
    expect(page.get_by_role("heading", level=1)).to_have_text("I can’t sign in")  # on to whoever waits next
    assert flaws(page) == []
    page.keyboard.press("z")
    expect(page.get_by_role("heading", level=1)).to_have_text("The invoice")
    expect(words(page)).to_have_text("It is on its way")
    start_writing(page)
    page.keyboard.type(" to you.")
    page.keyboard.press("Control+Enter")
    told(page, "Sent to Ilse Brandt")
    (only,) = sink.wait_for(1, seconds=TIME_TO_TAKE_BACK + 20)
    assert only.recipients == ("ilse@garden.example",)
    assert "It is on its way to you." in plain(only)


def test_nobody_answers_over_a_colleagues_head(open_page: OpenPage, house: House, sink: SmtpSink) -> None:
    house.sends_through(sink.port)
    house.deliver(mail("It keeps asking for a code.", subject="I can’t sign in"))
    kays, sams = open_page(), open_page()
    sign_in(kays, house)
    sign_in(sams, house, SAM)
    open_from(kays, house, "waiting", "Nora Adeyemi")
    open_from(sams, house, "waiting", "Nora Adeyemi")
    start_writing(sams)
    sams.keyboard.type("Please wait")
    sams.context.set_offline(True)  # so that he does not hear of it while he writes
    sams.keyboard.type(" until noon.")
    start_writing(kays)
    kays.keyboard.type("A new code is on its way.")
    kays.keyboard.press("Control+Enter")
    told(kays, "Sent to Nora")

    sams.context.set_offline(False)
    sams.keyboard.press("Control+Enter")
    held = sams.locator("#meanwhile")
    expect(held).to_contain_text("nothing was sent")
    expect(held).to_contain_text("A new code is on its way.")
    expect(held).to_be_focused()
    expect(words(sams)).to_have_text("Please wait until noon.")
    above, below = held.bounding_box(), words(sams).bounding_box()
    assert above and below and above["y"] + above["height"] <= below["y"]
    assert flaws(sams) == []
    sams.keyboard.press("r")
    sams.keyboard.press("Control+Enter")
    told(sams, "Sent to Nora")
    mails = sink.wait_for(2, seconds=TIME_TO_TAKE_BACK + 20)
    assert sorted(plain(each).splitlines()[0] for each in mails) == ["A new code is on its way.", "Please wait until noon."]


def test_you_see_who_is_writing_before_you_start(open_page: OpenPage, house: House) -> None:
    house.deliver(mail("It keeps asking for a code.", subject="I can’t sign in"))
    kays, sams = open_page(), open_page()
    sign_in(kays, house)
    sign_in(sams, house, SAM)
    open_from(sams, house, "waiting", "Nora Adeyemi")
    open_from(kays, house, "waiting", "Nora Adeyemi")
    expect(sams.get_by_text("Kay is reading")).to_be_visible()
    start_writing(kays)
    kays.keyboard.type("A new")
    expect(sams.get_by_text("Kay is writing")).to_be_visible()


def test_a_draft_survives_a_closed_browser(open_page: OpenPage, house: House) -> None:
    house.deliver(mail("It keeps asking for a code.", subject="I can’t sign in"))
    first = open_page()
    sign_in(first, house)
    open_from(first, house, "waiting", "Nora Adeyemi")
    start_writing(first)
    first.keyboard.type("Your **codes** go")
    expect(first.get_by_text("Kept", exact=True)).to_be_visible()
    first.keyboard.type(" to an old phone")
    first.close(run_before_unload=True)  # at once, before it could be kept by itself

    second = open_page()
    sign_in(second, house)
    open_from(second, house, "waiting", "Nora Adeyemi")
    expect(words(second)).to_have_text("Your codes go to an old phone")
    expect(words(second).locator("strong")).to_have_text("codes")


def test_a_note_is_for_the_team_and_leaves_with_no_mail(page: Page, house: House, sink: SmtpSink) -> None:
    house.sends_through(sink.port)
    house.deliver(mail("It keeps asking for a code.", subject="I can’t sign in"))
    sign_in(page, house)
    open_from(page, house, "waiting", "Nora Adeyemi")
    start_writing(page, "n")
    page.keyboard.type("She changed her number in May.")
    page.keyboard.press("Control+Enter")
    note = page.locator(".message--note")
    expect(note).to_contain_text("She changed her number in May.")
    expect(note).to_contain_text("only the team sees this")
    expect(page.locator("#about")).to_contain_text("Waiting")  # Nora still has no answer
    assert flaws(page) == []
    start_writing(page)
    page.keyboard.type("A new code is on its way.")
    page.keyboard.press("Control+Enter")
    told(page, "Sent to Nora")
    (only,) = sink.wait_for(1, seconds=TIME_TO_TAKE_BACK + 20)
    assert "A new code is on its way." in plain(only)
    assert all("changed her number" not in part.as_string() for part in read(only).walk())


def test_a_file_goes_out_with_the_mail(page: Page, house: House, sink: SmtpSink) -> None:
    house.sends_through(sink.port)
    house.deliver(mail("What does it cost?", subject="The prices"))
    sign_in(page, house)
    open_from(page, house, "waiting", "Nora Adeyemi")
    start_writing(page)
    page.keyboard.type("Here they are.")
    prices: FilePayload = {"name": "Preise für März.csv", "mimeType": "text/csv", "buffer": b"Brot;3\r\n"}
    page.locator("reply-box[data-kind=reply] [type=file]").set_input_files(prices)
    expect(page.get_by_label("Files to send")).to_contain_text("Preise für März.csv")
    assert flaws(page) == []
    page.get_by_role("button", name="Send", exact=True).click()
    told(page, "Sent to Nora")
    (only,) = sink.wait_for(1, seconds=TIME_TO_TAKE_BACK + 20)
    (file,) = read(only).iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("Preise für März.csv", "text/csv")
    assert file.get_payload(decode=True) == b"Brot;3\r\n"

    page.goto(f"{house.url}/everything/")
    page.locator(".row").get_by_role("link").click()
    with page.expect_download() as coming:
        page.get_by_role("link", name="Preise für März.csv").click()
    assert coming.value.suggested_filename == "Preise für März.csv"
    assert coming.value.path().read_bytes() == b"Brot;3\r\n"


def test_what_could_not_be_sent_says_why_and_can_be_tried_again(page: Page, house: House, sink: SmtpSink) -> None:
    house.sends_through(sink.port)
    sink.script["RCPT"] = "550 5.1.1 There is no Nora here"
    house.deliver(mail("It keeps asking for a code.", subject="I can’t sign in"))
    sign_in(page, house)
    open_from(page, house, "waiting", "Nora Adeyemi")
    start_writing(page)
    page.keyboard.type("A new code is on its way.")
    page.keyboard.press("Control+Enter")
    told(page, "Sent to Nora")
    page.goto(f"{house.url}/everything/")
    page.locator(".row").get_by_role("link").click()
    reply = page.locator(".message--ours")
    expect(reply).to_contain_text("There is no Nora here", timeout=(TIME_TO_TAKE_BACK + 20) * 1000)
    expect(reply.get_by_role("button", name="Try again")).to_be_visible()
    page.reload()
    expect(page.get_by_role("complementary")).to_contain_text("cannot be reached")
    assert flaws(page) == []

    page.goto(f"{house.url}/not-sent/")
    expect(page.locator("main")).to_contain_text("There is no Nora here")
    assert flaws(page) == []
    sink.script.clear()
    page.get_by_role("button", name="Try again").click()
    (only,) = sink.wait_for(1)
    assert "A new code is on its way." in plain(only)
    open_from(page, house, "everything", "Nora Adeyemi")
    expect(page.locator(".message--ours")).to_contain_text("Sent")
    expect(page.get_by_role("complementary")).not_to_contain_text("cannot be reached")
    page.goto(f"{house.url}/not-sent/")
    expect(page.locator("main")).to_contain_text("Everything has gone out.")


def test_a_mail_that_a_person_wrote_after_all_becomes_a_conversation(page: Page, house: House) -> None:
    letter = b"List-Id: <weekly.honey.example>\nPrecedence: bulk\n" + mail("Do you buy honey?", subject="Our honey")
    house.deliver(letter)
    sign_in(page, house)
    aside = page.get_by_role("link", name="Our honey")
    come_upon(page, f"{house.url}/set-aside/", aside)
    aside.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Our honey")
    page.get_by_role("button", name="A person wrote this").click()
    told(page, "It is in its conversation now.")
    expect(page.locator("#talk")).to_contain_text("Do you buy honey?")
    page.goto(f"{house.url}/waiting/")
    expect(page.locator(".row")).to_contain_text("Nora Adeyemi")


def test_it_works_can_be_undone(page: Page, house: House, sink: SmtpSink) -> None:
    house.sends_through(sink.port)
    house.deliver(mail("It keeps asking for a code.", subject="I can’t sign in"))
    sign_in(page, house)
    open_from(page, house, "waiting", "Nora Adeyemi")
    start_writing(page)
    page.keyboard.type("A new code is on its way.")
    page.keyboard.press("Control+Shift+Enter")
    told(page, "Sent to Nora")
    (reply,) = sink.wait_for(1, seconds=TIME_TO_TAKE_BACK + 20)
    house.deliver(mail("Hm, thanks", subject="Re: I can’t sign in", answers=read(reply)["Message-ID"]))
    open_from(page, house, "waiting", "Nora Adeyemi")
    strip = page.locator("#strip")
    expect(strip.get_by_role("button", name="It works")).to_be_visible()
    page.keyboard.press("1")
    told(page, "works")
    expect(strip).to_contain_text("They said that it works.")
    page.keyboard.press("z")
    told(page, "Undone.")
    expect(strip.get_by_role("button", name="It works")).to_be_visible()
    page.keyboard.press("2")
    expect(strip).to_contain_text("Back in the way")
    page.goto(f"{house.url}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nobody has been helped yet today.")
    expect(page.locator("main")).to_contain_text("came back")


def test_everything_works_without_scripts(open_page: OpenPage, house: House, sink: SmtpSink) -> None:
    house.sends_through(sink.port)
    house.deliver(mail("It keeps asking for a code.", subject="I can’t sign in"))
    page = open_page(java_script_enabled=False)
    sign_in(page, house)
    open_from(page, house, "waiting", "Nora Adeyemi")
    page.get_by_role("button", name="I’ll take this").click()
    expect(page.locator("#about")).to_contain_text("With you")
    words(page).fill("A new code is on its way.\n\nKay")
    page.locator("reply-box[data-kind=reply] [type=file]").set_input_files(
        {"name": "how.txt", "mimeType": "text/plain", "buffer": b"Ask twice."}
    )
    page.get_by_role("button", name="Send", exact=True).click()
    told(page, "Sent to Nora")
    (only,) = sink.wait_for(1, seconds=TIME_TO_TAKE_BACK + 20)
    assert plain(only).startswith("A new code is on its way.\n\nKay")
    assert [file.get_filename() for file in read(only).iter_attachments()] == ["how.txt"]
    open_from(page, house, "everything", "Nora Adeyemi")
    page.get_by_role("button", name="It’s moved").click()
    expect(page.locator("#strip")).to_contain_text("Moved")
    page.get_by_role("button", name="Undo", exact=True).first.click()
    expect(page.get_by_role("button", name="It’s moved")).to_be_visible()
