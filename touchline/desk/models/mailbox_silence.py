"""How a mailbox that has fallen silent is noticed, and when its trouble is worth a word on every page."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from touchline.core.quiet import LEAST, REACH, Unusual, unusual
from touchline.desk.live import publish
from touchline.desk.models.row import EPOCH

if TYPE_CHECKING:
    from touchline.desk.models.mailbox import Mailbox


class Silence:
    """The verbs of a Mailbox that watch over it."""

    FAILS_FOR: ClassVar = timedelta(minutes=3)
    """A trouble that is gone at the next try is none worth a word; one that lasts so long is."""
    FINE_FOR: ClassVar = timedelta(days=1)

    def watch(self, at: datetime, *, zone: tzinfo) -> None:
        """Notice a silence that is longer than usual in the weeks before, and its end."""
        mailbox = cast("Mailbox", self)
        brought, sent = _of_inbound(mailbox, at, zone), _of_deliveries(mailbox, at, zone)
        since = min((silence.since for silence in (brought, sent) if silence), default=None)
        words = " ".join(_told(mailbox, brought, sent, zone))
        fine_at = mailbox.quiet_fine_at if since else None
        if (mailbox.quiet_since, mailbox.quiet_words, mailbox.quiet_fine_at) != (since, words, fine_at):
            mailbox.quiet_since, mailbox.quiet_words, mailbox.quiet_fine_at = since, words, fine_at
            mailbox.save(update_fields=["quiet_since", "quiet_words", "quiet_fine_at"])
            publish("banners", 0)

    def silence_is_fine(self, at: datetime) -> None:
        """A teammate says so: nothing more of it until mail comes, or for a day."""
        mailbox = cast("Mailbox", self)
        mailbox.quiet_fine_at = at
        mailbox.save(update_fields=["quiet_fine_at"])
        publish("banners", 0)

    def is_quiet(self, at: datetime) -> bool:
        """Whether its silence is to be told now."""
        mailbox = cast("Mailbox", self)
        fine = mailbox.quiet_fine_at is not None and at < mailbox.quiet_fine_at + self.FINE_FOR
        return mailbox.quiet_since is not None and not fine

    def keeps_failing(self, at: datetime) -> bool:
        """Whether fetching failed twice in a row, or for some minutes: one try that fails is nothing."""
        mailbox = cast("Mailbox", self)
        worked_at = mailbox.fetched_at or mailbox.opened_at
        return bool(mailbox.trouble) and (mailbox.tries > 1 or at - worked_at > self.FAILS_FOR)


def _of_inbound(mailbox: "Mailbox", at: datetime, zone: tzinfo) -> Unusual | None:
    from touchline.desk.models.inbound_email import InboundEmail

    came = InboundEmail.objects.filter(mailbox=mailbox, id__gte=_key_of(at - REACH)).exclude(via=InboundEmail.Via.IMPORT)
    return _silence(came, at, zone)


def _of_deliveries(mailbox: "Mailbox", at: datetime, zone: tzinfo) -> Unusual | None:
    from touchline.desk.models.delivery import Delivery

    return _silence(Delivery.objects.filter(mailbox=mailbox, id__gte=_key_of(at - REACH), sent_at__isnull=False), at, zone)


def _silence(rows: "QuerySet[Any]", at: datetime, zone: tzinfo) -> Unusual | None:
    """Of a mailbox that is at work this asks one question: when was the last?"""
    last = rows.order_by("-id").values_list("id", flat=True).first()
    if last is None or at - _time_of(last) <= LEAST:
        return None
    else:
        came = [_time_of(key) for key in rows.order_by("id").values_list("id", flat=True)]
        return unusual(came, at=at, zone=zone)


def _told(mailbox: "Mailbox", brought: Unusual | None, sent: Unusual | None, zone: tzinfo) -> Iterator[str]:
    if brought:
        words = _("Nothing has come in at %(address)s since %(when)s. At this time of the week that is unusual.")
        yield words % {"address": mailbox.address, "when": _when(brought.since, zone)}
    if sent:
        words = _("No reply has left %(address)s since %(when)s. At this time of the week that is unusual.")
        yield words % {"address": mailbox.address, "when": _when(sent.since, zone)}


def _when(when: datetime, zone: tzinfo) -> str:
    return date_format(when.astimezone(zone), "l j F, H:i")


# Keys are made of the time at which a mail came, or a reply was written: milliseconds since 1970 shifted by 20 bits.


def _key_of(when: datetime) -> int:
    return (when - EPOCH) // timedelta(milliseconds=1) << 20


def _time_of(key: int) -> datetime:
    return EPOCH + timedelta(milliseconds=key >> 20)
