"""Coming in, going out, and coming in again after a password was forgotten.

allauth signs in and limits how often it is tried, so that a second factor can be asked for in one place; the pages are ours.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter  # type: ignore[import-untyped]
from allauth.account.utils import perform_login  # type: ignore[import-untyped]
from allauth.core import ratelimit  # type: ignore[import-untyped]
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from touchline.desk.models import Notice, Teammate
from touchline.web.around import offer
from touchline.web.forms import Forgot, Password, SignIn, password_rules
from touchline.web.page import render
from touchline.web.request import Request

CHOOSING = "choose"
TOKEN_KEY = "new_password_token"  # noqa: S105 (the name of a place in the session)


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """What allauth is to do our way: nobody signs up by themselves, and what is said is said on our pages."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        pass

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("today")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: Request) -> HttpResponse:
    to = _only_ours(request.POST.get("next") or request.GET.get("next") or "")
    if request.user.is_authenticated:
        return redirect(to)
    form = SignIn(request.POST if request.method == "POST" else None, request=request, initial={"remember": True})
    status = 200
    if request.method == "POST":
        if not ratelimit.consume(request, action="login"):
            # It is not even looked at: neither the answer nor its time tells anything.
            form = SignIn(request=request, initial={"login": request.POST.get("login", ""), "remember": True})
            status = 429
        elif form.is_valid():
            response: HttpResponse = form.login(request, redirect_url=to)
            return response
        elif form.too_often:
            status = 429
        else:
            form.add_error("password", _("This address and this password do not go together."))
            status = 422
    about: dict[str, Any] = {"set_up": request.desk.is_set_up, "demo": settings.DEMO, "too_often": status == 429}
    return render(request, "sign_in.html", form=form, to=to, status=status, **about)


@require_POST
def sign_out(request: Request) -> HttpResponse:
    logout(request)
    return redirect("sign_in")


@require_http_methods(["GET", "HEAD", "POST"])
def forgot(request: Request) -> HttpResponse:
    """The answer is the same whoever's address it is, so that nobody learns who works here."""
    form = Forgot(request.POST or None)
    told: dict[str, Any] = {"form": form, "can_mail": can_mail(), "asked": False}
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"].strip().lower()
        if not ratelimit.consume(request, action="reset_password", key=email):
            return too_often(request)
        teammate = Teammate.objects.here().filter(email__lower=email.lower()).first()
        if teammate and can_mail():
            mail_link(teammate, _("A new password for %(desk)s") % {"desk": request.desk.name}, _FORGOT, request)
        return render(request, "forgot.html", **told | {"asked": True})
    return render(request, "forgot.html", status=422 if form.is_bound else 200, **told)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: Request, uid: str, token: str) -> HttpResponse:
    """Choose a new password with a link that is good once and for a day.

    The token goes from the address into the session at once, so that no page that is linked from there ever hears of it.
    """
    teammate = _whose(uid)
    kept = request.session.get(TOKEN_KEY, "") if token == CHOOSING else token
    if teammate is None or not default_token_generator.check_token(teammate, kept):
        return render(request, "link_not_good.html", status=410)
    if token != CHOOSING:
        request.session[TOKEN_KEY] = token
        return redirect("new_password", uid, CHOOSING)
    form = Password(request.POST or None, teammate=teammate)
    if request.method == "POST" and form.is_valid():
        del request.session[TOKEN_KEY]
        teammate.choose_password(form.cleaned_data["password"])
        response = come_in(request, teammate, to=reverse("today"))
        offer(request, _("Your new password is kept. Where you were signed in before, you no longer are."))
        return response
    status = 422 if form.is_bound else 200
    return render(request, "new_password.html", form=form, whose=teammate, rules=password_rules(), status=status)


def come_in(request: Request, teammate: Teammate, *, to: str) -> HttpResponse:
    """Sign a teammate in who has just shown who they are; the session gets a new key."""
    if request.user.is_authenticated and request.user != teammate:
        logout(request)
    response: HttpResponse = perform_login(request, teammate, email_verification="none", redirect_url=to)
    return response


def password_link(teammate: Teammate) -> str:
    """An address where this teammate chooses a password: good once, for PASSWORD_RESET_TIMEOUT seconds."""
    uid = urlsafe_base64_encode(str(teammate.pk).encode())
    token = default_token_generator.make_token(teammate)
    return settings.PUBLIC_URL.rstrip("/") + reverse("new_password", args=[uid, token])


def mail_link(teammate: Teammate, subject: str, text: str, request: Request) -> None:
    """Mail them a link; `text` has places for `name`, `desk`, `link` and `hours`."""
    told = {
        "name": teammate.first_name,
        "desk": request.desk.name,
        "link": password_link(teammate),
        "hours": settings.PASSWORD_RESET_TIMEOUT // 3600,
    }
    Notice.write(teammate.email, subject, _(text) % told, at=request.at)


def can_mail() -> bool:
    """Whether a mail to one of us would leave the house."""
    return not settings.DEMO and Notice.sender() is not None


def too_often(request: Request) -> HttpResponse:
    return render(request, "429.html", status=429)


def _only_ours(address: str) -> str:
    """An address within the desk; anything else becomes Today. Without a slash in front Django would take it for a view's name."""
    ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if ours else reverse("today")


def _whose(uid: str) -> Teammate | None:
    try:
        id = int(urlsafe_base64_decode(uid))
    except ValueError:
        return None
    return Teammate.objects.here().filter(pk=id).first() if id < 1 << 63 else None


_FORGOT = gettext_noop("""Hello %(name)s,

here you choose a new password for %(desk)s:

%(link)s

The link works once, within %(hours)d hours. If you did not ask for it, nothing needs doing: your password stays as it is.
""")
