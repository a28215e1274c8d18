"""What is secret is unreadable in the database, and a lost key is a password asked for again."""

from datetime import datetime
from typing import Any

from django.db import connection

from touchline.core.mail.belonging import conversation_of, sign_message_id
from touchline.desk.checks import look
from touchline.desk.keys import WHERE_THE_KEY_BELONGS, lock_anew, signing_keys
from touchline.desk.models import Mailbox


def stored(mailbox: Mailbox) -> str:
    """What stands in the database itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT imap_password FROM desk_mailbox WHERE id = %s", [mailbox.pk])
        return str(cursor.fetchone()[0])


def test_a_password_is_encrypted_at_rest_each_time_anew(support: Mailbox, at: datetime) -> None:
    support.be_reached({"imap_password": "hunter2 ünd"}, at=at)
    first = stored(support)
    assert "hunter2" not in first
    assert Mailbox.objects.get(pk=support.pk).imap_password == "hunter2 ünd"
    support.be_reached({"imap_password": "hunter2 ünd"}, at=at)
    assert stored(support) != first


def test_no_password_is_kept_as_none(support: Mailbox) -> None:
    assert stored(support) == ""
    assert Mailbox.objects.get(pk=support.pk).imap_password == ""


def test_a_key_that_was_replaced_still_opens_what_it_closed(support: Mailbox, at: datetime, settings: Any) -> None:
    support.be_reached({"imap_password": "hunter2"}, at=at)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key, as long as it ought to be", [settings.SECRET_KEY]
    assert Mailbox.objects.get(pk=support.pk).imap_password == "hunter2"


def test_after_a_lost_key_the_password_is_empty(support: Mailbox, at: datetime, settings: Any) -> None:
    support.be_reached({"imap_password": "hunter2", "smtp_host": "smtp.touchline.example"}, at=at)
    settings.SECRET_KEY = "another key, as long as it ought to be"
    mailbox = Mailbox.objects.get(pk=support.pk)
    assert mailbox.imap_password == ""
    assert mailbox.smtp_host == "smtp.touchline.example"


def test_ids_signed_before_a_key_was_replaced_are_still_ours(settings: Any) -> None:
    old = sign_message_id(7, unique="1", domain="touchline.example", key=signing_keys()[0])
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key, as long as it ought to be", [settings.SECRET_KEY]
    assert conversation_of(old, keys=signing_keys()) == 7
    assert sign_message_id(7, unique="1", domain="touchline.example", key=signing_keys()[0]) != old
    settings.SECRET_KEY_FALLBACKS = []
    assert conversation_of(old, keys=signing_keys()) is None


def test_everything_is_locked_anew_with_the_new_key(support: Mailbox, at: datetime, settings: Any) -> None:
    support.be_reached({"imap_password": "hunter2", "smtp_password": "hunter3"}, at=at)
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key, as long as it ought to be", [old]
    assert lock_anew() == (2, [])
    settings.SECRET_KEY_FALLBACKS = []
    mailbox = Mailbox.objects.get(pk=support.pk)
    assert (mailbox.imap_password, mailbox.smtp_password) == ("hunter2", "hunter3")
    settings.SECRET_KEY = old
    assert Mailbox.objects.get(pk=support.pk).imap_password == ""


def test_what_no_key_opens_stays_as_it_is_and_is_named(support: Mailbox, at: datetime, settings: Any) -> None:
    support.be_reached({"imap_password": "hunter2"}, at=at)
    lost = settings.SECRET_KEY
    settings.SECRET_KEY = "another key, as long as it ought to be"
    support.smtp_password = "hunter3"
    support.save(update_fields=["smtp_password"])
    before = stored(support)
    count, gone = lock_anew()
    assert count == 1
    assert [secret.name for secret in gone] == ["imap password of support@touchline.example"]
    assert stored(support) == before
    assert [finding.words for finding in look(at) if "cannot be opened" in finding.words] == [
        f"The imap password of support@touchline.example cannot be opened: the key it was locked with is gone. {WHERE_THE_KEY_BELONGS}"
    ]
    settings.SECRET_KEY_FALLBACKS = [lost]
    assert Mailbox.objects.get(pk=support.pk).imap_password == "hunter2", "the key is found again"
    assert not [finding for finding in look(at) if "cannot be opened" in finding.words]
