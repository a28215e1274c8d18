"""Which other systems are told what happens to what stands in many people's way, and what did not reach them."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from touchline.desk.models import Webhook, WebhookCall
from touchline.desk.models.webhook_call import NotAllowed
from touchline.web.access import owners_only
from touchline.web.around import offer, show
from touchline.web.request import Request

MOST_SHOWN = 50


@require_safe
@owners_only
def webhooks(request: Request) -> HttpResponse:
    return _page(request)


@require_POST
@owners_only
def add(request: Request) -> HttpResponse:
    url = request.POST.get("url", "").strip()[:500]
    try:
        WebhookCall.listen(url, by=request.teammate, at=request.at)
    except NotAllowed as trouble:
        return _page(request, url=url, trouble=str(trouble), status=422)
    else:
        offer(request, _("It is told from now on."))
        return redirect("webhooks")


@require_POST
@owners_only
def put_away(request: Request, id: int) -> HttpResponse:
    """It is told nothing more; with `again`, it is."""
    found = Webhook.objects.filter(pk=id).first()
    if found is None:
        raise Http404
    found.put_away_at = None if "again" in request.GET else request.at
    found.save(update_fields=["put_away_at"])
    if found.put_away_at:
        offer(request, _("It is told nothing more."), undo=reverse("put_webhook_away", args=[id]) + "?again=1")
    return redirect("webhooks")


@require_POST
@owners_only
def again(request: Request, id: int) -> HttpResponse:
    found = WebhookCall.objects.filter(pk=id, sent_at=None).first()
    if found is None:
        raise Http404
    found.again(request.at)
    offer(request, _("It is tried again."))
    return redirect("webhooks")


def _page(request: Request, *, url: str = "", trouble: str = "", status: int = 200) -> HttpResponse:
    return show(
        request,
        "shared/webhooks.html",
        here="in_the_way",
        status=status,
        webhooks=list(Webhook.objects.filter(put_away_at=None).select_related("by").order_by("id")),
        calls=list(WebhookCall.objects.in_trouble().select_related("webhook")[:MOST_SHOWN]),
        address=url,
        trouble=trouble,
    )
