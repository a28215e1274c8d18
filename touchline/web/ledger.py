"""The ledger, for those who look after the desk: what is in it, and a copy to take along."""

import gzip
import io
from collections.abc import Iterable, Iterator
from datetime import date
from typing import cast

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from touchline.core.impact.account import Period
from touchline.desk.ledger import written
from touchline.desk.models import OutcomeEvent
from touchline.web.access import owners_only
from touchline.web.around import show
from touchline.web.request import Request


@require_safe
@owners_only
def ledger(request: Request) -> HttpResponse:
    """What the ledger is, how much is in it, and a way to take it along."""
    first = OutcomeEvent.objects.order_by("at").values_list("at", flat=True).first()
    return show(request, "ledger.html", here="settings", first=first, last=OutcomeEvent.objects.order_by("-order").first())


@require_safe
@owners_only
def download(request: Request) -> HttpResponse:
    """The ledger packed with gzip, sent while it is read; of some days where they are told."""
    response = StreamingHttpResponse(packed(written(_period(request))), content_type="application/gzip")
    response["Content-Disposition"] = f'attachment; filename="ledger-{request.at:%Y-%m-%d}.jsonl.gz"'
    return cast(HttpResponse, response)  # what views are said to give; Django knows both


def _period(request: Request) -> Period | None:
    """The days that the address names; all of time where it names none."""
    from_, to = request.GET.get("from", ""), request.GET.get("to", "")
    if not from_ and not to:
        return None
    try:
        days = date.fromisoformat(from_ or "1970-01-02"), date.fromisoformat(to or "2200-01-01")
    except ValueError:
        raise Http404 from None
    if not date(1970, 1, 1) < days[0] <= days[1] <= date(2200, 1, 1):
        raise Http404
    return Period.of_days(*days, request.desk.zone)


def packed(lines: Iterable[str]) -> Iterator[bytes]:
    """The lines packed, some at a time, so that a ledger of millions is never whole in memory."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packing:
        for line in lines:
            packing.write(line.encode())
            if out.tell() > 64 * 1024:
                yield out.getvalue()
                out.seek(0)
                out.truncate()
    yield out.getvalue()
