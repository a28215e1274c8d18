"""The mail door of the desk: which addresses it takes mail for, and how it is kept."""

import errno
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import OperationalError, close_old_connections

from touchline.channels import NotNow
from touchline.channels.mail_door import CannotOpen, Envelope, MailDoor
from touchline.channels.wire import Server, resolve_and_connect
from touchline.desk.models import Mailbox
from touchline.work.environment import Sorry

NO_ROOM = ("database or disk is full", "no space left on device")
"""What SQLite and PostgreSQL say of a full disk."""

_opened: list[MailDoor] = []


def start(_told: Any = None) -> Any:
    """Open the door where the settings say; None where it is off. Raises `Sorry` where that cannot be."""
    if settings.MAIL_IN is None:
        return None
    host, port = settings.MAIL_IN
    try:
        door = MailDoor(
            host,
            port,
            accepts=accepts,
            keep=keep,
            size_limit=settings.MAX_MAIL_BYTES,
            allow_outside=settings.MAIL_IN_OUTSIDE,
            certificate=settings.MAIL_IN_CERT,
            key=settings.MAIL_IN_KEY,
        )
        door.start()
    except CannotOpen as trouble:
        raise Sorry(str(trouble)) from trouble
    _opened.append(door)
    return door


def trouble() -> str | None:
    """Why the door that this process opened takes nothing, in a sentence; "" where it does. None where there is none here."""
    door = _opened[-1] if _opened else None
    if door is None or not door.was_opened:
        return None
    try:
        list(resolve_and_connect(Server(host=door.host, port=door.port, security="none", username="", password="")))
    except NotNow as trouble:
        return str(trouble)
    else:
        return ""


def accepts(recipient: str) -> bool:
    close_old_connections()
    try:
        return Mailbox.objects.reached_by(recipient) is not None
    finally:
        close_old_connections()  # the door's threads outlive a mail: what they hold, nobody else can have


def keep(raw: bytes, envelope: Envelope) -> None:
    """Keep a mail for every mailbox it came for. Raises where it cannot be kept, and then it is not acknowledged.

    Coming again after a part of it was kept is harmless: the same bytes twice are one inbound email.
    """
    close_old_connections()
    try:
        at = datetime.now(UTC)
        for recipient in envelope.recipients:
            mailbox = Mailbox.objects.reached_by(recipient)
            if mailbox is None:
                raise NotNow(f"{recipient} is no mailbox any more.")  # it was one when it was accepted
            mailbox.receive(raw, at=at, via=envelope.by, mail_from=envelope.mail_from, recipient=recipient)
    except OperationalError as trouble:
        if any(words in str(trouble).lower() for words in NO_ROOM):
            raise OSError(errno.ENOSPC, "The disk of the database is full.") from trouble
        raise
    finally:
        close_old_connections()
