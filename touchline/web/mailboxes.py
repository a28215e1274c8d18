"""The addresses that people write to, and how each is reached."""

import threading
import time
from collections.abc import Mapping, Sequence
from queue import Empty, SimpleQueue
from typing import Any

from django.db import connection
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from touchline.desk.models import Mailbox
from touchline.web.access import mailbox_for, owners_only, signed_in
from touchline.web.around import offer, show
from touchline.web.first_run import door_address
from touchline.web.forms import HowReached, NewMailbox
from touchline.web.mailbox_cards import CHECKED_KEY, show_mailbox
from touchline.web.request import Request

CHECK_SECONDS = 25.0


@require_safe
@signed_in
def mailboxes(request: Request) -> HttpResponse:
    every = list(Mailbox.objects.open().order_by("address"))
    return show(request, "mailboxes.html", here="settings", mailboxes=every, door=door_address())


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def add(request: Request) -> HttpResponse:
    form = NewMailbox(request.POST or None, initial={"name": request.desk.name})
    if request.method == "POST" and form.is_valid():
        mailbox = Mailbox.open(address=form.cleaned_data["address"], name=form.cleaned_data["name"], at=request.at)
        offer(request, _("%(address)s is a mailbox now.") % {"address": mailbox.address})
        return redirect("mailbox", mailbox.pk)
    return show(request, "mailbox_add.html", here="settings", form=form, status=422 if form.is_bound else 200)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def mailbox(request: Request, id: int) -> HttpResponse:
    """How it is reached. Everyone may look; owners may change it, and try it at once."""
    mailbox = mailbox_for(request.teammate, id)
    if request.method == "POST" and not request.teammate.is_owner:
        raise Http404
    if request.method == "POST":
        form = HowReached(request.POST, mailbox=mailbox)
        if not form.is_valid():
            return show_mailbox(request, mailbox, reached={"form": form}, status=422)
        mailbox.be_reached(form.reached(), at=request.at)
        offer(request, _("This is kept."))
        if "try" in request.POST:
            _keep_tried(request, mailbox)
        return redirect("mailbox", mailbox.pk)
    else:
        return show_mailbox(request, mailbox)


@require_POST
@owners_only
def check(request: Request, id: int) -> HttpResponse:
    """Try both ways as they are set up, step by step, and show what happened."""
    mailbox = mailbox_for(request.teammate, id)
    _keep_tried(request, mailbox)
    return redirect("mailbox", mailbox.pk)


def tried(mailbox: Mailbox, seconds: float = CHECK_SECONDS) -> Mapping[str, Sequence[tuple[bool, str]]]:
    """What happened when each way that is set up was tried: (whether it worked, a sentence) of every step.

    Both are tried at once, and what is not done after so many seconds is said to be so: a page is being waited for.
    """
    ways = {"in": mailbox.told_in() if mailbox.can_fetch else None, "out": mailbox.told_out() if mailbox.can_send else None}
    until = time.monotonic() + seconds
    trying = {way: _begin(mailbox, way, told) for way, told in ways.items() if told is not None}
    return {way: _collect(steps, until, seconds) for way, steps in trying.items()}


def _begin(mailbox: Mailbox, way: Any, told: Mapping[str, Any]) -> "SimpleQueue[tuple[bool, str] | None]":
    steps: SimpleQueue[tuple[bool, str] | None] = SimpleQueue()

    def walk() -> None:
        try:
            for step in mailbox.how.check(told, way=way):
                steps.put((step.worked, step.words))
        finally:
            steps.put(None)
            connection.close()

    threading.Thread(target=walk, name=f"try {way}", daemon=True).start()
    return steps


def _collect(steps: "SimpleQueue[tuple[bool, str] | None]", until: float, seconds: float) -> list[tuple[bool, str]]:
    done: list[tuple[bool, str]] = []
    try:
        while step := steps.get(timeout=max(0.0, until - time.monotonic())):
            done.append(step)
    except Empty:
        done.append(
            (
                False,
                _("The next step took longer than %(seconds)d seconds. Is something in between not letting us through?")
                % {"seconds": seconds},
            )
        )
    return done


def _keep_tried(request: Request, mailbox: Mailbox) -> None:
    request.session[CHECKED_KEY] = {"mailbox": mailbox.pk, "ways": tried(mailbox)}
