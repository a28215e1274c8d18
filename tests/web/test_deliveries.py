"""Replies that have not gone out."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.cast import Post, Writer, says, sent
from touchline.channels import Never, NotNow, Refused
from touchline.desk.models import Conversation, Delivery, Mailbox, Teammate

pytestmark = pytest.mark.django_db


@pytest.fixture
def kays_reply(nora_cannot_sign_in: Conversation, kay: Teammate, can_send: Mailbox, at: datetime) -> Delivery:
    delivery = sent(nora_cannot_sign_in, "Try the new link.", by=kay, at=at).delivery
    assert delivery
    return delivery


def test_all_is_well(as_kay: Client):
    assert "Everything has gone out." in as_kay.get("/not-sent/").content.decode()


def test_a_reply_that_failed_is_there_with_its_reason_and_its_tries(
    as_kay: Client, kays_reply: Delivery, post: Post, at: datetime
):
    post.answers = [NotNow("The mail server smtp.touchline.example hung up.")]
    kays_reply.send(at)
    page = as_kay.get("/not-sent/").content.decode()
    for told in ("Nora Adeyemi", "hung up", "1 try so far", "next try", "Kay Doyle"):
        assert told in page


def test_while_it_is_being_sent_nobody_is_told_of_a_next_try(as_kay: Client, kays_reply: Delivery, post: Post, at: datetime):
    post.answers = [NotNow("The mail server smtp.touchline.example hung up.")]
    kays_reply.send(at)
    assert kays_reply.claim(at + timedelta(minutes=1), lease=Delivery.LEASE)
    page = as_kay.get("/not-sent/").content.decode()
    assert "on its way now" in page and "next try" not in page


def test_an_open_page_hears_that_one_has_gone_out_and_that_more_are_there(
    as_kay: Client, kays_reply: Delivery, post: Post, at: datetime
):
    assert "1 more is here" in as_kay.get("/not-sent/?since=0").content.decode()
    assert as_kay.get(f"/not-sent/?since={kays_reply.pk}").content.decode().strip() == ""
    kays_reply.send(at)
    line = as_kay.get(f"/not-sent/?one={kays_reply.pk}").content.decode()
    assert "it has gone out now" in line and "<html" not in line and "/again/" not in line
    assert as_kay.get("/not-sent/?one=1").status_code == 404


def test_try_again_makes_it_due_now(as_kay: Client, kays_reply: Delivery, post: Post, at: datetime):
    post.answers = [Never("It was refused for good.")]
    kays_reply.send(at)
    assert "given up after 1 try" in as_kay.get("/not-sent/").content.decode()
    assert as_kay.post(f"/not-sent/{kays_reply.pk}/again/")["Location"] == "/not-sent/"
    kays_reply.refresh_from_db()
    assert (kays_reply.trouble, kays_reply.gave_up_at) == ("", None)
    assert kays_reply.due_at


def test_from_a_conversation_we_come_back_to_it_and_from_there_to_nowhere_else(
    as_kay: Client, kays_reply: Delivery, post: Post, at: datetime
):
    again = f"/not-sent/{kays_reply.pk}/again/"
    assert as_kay.post(again, {"next": "/conversations/1/?in=waiting"})["Location"] == "/conversations/1/?in=waiting"
    assert as_kay.post(again, {"next": "https://evil.example/"})["Location"] == "/not-sent/"


def test_one_that_reached_only_some_can_be_put_away_but_not_sent_again(
    as_kay: Client, kays_reply: Delivery, post: Post, at: datetime
):
    post.answers = [{"nora@bakery.example": Refused("There is no Nora here.", permanent=True)}]
    kays_reply.send(at)
    page = as_kay.get("/not-sent/").content.decode()
    assert "not to everyone" in page
    assert f"/not-sent/{kays_reply.pk}/again/" not in page
    assert as_kay.post(f"/not-sent/{kays_reply.pk}/put-away/")["Location"] == "/not-sent/"
    assert "Everything has gone out." in as_kay.get("/not-sent/").content.decode()


def test_until_sending_is_set_up_it_waits(as_kay: Client, nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime):
    message = sent(nora_cannot_sign_in, "Try the new link.", by=kay, at=at)
    assert message.delivery
    message.delivery.send(at)
    assert "waits until sending is set up" in as_kay.get("/not-sent/").content.decode()


def test_a_long_list_asks_no_more_for_more(
    as_kay: Client, kay: Teammate, support: Mailbox, nora: Writer, at: datetime, django_assert_max_num_queries: Any
):
    for number in range(12):
        conversation = says(support, nora.writes(f"Matter {number}", "x", at=at), at=at + timedelta(minutes=number)).conversation
        message = sent(conversation, "Soon.", by=kay, at=at + timedelta(hours=1))
        assert message.delivery
        message.delivery.send(at)
    with django_assert_max_num_queries(16):
        page = as_kay.get("/not-sent/").content.decode()
    assert page.count("waits until sending is set up") == 12


def test_sams_form_cannot_be_pressed_by_a_link(as_kay: Client, kays_reply: Delivery):
    for act in ("again", "put-away"):
        assert as_kay.get(f"/not-sent/{kays_reply.pk}/{act}/").status_code == 405
        assert as_kay.post(f"/not-sent/1/{act}/").status_code == 404
