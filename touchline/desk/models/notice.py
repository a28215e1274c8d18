"""A mail from the desk to one of us: a link for a new password, say. It goes out through a mailbox that can send."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from touchline.channels import Never, NotNow, Reply
from touchline.core.mail.compose import Outgoing, compose
from touchline.core.mail.email import Correspondent
from touchline.desk.live import publish
from touchline.desk.models.desk import Desk
from touchline.desk.models.mailbox import Mailbox
from touchline.desk.models.row import Due, DueQuerySet, growing_pause


class NoticeQuerySet(DueQuerySet):
    def held_back(self, at: datetime) -> Self:
        """Those that found no mailbox to go out from and are still of use."""
        return self.filter(sent_at=None, due_at=None, tries=0, written_at__gt=at - Notice.GIVE_UP_AFTER)


class Notice(Due):
    LEASE: ClassVar = timedelta(minutes=10)
    GIVE_UP_AFTER: ClassVar = timedelta(days=1)

    email = models.EmailField()
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    @classmethod
    def write(cls, email: str, subject: str, text: str, *, at: datetime, html: str = "") -> "Notice":
        subject = " ".join(subject.split())[:300]
        notice = cls.objects.create(email=email, subject=subject, text=text, html=html, written_at=at, due_at=at)
        publish("notice", notice.pk)
        return notice

    @classmethod
    def sender(cls) -> Mailbox | None:
        """The mailbox that such mail goes out from; None while no mailbox can send."""
        return Mailbox.objects.open().exclude(smtp_host="").order_by("id").first()

    def send(self, at: datetime) -> None:
        mailbox = self.sender()
        if mailbox is None or settings.DEMO:
            self.due_at = None
            self.trouble = _("No mailbox can send yet.")
        else:
            try:
                mailbox.how.send(mailbox.told_out(), self._as_reply(mailbox))
            except NotNow as trouble:
                self.tries += 1
                self.trouble = str(trouble)
                self.due_at = at + growing_pause(self.tries) if at - self.written_at < self.GIVE_UP_AFTER else None
            except Never as trouble:
                self.trouble = str(trouble)
                self.due_at = None
            else:
                self.sent_at = at
                self.due_at = None
                self.trouble = ""
                self.text = self.html = ""
        self.save()

    def _as_reply(self, mailbox: Mailbox) -> Reply:
        outgoing = Outgoing(
            from_=Correspondent(name=Desk.get().name, address=mailbox.address),
            to=(Correspondent(name="", address=self.email),),
            cc=(),
            subject=self.subject,
            text=self.text,
            html=self.html,
            message_id=f"{uuid.UUID(int=self.pk).hex}@{mailbox.address.rpartition('@')[2]}",
            in_reply_to="",
            references=(),
            date=self.written_at,
            attachments=(),
            automatic="generated",
        )
        return Reply(envelope_from="", recipients=(self.email,), raw=compose(outgoing))
