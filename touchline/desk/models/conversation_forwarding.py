"""How a message goes further than a reply: passed on to somebody outside, or sent again after it did not arrive."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from django.utils.translation import gettext as _

from touchline.core.mail.forwarding import as_mail, name_alone, passed_on, unsigned
from touchline.core.mail.recipients import Chosen
from touchline.core.mail.subjects import plain_subject
from touchline.desk import files
from touchline.desk.models.desk import Desk
from touchline.desk.models.message import Attachment, Message, MessageKey, Words

if TYPE_CHECKING:
    from touchline.desk.models.conversation import Conversation
    from touchline.desk.models.draft import Draft
    from touchline.desk.models.teammate import Teammate


class OnlyForUs(Exception):
    """A note never leaves the house."""


class NothingToSendAgain(Exception):
    """It has arrived, or is still on its way, or goes again already."""


class Forwarding:
    @transaction.atomic
    def begin_forward(self, message: Message, *, by: "Teammate", at: datetime) -> "Draft":
        """A draft in which `by` passes this message on, with copies of its files. Raises OnlyForUs.

        Pictures from among the words, and mails, since they name addresses, are there and do not go along until they are ticked.
        """
        from touchline.desk.models.draft import Draft

        if message.is_note:
            raise OnlyForUs
        draft = Draft.of(cast("Conversation", self), by, at=at, kind=Draft.Kind.FORWARD)
        if draft.forwards_id != message.pk:
            draft.attachments.all().delete()
            copies = [(each, draft.attach_copy(each, inline=False)) for each in message.attachments.order_by("id")]
            draft.forwards = message
            draft.address(draft.chosen, without=[copy.pk for each, copy in copies if each.inline or each.is_mail])
        draft.kept_at = at
        draft.save(update_fields=["forwards", "kept_at"])
        return draft

    @transaction.atomic
    def forward(
        self,
        message: Message,
        words: Words,
        *,
        to: Chosen,
        by: "Teammate",
        at: datetime,
        attached: bool = False,
        draft: "Draft | None" = None,
    ) -> Message:
        """Pass a message on to somebody outside, with words or without. It is no reply: nobody waits the less, nothing moves.

        What goes along are the new words of the message, who wrote them (never from where) and the files that are ticked in the
        draft. `attached`: as a mail in a file, not quoted. What they answer comes back here, for the team alone: its id is
        signed, and they are no recipient of anything. Raises OnlyForUs and NobodyToWriteTo.
        """
        from touchline.desk.models.conversation_writing import NobodyToWriteTo
        from touchline.desk.models.delivery import Delivery

        conversation = cast("Conversation", self)._still()
        twice = draft and conversation.sent_as(draft.key)
        if twice:
            return twice
        if message.is_note:
            raise OnlyForUs
        who = conversation.outside(to)
        if not who:
            raise NobodyToWriteTo
        if draft:
            draft.attachments.filter(pk__in=draft.addressed.get("without", [])).delete()
        forward = conversation._write(Message.Kind.OURS, words, by=by, at=at, draft=draft, may_be_empty=True)
        subject = unsigned(plain_subject(message.subject or conversation.subject))
        forward.subject = _("Fwd: %(subject)s") % {"subject": subject}
        forward.forwards = message
        forward.resends = draft.resends if draft else None
        if attached:
            _attach_mail(forward, message, subject)
        else:
            forward.rest = as_passed_on(message)
        mailbox = conversation._address(forward, who)
        forward.addressed.pop("added", None)
        forward.save()
        MessageKey.remember(forward, mailbox)
        Delivery.objects.create(
            message=forward,
            conversation=conversation,
            mailbox=mailbox,
            due_at=at + Desk.get().take_back_for,
            written_at=at,
        )
        conversation._noted(forward)
        return forward

    def asked_outside(self) -> set[str]:
        """The addresses, in lower case, that something was passed on to from here and that take no part."""
        conversation = cast("Conversation", self)
        told = conversation.messages.said().exclude(forwards=None).values_list("addressed", flat=True)
        asked = {address.lower() for each in told for place in ("to", "cc", "bcc") for _name, address in each.get(place, [])}
        return asked - {one.email.lower() for one in conversation.participants.recipients()} if asked else set()

    @transaction.atomic
    def edit_again(self, message: Message, *, by: "Teammate", at: datetime) -> "Draft":
        """What did not arrive is in the box of `by` again, for those who do not have it. Raises NothingToSendAgain."""
        from touchline.desk.models.draft import Draft

        delivery = message.delivery
        if not message.is_ours or delivery is None or not delivery.can_go_again or message.sent_again():
            raise NothingToSendAgain
        kind = Draft.Kind.FORWARD if message.forwards_id else Draft.Kind.REPLY
        draft = Draft.of(cast("Conversation", self), by, at=at, kind=kind)
        if draft.resends_id != message.pk:
            html = message.html
            for each in message.attachments.order_by("id"):
                html = html.replace(f'"{each.address}"', f'"{draft.attach_copy(each, inline=each.inline).address}"')
            draft.put_before(message.text, html, at=at)
            draft.forwards, draft.resends = message.forwards, message
            draft.address(_still_without(message))
        draft.kept_at = at
        draft.save(update_fields=["forwards", "resends", "kept_at"])
        return draft


def as_passed_on(message: Message) -> str:
    """A message as it stands in a mail that passes it on: who wrote it, when, about what, and its new words."""
    told = [
        _("---------- Forwarded message ----------"),
        _("From: %(name)s") % {"name": whose_words(message)},
        _("Date: %(when)s") % {"when": _at(message).strftime("%Y-%m-%d %H:%M")},
        _("Subject: %(subject)s") % {"subject": unsigned(plain_subject(message.subject or message.conversation.subject))},
    ]
    return "\n".join([*told, "", passed_on(message.text)])


def whose_words(message: Message) -> str:
    return name_alone(message.name, _("someone who wrote to us"))


def _attach_mail(forward: Message, message: Message, subject: str) -> None:
    data = as_mail(whose_words(message), message.at, subject, message.text)
    Attachment.objects.create(
        conversation_id=forward.conversation_id,
        message=forward,
        name=f"{subject[:100] or _('message')}.eml",
        content_type="message/rfc822",
        size=len(data),
        digest=files.keep(data),
    )


def _still_without(message: Message) -> Chosen:
    """Those it was for who do not have it, in the places in which they were."""
    from touchline.desk.models.conversation_writing import correspondents

    have_it = set(message.got_by)
    to, cc, bcc = (
        tuple(one for one in correspondents(message.addressed.get(place)) if one.address.lower() not in have_it)
        for place in ("to", "cc", "bcc")
    )
    return Chosen(to, cc, bcc, message.addressed["from"][0][1])


def _at(message: Message) -> datetime:
    zone: Any = Desk.get().zone
    return message.at.astimezone(zone)
