"""What is known of a mail's sender: what the server that took it in found out, what its signature proves, and what looks odd.

It is looked at once, when a mail is filed, and kept with it: `{"verdict", "domain", "how", "sure", "words", "warnings"}`.
"""

import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from touchline.channels import names
from touchline.core.mail.authenticity import Authenticity, Verdict, aligned, from_domain, judged, signed
from touchline.core.mail.email import Email
from touchline.core.mail.odd_files import Odd, odd_file
from touchline.desk.models.mailbox import Mailbox, our_addresses
from touchline.desk.models.teammate import Teammate

log = structlog.get_logger()

REST = timedelta(minutes=1)
"""For so long the DNS is not asked again after it did not answer, so that a backlog does not wait for it mail by mail."""
FRESH = timedelta(days=7)
"""A signature older than this is not looked up: keys are changed, and what was good may no longer be told from what was not."""
ONLY_ONCE = (
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "reply-to",
    "sender",
    "content-type",
)
"""Headers that a mail bears once (RFC 5322, section 3.6)."""


def look(raw: bytes, email: Email, mailbox: Mailbox, *, taken_in: bool, at: datetime) -> Authenticity:
    """Whom a mail is really from. `taken_in`: a server of ours received it from outside, and may have said what it found."""
    domain = from_domain(email)
    told = judged(raw, domain, server=mailbox.trusted_server, guess=not settings.MAIL_IN_OUTSIDE) if taken_in else None
    if told and (told.sure or told.verdict is Verdict.FAILED):
        return told
    fresh = email.date is None or abs(at - email.date) < FRESH
    proof = _keys.proof(raw, domain, at) if settings.VERIFY_DKIM and taken_in and fresh else None
    return proof or told or Authenticity(Verdict.UNKNOWN, domain)


class _Keys:
    """Asks the DNS for the keys of signatures. There is one a process."""

    def __init__(self) -> None:
        self._again_at: datetime | None = None
        self._lock = threading.Lock()

    def proof(self, raw: bytes, domain: str, at: datetime) -> Authenticity | None:
        if self._again_at and at < self._again_at:
            return None
        try:
            return signed(raw, domain, texts_of=_key)
        except names.NoAnswer as trouble:
            with self._lock:
                self._again_at = at + REST
            log.warning("keys of signatures cannot be looked up", trouble=str(trouble))
            return None


def _key(name: str) -> bytes | None:
    found = names.texts(name)
    return next((text for text in found if b"p=" in text), None)


_keys = _Keys()


def as_kept(known: Authenticity, warnings: Iterable[str] = ()) -> dict[str, Any]:
    """What is kept with a mail and with its message."""
    return {
        "verdict": known.verdict.value,
        "domain": known.domain,
        "how": known.how,
        "sure": known.sure,
        "words": known.words,
        "warnings": list(warnings),
    }


def teammate_who_wrote(email: Email, known: Authenticity) -> Teammate | None:
    """The teammate whose mail this is, where that is proved, and it was sent to us; whoever only uses their address is a stranger.

    Whoever holds a mail that a teammate signed can put headers above it, and the signature stays good (RFC 6376, section 8.15): a mail
    that bears one twice, which may stand there once, was sent by nobody we know.
    """
    sent_to_us = any(one.address in our_addresses() for one in (*email.to, *email.cc))
    as_it_was_signed = all(len(email.headers.get(name, ())) < 2 for name in ONLY_ONCE)
    sure = known.verdict is Verdict.PROVED and known.sure and sent_to_us and as_it_was_signed
    return teammate_at(email.sender.address) if sure else None


def teammate_at(address: str) -> Teammate | None:
    return Teammate.objects.here().filter(email__lower=address.lower()).first()


def warnings(email: Email, known: Authenticity, *, is_new: bool) -> list[str]:
    """What somebody should know before they believe this mail, a sentence each. `is_new`: it begins something, or its writer is new here."""
    told = []
    address = email.sender.address
    if known.verdict is Verdict.FAILED:
        told.append(known.words + " " + _("Somebody else may have written it."))
    teammate = teammate_at(address)
    if teammate:
        told.append(_("This is the address of %(name)s, and nothing proves that they sent it.") % {"name": teammate.name})
    elif is_new and (whom := _calls_itself(email.sender.name, address)):
        told.append(_("It calls itself “%(name)s”, and comes from %(address)s.") % {"name": whom, "address": address})
    elsewhere = [one.address for one in email.reply_to if one.address and one.address != address]
    if is_new and elsewhere and not any(aligned(each.rpartition("@")[2], address.rpartition("@")[2]) for each in elsewhere):
        told.append(
            _("An answer would go to %(elsewhere)s, not to %(address)s.")
            % {"elsewhere": ", ".join(elsewhere[:3]), "address": address}
        )
    return told + _files(email)


def _calls_itself(name: str, address: str) -> str:
    """The name, where it is a teammate's, a mailbox's of ours, or another address than the one it stands beside."""
    plain = " ".join(name.split()).casefold()
    if "@" in plain and address.casefold() not in plain:
        return name
    ours = {each.casefold() for each in Teammate.objects.here().values_list("name", flat=True)}
    ours |= {each.casefold() for each in Mailbox.objects.open().values_list("name", flat=True)}
    return name if plain and plain in ours else ""


def _files(email: Email) -> list[str]:
    told = []
    for attachment in email.attachments:
        odd = odd_file(attachment.name, attachment.data)
        if odd and odd.odd is Odd.RUNS:
            words = _("“%(file)s” runs when it is opened. Open it only if you know who made it.")
            told.append(words % {"file": attachment.name})
        elif odd:
            words = _("“%(file)s” is not what its name says: it is %(kind)s.")
            told.append(words % {"file": attachment.name, "kind": _kind_in_words(odd.kind)})
    return told[:10]


def _kind_in_words(kind: str) -> str:
    return {
        "text/html": _("a web page"),
        "image/svg+xml": _("a drawing that may hold scripts"),
        "application/pdf": _("a PDF"),
        "application/zip": _("a ZIP archive"),
        "application/rtf": _("a text document"),
        "application/x-ole-storage": _("an Office document"),
    }.get(kind, _("a picture") if kind.startswith("image/") else kind)
