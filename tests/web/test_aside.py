"""Mails that are in no conversation."""

import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.cast import SUPPORT, Writer, mail
from touchline.desk import files
from touchline.desk.models import Conversation, InboundEmail, Mailbox

pytestmark = pytest.mark.django_db

SHOP = mail(
    "Shop <no-reply@shop.example>",
    "Your form",
    "<script>alert(1)</script> The lantern arrived broken.\n",
    headers={"Auto-Submitted": "auto-generated"},
    attached={"photo.jpg": b"bytes"},
)


@pytest.fixture
def shop(support: Mailbox, at: datetime) -> InboundEmail:
    """A shop's form wrote for a person; it looks like a machine's mail."""
    inbound = support.receive(SHOP, at=at, via="lmtp")
    assert inbound.file(at) is None
    return inbound


def test_the_list_says_who_what_why_and_by_what_road(as_kay: Client, shop: InboundEmail):
    page = as_kay.get("/set-aside/").content.decode()
    for told in ("Your form", "no-reply@shop.example", SUPPORT, "by LMTP"):
        assert told in page
    assert shop.trouble and shop.trouble.split(".")[0] in page.replace("&#39;", "'")


def test_one_is_shown_as_far_as_it_can_be_read_and_as_it_came(as_kay: Client, shop: InboundEmail):
    page = as_kay.get(f"/set-aside/{shop.pk}/").content.decode()
    assert "The lantern arrived broken." in page
    assert "<script>alert" not in page
    assert "photo.jpg" in page
    assert "Auto-Submitted: auto-generated" in page


def test_the_file_is_byte_for_byte_what_came_and_runs_nothing(as_kay: Client, shop: InboundEmail):
    answer = as_kay.get(f"/set-aside/{shop.pk}/raw/")
    assert answer.content == SHOP
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_person_wrote_this(as_kay: Client, shop: InboundEmail):
    answer = as_kay.post(f"/set-aside/{shop.pk}/again/", {"by_a_person": "yes"})
    conversation = Conversation.objects.get()
    assert answer["Location"] == f"/conversations/{conversation.number}/"
    assert conversation.waiting_since
    assert not InboundEmail.objects.set_aside().exists()
    assert as_kay.get(f"/set-aside/{shop.pk}/")["Location"] == answer["Location"]
    assert as_kay.post(f"/set-aside/{shop.pk}/again/", {"by_a_person": "yes"})["Location"] == answer["Location"]
    assert Conversation.objects.count() == 1


def test_reading_it_again_says_so_when_nothing_changed(as_kay: Client, shop: InboundEmail):
    answer = as_kay.post(f"/set-aside/{shop.pk}/again/")
    assert answer.status_code == 409
    assert "stays set aside" in answer.content.decode()
    assert not Conversation.objects.exists()


def test_it_can_be_left_where_it_is(as_kay: Client, shop: InboundEmail):
    assert as_kay.post(f"/set-aside/{shop.pk}/dismiss/")["Location"] == "/set-aside/"
    assert "Nothing is set aside." in as_kay.get("/set-aside/").content.decode()
    assert "The lantern arrived broken." in as_kay.get(f"/set-aside/{shop.pk}/").content.decode()


def test_bytes_that_are_gone_are_said_to_be(as_kay: Client, shop: InboundEmail):
    files.path_of(shop.digest).unlink()
    for answer in (
        as_kay.get(f"/set-aside/{shop.pk}/"),
        as_kay.get(f"/set-aside/{shop.pk}/raw/"),
        as_kay.post(f"/set-aside/{shop.pk}/again/"),
    ):
        assert "Restore the data folder’s files" in answer.content.decode()


@pytest.mark.parametrize("where", ["touchline.desk.models.inbound_filing.understand", "touchline.web.aside.fresh_words"])
def test_what_nobody_can_read_yet_is_shown_as_it_came(
    as_kay: Client, shop: InboundEmail, where: str, monkeypatch: pytest.MonkeyPatch
):
    """Reading fails as no mail we know of makes it fail; the fresh words of no mail at all can always be told."""
    module, name = where.rpartition(".")[::2]
    reads = getattr(sys.modules[module], name)

    def cannot(mail: Any) -> Any:
        if mail == b"" or getattr(mail, "text", None) == "":
            return reads(mail)
        raise RecursionError("deeper than anyone")

    monkeypatch.setattr(where, cannot)
    assert "Auto-Submitted: auto-generated" in as_kay.get(f"/set-aside/{shop.pk}/").content.decode()
    answer = as_kay.post(f"/set-aside/{shop.pk}/again/")
    assert answer.status_code == 409
    assert "stays set aside" in answer.content.decode()


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\xfe", b"From: \n\n\xff", b"no mail at all"])
def test_whatever_came_there_is_a_page(as_kay: Client, support: Mailbox, at: datetime, raw: bytes):
    inbound = support.receive(raw, at=at, via="pipe")
    inbound.file(at)
    assert as_kay.get(f"/set-aside/{inbound.pk}/").status_code in (200, 302)
    assert as_kay.get("/set-aside/").status_code == 200


def test_only_the_beginning_of_a_long_mail_is_on_the_page(as_kay: Client, support: Mailbox, at: datetime):
    inbound = support.receive(SHOP + b"x" * 300_000, at=at, via="lmtp")
    inbound.file(at)
    page = as_kay.get(f"/set-aside/{inbound.pk}/").content.decode()
    assert "This is the beginning." in page


def test_a_long_list_is_turned_over_and_asks_no_more_for_more(
    as_kay: Client, support: Mailbox, nora: Writer, at: datetime, django_assert_max_num_queries: Any
):
    for number in range(55):
        raw = mail("Shop <no-reply@shop.example>", f"Form {number}", "x", headers={"Auto-Submitted": "auto-generated"})
        support.receive(raw, at=at + timedelta(minutes=number), via="lmtp").file(at)
    with django_assert_max_num_queries(16):
        page = as_kay.get("/set-aside/").content.decode()
    assert page.count("by LMTP") == 50
    older = page.split("?before=")[1].split('"')[0]
    assert as_kay.get(f"/set-aside/?before={older}").content.decode().count("by LMTP") == 5


@pytest.mark.parametrize("address", ["/set-aside/", "/set-aside/1/", "/set-aside/1/raw/"])
def test_a_stranger_sees_nothing(client: Client, kay: Any, address: str):
    assert client.get(address).status_code == 302
