"""How an inbound email finds its place: read, asked whether it is spam, and put where it belongs."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, cast

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from touchline.core.mail.authenticity import Authenticity, Verdict
from touchline.core.mail.automatic import Automatic, Kind, automatic, behind_form
from touchline.core.mail.email import Email
from touchline.core.mail.form_mail import ROBOT_HEADER
from touchline.core.mail.fresh_words import FreshWords, fresh_words
from touchline.core.mail.passed_on import passed_on
from touchline.core.mail.spam_marks import marked_as_spam
from touchline.core.mail.understand import understand
from touchline.desk import files, really_from
from touchline.desk.keys import signing_keys
from touchline.desk.live import publish
from touchline.desk.models.inbound_from_us import FilingOurs, FromUs
from touchline.desk.models.mailbox import Mailbox, our_addresses
from touchline.desk.models.person import Address
from touchline.desk.models.sender_rule import SenderRule, Standing
from touchline.desk.spam import filter_asked

if TYPE_CHECKING:
    from touchline.desk.models.inbound_email import InboundEmail
    from touchline.desk.models.message import Message


class Suspicion(NamedTuple):
    """Why a mail is taken for spam. `certain` where one of us said so; a machine may be wrong about an answer to us."""

    because: str
    certain: bool


@dataclass
class Reading:
    """A mail as it was read, before it has its place."""

    email: Email
    words: FreshWords
    how: Automatic
    suspicion: Suspicion | None
    vouched_for: bool
    """A teammate says that a person wrote it."""
    known: Authenticity
    from_us: FromUs | None
    """Who of us wrote it, where that is proved."""

    def keep_files(self) -> list[str]:
        return [files.keep(attachment.data) for attachment in self.email.attachments]


class Filing(FilingOurs):
    """The verbs of an InboundEmail that put it where it belongs."""

    def file(self, at: datetime, *, by_a_person: bool = False) -> "Message | None":
        """Understand it and put it where it belongs: the message it became, or None where it was set aside with the reason.

        What is in a conversation already stays there; what was set aside, or taken for spam, is read afresh. `by_a_person`: a
        teammate says that a person wrote it, and no spam, whatever it looks like. One that was deleted a week ago is forgotten.
        """
        inbound = cast("InboundEmail", self)
        if by_a_person:
            inbound.bring_back()
        if inbound.is_deleted:
            inbound.forget(at)
            return None
        reading = inbound._read(at, by_a_person=by_a_person)
        kept = [] if reading.suspicion else reading.keep_files()
        with transaction.atomic():
            # One at a time: the same mail may come by two roads.
            Mailbox.objects.select_for_update(no_key=True).get(pk=inbound.mailbox_id)
            inbound.refresh_from_db()
            if inbound.message:
                return inbound.message
            inbound.subject = reading.email.subject[:500]
            inbound.sender = f"{reading.email.sender.name[:150]} <{reading.email.sender.address}>"[:500]
            inbound.automatic = "" if reading.how.kind is Kind.HUMAN else reading.how.kind.value
            inbound.trouble = inbound.spam_because = ""
            inbound.really_from = really_from.as_kept(reading.known)
            message = inbound._place(reading, lambda: kept or reading.keep_files())
            inbound.message = message
            inbound.filed_at = at
            inbound.due_at = None
            inbound.tries = 0
            inbound.save()
            if (
                message
                and message.inbound_id == inbound.pk
                and reading.how.kind is Kind.HUMAN
                and not by_a_person
                and not reading.from_us
            ):
                message.conversation.acknowledge(message, reading.email, at=at)
            publish("places", 0)
        return message

    def _read(self, at: datetime, *, by_a_person: bool) -> Reading:
        """What it says, what wrote it, and whether it is spam. This may ask the outside, and changes nothing."""
        inbound = cast("InboundEmail", self)
        raw = inbound.raw()
        email = understand(raw)
        if inbound.recipient:  # as the mail server named it, whatever stands in the headers
            email = replace(email, envelope_to=(*email.envelope_to, inbound.recipient.lower()))
        known = SenderRule.standing(email.sender.address, inbound.mailbox)
        how = automatic(email, keys=signing_keys(), group=inbound.mailbox.fed_by_group, person_writes=known.person is not None)
        if by_a_person:
            how = Automatic(kind=Kind.HUMAN, because=_("A teammate said that a person wrote it."), bounce=None, loop=False)
        checked = really_from.look(raw, email, inbound.mailbox, taken_in=inbound.via != inbound.Via.FORM, at=at)
        teammate = (
            None if by_a_person or known.person or how.kind is not Kind.HUMAN else really_from.teammate_who_wrote(email, checked)
        )
        from_us = FromUs(teammate, passed_on(email)) if teammate else None
        suspicion = None if by_a_person else inbound._suspected(raw, email, known, checked, at, one_of_us=teammate is not None)
        if known.person:
            email = replace(email, sender=behind_form(email))
        return Reading(email, fresh_words(email), how, suspicion, vouched_for=by_a_person, known=checked, from_us=from_us)

    def _suspected(
        self, raw: bytes, email: Email, known: Standing, checked: Authenticity, at: datetime, *, one_of_us: bool
    ) -> Suspicion | None:
        """Is it spam? What one of us said of its sender counts first, then what servers and filters made of it.

        Who is allowed is so only as long as nothing says that somebody else writes in their name.
        """
        inbound = cast("InboundEmail", self)
        if known.blocked:
            return Suspicion(_who_blocked(known.blocked), certain=True)
        elif one_of_us or (known.allowed and checked.verdict is not Verdict.FAILED):
            return None
        elif inbound._was_deleted_before(email):
            return Suspicion(_("A mail with the same Message-ID was deleted here."), certain=False)
        elif inbound.folder and inbound.folder == inbound.mailbox.imap_spam_folder:
            return Suspicion(
                _("It was in the folder of spam at its server (%(folder)s).") % {"folder": inbound.folder}, certain=False
            )
        elif inbound.via == inbound.Via.FORM and (robot := email.header(ROBOT_HEADER.lower())):
            return Suspicion(robot, certain=False)
        elif marked := marked_as_spam(email):
            return Suspicion(marked, certain=False)
        elif said := filter_asked.about(raw, mail_from=inbound.mail_from, recipient=inbound.recipient, at=at):
            return Suspicion(_("The spam filter took it for spam (%(said)s).") % {"said": said}, certain=False)
        else:
            return None

    def _was_deleted_before(self, email: Email) -> bool:
        from touchline.desk.models.inbound_email import InboundKey, digest_of_id

        deleted = InboundKey.objects.filter(mailbox=cast("InboundEmail", self).mailbox, deleted_at__isnull=False)
        return not email.made_id and deleted.filter(digest=digest_of_id(email.message_id)).exists()

    def _place(self, reading: Reading, kept: Callable[[], list[str]]) -> "Message | None":
        """Where it belongs. `trouble` or `spam_because` say why it is in no conversation, where it is in none."""
        from touchline.desk import doctor
        from touchline.desk.models.conversation import Conversation
        from touchline.desk.models.message import MessageKey

        inbound = cast("InboundEmail", self)
        email, words, how = reading.email, reading.words, reading.how
        if doctor.see(inbound, email):  # the desk sent it to itself, to see it come back
            return None
        doubts: list[str] = []
        if reading.suspicion:
            if reading.suspicion.certain or not inbound._answers_us(reading):
                inbound.spam_because = reading.suspicion.because
                return None
            doubts = [
                _("%(because)s It is shown all the same, since it answers what we sent.") % {"because": reading.suspicion.because}
            ]
        if trouble := inbound._cannot_be_placed(email):
            inbound.trouble = trouble
            return None
        if reading.how.until:
            Address.objects.filter(email__lower=email.sender.address.lower()).update(away_until=reading.how.until)
        if inbound.via == inbound.Via.FORM:  # nobody has checked the address: it is no way into a conversation that is there
            inbound.really_from = {"verdict": "unknown", "how": "form"}
            message = Conversation.start(email, words, inbound=inbound, kept=kept())
            message.really_from = inbound.really_from
            message.save(update_fields=["really_from"])
            return message
        earlier = MessageKey.find(email.message_id, inbound.mailbox)
        if earlier and earlier.says_the_same(email.subject, words.new, words.rest):
            return earlier
        if reading.from_us:
            return inbound._place_ours(email, words, reading.from_us, kept)
        conversation, choice = Conversation.for_email(email, how, inbound.mailbox, inbound.received_at)
        is_new = conversation is None or choice.new_writer
        inbound.really_from = really_from.as_kept(
            reading.known, [*doubts, *really_from.warnings(email, reading.known, is_new=is_new)]
        )
        if conversation and conversation.spam_at and not reading.vouched_for:
            inbound.spam_because = _("It belongs to a conversation that is spam.")
            return None
        early = MessageKey.answer_to(email.message_id, inbound.mailbox)
        if conversation and not conversation.spam_at:
            message = conversation.add(email, words, how, inbound=inbound, kept=kept(), choice=choice, twin=earlier)
            Conversation.bring_together(message, early)
            return message
        elif how.kind is Kind.HUMAN:
            message = Conversation.start(email, words, inbound=inbound, kept=kept(), twin=earlier)
            Conversation.bring_together(message, early)
            return message
        else:
            inbound.trouble = how.because
            return None

    def _answers_us(self, reading: Reading) -> bool:
        """Whether it bears a name that we signed, and comes from somebody who takes part there."""
        from touchline.desk.models.conversation import Conversation

        inbound = cast("InboundEmail", self)
        conversation, choice = Conversation.for_email(reading.email, reading.how, inbound.mailbox, inbound.received_at)
        return conversation is not None and conversation.spam_at is None and choice.signed and not choice.new_writer

    def _cannot_be_placed(self, email: Email) -> str:
        if email.unread:
            return email.unread
        elif not email.sender.address:
            return _("We could not tell who wrote this.")
        elif email.sender.address in our_addresses():
            return _("It came from one of our own addresses.")
        else:
            return ""


def _who_blocked(rule: SenderRule) -> str:
    told = {
        "sender": rule.pattern,
        "name": rule.by.name if rule.by else "",
        "day": date_format(timezone.localtime(rule.at), "DATE_FORMAT"),
    }
    return _("%(name)s blocked %(sender)s, %(day)s.") % told if rule.by else _("%(sender)s is blocked.") % told
