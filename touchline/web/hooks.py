"""Mail that a sending service posts to us: kept durably before it is acknowledged, so that the service tries again until it is."""

from typing import Any
from urllib.parse import urlsplit

import structlog
from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from touchline.desk import hooks
from touchline.desk.models import Mailbox
from touchline.web.access import mailbox_for, owners_only
from touchline.web.around import offer, show
from touchline.web.forms import Form
from touchline.web.hook_posts import Posted
from touchline.web.hook_senders import SENDERS, USER, NoMail, NotTheirs, Sender, ServiceDown
from touchline.web.request import Request

log = structlog.get_logger()


@csrf_exempt  # a service signs what it posts, or knows a password; it has no cookie of ours
@require_http_methods(["HEAD", "POST"])
def hook(request: Request, key: str) -> HttpResponse:
    """200 once every mail of a post is kept; 403 to whoever cannot prove to be the service; 422 for what is no mail; 503 to come again."""
    mailbox = hooks.mailbox_of(key)
    sender = SENDERS.get(mailbox.hook_sender) if mailbox else None
    if mailbox is None or sender is None:
        raise Http404
    elif request.method == "HEAD":  # some look whether anybody is there before they take the address
        return HttpResponse()
    about = {"service": sender.words, "mailbox": mailbox.address}
    try:
        for mail in sender.mails(Posted(request), hooks.secrets_of(mailbox), address_of(mailbox, sender)):
            hooks.keep(mailbox, mail.raw, at=request.at, mail_from=mail.mail_from, recipient=mail.recipient)
    except NotTheirs:
        log.warning("a post was refused: it is not signed as it should be", **about)
        return HttpResponse(status=403)
    except (ServiceDown, OSError) as trouble:
        log.warning("a post could not be kept, and is to come again", trouble=str(trouble), **about)
        return HttpResponse(status=503)
    except (NoMail, ValueError) as trouble:
        log.warning("a post holds no mail that we could read", trouble=str(trouble), **about)
        return HttpResponse(status=422)
    else:
        return HttpResponse()


class WhoPosts(Form):
    """A service, and what it tells us to know its posts by. What is left empty stays as it was."""

    sender = forms.ChoiceField(
        choices=lambda: [("", _("None")), *((each.name, each.words) for each in SENDERS.values())], required=False
    )
    signing_key = forms.CharField(max_length=2000, required=False)
    api_key = forms.CharField(max_length=500, required=False)

    def __init__(self, *args: Any, mailbox: Mailbox, **kwargs: Any) -> None:
        super().__init__(*args, initial={"sender": mailbox.hook_sender}, **kwargs)
        self.known = hooks.secrets_of(mailbox)
        self.same = mailbox.hook_sender

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        sender = SENDERS.get(told.get("sender", ""))
        for secret in sender.secrets if sender else ():
            text = told.get(secret.name, "")
            if not text.isascii():
                self.add_error(secret.name, _("There is a letter in it that no such key has. Was something else copied, too?"))
            elif not text and not (self.known.get(secret.name) and self.same == told["sender"]):
                self.add_error(secret.name, _("%(service)s shows it where you add our address.") % {"service": sender.words})  # type: ignore[union-attr]
        return told

    def secrets(self) -> dict[str, str]:
        sender = SENDERS[self.cleaned_data["sender"]]
        told = {secret.name: "".join(self.cleaned_data[secret.name].split()) for secret in sender.secrets}
        return {name: text for name, text in told.items() if text}


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def webhook(request: Request, id: int) -> HttpResponse:
    """Which service posts mail here, and what to give it. The address is as secret as a password, where it holds one."""
    mailbox = mailbox_for(request.teammate, id)
    form = WhoPosts(request.POST or None, mailbox=mailbox)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["sender"]:
            hooks.begin(mailbox, form.cleaned_data["sender"], form.secrets())
            offer(request, _("This is kept. Now give the service the address below."))
        else:
            hooks.end(mailbox)
            offer(request, _("No service posts mail here any more."))
        return redirect("webhook", mailbox.pk)
    sender = SENDERS.get(mailbox.hook_sender)
    return show(
        request,
        "webhook.html",
        here="settings",
        mailbox=mailbox,
        form=form,
        sender=sender,
        senders=SENDERS.values(),
        known=form.known,
        address=address_with_password(mailbox, sender) if sender else "",
        status=422 if form.is_bound else 200,
    )


def card(_request: HttpRequest, mailbox: Mailbox) -> dict[str, Any]:
    """What the page of the mailbox says of it."""
    return {"sender": SENDERS.get(mailbox.hook_sender)}


def address_of(mailbox: Mailbox, sender: Sender) -> str:
    """Where the service posts to."""
    path = (
        reverse("hook", args=[mailbox.hook_key])
        if not sender.ends_in
        else reverse(f"hook_{sender.ends_in}", args=[mailbox.hook_key])
    )
    return settings.PUBLIC_URL.rstrip("/") + path


def address_with_password(mailbox: Mailbox, sender: Sender) -> str:
    """The same, with our password in it where that is what proves a post."""
    address = address_of(mailbox, sender)
    if sender.signs:
        return address
    else:
        parts = urlsplit(address)
        return parts._replace(netloc=f"{USER}:{hooks.secrets_of(mailbox).get(hooks.PASSWORD, '')}@{parts.netloc}").geturl()
