"""The first five minutes: the link from the terminal, and the one page behind it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from touchline.desk.models import Desk, Mailbox, Teammate

pytestmark = pytest.mark.django_db

TOLD = {
    "name": "Kay Doyle",
    "email": "Kay@Touchline.example",
    "password": "the harbour is quiet",
    "desk_name": "Lantern Books",
    "time_zone": "Europe/Dublin",
    "address": "help@lantern.example",
}


@pytest.fixture
def token(desk: Desk) -> str:
    token = desk.new_link(datetime.now(UTC))
    assert token
    return token


def test_kay_sets_the_desk_up_and_is_signed_in(client: Client, token: str):
    answer = client.post("/set-up/", TOLD | {"token": token})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    desk, kay = Desk.get(), Teammate.objects.get_queryset().get()
    assert (desk.name, desk.time_zone) == ("Lantern Books", "Europe/Dublin")
    assert (kay.name, kay.email, kay.is_owner, kay.check_password(TOLD["password"])) == (
        "Kay Doyle",
        "kay@touchline.example",
        True,
        True,
    )
    assert [mailbox.address for mailbox in Mailbox.objects.open()] == ["help@lantern.example"]
    assert client.session["_auth_user_id"] == str(kay.pk)
    assert "127.0.0.1:8025" in client.session["toast"]["words"]


def test_a_pasted_link_is_as_good_as_its_token(client: Client, token: str):
    assert client.post("/set-up/", TOLD | {"token": f" http://127.0.0.1:8000/set-up/#{token} "}).status_code == 302


def test_a_mailbox_that_a_command_made_does_not_stand_in_the_way(client: Client, token: str):
    made = Mailbox.open(address="Help@lantern.example", name="Help", at=datetime.now(UTC))
    assert client.post("/set-up/", TOLD | {"token": token}).status_code == 302
    assert [mailbox.pk for mailbox in Mailbox.objects.open()] == [made.pk]


@pytest.mark.parametrize("given", ["", "guessed", "%00", "x" * 400])
def test_without_the_link_nobody_claims_the_desk(client: Client, token: str, given: str):
    answer = client.post("/set-up/", TOLD | {"token": given})
    assert answer.status_code == 422
    assert not Teammate.objects.exists()
    assert not Mailbox.objects.exists()


def test_an_old_link_says_to_look_at_the_terminal(client: Client, desk: Desk):
    token = desk.new_link(datetime.now(UTC) - timedelta(hours=24))
    answer = client.post("/set-up/", TOLD | {"token": token})
    assert answer.status_code == 422
    assert "it prints a new one on the terminal" in answer.content.decode()
    assert not Teammate.objects.exists()


def test_only_the_newest_link_is_good(client: Client, desk: Desk, token: str):
    newest = desk.new_link(datetime.now(UTC))
    assert client.post("/set-up/", TOLD | {"token": token}).status_code == 422
    assert client.post("/set-up/", TOLD | {"token": newest}).status_code == 302


def test_a_weak_password_is_refused_and_every_other_answer_kept(client: Client, token: str):
    answer = client.post("/set-up/", TOLD | {"token": token, "password": "kay@touchline.example"})
    page = answer.content.decode()
    assert answer.status_code == 422
    for kept in ("Kay Doyle", "Lantern Books", "help@lantern.example", token, 'value="Europe/Dublin" selected'):
        assert kept in page
    assert 'value="kay@touchline.example"' not in page.split('id="field-password"')[1].split(">")[0]
    assert client.post("/set-up/", TOLD | {"token": token}).status_code == 302


def test_the_page_asks_for_the_link_where_there_is_none(client: Client, desk: Desk):
    page = client.get("/set-up/").content.decode()
    assert "The link from the terminal" in page
    assert 'autocomplete="new-password"' in page


def test_a_desk_that_is_set_up_stays_as_it_is(client: Client, kay: Teammate, desk: Desk):
    Desk.objects.update(link_hash="", link_until=None)
    assert "This desk is set up" in client.get("/set-up/").content.decode()
    answer = client.post("/set-up/", TOLD | {"token": "any"})
    assert answer.status_code == 409
    assert [teammate.pk for teammate in Teammate.objects.get_queryset()] == [kay.pk]
