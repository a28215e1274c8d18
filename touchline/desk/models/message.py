"""Words to or from a person, or between us; and the files that came with them."""

from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from touchline.core.mail.safe_html import html_as_text, safe_words
from touchline.desk.models.inbound_email import digest_of_id
from touchline.desk.models.row import Row

if TYPE_CHECKING:
    from collections.abc import Collection

    from touchline.desk.models.delivery import Delivery


class Words(NamedTuple):
    """What a teammate wrote: always as text, and with its form where there is one (clean HTML)."""

    text: str
    html: str = ""

    @classmethod
    def plain(cls, text: str) -> "Words":
        return cls(text.replace("\r\n", "\n").strip())

    @classmethod
    def rich(cls, html: str) -> "Words":
        """From our editor's HTML; cleaned, whatever it holds."""
        clean = safe_words(html)
        return cls(html_as_text(clean).strip(), clean)

    def with_pictures(self, addresses: "Collection[str]") -> "Words":
        """The same words with no other pictures than these."""
        return Words(self.text, safe_words(self.html, pictures=addresses)) if "<img" in self.html else self

    def __bool__(self) -> bool:
        return bool(self.text) or "<img" in self.html


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, teammate: Any) -> Self:
        return self.all()

    def said(self) -> Self:
        """What was said, in the order in which it was said; what was taken back is not among it."""
        return self.filter(taken_back_at=None).order_by("at", "id")

    def by_somebody(self) -> Self:
        """All but what the desk told them by itself."""
        return self.exclude(models.Q(kind=Message.Kind.OURS) & ~models.Q(automatic=""))

    def theirs(self) -> Self:
        return self.filter(kind=Message.Kind.THEIRS)

    def by_people(self) -> Self:
        """Written by a person we help, not by a machine in their name."""
        return self.theirs().filter(automatic="")


class Message(Row):
    class Kind(models.TextChoices):
        THEIRS = "theirs", _("from a person")
        OURS = "ours", _("from us")
        NOTE = "note", _("only the team sees this")

    class Outcome(models.TextChoices):
        """What a person's words after a blocker was moved turned out to mean."""

        ASKED = "asked", _("to be decided")
        WORKS = "works", _("it works")
        BACK = "back", _("it is back")
        NEW = "new", _("something new")
        THANKS = "thanks", _("a thank-you")

    conversation = models.ForeignKey("desk.Conversation", on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    person = models.ForeignKey("desk.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="messages")
    teammate = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, null=True, blank=True, related_name="messages")
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=320, blank=True)
    subject = models.TextField(blank=True)
    text = models.TextField(blank=True, help_text="the new words")
    rest = models.TextField(blank=True, help_text="the quoted past and the signature, folded")
    html = models.TextField(blank=True, help_text="our own words with their form; a stranger's HTML stays in the raw mail")
    has_html = models.BooleanField(default=False)
    signature = models.TextField(blank=True, help_text="what stands beneath our words, as it went out with them")
    signature_html = models.TextField(blank=True)
    addressed = models.JSONField(default=dict, help_text="from, reply_to, to and cc: lists of [name, address]")
    message_id = models.TextField(blank=True)
    references = models.JSONField(default=list)
    inbound = models.ForeignKey("desk.InboundEmail", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    automatic = models.CharField(max_length=20, blank=True, help_text="auto_reply, bounce or list, where no person wrote it")
    because = models.TextField(blank=True, help_text="why it is in this conversation")
    doubts = models.JSONField(default=list, help_text="what was guessed on reading it, in sentences")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    draft_key = models.CharField(
        max_length=40, blank=True, help_text="of the draft it was, so that sending twice is sending once"
    )
    taken_back_at = models.DateTimeField(null=True, blank=True)
    really_from = models.JSONField(default=dict, help_text="what was checked of its sender: verdict, domain, how, words")
    sent_from = models.CharField(
        max_length=320, blank=True, help_text="the address of ours that it goes out from, where it is no mailbox's own"
    )
    forwards = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="what it passes on to someone outside",
    )
    resends = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="the message that it takes the place of",
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["conversation", "at", "id"], name="message_in_conversation")]

    @property
    def is_one_of_many(self) -> bool:
        """Written once to everyone in whose way the same thing stood."""
        return self.draft_key.startswith("once:")

    @property
    def is_note(self) -> bool:
        return self.kind == self.Kind.NOTE

    @property
    def is_theirs(self) -> bool:
        return self.kind == self.Kind.THEIRS

    @property
    def is_ours(self) -> bool:
        return self.kind == self.Kind.OURS

    @property
    def is_automatic(self) -> bool:
        """No person wrote it: a machine of theirs, or the desk itself."""
        return bool(self.automatic)

    @property
    def asks(self) -> bool:
        """With it the desk asks whether it worked."""
        return self.automatic == "check_in"

    @property
    def to_decide(self) -> bool:
        """A teammate has still to say what it means for the blocker that was moved."""
        return self.outcome == self.Outcome.ASKED

    @property
    def signed(self) -> Words:
        """The signature that went out beneath our words."""
        return Words(self.signature, self.signature_html)

    @property
    def by(self) -> str:
        return self.name or self.email

    @property
    def excerpt(self) -> str:
        return " ".join(self.text.split())[:200]

    @property
    def delivery(self) -> "Delivery | None":
        return self.deliveries.order_by("id").last()

    @property
    def got_by(self) -> list[str]:
        """The addresses that have it, as far as their servers told: none before it was sent."""
        delivery = self.delivery
        if delivery is None or not (delivery.sent_at or delivery.still_to):
            return []
        missed = {address.lower() for address in (*delivery.refused, *delivery.still_to)}
        return [address for address in delivery.recipients() if address not in missed]

    def sent_again(self) -> "Message | None":
        """The message that took the place of this one, which did not arrive."""
        return Message.objects.filter(conversation_id=self.conversation_id, resends=self, taken_back_at=None).first()

    def says_the_same(self, subject: str, new: str, rest: str) -> bool:
        return (self.subject, self.text, self.rest) == (subject, new, rest)

    def decided(self, outcome: str) -> None:
        """What these words mean for the blocker, one of Outcome; "" where that is nobody's question."""
        self.outcome = outcome
        self.save(update_fields=["outcome"])


class MessageKey(Row):
    """Which Message-IDs we have, by mailbox, and which are only spoken of: what makes threading a lookup."""

    digest = models.CharField(max_length=64)
    mailbox = models.ForeignKey("desk.Mailbox", on_delete=models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    spoken_of = models.BooleanField(default=False, help_text="the message answers it; the mail that bears it has not come")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "mailbox"], name="a_message_id_is_one_message_a_mailbox")]

    @classmethod
    def find(cls, message_id: str, mailbox: Any) -> Message | None:
        key = (
            cls.objects.select_related("message")
            .filter(digest=digest_of_id(message_id), mailbox=mailbox, spoken_of=False)
            .first()
        )
        return key.message if key else None

    @classmethod
    def answer_to(cls, message_id: str, mailbox: Any) -> Message | None:
        """What answers a mail that has not come yet; None where nothing speaks of it, or it has come."""
        digest = digest_of_id(message_id)
        key = cls.objects.select_related("message").filter(digest=digest, mailbox=mailbox, spoken_of=True).first()
        return key.message if key else None

    @classmethod
    def remember(cls, message: Message, mailbox: Any) -> None:
        """The first message with this id keeps it; another with other words stays beside it. What it answers is spoken of from now on."""
        digest = digest_of_id(message.message_id)
        key, _new = cls.objects.get_or_create(digest=digest, mailbox=mailbox, defaults={"message": message})
        if key.spoken_of:
            cls.objects.filter(pk=key.pk, spoken_of=True).update(message=message, spoken_of=False)
        spoken_of = {digest_of_id(id) for id in message.references} - {digest}
        named = [MessageKey(digest=each, mailbox=mailbox, message=message, spoken_of=True) for each in spoken_of]
        MessageKey.objects.bulk_create(named, ignore_conflicts=True)


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, teammate: Any) -> Self:
        return self.filter(models.Q(draft=None) | models.Q(draft__teammate=teammate))

    def listed(self) -> Self:
        """Those shown as files; pictures that stand in the words are not."""
        return self.filter(inline=False)


class Attachment(Row):
    conversation = models.ForeignKey("desk.Conversation", on_delete=models.PROTECT, related_name="attachments")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, null=True, blank=True, related_name="attachments")
    draft = models.ForeignKey("desk.Draft", on_delete=models.CASCADE, null=True, blank=True, related_name="attachments")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=255, default="application/octet-stream")
    size = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    content_id = models.CharField(max_length=500, blank=True)
    inline = models.BooleanField(default=False)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["digest"], name="attachment_by_its_bytes")]

    @property
    def address(self) -> str:
        """What a picture is called by the words in which it stands."""
        return f"/files/{self.pk}"

    @property
    def is_mail(self) -> bool:
        """A mail in a file: it names addresses, whatever is cut from the words around it."""
        return self.content_type == "message/rfc822" or self.name.lower().endswith((".eml", ".msg", ".mbox"))

    @property
    def is_picture(self) -> bool:
        """A picture that a browser may show in place: of a kind that can hold no script."""
        return self.content_type in ("image/png", "image/jpeg", "image/gif", "image/webp")
