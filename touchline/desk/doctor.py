"""The doctor of a mailbox mails the desk from itself, to see that it comes back; what can be tried without is in `doctor_look`."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from touchline.channels import Never, NotNow, Reply, Step
from touchline.core.mail.compose import Outgoing, compose
from touchline.core.mail.email import Correspondent, Email
from touchline.desk.doctor_look import step, within
from touchline.desk.live import publish
from touchline.desk.models.checkup import PLAIN, TAGGED, Checkup
from touchline.desk.models.inbound_email import InboundEmail
from touchline.desk.models.mailbox import Mailbox

HEADER = "X-Touchline-Doctor"
_MARK = re.compile(r"tl-doctor[ .]([a-z2-7]{20})[ .](plain|tagged)\b")


def may_write(checkup: Checkup) -> bool:
    """Whether a mail to ourselves would tell anything: it can leave, and what came back could come in."""
    return checkup.mailbox.can_send and checkup.well and not settings.DEMO


def write_to_ourselves(checkup: Checkup, at: datetime) -> None:
    """Send one mail to the mailbox, and one to its address with a plus, as anybody would who writes to it."""
    mailbox = checkup.mailbox
    checkup.sent_at = at  # before they are sent: one may be back before the other has left
    checkup.due_at = at + Checkup.LOOKS_AGAIN
    checkup.save(update_fields=["sent_at", "due_at"])
    trouble = _sent(mailbox, _probe(checkup, PLAIN, at))
    if trouble:
        checkup.sent_at = None
        checkup.save(update_fields=["sent_at"])
        checkup.note([step("out", "send", False, trouble)])
        checkup.end(at)
    else:
        checkup.note([step("out", "send", True, _("A mail to %(address)s was taken.") % {"address": mailbox.address})])
        if len(_tagged(checkup).rpartition("@")[0]) > 64:  # octets before the @ (RFC 5321, 4.5.3.1.1)
            refused = _("The address is too long to carry anything after a plus.")
        else:
            refused = _sent(mailbox, _probe(checkup, TAGGED, at))
        if refused:
            _came(checkup, TAGGED, returned=refused)


def watch_for_it(checkup: Checkup, at: datetime) -> None:
    """See whether our own mail is back. A visit ends once it is, or after a while; the verdict on the plus takes a little longer."""
    checkup.refresh_from_db()
    awaited = _awaited(checkup)
    since = at - checkup.sent_at if checkup.sent_at else Checkup.LATEST
    if awaited and since < Checkup.LATEST:
        _fetch_soon(checkup.mailbox, at)
        if since < Checkup.WAITS:
            checkup.due_at = at + Checkup.LOOKS_AGAIN
        else:
            checkup.ended_at = checkup.ended_at or at
            checkup.due_at = checkup.sent_at + Checkup.LATEST if checkup.sent_at else None
        checkup.save(update_fields=["due_at", "ended_at"])
    else:
        if checkup.sent_at and checkup.tagged_seen_at is None:
            Mailbox.objects.filter(pk=checkup.mailbox_id).update(tags_arrive_at=None)
        checkup.end(at)


@transaction.atomic
def see(inbound: InboundEmail, email: Email) -> bool:
    """Know a mail that the doctor sent, and note that it is back. It belongs in no conversation and on no list: nobody wrote it.

    The token in it is random, and counts once: whoever read it on the way can make nothing of it. Changes `inbound` and leaves
    it to the caller to save.
    """
    found = _marked(email)
    checkup = Checkup.objects.select_for_update().filter(token=found[0]).first() if found else None
    if found is None or checkup is None or checkup.sent_at is None:
        return False
    _token, which, returned = found
    ours = email.sender.address == checkup.mailbox.address.lower()
    if not (ours or returned or which in _awaited(checkup)):
        return False
    if which in _awaited(checkup):
        if returned:
            _came(checkup, which, returned=returned)
        elif inbound.mailbox_id != checkup.mailbox_id:
            _came(checkup, which, returned=_("it came in at %(address)s") % {"address": inbound.mailbox.address})
        else:
            _came(checkup, which, at=max(inbound.received_at, checkup.sent_at), folder=inbound.folder)
    inbound.trouble = _("The doctor sent it to see whether mail arrives.")
    inbound.dismissed_at = inbound.received_at
    checkup.tell()
    return True


def there_and_back(checkup: Checkup, at: datetime) -> Iterator[dict[str, Any]]:
    """What became of the mails to ourselves, as steps; those that are on their way have not worked yet, and not failed either."""
    if checkup.sent_at:
        over = checkup.ended_at is not None
        yield _plain_back(checkup, over, at)
        yield _tagged_back(checkup, over)


def _sent(mailbox: Mailbox, reply: Reply) -> str:
    """Hand it over; "" where it was taken, else why not."""
    try:
        told = mailbox.told_out()

        def handing_over() -> Iterator[Step]:
            refused = mailbox.how.send(told, reply)
            yield Step("ready", not refused, " ".join(refused.values()))

        (handed_over,) = within(handing_over())
    except (NotNow, Never) as trouble:
        return str(trouble)
    else:
        return "" if handed_over.worked else handed_over.words


def _probe(checkup: Checkup, which: str, at: datetime) -> Reply:
    mailbox = checkup.mailbox
    to = mailbox.address if which == PLAIN else _tagged(checkup)
    raw = compose(
        Outgoing(
            from_=Correspondent(name=mailbox.name, address=mailbox.address),
            to=(Correspondent(name="", address=to),),
            subject=_("Does mail arrive? (tl-doctor %(token)s %(which)s)") % {"token": checkup.token, "which": which},
            text=_(
                "This is a mail from your desk to itself. It shows that mail leaves and arrives; the desk puts it away by itself.\n"
            ),
            message_id=f"tl-doctor.{checkup.token}.{which}@{mailbox.address.rpartition('@')[2]}",
            date=at,
            automatic="generated",
        )
    )
    header = f"{HEADER}: tl-doctor {checkup.token} {which}\r\n".encode("ascii")
    return Reply(envelope_from=mailbox.address, recipients=(to,), raw=header + raw)


def _tagged(checkup: Checkup) -> str:
    """An address with a plus, made as our reply addresses are, so that what lets it through lets those through."""
    local, _at, domain = checkup.mailbox.address.rpartition("@")
    return f"{local}+tl-doctor-{checkup.token}@{domain}"


def _marked(email: Email) -> tuple[str, str, str] | None:
    """The token in a mail of the doctor's, which of the two it is, and why it was returned, where it was."""
    for text in (email.header(HEADER.lower()), email.message_id, email.subject):
        if found := _MARK.search(text.lower()):
            return found[1], found[2], ""
    for values in email.report.returned.values():
        if found := _MARK.search(" ".join(values).lower()):
            reasons = (group.get("diagnostic-code", "") for group in email.report.groups)
            return found[1], found[2], next(filter(None, reasons), email.subject)[:500]
    return None


def _awaited(checkup: Checkup) -> set[str]:
    """Which of the two are still on their way."""
    seen = {PLAIN: checkup.seen_at, TAGGED: checkup.tagged_seen_at}
    return {which for which, when in seen.items() if when is None and which not in checkup.back} if checkup.sent_at else set()


@transaction.atomic
def _came(checkup: Checkup, which: str, *, at: datetime | None = None, folder: str = "", returned: str = "") -> None:
    """Note that one of the two came, or came to nothing."""
    locked = Checkup.objects.select_for_update().get(pk=checkup.pk)
    locked.back = checkup.back = locked.back | {which: {"folder": folder, "returned": returned}}
    name = "seen_at" if which == PLAIN else "tagged_seen_at"
    setattr(locked, name, at)
    setattr(checkup, name, at)
    locked.save(update_fields=["back", name])
    if which == TAGGED and at:
        Mailbox.objects.filter(pk=checkup.mailbox_id).update(tags_arrive_at=at)


def _fetch_soon(mailbox: Mailbox, at: datetime) -> None:
    if mailbox.can_fetch:
        Mailbox.objects.filter(pk=mailbox.pk, due_at__gt=at).update(due_at=at)
        publish("mailbox", mailbox.pk)


def _plain_back(checkup: Checkup, over: bool, at: datetime) -> dict[str, Any]:
    address = checkup.mailbox.address
    told = checkup.back.get(PLAIN, {})
    assert checkup.sent_at
    if told.get("returned"):
        words = _("The mail to %(address)s did not come back: %(why)s.") % {"address": address, "why": told["returned"]}
        return step("back", "seen", False, words)
    elif checkup.seen_at and told.get("folder") and told["folder"] == checkup.mailbox.imap_spam_folder:
        words = _("The mail to %(address)s came back, but into the folder of spam, “%(folder)s”.")
        return step(
            "back",
            "seen",
            False,
            words % {"address": address, "folder": told["folder"]},
            _(
                "Other people’s servers may think the same of what you send. See that SPF, DKIM and DMARC are set up for your domain."
            ),
        )
    elif checkup.seen_at:
        seconds = max(1, round((checkup.seen_at - checkup.sent_at).total_seconds()))  # a server dates to the second
        words = ngettext(
            "The mail to %(address)s was back within %(count)d second.",
            "The mail to %(address)s was back within %(count)d seconds.",
            seconds,
        )
        return step("back", "seen", True, words % {"address": address, "count": seconds})
    elif over:
        minutes = int((min(at, checkup.sent_at + Checkup.LATEST) - checkup.sent_at).total_seconds() // 60)
        words = ngettext(
            "The mail to %(address)s has not come back within %(count)d minute.",
            "The mail to %(address)s has not come back within %(count)d minutes.",
            minutes,
        )
        return step(
            "back",
            "seen",
            False,
            words % {"address": address, "count": minutes},
            _(
                "Look for it in the mailbox with another mail program, in the folder of spam and all others. If it is there, name that folder "
                "in the settings. If it is nowhere, mail for this address goes to another server: ask whoever looks after your domain."
            ),
        )
    else:
        words = _("A mail to %(address)s is on its way. That takes seconds as a rule, and a few minutes at most.")
        return step("back", "seen", None, words % {"address": address})


def _tagged_back(checkup: Checkup, over: bool) -> dict[str, Any]:
    told = checkup.back.get(TAGGED, {})
    if checkup.tagged_seen_at:
        words = _("Mail to an address with a plus arrives, too: answers are to find their conversation by it.")
        return step("back", "tagged", True, words)
    elif told.get("returned"):
        words = _(
            "Mail to an address with a plus does not arrive (%(why)s). We do without: answers are known by the ids in them."
        )
        return step("back", "tagged", None, words % {"why": told["returned"]})
    elif over:
        words = _("Mail to an address with a plus has not arrived. We do without: answers are known by the ids in them.")
        return step("back", "tagged", None, words)
    else:
        return step("back", "tagged", None, _("A mail to an address with a plus is on its way as well."))
