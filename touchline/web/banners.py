"""What the team should know now, on every page: each a sentence, with what to do."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from touchline.desk.models import ContactForm, Mailbox
from touchline.desk.spam import filter_asked
from touchline.web.near import clock_words
from touchline.web.request import Request

MAILBOX_FIELDS = (
    *("address", "trouble", "tries", "opened_at", "fetched_at", "imap_host", "smtp_host", "hook_sender"),
    *("quiet_since", "quiet_words", "quiet_fine_at"),
    *("sign_in_by", "oauth_refresh_token"),
)
"""What of a mailbox is looked at here: every page asks for it."""


class Banner(NamedTuple):
    """`kind` is back (something is wrong), early (something to set up) or quiet."""

    kind: str
    words: str
    link_words: str = ""
    address: str = ""
    fine: str = ""
    """Where “It is fine” is said."""


def banners(request: Request, mailboxes: Sequence[Mailbox], failed: int, failed_words: str) -> list[Banner]:
    """`failed`: how many replies could not be sent by mailboxes that can send."""
    return [
        *_demo(),
        *_house(request),
        *(banner for mailbox in mailboxes for banner in _mailbox(mailbox, request.at)),
        *_spam_filter(request),
        *_not_set_up(mailboxes),
        *_failed(failed, failed_words),
    ]


def _demo() -> Iterator[Banner]:
    if settings.DEMO:
        yield Banner("quiet", _("This is a demo. Its people are made up, and it mails nobody."))


def _house(request: Request) -> Iterator[Banner]:
    desk = request.desk
    if desk.worker_at and desk.worker_is_gone(request.at):
        words = _(
            "No mail has been fetched or sent since %(since)s: the worker has stopped. Whoever runs this desk should start it again."
        )
        yield Banner("back", words % {"since": _clock(desk.worker_at, request.at)})
    elif desk.door_trouble:
        words = _("The mail door is shut, so mail that comes that way waits at its server: %(trouble)s")
        yield Banner("back", words % {"trouble": desk.door_trouble})


def _mailbox(mailbox: Mailbox, at: datetime) -> Iterator[Banner]:
    doctor = reverse("doctor", args=[mailbox.pk])
    told = {"mailbox": mailbox.address, "trouble": mailbox.trouble}
    if mailbox.must_sign_in:
        words = _("Nobody is signed in at the provider of %(mailbox)s any more, so its mail waits there and replies wait here.")
        yield Banner("back", words % told, _("Sign in again"), reverse("mailbox", args=[mailbox.pk]))
    elif mailbox.trouble and mailbox.tries == 0:  # it brings mail, and something about it is not as it was told
        yield Banner("early", _("%(mailbox)s: %(trouble)s") % told, _("Look at it"), doctor)
    elif mailbox.keeps_failing(at) and mailbox.fetched_at:
        words = _("%(mailbox)s has brought no mail since %(since)s: %(trouble)s")
        yield Banner("back", words % (told | {"since": _clock(mailbox.fetched_at, at)}), _("Look at it"), doctor)
    elif mailbox.keeps_failing(at):
        yield Banner("back", _("%(mailbox)s brings no mail: %(trouble)s") % told, _("Look at it"), doctor)
    elif mailbox.is_quiet(at):
        yield Banner("quiet", mailbox.quiet_words, _("Look at it"), doctor, reverse("silence_is_fine", args=[mailbox.pk]))


def _spam_filter(request: Request) -> Iterator[Banner]:
    if filter_asked.since:
        words = _("The spam filter has not answered since %(since)s; mail is taken as no spam until it does. %(trouble)s")
        yield Banner("early", words % {"since": _clock(filter_asked.since, request.at), "trouble": filter_asked.trouble})


def _not_set_up(mailboxes: Sequence[Mailbox]) -> Iterator[Banner]:
    if settings.MAIL_IN is None and not settings.DEMO:
        by_form = set(ContactForm.objects.filter(opened_at__isnull=False, closed_at=None).values_list("mailbox_id", flat=True))
        deaf = [one for one in mailboxes if not (one.can_fetch or one.hook_sender or one.pk in by_form)]
        yield from _one_for_all(deaf, _("Mail for %(mailboxes)s does not come in yet."), _("Set up how it comes in"))
    if not settings.DEMO:
        silent = [mailbox for mailbox in mailboxes if not mailbox.can_send]
        words = _("Sending is not set up for %(mailboxes)s yet. Replies are kept here until it is.")
        yield from _one_for_all(silent, words, _("Set up sending"))


def _one_for_all(mailboxes: Sequence[Mailbox], words: str, link_words: str) -> Iterator[Banner]:
    if mailboxes:
        addresses = ", ".join(mailbox.address for mailbox in mailboxes)
        yield Banner("early", words % {"mailboxes": addresses}, link_words, reverse("mailbox", args=[mailboxes[0].pk]))


def _failed(failed: int, in_figures: str) -> Iterator[Banner]:
    if failed:
        words = ngettext("%(count)s reply could not be sent.", "%(count)s replies could not be sent.", failed)
        yield Banner("back", words % {"count": in_figures}, _("See why"), reverse("not_sent"))


def _clock(when: datetime, at: datetime) -> str:
    return clock_words(when, at, timezone.get_current_timezone())
