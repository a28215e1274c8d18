"""How a teammate writes in a conversation: replies, notes, and taking a reply back."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, cast

from django.db import transaction
from django.utils.translation import gettext as _

from touchline.core.mail.belonging import sign_message_id
from touchline.core.mail.email import Correspondent
from touchline.desk.keys import signing_keys
from touchline.desk.models.conversation_outcomes import NothingInTheWay
from touchline.desk.models.mailbox import our_addresses
from touchline.desk.models.message import Attachment, Message, MessageKey, Words
from touchline.desk.models.row import new_id

if TYPE_CHECKING:
    from touchline.desk.models.conversation import Conversation
    from touchline.desk.models.draft import Draft
    from touchline.desk.models.teammate import Teammate


class SomethingNew(Exception):
    """Someone wrote here since you last looked: `said` is what they said."""

    def __init__(self, said: list[Message]) -> None:
        super().__init__(_("Something was said here since you last looked."))
        self.said = said


class NobodyToWriteTo(Exception):
    """There is no address in this conversation that may get a reply."""


class NothingWritten(Exception):
    """An empty reply or note."""


class TooLate(Exception):
    """The reply has left; it can no longer be taken back."""


class Recipients(NamedTuple):
    to: list[Correspondent]
    cc: list[Correspondent]

    def __bool__(self) -> bool:
        return bool(self.to)


class Writing:
    TIME_TO_TAKE_BACK: ClassVar = timedelta(seconds=10)

    @transaction.atomic
    def reply(
        self,
        words: Words,
        *,
        by: "Teammate",
        at: datetime,
        seen: Message | None,
        moved: bool = False,
        draft: "Draft | None" = None,
    ) -> Message:
        """Write back, as `by`. The message leaves when its delivery is due; until then it can be taken back.

        `seen` is the last message that `by` had in front of them. If anything was said after it, nothing is sent and
        `SomethingNew` carries what was said: nobody answers over a colleague's head. `moved`: the blocker is out of
        the way with this, once the reply has left; NothingInTheWay where there is none. A draft that was sent already is
        not sent again. Raises NobodyToWriteTo and NothingWritten too.
        """
        from touchline.desk.models.delivery import Delivery

        conversation = self._still()
        twice = draft and conversation.sent_as(draft.key)
        if twice:
            return twice
        conversation._nothing_new(seen)
        answered = conversation._answered()
        recipients = conversation.recipients()
        blocker = conversation.blocker
        if not recipients:
            raise NobodyToWriteTo
        if moved and blocker is None:
            raise NothingInTheWay
        message = conversation._write(Message.Kind.OURS, words, by=by, at=at, draft=draft)
        message.addressed = {
            "from": [[by.name, conversation.mailbox.address]],
            "to": [[one.name, one.address] for one in recipients.to],
            "cc": [[one.name, one.address] for one in recipients.cc],
        }
        domain = conversation.mailbox.address.rpartition("@")[2]
        message.message_id = sign_message_id(conversation.pk, unique=f"{message.pk:x}", domain=domain, key=signing_keys()[0])
        message.subject = _("Re: %(subject)s") % {"subject": conversation.subject}
        message.references = conversation._references()
        message.save()
        MessageKey.remember(message, conversation.mailbox)
        Delivery.objects.create(
            message=message,
            conversation=conversation,
            mailbox=conversation.mailbox,
            due_at=at + self.TIME_TO_TAKE_BACK,
            written_at=at,
            moves=moved,
            blocker=blocker,
            quotes=answered,
            waited_since=conversation.waiting_since,
        )
        conversation.waiting_since = None
        conversation._noted(message)
        return message

    @transaction.atomic
    def note(self, words: Words, *, by: "Teammate", at: datetime, draft: "Draft | None" = None) -> Message:
        """Words that only the team sees. They change nothing about who waits."""
        conversation = self._still()
        twice = draft and conversation.sent_as(draft.key)
        if twice:
            return twice
        message = conversation._write(Message.Kind.NOTE, words, by=by, at=at, draft=draft)
        conversation._noted(message)
        return message

    @transaction.atomic
    def take_back(self, message: Message, *, by: "Teammate", at: datetime) -> "Draft":
        """The reply does not leave, and its words are a draft again. Raises TooLate once it is on its way, and of what never waited."""
        from touchline.desk.models.delivery import Delivery
        from touchline.desk.models.draft import Draft

        conversation = self._still()
        delivery = Delivery.objects.select_for_update().filter(message=message).first()
        if delivery is None or delivery.released_at:
            raise TooLate
        draft = Draft.of(conversation, message.teammate or by, at=at)
        if delivery.taken_back_at is None:
            delivery.taken_back_at = message.taken_back_at = at
            delivery.due_at = None
            delivery.save(update_fields=["taken_back_at", "due_at"])
            message.save(update_fields=["taken_back_at"])
            draft.take_in(message, at=at)
            conversation.waiting_since = conversation.waiting_since or delivery.waited_since
            conversation._unsaid()
        return draft

    def recipients(self) -> Recipients:
        """Who gets a reply: whoever wrote last and takes part; copied are the others who do. Never an address of ours.

        One who asked for answers elsewhere (Reply-To) is answered there, and only there.
        """
        conversation = cast("Conversation", self)
        ours = our_addresses()
        taking_part = {
            p.email.lower(): p.as_correspondent() for p in conversation.participants.recipients() if p.email not in ours
        }
        last = conversation._answered()
        if last and (elsewhere := [one for one in correspondents(last.addressed.get("reply_to")) if one.address not in ours]):
            to = elsewhere
        elif last:
            to = [taking_part[last.email.lower()]]
        else:
            to = list(taking_part.values())[:1]
        known = {one.address.lower() for one in to} | ({last.email.lower()} if last else set())
        return Recipients(to, [one for address, one in taking_part.items() if address not in known])

    def _answered(self) -> Message | None:
        """What a reply answers: the last words of somebody who gets it."""
        conversation = cast("Conversation", self)
        ours = our_addresses()
        taking_part = [p.email for p in conversation.participants.recipients() if p.email not in ours]
        return conversation.messages.by_people().filter(email__in=taking_part).order_by("at", "id").last()

    def _still(self) -> "Conversation":
        """This conversation, as it is now, and until we are done."""
        return type(cast("Conversation", self)).objects.select_for_update().get(pk=cast("Conversation", self).pk)

    def sent_as(self, draft_key: str) -> Message | None:
        """The message that the draft with this key became; None where it was not sent, or was taken back."""
        return cast("Conversation", self).messages.filter(draft_key=draft_key, taken_back_at=None).first() if draft_key else None

    def _nothing_new(self, seen: Message | None) -> None:
        since = cast("Conversation", self).messages.said().filter(id__gt=seen.pk if seen else 0)
        if since:
            raise SomethingNew(list(since))

    def _unsaid(self) -> None:
        """Something was taken back: what was said last is what came before it."""
        conversation = cast("Conversation", self)
        said = conversation.messages.said()
        last, newest = said.last(), said.order_by("id").last()
        conversation.latest_message = newest.pk if newest else 0
        conversation.latest_at = last.at if last else conversation.started_at
        conversation.latest_words = last.excerpt if last else ""
        conversation.save()
        conversation.tell()

    def _write(self, kind: str, words: Words, *, by: "Teammate", at: datetime, draft: "Draft | None") -> Message:
        conversation = cast("Conversation", self)
        words = words.with_pictures(draft.pictures() if draft else ())
        if draft:
            draft.forget_pictures(words.html)
        attached: Any = draft.attachments.all() if draft else Attachment.objects.none()
        if not words and not attached:
            raise NothingWritten
        message = Message.objects.create(
            id=max(new_id(at), conversation.latest_message + 1),
            conversation=conversation,
            kind=kind,
            at=at,
            teammate=by,
            name=by.name,
            text=words.text,
            html=words.html,
            has_html=bool(words.html),
            draft_key=draft.key if draft else "",
        )
        if draft:
            attached.update(message=message, draft=None)
            draft.delete()
        return message

    def _references(self) -> list[str]:
        """The ids of what was said, the first and the last ten: what threads in every mail client. Newest last."""
        said = cast("Conversation", self).messages.said().exclude(message_id="").filter(automatic="")
        ids = list(said.values_list("message_id", flat=True))
        return ids if len(ids) <= 11 else [ids[0], *ids[-10:]]


def correspondents(pairs: list[list[str]] | None) -> list[Correspondent]:
    return [Correspondent(name=name, address=address) for name, address in pairs or []]
