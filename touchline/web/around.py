"""What stands around every page of the desk: counts beside the places, banners, and what was just done with its undo."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse

from touchline.desk.counts import count_up_to
from touchline.desk.models import Conversation, Delivery, InboundEmail, Mailbox
from touchline.web import page
from touchline.web.banners import MAILBOX_FIELDS, banners
from touchline.web.request import Request

MOST_COUNTED = 1000


def show(
    request: Request, template: str, *, here: str, block: str | None = None, status: int = 200, **context: Any
) -> HttpResponse:
    """A page of the desk, or one block of it, with what stands around it."""
    return page.render(request, template, block=block, status=status, **around(request, here), **context)


def around(request: Request, here: str) -> dict[str, Any]:
    """The context of layout.html."""
    mailboxes = list(Mailbox.objects.open().only(*MAILBOX_FIELDS))
    silent = [mailbox for mailbox in mailboxes if not mailbox.can_send]
    failed = Delivery.objects.visible_to(request.teammate).in_trouble().exclude(mailbox__in=silent)
    counted = count_up_to(MOST_COUNTED + 1, failed=failed, **_places(request))
    failures = counted.pop("failed")
    return {
        "here": here,
        "places": _told(counted),
        "banners": banners(request, mailboxes, failures, _in_figures(failures)),
        "toast": request.session.pop("toast", None),
        "theme": request.teammate.theme,
        "keys_off": not request.teammate.single_keys,
    }


def offer(request: Request, words: str, *, undo: str = "", seconds: int = 0, **fields: Any) -> None:
    """Say what was just done on the page that is shown next, with the address that takes it back."""
    request.session["toast"] = {"words": words, "undo": undo, "seconds": seconds, **fields}


def counts(request: Request) -> dict[str, str]:
    """How many stand in each place: "1000+" where it would take long to count them."""
    return _told(count_up_to(MOST_COUNTED + 1, **_places(request)))


def _places(request: Request) -> dict[str, QuerySet[Any]]:
    mine = Conversation.objects.visible_to(request.teammate)
    return {
        "waiting": mine.waiting(),
        "with_me": mine.with_teammate(request.teammate),
        "came_back": mine.came_back(),
        "set_aside": InboundEmail.objects.visible_to(request.teammate).set_aside(),
        "spam": InboundEmail.objects.visible_to(request.teammate).spam(),
        "later": Delivery.objects.visible_to(request.teammate).later(),
        "not_sent": Delivery.objects.visible_to(request.teammate).not_sent(),
    }


def _told(counted: Mapping[str, int]) -> dict[str, str]:
    return {name: _in_figures(count) for name, count in counted.items() if count}


def _in_figures(count: int) -> str:
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)
