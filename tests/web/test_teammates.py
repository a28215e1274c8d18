"""Who works here: who comes, and who leaves."""

import re
from datetime import datetime
from html import unescape

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from touchline.desk.models import Conversation, Mailbox, Notice, Teammate

pytestmark = pytest.mark.django_db

ADA = {"name": "Ada Byrne", "email": "ada@touchline.example"}


@pytest.fixture(autouse=True)
def nobody_tried_yet():
    cache.clear()


def link_on(page: str) -> str:
    found = re.search(r'value="http://127\.0\.0\.1:8000(/new-password/[^"]+)"', unescape(page))
    assert found
    return found[1]


def comes_in(link: str) -> Client:
    browser = Client()
    browser.post(browser.get(link)["Location"], {"password": "the harbour is quiet"})
    return browser


def test_ada_comes_in_with_a_link_that_is_shown_once(as_kay: Client, support: Mailbox):
    page = as_kay.post("/settings/teammates/add/", ADA, follow=True).content.decode()
    ada = Teammate.objects.here().get(email="ada@touchline.example")
    assert not ada.is_owner
    assert "please hand it over yourself" in page
    assert "/new-password/" not in as_kay.get("/settings/teammates/").content.decode()
    assert not Notice.objects.exists()
    assert comes_in(link_on(page)).get("/settings/me/").status_code == 200


def test_one_who_leads_may_write_to_many(as_kay: Client):
    as_kay.post("/settings/teammates/add/", ADA | {"lead": "on"})
    ada = Teammate.objects.here().get(email="ada@touchline.example")
    assert ada.is_lead and not ada.is_owner


def test_the_link_is_mailed_where_mail_can_leave(as_kay: Client, can_send: Mailbox):
    page = as_kay.post("/settings/teammates/add/", ADA | {"owner": "on"}, follow=True).content.decode()
    notice = Notice.objects.get()
    assert notice.email == "ada@touchline.example"
    assert "on its way to ada@touchline.example" in page
    assert "http://127.0.0.1:8000/new-password/" in notice.text
    assert Teammate.objects.here().get(email="ada@touchline.example").is_owner


def test_an_address_is_one_teammate(as_kay: Client, sam: Teammate):
    answer = as_kay.post("/settings/teammates/add/", ADA | {"email": "SAM@touchline.example"})
    assert answer.status_code == 422
    assert "is here already" in answer.content.decode()


def test_sam_leaves_and_what_was_with_him_is_with_nobody(
    as_kay: Client, as_sam: Client, sam: Teammate, nora_cannot_sign_in: Conversation
):
    Conversation.objects.filter(pk=nora_cannot_sign_in.pk).update(assignee=sam)
    page = as_kay.get(f"/settings/teammates/{sam.pk}/deactivate/").content.decode()
    assert "1 open conversation is with them" in page
    assert as_kay.post(f"/settings/teammates/{sam.pk}/deactivate/").status_code == 302
    sam.refresh_from_db()
    nora_cannot_sign_in.refresh_from_db()
    assert not sam.is_active
    assert nora_cannot_sign_in.assignee is None
    assert as_sam.get("/settings/me/").status_code == 302
    assert "Who has left" in as_kay.get("/settings/teammates/").content.decode()


def test_the_only_owner_cannot_leave(as_kay: Client, kay: Teammate, sam: Teammate):
    answer = as_kay.post(f"/settings/teammates/{kay.pk}/deactivate/")
    assert answer.status_code == 409
    assert "Kay Doyle is the only owner" in answer.content.decode()
    kay.refresh_from_db()
    assert kay.is_active


def test_sam_comes_back_with_all_he_did(as_kay: Client, sam: Teammate):
    sam.leave(at=timezone.now())
    page = as_kay.post("/settings/teammates/add/", {"name": "Sam Okoro", "email": sam.email}, follow=True).content.decode()
    back = Teammate.objects.here().get(email=sam.email)
    assert back.pk == sam.pk
    assert not back.check_password("a pass of Sam"), "the password from before is no good"
    assert comes_in(link_on(page)).get("/settings/me/").status_code == 200


def test_a_link_from_before_someone_left_is_no_good(as_kay: Client, sam: Teammate, at: datetime):
    link = link_on(as_kay.post("/settings/teammates/", {"link": sam.pk}, follow=True).content.decode())
    sam.leave(at=at)
    assert Client().get(link).status_code == 410


def test_an_owner_makes_a_link_for_whoever_lost_their_password(as_kay: Client, sam: Teammate):
    link = link_on(as_kay.post("/settings/teammates/", {"link": sam.pk}, follow=True).content.decode())
    assert comes_in(link).get("/settings/me/").status_code == 200
    for wrong in ("", "x", "1", "9" * 30):
        assert as_kay.post("/settings/teammates/", {"link": wrong}).status_code == 404


def test_sam_sees_who_works_here_and_changes_nothing(as_sam: Client, kay: Teammate):
    page = as_sam.get("/settings/teammates/").content.decode()
    assert "Kay Doyle" in page
    assert "They leave" not in page
    assert as_sam.post("/settings/teammates/", {"link": kay.pk}).status_code == 404
    assert as_sam.post("/settings/teammates/add/", ADA).status_code == 404
    assert as_sam.post(f"/settings/teammates/{kay.pk}/deactivate/").status_code == 404
