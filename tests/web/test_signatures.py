"""The pages on which signatures are written, and the places that show what goes out."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from tests.cast import replies
from touchline.desk.models import Conversation, Mailbox, Signature, Teammate, Words

pytestmark = pytest.mark.django_db

MINE = "/settings/me/signatures/"


def test_kay_writes_hers_and_sees_how_it_goes_out(as_kay: Client, kay: Teammate, support: Mailbox) -> None:
    told = {"words": "<p>{first name}<br>{mailbox}</p>", "words_are": "html", "then": "keep"}
    assert as_kay.post(MINE, told).status_code == 302
    assert Signature.kept(teammate=kay) == Words("{first name}\n{mailbox}", "<p>{first name}<br>{mailbox}</p>")
    page = as_kay.get(MINE).content.decode()
    assert "<p>Kay<br>support@touchline.example</p>" in page


def test_showing_it_keeps_nothing(as_kay: Client, support: Mailbox) -> None:
    answer = as_kay.post(MINE, {"words": "{name}, your <b>host</b>", "then": "look"})
    page = answer.content.decode()
    assert answer.status_code == 200 and "it is not kept yet" in page
    assert "Kay Doyle, your &lt;b&gt;host&lt;/b&gt;" in page
    assert not Signature.objects.exists()


def test_another_one_from_one_mailbox_and_none_at_all(as_kay: Client, kay: Teammate, support: Mailbox) -> None:
    Signature.keep(Words.plain("Kay"), teammate=kay)
    as_kay.post(MINE, {"mailbox": support.pk, "words": "Kay of support"})
    assert Signature.beneath(kay, support).text == "Kay of support"
    as_kay.post(MINE, {"mailbox": support.pk, "words": "", "none": "yes"})
    assert Signature.beneath(kay, support) == Words("")
    as_kay.post(MINE, {"mailbox": support.pk, "words": ""})
    assert Signature.beneath(kay, support).text == "Kay"


def test_one_that_is_too_long_comes_back_with_its_words(as_kay: Client, support: Mailbox) -> None:
    answer = as_kay.post(MINE, {"words": "long " * 1001, "mailbox": support.pk})
    assert answer.status_code == 422 and "long long" in answer.content.decode()
    assert not Signature.objects.exists()


def test_only_owners_write_a_mailboxs(as_kay: Client, as_sam: Client, support: Mailbox) -> None:
    address = f"/settings/mailboxes/{support.pk}/signature/"
    assert as_sam.post(address, {"words": "Sam"}).status_code == 404
    assert as_kay.post(address, {"words": "{desk}"}).status_code == 302
    assert "The help of Touchline" in as_sam.get(f"/settings/mailboxes/{support.pk}/").content.decode()
    assert as_sam.post(MINE, {"mailbox": 17, "words": "x"}).status_code == 404


def test_it_is_seen_before_it_goes_and_after(
    as_kay: Client, kay: Teammate, nora_cannot_sign_in: Conversation, at: datetime
) -> None:
    Signature.keep(Words.rich("<p>Kay, <strong>until noon</strong></p>"), teammate=kay)
    address = f"/conversations/{nora_cannot_sign_in.number}/"
    before = as_kay.get(address).content.decode()
    assert "Your signature goes out beneath it" in before and "<strong>until noon</strong>" in before
    replies(nora_cannot_sign_in, "Try again.", by=kay, at=at + timedelta(minutes=1))
    Signature.keep(Words.plain("Kay, after noon"), teammate=kay)
    after = as_kay.get(address).content.decode()
    assert "The signature beneath it" in after and "<strong>until noon</strong>" in after and "Kay, after noon" in after
