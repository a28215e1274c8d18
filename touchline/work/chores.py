"""What there is to do without anyone asking. A chore does what is due and says how much that was; doing it twice is harmless."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

from touchline.desk.models import (
    CheckIn,
    Checkup,
    Delivery,
    Desk,
    InboundEmail,
    KeptFigures,
    Letter,
    Mailbox,
    Notice,
    ProductEvent,
    WebhookCall,
    WriteOnceMail,
)
from touchline.desk.models.row import LONGEST_PAUSE, growing_pause
from touchline.work import door
from touchline.work.trouble import logged, no_room

log = structlog.get_logger()

BATCH = 50


@dataclass(frozen=True)
class Chore:
    name: str
    do: Callable[[datetime], int]
    wakes_on: tuple[str, ...] = ()
    """The topics (`desk.live`) after which there may be something to do at once."""
    hands: int = 1
    """How many do it at once: more than one where a server outside may keep somebody waiting, so that others need not wait for it."""


def file_inbound_email(at: datetime) -> int:
    """Understand what came in and put it where it belongs."""
    return _each(InboundEmail.objects.due(at), at, lambda inbound: inbound.file(at))


def send_deliveries(at: datetime) -> int:
    """Release the replies whose time to be taken back is over, and send them.

    A server that does not answer is asked once a round, so that the replies of other mailboxes need not wait for all of its own.
    """
    not_now: set[int] = set()

    def send(delivery: Delivery) -> None:
        if delivery.release(at):
            delivery.send(at)
            if delivery.trouble and not delivery.sent_at:
                not_now.add(delivery.mailbox_id)

    due = Delivery.objects.due(at).select_related("message", "mailbox", "blocker", "conversation")
    return _each(due, at, send, passing=lambda delivery: delivery.mailbox_id in not_now)


def fetch_mail(at: datetime) -> int:
    """Ask every mailbox that is due what is new."""
    return _each(Mailbox.objects.due(at), at, lambda mailbox: mailbox.fetch(at))


def go_on_with_check_ins(at: datetime) -> int:
    """Ask whether it worked, of what is due; and wait no longer for what nobody answered."""
    return _each(CheckIn.objects.due(at).select_related("blocker", "conversation", "by"), at, lambda asks: asks.go_on(at))


def look_at_mailboxes(at: datetime) -> int:
    """Go on with the doctor's visits."""
    return _each(Checkup.objects.due(at).select_related("mailbox"), at, lambda checkup: checkup.go_on(at))


def take_in(mailbox: Mailbox, at: datetime) -> int:
    """Fetch and file what is due of one mailbox: for a command that waits for a mail, whether or not the worker is running."""
    fetched = _each(Mailbox.objects.due(at).filter(pk=mailbox.pk), at, lambda mailbox: mailbox.fetch(at))
    return fetched + _each(InboundEmail.objects.due(at).filter(mailbox=mailbox), at, lambda inbound: inbound.file(at))


def watch(at: datetime) -> int:
    """Once a minute say that the worker is at work, and look whether mailboxes have fallen silent, or the mail door is shut.

    Whether a silence is over is seen at once.
    """
    looks_around = Desk.at_work(at)
    desk = Desk.get()
    if looks_around:
        put_right_after_a_clock_went_back(at)
        ProductEvent.forget_the_unknown(at)
        WebhookCall.forget_the_old(at)
    if looks_around and (trouble := door.trouble()) is not None:
        desk.note_door(trouble)
    mailboxes = Mailbox.objects.open() if looks_around else Mailbox.objects.open().exclude(quiet_since=None)
    for mailbox in mailboxes:
        mailbox.watch(at, zone=desk.zone)
    return 0  # it changes nothing that it would have to look at again


def put_right_after_a_clock_went_back(at: datetime) -> None:
    """A machine may wake with a wrong clock: what it claimed or put off then would be due only when that time comes again."""
    deliveries = Delivery.objects.exclude(pk__in=Delivery.objects.wait_for_their_time())
    for rows in (
        InboundEmail.objects.all(),
        deliveries,
        Mailbox.objects.open(),
        Notice.objects.all(),
        ProductEvent.objects.all(),
    ):
        rows.filter(due_at__gt=at + LONGEST_PAUSE).update(due_at=at)
    for told in (WebhookCall, WriteOnceMail):
        told.objects.filter(due_at__gt=at + LONGEST_PAUSE).update(due_at=at)
    CheckIn.put_right_after_a_clock_went_back(at)


def send_notices(at: datetime) -> int:
    return _each(Notice.objects.due(at), at, lambda notice: notice.send(at))


def write_to_all(at: datetime) -> int:
    """Write to those in whose way the same thing stood, to each in their turn."""
    return _each(WriteOnceMail.objects.due(at).select_related("writing", "person"), at, lambda mail: mail.write(at))


def call_webhooks(at: datetime) -> int:
    """Tell other systems what happened to what stands in many people's way."""
    return _each(WebhookCall.objects.due(at).select_related("webhook"), at, lambda call: call.send(at))


def write_letters(at: datetime) -> int:
    """On a Monday morning, to each of us who wants it: whom they took part in helping."""
    return Letter.write_all(at)


def look_at_product_events(at: datetime) -> int:
    """See whom it is about what products stated, and what it shows of them."""
    return _each(ProductEvent.objects.due(at), at, lambda event: event.look(at))


def count_what_is_kept(at: datetime) -> int:
    """Count a long time anew, each night or when somebody asks: one at a time, since it takes a while."""
    kept = KeptFigures.objects.stale(at).first()
    return int(kept is not None and kept.count(at))


CHORES = (
    Chore("file inbound email", file_inbound_email, wakes_on=("inbound",)),
    Chore("go on with check-ins", go_on_with_check_ins),
    Chore("send deliveries", send_deliveries, wakes_on=("delivery", "mailbox")),
    Chore("write to all", write_to_all, wakes_on=("write_once",)),
    Chore("call webhooks", call_webhooks, wakes_on=("webhook_call",)),
    Chore("fetch mail", fetch_mail, wakes_on=("mailbox",), hands=3),
    Chore("send notices", send_notices, wakes_on=("notice",)),
    Chore("look at mailboxes", look_at_mailboxes, wakes_on=("checkup",)),
    Chore("look at product events", look_at_product_events, wakes_on=("product_event",)),
    Chore("write letters", write_letters),
    Chore("count what is kept", count_what_is_kept, wakes_on=("kept_figures",)),
    Chore("watch", watch, wakes_on=("inbound",)),
)


def _each(rows: Any, at: datetime, do: Callable[[Any], object], *, passing: Callable[[Any], bool] = lambda row: False) -> int:
    """Claim and do each row that is due. What goes wrong is written on the row, which is tried again later.

    `passing` says of a row that it waits for the next round. A row is claimed from when its turn comes, to the second: one before it may have kept us waiting for longer than a lease lasts.
    """
    count = 0
    began = monotonic()
    for row in rows[:BATCH]:
        if not passing(row) and row.claim(at + timedelta(seconds=int(monotonic() - began)), lease=row.LEASE):
            try:
                do(row)
            except Exception as trouble:
                log.error("could not be done", row=type(row).__name__, id=row.pk, **logged(trouble))
                _note_trouble(row, trouble, at)
            count += 1
    return count


def _note_trouble(row: Any, trouble: Exception, at: datetime) -> None:
    """Say on the row what went wrong. Where the database does not answer, or there is no room, the lease brings the row back."""
    if isinstance(trouble, OperationalError | InterfaceError) or no_room(trouble):
        return
    words = _("Something went wrong on our side: %(trouble)s.") % {"trouble": f"{type(trouble).__name__}: {trouble}"[:300]}
    row = type(row).objects.get(pk=row.pk)
    if isinstance(row, InboundEmail):
        row.could_not(words, at)
    else:
        row.try_again(at, words, pause=growing_pause(row.tries))
