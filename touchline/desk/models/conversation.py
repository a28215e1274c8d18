"""What was said back and forth, with whom."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models, transaction
from django.utils.translation import gettext as _

from touchline.core.mail.automatic import Automatic, Kind
from touchline.core.mail.belonging import Choice, Clue, answered_ids, plain_subject
from touchline.core.mail.email import Correspondent, Email
from touchline.core.mail.fresh_words import FreshWords
from touchline.desk.live import publish
from touchline.desk.models.blocker import Blocker
from touchline.desk.models.conversation_belonging import Belonging
from touchline.desk.models.conversation_later import Later
from touchline.desk.models.conversation_merging import Merging
from touchline.desk.models.conversation_outcomes import Outcomes
from touchline.desk.models.conversation_sharing import Sharing
from touchline.desk.models.conversation_spam import Spam
from touchline.desk.models.conversation_telling import Telling
from touchline.desk.models.conversation_writing import Writing
from touchline.desk.models.inbound_email import InboundEmail
from touchline.desk.models.mailbox import Mailbox, our_addresses
from touchline.desk.models.message import Attachment, Message, MessageKey
from touchline.desk.models.person import Address, Person
from touchline.desk.models.row import Counter, Row, new_id
from touchline.desk.models.teammate import Teammate


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, teammate: Teammate) -> Self:
        return self.all()

    def listed(self) -> Self:
        """Those that a list may show: neither spam nor merged into another."""
        return self.filter(spam_at=None, merged_into=None)

    def spam(self) -> Self:
        """Those that one of us said are spam, the last said first."""
        return self.filter(spam_at__isnull=False).order_by("-spam_at", "-id")

    def open(self) -> Self:
        return self.filter(closed_at=None).listed()

    def waiting(self) -> Self:
        """The last word is theirs, and we have not closed it."""
        return self.filter(waiting_since__isnull=False)

    def with_teammate(self, teammate: Teammate) -> Self:
        return self.filter(assignee=teammate, closed_at=None).listed()

    def came_back(self) -> Self:
        """Their blocker was out of the way and is back."""
        return self.filter(came_back_at__isnull=False)

    def longest_first(self) -> Self:
        return self.order_by("waiting_since", "id")

    def newest_first(self) -> Self:
        return self.order_by("-latest_at", "-id")


class Conversation(Belonging, Writing, Later, Telling, Outcomes, Sharing, Merging, Spam, Row):
    MOST_COPIED: ClassVar = 50
    """Of one mail; whoever writes to more has a list, and we do not answer lists."""

    number = models.BigIntegerField(db_index=True)
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="conversations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="conversations")
    subject = models.TextField(blank=True)
    started_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True, help_text="since when the last word is theirs")
    came_back_at = models.DateTimeField(null=True, blank=True, help_text="since when a blocker that was moved is back")
    imported_at = models.DateTimeField(null=True, blank=True)
    assignee = models.ForeignKey(Teammate, on_delete=models.SET_NULL, null=True, blank=True, related_name="conversations")
    latest_message = models.BigIntegerField(default=0, help_text="the id of what was said last, notes included")
    latest_at = models.DateTimeField()
    latest_words = models.CharField(max_length=200, blank=True)
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged")
    merged_at = models.DateTimeField(null=True, blank=True)
    spam_at = models.DateTimeField(null=True, blank=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["waiting_since", "id"], condition=models.Q(waiting_since__isnull=False), name="conversation_waiting"
            ),
            models.Index(
                fields=["came_back_at", "id"], condition=models.Q(came_back_at__isnull=False), name="conversation_came_back"
            ),
            models.Index(fields=["-latest_at", "-id"], name="conversation_latest"),
            models.Index(fields=["-spam_at", "-id"], condition=models.Q(spam_at__isnull=False), name="conversation_spam"),
            models.Index(
                fields=["assignee", "-latest_at"], condition=models.Q(closed_at__isnull=True), name="conversation_with_teammate"
            ),
            models.Index(fields=["person", "-latest_at"], name="conversation_of_person"),
        ]

    def __str__(self) -> str:
        return self.subject or _("(no subject)")

    # How words come in

    @classmethod
    def start(
        cls, email: Email, words: FreshWords, *, inbound: InboundEmail, kept: Sequence[str], twin: Message | None = None
    ) -> Message:
        """A person writes about something new: a conversation, and the blocker that stands in their way."""
        at = inbound.received_at
        person = Person.who_writes(email.sender, at)
        conversation = cls.objects.create(
            id=new_id(at),
            number=Counter.take("conversation"),
            mailbox=inbound.mailbox,
            person=person,
            subject=plain_subject(email.subject) or email.subject,
            started_at=at,
            latest_at=at,
        )
        choice = Choice(thread=None, clue=Clue.NONE, because=_("They wrote about something new."), new_writer=False)
        message = conversation._message(email, words, inbound=inbound, kept=kept, choice=choice, twin=twin, person=person)
        conversation._take_part(email, at)
        conversation._heard(message)
        conversation.is_it_back(message)
        return message

    def is_it_back(self, message: Message) -> None:
        """They wrote about something new: or is it a blocker that was moved, and is back here?"""
        from touchline.desk.models.came_back_link import CameBackLink

        if self.blocker:
            CameBackLink.propose(message)

    def add(
        self,
        email: Email,
        words: FreshWords,
        how: Automatic,
        *,
        inbound: InboundEmail,
        kept: Sequence[str],
        choice: Choice,
        twin: Message | None = None,
    ) -> Message:
        """What came in belongs here. A person's words open the conversation; a machine's are only shown."""
        at = inbound.received_at
        conversation = Conversation.objects.select_for_update().get(pk=self.pk)
        if how.kind is Kind.HUMAN:
            person = Person.who_writes(email.sender, at)
            message = conversation._message(email, words, inbound=inbound, kept=kept, choice=choice, twin=twin, person=person)
            conversation._take_part(email, at, new_writer=choice.new_writer, known_only=choice.clue.is_weak)
            conversation._heard(message)
        else:
            message = conversation._message(
                email, words, inbound=inbound, kept=kept, choice=choice, twin=twin, person=None, automatic=how.kind.value
            )
            conversation._noted(message)
            if how.bounce and not choice.clue.is_weak:  # else anyone could say that mail to Nora does not arrive
                conversation._bounced(how, at)
        return message

    def _heard(self, message: Message) -> None:
        """A person wrote: we are asked, whatever the state of it was."""
        Address.wrote(message.email, at=message.at)
        self.hold_back(message)
        self.closed_at = None
        self.waiting_since = self.waiting_since or message.at
        self._noted(message)
        if (
            message.email.lower() not in self.asked_outside()
        ):  # they help us: it is not their blocker, nor theirs to say how it fares
            self._about_the_blocker(message)

    def _about_the_blocker(self, message: Message) -> None:
        blocker = self.blocker
        if blocker is None:
            Blocker.raise_(self, person=message.person or self.person, words=self.subject or message.excerpt[:80], at=message.at)
        elif blocker.moved_at and message.at >= blocker.moved_at:  # what came before it was moved cannot say how that went
            message.decided(Message.Outcome.ASKED)

    def _noted(self, message: Message) -> None:
        """It is the last thing said here now."""
        self.latest_message = message.pk
        if message.at >= self.latest_at or not self.latest_words:
            self.latest_at = message.at
            self.latest_words = message.excerpt
        self.save()
        self.tell()

    def tell(self) -> None:
        """Say to every open page that something here changed."""
        publish("conversation", self.pk)
        publish("places", 0)

    def _message(
        self,
        email: Email,
        words: FreshWords,
        *,
        inbound: InboundEmail,
        kept: Sequence[str],
        choice: Choice,
        twin: Message | None,
        person: Person | None,
        automatic: str = "",
    ) -> Message:
        because = choice.because
        if twin:
            because = _("Another mail with the same Message-ID and other words came before; both are kept.") + " " + because
        at = self._after_what_it_answers(email, inbound.received_at)
        message = Message.objects.create(
            id=max(new_id(at), self.latest_message + 1),  # in the order in which it was said here
            conversation=self,
            kind=Message.Kind.THEIRS,
            at=at,
            person=person,
            name=email.sender.name[:200],
            email=email.sender.address,
            subject=email.subject,
            text=words.new,
            rest=words.rest,
            has_html=bool(email.html),
            addressed=addressed(email),
            message_id=email.message_id,
            references=list(dict.fromkeys((*email.references, *email.in_reply_to)))[-40:],
            inbound=inbound,
            really_from=inbound.really_from,
            automatic=automatic,
            because=because,
            doubts=[*([inbound.note] if inbound.note else []), *(doubt.words for doubt in email.doubts)],
        )
        for attachment in attachments_of(email, message, kept):
            attachment.save()
        MessageKey.remember(message, inbound.mailbox)
        return message

    def _after_what_it_answers(self, email: Email, at: datetime) -> datetime:
        """When a mail came, and never before the reply that it answers had left: a mail server dates to the second, and clocks differ."""
        answered = self.deliveries.filter(message__message_id__in=answered_ids(email), released_at__gt=at)
        released = answered.order_by("-released_at").values_list("released_at", flat=True).first()
        return released + timedelta(microseconds=1) if released else at

    def _take_part(self, email: Email, at: datetime, *, new_writer: bool = False, known_only: bool = False) -> None:
        """Who wrote, and whom they copied, take part; a new writer gets nothing from us until a teammate adds them.

        Nor does whoever is copied where `known_only`: where nothing proves that it was not forged.
        """
        from touchline.desk.models.participant import Participant

        ours = our_addresses()
        Participant.join(self, email.sender, at=at, recipient=not new_writer)
        if not new_writer:
            for other in (*email.to, *email.cc)[: self.MOST_COPIED]:
                if other.address and other.address not in ours:
                    Participant.join(self, other, at=at, recipient=not known_only)

    def _bounced(self, how: Automatic, at: datetime) -> None:
        assert how.bounce
        failed = MessageKey.find(how.bounce.original_id, self.mailbox)
        sent = self.deliveries.filter(sent_at__isnull=False).order_by("-id")
        if failed:
            delivery = sent.filter(message=failed).first()
        else:
            delivery = next((one for one in sent[:20] if how.bounce.recipient.lower() in one.recipients()), None)
        if delivery:
            delivery.bounced(how.bounce, at)

    # What it is about

    @property
    def blocker(self) -> Blocker | None:
        """What stands in the way now: the newest that was raised here and not withdrawn."""
        return Blocker.objects.filter(conversations=self, raised_at__isnull=False, withdrawn_at=None).order_by("-id").first()

    @property
    def is_waiting(self) -> bool:
        return self.waiting_since is not None

    def latest(self) -> Message | None:
        """What was said last, notes included."""
        return self.messages.filter(pk=self.latest_message).first()

    @transaction.atomic
    def settle_blockers(self) -> None:
        """After an outcome changed: is something back that was out of the way?"""
        back = [
            blocker.came_back_at
            for blocker in Blocker.objects.filter(conversations=self, withdrawn_at=None)
            if blocker.came_back_at
        ]
        self.came_back_at = max(back, default=None)
        self.save(update_fields=["came_back_at"])
        self.tell()


def addressed(email: Email) -> dict[str, list[list[str]]]:
    def pairs(many: Iterable[Correspondent]) -> list[list[str]]:
        return [[one.name[:200], one.address] for one in many if one.address][:100]

    return {"from": pairs([email.sender]), "reply_to": pairs(email.reply_to), "to": pairs(email.to), "cc": pairs(email.cc)}


def attachments_of(email: Email, message: Message, kept: Sequence[str]) -> list[Attachment]:
    """The rows for the files of a mail, in its order; `kept` are the names under which their bytes are kept."""
    first = new_id(message.at)
    return [
        Attachment(
            id=first + place,
            conversation_id=message.conversation_id,
            message=message,
            name=attachment.name[:255],
            content_type=attachment.content_type[:255],
            size=len(attachment.data),
            digest=digest,
            content_id=attachment.content_id[:500],
            inline=attachment.inline,
        )
        for place, (attachment, digest) in enumerate(zip(email.attachments, kept, strict=True))
    ]
