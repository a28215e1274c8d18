"""The doctor's visits to a mailbox, step by step as they happen; and the word that a silence is fine."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from touchline.desk.models import Checkup, Mailbox
from touchline.web.access import mailbox_for, signed_in
from touchline.web.around import around, offer, show
from touchline.web.page import render
from touchline.web.request import Request, page_of_ours

TITLES = {
    "in": gettext_lazy("Mail in"),
    "out": gettext_lazy("Mail out"),
    "domain": gettext_lazy("What the DNS says of the address"),
    "back": gettext_lazy("There and back"),
}


class Visit(NamedTuple):
    """A visit as it is shown."""

    checkup: Checkup
    parts: Sequence[tuple[str, Sequence[dict[str, Any]]]]
    """(title, steps)"""
    summary: str
    well: bool

    @property
    def going_on(self) -> bool:
        return self.checkup.ended_at is None


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def visits(request: Request, id: int) -> HttpResponse:
    """What the doctor found. Everyone may read it; owners may call for another visit."""
    mailbox = mailbox_for(request.teammate, id)
    if request.method == "POST" and not request.teammate.is_owner:
        raise Http404
    if request.method == "POST":
        Checkup.begin(mailbox, by=request.teammate, at=request.at)
        return redirect("doctor", mailbox.pk)
    every = [_visit(checkup, request) for checkup in Checkup.objects.of(mailbox).select_related("mailbox", "by")]
    block = request.GET.get("block")
    return show(
        request,
        "doctor.html",
        here="settings",
        block=block if block in ("visit", "summary") else None,
        mailbox=mailbox,
        visit=every[0] if every else None,
        earlier=every[1:],
    )


@require_POST
@signed_in
def fine(request: Request, id: int) -> HttpResponse:
    """This silence is fine: say no more of it until mail comes, or for a day."""
    mailbox: Mailbox = mailbox_for(request.teammate, id)
    mailbox.silence_is_fine(request.at)
    offer(request, _("Good. You hear of it again if it is still quiet tomorrow."))
    return redirect(page_of_ours(request, request.headers.get("Referer", "")) or "today")


@require_safe
@signed_in
def banners(request: Request) -> HttpResponse:
    """What the team should know now, for a page that is open already."""
    return render(request, "layout.html", block="banners", **around(request, ""))


def _visit(checkup: Checkup, request: Request) -> Visit:
    steps = checkup.told(request.at)
    wrong = sum(step["worked"] is False for step in steps) + bool(checkup.trouble)
    return Visit(checkup, list(_parts(steps)), _summary(checkup, wrong), well=not wrong)


def _parts(steps: Sequence[dict[str, Any]]) -> Iterable[tuple[str, Sequence[dict[str, Any]]]]:
    for way, title in TITLES.items():
        if of_this := [step for step in steps if step["way"] == way]:
            yield str(title), of_this


def _summary(checkup: Checkup, wrong: int) -> str:
    if checkup.ended_at is None and checkup.sent_at:
        return _("Everything was tried; now we wait for our own mail to come back.") if not wrong else _("Still looking.")
    elif checkup.ended_at is None:
        return _("We are looking at it now. The steps appear here as they are done.")
    elif wrong:
        told = ngettext("%(count)d thing is to be put right.", "%(count)d things are to be put right.", wrong)
        return told % {"count": wrong}
    else:
        return _("All is well.")
