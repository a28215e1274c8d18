"""What a mailbox knows of the sending service that posts its mail to us: the service, the key in the address, and what proves a post."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from touchline.desk.models.inbound_email import InboundEmail
from touchline.desk.models.mailbox import Mailbox

MOST_HEADERS = 256 * 1024
PASSWORD = "password"  # noqa: S105 (the name of a place)


def begin(mailbox: Mailbox, sender: str, told: Mapping[str, str]) -> None:
    """From now on this service posts mail for the mailbox. Its address and our password are made once and stay as long as it does."""
    known = secrets_of(mailbox) if mailbox.hook_sender == sender else {}
    mailbox.hook_sender = sender
    mailbox.hook_key = mailbox.hook_key if known else secrets.token_urlsafe(24)
    mailbox.hook_secret = json.dumps({PASSWORD: secrets.token_urlsafe(24), **known, **told})
    mailbox.save(update_fields=["hook_sender", "hook_key", "hook_secret"])


def end(mailbox: Mailbox) -> None:
    """No service posts here any more: the address is no address, and the secrets are forgotten."""
    mailbox.hook_sender = mailbox.hook_key = mailbox.hook_secret = ""
    mailbox.save(update_fields=["hook_sender", "hook_key", "hook_secret"])


def mailbox_of(key: str) -> Mailbox | None:
    return Mailbox.objects.open().filter(hook_key=key).exclude(hook_sender="").first() if key else None


def secrets_of(mailbox: Mailbox) -> dict[str, str]:
    """Everything that only the service and we know, by name; nothing where our own key was lost."""
    return json.loads(mailbox.hook_secret) if mailbox.hook_secret else {}


def keep(mailbox: Mailbox, raw: bytes, *, at: datetime, mail_from: str, recipient: str) -> InboundEmail | None:
    """Keep a mail that was posted, durably. Of one that is larger than we take its headers are kept, with a note: the service would
    offer it again and again, and tell nobody. Raises OSError where it cannot be kept."""
    note = ""
    if len(raw) > settings.MAX_MAIL_BYTES:
        note = _("This mail is %(size)d MB, more than the %(most)d MB that are taken here. Only its headers were kept.") % {
            "size": len(raw) // 1024**2,
            "most": settings.MAX_MAIL_BYTES // 1024**2,
        }
        raw = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0][:MOST_HEADERS] + b"\n\n"
    return mailbox.receive(raw, at=at, via=InboundEmail.Via.HOOK, mail_from=mail_from, recipient=recipient, note=note)
