"""Signing in to a mailbox at a provider that wants no password of us: Google, Microsoft 365, or another (OAuth2)."""

import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from touchline.desk.models import Mailbox
from touchline.desk.models.mailbox_signing_in import CannotReach
from touchline.web.access import mailbox_for, owners_only
from touchline.web.around import offer, show
from touchline.web.forms import Form
from touchline.web.request import Request

JOURNEY_KEY = "mailbox_journey"
LONGEST = timedelta(minutes=30)
"""How long somebody may be away at the provider."""

PROVIDERS = (
    ("google", gettext_lazy("Google")),
    ("microsoft", gettext_lazy("Microsoft 365")),
    ("other", gettext_lazy("another")),
)


class Registered(Form):
    """Who the provider is, and what it knows us by. A secret that is left empty stays the one we have, for the same client."""

    provider = forms.ChoiceField(choices=PROVIDERS)
    directory = forms.CharField(max_length=100, required=False)
    issuer = forms.CharField(max_length=255, required=False)
    scope = forms.CharField(max_length=500, required=False)
    client_id = forms.CharField(max_length=255)
    client_secret = forms.CharField(max_length=1000, required=False)

    def __init__(self, *args: Any, mailbox: Mailbox, **kwargs: Any) -> None:
        known = {name: getattr(mailbox, f"oauth_{name}") for name in ("provider", "directory", "issuer", "scope", "client_id")}
        super().__init__(*args, initial=known | {"provider": mailbox.oauth_provider or "google"}, **kwargs)
        self.mailbox = mailbox

    @property
    def has_secret(self) -> bool:
        return bool(self.mailbox.oauth_client_secret)

    def clean_issuer(self) -> str:
        issuer = str(self.cleaned_data["issuer"]).strip()
        if issuer and urlsplit(issuer).scheme not in ("https", "http"):
            raise ValidationError(_("This address begins with https://."))
        return issuer

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("provider") == "other":
            for name in ("issuer", "scope"):
                if not told.get(name) and not self.has_error(name):
                    self.add_error(name, _("Please fill this in."))
        return told

    def told(self) -> dict[str, Any]:
        """What was told, by the names of the mailbox's fields."""
        told = {f"oauth_{name}": value for name, value in self.cleaned_data.items()}
        same = all(told[name] == getattr(self.mailbox, name) for name in ("oauth_provider", "oauth_client_id", "oauth_issuer"))
        if same and not told["oauth_client_secret"]:
            told["oauth_client_secret"] = self.mailbox.oauth_client_secret
        return told


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def sign_in_at(request: Request, id: int) -> HttpResponse:
    """What the provider knows us by; once that is told, the page leads there."""
    mailbox = mailbox_for(request.teammate, id)
    form = Registered(request.POST or None, mailbox=mailbox)
    if request.method == "POST" and form.is_valid():
        mailbox.registered(form.told())
        return redirect("mailbox_sign_in", mailbox.pk)
    status = 422 if form.is_bound else 200
    named = dict(PROVIDERS).get(mailbox.oauth_provider, "")
    return show(
        request,
        "mailbox_sign_in.html",
        here="settings",
        mailbox=mailbox,
        form=form,
        provider=named if mailbox.oauth_provider != "other" else urlsplit(mailbox.oauth_issuer).netloc,
        back=back(),
        status=status,
    )


@require_safe
@owners_only
def go(request: Request, id: int) -> HttpResponse:
    """Off to the provider. The journey stays in this teammate's session: only they can come back from it."""
    mailbox = mailbox_for(request.teammate, id)
    try:
        journey, address = mailbox.journey(back=back())
    except CannotReach as trouble:
        offer(request, str(trouble))
        return redirect("mailbox_sign_in", mailbox.pk)
    request.session[JOURNEY_KEY] = {**journey, "mailbox": mailbox.pk, "at": request.at.isoformat()}
    return HttpResponseRedirect(address)


@require_safe
@owners_only
def come_back(request: Request) -> HttpResponse:
    """Back from the provider, with a code if all is well. Each journey ends here once, whatever came of it."""
    began = request.session.pop(JOURNEY_KEY, None)
    known = bool(began) and secrets.compare_digest(str(began["state"]).encode(), request.GET.get("state", "").encode())
    if not known or request.at - datetime.fromisoformat(began["at"]) > LONGEST:
        offer(
            request,
            _(
                "This way back was not begun here, or long ago, so nothing was changed. Begin again at the mailbox, at %(address)s."
            )
            % {"address": settings.PUBLIC_URL},
        )
        return redirect("mailboxes")
    mailbox = mailbox_for(request.teammate, began["mailbox"])
    code = request.GET.get("code", "")
    try:
        if code:
            mailbox.signed_in(verifier=began["verifier"], code=code, back=back(), at=request.at)
            told = {"account": mailbox.oauth_signed_in_as}
            offer(request, _("Signed in as %(account)s. Mail goes in and out with it from now on.") % told)
            return redirect("mailbox", mailbox.pk)
        elif request.GET.get("error") == "access_denied":
            offer(request, _("You did not let us in there. Nothing was changed."))
        else:
            words = request.GET.get("error_description") or request.GET.get("error") or _("nothing")
            offer(request, _("The provider did not sign you in. It said: “%(words)s”.") % {"words": words[:300]})
    except CannotReach as trouble:
        offer(request, str(trouble))
    return redirect("mailbox_sign_in", mailbox.pk)


@require_POST
@owners_only
def forget(request: Request, id: int) -> HttpResponse:
    mailbox = mailbox_for(request.teammate, id)
    mailbox.forget_sign_in()
    offer(
        request,
        _("What the provider gave us is thrown away. %(address)s signs in by a password now.") % {"address": mailbox.address},
    )
    return redirect("mailbox", mailbox.pk)


def back() -> str:
    """The page that the provider sends people back to. It has to be registered there, letter by letter."""
    return f"{settings.PUBLIC_URL}{reverse('mailbox_come_back')}"
