"""What stands beneath what we write: one's own signatures, everywhere and by mailbox, and a mailbox's."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from touchline.desk.models import Mailbox, Signature, Teammate, Words
from touchline.desk.models.signature import filled
from touchline.web.access import mailbox_for, signed_in
from touchline.web.around import offer, show
from touchline.web.forms import Form, id_in
from touchline.web.request import Request


class TheSignature(Form):
    """As it was written. `none`: where it is empty, nothing at all is to stand there."""

    words = forms.CharField(max_length=5000, required=False, strip=False)
    none = forms.BooleanField(required=False)

    @property
    def said(self) -> Words | None:
        """None where nothing is said of it, so that the next closest one stands there."""
        told = str(self.cleaned_data["words"])
        words = Words.rich(told) if self.data.get("words_are") == "html" else Words.plain(told)
        return words if words or self.cleaned_data["none"] else None

    @property
    def looks(self) -> bool:
        """It is only to be shown as it would be."""
        return self.data.get("then") == "look"


@dataclass(frozen=True)
class Shown:
    """A signature on a page: as it was written, and as it goes out."""

    mailbox: Mailbox | None
    words: Words | None
    beneath: Words | None  # None where there is no mailbox yet to write from
    error: str = ""
    looked_at: bool = False  # it is not kept yet

    @property
    def id(self) -> str:
        return f"signature-{self.mailbox.pk if self.mailbox else 'everywhere'}"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def mine(request: Request) -> HttpResponse:
    """One's own: everywhere, and for each mailbox that is to have another one. A form says which by its `mailbox`."""
    kay = request.teammate
    mailboxes = list(Mailbox.objects.open().order_by("address"))
    if request.method == "POST":
        id = id_in(request.POST, "mailbox")
        mailbox = mailbox_for(kay, id) if id is not None else None
        form = TheSignature(request.POST)
        if form.is_valid() and not form.looks:
            Signature.keep(form.said, teammate=kay, mailbox=mailbox)
            offer(request, _("This is kept. It stands beneath what you write from now on."))
            return redirect("my_signatures")
        posted = looked_at(form, kay, mailbox, mailbox or next(iter(mailboxes), None))
    else:
        posted = None
    slots = [
        posted if posted and posted.mailbox == each else _kept(kay, each, each or next(iter(mailboxes), None))
        for each in (None, *mailboxes)
    ]
    return show(request, "my_signatures.html", here="settings", slots=slots, status=422 if posted and posted.error else 200)


def card(request: Request, mailbox: Mailbox) -> dict[str, Any]:
    words = Signature.kept(mailbox=mailbox)
    beneath = filled(words, request.teammate, mailbox) if words else Words("")
    return {"slot": Shown(mailbox, words, beneath)}


def _kept(teammate: Teammate, mailbox: Mailbox | None, written_from: Mailbox | None) -> Shown:
    words = Signature.kept(teammate=teammate, mailbox=mailbox)
    if written_from is None:
        beneath = None
    elif words is not None:
        beneath = filled(words, teammate, written_from)
    else:
        beneath = Signature.beneath(teammate, written_from) if mailbox else None
    return Shown(mailbox, words, beneath)


def looked_at(form: TheSignature, teammate: Teammate, mailbox: Mailbox | None, written_from: Mailbox | None) -> Shown:
    """What was posted and is not kept: to be looked at, or since something is wrong with it."""
    if form.is_valid():
        words = form.said or Words("")
        return Shown(mailbox, form.said, filled(words, teammate, written_from) if written_from else None, looked_at=True)
    else:
        return Shown(mailbox, Words.rich(form.data.get("words", "")), None, error=form.wrong("words"), looked_at=True)
