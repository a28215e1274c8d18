"""The first five minutes: whoever has the link from the terminal sets the desk up."""

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from touchline.desk.models import LinkNotGood
from touchline.web.around import offer
from touchline.web.forms import SetUp, password_rules
from touchline.web.page import render
from touchline.web.request import Request
from touchline.web.sessions import come_in


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: Request) -> HttpResponse:
    """The token is in the fragment of the link, which a browser sends to nobody; a script or a paste puts it into the form."""
    if request.desk.is_set_up:
        return render(request, "set_up_done.html", status=409 if request.method == "POST" else 200)
    form = SetUp(request.POST or None, initial={"time_zone": "UTC"})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            teammate = request.desk.set_up(**told, at=request.at)
        except LinkNotGood:
            form.add_error(
                "token", _("This link is not good any more. Start Touchline again: it prints a new one on the terminal.")
            )
        else:
            response = come_in(request, teammate, to=reverse("today"))
            offer(request, how_mail_comes_in(told["address"]), link=reverse("mailboxes"), link_words=_("Mailboxes"))
            return response
    return render(request, "set_up.html", form=form, rules=password_rules(), status=422 if form.is_bound else 200)


def how_mail_comes_in(address: str) -> str:
    if settings.MAIL_IN:
        told = {"address": address, "door": door_address()}
        return (
            _("The desk is yours. Mail for %(address)s comes in at %(door)s; how to fetch and send mail is under Mailboxes.")
            % told
        )
    else:
        return _("The desk is yours. Say under Mailboxes how mail for %(address)s comes in and goes out.") % {"address": address}


def door_address() -> str:
    """Where the mail door is, as host:port; "" where it is shut."""
    if settings.MAIL_IN:
        host, port = settings.MAIL_IN
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    else:
        return ""
