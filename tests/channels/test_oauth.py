"""Signing in by OAuth2: the visit and its return, tokens that end and are renewed, and how they are said to a mail server."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.channels.test_imap import mail, take, words
from tests.oauth_server import OAuthServer, dovecot_lines
from tests.servers import DOVECOT, Dovecot, SmtpSink, free_port, running_dovecot
from touchline.channels import NotNow, Reply, SignInAgain, WrongSetting, email, oauth
from touchline.channels.oauth import GOOGLE, Client, Journey, Provider, Tokens, discovered, microsoft, redeem, renew

BACK = "http://127.0.0.1:8000/settings/mailboxes/oauth/done/"
REPLY = Reply(envelope_from="support@touchline.example", recipients=("nora@lantern.example",), raw=b"Subject: x\r\n\r\nx\r\n")


@pytest.fixture(scope="module")
def oauth_server() -> Iterator[OAuthServer]:
    server = OAuthServer().start()
    yield server
    server.stop()


@pytest.fixture
def server(oauth_server: OAuthServer) -> Iterator[OAuthServer]:
    yield oauth_server
    oauth_server.answer, oauth_server.lasts = None, 3600
    oauth_server.revoke()


@pytest.fixture
def provider(server: OAuthServer) -> Provider:
    return discovered(server.issuer, "mail", loopback=True)


@pytest.fixture
def client(server: OAuthServer) -> Client:
    return Client(server.client_id, server.client_secret)


def visit(server: OAuthServer, provider: Provider, client: Client) -> tuple[Journey, str]:
    """A journey, and the code with which the provider sends the teammate back."""
    journey = Journey.begin()
    address = journey.address(provider, client, back=BACK, hint="support@touchline.example")
    return journey, server.code_for({name: values[0] for name, values in parse_qs(urlsplit(address).query).items()})


def signed_in(server: OAuthServer, provider: Provider, client: Client) -> Tokens:
    journey, code = visit(server, provider, client)
    return redeem(provider, client, code=code, verifier=journey.verifier, back=BACK, loopback=True)


# The visit


def test_the_address_asks_for_a_code_with_a_challenge_and_a_state() -> None:
    journey = Journey.begin()
    for provider in (GOOGLE, microsoft("")):
        address = journey.address(provider, Client("us"), back=BACK, hint="support@touchline.example")
        told = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert (told["response_type"], told["client_id"], told["redirect_uri"]) == ("code", "us", BACK)
        assert told["state"] == journey.state and len(journey.state) >= 43
        assert told["code_challenge_method"] == "S256" and told["code_challenge"] not in (journey.verifier, "")
        assert told["login_hint"] == "support@touchline.example"
        assert journey.verifier not in address
    assert "https://mail.google.com/" in GOOGLE.scope and "offline" in GOOGLE.also.values()
    assert {"offline_access", "https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send"} <= set(
        microsoft("").scope.split()
    )
    assert microsoft("lantern.example").token == "https://login.microsoftonline.com/lantern.example/oauth2/v2.0/token"
    assert "/common/" in microsoft("").authorize
    with pytest.raises(WrongSetting):
        microsoft("lantern.example/../evil")
    assert Journey.begin() != Journey.begin()


def test_a_code_gives_tokens_and_says_who_signed_in(server: OAuthServer, provider: Provider, client: Client) -> None:
    tokens = signed_in(server, provider, client)
    assert server.good(tokens.access) and tokens.refresh in server.refresh
    assert (tokens.lasts, tokens.account) == (3600, "kay@touchline.example")
    for secret in (tokens.access, tokens.refresh, client.secret):
        assert secret not in repr((tokens, client))


def test_a_code_is_good_once_and_only_for_the_journey_it_was_given_to(
    server: OAuthServer, provider: Provider, client: Client
) -> None:
    journey, code = visit(server, provider, client)
    with pytest.raises(SignInAgain, match="This code is no good"):
        redeem(provider, client, code=code, verifier=Journey.begin().verifier, back=BACK, loopback=True)
    journey, code = visit(server, provider, client)
    redeem(provider, client, code=code, verifier=journey.verifier, back=BACK, loopback=True)
    with pytest.raises(SignInAgain):
        redeem(provider, client, code=code, verifier=journey.verifier, back=BACK, loopback=True)
    journey, code = visit(server, provider, client)
    server.codes[code]["until"] = str(time.time() - 1)
    with pytest.raises(SignInAgain):
        redeem(provider, client, code=code, verifier=journey.verifier, back=BACK, loopback=True)


def test_a_refresh_gives_another_token_and_one_that_was_taken_back_does_not(
    server: OAuthServer, provider: Provider, client: Client
) -> None:
    tokens = signed_in(server, provider, client)
    again = renew(provider, client, tokens.refresh, loopback=True)
    assert server.good(again.access) and again.refresh != tokens.refresh
    with pytest.raises(SignInAgain, match="Somebody has to sign in again"):
        renew(provider, client, tokens.refresh, loopback=True)
    server.revoke()
    with pytest.raises(SignInAgain):
        renew(provider, client, again.refresh, loopback=True)


def test_a_wrong_client_secret_is_something_to_change(server: OAuthServer, provider: Provider) -> None:
    with pytest.raises(WrongSetting, match="Who are you") as trouble:
        renew(provider, Client(server.client_id, "not-this-one"), "x", loopback=True)
    assert not isinstance(trouble.value, SignInAgain)


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        ((500, "<h1>oops</h1>"), "status 500"),
        ((503, '{"error": "temporarily_unavailable"}'), "temporarily_unavailable"),
        ((200, "<h1>We are moving</h1>"), "status 200"),
        ((200, "[]"), "status 200"),
        ((200, "{}"), "without a token"),
        ((200, '{"access_token": 7}'), "without a token"),
        ((200, '{"access_token": "a\\r\\nb"}'), "without a token"),
        ((200, "[" * 100_000), "status 200"),
        ((302, ""), "status 302"),
        ((400, '{"error": ["x"], "error_description": {"y": "\\u0000"}}'), "x"),
    ],
)
def test_whatever_else_the_provider_says_is_a_sentence_and_is_tried_again(
    server: OAuthServer, provider: Provider, client: Client, answer: tuple[int, str], trouble: str
) -> None:
    server.answer = lambda _told: answer
    with pytest.raises(NotNow) as raised:
        renew(provider, client, "x", loopback=True)
    assert not isinstance(raised.value, WrongSetting)
    assert trouble in str(raised.value) and str(raised.value).isprintable() and len(str(raised.value)) < 500


def test_a_provider_that_says_nothing_or_too_much_is_not_waited_for(
    server: OAuthServer, provider: Provider, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "SECONDS", 0.3)

    def slow(_told: Any) -> None:
        time.sleep(1)

    server.answer = slow
    began = time.monotonic()
    with pytest.raises(NotNow, match=r"did not answer within 0\.3 seconds"):
        renew(provider, client, "x", loopback=True)
    assert time.monotonic() - began < 0.9
    server.answer = lambda _told: (200, json.dumps({"access_token": "x" * oauth.MOST}))
    with pytest.raises(NotNow):
        renew(provider, client, "x", loopback=True)


def test_nobody_there_is_a_sentence(client: Client) -> None:
    with pytest.raises(NotNow, match="could not be reached"):
        discovered(f"http://127.0.0.1:{free_port()}", "mail", loopback=True)


@pytest.mark.parametrize(
    "address",
    [
        "http://provider.example",
        "ftp://x.example",
        "https://",
        "file:///etc/passwd",
        "",
        "https://a@b.example",
        "https://x y/",
        "//x",
    ],
)
def test_tokens_go_nowhere_but_over_tls(address: str) -> None:
    with pytest.raises(WrongSetting):
        discovered(address, "mail", loopback=True)


def test_this_machine_is_spoken_to_in_the_clear_only_where_that_was_allowed(server: OAuthServer) -> None:
    with pytest.raises(WrongSetting):
        discovered(server.issuer, "mail", loopback=False)


def test_where_to_sign_in_is_not_believed_if_it_is_not_over_tls(server: OAuthServer, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"authorization_endpoint": "javascript:alert(1)", "token_endpoint": f"{server.issuer}/token"}
    monkeypatch.setattr(oauth, "bounded", lambda _request: (200, json.dumps(told).encode()))
    with pytest.raises(WrongSetting):
        discovered(server.issuer, "mail", loopback=True)


@pytest.mark.parametrize("id_token", ["", "a", "a.b.c", "a.e30.c", "a.W10.c", "a.bnVsbA.c", "a.////.c"])
def test_an_account_that_is_not_named_is_nobody(id_token: str) -> None:
    assert oauth.who(id_token) == ""


# To a mail server


@pytest.fixture(scope="module", params=["XOAUTH2 OAUTHBEARER", "OAUTHBEARER"])
def token_dovecot(oauth_server: OAuthServer, tmp_path_factory: pytest.TempPathFactory, request: Any) -> Iterator[Dovecot]:
    if not DOVECOT:
        pytest.skip("dovecot is not installed: apt install dovecot-imapd")
    folder: Path = tmp_path_factory.mktemp("oauth")
    folder.chmod(0o755)
    lines = dovecot_lines(oauth_server, folder / "oauth2.conf.ext")
    if "XOAUTH2" not in request.param:
        lines = lines.replace(" xoauth2 oauthbearer\npassdb", " oauthbearer\npassdb")
    with running_dovecot(lines) as running:
        yield running


class Kept:
    """Tokens as the desk keeps them: renewed where one is refused."""

    def __init__(self, server: OAuthServer, provider: Provider, client: Client) -> None:
        self.tokens = signed_in(server, provider, client)
        self.renewed = 0
        self._renew = lambda: renew(provider, client, self.tokens.refresh, loopback=True)

    def __call__(self, refused: str) -> str:
        if refused == self.tokens.access:
            self.tokens = self._renew()
            self.renewed += 1
        return self.tokens.access


@pytest.fixture
def kept(server: OAuthServer, provider: Provider, client: Client) -> Kept:
    return Kept(server, provider, client)


@pytest.mark.servers
def test_mail_is_fetched_with_a_token_and_renewed_where_the_server_refuses_it(
    token_dovecot: Dovecot, server: OAuthServer, kept: Kept
) -> None:
    token_dovecot.deliver(server.account, mail("one"))
    told = token_dovecot.told(server.account, password="", token=kept, after="delete")
    assert words(take(told)[0]) == ["one"] and kept.renewed == 0
    server.end_access()
    token_dovecot.deliver(server.account, mail("two"))
    assert words(take(told)[0]) == ["two"] and kept.renewed == 1
    assert email.check(told, way="in") and all(step.worked for step in email.check(told, way="in"))
    server.revoke()
    with pytest.raises(SignInAgain):
        take(told)


@pytest.mark.servers
def test_a_server_that_takes_no_tokens_says_so(dovecot: Dovecot, box: str) -> None:
    with pytest.raises(WrongSetting, match="does not take a sign-in by OAuth2"):
        take(dovecot.told(box, token=lambda refused: "x"))


@pytest.mark.servers
@pytest.mark.parametrize("bearer", [False, True])
def test_mail_is_sent_with_a_token_and_renewed_where_the_server_refuses_it(
    new_sink: Callable[..., SmtpSink], server: OAuthServer, kept: Kept, bearer: bool
) -> None:
    sink = new_sink(tokens=lambda _user, token: server.good(token), bearer=bearer)
    told = {"host": "localhost", "port": sink.port, "security": "starttls", "username": "help@lantern.example", "token": kept}
    email.send(told, REPLY)
    assert sink.logins[-1] == ("help@lantern.example", kept.tokens.access), "one signs in as a person, and opens what they share"
    server.end_access()
    email.send(told, REPLY)
    assert (len(sink.mails), kept.renewed) == (2, 1)
    server.revoke()
    with pytest.raises(SignInAgain):
        email.send(told, REPLY)
    with pytest.raises(WrongSetting, match="in by OAuth2"):
        email.send({**told, "token": lambda refused: "never-good"}, REPLY)


@pytest.mark.servers
def test_no_token_is_said_to_a_server_that_is_only_busy(new_sink: Callable[..., SmtpSink], kept: Kept) -> None:
    sink = new_sink(tokens=lambda _user, _token: True)
    sink.script["AUTH"] = "454 4.7.0 Temporary authentication failure"
    told = {"host": "localhost", "port": sink.port, "security": "starttls", "username": "help@lantern.example", "token": kept}
    with pytest.raises(NotNow, match="lets nobody sign in just now") as trouble:
        email.send(told, REPLY)
    assert not isinstance(trouble.value, WrongSetting) and kept.renewed == 0
