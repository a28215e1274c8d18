"""A mailbox that signs in by OAuth2 renews what it was given, says when somebody has to sign in again, and loses nothing meanwhile."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection

from tests.cast import NORA
from tests.oauth_server import OAuthServer, dovecot_lines
from tests.servers import DOVECOT, Dovecot, running_dovecot
from touchline.channels import NotNow, SignInAgain
from touchline.desk.models import InboundEmail, Mailbox
from touchline.desk.models.mailbox_signing_in import CannotReach

pytestmark = pytest.mark.django_db

BACK = "https://help.example.com/settings/mailboxes/oauth/done/"


@pytest.fixture(scope="module")
def oauth_server() -> Iterator[OAuthServer]:
    server = OAuthServer().start()
    yield server
    server.stop()


@pytest.fixture
def server(oauth_server: OAuthServer, settings: Any) -> Iterator[OAuthServer]:
    settings.OAUTH_LOOPBACK = True
    yield oauth_server
    oauth_server.answer, oauth_server.lasts = None, 3600
    oauth_server.asked.clear()
    oauth_server.revoke()


@pytest.fixture
def registered(support: Mailbox, server: OAuthServer) -> Mailbox:
    """Support, which its provider knows; nobody has signed in yet."""
    support.be_reached({"imap_host": "127.0.0.1", "imap_security": "none"}, at=datetime.now(UTC))
    support.registered(
        {
            "oauth_provider": "other",
            "oauth_directory": "",
            "oauth_issuer": server.issuer,
            "oauth_scope": "mail",
            "oauth_client_id": server.client_id,
            "oauth_client_secret": server.client_secret,
        }
    )
    return support


def sign_in(mailbox: Mailbox, server: OAuthServer) -> None:
    journey, address = mailbox.journey(back=BACK)
    code = server.code_for({name: values[0] for name, values in parse_qs(urlsplit(address).query).items()})
    mailbox.signed_in(verifier=journey["verifier"], code=code, back=BACK, at=datetime.now(UTC))


@pytest.fixture
def signed_in(registered: Mailbox, server: OAuthServer) -> Mailbox:
    sign_in(registered, server)
    return registered


def test_signing_in_keeps_tokens_that_cannot_be_read_in_the_database(signed_in: Mailbox, server: OAuthServer):
    mailbox = Mailbox.objects.get(pk=signed_in.pk)
    assert (mailbox.sign_in_by, mailbox.oauth_signed_in_as, mailbox.must_sign_in) == ("oauth", "kay@touchline.example", False)
    assert server.good(mailbox.token(""))
    with connection.cursor() as cursor:
        cursor.execute("SELECT oauth_access_token, oauth_refresh_token, oauth_client_secret FROM desk_mailbox")
        kept = cursor.fetchone()
    for secret in (mailbox.oauth_access_token, mailbox.oauth_refresh_token, server.client_secret):
        assert secret and all(secret not in column for column in kept)
    told = mailbox.told_in()
    assert told["password"] == "" and mailbox.oauth_access_token not in repr(told)


def test_a_token_is_used_until_shortly_before_it_ends_and_then_renewed(signed_in: Mailbox, server: OAuthServer):
    first = signed_in.token("")
    assert signed_in.token("") == first
    Mailbox.objects.update(oauth_expires_at=datetime.now(UTC) + timedelta(minutes=4))
    second = signed_in.token("")
    assert second != first and server.good(second)
    assert [told["grant_type"] for told in server.asked] == ["authorization_code", "refresh_token"]
    assert Mailbox.objects.get().token("") == second


def test_a_token_that_a_server_refused_is_renewed_once_and_not_by_everyone_who_saw_it_refused(
    signed_in: Mailbox, server: OAuthServer
):
    first = signed_in.token("")
    second = signed_in.token(first)
    assert second != first
    assert Mailbox.objects.get().token(first) == second, "somebody else has renewed it meanwhile"
    assert len(server.asked) == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_find_it_ended_at_once_renew_it_once(signed_in: Mailbox, server: OAuthServer):
    """A provider that hears one refresh token twice takes it for stolen, and ends them all."""
    Mailbox.objects.update(oauth_expires_at=datetime.now(UTC))
    given: list[str] = []

    def need() -> None:
        given.append(Mailbox.objects.get(pk=signed_in.pk).token(""))
        connection.close()

    threads = [threading.Thread(target=need) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(given) == 6 and len(set(given)) == 1
    assert len(server.asked) == 2


def test_where_access_was_taken_back_somebody_has_to_sign_in_and_then_all_goes_on(signed_in: Mailbox, server: OAuthServer):
    server.revoke()
    with pytest.raises(SignInAgain):
        signed_in.token(signed_in.oauth_access_token)
    mailbox = Mailbox.objects.get()
    assert mailbox.must_sign_in
    with pytest.raises(SignInAgain, match="Nobody has signed in"):
        mailbox.token("")
    assert len(server.asked) == 2, "what is no good is not said again"
    sign_in(mailbox, server)
    assert not mailbox.must_sign_in and server.good(mailbox.token(""))


def test_a_provider_that_does_not_answer_just_now_costs_nothing(signed_in: Mailbox, server: OAuthServer):
    server.answer = lambda _told: (503, "busy")
    with pytest.raises(NotNow):
        signed_in.token(signed_in.oauth_access_token)
    assert not Mailbox.objects.get().must_sign_in
    server.answer = None
    assert server.good(signed_in.token(signed_in.oauth_access_token))


def test_a_provider_that_gives_no_refresh_token_with_the_next_one_has_left_us_the_old(signed_in: Mailbox, server: OAuthServer):
    refresh = signed_in.oauth_refresh_token
    server.answer = lambda _told: (200, '{"access_token": "another", "expires_in": 3600}')
    assert signed_in.token(signed_in.oauth_access_token) == "another"
    assert Mailbox.objects.get().oauth_refresh_token == refresh


def test_a_sign_in_that_would_end_in_an_hour_is_none(registered: Mailbox, server: OAuthServer):
    server.answer = lambda _told: (200, '{"access_token": "x", "expires_in": 3600}')
    with pytest.raises(CannotReach, match="only for an hour"):
        sign_in(registered, server)
    assert Mailbox.objects.get().sign_in_by == "password"


@pytest.mark.parametrize("changed", [{"oauth_client_id": "another"}, {"oauth_provider": "google"}])
def test_what_one_client_was_given_is_not_kept_for_another(signed_in: Mailbox, changed: dict[str, str]):
    fields = ("provider", "directory", "issuer", "scope", "client_id", "client_secret")
    signed_in.registered({f"oauth_{name}": getattr(signed_in, f"oauth_{name}") for name in fields} | changed)
    assert Mailbox.objects.get().must_sign_in


@pytest.mark.parametrize("way", ["imap", "smtp"])
def test_what_lets_us_in_at_one_server_is_not_said_to_another(signed_in: Mailbox, way: str):
    signed_in.be_reached({"name": "Another name", f"{way}_port": 1}, at=datetime.now(UTC))
    assert not Mailbox.objects.get().must_sign_in
    signed_in.be_reached({f"{way}_host": "evil.example"}, at=datetime.now(UTC))
    mailbox = Mailbox.objects.get()
    assert mailbox.must_sign_in and not mailbox.oauth_access_token


def test_a_password_can_be_used_again(signed_in: Mailbox):
    signed_in.forget_sign_in()
    mailbox = Mailbox.objects.get()
    assert (mailbox.sign_in_by, mailbox.oauth_refresh_token, mailbox.oauth_signed_in_as) == ("password", "", "")
    assert "token" not in mailbox.told_in()


def test_one_signs_in_as_a_person_and_opens_the_mailbox_they_share(signed_in: Mailbox):
    assert signed_in.told_in()["username"] == signed_in.told_out()["username"] == "kay@touchline.example"
    signed_in.imap_username = "support@touchline.example"
    assert signed_in.told_in()["username"] == signed_in.told_out()["username"] == "support@touchline.example"


def test_google_and_microsoft_bring_their_servers_along(support: Mailbox, monkeypatch: pytest.MonkeyPatch):
    from touchline.channels.oauth import Tokens
    from touchline.desk.models import mailbox_signing_in as module

    monkeypatch.setattr(module, "redeem", lambda *_told, **_also: Tokens("access", "refresh", 3600, "kay@lantern.example"))
    support.oauth_provider, support.oauth_client_id = "microsoft", "us"
    support.signed_in(verifier="x", code="x", back=BACK, at=datetime.now(UTC))
    assert (support.imap_host, support.imap_port, support.imap_security) == ("outlook.office365.com", 993, "tls")
    assert (support.smtp_host, support.smtp_port, support.smtp_security) == ("smtp.office365.com", 587, "starttls")
    assert support.due_at


def test_what_is_missing_is_said_before_anybody_is_sent_anywhere(support: Mailbox):
    with pytest.raises(CannotReach, match="who the provider is"):
        support.journey(back=BACK)
    support.oauth_provider = "google"
    with pytest.raises(CannotReach, match="which client id"):
        support.journey(back=BACK)


# With a mail server


@pytest.fixture(scope="module")
def dovecot(oauth_server: OAuthServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    if not DOVECOT:
        pytest.skip("dovecot is not installed: apt install dovecot-imapd")
    folder = tmp_path_factory.mktemp("oauth")
    with running_dovecot(dovecot_lines(oauth_server, folder / "oauth2.conf.ext")) as running:
        yield running


@pytest.mark.servers
def test_mail_flows_over_the_end_of_a_token_and_waits_where_access_is_taken_back(
    signed_in: Mailbox, server: OAuthServer, dovecot: Dovecot, at: datetime
):
    signed_in.be_reached({"imap_port": dovecot.port}, at=at)

    def came(words: str) -> int:
        dovecot.deliver(server.account, NORA.writes(words, "Hi"))
        signed_in.fetch(at)
        return InboundEmail.objects.count()

    assert (came("one"), signed_in.trouble) == (1, "")
    server.end_access()
    assert (came("two"), signed_in.trouble) == (2, "")
    server.revoke()
    assert came("three") == 2
    assert "Somebody has to sign in again" in signed_in.trouble
    signed_in.refresh_from_db()
    assert signed_in.must_sign_in
    sign_in(signed_in, server)
    assert signed_in.trouble == "" and signed_in.due_at
    assert (came("four"), signed_in.trouble) == (4, "")
