"""What the desk itself tells a person, and says so: no teammate wrote it, so it answers nothing and moves nothing."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, cast

from django.db import transaction
from django.utils.translation import gettext as _

from touchline.core.mail.acknowledging import why_not_acknowledge
from touchline.core.mail.belonging import sign_message_id
from touchline.core.mail.email import Correspondent, Email
from touchline.core.mail.recipients import ascii_domain
from touchline.desk.keys import signing_keys
from touchline.desk.models.acknowledgement import Acknowledgement
from touchline.desk.models.mailbox import our_addresses
from touchline.desk.models.message import Message, MessageKey, Words
from touchline.desk.models.row import new_id

if TYPE_CHECKING:
    from touchline.desk.models.conversation import Conversation


class Telling:
    ACKNOWLEDGE_AGAIN_AFTER: ClassVar = timedelta(days=7)
    """How long one address hears nothing of the kind from a mailbox after it was told once (RFC 3834, section 2, asks for days)."""
    MOST_ACKNOWLEDGED: ClassVar = 100
    """An hour, by the whole desk: where machines answer each other in spite of all marks, it ends here."""
    NEWS_FOR: ClassVar = timedelta(days=1)
    """What came before that is no news to whoever wrote it: a backlog is not acknowledged."""

    @transaction.atomic
    def tell_them(
        self, words: Words, *, what: str, to: Correspondent, at: datetime, subject: str = "", from_: str = ""
    ) -> Message:
        """The desk writes to someone, in its own name. `what` is why: "acknowledgement" or "check_in".

        Whoever waits goes on waiting, and the list goes on showing what a person said last. It leaves at once, marked as automatic, and
        so that no machine answers it (RFC 3834). `subject` defaults to that of the conversation. `from_` is the address of ours
        that it comes from, where that is not the mailbox's own.
        """
        from touchline.desk.models.delivery import Delivery

        conversation = cast("Conversation", self)._still()
        mailbox = conversation.mailbox
        answered = conversation.messages.by_people().order_by("at", "id").last()
        message = Message(
            id=max(new_id(at), conversation.latest_message + 1),
            conversation=conversation,
            kind=Message.Kind.OURS,
            automatic=what,
            at=at,
            name=mailbox.name,
            text=words.text,
            html=words.html,
            has_html=bool(words.html),
            subject=subject or _("Re: %(subject)s") % {"subject": conversation.subject},
            references=[answered.message_id] if answered and answered.message_id else [],
            sent_from=from_ if from_ != mailbox.address else "",
        )
        sender = from_ or mailbox.address
        message.addressed = {"from": [[mailbox.name, sender]], "to": [[to.name, to.address]], "cc": []}
        domain = ascii_domain(sender).rpartition("@")[2]
        message.message_id = sign_message_id(conversation.pk, unique=f"{message.pk:x}", domain=domain, key=signing_keys()[0])
        message.save()
        MessageKey.remember(message, mailbox)
        Delivery.objects.create(message=message, conversation=conversation, mailbox=mailbox, due_at=at, written_at=at)
        conversation.latest_message = message.pk
        conversation.save(update_fields=["latest_message"])
        conversation.tell()
        return message

    def acknowledge(self, message: Message, email: Email, *, at: datetime) -> Message | None:
        """Tell them that their mail has come, where the mailbox does so and RFC 3834 allows it; None where nothing was sent."""
        conversation = cast("Conversation", self)
        mailbox = conversation.mailbox
        if not mailbox.acknowledges or self._why_not_acknowledge(message, email, at=at):
            return None
        Acknowledgement.objects.create(mailbox=mailbox, email=email.sender.address, at=at)
        words = Words.plain(mailbox.acknowledgement) or default_acknowledgement(mailbox.name)
        subject = f"Auto: {conversation.subject}"  # as RFC 3834, section 3.1.5, has it, whatever the language
        return self.tell_them(words, what="acknowledgement", to=email.sender, at=at, subject=subject)

    def _why_not_acknowledge(self, message: Message, email: Email, *, at: datetime) -> str:
        conversation = cast("Conversation", self)
        inbound, mailbox = message.inbound, conversation.mailbox
        by_smtp = inbound is not None and inbound.via in (inbound.Via.SMTP, inbound.Via.LMTP)
        lately = Acknowledgement.objects.filter(mailbox=mailbox, at__gt=at - self.ACKNOWLEDGE_AGAIN_AFTER)
        if inbound is None or inbound.via in (inbound.Via.FORM, inbound.Via.IMPORT):
            return "It came by a road where no such mail is sent."
        elif conversation.messages.count() > 1:
            return "It is not the first that they wrote here."
        elif message.at < at - self.NEWS_FOR:
            return "It came long ago."
        elif inbound.really_from.get("verdict") == "failed":
            return "It is not from whom it says."
        elif reason := why_not_acknowledge(email, envelope_from=inbound.mail_from if by_smtp else None, ours=our_addresses()):
            return reason
        elif lately.filter(email=email.sender.address).exists():
            return "They were told lately."
        elif Acknowledgement.objects.filter(pk__gt=new_id(at - timedelta(hours=1))).count() >= self.MOST_ACKNOWLEDGED:
            return "Too many were told within an hour."
        else:
            return ""


def default_acknowledgement(name: str) -> Words:
    """What a mailbox says that chose no words of its own."""
    told = _(
        "This is an automatic note from %(name)s: your mail has come. A person will read it and answer you.\n\nYou need not answer this note."
    )
    return Words.plain(told % {"name": name})
