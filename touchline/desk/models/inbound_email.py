"""What came in, byte for byte, kept before anyone reads it."""

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from touchline.core.mail.automatic import Automatic, Kind, automatic
from touchline.core.mail.email import Email
from touchline.core.mail.fresh_words import FreshWords, fresh_words
from touchline.core.mail.understand import understand
from touchline.desk import files
from touchline.desk.keys import signing_keys
from touchline.desk.live import publish
from touchline.desk.models.mailbox import Mailbox, our_addresses
from touchline.desk.models.row import Due, DueQuerySet, Row, growing_pause, new_id

if TYPE_CHECKING:
    from touchline.desk.models.message import Message


class InboundEmailQuerySet(DueQuerySet):
    def set_aside(self) -> Self:
        """What is in no conversation: it could not be read, or belongs to none. Newest first."""
        return self.filter(message=None, dismissed_at=None).exclude(trouble="").order_by("-id")

    def visible_to(self, teammate: Any) -> Self:
        return self.all()


class InboundEmail(Due):
    LEASE: ClassVar = timedelta(minutes=1)
    TRIES: ClassVar = 5

    class Via(models.TextChoices):
        SMTP = "smtp", gettext_lazy("by SMTP")
        LMTP = "lmtp", gettext_lazy("by LMTP")
        IMAP = "imap", gettext_lazy("from the IMAP folder")
        PIPE = "pipe", gettext_lazy("by the command line")
        IMPORT = "import", gettext_lazy("from an archive")
        FORM = "form", gettext_lazy("by the contact form")
        HOOK = "hook", gettext_lazy("by a webhook")

    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="inbound_emails")
    digest = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    via = models.CharField(max_length=10, choices=Via)
    mail_from = models.CharField(max_length=1000, blank=True)
    recipient = models.CharField(max_length=1000, blank=True)
    received_at = models.DateTimeField()
    note = models.TextField(blank=True, help_text="what the channel had to say of it: that it is not the whole mail, say")
    filed_at = models.DateTimeField(null=True, blank=True)
    message = models.ForeignKey("desk.Message", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    dismissed_at = models.DateTimeField(null=True, blank=True)
    subject = models.CharField(
        max_length=500, blank=True, help_text="as far as it could be read, for the list of what was set aside"
    )
    sender = models.CharField(max_length=500, blank=True)
    folder = models.CharField(max_length=255, blank=True, help_text="the IMAP folder it was in, where it is not the first one")
    spam_because = models.TextField(blank=True, help_text="why it is among the spam, in a sentence; empty where it is not")
    automatic = models.CharField(max_length=20, blank=True, help_text="auto_reply, bounce or list, where no person wrote it")
    really_from = models.JSONField(default=dict, help_text="what was checked of its sender: verdict, domain, how, words")

    objects = InboundEmailQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="inbound_email_due")]

    @classmethod
    @transaction.atomic
    def keep(
        cls,
        mailbox: Mailbox,
        digest: str,
        size: int,
        *,
        at: datetime,
        via: str,
        mail_from: str = "",
        recipient: str = "",
        note: str = "",
        folder: str = "",
    ) -> "InboundEmail":
        """Remember bytes that `files` has kept already. The same bytes twice are one."""
        key, new = InboundKey.objects.get_or_create(mailbox=mailbox, digest=digest, defaults={"inbound_id": new_id(at)})
        if new:
            inbound = cls.objects.create(
                id=key.inbound_id,
                mailbox=mailbox,
                digest=digest,
                size=size,
                via=via,
                mail_from=mail_from[:1000],
                recipient=recipient[:1000],
                received_at=at,
                due_at=at,
                note=note,
                folder=folder[:255],
            )
            if inbound.pk != key.inbound_id:  # that id was taken, another was drawn
                InboundKey.objects.filter(pk=key.pk).update(inbound_id=inbound.pk)
            publish("inbound", inbound.pk)
            return inbound
        else:
            return cls.objects.get(pk=key.inbound_id)

    def raw(self) -> bytes:
        return files.read(self.digest)

    def file(self, at: datetime, *, by_a_person: bool = False) -> "Message | None":
        """Understand it and put it where it belongs: the message it became, or None where it was set aside with the reason.

        What is in a conversation already stays there; what was set aside is read afresh. `by_a_person`: a teammate says
        that a person wrote it, whatever it looks like.
        """
        email = understand(self.raw())
        how = automatic(email, keys=signing_keys())
        if by_a_person:
            how = Automatic(kind=Kind.HUMAN, because=_("A teammate said that a person wrote it."), bounce=None, loop=False)
        words = fresh_words(email)
        kept = [files.keep(attachment.data) for attachment in email.attachments]
        with transaction.atomic():
            Mailbox.objects.select_for_update(no_key=True).get(
                pk=self.mailbox_id
            )  # one at a time: the same mail may come by two roads
            self.refresh_from_db()
            if self.message:
                return self.message
            self.subject = email.subject[:500]
            self.sender = f"{email.sender.name} <{email.sender.address}>"[:500]
            message = self._place(email, words, how, kept)
            self.message = message
            self.filed_at = at
            self.due_at = None
            self.tries = 0
            self.save()
            publish("places", 0)
        return message

    def dismiss(self, at: datetime) -> None:
        """It may stay out of every conversation. It is kept, and no longer listed."""
        self.dismissed_at = at
        self.save(update_fields=["dismissed_at"])
        publish("places", 0)

    def could_not(self, trouble: str, at: datetime) -> None:
        """Filing it failed: it is shown with the reason, tried again a few times, and can always be tried by hand."""
        self.try_again(at, trouble, pause=growing_pause(self.tries))
        if self.tries >= self.TRIES:
            self.due_at = None
            self.save(update_fields=["due_at"])
        publish("places", 0)

    def _place(self, email: Email, words: FreshWords, how: Automatic, kept: list[str]) -> "Message | None":
        from touchline.desk.models.conversation import Conversation
        from touchline.desk.models.message import MessageKey

        self.trouble = ""
        earlier = MessageKey.find(email.message_id, self.mailbox)
        if email.unread:
            self.trouble = email.unread
            return None
        elif not email.sender.address:
            self.trouble = _("We could not tell who wrote this.")
            return None
        elif email.sender.address in our_addresses():
            self.trouble = _("It came from one of our own addresses.")
            return None
        elif self.via == self.Via.FORM:  # nobody has checked the address: it is no way into a conversation that is there
            return Conversation.start(email, words, inbound=self, kept=kept)
        elif earlier and earlier.says_the_same(email.subject, words.new, words.rest):
            return earlier
        else:
            conversation, choice = Conversation.for_email(email, how, self.mailbox, self.received_at)
            if conversation:
                return conversation.add(email, words, how, inbound=self, kept=kept, choice=choice, twin=earlier)
            elif how.kind is Kind.HUMAN:
                return Conversation.start(email, words, inbound=self, kept=kept, twin=earlier)
            else:
                self.trouble = how.because
                return None


class InboundKey(Row):
    """Which bytes we have, by mailbox: what makes taking them twice harmless."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    inbound_id = models.BigIntegerField()
    deleted_at = models.DateTimeField(
        null=True, blank=True, help_text="it was deleted here: the same bytes are not taken in again"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "mailbox"], name="bytes_are_kept_once_a_mailbox")]


def digest_of_id(message_id: str) -> str:
    """A Message-ID, whatever its length, as a key of fixed length."""
    return hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()
