"""Replies that leave later: at a time that their writer chose, and not over the head of anyone who wrote meanwhile."""

from datetime import datetime
from typing import TYPE_CHECKING, cast

from django.db import transaction
from django.utils.translation import gettext as _

from touchline.desk.live import publish
from touchline.desk.models.activity import Activity
from touchline.desk.models.message import Message

if TYPE_CHECKING:
    from touchline.desk.models.conversation import Conversation
    from touchline.desk.models.delivery import Delivery
    from touchline.desk.models.teammate import Teammate


class Later:
    @transaction.atomic
    def send_later(self, message: Message, *, leaves: datetime, at: datetime) -> None:
        """Another time for what waits to leave; one that is over means now. Raises TooLate once it has left."""
        conversation = cast("Conversation", self)._still()  # so that it does not leave meanwhile
        delivery = conversation._waiting_to_leave(message)
        delivery.send_at = max(leaves, at)
        delivery.due_at = delivery.send_at
        delivery.save(update_fields=["send_at", "due_at"])
        publish("delivery", delivery.pk)
        conversation.tell()

    def _waiting_to_leave(self, message: Message) -> "Delivery":
        from touchline.desk.models.conversation_writing import TooLate
        from touchline.desk.models.delivery import Delivery

        delivery: Delivery | None = (
            Delivery.objects.select_for_update().filter(message=message, released_at=None, taken_back_at=None).first()
        )
        if delivery is None or delivery.send_at is None:
            raise TooLate
        return delivery

    def hold_back(self, wrote: Message) -> None:
        """Somebody wrote before it left: a reply that was to leave later is in its writer's box again, and they are told.

        It holds for what `wrote` is if the person wrote, or a colleague of the writer. Call it within a transaction, on the
        conversation that is locked.
        """
        from touchline.desk.models.delivery import Delivery
        from touchline.desk.models.draft import Draft

        conversation = cast("Conversation", self)
        waiting = Delivery.objects.select_for_update(of=("self",)).filter(
            conversation=conversation, send_at__isnull=False, unless_they_write=True, released_at=None, taken_back_at=None
        )
        for delivery in waiting.exclude(message=wrote).select_related("message__teammate"):
            held, by = delivery.message, delivery.message.teammate
            assert by
            if wrote.is_ours and wrote.teammate_id == by.pk:
                continue  # they know what they wrote, and when the other leaves
            with Activity.of(conversation, Activity.Kind.HELD, by=None, at=wrote.at, message=held, about=by.name):
                delivery.held_at = delivery.taken_back_at = held.taken_back_at = wrote.at
                delivery.due_at = None
                delivery.save(update_fields=["held_at", "taken_back_at", "due_at"])
                held.save(update_fields=["taken_back_at"])
                kind = Draft.Kind.FORWARD if held.forwards_id else Draft.Kind.REPLY
                draft = Draft.of(conversation, by, at=wrote.at, kind=kind)
                draft.take_in(held, at=wrote.at)
                draft.address_as(held)
            self._tell_of_held(by, wrote)

    def _tell_of_held(self, by: "Teammate", wrote: Message) -> None:
        from touchline.desk.models.notice import Notice

        conversation = cast("Conversation", self)
        named = {"who": wrote.by, "about": str(conversation), "number": conversation.number}
        subject = _("Not sent yet: %(about)s") % named
        words = _(
            "%(who)s wrote in “%(about)s” (number %(number)d) before your reply left, so it was not sent.\n\n"
            "Your words are in the box of that conversation again."
        )
        Notice.write(by.email, subject, words % named, at=wrote.at)
