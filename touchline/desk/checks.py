"""What is wrong with this installation, and how to put it right: each finding a sentence."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from touchline.desk import files, keys
from touchline.desk.keys import WHERE_THE_KEY_BELONGS
from touchline.desk.models import Delivery, InboundEmail, Mailbox, Teammate


@dataclass(frozen=True)
class Finding:
    well: bool
    words: str


def look(at: datetime) -> Iterator[Finding]:
    """Everything that can be looked at without talking to anyone outside."""
    yield from _disk()
    migrations = MigrationExecutor(connection)
    if migrations.migration_plan(migrations.loader.graph.leaf_nodes()):
        yield Finding(
            False, "The database is older than this version. `touchline up` or `touchline migrate` brings it up to date."
        )
        return
    yield Finding(True, f"The database answers ({connection.vendor}) and is up to date.")
    yield from _people_and_mailboxes()
    yield from _secrets()
    yield from _what_waits(at)


def _disk() -> Iterator[Finding]:
    data = Path(settings.DATA)
    if not os.access(data, os.W_OK):
        yield Finding(
            False, f"The data folder {data} cannot be written to. Give this account the right to, or set TOUCHLINE_DATA."
        )
        return
    free = shutil.disk_usage(data).free
    if free < 1 << 30:
        yield Finding(False, f"Only {free >> 20} MB are free where {data} is. Make room: mail is refused once the disk is full.")
    else:
        yield Finding(True, f"{free >> 30} GB are free where {data} is.")


def _people_and_mailboxes() -> Iterator[Finding]:
    if not Teammate.objects.here().exists():
        yield Finding(False, "Nobody can sign in yet. `touchline up` prints a link that sets the desk up.")
    if not Mailbox.objects.open().exists():
        yield Finding(False, "There is no mailbox yet. Add one with `touchline mailbox add ADDRESS`, or in the settings.")
    for mailbox in Mailbox.objects.open():
        if mailbox.trouble:
            yield Finding(False, f"{mailbox.address} brings no mail: {mailbox.trouble}")
        if not mailbox.can_send and not settings.DEMO:
            yield Finding(False, f"Sending is not set up for {mailbox.address}: replies are kept here until it is.")


def _secrets() -> Iterator[Finding]:
    for secret in keys.every_secret():
        if not secret.opens():
            yield Finding(
                False, f"The {secret.name} cannot be opened: the key it was locked with is gone. {WHERE_THE_KEY_BELONGS}"
            )


def _what_waits(at: datetime) -> Iterator[Finding]:
    aside = InboundEmail.objects.set_aside().count()
    if aside:
        yield Finding(True, f"{aside} mails are set aside; the desk's page of them says why.")
    stuck = Delivery.objects.not_sent().filter(released_at__lt=at - timedelta(minutes=30)).count()
    if stuck:
        yield Finding(False, f"{stuck} replies have not left for half an hour or more. The page Not sent says why.")
    late = InboundEmail.objects.due(at - timedelta(minutes=5)).count()
    if late:
        yield Finding(False, f"{late} mails wait to be read for more than five minutes. Is `touchline up` running?")
    missing = sum(
        not files.path_of(digest).exists()
        for digest in InboundEmail.objects.order_by("-id").values_list("digest", flat=True)[:1000]
    )
    if missing:
        yield Finding(
            False, f"{missing} of the newest 1,000 mails are missing from {settings.FILES}. Restore that folder from a backup."
        )
    else:
        yield Finding(True, "The newest mails are all there, byte for byte, where they are kept.")
