"""What a hostile browser asks for: nothing breaks, nothing leads away, and nobody who is not signed in sees or does a thing."""

import re
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, get_resolver

from tests.cast import Post, says
from touchline.desk import files
from touchline.desk.models import ContactForm, Conversation, InboundEmail, Mailbox, SenderRule, Teammate, Words

OPEN_TO_ALL = {"sign_in", "sign_out", "set_up", "forgot", "new_password", "asset"}
# For programs and for people without an account: a secret in the address or a token opens them, and no cookie of ours does.
BY_A_SECRET = {"hook", "hook_mime", "product_event", "contact", "contact_sent", "contact_embed", "check_in"}


def every_address() -> list[tuple[str, str]]:
    """Every line of urls.py: its name, and an address of its shape."""
    patterns = [each for each in get_resolver().url_patterns if isinstance(each, URLPattern)]
    return [(str(each.name), "/" + re.sub(r"<\w+:\w+>", "1", str(each.pattern))) for each in patterns]


@pytest.mark.parametrize(("name", "address"), every_address())
@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_without_signing_in_nothing_is_seen_or_done(
    name: str, address: str, method: str, client: Client, nora_cannot_sign_in: Conversation, kay: Teammate
) -> None:
    response = getattr(client, method)(address)
    if name in OPEN_TO_ALL:
        assert response.status_code < 500
    elif name in BY_A_SECRET:
        assert response.status_code in (401, 403, 404, 405)
        assert "Nora" not in response.content.decode()
    else:
        assert response.status_code in (302, 405)
        assert response.status_code == 405 or response.url.partition("?")[0] == "/sign-in/"
        assert "Nora" not in response.content.decode()


@pytest.mark.parametrize(("name", "address"), [each for each in every_address() if each[0] != "asset"])
def test_nothing_is_done_without_a_token_of_ours(name: str, address: str, kay: Teammate) -> None:
    """Signed in, from a page of somebody else's. Where a secret opens the address, Kay's cookie does not."""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(kay, backend="django.contrib.auth.backends.ModelBackend")
    status = strict.post(address, {"name": "Eve"}).status_code
    assert status in ((401, 403, 404) if name in BY_A_SECRET else (403,))


@pytest.mark.parametrize(
    "next",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "\t//evil.example",
        "today",
        "%",
        "99",
        "x/y",
    ],
)
def test_signing_in_leads_nowhere_but_into_the_desk(next: str, as_kay: Client) -> None:
    """Nor does it trip over what is no address at all."""
    response = as_kay.get("/sign-in/", {"next": next})
    assert (response.status_code, response.headers["Location"]) == (302, "/")


def test_what_never_waited_cannot_be_taken_back(
    nora_cannot_sign_in: Conversation, as_kay: Client, kay: Teammate, can_send: Mailbox, post: Post
) -> None:
    """Nora's own words, and a note."""
    hers = nora_cannot_sign_in.latest()
    assert hers
    note = nora_cannot_sign_in.note(Words.plain("Hm."), by=kay, at=hers.at)
    for message in (hers, note):
        response = as_kay.post(f"/messages/{message.pk}/take-back/")
        assert response.status_code == 302
        message.refresh_from_db()
        assert message.taken_back_at is None


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1:8000@evil.example", "evil.example:80"])
def test_under_another_name_nothing_is_answered(host: str, client: Client, db: None) -> None:
    assert client.get("/sign-in/", headers={"host": host}).status_code == 400


HOSTILE = '"><img src=x onerror=alert(1)><script>alert(1)</script>{{7*7}}%(x)s'


def test_what_a_stranger_writes_stays_words_on_every_page(support: Mailbox, as_kay: Client, at: datetime) -> None:
    """In names, subjects, ids, words and the names of files."""
    raw = f"""\
From: {HOSTILE.replace('"', "")} <nora@bakery.example>
To: support@touchline.example
Subject: {HOSTILE}
Message-ID: <{HOSTILE.replace(" ", "")}@x.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

{HOSTILE}
--b
Content-Type: text/html
Content-Disposition: attachment; filename="../../{HOSTILE.replace('"', "")}.html"

<script>alert(1)</script>
--b--
"""
    message = says(support, raw.replace("\n", "\r\n").encode(), at=at)
    number, person = message.conversation.number, message.person
    assert person
    for page in ("/", "/everything/", f"/conversations/{number}/", "/people/", f"/people/{person.pk}/", "/waiting/"):
        html = as_kay.get(page).content.decode()
        assert "<script>alert" not in html and "<img src=x" not in html, page
        assert "49%" not in html
    file = message.attachments.get()
    response = as_kay.get(f"/files/{file.pk}?inline")
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert "/" not in file.name and "<" not in file.name


def test_what_waits_elsewhere_stays_words_too(support: Mailbox, as_kay: Client, kay: Teammate, at: datetime) -> None:
    """Among the spam, set aside, in the form, in rules, in signatures, in what leaves later, and in what the outside said."""
    head = (
        f"From: {HOSTILE.replace(chr(34), '')} <nora@bakery.example>\r\nTo: support@touchline.example\r\nSubject: {HOSTILE}\r\n"
    )
    support.name = HOSTILE[:100]
    support.trouble = HOSTILE
    support.save()
    spam = kept(support, f"X-Spam-Flag: YES\r\nX-Spam-Status: Yes, {HOSTILE}\r\n{head}\r\n{HOSTILE}".encode(), at=at)
    aside = kept(support, f"List-Id: <{HOSTILE}>\r\n{head}\r\n{HOSTILE}".encode(), at=at)
    odd = f"Reply-To: cash@thief.example\r\nAuthentication-Results: mx.{HOSTILE.replace(' ', '')}; dmarc=fail\r\n{head}\r\n{HOSTILE}"
    message = says(support, odd.encode(), at=at)
    conversation = message.conversation
    conversation.reply(Words.plain(HOSTILE), by=kay, at=at, seen=message, leaves=at + timedelta(days=1))
    SenderRule.objects.create(pattern=HOSTILE, kind=SenderRule.Kind.BLOCK, by=kay, at=at)
    form = ContactForm.objects.create(mailbox=support, title=HOSTILE, words=HOSTILE, thanks=HOSTILE, opened_at=at)
    mailbox = f"/settings/mailboxes/{support.pk}/"
    pages = (
        *(
            "/spam/",
            f"/set-aside/{spam.pk}/",
            "/set-aside/",
            f"/set-aside/{aside.pk}/",
            "/later/",
            "/not-sent/",
            "/settings/senders/",
        ),
        *(
            mailbox,
            f"{mailbox}doctor/",
            f"{mailbox}contact-form/",
            f"{mailbox}sign-in/",
            f"{mailbox}webhook/",
            "/settings/mailboxes/",
        ),
        *("/settings/me/signatures/", f"/contact/{form.key}/", f"/conversations/{conversation.number}/", "/banners/"),
        f"/conversations/{conversation.number}/merge/",
    )
    for page in pages:
        response = as_kay.get(page)
        html = response.content.decode()
        assert response.status_code == 200, page
        assert "<script>alert" not in html and "<img src=x" not in html and "49%" not in html, page


def kept(mailbox: Mailbox, raw: bytes, *, at: datetime) -> InboundEmail:
    """What came in and is in no conversation."""
    inbound = mailbox.receive(raw, at=at, via=InboundEmail.Via.LMTP)
    assert inbound.file(at) is None
    return inbound


OWNERS = {
    *(
        "add_mailbox",
        "check_mailbox",
        "webhook",
        "contact_form",
        "mailbox_sign_in",
        "mailbox_sign_in_go",
        "mailbox_forget_sign_in",
    ),
    *("mailbox_come_back", "mailbox_folders", "add_alias", "remove_alias", "mailbox_acknowledging", "mailbox_signature"),
    *("what_comes_in", "desk", "add_teammate", "deactivate_teammate"),
}


@pytest.mark.parametrize(("name", "address"), [each for each in every_address() if each[0] in OWNERS])
@pytest.mark.parametrize("method", ["get", "post"])
def test_how_the_desk_is_reached_is_for_owners_alone(
    name: str, address: str, method: str, support: Mailbox, as_sam: Client, kay: Teammate
) -> None:
    """Sam is no owner. What he asks for is not found, whatever he sends."""
    response = getattr(as_sam, method)(address.replace("/1/", f"/{support.pk}/", 1), {"address": "x@thief.example"})
    assert response.status_code in (404, 405)


@pytest.mark.parametrize("harm", ["gone", "damaged"])
def test_a_mail_whose_bytes_are_harmed_is_not_found_as_it_came(harm: str, support: Mailbox, as_kay: Client, at: datetime) -> None:
    raw = b"From: nora@bakery.example\r\nSubject: Hi\r\nContent-Type: text/html\r\n\r\n<b>Hello</b>\r\n"
    message = says(support, raw, at=at)
    assert message.inbound
    path = files.path_of(message.inbound.digest)
    kept = path.read_bytes()
    try:
        if harm == "gone":
            path.unlink()
        else:
            path.write_bytes(kept[::-1])
        assert as_kay.get(f"/messages/{message.pk}/as-it-came/").status_code == 404
        assert as_kay.get(f"/conversations/{message.conversation.number}/").status_code == 200
    finally:
        path.write_bytes(kept)


def test_nobodys_post_is_flooded_with_links(client: Client, kay: Teammate) -> None:
    """Whoever knows Kay's address may have a link sent to her, a few times an hour."""
    answers = [client.post("/forgot/", {"email": kay.email}).status_code for _ in range(7)]
    assert answers == [200] * 5 + [429] * 2
    assert settings.ACCOUNT_RATE_LIMITS["reset_password"].endswith("5/h/key")
