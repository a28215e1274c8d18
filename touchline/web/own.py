"""Settings: one's own, and the desk's."""

from datetime import timedelta

from allauth.core import ratelimit  # type: ignore[import-untyped]
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from touchline.desk.models import Teammate
from touchline.web.access import owners_only, signed_in
from touchline.web.around import offer, show
from touchline.web.forms import ChangePassword, Me, TheDesk, password_rules
from touchline.web.request import Request
from touchline.web.sessions import too_often


@require_safe
@signed_in
def settings(request: Request) -> HttpResponse:
    return show(request, "settings.html", here="settings")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def me(request: Request) -> HttpResponse:
    """Two forms: what is said about oneself, and a new password (which ends every other session)."""
    posted = request.method == "POST"
    wants_password = posted and "new_password" in request.POST
    about = Me(request.POST if posted and not wants_password else None, teammate=request.teammate)
    password = ChangePassword(request.POST if wants_password else None, teammate=request.teammate)
    guesses = posted and (wants_password or bool(request.POST.get("current")))
    if guesses and not ratelimit.consume(request, action="change_password"):
        return too_often(request)
    if wants_password and password.is_valid():
        request.teammate.choose_password(password.cleaned_data["password"])
        update_session_auth_hash(request, request.teammate)
        offer(request, _("Your new password is kept. Elsewhere you are signed out."))
        return redirect("me")
    elif posted and not wants_password and about.is_valid():
        told = about.cleaned_data
        request.teammate.describe(
            name=told["name"],
            email=told["email"],
            theme=told["theme"],
            single_keys=told["single_keys"],
            wants_letter=told["wants_letter"],
        )
        offer(request, _("This is kept."))
        return redirect("me")
    return show(
        request, "me.html", here="settings", about=about, password=password, rules=password_rules(), status=422 if posted else 200
    )


@require_POST
@signed_in
def theme(request: Request) -> HttpResponse:
    """Light, dark, or as the device: the choice of the switch on every page."""
    theme = request.POST.get("theme", "")
    if theme not in Teammate.Theme.values:
        return HttpResponseBadRequest()
    request.teammate.choose_theme(theme)
    return HttpResponse(status=204)


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def desk(request: Request) -> HttpResponse:
    form = TheDesk(request.POST or None, desk=request.desk)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        request.desk.choose(
            name=told["desk_name"],
            time_zone=told["time_zone"],
            take_back_for=timedelta(seconds=told["take_back"]),
            quiet=(told["quiet_from"], told["quiet_to"]),
            back_within=timedelta(days=told["back_within"]),
            hours=timedelta(hours=told["hours"]),
            days=timedelta(days=told["days"]),
            weeks=timedelta(days=told["weeks"]),
        )
        offer(request, _("This is kept."))
        return redirect("desk")
    return show(request, "desk.html", here="settings", form=form, status=422 if form.is_bound else 200)
