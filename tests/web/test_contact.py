"""The contact form: whoever writes by it is heard, or told kindly why not, with their words still there."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import AT, NORA, SUPPORT, says, sent
from touchline.core.mail.email import Correspondent
from touchline.core.mail.form_mail import Written
from touchline.core.mail.understand import understand
from touchline.desk import files
from touchline.desk.models import ContactForm, Conversation, FormPost, InboundEmail, Mailbox, Message, Person, Teammate
from touchline.web.contact import token_of

pytestmark = pytest.mark.django_db

WORDS = "The till prints every receipt twice.\n\nWe open at ten."


@pytest.fixture
def form(support: Mailbox) -> ContactForm:
    takes = ContactForm.of(support)
    takes.open(AT)
    return takes


@pytest.fixture
def stranger() -> Client:
    """A browser without any cookie, which checks forged requests as strictly as a real server does."""
    return Client(enforce_csrf_checks=True)


def told(form: ContactForm, *, open_for: timedelta = timedelta(minutes=1), **more: Any) -> dict[str, Any]:
    opened = datetime.now(UTC) - open_for
    return {"address": "ilse@garden.example", "words": WORDS, "token": token_of(form, opened)} | more


def page_of(form: ContactForm) -> str:
    return f"/contact/{form.key}/"


def post(browser: Client, form: ContactForm, **more: Any) -> Any:
    return browser.post(page_of(form), told(form, **more), REMOTE_ADDR="192.0.2.7")


def filed() -> Message:
    inbound = InboundEmail.objects.get()
    message = inbound.file(inbound.received_at)
    assert message
    return message


def test_what_ilse_writes_is_kept_and_becomes_a_conversation(stranger: Client, form: ContactForm):
    answer = post(stranger, form, name="Ilse Brandt", subject="Receipts")
    assert answer.status_code == 302
    inbound = InboundEmail.objects.get()
    assert inbound.via == "form"
    email = understand(files.read(inbound.digest))
    assert (email.sender.name, email.sender.address, email.subject) == ("Ilse Brandt", "ilse@garden.example", "Receipts")
    assert email.to[0].address == SUPPORT
    assert email.text.strip() == WORDS
    message = filed()
    assert message.text.strip() == WORDS
    assert message.conversation.person.called == "Ilse Brandt"
    assert message.conversation.is_waiting
    assert message.conversation.blocker


def test_kay_sees_that_it_came_by_the_form_and_that_its_address_is_not_checked(
    stranger: Client, form: ContactForm, as_kay: Client, nora_cannot_sign_in: Conversation
):
    post(stranger, form)
    inbound = InboundEmail.objects.filter(via="form").get()
    message = inbound.file(inbound.received_at)
    assert message
    said = "Nobody has checked that this address is theirs."
    assert said in as_kay.get(f"/conversations/{message.conversation.number}/?in=waiting").content.decode()
    assert said not in as_kay.get(f"/conversations/{nora_cannot_sign_in.number}/?in=waiting").content.decode()


def test_she_is_thanked_and_sees_her_words_again(stranger: Client, form: ContactForm):
    page = stranger.get(post(stranger, form)["Location"]).content.decode()
    assert "Thank you" in page
    assert "prints every receipt twice" in page
    assert "ilse@garden.example" in page


def test_only_an_address_and_words_are_asked_for(stranger: Client, form: ContactForm):
    answer = stranger.post(page_of(form), {"token": told(form)["token"], "name": "Ilse"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="field-address-error"' in page
    assert 'id="field-words-error"' in page
    assert 'id="field-subject-error"' not in page
    assert not InboundEmail.objects.exists()


def test_without_a_subject_the_first_words_stand_for_it(stranger: Client, form: ContactForm):
    post(stranger, form)
    assert filed().subject == "The till prints every receipt twice."


def test_no_page_of_it_sets_a_cookie(stranger: Client, form: ContactForm):
    for answer in (stranger.get(page_of(form)), post(stranger, form), post(stranger, form, words="")):
        assert not answer.cookies
    assert not stranger.get(f"/contact/{form.key}/embed.js").cookies


def test_what_is_refused_keeps_its_words(stranger: Client, form: ContactForm):
    answer = post(stranger, form, address="ilse at the garden", subject="Receipts", name="Ilse")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "We couldn’t read this address" in page
    for words in ("The till prints every receipt twice.", 'value="Receipts"', 'value="Ilse"', 'value="ilse at the garden"'):
        assert words in page


def test_sending_twice_is_once(stranger: Client, form: ContactForm):
    form_told = told(form)
    first = stranger.post(page_of(form), form_told)
    again = stranger.post(page_of(form), form_told)
    assert first["Location"] == again["Location"]
    post(stranger, form)  # a page that was opened anew, after an answer that never came
    assert InboundEmail.objects.count() == 1
    post(stranger, form, words="And now the drawer is stuck, too.")
    assert InboundEmail.objects.count() == 2


def test_the_same_words_a_day_later_are_said_again(form: ContactForm, support: Mailbox):
    written = Written(Correspondent("", "ilse@garden.example"), WORDS)
    first = form.take(written, at=AT, network="192.0.2.7")
    assert form.take(written, at=AT + timedelta(minutes=59), network="192.0.2.7") == first
    assert form.take(written, at=AT + timedelta(hours=2), network="192.0.2.7") != first


def test_a_stranger_who_types_noras_address_is_not_let_into_her_conversation(
    stranger: Client, form: ContactForm, nora_cannot_sign_in: Conversation, kay: Teammate
):
    number = nora_cannot_sign_in.number
    InboundEmail.objects.update(dismissed_at=AT)
    for subject in ("I can’t sign in", f"Re: [TL-{number}] I can’t sign in"):
        post(stranger, form, address=NORA.address, subject=subject, words="Please tell me all again.")
        inbound = InboundEmail.objects.filter(via="form", filed_at=None).get()
        message = inbound.file(inbound.received_at)
        assert message
        assert message.conversation != nora_cannot_sign_in
    assert nora_cannot_sign_in.messages.count() == 1


def test_a_mail_from_outside_that_names_the_form_is_a_mail(
    support: Mailbox, form: ContactForm, nora_cannot_sign_in: Conversation
):
    forged = NORA.writes("I can’t sign in", "It is still so.", headers={"X-Touchline-Form": form.key})
    message = says(support, forged, at=AT + timedelta(hours=1))
    assert message.conversation == nora_cannot_sign_in, "by its subject, like any other mail of hers"


def test_what_she_answers_by_mail_comes_to_the_same_conversation(
    stranger: Client, form: ContactForm, can_send: Mailbox, post: Any, kay: Teammate, at: datetime
):
    stranger.post(page_of(form), told(form))
    message = filed()
    reply = sent(message.conversation, "Turn off the copy in its settings.", by=kay, at=datetime.now(UTC))
    back = says(can_send, mail_back(reply), at=datetime.now(UTC) + timedelta(hours=1))
    assert back.conversation == message.conversation


def mail_back(reply: Message) -> bytes:
    from tests.cast import ILSE

    return ILSE.writes("Re: receipts", "That was it.", answers=reply)


def test_our_own_address_is_not_taken_for_theirs(stranger: Client, form: ContactForm):
    answer = post(stranger, form, address=SUPPORT.upper())
    assert answer.status_code == 422
    assert "This is our own address" in answer.content.decode()


@pytest.mark.parametrize("open_for", [timedelta(seconds=0), timedelta(days=2)])
def test_a_form_that_is_sent_at_once_or_much_later_asks_for_one_more_press(
    stranger: Client, form: ContactForm, open_for: timedelta
):
    answer = post(stranger, form, open_for=open_for)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "press Send once more" in page
    assert "The till prints every receipt twice." in page
    assert not InboundEmail.objects.exists()
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token


def test_a_token_is_good_for_the_form_it_was_given_for(stranger: Client, form: ContactForm):
    other = ContactForm.of(Mailbox.open(address="sales@touchline.example", name="Sales", at=AT))
    other.open(AT)
    for token in ("", "1", told(other)["token"], told(form)["token"] + "x"):
        assert post(stranger, form, token=token).status_code == 422
    assert not InboundEmail.objects.exists()


def test_what_the_trap_catches_is_kept_with_the_reason_and_looks_sent(stranger: Client, form: ContactForm, as_kay: Client):
    answer = post(stranger, form, website="https://pills.example")
    assert "Thank you" in stranger.get(answer["Location"]).content.decode()
    inbound = InboundEmail.objects.get()
    assert inbound.file(inbound.received_at) is None
    assert "people do not see" in inbound.spam_because
    assert not Person.objects.exists()
    page = as_kay.get("/spam/").content.decode()
    assert "ilse@garden.example" in page
    assert "people do not see" in page
    assert as_kay.post(f"/spam/{inbound.pk}/not-spam/").status_code == 302, "nobody is lost by a trap"
    inbound.refresh_from_db()
    assert inbound.message and inbound.message.text.strip() == WORDS


@pytest.mark.parametrize(
    ("words", "spam"),
    [
        ("https://a.example https://b.example", True),
        ("https://a.example", False),
        ("https://a.example/broken and https://b.example", False),
        ("[url=https://a.example]https://a.example[/url]", True),
    ],
)
def test_words_that_are_only_links_are_set_among_the_spam(stranger: Client, form: ContactForm, words: str, spam: bool):
    post(stranger, form, words=words)
    inbound = InboundEmail.objects.get()
    assert (inbound.file(inbound.received_at) is None) == spam
    assert bool(inbound.spam_because) == spam


@pytest.mark.parametrize("who", ["network", "writer", "form"])
def test_a_flood_is_refused_kindly(stranger: Client, form: ContactForm, who: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(ContactForm.MOST_LATELY, who, 2)
    for number in (1, 2):
        assert post(stranger, form, words=f"{WORDS} {number}").status_code == 302
    answer = post(stranger, form, words=f"{WORDS} 3")
    page = answer.content.decode()
    assert answer.status_code == 429
    assert "press Send again in" in page
    assert SUPPORT in page
    assert f"{WORDS} 3".splitlines()[0] in page
    assert post(stranger, form, words=f"{WORDS} 2").status_code == 302, "the same again is no more of it"
    assert InboundEmail.objects.count() == 2


def test_another_network_and_another_address_are_not_held_back(
    stranger: Client, form: ContactForm, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(ContactForm.MOST_LATELY, "network", 1)
    monkeypatch.setitem(ContactForm.MOST_LATELY, "writer", 1)
    assert post(stranger, form).status_code == 302
    other = told(form, address="nora@bakery.example")
    assert stranger.post(page_of(form), other, REMOTE_ADDR="2001:db8::1").status_code == 302
    other = told(form, address="tomas@harbour.example")
    assert stranger.post(page_of(form), other, REMOTE_ADDR="2001:db8::2").status_code == 429, "the same household"
    assert stranger.post(page_of(form), other, REMOTE_ADDR="2001:db8:0:1::2").status_code == 302


def test_behind_a_proxy_that_we_were_not_told_of_nobody_pays_for_the_others(
    stranger: Client, form: ContactForm, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(ContactForm.MOST_LATELY, "network", 1)
    for writer in ("ilse@garden.example", "nora@bakery.example"):
        assert stranger.post(page_of(form), told(form, address=writer), REMOTE_ADDR="127.0.0.1").status_code == 302


def test_whose_words_they_were_stands_nowhere_beside_the_mail(stranger: Client, form: ContactForm):
    post(stranger, form)
    (remembered,) = FormPost.objects.values()
    assert not any(told in str(remembered) for told in ("ilse", "192.0.2.7", "receipt"))
    later = AT + timedelta(days=3650)
    FormPost.objects.update(at=AT)
    form.take(Written(Correspondent("", "nora@bakery.example"), WORDS), at=later, network="")
    assert FormPost.objects.get().at == later


def test_a_full_disk_loses_nothing(stranger: Client, form: ContactForm, monkeypatch: pytest.MonkeyPatch):
    def full(data: bytes) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full_disk:
        full_disk.setattr(files, "keep", full)
        answer = post(stranger, form)
    assert answer.status_code == 503
    assert "The till prints every receipt twice." in answer.content.decode()
    assert not InboundEmail.objects.exists()
    assert post(stranger, form).status_code == 302, "nothing of the first try is in its way"


def test_files_come_along(stranger: Client, form: ContactForm):
    picture = SimpleUploadedFile("Kassenbon übel.png", b"\x89PNG\r\n\x1a\n rest", content_type="image/png")
    post(stranger, form, files=[picture])
    (attachment,) = filed().attachments.all()
    assert attachment.name == "Kassenbon übel.png"
    assert files.read(attachment.digest) == b"\x89PNG\r\n\x1a\n rest"


def test_too_many_and_too_large_files_are_refused_beside_the_field(
    stranger: Client, form: ContactForm, monkeypatch: pytest.MonkeyPatch
):
    many = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(11)]
    page = post(stranger, form, files=many).content.decode()
    assert "At most 10 files fit." in page
    assert 'id="field-files-error"' in page
    monkeypatch.setattr(ContactForm, "MOST_BYTES", 1_000_000)
    page = post(stranger, form, files=[SimpleUploadedFile("big.bin", b"x" * 1_000_001)]).content.decode()
    assert "more than 1 MB together" in page
    assert not InboundEmail.objects.exists()


def test_where_files_are_not_taken_none_come_in(stranger: Client, form: ContactForm):
    form.say(title="", words="", thanks="", takes_files=False, embed_on="")
    assert 'type="file"' not in stranger.get(page_of(form)).content.decode()
    post(stranger, form, files=[SimpleUploadedFile("a.txt", b"x")])
    assert not filed().attachments.exists()


def test_only_the_pages_that_were_named_may_frame_it_and_nothing_else_of_the_desk_is_framed(
    stranger: Client, form: ContactForm, as_kay: Client
):
    def ancestors(address: str, browser: Client) -> str:
        policy = browser.get(address)["Content-Security-Policy"]
        return re.search(r"frame-ancestors ([^;]*)", policy)[1]  # type: ignore[index]

    assert ancestors(page_of(form), stranger) == "'self'"
    form.say(title="", words="", thanks="", takes_files=True, embed_on="https://shop.example.org/help\nblog.example:8443")
    assert ancestors(page_of(form), stranger) == "'self' https://shop.example.org https://blog.example:8443"
    for address in ("/", "/waiting/", "/sign-in/", "/settings/", "/people/"):
        assert ancestors(address, as_kay) == "'none'"


def test_a_closed_form_says_where_else_to_write_and_an_unknown_one_is_not_found(
    stranger: Client, form: ContactForm, support: Mailbox
):
    form.close(AT)
    answer = post(stranger, form)
    assert answer.status_code == 410
    assert SUPPORT in answer.content.decode()
    assert stranger.get("/contact/nobody/").status_code == 404
    assert stranger.get("/contact/nobody/embed.js").status_code == 404
    never_opened = ContactForm.of(Mailbox.open(address="sales@touchline.example", name="Sales", at=AT))
    never_opened.save()
    assert stranger.get(page_of(never_opened)).status_code == 404


def test_what_was_written_is_shown_to_nobody_else_and_not_for_long(stranger: Client, form: ContactForm):
    address = post(stranger, form)["Location"]
    InboundEmail.objects.update(received_at=datetime.now(UTC) - timedelta(hours=2))
    assert "receipt twice" not in stranger.get(address).content.decode()
    guessed = f"/contact/{form.key}/sent/{InboundEmail.objects.get().pk}:abc/"
    assert "receipt twice" not in stranger.get(guessed).content.decode()


def test_it_says_truly_which_language_it_is_in(stranger: Client, form: ContactForm, settings: Any, tmp_path: Path):
    from touchline.web.contact import _languages

    (tmp_path / "ar").mkdir()
    settings.LOCALE_PATHS = [tmp_path]
    _languages.cache_clear()
    try:
        assert '<html lang="ar" dir="rtl">' in stranger.get(f"{page_of(form)}?lang=ar-EG").content.decode()
        assert '<html lang="ar" dir="rtl">' in stranger.get(page_of(form), headers={"accept-language": "ar"}).content.decode()
        for other in ("de", "xx", "../etc"):
            assert '<html lang="en" dir="ltr">' in stranger.get(page_of(form), {"lang": other}).content.decode()
    finally:
        _languages.cache_clear()


def test_hostile_words_are_only_words(stranger: Client, form: ContactForm):
    nasty = "<script>alert(1)</script>\r\nBcc: everyone@example.org\x00"
    page = stranger.get(
        post(stranger, form, name='Ilse\r\nBcc: x@y.example "<b>', subject="a\r\nX-Spam: no", words=nasty.replace("\x00", ""))[
            "Location"
        ]
    )
    assert "<script>alert" not in page.content.decode()
    raw = files.read(InboundEmail.objects.get().digest)
    head = raw.partition(b"\r\n\r\n")[0]
    assert b"\r\nBcc" not in head
    assert b"\r\nX-Spam" not in head


def test_kay_sets_the_form_up(as_kay: Client, as_sam: Client, support: Mailbox, stranger: Client):
    page = f"/settings/mailboxes/{support.pk}/contact-form/"
    assert as_sam.get(page).status_code == 404
    assert "It is closed." in as_kay.get(f"/settings/mailboxes/{support.pk}/").content.decode()
    words = {
        "title": "How can we help?",
        "words": "Monday to Friday.",
        "thanks": "Sam answers by noon.",
        "embed_on": "shop.example",
    }
    assert as_kay.post(page, words | {"open": "yes"}).status_code == 302
    form = ContactForm.of(support)
    assert form.is_open
    assert not form.takes_files
    assert form.embed_on == "https://shop.example"
    shown = stranger.get(page_of(form)).content.decode()
    assert "How can we help?" in shown
    assert "Monday to Friday." in shown
    assert "Sam answers by noon." in stranger.get(post(stranger, form)["Location"]).content.decode()
    assert f"{page_of(form)}embed.js" in as_kay.get(page).content.decode()
    answer = as_kay.post(page, words | {"embed_on": "javascript:alert(1)", "keep": "yes"})
    assert answer.status_code == 422
    assert "couldn’t read" in answer.content.decode()
    as_kay.post(page, words | {"close": "yes"})
    assert not ContactForm.of(support).is_open


def test_a_form_knows_who_wrote_before_without_letting_them_in(
    stranger: Client, form: ContactForm, nora_cannot_sign_in: Conversation
):
    post(stranger, form, address=NORA.address.upper())
    InboundEmail.objects.filter(via="form").get().file(datetime.now(UTC))
    assert Person.objects.count() == 1
