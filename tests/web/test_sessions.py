"""Coming in, going out, and a forgotten password."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, override_settings

from touchline.desk.models import Mailbox, Notice, Teammate

pytestmark = pytest.mark.django_db

KAY = {"login": "kay@touchline.example", "password": "a pass of Kay"}
NEW = "the harbour is quiet"


@pytest.fixture(autouse=True)
def nobody_tried_yet():
    cache.clear()


def link_in(notice: Notice) -> str:
    found = re.search(r"http://127\.0\.0\.1:8000(/new-password/\S+)", notice.text)
    assert found
    return found[1]


def test_kay_signs_in_and_is_at_today(client: Client, kay: Teammate):
    client.get("/sign-in/")
    answer = client.post("/sign-in/", KAY | {"login": "Kay@Touchline.example"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(kay.pk)


def test_she_comes_back_to_where_she_was_going(client: Client, kay: Teammate):
    asked = client.get("/settings/me/")
    assert asked["Location"] == "/sign-in/?next=%2Fsettings%2Fme%2F"
    page = client.get(asked["Location"]).content.decode()
    assert '<input type="hidden" name="next" value="/settings/me/">' in page
    assert client.post("/sign-in/", KAY | {"next": "/settings/me/"})["Location"] == "/settings/me/"


@pytest.mark.parametrize(
    ("came_from", "next_page"),
    [
        ("http://testserver/conversations/7/?in=waiting", "/sign-in/?next=%2Fconversations%2F7%2F%3Fin%3Dwaiting"),
        ("http://testserver//evil.example/", "/sign-in/"),
        ("https://evil.example/conversations/7/", "/sign-in/"),
        ("", "/sign-in/"),
    ],
)
def test_after_an_action_she_comes_back_to_its_page_and_never_to_the_action(
    db: None, client: Client, came_from: str, next_page: str
):
    posted = client.post("/conversations/7/take/", headers={"Referer": came_from})
    assert (posted.status_code, posted["Location"]) == (302, next_page)
    smooth = client.post("/conversations/7/take/", headers={"HX-Request": "true", "HX-Current-URL": came_from})
    assert (smooth.status_code, smooth["HX-Redirect"]) == (401, next_page)


def test_a_piece_of_a_page_is_no_place_to_come_back_to(db: None, client: Client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/waiting/"}
    answer = client.get("/waiting/?block=list", headers=headers)
    assert answer["HX-Redirect"] == "/sign-in/?next=%2Fwaiting%2F"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\thttps://evil.example"]
)
def test_no_link_leads_from_signing_in_to_somewhere_else(client: Client, kay: Teammate, elsewhere: str):
    assert client.post("/sign-in/", KAY | {"next": elsewhere})["Location"] == "/"
    assert client.get("/sign-in/", {"next": elsewhere})["Location"] == "/"


def test_the_session_gets_a_new_key(client: Client, kay: Teammate):
    client.session["something"] = "kept"
    before = client.session
    before.save()
    client.cookies["touchline_session"] = before.session_key
    client.post("/sign-in/", KAY)
    assert client.session.session_key != before.session_key


def test_it_lasts_only_as_long_as_the_browser_is_open_unless_asked_otherwise(client: Client, kay: Teammate):
    client.post("/sign-in/", KAY)
    assert client.session.get_expire_at_browser_close()
    client.post("/sign-out/")
    client.post("/sign-in/", KAY | {"remember": "on"})
    assert client.session.get_expiry_age() == 30 * 24 * 3600


@pytest.mark.parametrize("given", [{"password": "guessed"}, {"login": "nobody@touchline.example"}])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: Client, kay: Teammate, given: dict[str, str]):
    answer = client.post("/sign-in/", KAY | given)
    assert answer.status_code == 422
    assert "This address and this password do not go together." in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_it_takes_as_long_for_an_unknown_address(client: Client, kay: Teammate, monkeypatch: pytest.MonkeyPatch):
    hashed: list[str] = []
    monkeypatch.setattr(
        "django.contrib.auth.hashers.MD5PasswordHasher.encode",
        lambda self, password, salt: hashed.append(password) or f"md5$x${password}",
    )
    client.post("/sign-in/", KAY | {"password": "guessed"})
    known = len(hashed)
    client.post("/sign-in/", KAY | {"login": "nobody@touchline.example", "password": "guessed"})
    assert known > 0
    assert len(hashed) == 2 * known


def test_after_five_wrong_passwords_an_address_has_to_wait_though_the_sixth_is_right(client: Client, kay: Teammate):
    for number in range(5):
        assert client.post("/sign-in/", KAY | {"password": "guessed"}, REMOTE_ADDR=f"192.0.2.{number}").status_code == 422
    answer = client.post("/sign-in/", KAY, REMOTE_ADDR="192.0.2.77")
    assert answer.status_code == 429
    assert "Please wait five minutes" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_one_machine_cannot_try_many_addresses(client: Client, kay: Teammate):
    statuses = [
        client.post("/sign-in/", {"login": f"{n}@touchline.example", "password": "guessed"}).status_code for n in range(12)
    ]
    assert statuses == [422] * 10 + [429] * 2
    assert client.post("/sign-in/", KAY, REMOTE_ADDR="192.0.2.1").status_code == 302


def test_a_try_too_many_is_not_even_looked_at(client: Client, kay: Teammate, monkeypatch: pytest.MonkeyPatch):
    for number in range(30):
        client.post("/sign-in/", {"login": f"{number}@touchline.example"})
    looked: list[str] = []
    monkeypatch.setattr(Teammate, "check_password", lambda self, password: bool(looked.append(password)))
    answer = client.post("/sign-in/", KAY)
    assert answer.status_code == 429
    assert not looked
    assert 'value="kay@touchline.example"' in answer.content.decode()


def test_who_left_cannot_come_in(client: Client, kay: Teammate, sam: Teammate, at: datetime):
    client.post("/sign-in/", {"login": sam.email, "password": "a pass of Sam"})
    assert client.get("/settings/me/").status_code == 200
    sam.leave(at=at)
    assert client.get("/settings/me/").status_code == 302
    assert client.post("/sign-in/", {"login": sam.email, "password": "a pass of Sam"}).status_code == 422


def test_kay_signs_out_by_a_button_and_never_by_a_link(as_kay: Client):
    assert as_kay.get("/sign-out/").status_code == 405
    assert as_kay.post("/sign-out/")["Location"] == "/sign-in/"
    assert as_kay.get("/settings/me/").status_code == 302


def test_before_the_desk_is_set_up_the_page_says_where_to_look(client: Client, db: None):
    assert "sees a link on the terminal" in client.get("/sign-in/").content.decode()


def test_a_demo_says_who_one_can_be(client: Client, kay: Teammate, settings: Any):
    assert "demo-demo-demo" not in client.get("/sign-in/").content.decode()
    settings.DEMO = True
    assert "demo-demo-demo" in client.get("/sign-in/").content.decode()


def test_forms_from_elsewhere_are_refused(kay: Teammate):
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", KAY)
    assert answer.status_code == 403
    assert "This page was open too long" in answer.content.decode()


def test_sam_forgot_and_gets_a_link_that_works_once(client: Client, kay: Teammate, sam: Teammate, can_send: Mailbox):
    elsewhere = Client()
    elsewhere.post("/sign-in/", {"login": sam.email, "password": "a pass of Sam"})
    answer = client.post("/forgot/", {"email": "SAM@touchline.example"})
    assert "a mail with a link is on its way" in answer.content.decode()
    notice = Notice.objects.get()
    assert notice.email == sam.email
    link = link_in(notice)

    choosing = client.get(link)
    assert choosing.status_code == 302
    assert choosing["Location"].endswith("/choose/")
    page = client.get(choosing["Location"])
    assert page.status_code == 200
    assert link.split("/")[-2] not in page.content.decode()
    assert page["Referrer-Policy"] == "same-origin"
    assert client.post(choosing["Location"], {"password": "short"}).status_code == 422

    assert client.post(choosing["Location"], {"password": NEW})["Location"] == "/"
    sam.refresh_from_db()
    assert sam.check_password(NEW)
    assert client.get("/settings/me/").status_code == 200
    assert elsewhere.get("/settings/me/").status_code == 302, "elsewhere Sam is signed out"
    assert Client().get(link).status_code == 410
    assert client.post(choosing["Location"], {"password": "another quiet harbour"}).status_code == 410


def test_whoever_opens_the_page_without_the_link_cannot_choose(client: Client, kay: Teammate, sam: Teammate, can_send: Mailbox):
    client.post("/forgot/", {"email": sam.email})
    uid = link_in(Notice.objects.get()).split("/")[2]
    for address in (
        f"/new-password/{uid}/choose/",
        f"/new-password/{uid}/guessed/",
        "/new-password/!!/x/",
        "/new-password/OTk5OTk5OTk5OTk5OTk5OTk5OTk5/x/",
    ):
        assert Client().post(address, {"password": NEW}).status_code == 410
    sam.refresh_from_db()
    assert sam.check_password("a pass of Sam")


def test_the_link_is_good_for_a_day(client: Client, kay: Teammate, sam: Teammate, can_send: Mailbox):
    client.post("/forgot/", {"email": sam.email})
    link = link_in(Notice.objects.get())
    with override_settings(PASSWORD_RESET_TIMEOUT=-1):
        assert client.get(link).status_code == 410
    assert client.get(link).status_code == 302


def test_nobody_learns_who_works_here(client: Client, kay: Teammate, sam: Teammate, can_send: Mailbox, at: datetime):
    sam.leave(at=at)
    pages = [client.post("/forgot/", {"email": who}).content for who in (kay.email, sam.email, "nobody@touchline.example")]
    assert len({re.sub(rb'value="[^"]*"', b"", page) for page in pages}) == 1
    assert [notice.email for notice in Notice.objects.all()] == [kay.email]


def test_where_no_mail_can_leave_the_page_names_the_command(client: Client, kay: Teammate, support: Mailbox):
    assert "bin/touchline teammate password" in client.get("/forgot/").content.decode()
    client.post("/forgot/", {"email": kay.email})
    assert not Notice.objects.exists()


def test_nobodys_mailbox_is_filled_with_links(client: Client, kay: Teammate, can_send: Mailbox):
    statuses = [client.post("/forgot/", {"email": kay.email}, REMOTE_ADDR=f"192.0.2.{n}").status_code for n in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    assert Notice.objects.count() == 5


def test_the_link_is_for_our_own_address_whatever_the_request_says(client: Client, kay: Teammate, can_send: Mailbox):
    client.post("/forgot/", {"email": kay.email}, HTTP_HOST="localhost", HTTP_X_FORWARDED_HOST="evil.example")
    assert "http://127.0.0.1:8000/new-password/" in Notice.objects.get().text
    assert datetime.now(UTC) >= Notice.objects.get().due_at
