"""Words not yet said: kept for the one who writes them, whatever happens to the browser."""

import secrets
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.html import linebreaks

from touchline.core.mail.email import Correspondent
from touchline.core.mail.recipients import Chosen
from touchline.core.mail.safe_html import safe_words
from touchline.desk import files
from touchline.desk.models.conversation import Conversation
from touchline.desk.models.message import Attachment, Message
from touchline.desk.models.row import Row, new_id
from touchline.desk.models.teammate import Teammate


def new_key() -> str:
    return secrets.token_urlsafe(16)


class Draft(Row):
    """A reply that is being written, or a note: each has its own words and files, and neither ever becomes the other."""

    class Kind(models.TextChoices):
        REPLY = "reply"
        NOTE = "note"
        FORWARD = "forward"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="drafts")
    teammate = models.ForeignKey(Teammate, on_delete=models.CASCADE, related_name="drafts")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.REPLY)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    key = models.CharField(
        max_length=40, default=new_key, help_text="goes with the message, so that sending twice is sending once"
    )
    kept_at = models.DateTimeField()
    addressed = models.JSONField(
        default=dict, help_text="to, cc and bcc as the writer chose them; empty: as the conversation has them"
    )
    forwards = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    resends = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    send_at = models.DateTimeField(null=True, blank=True)
    unless_they_write = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "teammate", "kind"], name="a_teammate_has_one_reply_and_one_note_in_the_making"
            )
        ]

    @classmethod
    def of(cls, conversation: Conversation, teammate: Teammate, *, at: datetime, kind: str = Kind.REPLY) -> "Draft":
        """Their draft of this kind here; an empty one where there is none yet."""
        whose = {"conversation": conversation, "teammate": teammate, "kind": cls.Kind(kind)}
        draft, _new = cls.objects.get_or_create(**whose, defaults={"kept_at": at})
        return draft

    def keep(self, *, text: str, html: str, at: datetime) -> None:
        """Keep its words as they are now. A draft that was sent meanwhile stays sent: it does not come back to life."""
        self.text = text
        self.html = safe_words(html, pictures=self.pictures()) if html else ""
        self.kept_at = at
        Draft.objects.filter(pk=self.pk).update(text=self.text, html=self.html, kept_at=self.kept_at)

    def take_in(self, message: Message, *, at: datetime) -> None:
        """The words and files of a reply that was taken back, and when it was to leave, before what was written here since."""
        message.attachments.update(message=None, draft=self)
        delivery = message.delivery
        if delivery and delivery.send_at:
            self.send_at, self.unless_they_write = delivery.send_at, delivery.unless_they_write
            self.save(update_fields=["send_at", "unless_they_write"])
        self.put_before(message.text, message.html, at=at)

    def put_before(self, text: str, html: str, *, at: datetime) -> None:
        """These words, before what was written here since."""
        both = [(text, html), (self.text, self.html)]
        rich = "".join(html or linebreaks(text, autoescape=True) for text, html in both if html or text)
        plain = "\n\n".join(text for text, _html in both if text)
        self.keep(text=plain, html=rich if html or self.html else "", at=at)

    @property
    def chosen(self) -> Chosen | None:
        """Who gets it, as its writer chose; None where they left that to the conversation."""
        if {"to", "cc", "bcc"} & self.addressed.keys():
            to, cc, bcc = (
                tuple(Correspondent(name=name, address=address) for name, address in self.addressed.get(place, []))
                for place in ("to", "cc", "bcc")
            )
            return Chosen(to, cc, bcc, self.addressed.get("from", ""))
        else:
            return None

    def address(self, chosen: Chosen | None, **more: Any) -> None:
        """Keep who is to get it; None: whoever the conversation says. `more` stands beside it."""
        self.addressed = more
        if chosen:
            named = {"to": chosen.to, "cc": chosen.cc, "bcc": chosen.bcc}
            self.addressed |= {place: [[one.name, one.address] for one in many] for place, many in named.items()}
            self.addressed["from"] = chosen.from_
        Draft.objects.filter(pk=self.pk).update(addressed=self.addressed)

    def address_as(self, message: Message) -> None:
        """To whom a message of ours went that was taken back; what was chosen here since stays."""
        sent_to = {place: message.addressed.get(place, []) for place in ("to", "cc", "bcc")}
        by_itself = self.conversation.recipients()
        if not self.addressed and sent_to != {
            place: [[one.name, one.address] for one in getattr(by_itself, place)] for place in sent_to
        }:
            self.addressed = sent_to | {"from": message.addressed["from"][0][1]}
        self.forwards, self.resends = self.forwards or message.forwards, self.resends or message.resends
        self.save(update_fields=["addressed", "forwards", "resends"])

    def attach(self, name: str, content_type: str, data: bytes, *, inline: bool = False) -> Attachment:
        """A file that will go with it."""
        digest = files.keep(data)
        attachment = Attachment(
            conversation=self.conversation,
            draft=self,
            name=name[:255],
            content_type=content_type[:255],
            size=len(data),
            digest=digest,
            inline=inline,
        )
        attachment.inline = inline and attachment.is_picture
        attachment.save()
        return attachment

    def attach_copy(self, attachment: Attachment, *, inline: bool) -> Attachment:
        """A file that a message has, here too. Its bytes are kept once."""
        copy = Attachment(conversation=self.conversation, draft=self, inline=inline)
        for name in ("name", "content_type", "size", "digest"):
            setattr(copy, name, getattr(attachment, name))
        copy.save()
        return copy

    def pictures(self) -> set[str]:
        """The addresses of the pictures that may stand in its words: its own, and none of another's."""
        return {picture.address for picture in self.attachments.filter(inline=True)}

    def forget_pictures(self, html: str, *, older_than: datetime | None = None) -> None:
        """Those that do not stand in these words; with `older_than` only what came before: what was cut may be pasted again."""
        pictures = self.attachments.filter(inline=True)
        for picture in pictures.filter(pk__lt=new_id(older_than)) if older_than else pictures:
            if f'"{picture.address}"' not in html:
                picture.delete()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was begun here: no words, no files, nobody chosen, nothing to pass on."""
        begun = self.text.strip() or self.html or self.forwards_id or (self.addressed and not self.resends_id)
        return not begun and not self.attachments.exists()


class Presence(Row):
    """Who reads and who writes here, and what they have seen: one row a teammate and conversation."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="presences")
    teammate = models.ForeignKey(Teammate, on_delete=models.CASCADE, related_name="+")
    seen_message = models.BigIntegerField(default=0)
    reading_at = models.DateTimeField(null=True, blank=True)
    writing_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "teammate"], name="a_teammate_is_in_a_conversation_once")]

    @classmethod
    def touch(cls, conversation: Conversation, teammate: Teammate, **values: Any) -> "Presence":
        presence, _new = cls.objects.update_or_create(conversation=conversation, teammate=teammate, defaults=values)
        return presence
