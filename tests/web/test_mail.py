"""A stranger's content: the mail as it came, its bytes, and files, each where nothing of it can run."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from django.test import Client

from tests.cast import NORA, SUPPORT, says
from touchline.desk import files
from touchline.desk.models import Attachment, Conversation, Mailbox, Message

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.fixture
def picture_mail(support: Mailbox, at: datetime) -> Message:
    """HTML with a picture in its words, one from the web, a script, and two files."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = NORA.from_, SUPPORT, "Look", "<look@mail.example>"
    mail.set_content("Look at this.")
    html = (
        '<p>Look at <b>this</b>.</p><img src="cid:stall"><img src="https://elsewhere.example/t.png" width="200" height="90">'
        "<script>alert(1)</script><form action=https://evil.example><input name=p></form>"
    )
    mail.add_alternative(html, subtype="html")
    mail.get_payload()[1].add_related(PNG, "image", "png", cid="<stall>", filename="stall.png", disposition="inline")  # type: ignore[union-attr, index]
    mail.add_attachment(b"<script>alert(1)</script>", "text", "html", filename="offer.html")
    mail.add_attachment(b"<svg onload=alert(1)>", "image", "png", filename="lies.png")
    return says(support, mail.as_bytes(), at=at)


def of(message: Message, name: str) -> Attachment:
    return message.attachments.get(name=name)


def test_a_mail_as_it_came_runs_nothing_and_loads_nothing(picture_mail: Message, as_kay: Client) -> None:
    response = as_kay.get(f"/messages/{picture_mail.pk}/as-it-came/")
    html = response.content.decode()
    assert "<b>this</b>" in html
    assert "<script" not in html
    assert "<form" not in html
    assert f'src="/files/{of(picture_mail, "stall.png").pk}"' in html
    assert "https://elsewhere.example" not in html
    assert "1 picture from the web is not loaded." in html
    policy = response["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; img-src 'self';")
    assert "sandbox allow-same-origin allow-popups" in policy
    assert "allow-scripts" not in policy
    assert "frame-ancestors 'self'" in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN"


def test_pictures_from_the_web_are_loaded_when_somebody_asks(picture_mail: Message, as_kay: Client) -> None:
    response = as_kay.get(f"/messages/{picture_mail.pk}/as-it-came/?remote=1")
    assert "https://elsewhere.example/t.png" in response.content.decode()
    assert "img-src 'self' https:;" in response["Content-Security-Policy"]
    assert response["Referrer-Policy"] == "no-referrer"


def test_the_page_holds_the_frame_in_a_sandbox(picture_mail: Message, as_kay: Client) -> None:
    html = as_kay.get(f"/conversations/{picture_mail.conversation.number}/").content.decode()
    assert f'src="/messages/{picture_mail.pk}/as-it-came/"' in html
    assert 'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"' in html
    assert f'<img src="/files/{of(picture_mail, "stall.png").pk}?inline" alt="stall.png"' in html


def test_the_bytes_of_a_mail_can_be_kept(picture_mail: Message, as_kay: Client) -> None:
    response = as_kay.get(f"/messages/{picture_mail.pk}/raw/")
    assert picture_mail.inbound
    assert b"".join(response) == picture_mail.inbound.raw()  # type: ignore[call-overload]
    assert response["Content-Type"].startswith("text/plain")
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_picture_is_shown_in_place(picture_mail: Message, as_kay: Client) -> None:
    response = as_kay.get(f"/files/{of(picture_mail, 'stall.png').pk}?inline")
    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"].startswith("inline")
    assert b"".join(response) == PNG  # type: ignore[call-overload]
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["offer.html", "lies.png"])
def test_anything_else_is_a_download_whatever_it_calls_itself(picture_mail: Message, as_kay: Client, name: str) -> None:
    response = as_kay.get(f"/files/{of(picture_mail, name).pk}?inline")
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    if name == "offer.html":
        assert response["Content-Type"] == "application/octet-stream"


def test_a_name_in_any_language_is_kept(nora_cannot_sign_in: Conversation, as_kay: Client, at: datetime) -> None:
    message = nora_cannot_sign_in.messages.get()
    name = 'Größe "neu"\r\nX-Evil: 1 价格.csv'
    attachment = Attachment.objects.create(
        conversation=nora_cannot_sign_in, message=message, name=name, size=1, digest=files.keep(b"x")
    )
    response = as_kay.get(f"/files/{attachment.pk}")
    assert "X-Evil" not in response
    assert "filename*=utf-8''Gr%C3%B6%C3%9Fe" in response["Content-Disposition"]


def test_what_a_browser_has_is_not_sent_again(picture_mail: Message, as_kay: Client) -> None:
    address = f"/files/{of(picture_mail, 'stall.png').pk}?inline"
    first = as_kay.get(address)
    assert first["Cache-Control"] == "private, max-age=31536000, immutable"
    assert as_kay.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_a_file_whose_bytes_are_gone_is_not_found(picture_mail: Message, as_kay: Client) -> None:
    attachment = of(picture_mail, "offer.html")
    attachment.digest = "0" * 64
    attachment.save()
    assert as_kay.get(f"/files/{attachment.pk}").status_code == 404


def test_strangers_get_no_file_and_no_mail(picture_mail: Message, client: Client) -> None:
    for address in (
        f"/files/{of(picture_mail, 'stall.png').pk}",
        f"/messages/{picture_mail.pk}/raw/",
        f"/messages/{picture_mail.pk}/as-it-came/",
    ):
        assert client.get(address).status_code == 302
