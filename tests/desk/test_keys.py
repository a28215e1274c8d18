"""What is secret is unreadable in the database, and a lost key is a password asked for again."""

from datetime import datetime
from typing import Any

from django.db import connection

from touchline.core.mail.belonging import conversation_of, sign_message_id
from touchline.desk.keys import signing_keys
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
