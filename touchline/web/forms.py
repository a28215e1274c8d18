"""What teammates tell us about the desk and about themselves, read and checked."""

import zoneinfo
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from allauth.account.forms import LoginForm  # type: ignore[import-untyped]
from django import forms
from django.contrib.auth.password_validation import MinimumLengthValidator, get_default_password_validators, validate_password
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from touchline.desk.models import Alias, Desk, Mailbox, Teammate


def _zones() -> list[tuple[str, str]]:
    return time_zones()  # worked out when a form is first shown


class Shown:
    """What a template needs of a form: what stands in a field, and what is wrong with it, as one sentence each."""

    is_bound: bool
    errors: Any
    fields: Any

    def shown(self, name: str) -> Any:
        value = self[name].value()  # type: ignore[index]
        return "" if value is None else value

    def wrong(self, name: str) -> str:
        return " ".join(self.errors.get(name, [])) if self.is_bound else ""

    @property
    def whole(self) -> str:
        """What is wrong with all of it rather than with one field."""
        return self.wrong("__all__")

    @property
    def focus(self) -> str:
        """The name of the field where the hand goes next: the first in error; "" if there is none."""
        return next((name for name in self.fields if self.wrong(name)), "")


class Form(Shown, forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            in_our_words(field)


def in_our_words(field: forms.Field) -> None:
    field.error_messages["required"] = gettext_lazy("Please fill this in.")
    if isinstance(field, forms.EmailField):
        words = gettext_lazy("We couldn’t read this address. It looks like nora@example.org.")
        # One of our own: Django's is shared by everything that has an address.
        field.validators = [EmailValidator(words) if isinstance(each, EmailValidator) else each for each in field.validators]


class SignIn(Shown, LoginForm):  # type: ignore[misc]
    """Address and password. allauth limits the tries per address and per network, and takes as long for an address nobody has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            in_our_words(field)

    @property
    def focus(self) -> str:
        return super().focus or ("password" if self.shown("login") else "login")

    @property
    def too_often(self) -> bool:
        return bool(self.has_error("__all__", "too_many_login_attempts"))


class Password(Form):
    """A new password for `teammate`, who may have no row yet."""

    password = forms.CharField(max_length=1000, strip=False)

    def __init__(self, *args: Any, teammate: Teammate | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.teammate = teammate

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        password = told.get("password")
        if password:
            try:
                validate_password(password, self.whose(told))
            except ValidationError as trouble:
                self.add_error("password", trouble)
        return told

    def whose(self, told: Mapping[str, Any]) -> Teammate | None:
        return self.teammate


class SetUp(Password):
    """The first five minutes: who you are, what the team is called, and the address that people write to."""

    token = forms.CharField(max_length=500)
    name = forms.CharField(max_length=100)
    email = forms.EmailField(max_length=254)
    desk_name = forms.CharField(max_length=200)
    time_zone = forms.ChoiceField(choices=_zones)
    address = forms.EmailField(max_length=254)
    field_order = ("token", "name", "email", "password", "desk_name", "time_zone", "address")

    def clean_token(self) -> str:
        """Whoever pastes the whole link means what stands after its #."""
        return str(self.cleaned_data["token"]).rpartition("#")[2].strip()

    def whose(self, told: Mapping[str, Any]) -> Teammate | None:
        return Teammate(name=told.get("name", ""), email=told.get("email", ""))


class Forgot(Form):
    email = forms.EmailField(max_length=254)


class ChangePassword(Password):
    current = forms.CharField(max_length=1000, strip=False)
    field_order = ("current", "password")

    def clean_current(self) -> str:
        return current_password(self.teammate, self.cleaned_data["current"])


class Me(Form):
    """What a teammate says about themselves. A new address wants the password, since with it one could get a new one."""

    name = forms.CharField(max_length=100)
    email = forms.EmailField(max_length=254)
    current = forms.CharField(max_length=1000, strip=False, required=False)
    theme = forms.ChoiceField(choices=Teammate.Theme.choices, required=False)
    single_keys = forms.BooleanField(required=False)
    wants_letter = forms.BooleanField(required=False)

    def __init__(self, *args: Any, teammate: Teammate, **kwargs: Any) -> None:
        known = {name: getattr(teammate, name) for name in ("name", "email", "theme", "single_keys", "wants_letter")}
        super().__init__(*args, initial=known, **kwargs)
        self.teammate = teammate

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip().lower()
        if Teammate.objects.get_queryset().filter(email__lower=email.lower()).exclude(pk=self.teammate.pk).exists():
            raise ValidationError(_("This is a colleague’s address."))
        return email

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("email") and told["email"] != self.teammate.email:
            try:
                current_password(self.teammate, told["current"])
            except ValidationError as trouble:
                self.add_error("current", trouble)
        return told


def current_password(teammate: Teammate | None, told: str) -> str:
    if teammate is None or not teammate.check_password(told):
        raise ValidationError(_("This is not your password as it is now."))
    return told


class TheDesk(Form):
    desk_name = forms.CharField(max_length=200)
    time_zone = forms.ChoiceField(choices=_zones)
    take_back = forms.IntegerField(min_value=5, max_value=60)
    quiet_from = forms.TimeField()
    quiet_to = forms.TimeField()
    back_within = forms.IntegerField(min_value=1, max_value=365)
    hours = forms.IntegerField(min_value=1, max_value=24)
    days = forms.IntegerField(min_value=1, max_value=60)
    weeks = forms.IntegerField(min_value=2, max_value=365)

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        known = {
            "desk_name": desk.name,
            "time_zone": desk.time_zone,
            "take_back": desk.take_back_for // timedelta(seconds=1),
            "quiet_from": f"{desk.quiet_from:%H:%M}",
            "quiet_to": f"{desk.quiet_to:%H:%M}",
            "back_within": desk.back_within // timedelta(days=1),
            "hours": desk.hours // timedelta(hours=1),
            "days": desk.days // timedelta(days=1),
            "weeks": desk.weeks // timedelta(days=1),
        }
        super().__init__(*args, initial=known, **kwargs)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if {"hours", "days", "weeks"} <= told.keys():
            if told["hours"] >= told["days"] * 24:
                self.add_error("hours", _("The first look comes before the second."))
            if told["days"] >= told["weeks"]:
                self.add_error("weeks", _("The last look comes after the second."))
        return told


class NewTeammate(Form):
    name = forms.CharField(max_length=100)
    email = forms.EmailField(max_length=254)
    lead = forms.BooleanField(required=False)
    owner = forms.BooleanField(required=False)

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip().lower()
        if Teammate.objects.here().filter(email__lower=email.lower()).exists():
            raise ValidationError(_("%(email)s is here already.") % {"email": email})
        return email


class NewMailbox(Form):
    address = forms.EmailField(max_length=254)
    name = forms.CharField(max_length=100)

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip()
        if Mailbox.objects.filter(address__lower=address.lower()).exists():
            raise ValidationError(_("%(address)s is a mailbox already.") % {"address": address})
        return address


class NewAlias(Form):
    """Another address of `mailbox`. Nothing is kept yet; what would be wrong with it is said."""

    address = forms.EmailField(max_length=254)

    def __init__(self, *args: Any, mailbox: Mailbox, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mailbox = mailbox

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"])
        try:
            Alias(mailbox=self.mailbox, address=address.lower()).full_clean()
        except ValidationError as trouble:
            raise ValidationError(trouble.messages) from trouble
        return address


PREFIXES = {"in": "imap", "out": "smtp"}
"""What a mailbox calls the answers to what its channel asks about each way."""


class HowReached(Form):
    """How a mailbox is reached: a field for each thing that its channel asks, named "in-host", "out-port" and so on.

    A way whose server is left empty is not used. A password that is left empty stays the one we have, as long as it goes
    to the same server: what we keep is never shown again, and never sent to a server that it was not told for.
    """

    name = forms.CharField(max_length=100)

    def __init__(self, *args: Any, mailbox: Mailbox, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mailbox = mailbox
        self.by_oauth = mailbox.sign_in_by == mailbox.SignInBy.OAUTH
        """Whether the provider lets us in: there is no password then, and a user name only where it is another's mailbox."""
        self.will_sign_in = self.by_oauth or bool(mailbox.oauth_client_id)
        """Whether it may do without a password, since somebody is about to sign in at the provider."""
        self.asks = {f"{ask.way}-{ask.name}": ask for ask in mailbox.how.asks if not (self.by_oauth and ask.kind == "secret")}
        self.initial["name"] = mailbox.name
        for name, ask in self.asks.items():
            self.fields[name] = field = field_for(ask)
            in_our_words(field)
            if ask.kind != "secret":
                self.initial[name] = self.kept(name)
        self.fields["same"] = forms.BooleanField(required=False)
        self.initial["same"] = mailbox.can_fetch and not mailbox.can_send

    def kept(self, name: str) -> Any:
        """What we were told before."""
        way, _dash, asked = name.partition("-")
        return getattr(self.mailbox, f"{PREFIXES[way]}_{asked}")

    def of(self, way: str) -> Iterable[tuple[str, Any]]:
        """(field name, ask) of one way, in the order in which to ask."""
        return [(name, ask) for name, ask in self.asks.items() if ask.way == way]

    def has_secret(self, name: str) -> bool:
        return bool(self.kept(name))

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("same") and told.get("out-host") and not self.by_oauth:
            told["out-username"] = told.get("in-username") or ""
            told["out-password"] = told.get("in-password") or self._kept_for_same_server("in", told) or ""
            if not told["out-password"] and self.has_secret("in-password"):
                self.add_error("in-password", _("Please give the password once more, since it is to go to another server."))
        for way in PREFIXES:
            self._complete(way, told)
        return told

    def _kept_for_same_server(self, way: str, told: Mapping[str, Any]) -> str:
        """The password we have, where it goes only to servers that it already went to."""
        servers = {told.get("out-host"), told.get(f"{way}-host")}
        known = {self.kept("in-host"), self.kept("out-host")}
        return str(self.kept(f"{way}-password")) if servers <= known else ""

    def _complete(self, way: str, told: dict[str, Any]) -> None:
        """Fill in what may be left out, and say what is missing. A way without a server is forgotten, its password too."""
        password = f"{way}-password"
        for name, ask in self.of(way):
            if told.get(name) in (None, "") and ask.default and not self.has_error(name):
                told[name] = ask.default
        if told.get(f"{way}-host"):
            if password in self.asks and not told.get(password) and told.get(f"{way}-username") and self.has_secret(password):
                if told[f"{way}-host"] == self.kept(f"{way}-host"):
                    told[password] = self.kept(password)
                elif not self.has_error(password):
                    self.add_error(password, _("Please give the password once more, since the server is another one."))
            for name, ask in self.of(way):
                needed = ask.needed and not (self.will_sign_in and ask.name in ("username", "password"))
                if needed and told.get(name) in (None, "") and not self.has_error(name):
                    self.add_error(name, _("Please fill this in."))
        else:
            for name, ask in self.of(way):
                told[name] = ask.default

    def reached(self) -> dict[str, Any]:
        """What was told, by the names that `Mailbox.be_reached` takes."""
        told = {f"{PREFIXES[ask.way]}_{ask.name}": self.cleaned_data[name] for name, ask in self.asks.items()}
        return {"name": self.cleaned_data["name"], **told}


def field_for(ask: Any) -> forms.Field:
    """None is required in the form: which ones are needed depends on whether the way is used at all."""
    if ask.kind == "number":
        return forms.IntegerField(min_value=1, max_value=65535, required=False)
    elif ask.kind == "choice":
        return forms.ChoiceField(choices=ask.choices, required=False)
    else:
        return forms.CharField(max_length=255 if ask.kind == "text" else 1000, required=False, strip=ask.kind == "text")


def id_in(told: Mapping[str, Any], name: str) -> int | None:
    """The id that an address or a form names; None where there is none, or none that could be one."""
    text = str(told.get(name, ""))
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 and int(text) < 1 << 63 else None


@cache
def time_zones() -> list[tuple[str, str]]:
    """Every zone that is named after a place, and UTC: (name, words)."""
    other = ("Etc/", "posix/", "right/", "SystemV/", "US/")
    named = sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone and not zone.startswith(other))
    return [(zone, zone.replace("_", " ")) for zone in ["UTC", *named]]


def password_rules() -> str:
    """What a new password must be, before one is refused."""
    least = next((each.min_length for each in get_default_password_validators() if isinstance(each, MinimumLengthValidator)), 1)
    return ngettext(
        "At least %(count)d character, and not one that many people use. A few words in a row are good.",
        "At least %(count)d characters, and not one that many people use. A few words in a row are good.",
        least,
    ) % {"count": least}
