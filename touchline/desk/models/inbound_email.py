"""What came in, byte for byte, kept before anyone reads it."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.utils.translation import gettext_lazy

from touchline.core.mail.understand import understand
from touchline.desk import files
from touchline.desk.live import publish
from touchline.desk.models.inbound_filing import Filing
from touchline.desk.models.mailbox import Mailbox
from touchline.desk.models.row import Due, DueQuerySet, Row, growing_pause, new_id


class InboundEmailQuerySet(DueQuerySet):
    def set_aside(self) -> Self:
        """What is in no conversation: it could not be read, or belongs to none. Newest first."""
        return self.filter(message=None, dismissed_at=None).exclude(trouble="").order_by("-id")

    def spam(self) -> Self:
        """What was taken for spam, and nobody has looked at yet. Newest first."""
        return self.filter(message=None, dismissed_at=None).exclude(spam_because="").order_by("-id")

    def visible_to(self, teammate: Any) -> Self:
        return self.all()


class InboundEmail(Filing, Due):
    LEASE: ClassVar = timedelta(minutes=1)
    TRIES: ClassVar = 5
    DELETED_STAYS: ClassVar = timedelta(days=7)

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
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="inbound_email_due"),
            models.Index(
                fields=["-id"],
                condition=models.Q(message=None, dismissed_at=None) & ~models.Q(trouble=""),
                name="inbound_email_set_aside",
            ),
            models.Index(
                fields=["-id"],
                condition=models.Q(message=None, dismissed_at=None) & ~models.Q(spam_because=""),
                name="inbound_email_spam",
            ),
            models.Index(fields=["mailbox", "-id"], condition=~models.Q(via="import"), name="inbound_email_last"),
        ]

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
        """Remember bytes that `files` has kept already. The same bytes twice are one.

        Bytes that were deleted here stay so: they are acknowledged as any others, and give the bare row that is left of them.
        """
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
        elif key.deleted_at:  # the bytes were just kept once more: they go again
            cls.objects.filter(pk=key.inbound_id).update(due_at=at + cls.DELETED_STAYS)
            return cls.objects.get(pk=key.inbound_id)
        else:
            return cls.objects.get(pk=key.inbound_id)

    def raw(self) -> bytes:
        return files.read(self.digest)

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

    @transaction.atomic
    def throw_away(self, at: datetime) -> None:
        """It is gone: listed nowhere, and not taken in again. Its bytes go for good in a week; until then `bring_back` undoes it.

        What is in a conversation is no mail of its own any more, and stays.
        """
        self.refresh_from_db()
        if self.message_id is None:
            InboundKey.objects.filter(mailbox=self.mailbox, digest=self.digest).update(deleted_at=at)
            for digest in self._names():
                InboundKey.objects.get_or_create(
                    mailbox=self.mailbox, digest=digest, defaults={"inbound_id": self.pk, "deleted_at": at}
                )
            self.dismissed_at = at
            self.due_at = at + self.DELETED_STAYS
            self.tries = 0
            self.save(update_fields=["dismissed_at", "due_at", "tries"])
            publish("places", 0)

    @transaction.atomic
    def bring_back(self) -> None:
        """It was not meant to be deleted. Where its bytes are gone already, nothing can be brought back."""
        deleted = InboundKey.objects.filter(mailbox=self.mailbox, inbound_id=self.pk, deleted_at__isnull=False)
        if deleted and files.path_of(self.digest).exists():
            deleted.exclude(digest=self.digest).delete()
            deleted.update(deleted_at=None)
            self.dismissed_at = self.due_at = None
            self.save(update_fields=["dismissed_at", "due_at"])
            publish("places", 0)

    @property
    def is_deleted(self) -> bool:
        return self._deleted_at is not None

    @property
    def _deleted_at(self) -> datetime | None:
        deleted = InboundKey.objects.filter(mailbox=self.mailbox, digest=self.digest, deleted_at__isnull=False)
        return deleted.values_list("deleted_at", flat=True).first()

    @property
    def sender_address(self) -> str:
        """The address that wrote it; "" where none could be read."""
        return self.sender[self.sender.rfind("<") + 1 :].rstrip(">") if "@" in self.sender else ""

    def forget(self, at: datetime) -> None:
        """Once it was deleted for a week: what it said and who sent it is forgotten. The row stays, so that counts still add up."""
        deleted_at = self._deleted_at
        if deleted_at is None or at - deleted_at < self.DELETED_STAYS:
            return
        if self._others_have_it() or files.forget(self.digest):
            self.subject = self.sender = self.mail_from = self.recipient = self.note = self.spam_because = self.trouble = ""
            self.really_from = {}
            self.due_at = None
        else:
            self.due_at = at + self.DELETED_STAYS
        self.save()

    def _others_have_it(self) -> bool:
        """Whether the same bytes are another mailbox's mail, or a file that somebody attached."""
        from touchline.desk.models.message import Attachment

        elsewhere = InboundKey.objects.filter(digest=self.digest, deleted_at=None)
        return elsewhere.exists() or Attachment.objects.filter(digest=self.digest).exists()

    def _names(self) -> list[str]:
        """What else it is known by, so that it does not come back by another road: its Message-ID, where it has one of its own."""
        try:
            email = understand(self.raw())
        except OSError:
            return []
        return [] if email.made_id else [digest_of_id(email.message_id)]


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
