"""Other addresses of a mailbox, added and removed on its page."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from touchline.desk.models import Alias
from touchline.web.access import mailbox_for, owners_only
from touchline.web.around import offer
from touchline.web.forms import NewAlias
from touchline.web.mailbox_cards import show_mailbox
from touchline.web.request import Request


@require_POST
@owners_only
def add(request: Request, id: int) -> HttpResponse:
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
