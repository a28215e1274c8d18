"""Who works here: who comes, and who leaves."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods

from touchline.desk.models import Conversation, OnlyOwner, Teammate
from touchline.web.access import owners_only, signed_in, teammate_for
from touchline.web.around import offer, show
from touchline.web.forms import NewTeammate, id_in
from touchline.web.request import Request
from touchline.web.sessions import can_mail, mail_link, password_link

LINK_KEY = "password_link"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def teammates(request: Request) -> HttpResponse:
    """Who works here. An owner can make a link for a new password for whoever lost theirs."""
    if request.method == "POST":
        return new_link(request)
    here = Teammate.objects.here().order_by("name", "id")
    left = Teammate.objects.get_queryset().exclude(deactivated_at=None).order_by("-deactivated_at")
    return show(request, "teammates.html", here="settings", here_now=here, left=left, handed=request.session.pop(LINK_KEY, None))


@owners_only
def new_link(request: Request) -> HttpResponse:
    teammate = teammate_for(request.teammate, id_in(request.POST, "link") or 0)
    _hand_out_link(request, teammate, _("A new password for %(desk)s") % {"desk": request.desk.name}, _NEW_LINK)
    return redirect("teammates")


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def add(request: Request) -> HttpResponse:
    """Someone new, or someone who left and comes back. They choose their password with a link."""
    form = NewTeammate(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        role = Teammate.Role.of(owner=told["owner"], lead=told["lead"])
        try:
            teammate = Teammate.welcome(name=told["name"], email=told["email"], role=role, at=request.at)
        except ValidationError as trouble:
            form.add_error(None, trouble)
        else:
            _hand_out_link(request, teammate, _("Come in to %(desk)s") % {"desk": request.desk.name}, _WELCOME)
            return redirect("teammates")
    return show(request, "teammate_add.html", here="settings", form=form, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def deactivate(request: Request, id: int) -> HttpResponse:
    """A teammate leaves. The page says first what that means for what is with them."""
    teammate = teammate_for(request.teammate, id)
    trouble = ""
    if request.method == "POST":
        try:
            teammate.leave(at=request.at)
        except OnlyOwner:
            trouble = _("%(name)s is the only owner. Add another owner first.") % {"name": teammate.name}
        else:
            offer(request, _("%(name)s can no longer sign in. What they did keeps their name.") % {"name": teammate.name})
            return redirect("sign_in" if teammate == request.teammate else "teammates")
    with_them = Conversation.objects.visible_to(request.teammate).with_teammate(teammate).count()
    context: dict[str, Any] = {"whose": teammate, "with_them": with_them, "trouble": trouble}
    return show(request, "teammate_leave.html", here="settings", status=409 if trouble else 200, **context)


def _hand_out_link(request: Request, teammate: Teammate, subject: str, text: str) -> None:
    """Mail them a link to choose a password, where mail can leave; and show it once, to be handed over."""
    mailed = can_mail()
    if mailed:
        mail_link(teammate, subject, text, request)
    request.session[LINK_KEY] = {
        "name": teammate.name,
        "email": teammate.email,
        "link": password_link(teammate),
        "mailed": mailed,
    }


_WELCOME = gettext_noop("""Hello %(name)s,

you are a teammate at %(desk)s now. Here you choose a password, and are in:

%(link)s

The link works once, within %(hours)d hours.
""")

_NEW_LINK = gettext_noop("""Hello %(name)s,

here you choose a new password for %(desk)s; a colleague asked for it:

%(link)s

The link works once, within %(hours)d hours.
""")
