"""How a mailbox reads what comes in: whether a group feeds it, and which server's checks it believes."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from touchline.core.mail.authenticity import server_that_checks
from touchline.desk.models import InboundEmail, Mailbox
from touchline.web.access import mailbox_for, owners_only
from touchline.web.around import offer
from touchline.web.forms import Form
from touchline.web.request import Request

LARGEST_LOOKED_AT = 1_000_000


class WhatComesIn(Form):
    fed_by_group = forms.BooleanField(required=False)
    trusted_server = forms.CharField(max_length=255, required=False)

    def __init__(self, *args: Any, mailbox: Mailbox, **kwargs: Any) -> None:
        known = {"fed_by_group": mailbox.fed_by_group, "trusted_server": mailbox.trusted_server}
        super().__init__(*args, initial=known, **kwargs)

    def clean_trusted_server(self) -> str:
        server = str(self.cleaned_data["trusted_server"]).strip().lower().rstrip(".")
        if server and not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,254}", server):
            raise ValidationError(_("We couldn’t read this. It is a name such as mx.example.org."))
        return server


def card(_request: Request, mailbox: Mailbox) -> dict[str, Any]:
    """The form, and the server that the newest mail says has checked it."""
    newest = InboundEmail.objects.filter(mailbox=mailbox, size__range=(1, LARGEST_LOOKED_AT)).order_by("-id").first()
    try:
        seen = server_that_checks(newest.raw()) if newest and not mailbox.trusted_server else ""
    except OSError:
        seen = ""
    return {"form": WhatComesIn(mailbox=mailbox), "seen": seen}


@require_POST
@owners_only
def keep(request: Request, id: int) -> HttpResponse:
    from touchline.web.mailbox_cards import show_mailbox

    mailbox = mailbox_for(request.teammate, id)
    form = WhatComesIn(request.POST, mailbox=mailbox)
    if form.is_valid():
        mailbox.fed_by_group, mailbox.trusted_server = form.cleaned_data["fed_by_group"], form.cleaned_data["trusted_server"]
        mailbox.save(update_fields=["fed_by_group", "trusted_server"])
        offer(request, _("This is kept."))
        return redirect("mailbox", mailbox.pk)
    return show_mailbox(request, mailbox, status=422, what_comes_in={"form": form})
