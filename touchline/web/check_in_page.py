"""The page on which a person answers a check-in: “Did it work?”, two buttons, and room for a word.

Opening it records nothing, however often and by whatever: programs that look through mail open links, and some run scripts. It has no
script and sets no cookie; its secret is the token in its address, which names one check-in, and only a press of a button is an answer.
"""

from typing import Any, cast

from allauth.core import ratelimit  # type: ignore[import-untyped]
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from touchline.desk.models import CheckIn, Mailbox
from touchline.desk.models.ask_rule import first_name
from touchline.desk.models.check_in_hearing import AnsweredAlready, TooLateToChange
from touchline.web.contact import language_of
from touchline.web.page import render
from touchline.web.request import Request


@csrf_exempt  # nobody is signed in here, and the token is the secret
@sensitive_post_parameters()
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request: HttpRequest, token: str) -> HttpResponse:
    """The question, or what was answered. `answer`, `other` and `do_not_ask` are its buttons."""
    asked = cast(Request, request)
    found = CheckIn.objects.by_token(token, at=asked.at)
    within = {"action": "check_in", "key": str(found.pk)} if found else {"action": "check_in_unknown"}
    if not ratelimit.consume(request, **within):  # it counts presses; nobody finds one of 2**128 by opening pages
        return _show(asked, "check_in/wait.html", status=429)
    if found is None:
        return _show(asked, "check_in/gone.html", status=404, address=_where_to_write())
    if request.method == "POST":
        return _answered(asked, found, token)
    return _page(asked, found)


def _answered(request: Request, found: CheckIn, token: str) -> HttpResponse:
    """Do what the button says, and show the page anew: loading that again presses nothing."""
    try:
        if "do_not_ask" in request.POST:
            found.person.now().do_not_ask(at=request.at)
        elif "other" in request.POST:
            found.it_was_the_other(at=request.at)
        elif request.POST.get("answer") in CheckIn.Answer.values:
            found.hear(request.POST["answer"], request.POST.get("words", ""), at=request.at)
        else:
            return _page(request, found, status=422)
    except (AnsweredAlready, TooLateToChange):
        found.refresh_from_db()
        return _page(request, found, status=409, stands=True)
    return redirect("check_in", token)


def _page(request: Request, found: CheckIn, *, status: int = 200, stands: bool = False) -> HttpResponse:
    person = found.person.now()
    return _show(
        request,
        "check_in/answered.html" if found.answer else "check_in/question.html",
        status=status,
        asks=found,
        name=first_name(person.name),
        teammate_name=found.by.first_name,
        line=found.line or str(found.conversation),
        can_change=bool(found.answer) and found.can_be_changed(request.at),
        never_again=person.do_not_ask_at is not None,
        stands=stands,
        address=found.conversation.mailbox.address,
        most=CheckIn.MOST_WORDS,
    )


def _show(request: Request, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """In the language of their browser as far as we have it; for no search engine, no cache, and no other page to hear of."""
    with translation.override(language_of(request)):
        response = render(request, template, status=status, **context)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Cache-Control"] = "no-store"
    return response


def _where_to_write() -> str:
    """An address of ours for those whose link says nothing any more of where it came from."""
    mailbox = Mailbox.objects.open().order_by("id").first()
    return mailbox.address if mailbox else ""
