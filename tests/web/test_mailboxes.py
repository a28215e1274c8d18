"""The addresses that people write to, and how each is reached."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from touchline.channels import CHANNELS, Step
from touchline.desk.models import Mailbox
from touchline.web.mailboxes import tried

pytestmark = pytest.mark.django_db

IN = {"in-host": "imap.lantern.example", "in-username": "help", "in-password": "a pass in", "in-folder": "INBOX"}
OUT = {"out-host": "smtp.lantern.example", "out-username": "help", "out-password": "a pass out"}
NAMED = {"name": "Lantern Books"}


def page_of(mailbox: Mailbox) -> str:
    return f"/settings/mailboxes/{mailbox.pk}/"


class Outside:
    """A channel whose way in works and whose way out does not."""

    kind = "email"
    asks = CHANNELS["email"].asks

    def check(self, told: Any, *, way: str) -> Iterator[Step]:
        yield Step("resolve", True, f"{told['host']} is at 192.0.2.1.")
        yield Step("sign in", way == "in", "Signed in." if way == "in" else "The server refused the password.")


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHANNELS, "email", Outside())  # type: ignore[arg-type]


def test_kay_adds_a_mailbox(as_kay: Client):
    answer = as_kay.post("/settings/mailboxes/add/", {"address": "help@lantern.example", "name": "Lantern Books"})
    mailbox = Mailbox.objects.get()
    assert answer["Location"] == page_of(mailbox)
    assert as_kay.post("/settings/mailboxes/add/", {"address": "HELP@lantern.example", "name": "x"}).status_code == 422
    assert "help@lantern.example" in as_kay.get("/settings/mailboxes/").content.decode()


def test_she_says_how_it_is_reached(as_kay: Client, support: Mailbox):
    assert as_kay.post(page_of(support), NAMED | IN | OUT).status_code == 302
    support.refresh_from_db()
    assert (support.name, support.imap_host, support.imap_port, support.imap_security) == (
        "Lantern Books",
        "imap.lantern.example",
        993,
        "tls",
    )
    assert (support.imap_password, support.smtp_password) == ("a pass in", "a pass out")
    assert (support.smtp_port, support.smtp_security) == (587, "starttls")
    assert support.due_at, "it is fetched at once"


def test_every_question_of_the_channel_is_asked(as_kay: Client, support: Mailbox):
    page = as_kay.get(page_of(support)).content.decode()
    for ask in CHANNELS["email"].asks:
        assert f'name="{ask.way}-{ask.name}"' in page


def test_a_password_is_never_shown_again_and_stays_where_it_is_left_empty(as_kay: Client, support: Mailbox):
    as_kay.post(page_of(support), NAMED | IN | OUT)
    page = as_kay.get(page_of(support)).content.decode()
    assert "a pass in" not in page
    assert "a pass out" not in page
    assert page.count("Leave this empty to keep it") == 2
    assert (
        as_kay.post(page_of(support), NAMED | IN | OUT | {"in-password": "", "out-password": "", "in-folder": "Help"}).status_code
        == 302
    )
    support.refresh_from_db()
    assert (support.imap_folder, support.imap_password, support.smtp_password) == ("Help", "a pass in", "a pass out")


@pytest.mark.parametrize(("way", "host"), [("in", "imap.evil.example"), ("out", "smtp.evil.example")])
def test_a_password_we_keep_is_not_sent_to_another_server(as_kay: Client, support: Mailbox, way: str, host: str):
    as_kay.post(page_of(support), NAMED | IN | OUT)
    answer = as_kay.post(page_of(support), NAMED | IN | OUT | {f"{way}-host": host, f"{way}-password": ""})
    assert answer.status_code == 422
    assert "the password once more" in answer.content.decode()
    support.refresh_from_db()
    assert (support.imap_host, support.smtp_host) == ("imap.lantern.example", "smtp.lantern.example")


def test_the_same_name_and_password_can_be_used_both_ways(as_kay: Client, support: Mailbox):
    as_kay.post(page_of(support), NAMED | IN | {"out-host": "smtp.lantern.example", "same": "on"})
    support.refresh_from_db()
    assert (support.smtp_username, support.smtp_password) == ("help", "a pass in")
    answer = as_kay.post(page_of(support), NAMED | IN | {"in-password": "", "out-host": "smtp.evil.example", "same": "on"})
    assert answer.status_code == 422


def test_a_way_without_a_server_is_forgotten_with_its_password(as_kay: Client, support: Mailbox):
    as_kay.post(page_of(support), NAMED | IN | OUT)
    assert as_kay.post(page_of(support), NAMED | IN | {"in-host": ""}).status_code == 302
    support.refresh_from_db()
    assert (support.can_fetch, support.can_send, support.due_at) == (False, False, None)
    assert (support.imap_password, support.smtp_password, support.imap_username) == ("", "", "")


@pytest.mark.parametrize(
    "wrong",
    [{"in-port": "99999"}, {"in-port": "imap"}, {"in-security": "hope"}, {"in-username": ""}, {"in-password": ""}, {"name": ""}],
)
def test_what_cannot_be_is_refused_with_all_that_was_typed_but_the_password(
    as_kay: Client, support: Mailbox, wrong: dict[str, str]
):
    answer = as_kay.post(page_of(support), NAMED | IN | OUT | wrong)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "imap.lantern.example" in page
    assert "a pass out" not in page
    support.refresh_from_db()
    assert not support.can_fetch


def test_trying_shows_every_step_of_both_ways(as_kay: Client, support: Mailbox, outside: None):
    answer = as_kay.post(page_of(support), NAMED | IN | OUT | {"try": "yes"}, follow=True)
    page = answer.content.decode()
    assert (
        page.index("imap.lantern.example is at 192.0.2.1.")
        < page.index("Signed in.")
        < page.index("The server refused the password.")
    )
    assert page.count("Worked:") == 3
    assert page.count("Did not work:") == 1
    assert "Signed in." not in as_kay.get(page_of(support)).content.decode(), "what was tried is told once"
    assert "Signed in." in as_kay.post(page_of(support) + "check/", follow=True).content.decode()


def test_nobody_waits_for_a_server_that_says_nothing(support: Mailbox, monkeypatch: pytest.MonkeyPatch):
    hurry = threading.Event()

    class Silent(Outside):
        def check(self, told: Any, *, way: str) -> Iterator[Step]:
            yield Step("resolve", True, "It is found.")
            hurry.wait(30)

    monkeypatch.setitem(CHANNELS, "email", Silent())  # type: ignore[arg-type]
    support.imap_host = support.smtp_host = "mail.lantern.example"
    steps = tried(support, seconds=0.2)
    hurry.set()
    assert [[worked for worked, _ in steps[way]] for way in ("in", "out")] == [[True, False], [True, False]]


def test_sam_may_look_but_not_change(as_sam: Client, support: Mailbox, kay: Any):
    page = as_sam.get(page_of(support)).content.decode()
    assert "Owners can change this: Kay Doyle." in page
    assert "<fieldset" not in page
    for address in (page_of(support), page_of(support) + "check/", "/settings/mailboxes/add/"):
        assert as_sam.post(address, NAMED | IN).status_code == 404
    support.refresh_from_db()
    assert not support.can_fetch


def test_the_list_asks_no_more_for_more_mailboxes(as_kay: Client, support: Mailbox, at: Any, django_assert_max_num_queries: Any):
    for number in range(20):
        Mailbox.open(address=f"help{number}@lantern.example", name="Help", at=at)
    with django_assert_max_num_queries(14):
        as_kay.get("/settings/mailboxes/")
