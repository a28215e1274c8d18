"""What every request brings: who asks and when. The clock is read here, once a request."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import cast
from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import get_language
from django_htmx.middleware import HtmxDetails

from touchline.desk.models import Desk, Teammate


class Request(HttpRequest):
    """A request as our views get it: from a teammate who is signed in, at a time."""

    teammate: Teammate
    at: datetime
    desk: Desk
    htmx: HtmxDetails


class Middleware:
    """Sets `request.at`, `request.desk` and, where someone is signed in, `request.teammate`; days are the team's days."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, plain: HttpRequest) -> HttpResponse:
        request = cast(Request, plain)
        request.at = datetime.now(UTC)
        if request.path.startswith(("/assets/", "/static/")):
            return self.get_response(request)
        request.desk = Desk.get()
        if request.user.is_authenticated:
            request.teammate = request.user
        with timezone.override(request.desk.zone), translation.override(get_language()):
            response = self.get_response(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response


def sign_in_address(request: HttpRequest) -> str:
    """Where to sign in, and come back afterwards to the page one was on: an action or a piece of a page is none to come back to."""
    if request.headers.get("HX-Request"):
        page = page_of_ours(request, request.headers.get("HX-Current-URL", ""))
    elif request.method == "POST":
        page = page_of_ours(request, request.headers.get("Referer", ""))
    else:
        page = request.get_full_path()
    return reverse("sign_in") + ("?" + urlencode({"next": page}) if page else "")


def page_of_ours(request: HttpRequest, address: str) -> str:
    """The path of an address on this desk; nothing where it leads anywhere else."""
    path = ""
    if url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        path = urlunsplit(urlsplit(address)._replace(scheme="", netloc=""))
    return path if url_has_allowed_host_and_scheme(path, allowed_hosts=None) else ""


READING_LASTS = timedelta(seconds=75)
"""How long after they were last seen here a teammate counts as reading; writing likewise."""
