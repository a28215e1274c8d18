"""Mail that sending services post: each in the shape that its service documents, kept byte for byte where it is posted so."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import AT, NORA, SUPPORT
from touchline.core.mail.understand import understand
from touchline.desk import files, hooks
from touchline.desk.models import InboundEmail, Mailbox
from touchline.web import hook_senders
from touchline.web.hook_senders import SENDERS, USER
from touchline.web.hooks import address_of

pytestmark = pytest.mark.django_db

KEY = "a key of the service"
POSTAL = rsa.generate_private_key(public_exponent=65537, key_size=2048)
POSTAL_KEY = base64.b64encode(
    POSTAL.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
).decode()
PICTURE = b"\x89PNG\r\n\x1a\n\x00\xff--\r\n--not-a-boundary\r\n"
# As an old program sends it: bytes that are no UTF-8.
RAW = NORA.writes("I can’t sign in", "Since the update it says no.").replace(b"\r\n\r\n", b"\r\nX-Shop: caf\xe9\r\n\r\n", 1)
CLEAN = NORA.writes("I can’t sign in", "Since the update it says no.")
HEADERS = [
    ["Received", "from mail.bakery.example by mx.service.example; Mon, 2 Mar 2026 09:00:00 +0000"],
    ["From", "Nora Adeyemi <nora@bakery.example>"],
    ["To", f"Support <{SUPPORT}>"],
    ["Subject", "I can’t sign in"],
    ["Message-Id", "<in-fields@bakery.example>"],
    ["Date", "Mon, 2 Mar 2026 09:00:00 +0000"],
    ["Content-Type", 'multipart/mixed; boundary="x"'],
]


class Service:
    """A service of the outside, which posts as it is told to."""

    def __init__(self, name: str, mailbox: Mailbox) -> None:
        self.sender = SENDERS[name]
        told = {secret.name: POSTAL_KEY if name == "postal" else KEY for secret in self.sender.secrets}
        hooks.begin(mailbox, name, told)
        self.mailbox = mailbox
        self.browser = Client(enforce_csrf_checks=True)
        self.address = address_of(mailbox, self.sender).removeprefix(settings.PUBLIC_URL)
        self.password = hooks.secrets_of(mailbox)[hooks.PASSWORD]

    def post(self, data: Any, content_type: str = "", **headers: str) -> int:
        if not self.sender.signs:
            pair = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
            headers = {"authorization": f"Basic {pair}"} | headers
        more = {"content_type": content_type} if content_type else {}
        return int(self.browser.post(self.address, data, headers=headers, **more).status_code)

    def post_json(self, told: Any, **headers: str) -> int:
        return self.post(json.dumps(told), "application/json", **headers)


Posts = Callable[[Service], int]


def mailgun(key: str = KEY, **form: Any) -> Posts:
    signed = {"timestamp": "1772442000", "token": "t" * 50}
    signature = hmac.new(key.encode(), (signed["timestamp"] + signed["token"]).encode(), hashlib.sha256).hexdigest()
    told = {"recipient": SUPPORT, "sender": "bounces@bakery.example", **signed, "signature": signature, **form}
    return lambda service: service.post(told)


def raw_part(name: str, raw: bytes, form: Mapping[str, str]) -> tuple[bytes, str]:
    """A form in which one field is bytes: Django's own client would make text or a file of it."""
    fields = {key: value.encode() for key, value in form.items()} | {name: raw}
    body = b"".join(
        b'--xYz\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (key.encode(), value)
        for key, value in fields.items()
    )
    return body + b"--xYz--\r\n", "multipart/form-data; boundary=xYz"


def mailgun_mime(service: Service) -> int:
    timestamp, token = "1772442000", "t" * 50
    signature = hmac.new(KEY.encode(), (timestamp + token).encode(), hashlib.sha256).hexdigest()
    form = {
        "recipient": SUPPORT,
        "sender": "bounces@bakery.example",
        "timestamp": timestamp,
        "token": token,
        "signature": signature,
    }
    return service.post(*raw_part("body-mime", RAW, form))


def sendgrid_raw(service: Service) -> int:
    envelope = json.dumps({"to": [SUPPORT], "from": "bounces@bakery.example"})
    return service.post(
        *raw_part("email", RAW, {"to": SUPPORT, "envelope": envelope, "SPF": "pass", "dkim": "{@bakery.example : pass}"})
    )


def postmark_raw(service: Service) -> int:
    headers = [{"Name": "Return-Path", "Value": "<bounces@bakery.example>"}, {"Name": "X-Spam-Status", "Value": "No"}]
    return service.post_json(
        {"RawEmail": CLEAN.decode(), "OriginalRecipient": SUPPORT, "Headers": headers, "Attachments": [], "MessageID": "22c7"}
    )


def mandrill(service: Service) -> int:
    events = json.dumps(
        [{"event": "inbound", "ts": 1772442000, "msg": {"raw_msg": CLEAN.decode(), "email": SUPPORT, "sender": None}}]
    )
    signed = f"{settings.PUBLIC_URL}{service.address}mandrill_events{events}"
    signature = base64.b64encode(hmac.new(KEY.encode(), signed.encode(), hashlib.sha1).digest()).decode()
    from urllib.parse import urlencode

    return service.post(
        urlencode({"mandrill_events": events}), "application/x-www-form-urlencoded", **{"x-mandrill-signature": signature}
    )


def sparkpost(service: Service) -> int:
    content = {"email_rfc822_is_base64": True, "email_rfc822": base64.b64encode(RAW).decode()}
    relayed = {"protocol": "smtp", "rcpt_to": SUPPORT, "msg_from": "bounces@bakery.example", "content": content}
    return service.post_json([{"msys": {"relay_message": relayed}}])


def mailersend(service: Service) -> int:
    data = {
        "object": "message",
        "recipients": {"rcptTo": [{"email": SUPPORT}]},
        "sender": {"email": "bounces@bakery.example"},
        "raw": CLEAN.decode(),
    }
    body = json.dumps({"type": "inbound.message", "created_at": "2026-03-02T09:00:00.000000Z", "data": data})
    signature = hmac.new(KEY.encode(), body.encode(), hashlib.sha256).hexdigest()
    return service.post(body, "application/json", signature=signature)


def postal(service: Service) -> int:
    told = {
        "id": 1,
        "rcpt_to": SUPPORT,
        "mail_from": "bounces@bakery.example",
        "message": base64.b64encode(RAW).decode(),
        "base64": True,
    }
    body = json.dumps(told)
    signature = base64.b64encode(POSTAL.sign(body.encode(), padding.PKCS1v15(), hashes.SHA1())).decode()
    return service.post(body, "application/json", **{"x-postal-signature": signature})


def resend(service: Service) -> int:
    data = {"email_id": "5676/1188", "from": NORA.from_, "to": [SUPPORT], "attachments": []}
    return service.post_json({"type": "email.received", "created_at": "2026-03-02T09:00:00.126Z", "data": data})


def mailjet(service: Service) -> int:
    told = {
        "Sender": "bounces@bakery.example",
        "Recipient": SUPPORT,
        "Headers": {name: [value] if name == "Received" else value for name, value in HEADERS},
        "Parts": [
            {"Headers": {"Content-Type": ['text/plain; charset="UTF-8"']}, "ContentRef": "Text-part"},
            {
                "Headers": {"Content-Type": ["image/png"], "Content-Disposition": ['attachment; filename="no.png"']},
                "ContentRef": "Attachment1",
            },
        ],
        "Text-part": "Since the update it says no.",
        "Attachment1": base64.b64encode(PICTURE).decode(),
        "SpamAssassinScore": "1.7",
    }
    return service.post_json(told)


def brevo(service: Service) -> int:
    item = {
        "Uuid": ["aaaaaaaa-bbbb"],
        "Headers": dict(HEADERS),
        "RawTextBody": "Since the update it says no.\r\n",
        "RawHtmlBody": "",
        "Attachments": [
            {"Name": "no.png", "ContentType": "image/png", "ContentLength": 9, "ContentID": None, "DownloadToken": "a/token"}
        ],
    }
    return service.post_json({"items": [item]})


def postmark_fields(service: Service) -> int:
    told = {
        "FromFull": {"Email": NORA.address, "Name": NORA.name, "MailboxHash": ""},
        "ToFull": [{"Email": SUPPORT, "Name": "", "MailboxHash": ""}],
        "CcFull": [],
        "OriginalRecipient": SUPPORT,
        "Subject": "I can’t sign in",
        "Date": "Mon, 2 Mar 2026 09:00:00 +0000",
        "TextBody": "Since the update it says no.",
        "HtmlBody": "",
        "Headers": [
            {"Name": "Return-Path", "Value": "<bounces@bakery.example>"},
            {"Name": "Message-ID", "Value": "<in-fields@bakery.example>"},
        ],
        "Attachments": [{"Name": "no.png", "Content": base64.b64encode(PICTURE).decode(), "ContentType": "image/png"}],
    }
    return service.post_json(told)


def mailgun_fields(service: Service) -> int:
    form = {
        "message-headers": json.dumps(HEADERS),
        "body-plain": "Since the update it says no.",
        "attachment-count": "1",
        "attachment-1": SimpleUploadedFile("no.png", PICTURE, "image/png"),
    }
    return mailgun(**form)(service)


def sendgrid_fields(service: Service) -> int:
    told = {
        "headers": "".join(f"{name}: {value}\n" for name, value in HEADERS).replace("’", "'"),
        "text": "Since the update it says no.",
        "charsets": '{"to":"UTF-8","subject":"UTF-8","from":"UTF-8","text":"UTF-8"}',
        "envelope": json.dumps({"to": [SUPPORT], "from": "bounces@bakery.example"}),
        "attachment-info": json.dumps({"attachment1": {"filename": "no.png", "type": "image/png"}}),
        "attachments": "1",
        "attachment1": SimpleUploadedFile("no.png", PICTURE, "image/png"),
    }
    return service.post(told)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """What the interfaces of Resend and Brevo give, by address."""
    cdn = "https://cdn.service.example/raw/5676.eml?token=abc"
    there = {
        "https://api.resend.com/emails/receiving/5676%2F1188": json.dumps({"raw": {"download_url": cdn}}).encode(),
        cdn: RAW,
        "https://api.brevo.com/v3/inbound/attachments/a%2Ftoken": PICTURE,
    }

    class Answer:
        headers = {"Content-Type": "image/png"}

        def __init__(self, body: bytes) -> None:
            self.body = body

        def __enter__(self) -> "Answer":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def raise_for_status(self) -> None:
            pass

        def iter_content(self, size: int) -> list[bytes]:
            return [self.body[:10], self.body[10:]]

    def get(address: str, headers: Mapping[str, str], **how: Any) -> Answer:
        assert how["timeout"], "nothing is waited for for ever"
        assert not how["allow_redirects"]
        if "api." in address:
            assert KEY in "".join(headers.values())
        if address not in there:
            raise requests.ConnectionError("no answer")
        return Answer(there[address])

    monkeypatch.setattr(hook_senders.requests, "get", get)
    return there


AS_IT_CAME = [
    ("mailgun", mailgun_mime, RAW),
    ("sendgrid", sendgrid_raw, RAW),
    ("postmark", postmark_raw, CLEAN),
    ("mandrill", mandrill, CLEAN),
    ("sparkpost", sparkpost, RAW),
    ("mailersend", mailersend, CLEAN),
    ("postal", postal, RAW),
    ("resend", resend, RAW),
]
IN_FIELDS = [
    ("mailjet", mailjet),
    ("brevo", brevo),
    ("postmark", postmark_fields),
    ("mailgun", mailgun_fields),
    ("sendgrid", sendgrid_fields),
]


@pytest.mark.parametrize(("name", "posts", "raw"), AS_IT_CAME, ids=[each[0] for each in AS_IT_CAME])
def test_a_mail_is_kept_byte_for_byte_and_becomes_a_conversation(
    support: Mailbox, outside: dict[str, bytes], name: str, posts: Posts, raw: bytes
):
    service = Service(name, support)
    assert posts(service) == 200
    inbound = InboundEmail.objects.get()
    assert files.read(inbound.digest) == raw
    assert inbound.via == "hook"
    assert inbound.recipient == SUPPORT
    message = inbound.file(AT)
    assert message
    assert message.text == "Since the update it says no."
    assert message.conversation.person.called == NORA.name
    assert posts(service) == 200, "it may come again"
    assert InboundEmail.objects.count() == 1


@pytest.mark.parametrize(("name", "posts"), IN_FIELDS, ids=[each[0] for each in IN_FIELDS])
def test_a_mail_that_comes_in_fields_is_put_together(support: Mailbox, outside: dict[str, bytes], name: str, posts: Posts):
    service = Service(name, support)
    assert posts(service) == 200
    inbound = InboundEmail.objects.get()
    email = understand(files.read(inbound.digest))
    assert email.message_id == "in-fields@bakery.example"
    assert (email.sender.name, email.sender.address) == (NORA.name, NORA.address)
    assert email.subject.replace("'", "’") == "I can’t sign in"
    assert email.text.strip() == "Since the update it says no."
    assert [(file.name, file.data) for file in email.attachments] == [("no.png", PICTURE)]
    message = inbound.file(AT)
    assert message
    assert message.attachments.count() == 1
    assert posts(service) == 200
    assert InboundEmail.objects.count() == 1, "the same post is the same mail"


def test_all_services_are_tested():
    assert {name for name, *_ in [*AS_IT_CAME, *IN_FIELDS]} == set(SENDERS)


@pytest.mark.parametrize("name", sorted(SENDERS))
def test_who_cannot_prove_to_be_the_service_is_refused_without_a_word(support: Mailbox, outside: dict[str, bytes], name: str):
    service = Service(name, support)
    posts = next(each[1] for each in [*AS_IT_CAME, *IN_FIELDS] if each[0] == name)
    hooks.begin(support, name, {secret.name: "Mw==" for secret in SENDERS[name].secrets if name != "postal"})
    if name == "postal":
        other = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
        der = other.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        hooks.begin(support, name, {"signing_key": base64.b64encode(der).decode()})
    service.password = "guessed"
    assert posts(service) == 403
    assert service.browser.post(service.address, b"{}", content_type="application/json").content == b""
    assert service.browser.post(service.address, b"{}", content_type="application/json").status_code == 403
    assert not InboundEmail.objects.exists()


@pytest.mark.parametrize("name", sorted(SENDERS))
def test_an_empty_key_proves_nothing(support: Mailbox, outside: dict[str, bytes], name: str):
    """As after our own key was lost, and no secret can be opened."""
    service = Service(name, support)
    support.hook_secret = ""
    support.save()
    assert mailgun(key="")(service) == 403
    assert service.post_json({}, authorization="Basic " + base64.b64encode(f"{USER}:".encode()).decode()) == 403


@pytest.mark.parametrize("name", sorted(SENDERS))
@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b'{"items": 5}', b"\xff\xfe", b'[{"msys": {}}]'])
def test_what_is_no_mail_is_refused_and_breaks_nothing(support: Mailbox, outside: dict[str, bytes], name: str, body: bytes):
    service = Service(name, support)
    for kind in ("application/json", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "text/plain"):
        assert service.post(body, kind) in (200, 403, 422)
    assert not InboundEmail.objects.exists()


def test_nobody_is_at_an_unknown_address(support: Mailbox):
    service = Service("postmark", support)
    browser = Client()
    assert browser.head(service.address).status_code == 200
    assert browser.get(service.address).status_code == 405
    assert browser.post("/hooks/mail/guessed/").status_code == 404
    hooks.end(support)
    assert browser.post(service.address).status_code == 404
    assert browser.post("/hooks/mail//").status_code == 404


def test_a_full_disk_lets_the_service_come_again(support: Mailbox, monkeypatch: pytest.MonkeyPatch):
    service = Service("postmark", support)

    def full(data: bytes) -> str:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full_disk:
        full_disk.setattr(files, "keep", full)
        assert postmark_raw(service) == 503
    assert not InboundEmail.objects.exists()
    assert postmark_raw(service) == 200
    assert InboundEmail.objects.count() == 1


def test_a_service_that_cannot_be_asked_for_the_mail_comes_again(support: Mailbox, outside: dict[str, bytes]):
    service = Service("resend", support)
    kept = dict(outside)
    outside.clear()
    assert resend(service) == 503
    outside.update(kept)
    assert resend(service) == 200


def test_a_mail_that_is_too_large_is_kept_with_its_headers_and_a_note(support: Mailbox, settings: Any):
    settings.MAX_MAIL_BYTES = 1024 * 1024
    service = Service("sparkpost", support)
    content = {"email_rfc822_is_base64": True, "email_rfc822": base64.b64encode(CLEAN + b"x" * 1024 * 1024 * 3).decode()}
    relayed = {"protocol": "smtp", "rcpt_to": SUPPORT, "msg_from": NORA.address, "content": content}
    assert service.post_json([{"msys": {"relay_message": relayed}}]) == 200
    inbound = InboundEmail.objects.get()
    assert "Only its headers were kept" in inbound.note
    message = inbound.file(AT)
    assert message and message.conversation.subject == "I can’t sign in"


def test_a_mail_of_many_megabytes_comes_in_as_it_is(support: Mailbox):
    """Larger than Django lets the field of a form be."""
    big = CLEAN + b"\r\n".join([b"y" * 70] * 200_000)
    service = Service("sendgrid", support)
    assert service.post(*raw_part("email", big, {"envelope": "{}"})) == 200
    assert files.read(InboundEmail.objects.get().digest) == big


def test_kay_sets_the_webhook_up(as_kay: Client, as_sam: Client, support: Mailbox):
    page = f"/settings/mailboxes/{support.pk}/webhook/"
    assert as_sam.get(page).status_code == 404
    answer = as_kay.post(page, {"sender": "mailgun"})
    assert answer.status_code == 422
    assert "where you add our address" in answer.content.decode()
    assert as_kay.post(page, {"sender": "mailgun", "signing_key": KEY.replace(" ", "-")}).status_code == 302
    support.refresh_from_db()
    shown = as_kay.get(page).content.decode()
    assert f"/hooks/mail/{support.hook_key}/mime" in shown
    assert KEY.replace(" ", "-") not in shown
    assert "Mailgun posts each mail" in as_kay.get(f"/settings/mailboxes/{support.pk}/").content.decode()
    first = support.hook_key
    as_kay.post(page, {"sender": "mailgun", "signing_key": ""})
    support.refresh_from_db()
    assert (support.hook_key, hooks.secrets_of(support)["signing_key"]) == (first, KEY.replace(" ", "-")), (
        "what is left empty stays"
    )
    as_kay.post(page, {"sender": "postmark"})
    support.refresh_from_db()
    assert support.hook_key != first, "another service gets another address"
    assert f"{USER}:{hooks.secrets_of(support)[hooks.PASSWORD]}@" in as_kay.get(page).content.decode()
    as_kay.post(page, {"sender": ""})
    support.refresh_from_db()
    assert not support.hook_key
    assert not support.hook_secret
