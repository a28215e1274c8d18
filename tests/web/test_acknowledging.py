"""The card on which a mailbox's owners say whether people are told that their mail has come, and what a conversation shows of it."""

from datetime import datetime

import pytest
from django.test import Client

from tests.cast import NORA
from touchline.desk.models import Mailbox

pytestmark = pytest.mark.django_db


def address(mailbox: Mailbox) -> str:
    return f"/settings/mailboxes/{mailbox.pk}/acknowledging/"


def test_kay_lets_the_desk_tell_them_in_its_own_words_or_hers(as_kay: Client, support: Mailbox) -> None:
    page = as_kay.get(f"/settings/mailboxes/{support.pk}/").content.decode()
    assert "This is an automatic note from Touchline support" in page
    assert as_kay.post(address(support), {"acknowledges": "on", "acknowledgement": " We have it. "}).status_code == 302
    support.refresh_from_db()
    assert (support.acknowledges, support.acknowledgement) == (True, "We have it.")
    assert as_kay.post(address(support), {"acknowledgement": ""}).status_code == 302
    support.refresh_from_db()
    assert (support.acknowledges, support.acknowledgement) == (False, "")


def test_showing_it_keeps_nothing(as_kay: Client, support: Mailbox) -> None:
    answer = as_kay.post(address(support), {"acknowledges": "on", "acknowledgement": "We <b>have</b> it.", "then": "look"})
    assert answer.status_code == 200 and "We &lt;b&gt;have&lt;/b&gt; it.</p>" in answer.content.decode()
    support.refresh_from_db()
    assert not support.acknowledges


def test_words_that_are_too_long_come_back(as_kay: Client, support: Mailbox) -> None:
    answer = as_kay.post(address(support), {"acknowledges": "on", "acknowledgement": "long " * 500})
    assert answer.status_code == 422 and "long long" in answer.content.decode()


def test_only_owners_may(as_sam: Client, support: Mailbox) -> None:
    assert as_sam.post(address(support), {"acknowledges": "on"}).status_code == 404
    assert "It does not." in as_sam.get(f"/settings/mailboxes/{support.pk}/").content.decode()


def test_the_conversation_says_it_small_and_nora_waits_all_the_same(as_kay: Client, can_send: Mailbox, at: datetime) -> None:
    can_send.tell_them_it_came(True, "We have it.")
    message = can_send.receive(NORA.writes("The code", "It asks.\n", at=at), at=at, via="imap").file(at)
    assert message
    page = as_kay.get(f"/conversations/{message.conversation.number}/").content.decode()
    assert "message--automatic" in page and "The desk told them that it came." in page and "We have it." in page
    assert "Waiting" in page
