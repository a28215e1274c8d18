"""How a mailbox signs in at a provider that wants no password of us (OAuth2)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from touchline.channels import NotNow, SignInAgain, WrongSetting
from touchline.channels.oauth import GOOGLE, Client, Journey, Provider, Tokens, discovered, microsoft, redeem, renew
from touchline.desk.keys import Secret
from touchline.desk.live import publish
from touchline.desk.models.row import Due

if TYPE_CHECKING:
    from touchline.desk.models.mailbox import Mailbox

EARLY = timedelta(minutes=5)
"""How long before it ends a token is renewed."""


class CannotReach(Exception):
    """A server or a provider did not do as it was asked. `str()` is a sentence fit to show."""


@contextmanager
def reaching() -> Iterator[None]:
    """Where somebody waits for what comes of it: a trouble of the channel is a CannotReach."""
    try:
        yield
    except NotNow as trouble:
        raise CannotReach(str(trouble)) from trouble


_renewing: dict[int, threading.Lock] = {}


class SigningIn(Due):
    """The facet of a mailbox that is signed in to by OAuth2. Tokens are encrypted in the database and never written elsewhere."""

    TOKENS: ClassVar = ("oauth_access_token", "oauth_refresh_token", "oauth_expires_at")

    class SignInBy(models.TextChoices):
        PASSWORD = "password", gettext_lazy("user name and password")
        OAUTH = "oauth", gettext_lazy("OAuth2 (Google, Microsoft 365)")

    sign_in_by = models.CharField(gettext_lazy("sign in by"), max_length=10, choices=SignInBy, default=SignInBy.PASSWORD)
    oauth_provider = models.CharField(gettext_lazy("provider"), max_length=20, blank=True)
    oauth_directory = models.CharField(gettext_lazy("directory (tenant)"), max_length=100, blank=True)
    oauth_issuer = models.CharField(gettext_lazy("address of the provider"), max_length=255, blank=True)
    oauth_scope = models.CharField(gettext_lazy("what we ask to be allowed"), max_length=500, blank=True)
    oauth_client_id = models.CharField(gettext_lazy("client id"), max_length=255, blank=True)
    oauth_client_secret = Secret(gettext_lazy("client secret"), blank=True)
    oauth_signed_in_as = models.CharField(gettext_lazy("signed in as"), max_length=255, blank=True)
    oauth_refresh_token = Secret(blank=True)
    oauth_access_token = Secret(blank=True)
    oauth_expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def must_sign_in(self) -> bool:
        """Whether nothing comes or goes before somebody has signed in, for the first time or again."""
        return self.sign_in_by == self.SignInBy.OAUTH and not self.oauth_refresh_token

    def provider(self) -> Provider:
        """Raises NotNow where it cannot be told."""
        if self.oauth_provider == "google":
            return GOOGLE
        elif self.oauth_provider == "microsoft":
            return microsoft(self.oauth_directory)
        elif self.oauth_issuer:
            return discovered(self.oauth_issuer, self.oauth_scope, loopback=settings.OAUTH_LOOPBACK)
        else:
            raise WrongSetting(_("Say first who the provider is."))

    def registered(self, told: dict[str, Any]) -> None:
        """Say who the provider is, and what it knows us by. What another client was given is no good for this one."""
        of_client = ("oauth_provider", "oauth_directory", "oauth_issuer", "oauth_client_id")
        if any(told[name] != getattr(self, name) for name in of_client):
            self._throw_away()
        for name, value in told.items():
            setattr(self, name, value)
        self.save(update_fields=[*told, *self.TOKENS])
        publish("mailbox", self.pk)

    def journey(self, *, back: str) -> tuple[dict[str, str], str]:
        """A visit to the provider, and the address at which it begins. Of the visit, `state` is what the teammate brings back, and
        `verifier` what `signed_in` wants then: both stay with the teammate. Raises CannotReach."""
        with reaching():
            provider = self.provider()
            mailbox = cast("Mailbox", self)
            if not (provider.imap or mailbox.imap_host or mailbox.smtp_host):
                raise WrongSetting(_("Say first, on the page of the mailbox, where its IMAP and SMTP servers are."))
            journey = Journey.begin()
            hint = self.oauth_signed_in_as or mailbox.address
            address = journey.address(provider, self._client(), back=back, hint=hint)
        return {"state": journey.state, "verifier": journey.verifier}, address

    def signed_in(self, *, verifier: str, code: str, back: str, at: datetime) -> None:
        """Somebody came back from the provider with a code: keep what it is worth. What waited is due at once.

        The user name stays what it was: one signs in as a person, and may open a mailbox that they share. Raises CannotReach.
        """
        with reaching():
            provider = self.provider()
            loopback = settings.OAUTH_LOOPBACK
            tokens = redeem(provider, self._client(), code=code, verifier=verifier, back=back, loopback=loopback)
        if not tokens.refresh:
            raise CannotReach(
                _("%(provider)s let us in, but only for an hour. Take away its access to your account, and sign in again.")
                % {"provider": provider.name}
            )
        self._keep(tokens)
        told: dict[str, Any] = {
            "sign_in_by": self.SignInBy.OAUTH,
            "oauth_signed_in_as": tokens.account or cast("Mailbox", self).address,
        }
        for way, server in (("imap", provider.imap), ("smtp", provider.smtp)):
            if server and not getattr(self, f"{way}_host"):
                told[f"{way}_host"], told[f"{way}_port"], told[f"{way}_security"] = server
        cast("Mailbox", self).be_reached(told, at=at)

    def forget_sign_in(self) -> None:
        """Sign in by a password again. What we were given is thrown away."""
        self.sign_in_by = self.SignInBy.PASSWORD
        self.oauth_signed_in_as = ""
        self._throw_away()
        self.save(update_fields=["sign_in_by", "oauth_signed_in_as", *self.TOKENS])
        publish("mailbox", self.pk)

    def token(self, refused: str) -> str:
        """An access token that is good for some minutes at least; another one than `refused`, if a server refused it.

        The clock is read here: a token is renewed when it is needed, wherever a line is made. Raises SignInAgain where somebody
        has to sign in, NotNow where the provider does not answer.
        """
        with _renewing.setdefault(self.pk, threading.Lock()):  # a provider may take a second use of one token for a theft
            self.refresh_from_db(fields=self.TOKENS)
            good = self.oauth_expires_at and self.oauth_expires_at - EARLY > datetime.now(UTC)
            if not good or self.oauth_access_token in ("", refused):
                self._renew()
            return self.oauth_access_token

    def _renew(self) -> None:
        if not self.oauth_refresh_token:
            raise SignInAgain(
                _("Nobody has signed in at the provider of %(address)s.") % {"address": cast("Mailbox", self).address}
            )
        try:
            self._keep(renew(self.provider(), self._client(), self.oauth_refresh_token, loopback=settings.OAUTH_LOOPBACK))
        except SignInAgain:
            self._throw_away()
            self.save(update_fields=self.TOKENS)
            publish("mailbox", self.pk)
            raise

    def _throw_away(self) -> None:
        self.oauth_access_token = self.oauth_refresh_token = ""
        self.oauth_expires_at = None

    def _keep(self, tokens: Tokens) -> None:
        self.oauth_access_token = tokens.access
        self.oauth_refresh_token = tokens.refresh or self.oauth_refresh_token
        self.oauth_expires_at = datetime.now(UTC) + timedelta(seconds=tokens.lasts)
        self.save(update_fields=self.TOKENS)

    def _client(self) -> Client:
        if not self.oauth_client_id:
            raise WrongSetting(_("Say first which client id the provider gave you."))
        return Client(self.oauth_client_id, self.oauth_client_secret)
