"""Other addresses of a mailbox: shown on its page, added and removed there."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from touchline.desk.models import Alias, Mailbox
from touchline.web.access import mailbox_for, owners_only
from touchline.web.around import offer
from touchline.web.forms import Form
from touchline.web.request import Request


class NewAlias(Form):
    address = forms.EmailField(max_length=254)

    def __init__(self, *args: Any, mailbox: Mailbox, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mailbox = mailbox

    def clean_address(self) -> str:
        """Nothing is kept yet; what would be wrong with it is said."""
        address = str(self.cleaned_data["address"])
        try:
            Alias(mailbox=self.mailbox, address=address.lower()).full_clean()
        except ValidationError as trouble:
            raise ValidationError(trouble.messages) from trouble
        return address


def card(_request: Request, mailbox: Mailbox) -> dict[str, Any]:
    return {"form": NewAlias(mailbox=mailbox), "aliases": list(mailbox.aliases.order_by("address"))}


@require_POST
@owners_only
def add(request: Request, id: int) -> HttpResponse:
    from touchline.web.mailbox_cards import show_mailbox

    mailbox = mailbox_for(request.teammate, id)
    form = NewAlias(request.POST, mailbox=mailbox)
    if form.is_valid():
        alias = Alias.add(mailbox, form.cleaned_data["address"])
        offer(request, _("Who writes to %(address)s is answered from there.") % {"address": alias.address})
        return redirect("mailbox", mailbox.pk)
    else:
        return show_mailbox(request, mailbox, status=422, aliases={"form": form})


@require_POST
@owners_only
def remove(request: Request, id: int, alias: int) -> HttpResponse:
    mailbox = mailbox_for(request.teammate, id)
    found = mailbox.aliases.filter(pk=alias).first()
    if found is None:
        raise Http404
    found.delete()
    offer(request, _("%(address)s is no address of ours any more.") % {"address": found.address})
    return redirect("mailbox", mailbox.pk)
