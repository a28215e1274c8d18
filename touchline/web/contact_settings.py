"""The contact form of a mailbox, as its owners set it up: open or closed, its words, and the pages that may show it."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from touchline.desk.models import ContactForm, Mailbox
from touchline.desk.models.contact_form import origin_of
from touchline.web.access import mailbox_for, owners_only
from touchline.web.around import offer, show
from touchline.web.forms import Form
from touchline.web.request import Request


class HowItLooks(Form):
    """What stands on the form, and where it may be shown."""

    title = forms.CharField(max_length=200, required=False)
    words = forms.CharField(max_length=5000, required=False)
    thanks = forms.CharField(max_length=5000, required=False)
    takes_files = forms.BooleanField(required=False)
    embed_on = forms.CharField(max_length=5000, required=False)

    def __init__(self, *args: Any, takes: ContactForm, **kwargs: Any) -> None:
        known = {name: getattr(takes, name) for name in ("title", "words", "thanks", "takes_files", "embed_on")}
        super().__init__(*args, initial=known, **kwargs)

    def clean_embed_on(self) -> str:
        """Of each line the origin: what stands after it makes no difference to a browser."""
        lines = [line for line in str(self.cleaned_data["embed_on"]).splitlines() if line.strip()]
        return "\n".join(dict.fromkeys(origin_of(line) for line in lines))


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def contact_form(request: Request, id: int) -> HttpResponse:
    """Its words and its state. `open`, `close` and `keep` are the buttons; each keeps the words too."""
    mailbox = mailbox_for(request.teammate, id)
    takes = ContactForm.of(mailbox)
    form = HowItLooks(request.POST or None, takes=takes)
    if request.method == "POST" and form.is_valid():
        takes.say(**form.cleaned_data)
        if "open" in request.POST:
            takes.open(request.at)
            offer(request, _("The form is open: people can write to you by it."))
        elif "close" in request.POST:
            takes.close(request.at)
            offer(request, _("The form is closed. What came by it stays."))
        else:
            offer(request, _("This is kept."))
        return redirect("contact_form", mailbox.pk)
    status = 422 if form.is_bound else 200
    return show(
        request, "contact_form.html", here="settings", mailbox=mailbox, takes=takes, form=form, status=status, **where(takes)
    )


def card(_request: Request, mailbox: Mailbox) -> dict[str, Any]:
    """What the page of the mailbox says of it."""
    takes = ContactForm.of(mailbox)
    return {"takes": takes, **where(takes)}


def where(takes: ContactForm) -> dict[str, str]:
    """Its address, and the line that shows it on another page."""
    public = settings.PUBLIC_URL.rstrip("/")
    script = public + reverse("contact_embed", args=[takes.key])
    return {"address": public + reverse("contact", args=[takes.key]), "snippet": f'<script src="{script}" defer></script>'}
