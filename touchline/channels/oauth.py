"""Signing in by OAuth2: where to send a teammate to sign in, the tokens that come of it, and how they are said to a mail server.

The authorization code flow with PKCE (RFC 6749, RFC 7636, RFC 9700), and SASL's XOAUTH2 and OAUTHBEARER (RFC 7628). Two forms that
are posted, and JSON that is read: on the standard library, since what a library would add (JWT, other flows, a client of HTTP) is
what we do not want here.
"""

import base64
import binascii
import hashlib
import json
import secrets
import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from touchline.channels.contract import NotNow, SignInAgain, WrongSetting
from touchline.channels.wire import is_loopback, shown

SECONDS = 20.0
"""How long an answer is waited for."""
MOST = 256 * 1024
"""Bytes of an answer that are read."""
LASTS = 3600
"""Seconds that a token lasts where nobody says how long."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Whoever keeps a mailbox's password for us: the addresses that OAuth2 needs, and where the mail servers are."""

    name: str
    authorize: str
    token: str
    scope: str
    also: Mapping[str, str] = field(default_factory=dict)
    """What else is said when signing in."""
    imap: tuple[str, int, str] | None = None
    smtp: tuple[str, int, str] | None = None


GOOGLE = Provider(
    "Google",
    "https://accounts.google.com/o/oauth2/v2/auth",
    "https://oauth2.googleapis.com/token",
    "openid email https://mail.google.com/",
    also={"access_type": "offline", "prompt": "consent"},  # without both there is no refresh token the second time
    imap=("imap.gmail.com", 993, "tls"),
    smtp=("smtp.gmail.com", 465, "tls"),
)


def microsoft(tenant: str) -> Provider:
    """`tenant`: a directory's id or domain; `common` for any. Raises WrongSetting."""
    tenant = tenant or "common"
    if not all(letter.isascii() and (letter.isalnum() or letter in ".-") for letter in tenant):
        raise WrongSetting(f"“{shown(tenant)}” is no tenant. It is a domain, an id, or “common”.")
    at = f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0"
    return Provider(
        name="Microsoft",
        authorize=f"{at}/authorize",
        token=f"{at}/token",
        scope="openid email offline_access https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send",
        also={"prompt": "select_account"},
        imap=("outlook.office365.com", 993, "tls"),
        smtp=("smtp.office365.com", 587, "starttls"),
    )


def discovered(issuer: str, scope: str, *, loopback: bool) -> Provider:
    """Another provider, by what it tells about itself (RFC 8414, OpenID Connect Discovery). `loopback`: whether one on this
    machine may be spoken to without encryption. Raises NotNow."""
    base = issuer.rstrip("/")
    told = ask(f"{base}/.well-known/openid-configuration", None, loopback=loopback)
    authorize, token = str(told.get("authorization_endpoint") or ""), str(told.get("token_endpoint") or "")
    for address in (authorize, token):
        refuse_open(address, loopback=loopback)
    return Provider(name=urllib.parse.urlsplit(base).netloc, authorize=authorize, token=token, scope=scope)


@dataclass(frozen=True, slots=True)
class Client:
    """What the provider knows us by."""

    id: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What signing in gives."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    """"" where the provider gave none: the one we have goes on."""
    lasts: int
    """Seconds."""
    account: str = ""
    """Who signed in, an address if the provider says so; "" where it does not say."""


@dataclass(frozen=True, slots=True)
class Journey:
    """One visit to the provider, from our page and back to it. Kept in the session of the teammate who makes it."""

    state: str
    verifier: str

    @classmethod
    def begin(cls) -> "Journey":
        return cls(state=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(64))

    def address(self, provider: Provider, client: Client, *, back: str, hint: str) -> str:
        """Where to send the teammate. `back` is our page, to which the provider sends them; `hint` the address to sign in as."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        told = {
            "response_type": "code",
            "client_id": client.id,
            "redirect_uri": back,
            "scope": provider.scope,
            "state": self.state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "login_hint": hint,
            **provider.also,
        }
        return f"{provider.authorize}{'&' if '?' in provider.authorize else '?'}{urllib.parse.urlencode(told)}"


def redeem(provider: Provider, client: Client, *, code: str, verifier: str, back: str, loopback: bool = False) -> Tokens:
    """The tokens for the code with which a teammate came back. Raises SignInAgain where it is no good, NotNow."""
    told = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    return tokens(provider, client, told, loopback=loopback)


def renew(provider: Provider, client: Client, refresh: str, *, loopback: bool = False) -> Tokens:
    """Another access token. Raises SignInAgain where the provider gives us none any more, NotNow."""
    return tokens(provider, client, {"grant_type": "refresh_token", "refresh_token": refresh}, loopback=loopback)


def tokens(provider: Provider, client: Client, told: Mapping[str, str], *, loopback: bool) -> Tokens:
    form = {**told, "client_id": client.id} | ({"client_secret": client.secret} if client.secret else {})
    answer = ask(provider.token, form, loopback=loopback)
    access = answer.get("access_token")
    if not isinstance(access, str) or not access or not access.isascii() or not access.isprintable():
        raise NotNow(f"{provider.name} answered without a token. Try again in a while.")
    lasts = answer.get("expires_in")
    refresh = answer.get("refresh_token")
    return Tokens(
        access=access,
        refresh=refresh if isinstance(refresh, str) else "",
        lasts=int(str(lasts)) if str(lasts).isdecimal() else LASTS,
        account=who(str(answer.get("id_token") or "")),
    )


def who(id_token: str) -> str:
    """Who signed in. The token came from the provider itself over TLS, so its signature proves nothing more (OpenID Connect
    Core, 3.1.3.7)."""
    try:
        part = id_token.split(".")[1]
        said = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        found = said.get("email") or said.get("preferred_username") or said.get("upn") or ""
    except (IndexError, ValueError, AttributeError, binascii.Error):
        return ""
    return shown(str(found), limit=254)


def ask(address: str, form: Mapping[str, str] | None, *, loopback: bool) -> dict[str, Any]:
    """Post a form, or get what is there: JSON. No redirect is followed, since what we say is for this server alone.

    Raises SignInAgain where the answer says that a code or a refresh token is no good, WrongSetting where it says that we are
    not known there as we should be, NotNow else.
    """
    refuse_open(address, loopback=loopback)
    host = urllib.parse.urlsplit(address).netloc
    data = urllib.parse.urlencode(form).encode() if form is not None else None
    request = urllib.request.Request(address, data, {"Accept": "application/json"})  # noqa: S310  it begins with https
    try:
        status, body = bounded(request)
    except TimeoutError as error:
        raise NotNow(f"{host} did not answer within {SECONDS:g} seconds.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        if isinstance(reason, TimeoutError):
            raise NotNow(f"{host} did not answer within {SECONDS:g} seconds.") from error
        elif isinstance(reason, ssl.SSLCertVerificationError):
            raise WrongSetting(f"The certificate of {host} cannot be trusted: {shown(reason.verify_message)}.") from error
        elif isinstance(reason, socket.gaierror):
            raise NotNow(f"The name {host} could not be looked up just now. Is it spelled right?") from error
        else:
            raise NotNow(
                f"{host} could not be reached: {shown(getattr(reason, 'strerror', None) or type(reason).__name__)}."
            ) from error
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if status == 200 and isinstance(said, dict):
        return said
    raise refusal(host, status, said if isinstance(said, dict) else {})


def refusal(host: str, status: int, said: Mapping[str, Any]) -> NotNow:
    """What an error means (RFC 6749, 5.2)."""
    error = shown(str(said.get("error") or ""), limit=60)
    words = shown(str(said.get("error_description") or ""), limit=200)
    why = f"“{error}{': ' if error and words else ''}{words}”" if error or words else f"status {status}"
    if error in ("invalid_grant", "interaction_required", "login_required", "consent_required"):
        return SignInAgain(f"{host} lets us sign in no more: {why}. Somebody has to sign in again.")
    elif error in ("invalid_client", "unauthorized_client", "invalid_scope", "invalid_request", "unsupported_grant_type"):
        return WrongSetting(
            f"{host} does not take what we were told to say: {why}. Are the client id, its secret and the redirect address right?"
        )
    else:
        return NotNow(f"{host} could not give us a token just now: {why}.")


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_told: Any) -> None:
        return None


def bounded(request: urllib.request.Request) -> tuple[int, bytes]:
    """The status and at most MOST bytes, within so many seconds in all: the server sends as it likes, and is not waited for."""
    until = time.monotonic() + SECONDS
    opener = urllib.request.build_opener(
        NoRedirect, urllib.request.ProxyHandler(), urllib.request.HTTPSHandler(context=ssl.create_default_context())
    )
    try:
        answer = opener.open(request, timeout=SECONDS)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        body = b""
        while len(body) < MOST and (piece := answer.read1(MOST)):
            body += piece
            if time.monotonic() > until:
                raise TimeoutError
        return int(answer.status), body[:MOST]


def refuse_open(address: str, *, loopback: bool) -> None:
    """Tokens go over TLS alone. Raises WrongSetting."""
    try:
        parts = urllib.parse.urlsplit(address)
        safe = parts.scheme == "https" or (loopback and parts.scheme == "http" and is_loopback(parts.hostname or ""))
        good = (
            safe
            and bool(parts.hostname)
            and not parts.username
            and address.isascii()
            and address.isprintable()
            and " " not in address
        )
    except ValueError:
        good = False
    if not good:
        raise WrongSetting(
            f"“{shown(address, limit=100)}” is no address that a sign-in can be trusted to. It begins with https://."
        )


@dataclass(frozen=True, slots=True)
class Sasl:
    """How a token is said to a mail server."""

    name: str
    first: Callable[[str, str], bytes]
    """Of a user name and a token."""
    heard: bytes
    """What is said to the server's account of why it refuses, before it does."""


XOAUTH2 = Sasl("XOAUTH2", lambda user, token: f"user={user}\1auth=Bearer {token}\1\1".encode(), b"")
OAUTHBEARER = Sasl(
    "OAUTHBEARER",
    lambda user, token: f"n,a={user.replace('=', '=3D').replace(',', '=2C')},\1auth=Bearer {token}\1\1".encode(),
    b"\1",
)


def mechanism(host: str, offered: set[str]) -> Sasl:
    """XOAUTH2 where it is offered: that is what Google and Microsoft document. Raises WrongSetting."""
    for sasl in (XOAUTH2, OAUTHBEARER):
        if sasl.name in {name.upper() for name in offered}:
            return sasl
    raise WrongSetting(f"{host} does not take a sign-in by OAuth2 here. It takes a user name and a password, perhaps.")
