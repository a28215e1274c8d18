"""The visit to a provider begins and ends in the session of the owner who makes it, and nowhere else."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client

from tests.oauth_server import OAuthServer
from touchline.desk.models import Mailbox

pytestmark = pytest.mark.django_db

DONE = "/settings/mailboxes/oauth/done/"


@pytest.fixture
def server(settings: Any) -> Iterator[OAuthServer]:
    settings.OAUTH_LOOPBACK = True
    server = OAuthServer().start()
    yield server
    server.stop()


def page_of(mailbox: Mailbox, more: str = "") -> str:
    return f"/settings/mailboxes/{mailbox.pk}/{more}"


def registration(server: OAuthServer, **other: str) -> dict[str, str]:
    told = {"provider": "other", "issuer": server.issuer, "scope": "mail", "client_id": server.client_id}
    return told | {"client_secret": server.client_secret} | other


@pytest.fixture
def registered(as_kay: Client, support: Mailbox, server: OAuthServer) -> Mailbox:
    Mailbox.objects.update(imap_host="imap.lantern.example")
    assert as_kay.post(page_of(support, "sign-in/"), registration(server)).status_code == 302
    support.refresh_from_db()
    return support


def off(browser: Client, mailbox: Mailbox) -> dict[str, str]:
    """Off to the provider: what it is told in the address."""
    answer = browser.get(page_of(mailbox, "sign-in/go/"))
    assert answer.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}


def back(browser: Client, **told: str) -> str:
    """The page that they see when they are back."""
    answer = browser.get(f"{DONE}?{urlencode(told)}", follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_kay_signs_in_and_mail_is_fetched_with_it(as_kay: Client, registered: Mailbox, server: OAuthServer):
    page = as_kay.get(page_of(registered, "sign-in/")).content.decode()
    assert DONE in page and page_of(registered, "sign-in/go/") in page
    told = off(as_kay, registered)
    assert told["redirect_uri"].endswith(DONE)
    page = back(as_kay, code=server.code_for(told), state=told["state"])
    assert "Signed in as kay@touchline.example" in page
    registered.refresh_from_db()
    assert (registered.sign_in_by, registered.must_sign_in) == ("oauth", False)
    assert registered.due_at
    page = as_kay.get(page_of(registered)).content.decode()
    assert 'name="in-password"' not in page and 'name="in-username"' in page
    assert as_kay.post(page_of(registered), {"name": "Lantern", "in-host": "imap.lantern.example"}).status_code == 302
    registered.refresh_from_db()
    assert not registered.must_sign_in


def test_a_code_that_comes_without_a_journey_is_not_taken(as_kay: Client, registered: Mailbox, server: OAuthServer):
    told = off(as_kay, registered)
    code = server.code_for(told)
    for state in ("", "wrong", told["state"][:-1], "é"):
        off(as_kay, registered)
        assert "was not begun here" in back(as_kay, code=code, state=state)
    assert "was not begun here" in back(as_kay, code=code, state=told["state"]), "the journey that was begun last is the one"
    assert not server.asked
    registered.refresh_from_db()
    assert registered.sign_in_by == "password"


def test_a_journey_ends_once(as_kay: Client, registered: Mailbox, server: OAuthServer):
    told = off(as_kay, registered)
    back(as_kay, code=server.code_for(told), state=told["state"])
    assert "was not begun here" in back(as_kay, code=server.code_for(told), state=told["state"])


def test_nobody_else_can_come_back_from_it(as_kay: Client, registered: Mailbox, server: OAuthServer, sam: Any):
    told = off(as_kay, registered)
    other = Client()
    other.force_login(sam, backend="django.contrib.auth.backends.ModelBackend")
    assert other.get(f"{DONE}?state={told['state']}&code=x").status_code == 404
    assert other.get(page_of(registered, "sign-in/go/")).status_code == 404
    assert other.get(page_of(registered, "sign-in/")).status_code == 404
    assert other.post(page_of(registered, "sign-in/forget/")).status_code == 404


def test_who_does_not_allow_it_is_told_that_nothing_changed(as_kay: Client, registered: Mailbox):
    told = off(as_kay, registered)
    assert "You did not let us in there" in back(as_kay, error="access_denied", state=told["state"])
    told = off(as_kay, registered)
    page = back(as_kay, error="server_error", error_description="<b>Sorry</b>", state=told["state"])
    assert "&lt;b&gt;Sorry" in page and "<b>Sorry" not in page


def test_what_the_provider_does_not_like_is_told(as_kay: Client, registered: Mailbox, server: OAuthServer):
    told = off(as_kay, registered)
    assert "This code is no good" in back(as_kay, code="made-up", state=told["state"])
    server.stop()
    told_nobody = as_kay.get(page_of(registered, "sign-in/go/"), follow=True).content.decode()
    assert "could not be reached" in told_nobody
    server.start()


def test_a_secret_is_never_shown_again_and_not_kept_for_another_client(as_kay: Client, registered: Mailbox, server: OAuthServer):
    assert server.client_secret not in as_kay.get(page_of(registered, "sign-in/")).content.decode()
    as_kay.post(page_of(registered, "sign-in/"), registration(server, client_secret=""))
    assert Mailbox.objects.get().oauth_client_secret == server.client_secret
    as_kay.post(page_of(registered, "sign-in/"), registration(server, client_secret="", issuer="https://evil.example"))
    assert Mailbox.objects.get().oauth_client_secret == ""


@pytest.mark.parametrize(
    "wrong", [{"client_id": ""}, {"provider": "nobody"}, {"issuer": ""}, {"issuer": "javascript:alert(1)"}, {"scope": ""}]
)
def test_what_cannot_be_is_refused(as_kay: Client, support: Mailbox, server: OAuthServer, wrong: dict[str, str]):
    answer = as_kay.post(page_of(support, "sign-in/"), registration(server, **wrong))
    assert answer.status_code == 422
    assert server.client_secret not in answer.content.decode()
    support.refresh_from_db()
    assert support.oauth_client_id == ""


def test_a_password_can_be_used_again(as_kay: Client, registered: Mailbox, server: OAuthServer):
    told = off(as_kay, registered)
    back(as_kay, code=server.code_for(told), state=told["state"])
    assert "thrown away" in as_kay.post(page_of(registered, "sign-in/forget/"), follow=True).content.decode()
    assert 'name="in-password"' in as_kay.get(page_of(registered)).content.decode()


def test_where_access_was_taken_back_every_page_says_so_and_leads_there(as_kay: Client, registered: Mailbox, server: OAuthServer):
    told = off(as_kay, registered)
    back(as_kay, code=server.code_for(told), state=told["state"])
    Mailbox.objects.update(oauth_refresh_token="", trouble="", tries=0)
    page = as_kay.get("/").content.decode()
    assert "Nobody is signed in" in page and f'<a href="{page_of(registered)}">Sign in again</a>' in page
    assert page_of(registered, "sign-in/go/") in as_kay.get(page_of(registered)).content.decode()
