"""The mail door of the desk: for our mailboxes and nobody else's, and acknowledged only when it is kept."""

import errno
import smtplib
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from tests.cast import NORA, SUPPORT
from tests.servers import Certificate
from touchline.desk import files
from touchline.desk.models import InboundEmail, Mailbox
from touchline.work import door

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def post_office(support: Mailbox, settings: Any) -> Iterator[smtplib.SMTP]:
    """A mail client at our door."""
    settings.MAIL_IN = ("127.0.0.1", 0)
    opened = door.start()
    try:
        with smtplib.SMTP("127.0.0.1", opened.port, timeout=20) as client:
            yield client
    finally:
        opened.stop()


def test_a_mail_for_us_is_kept_with_what_its_envelope_said(post_office: smtplib.SMTP, support: Mailbox) -> None:
    raw = NORA.writes("Hello", "Hi")
    assert post_office.sendmail(NORA.address, ["Support@TOUCHLINE.example"], raw) == {}
    inbound = InboundEmail.objects.get()
    assert inbound.raw() == raw
    assert (inbound.mailbox, inbound.via, inbound.mail_from, inbound.recipient) == (
        support,
        "smtp",
        NORA.address,
        "Support@TOUCHLINE.example",
    )
    assert abs((datetime.now(UTC) - inbound.received_at).total_seconds()) < 60
    assert list(InboundEmail.objects.due(datetime.now(UTC))) == [inbound]


def test_a_mail_for_somebody_else_is_refused(post_office: smtplib.SMTP) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        post_office.sendmail(NORA.address, ["mallory@elsewhere.example", "kay@touchline.example"], b"Subject: x\r\n\r\nx")
    assert {code for code, _ in refused.value.recipients.values()} == {550}
    assert not InboundEmail.objects.exists()


def test_a_mail_for_two_mailboxes_is_kept_for_each(post_office: smtplib.SMTP, at: datetime) -> None:
    Mailbox.open(address="sales@touchline.example", name="Sales", at=at)
    post_office.sendmail(NORA.address, [SUPPORT, "sales@touchline.example"], NORA.writes("Hello", "Hi"))
    assert set(InboundEmail.objects.values_list("mailbox__address", flat=True)) == {SUPPORT, "sales@touchline.example"}


def test_what_is_handed_over_twice_is_kept_once(post_office: smtplib.SMTP) -> None:
    raw = NORA.writes("Hello", "Hi")
    for _ in range(2):
        post_office.sendmail(NORA.address, [SUPPORT], raw)
    assert InboundEmail.objects.count() == 1


def test_on_a_full_disk_the_sender_is_asked_to_come_again(post_office: smtplib.SMTP, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(data: bytes) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    raw = NORA.writes("Hello", "Hi")
    with monkeypatch.context() as broken:
        broken.setattr(files, "keep", full)
        with pytest.raises(smtplib.SMTPDataError) as refused:
            post_office.sendmail(NORA.address, [SUPPORT], raw)
    assert 400 <= refused.value.smtp_code < 500
    assert not InboundEmail.objects.exists()
    post_office.sendmail(NORA.address, [SUPPORT], raw)
    assert InboundEmail.objects.count() == 1


def test_a_mailbox_that_closes_in_between_does_not_swallow_the_mail(
    post_office: smtplib.SMTP, support: Mailbox, at: datetime
) -> None:
    post_office.ehlo()
    post_office.mail(NORA.address)
    assert post_office.rcpt(SUPPORT)[0] == 250
    Mailbox.objects.filter(pk=support.pk).update(closed_at=at)
    code, _ = post_office.data(NORA.writes("Hello", "Hi"))
    assert 400 <= code < 600
    assert not InboundEmail.objects.exists()


def test_where_the_settings_say_no_door_there_is_none(settings: Any) -> None:
    settings.MAIL_IN = None
    assert door.start() is None


@pytest.mark.parametrize("said", ["database or disk is full", 'could not extend file "base/5/16385": No space left on device'])
def test_a_full_disk_of_the_database_is_no_essay_in_the_log(
    post_office: smtplib.SMTP, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, said: str
) -> None:
    def full(*_told: Any, **_also: Any) -> None:
        raise OperationalError(said)

    monkeypatch.setattr(InboundEmail, "keep", full)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        post_office.sendmail(NORA.address, [SUPPORT], NORA.writes("Hello", "Hi"))
    assert refused.value.smtp_code == 452
    assert not any(record.exc_info for record in caplog.records)


def test_the_door_speaks_in_private_where_it_has_a_certificate(support: Mailbox, settings: Any, tmp_path: Path) -> None:
    certificate = Certificate.make(tmp_path)
    settings.MAIL_IN = ("127.0.0.1", 0)
    settings.MAIL_IN_CERT, settings.MAIL_IN_KEY = certificate.chain, certificate.key
    opened = door.start()
    try:
        with smtplib.SMTP("localhost", opened.port, timeout=20) as client:
            client.starttls(context=ssl.create_default_context(cafile=str(certificate.chain)))
            assert client.sendmail(NORA.address, [SUPPORT], NORA.writes("Hello", "Hi")) == {}
    finally:
        opened.stop()
    assert InboundEmail.objects.count() == 1


def test_a_door_is_missed_where_it_should_be_open_and_nowhere_else(support: Mailbox, settings: Any) -> None:
    settings.MAIL_IN = ("127.0.0.1", 0)
    opened = door.start()
    assert door.trouble() == ""
    opened.loop.call_soon_threadsafe(opened.loop.stop)  # as if its thread had died
    opened._thread.join()
    assert "Nobody answers at 127.0.0.1" in (door.trouble() or "")
    opened._thread = None
    opened.stop()
    assert door.trouble() is None, "it was closed on purpose"
