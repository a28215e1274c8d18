"""What stands in this person's way stands in others', too: putting it with theirs, and writing to them as to all of those."""

from datetime import datetime
from typing import TYPE_CHECKING, cast

from django.db import transaction
from django.utils.translation import gettext as _

from touchline.core.mail.email import Correspondent
from touchline.core.mail.recipients import Chosen
from touchline.desk.live import publish
from touchline.desk.models.activity import Activity
from touchline.desk.models.conversation_outcomes import NothingInTheWay
from touchline.desk.models.message import Message, MessageKey, Words

if TYPE_CHECKING:
    from touchline.desk.models.blocker import Blocker
    from touchline.desk.models.conversation import Conversation
    from touchline.desk.models.person import Address
    from touchline.desk.models.shared_blocker import SharedBlocker
    from touchline.desk.models.teammate import Teammate


class Sharing:
    @transaction.atomic
    def others_have_this(self, shared: "SharedBlocker", *, by: "Teammate", at: datetime) -> Activity:
        """What is in the way here is what stands in others' way. It stays this person's own, with its own events."""
        conversation = cast("Conversation", self)._still()
        blocker = _of(conversation)
        with Activity.of(conversation, Activity.Kind.SHARED, by=by, at=at, blocker=blocker, about=shared.words) as activity:
            blocker.shared = shared
            blocker.save(update_fields=["shared"])
        shared.has_one_more(at=at)
        return activity

    @transaction.atomic
    def only_theirs(self, *, by: "Teammate", at: datetime) -> Activity:
        """It is something of its own after all."""
        conversation = cast("Conversation", self)._still()
        blocker = _of(conversation)
        about = blocker.shared.words if blocker.shared else ""
        with Activity.of(conversation, Activity.Kind.UNSHARED, by=by, at=at, blocker=blocker, about=about) as activity:
            blocker.shared = None
            blocker.save(update_fields=["shared"])
        return activity

    @transaction.atomic
    def write_once(
        self, words: Words, *, by: "Teammate", at: datetime, to: "Address", blocker: "Blocker", moved: bool, key: str
    ) -> Message:
        """Write to this one person alone, what is written to each of many. It leaves at once; with the same `key` it is written once.

        It goes out from the address they wrote to. With `moved`, `blocker` is out of their way as it leaves. Copies nobody.
        """
        from touchline.desk.models.delivery import Delivery

        conversation = cast("Conversation", self)._still()
        twice = conversation.sent_as(key)
        if twice:
            return twice
        answered = conversation.messages.by_people().filter(email__lower=to.email.lower()).order_by("at", "id").last()
        who = conversation.recipients(Chosen(to=(Correspondent(to.person.name, to.email),)))
        message = conversation._write(Message.Kind.OURS, words, by=by, at=at, draft=None)
        message.draft_key = key
        message.subject = _("Re: %(subject)s") % {"subject": conversation.subject}
        message.references = conversation._references()
        mailbox = conversation._address(message, who)
        message.addressed.pop("added", None)
        if reply_to := conversation._reply_to(who.from_):
            message.addressed["reply_to"] = [["", reply_to]]
        message.save()
        MessageKey.remember(message, mailbox)
        delivery = Delivery.objects.create(
            message=message,
            conversation=conversation,
            mailbox=mailbox,
            due_at=at,
            written_at=at,
            moves=moved,
            blocker=blocker,
            quotes=answered,
            waited_since=conversation.waiting_since,
        )
        conversation.waiting_since = None
        conversation._noted(message)
        conversation.hold_back(message)
        publish("delivery", delivery.pk)
        return message


def _of(conversation: "Conversation") -> "Blocker":
    blocker = conversation.blocker
    if blocker is None:
        raise NothingInTheWay
    else:
        return blocker
