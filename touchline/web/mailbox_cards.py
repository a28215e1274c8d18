"""The page of a mailbox is a list of cards.

A new one is a template in `templates/mailbox/`, a function here that gives it what it shows, and a line in CARDS. The view that takes
its form is a view of its own; where the form cannot be taken it shows the page again: `show_mailbox(request, mailbox, status=422, <card>={"form": form})`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.http import HttpResponse

import touchline
from touchline.desk.models import Checkup, Mailbox, Teammate
from touchline.web import acknowledging, contact_settings, hooks, signatures, what_comes_in
from touchline.web.around import show
from touchline.web.first_run import door_address
from touchline.web.forms import HowReached, NewAlias
from touchline.web.request import Request

CHECKED_KEY = "mailbox_checked"

Shown = Mapping[str, Any]


@dataclass(frozen=True)
class Card:
    """One thing that the page of a mailbox shows. Its template finds what `give` gave as `card`."""

    name: str
    give: Callable[[Request, Mailbox], Shown]
    owners_only: bool = False


def show_mailbox(request: Request, mailbox: Mailbox, *, status: int = 200, **instead: Shown) -> HttpResponse:
    """The page with all its cards. `instead`: by a card's name, what it shows in place of what it would give."""
    return show(
        request,
        "mailbox.html",
        here="settings",
        mailbox=mailbox,
        cards=[
            (card.name, {**card.give(request, mailbox), **instead.get(card.name, {})})
            for card in CARDS
            if request.teammate.is_owner or not card.owners_only
        ],
        status=status,
    )


def tried(request: Request, mailbox: Mailbox) -> Shown:
    """What happened when it was tried a moment ago: told once."""
    checked = request.session.pop(CHECKED_KEY, None)
    return {"checked": checked["ways"] if checked and checked["mailbox"] == mailbox.pk else None}


def state(_request: Request, _mailbox: Mailbox) -> Shown:
    owners = Teammate.objects.here().filter(role=Teammate.Role.OWNER).order_by("name")
    return {"door": door_address(), "owners": owners}


def doctor_card(request: Request, mailbox: Mailbox) -> Shown:
    visit = Checkup.objects.of(mailbox).first()
    return {"visit": visit, "well": visit is not None and visit.was_well(request.at)}


def reached(_request: Request, mailbox: Mailbox) -> Shown:
    return {"form": HowReached(mailbox=mailbox)}


def signing_in(_request: Request, _mailbox: Mailbox) -> Shown:
    return {}


def folders(_request: Request, mailbox: Mailbox) -> Shown:
    more = [f"“{name}”" for name in mailbox.other_folders if name != mailbox.imap_spam_folder]
    return {"more": ", ".join(more), "told": mailbox.pk in Mailbox.watched}


def aliases(_request: Request, mailbox: Mailbox) -> Shown:
    return {"form": NewAlias(mailbox=mailbox), "aliases": list(mailbox.aliases.order_by("address"))}


def try_it(_request: Request, _mailbox: Mailbox) -> Shown:
    return {}


def door(_request: Request, _mailbox: Mailbox) -> Shown:
    return {"door": door_address(), "command": Path(touchline.__file__).resolve().parents[1] / "bin/touchline"}


CARDS = (
    Card("tried", tried),
    Card("state", state),
    Card("doctor", doctor_card),
    Card("reached", reached, owners_only=True),
    Card("signing_in", signing_in, owners_only=True),
    Card("folders", folders),
    Card("what_comes_in", what_comes_in.card, owners_only=True),
    Card("aliases", aliases),
    Card("signature", signatures.card),
    Card("acknowledging", acknowledging.card),
    Card("try_it", try_it, owners_only=True),
    Card("door", door),
    Card("webhook", hooks.card),
    Card("contact", contact_settings.card),
)
"""Every card of the page, in the order in which they stand."""
