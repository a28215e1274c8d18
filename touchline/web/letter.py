"""The weekly letter as it would be now, and the last one."""

from datetime import date, timedelta

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from touchline.desk.models import Letter
from touchline.web.access import signed_in
from touchline.web.around import show
from touchline.web.request import Request


@require_safe
@signed_in
def letter(request: Request) -> HttpResponse:
    """One's own alone: this week so far, or with `week` (a Monday) the one about that week, as it stands now."""
    here = request.at.astimezone(request.desk.zone).date()
    this = here - timedelta(days=here.weekday())
    week = _monday(request.GET.get("week", ""), this)
    last = this - timedelta(days=7)
    return show(
        request,
        "letter.html",
        here="settings",
        told=Letter.about(request.teammate, week=week, as_of=request.at, desk=request.desk),
        title=_("Your letter: this week so far") if week == this else _("Your letter"),
        week=week,
        this=this,
        last=last,
    )


def _monday(words: str, this: date) -> date:
    try:
        monday = date.fromisoformat(words) if words else this
    except ValueError:
        raise Http404 from None
    if monday.weekday() or monday > this or monday < date(2000, 1, 3):
        raise Http404
    return monday
