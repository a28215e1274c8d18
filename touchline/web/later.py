"""What leaves later: the times to choose from, the list of what waits for its time, and another time for it."""

from datetime import datetime, time, timedelta, tzinfo
from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from touchline.desk.models import Delivery, Draft
from touchline.desk.models.conversation_writing import TooLate
from touchline.web import deliveries
from touchline.web.access import any_message_for, signed_in
from touchline.web.around import offer, show
from touchline.web.near import ahead_words
from touchline.web.request import Request, page_of_ours

A_PAGE = 100
MORNING, AFTERNOON = time(9), time(15)
HOUR, LONGEST = timedelta(hours=1), timedelta(days=366)
FORM = "%Y-%m-%dT%H:%M"
"""How a browser writes a time that was chosen (HTML, "local date and time"); it is by the desk's clock."""


class NoSuchTime(Exception):
    """A time at which nothing can leave. Its words are a sentence."""


class Times(NamedTuple):
    """What stands in the menu: times in words, and one's own."""

    choices: list[tuple[str, str]]  # as the form posts it, and its words
    own: str = ""
    unless: bool = True


def times(at: datetime, zone: tzinfo, draft: Draft | None = None) -> Times:
    """Those that one mostly means. A day is named by its date, so that a page left open overnight means what it says."""
    here = at.astimezone(zone)
    tomorrow = here.date() + timedelta(days=1)
    monday = here.date() + timedelta(days=7 - here.weekday())
    choices = [("hour", _("In an hour"))]
    if here.time() < time(AFTERNOON.hour - 1):
        choices.append((f"{datetime.combine(here.date(), AFTERNOON):{FORM}}", _("This afternoon, %(clock)s") % _clock(AFTERNOON)))
    choices.append((f"{datetime.combine(tomorrow, MORNING):{FORM}}", _("Tomorrow morning, %(clock)s") % _clock(MORNING)))
    if monday != tomorrow:
        choices.append((f"{datetime.combine(monday, MORNING):{FORM}}", _("Monday morning, %(clock)s") % _clock(MORNING)))
    if draft and draft.send_at and draft.send_at > at:
        return Times(choices, f"{draft.send_at.astimezone(zone):{FORM}}", draft.unless_they_write)
    else:
        return Times(choices)


def chosen(request: Request) -> datetime | None:
    """When it is to leave, as the form says; None where that is at once. Raises NoSuchTime."""
    told = request.POST.get("leaves", "")
    if not told:
        return None
    elif told == "hour":
        return request.at + HOUR
    else:
        return _in_time(_read(request.POST.get("leaves_at", "") if told == "own" else told, request.desk.zone), request.at)


def keep(request: Request, draft: Draft) -> None:
    """Keep in the draft the time of one's own that stands in the form, though it is not sent yet."""
    if "leaves_at" in request.POST:
        try:
            draft.send_at = _in_time(_read(request.POST["leaves_at"], request.desk.zone), request.at)
        except NoSuchTime:
            draft.send_at = None
        draft.unless_they_write = "unless" in request.POST
        Draft.objects.filter(pk=draft.pk).update(send_at=draft.send_at, unless_they_write=draft.unless_they_write)


def _read(told: str, zone: tzinfo) -> datetime:
    """An hour that a clock shows twice is the first of the two; one that it leaves out is the one after."""
    try:
        return datetime.strptime(told[:16], FORM).replace(tzinfo=zone)
    except ValueError as wrong:
        raise NoSuchTime(_("Please say on which day and at what time it is to leave.")) from wrong


def _in_time(when: datetime, at: datetime) -> datetime:
    if when <= at:
        raise NoSuchTime(_("That time is over. Please choose one that is to come."))
    elif when > at + LONGEST:
        raise NoSuchTime(_("That is more than a year away. Please choose a time before that."))
    else:
        return when


def _clock(when: time) -> dict[str, str]:
    return {"clock": f"{when:%H:%M}"}


@require_safe
@signed_in
def later(request: Request) -> HttpResponse:
    """What waits for its time, the first to leave first."""
    waiting = Delivery.objects.visible_to(request.teammate).later().select_related("message", "conversation__person")
    return show(
        request,
        "later.html",
        here="later",
        deliveries=list(waiting[:A_PAGE]),
        times=times(request.at, request.desk.zone),
        whom=deliveries.whom,
    )


@require_POST
@signed_in
def change(request: Request, id: int) -> HttpResponse:
    """Another time for it: `leaves` as in the reply box, or "now". Back to `next`, where that is a page of ours."""
    message = any_message_for(request.teammate, id)
    try:
        now = request.POST.get("leaves") == "now"
        leaves = request.at if now else chosen(request)
        if leaves is None:
            raise NoSuchTime(_("Please say on which day and at what time it is to leave."))
        message.conversation.send_later(message, leaves=leaves, at=request.at)
        when = {"when": ahead_words(leaves, request.at, request.desk.zone)}
        offer(request, _("It leaves now.") if now else _("It leaves %(when)s.") % when)
    except NoSuchTime as trouble:
        offer(request, str(trouble))
    except TooLate:
        offer(request, _("It has left already, or was taken back."))
    return redirect(page_of_ours(request, request.POST.get("next", "")) or "later")
