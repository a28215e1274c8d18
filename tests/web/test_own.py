"""Settings: one's own, and the desk's."""

from datetime import time, timedelta

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.views.defaults import bad_request, permission_denied, server_error

from touchline.desk.models import Desk, Teammate

pytestmark = pytest.mark.django_db

ME = {"name": "Kay O. Doyle", "email": "kay@touchline.example", "theme": "dark"}


@pytest.fixture(autouse=True)
def nobody_tried_yet():
    cache.clear()


def test_kay_says_how_she_is_called_and_likes_the_pages(as_kay: Client, kay: Teammate):
    assert as_kay.post("/settings/me/", ME).status_code == 302
    kay.refresh_from_db()
    assert (kay.name, kay.theme, kay.single_keys) == ("Kay O. Doyle", "dark", False)
    page = as_kay.get("/settings/me/").content.decode()
    assert 'data-theme="dark"' in page
    assert "data-off" in page


def test_a_new_address_wants_the_password(as_kay: Client, kay: Teammate):
    answer = as_kay.post("/settings/me/", ME | {"email": "kay@home.example"})
    assert answer.status_code == 422
    assert "This is not your password as it is now." in answer.content.decode()
    assert as_kay.post("/settings/me/", ME | {"email": "Kay@home.example", "current": "a pass of Kay"}).status_code == 302
    kay.refresh_from_db()
    assert kay.email == "kay@home.example"


def test_two_of_us_never_have_the_same_address(as_kay: Client, kay: Teammate, sam: Teammate):
    answer = as_kay.post("/settings/me/", ME | {"email": "SAM@touchline.example", "current": "a pass of Kay"})
    assert answer.status_code == 422
    assert "a colleague’s address" in answer.content.decode()


def test_a_new_password_signs_kay_out_everywhere_else(as_kay: Client, kay: Teammate):
    elsewhere = Client()
    elsewhere.force_login(kay)
    told = {"new_password": "yes", "current": "a pass of Kay", "password": "the harbour is quiet"}
    assert as_kay.post("/settings/me/", told | {"current": "guessed"}).status_code == 422
    assert as_kay.post("/settings/me/", told | {"password": "short"}).status_code == 422
    assert as_kay.post("/settings/me/", told).status_code == 302
    kay.refresh_from_db()
    assert kay.check_password("the harbour is quiet")
    assert as_kay.get("/settings/me/").status_code == 200
    assert elsewhere.get("/settings/me/").status_code == 302


def test_a_browser_left_open_does_not_let_passwords_be_guessed(as_kay: Client):
    told = {"new_password": "yes", "current": "guessed", "password": "the harbour is quiet"}
    assert [as_kay.post("/settings/me/", told).status_code for _ in range(6)] == [422] * 5 + [429]


def test_the_switch_keeps_what_was_chosen(as_kay: Client, kay: Teammate):
    assert as_kay.post("/settings/theme/", {"theme": "light"}).status_code == 204
    kay.refresh_from_db()
    assert kay.theme == "light"
    assert as_kay.post("/settings/theme/", {"theme": "purple"}).status_code == 400
    assert as_kay.get("/settings/theme/").status_code == 405


def test_an_owner_says_what_the_team_is_called_and_how_far_it_looks_back(as_kay: Client):
    told = {
        "desk_name": "Lantern Books",
        "time_zone": "Europe/Berlin",
        "take_back": "20",
        "quiet_from": "21:30",
        "quiet_to": "07:00",
        "back_within": "120",
        "hours": "6",
        "days": "4",
        "weeks": "28",
    }
    assert as_kay.post("/settings/desk/", told).status_code == 302
    desk = Desk.get()
    assert (desk.name, desk.time_zone) == ("Lantern Books", "Europe/Berlin")
    assert desk.take_back_for == timedelta(seconds=20)
    assert (desk.quiet_from, desk.quiet_to, desk.back_within) == (time(21, 30), time(7), timedelta(days=120))
    assert (desk.hours, desk.days, desk.weeks) == (timedelta(hours=6), timedelta(days=4), timedelta(days=28))


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours": "0"},
        {"hours": "24", "days": "1"},
        {"days": "28", "weeks": "28"},
        {"time_zone": "Mars/Olympus"},
        {"weeks": "many"},
        {"take_back": "4"},
        {"take_back": "61"},
        {"quiet_from": "late"},
        {"back_within": "0"},
    ],
)
def test_what_makes_no_sense_is_refused(as_kay: Client, wrong: dict[str, str]):
    told = {
        "desk_name": "Lantern Books",
        "time_zone": "Europe/Berlin",
        "take_back": "20",
        "quiet_from": "21:30",
        "quiet_to": "07:00",
        "back_within": "120",
        "hours": "6",
        "days": "4",
        "weeks": "28",
    }
    assert as_kay.post("/settings/desk/", told | wrong).status_code == 422
    assert Desk.get().name == "The help of Touchline"


def test_what_is_the_owners_is_not_found_by_others(as_kay: Client, as_sam: Client):
    assert as_sam.get("/settings/desk/").status_code == 404
    assert as_sam.post("/settings/desk/", {}).status_code == 404
    page = as_sam.get("/settings/").content.decode()
    assert "/settings/desk/" not in page
    assert "/settings/desk/" in as_kay.get("/settings/").content.decode()


def test_a_page_that_is_not_there_is_told_in_words(as_kay: Client):
    answer = as_kay.get("/nothing/here/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_what_goes_wrong_is_told_in_words_even_without_a_desk(rf: RequestFactory, db: None):
    request = rf.get("/")
    answers = {
        400: bad_request(request, ValueError()),
        403: permission_denied(request, PermissionError()),
        500: server_error(request),
    }
    for status, answer in answers.items():
        page = answer.content.decode()
        assert answer.status_code == status
        assert "<h1" in page
        assert "Go to Today" in page
