"""What stands around every page of the desk: counts beside the places, banners, and what was just done with its undo."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from touchline.desk.models import Conversation, Delivery, InboundEmail, Mailbox
from touchline.web import page
from touchline.web.request import Request

MOST_COUNTED = 1000


def show(request: Request, template: str, *, here: str, block: str | None = None, status: int = 200, **context: Any) -> HttpResponse:
    """A page of the desk, or one block of it, with what stands around it."""
    return page.render(request, template, block=block, status=status, **around(request, here), **context)


def around(request: Request, here: str) -> dict[str, Any]:
    """The context of layout.html."""
    return {
        "here": here,
        "places": counts(request),
        "banners": banners(request),
        "toast": request.session.pop("toast", None),
        "theme": request.teammate.theme,
        "keys_off": not request.teammate.single_keys,
    }


def offer(request: Request, words: str, *, undo: str = "", seconds: int = 0, **fields: Any) -> None:
    """Say what was just done on the page that is shown next, with the address that takes it back."""
    request.session["toast"] = {"words": words, "undo": undo, "seconds": seconds, **fields}


def counts(request: Request) -> dict[str, str]:
    """How many stand in each place: "1000+" where it would take long to count them."""
    mine = Conversation.objects.visible_to(request.teammate)
    places = {
        "waiting": mine.waiting(),
        "with_me": mine.with_teammate(request.teammate),
        "came_back": mine.came_back(),
        "set_aside": InboundEmail.objects.visible_to(request.teammate).set_aside(),
        "not_sent": Delivery.objects.visible_to(request.teammate).not_sent(),
    }
    counted = {name: queryset.order_by()[: MOST_COUNTED + 1].count() for name, queryset in places.items()}
    return {name: f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count) for name, count in counted.items() if count}


def banners(request: Request) -> list[tuple[str, str, str, str]]:
    """(kind, words, link words, address) of what the team should know now."""
    told: list[tuple[str, str, str, str]] = []
    if settings.DEMO:
        told.append(("quiet", _("This is a demo. Its people are made up, and it mails nobody."), "", ""))
    for mailbox in Mailbox.objects.in_trouble():
        words = _("%(mailbox)s brings no mail: %(trouble)s") % {"mailbox": mailbox.address, "trouble": mailbox.trouble}
        told.append(("back", words, _("Look at it"), reverse("mailbox", args=[mailbox.pk])))
    kept = [mailbox for mailbox in Mailbox.objects.open() if not mailbox.can_send]
    if kept and not settings.DEMO:
        words = _("Sending is not set up for %(mailboxes)s yet. Replies are kept here until it is.") % {"mailboxes": ", ".join(m.address for m in kept)}
        told.append(("early", words, _("Set up sending"), reverse("mailbox", args=[kept[0].pk])))
    failed = Delivery.objects.visible_to(request.teammate).in_trouble().exclude(mailbox__in=kept).count()
    if failed:
        words = ngettext("%(count)d reply could not be sent.", "%(count)d replies could not be sent.", failed) % {"count": failed}
        told.append(("back", words, _("See why"), reverse("not_sent")))
    return told
