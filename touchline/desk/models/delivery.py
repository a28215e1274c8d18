"""A message on its way out, with its tries."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.utils.html import escape, linebreaks
from django.utils.translation import gettext as _

from touchline.channels import Never, NotNow, Reply, WrongSetting
from touchline.core.mail.automatic import Bounce
from touchline.core.mail.compose import Outgoing, compose, quoted
from touchline.core.mail.email import Attachment as MailAttachment
from touchline.core.mail.email import Correspondent
from touchline.desk import files
from touchline.desk.live import publish
from touchline.desk.models.activity import Activity
from touchline.desk.models.blocker import Blocker
from touchline.desk.models.conversation import Conversation
from touchline.desk.models.conversation_writing import correspondents
from touchline.desk.models.mailbox import Mailbox
from touchline.desk.models.message import Message
from touchline.desk.models.person import Address
from touchline.desk.models.row import Due, DueQuerySet, growing_pause


class DeliveryQuerySet(DueQuerySet):
    def visible_to(self, teammate: Any) -> Self:
        return self.all()

    def not_sent(self) -> Self:
        """What has left the writer's hand and not the house, newest first: waiting, failing, or given up."""
        return self.filter(released_at__isnull=False, sent_at=None, taken_back_at=None, put_away_at=None).order_by("-id")

    def in_trouble(self) -> Self:
        """Those that a teammate should look at."""
        return self.filter(put_away_at=None, taken_back_at=None).exclude(trouble="").order_by("-id")


class Delivery(Due):
    LEASE: ClassVar = timedelta(minutes=10)
    GIVE_UP_AFTER: ClassVar = timedelta(days=4)

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="deliveries")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="deliveries")
    blocker = models.ForeignKey(Blocker, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    moves = models.BooleanField(default=False, help_text="the blocker is moved with it")
    waited_since = models.DateTimeField(null=True, blank=True, help_text="since when they waited, before it was written")
    written_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True, help_text="when the time to take it back was over")
    taken_back_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    gave_up_at = models.DateTimeField(null=True, blank=True)
    put_away_at = models.DateTimeField(null=True, blank=True, help_text="a teammate has seen its trouble and wants it off the list")
    refused = models.JSONField(default=dict, help_text="recipients that were refused or bounced, and why")

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="delivery_due")]

    @property
    def can_be_taken_back(self) -> bool:
        return self.released_at is None and self.taken_back_at is None

    @property
    def waits_for_setup(self) -> bool:
        return self.released_at is not None and self.sent_at is None and not self.mailbox.can_send

    @transaction.atomic
    def release(self, at: datetime) -> bool:
        """The time to take it back is over: what it means for the blocker is recorded now. False if it was taken back."""
        conversation = Conversation.objects.select_for_update().get(pk=self.conversation_id)
        self.refresh_from_db()
        if self.taken_back_at:
            return False
        elif self.released_at is None:
            self.released_at = at
            self.save(update_fields=["released_at"])
            by = self.message.teammate
            assert by
            if self.blocker:
                self.blocker.took_part(by=by, how="reply", at=at, key=f"took_part:{self.message_id}")
            if self.moves and self.blocker:
                conversation.move_blocker(by=by, at=at, message=self.message, closes=True)
            publish("conversation", self.conversation_id)
            publish("places", 0)
        return True

    def send(self, at: datetime) -> None:
        """Hand the message to its channel. If that fails it is due again later, and the team can see why."""
        if self.sent_at:
            self._update(due_at=None)
        elif settings.DEMO:
            self._update(due_at=None, trouble=_("The demo desk mails nobody."))
        elif not self.mailbox.can_send:
            self._update(due_at=None, trouble=_("Sending is not set up for %(address)s. It is kept here until it is.") % {"address": self.mailbox.address})
        else:
            try:
                refused = self.mailbox.how.send(self.mailbox.told_out(), self.as_reply())
            except Never as trouble:
                self.give_up(str(trouble), at)
            except WrongSetting as trouble:
                self.try_again(at, str(trouble), pause=growing_pause(self.tries))
            except NotNow as trouble:
                if at - self.written_at > self.GIVE_UP_AFTER:
                    self.give_up(str(trouble), at)
                else:
                    self.try_again(at, str(trouble), pause=growing_pause(self.tries))
            else:
                words = " ".join(f"{who}: {why}" for who, why in refused.items())
                self._update(sent_at=at, due_at=None, trouble=words, refused={who: why.words for who, why in refused.items()})
        publish("conversation", self.conversation_id)
        publish("places", 0)

    @transaction.atomic
    def give_up(self, trouble: str, at: datetime) -> None:
        """It cannot be sent. The person waits again, and the conversation says why."""
        self._update(gave_up_at=at, due_at=None, trouble=trouble[:2000])
        self._they_still_wait(Activity.Kind.COULD_NOT_SEND, trouble, at)

    @transaction.atomic
    def bounced(self, bounce: Bounce, at: datetime) -> None:
        """A mail came back that says it did not arrive. For good, the person waits again; else it is only noted."""
        self._update(refused=self.refused | {bounce.recipient: bounce.reason}, trouble=bounce.reason[:2000] if bounce.permanent else self.trouble)
        if bounce.permanent:
            Address.objects.filter(email__iexact=bounce.recipient).update(cannot_be_reached_at=at)
            self._they_still_wait(Activity.Kind.BOUNCED, bounce.reason, at)

    def try_by_hand(self, at: datetime) -> None:
        """Try again now, whatever happened before."""
        if self.sent_at is None and self.taken_back_at is None:
            self._update(due_at=at, gave_up_at=None, trouble="", written_at=at)
            publish("delivery", self.pk)
            publish("conversation", self.conversation_id)

    def put_away(self, at: datetime) -> None:
        self._update(put_away_at=at, due_at=None)
        publish("places", 0)

    def as_reply(self) -> Reply:
        """What goes over the wire: the same bytes at every try."""
        message = self.message
        to, cc = (correspondents(message.addressed.get(name)) for name in ("to", "cc"))
        past, past_html = self._past()
        pictures = {f"/files/{a.pk}": f"cid:{a.pk}@{self.mailbox.address.rpartition('@')[2]}" for a in message.attachments.all() if a.inline}
        html = message.html
        for ours, cid in pictures.items():
            html = html.replace(f'"{ours}"', f'"{cid}"')
        raw = compose(
            Outgoing(
                from_=Correspondent(name=message.name, address=self.mailbox.address),
                to=tuple(to),
                cc=tuple(cc),
                subject=message.subject,
                text=message.text + past,
                html=html + past_html if html else "",
                message_id=message.message_id,
                in_reply_to=message.references[-1] if message.references else "",
                references=tuple(message.references),
                date=message.at,
                attachments=tuple(
                    MailAttachment(
                        name=a.name,
                        content_type=a.content_type,
                        data=files.read(a.digest),
                        content_id=f"{a.pk}@{self.mailbox.address.rpartition('@')[2]}" if a.inline else "",
                        inline=a.inline,
                    )
                    for a in message.attachments.order_by("id")
                ),
            )
        )
        return Reply(envelope_from=self.mailbox.address, recipients=tuple(one.address for one in (*to, *cc)), raw=raw)

    def _past(self) -> tuple[str, str]:
        """What they wrote last, quoted beneath, as text and as HTML."""
        last = self.conversation.messages.by_people().filter(at__lte=self.message.at).order_by("at", "id").last()
        if last and last.text:
            when = last.at.astimezone(_zone()).strftime("%Y-%m-%d %H:%M")
            head = _("On %(when)s, %(who)s wrote:") % {"when": when, "who": last.by}
            text = "\n\n" + quoted(last.text, last.by, when)
            html = f"<p>{escape(head)}</p><blockquote type=\"cite\">{linebreaks(escape(last.text))}</blockquote>"
            return text, html
        else:
            return "", ""

    def _they_still_wait(self, kind: str, about: str, at: datetime) -> None:
        conversation = Conversation.objects.select_for_update().get(pk=self.conversation_id)
        with Activity.of(conversation, kind, by=None, at=at, message=self.message, about=about[:500]):
            conversation.closed_at = None
            conversation.waiting_since = conversation.waiting_since or self.waited_since or self.written_at

    def _update(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        self.save(update_fields=list(values))


def _zone() -> Any:
    from touchline.desk.models.desk import Desk

    return Desk.get().zone
