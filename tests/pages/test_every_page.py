"""Every page of the desk is looked at: in light and dark, wide and narrow, with axe and with the Tab key."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.house import House, mail
from tests.pages.flaws import MODES, Mode, flaws, of_focus
from tests.pages.steps import open_from, start_writing, told
from tests.pages.strict import Strict
from touchline.web.urls import urlpatterns

pytestmark = pytest.mark.browser

# Each address that a teammate can open, by its name in urls.py; a number in it is what the question answers in the demo's database.
PAGES = {
    "today": "/",
    "waiting": "/waiting/",
    "with_me": "/with-me/",
    "came_back": "/came-back/",
    "everything": "/everything/",
    "conversation": "/conversations/{select max(number) from desk_conversation}/",
    "merge": "/conversations/{select max(number) from desk_conversation}/merge/?into=1",
    "set_aside": "/set-aside/",
    "set_aside_one": "/set-aside/{select max(id) from desk_inboundemail where trouble <> ''}/",
    "spam": "/spam/",
    "later": "/later/",
    "not_sent": "/not-sent/",
    "in_the_way": "/in-the-way/",
    "webhooks": "/in-the-way/webhooks/",
    "people": "/people/",
    "person": "/people/{select person_id from desk_conversation group by person_id order by count(*) desc}/",
    "people_helped": "/people-helped/",
    "who": "/people-helped/who/?from=2020-01-01&to=2100-01-01",
    "blocker": "/blockers/{select blocker_id from desk_outcomeevent where kind = 'returned'}/",
    "settings": "/settings/",
    "me": "/settings/me/",
    "my_signatures": "/settings/me/signatures/",
    "letter": "/settings/me/letter/",
    "desk": "/settings/desk/",
    "mailboxes": "/settings/mailboxes/",
    "add_mailbox": "/settings/mailboxes/add/",
    "mailbox": "/settings/mailboxes/{select min(id) from desk_mailbox}/",
    "doctor": "/settings/mailboxes/{select min(id) from desk_mailbox}/doctor/",
    "mailbox_sign_in": "/settings/mailboxes/{select min(id) from desk_mailbox}/sign-in/",
    "contact_form": "/settings/mailboxes/{select min(id) from desk_mailbox}/contact-form/",
    "webhook": "/settings/mailboxes/{select min(id) from desk_mailbox}/webhook/",
    "senders": "/settings/senders/",
    "teammates": "/settings/teammates/",
    "add_teammate": "/settings/teammates/add/",
    "deactivate_teammate": "/settings/teammates/{select id from desk_teammate where name = 'Sam'}/deactivate/",
    "check_ins": "/settings/check-ins/",
    "ledger": "/settings/ledger/",
    "product_rules": "/settings/what-they-do/",
}
# Conversations of every kind, by what is true of them.
CONVERSATIONS = {
    "that waits": "closed_at is null and waiting_since is not null and came_back_at is null",
    "that came back": "came_back_at is not null",
    "to decide": "id in (select conversation_id from desk_message where outcome = 'asked')",
    "that is answered": "closed_at is null and waiting_since is null and imported_at is null",
    "that is closed": "closed_at is not null and imported_at is null",
    "that was imported": "imported_at is not null",
    "with a note": "id in (select conversation_id from desk_message where kind = 'note')",
    "with a picture": "id in (select conversation_id from desk_attachment)",
    "with a mail's own HTML": "id in (select conversation_id from desk_message where has_html and kind = 'theirs')",
    "with an answer of a machine": "id in (select conversation_id from desk_message where automatic <> '')",
    "with a reply that has not left": "id in (select conversation_id from desk_delivery where sent_at is null)",
    "with a warning": "id in (select conversation_id from desk_message where really_from like '%An answer would go%')",
    "with a stranger": "id in (select conversation_id from desk_participant where recipient_since is null)",
}
MAILBOX_FORM = "/settings/mailboxes/add/"
OPENED = "/conversations/{select number from desk_conversation where waiting_since is not null}/"
# What is shown to nobody: it does something, or gives a file or a part of a page.
NO_PAGES = {
    *(
        "present",
        "write",
        "draft",
        "upload",
        "address",
        "known",
        "forward",
        "leave_forward",
        "edit_again",
        "send_later",
        "take_back",
    ),
    *("take", "give", "moved", "nothing_to_answer", "open_again", "nothing_in_the_way", "told", "name_blocker", "means", "undo"),
    *("add_participant", "remove_participant", "call_spam"),
    *("as_it_came", "raw", "file", "asset", "theme", "sign_out", "banners"),
    *("set_aside_raw", "set_aside_again", "set_aside_dismiss", "not_sent_again", "not_sent_put_away"),
    *("spam_delete", "spam_bring_back", "not_spam", "block_sender", "say_sender", "remove_sender"),
    *(
        "check_mailbox",
        "silence_is_fine",
        "what_comes_in",
        "add_alias",
        "remove_alias",
        "mailbox_acknowledging",
        "mailbox_signature",
    ),
    *("mailbox_sign_in_go", "mailbox_come_back", "mailbox_forget_sign_in"),
    *("contact_embed", "hook", "hook_mime", "product_event"),
    *(
        "ledger_download",
        "blocker_about",
        "works_again",
        "say_rule",
        "put_away_rule",
        "make_token",
        "revoke_token",
        "put_away_milestone",
        "check_in_planned",
        "is_it_back",
        "only_theirs",
        "describe_shared",
        "put_shared_away",
        "look_at_writing",
        "test_writing",
        "start_writing",
        "stop_writing",
        "leave_out_of_writing",
        "add_webhook",
        "put_webhook_away",
        "call_webhook_again",
        "ask_person",
    ),
}
SIGNED_OUT = {"sign_in": "/sign-in/", "forgot": "/forgot/", "set_up": "/set-up/"}
# By a link that stands elsewhere, or of what the demo has none: other tests know of these.
PASSED_ON = {
    "new_password",
    "contact",
    "contact_sent",
    "check_in",
    "check_ins_rule",
    "mailbox_folders",
    "others",
    "shared",
    "write_to_all",
    "writing",
}


def test_no_address_is_left_out() -> None:
    assert {each.name for each in urlpatterns} == {*PAGES, *SIGNED_OUT, *PASSED_ON, *NO_PAGES}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demo, with some old mail brought in, a mail that someone else answers, and one thing that went wrong."""
    folder = tmp_path_factory.mktemp("demo")
    house = House(folder / "data").start("--demo")
    old = mail("Is the shop open on Sundays?", subject="Sundays", sender="Ilse Brandt <ilse@garden.example>")
    (folder / "old.mbox").write_bytes(b"From ilse@garden.example Mon Mar  4 10:00:00 2019\n" + old)
    (folder / "team").write_text("support@touchline.example\n")
    house.command(
        "import", "mbox", str(folder / "old.mbox"), "--mailbox", "support@touchline.example", "--team", str(folder / "team")
    )
    ours = ask(house, "select message_id from desk_message where kind = 'ours' order by id desc")
    house.deliver(mail("I am the neighbour.", subject="Re: Hello", sender="Femi Ade <femi@next.example>", answers=f"<{ours}>"))
    house.deliver(mail("Where is my parcel?", subject="My parcel"))
    for number in range(2):
        spam = mail("Call us.", subject=f"You won {number}", sender="Lottery <win@lottery.example>")
        house.deliver(b"X-Spam-Flag: YES\n" + spam, sender="win@lottery.example")
    odd = mail("Please pay this today.", subject="New bank account", sender="The bank <bank@thief.example>")
    house.deliver(b"Reply-To: cash@elsewhere.example\n" + odd, sender="bank@thief.example")
    yield house
    house.stop()


@pytest.fixture(scope="module")
def kays(browser: Browser, demo: House) -> Iterator[Strict]:
    """Kay's browser, who has just written a reply that cannot leave: the demo mails nobody."""
    strict = Strict(browser)
    page = strict.page
    page.goto(f"{demo.url}/sign-in/")
    page.get_by_role("button", name="Look around as Kay").click()
    page.wait_for_url(f"{demo.url}/")
    open_from(page, demo, "waiting", "My parcel")
    start_writing(page)
    page.keyboard.type("It is with your neighbour.")
    page.get_by_role("button", name="Send", exact=True).click()
    told(page, "Sent to Nora")
    yield strict
    strict.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_flaw(name: str, kays: Strict, demo: House) -> None:
    look_at(kays, demo, PAGES[name])


@pytest.mark.parametrize("kind", CONVERSATIONS)
def test_a_conversation_has_no_flaw(kind: str, kays: Strict, demo: House) -> None:
    look_at(kays, demo, "/conversations/{select max(number) from desk_conversation where " + CONVERSATIONS[kind] + "}/")


@pytest.mark.parametrize("name", SIGNED_OUT)
def test_a_page_for_whoever_comes_in_has_no_flaw(name: str, browser: Browser, demo: House) -> None:
    with Strict(browser) as stranger:
        look_at(stranger, demo, SIGNED_OUT[name])


def add_support_again(page: Page) -> None:
    page.get_by_label("The address").fill("support@touchline.example")
    page.keyboard.press("Enter")


# What opens over a page or changes it: on which page, how wide a window, what the hand does, and what is there then.
OPENS: dict[str, tuple[str, Mode, Callable[[Page], object], str]] = {
    "the places of a phone": ("/", Mode(390, 844), lambda page: page.get_by_role("button", name="Places").click(), "#places"),
    "the person": (OPENED, Mode(1200, 800), lambda page: page.locator(".conversation__who").click(), "#person"),
    "whom to give it to": (OPENED, Mode(1440, 900), lambda page: page.keyboard.press("a"), ".menu[open]"),
    "more to do": (OPENED, Mode(390, 844), lambda page: page.locator("summary", has_text="More").click(), ".menu[open]"),
    "what is in the way": (OPENED, Mode(320, 640), lambda page: page.locator("summary", has_text="Edit").click(), ".menu[open]"),
    "the keys": (OPENED, Mode(1440, 900), lambda page: page.keyboard.press("?"), "dialog"),
    "the keys in the dark": (OPENED, Mode(1440, 900, "dark"), lambda page: page.keyboard.press("?"), "dialog"),
    "a reply": (OPENED, Mode(390, 844), lambda page: start_writing(page), ".ProseMirror:focus"),
    "a reply in the dark": (OPENED, Mode(1440, 900, "dark"), lambda page: start_writing(page), ".ProseMirror:focus"),
    "a note": (OPENED, Mode(320, 640), lambda page: start_writing(page, "n"), ".ProseMirror:focus"),
    "a mistake": (MAILBOX_FORM, Mode(390, 844), add_support_again, ":focus[aria-invalid]"),
}


@pytest.mark.parametrize("what", OPENS)
def test_what_opens_has_no_flaw(what: str, kays: Strict, demo: House) -> None:
    address, mode, opens, then = OPENS[what]
    mode.put_on(kays.page)
    kays.page.goto(demo.url + filled_in(demo, address))
    opens(kays.page)
    expect(kays.page.locator(then)).to_be_visible()
    found = flaws(kays.page) + kays.take_troubles()
    assert not found, "\n".join(found)


def test_a_page_that_is_not_there_has_no_flaw(kays: Strict, demo: House) -> None:
    look_at(kays, demo, "/nothing/here/", status=404)


def test_the_page_for_a_new_password_has_no_flaw(browser: Browser, kays: Strict, demo: House) -> None:
    kays.page.goto(f"{demo.url}/settings/teammates/")
    kays.page.get_by_role("button", name="Make a link for a password").click()
    link = urlsplit(kays.page.get_by_label("The link for Sam").input_value())
    assert not flaws(kays.page)
    with Strict(browser) as sams:
        sams.page.goto(demo.url + link.path)
        look_at(sams, demo, urlsplit(sams.page.url).path)


def test_the_very_first_page_has_no_flaw(browser: Browser, new_house: House) -> None:
    with Strict(browser) as first:
        look_at(first, new_house, "/set-up/")


def look_at(strict: Strict, house: House, address: str, *, status: int = 200) -> None:
    """In every mode, loaded anew: no flaw, the focus always seen, and nothing went wrong behind it."""
    url = house.url + filled_in(house, address)
    found: list[str] = []
    for mode in MODES:
        mode.put_on(strict.page)
        answer = strict.page.goto(url)
        assert answer and answer.status == status and strict.page.url == url
        walked = of_focus(strict.page) if mode.scheme == "light" else []  # the ring's colour has a test of its own
        found += [f"at {mode}: {flaw}" for flaw in [*flaws(strict.page), *walked]]
    found += strict.take_troubles()
    assert not found, "\n".join(found)


def filled_in(house: House, address: str) -> str:
    """The address with what its question answers in it."""
    before, asks, rest = address.partition("{")
    question, _, after = rest.partition("}")
    return f"{before}{ask(house, question)}{after}" if asks else address


def ask(house: House, question: str) -> object:
    """The first thing that the database of the house answers."""
    with closing(sqlite3.connect(f"file:{house.data / 'touchline.sqlite3'}?mode=ro", uri=True)) as database:
        (answer,) = database.execute(question).fetchone() or (None,)
    assert answer is not None, f"there is none in the demo: {question}"
    return answer
