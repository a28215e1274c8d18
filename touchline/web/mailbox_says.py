"""What a mailbox says beneath our words, and by itself: the forms on its page, taken."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from touchline.desk.models import Signature
from touchline.web.access import mailbox_for, owners_only
from touchline.web.acknowledging import TellThem
from touchline.web.around import offer
from touchline.web.mailbox_cards import show_mailbox
from touchline.web.request import Request
from touchline.web.signatures import TheSignature, looked_at


@require_POST
@owners_only
def signature(request: Request, id: int) -> HttpResponse:
    """Of the mailbox, for whoever has none of their own."""
    mailbox = mailbox_for(request.teammate, id)
    form = TheSignature(request.POST)
    if form.is_valid() and not form.looks:
        Signature.keep(form.said, mailbox=mailbox)
        offer(request, _("This is kept. It stands beneath what you write from now on."))
        return redirect("mailbox", mailbox.pk)
    else:
        shown = looked_at(form, request.teammate, mailbox, mailbox)
        return show_mailbox(request, mailbox, status=422 if shown.error else 200, signature={"slot": shown})


@require_POST
@owners_only
def acknowledging(request: Request, id: int) -> HttpResponse:
    """Whether it tells people that their mail has come."""
    mailbox = mailbox_for(request.teammate, id)
    form = TellThem(request.POST, mailbox=mailbox)
    if form.is_valid() and not form.looks:
        mailbox.tell_them_it_came(form.cleaned_data["acknowledges"], form.cleaned_data["acknowledgement"])
        told = (
            _("Whoever writes to %(address)s is told that it came.")
            if mailbox.acknowledges
            else _("Nobody is told that it came.")
        )
        offer(request, told % {"address": mailbox.address})
        return redirect("mailbox", mailbox.pk)
    else:
        return show_mailbox(request, mailbox, status=200 if form.is_valid() else 422, acknowledging={"form": form})
