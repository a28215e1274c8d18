"""Two conversations that are one: what was said in both stands in one of them, and every name of the other leads there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django.db import models, transaction

from touchline.desk.models.activity import Activity
from touchline.desk.models.blocker import Blocker, ConversationBlocker
from touchline.desk.models.message import Attachment, Message

if TYPE_CHECKING:
    from touchline.desk.models.conversation import Conversation
    from touchline.desk.models.teammate import Teammate


class CannotBeMerged(Exception):
    """A conversation into itself, or one that was merged already."""


class Merging:
    @transaction.atomic
    def merge(self, into: "Conversation", *, by: "Teammate | None", at: datetime) -> Activity:
        """It goes on in `into`: messages, deliveries, participants and what is in the way move there; drafts, where there is room.

        The ledger is left as it is: each blocker keeps its person, its events and its spells. What this conversation did before is
        told by its own activities, which stay. From now on its number, its reply address and the ids that we signed in it lead to
        `into`. The activity is one of `into`; undoing it moves back what still is where it went. Raises CannotBeMerged.
        """
        ours = cast("Conversation", self)
        locked = type(ours).objects.select_for_update().in_bulk(sorted([ours.pk, into.pk]))
        source, target = locked[ours.pk], locked[into.pk]
        if source == target or source.merged_into_id or target.merged_into_id:
            raise CannotBeMerged
        with Activity.of(target, Activity.Kind.MERGED, by=by, at=at, about=f"{source.number} ({source})") as activity:
            moved = source._go_over(target)
            moved["was"] = [_told(source.closed_at), _told(source.waiting_since), source.assignee_id]
            waits = [each.waiting_since for each in (source, target) if each.waiting_since]
            target.waiting_since = min(waits, default=None)
            target.closed_at = None if waits or not source.closed_at else target.closed_at
            target.assignee = target.assignee or source.assignee
            source.merged_into, source.merged_at = target, at
            source.waiting_since = source.assignee = None
            source.save()
        Activity.objects.filter(pk=activity.pk).update(after=activity.after | {"merged": source.pk, "moved": moved})
        target._unsaid()
        target.settle_blockers()
        source.settle_blockers()
        return activity

    @classmethod
    def bring_together(cls, message: Message, answer: Message | None) -> None:
        """`answer` answers this message, and came before it. Had it come after, it would be in this conversation: so it is now.

        Only a conversation that nobody of us has touched goes over, with nobody in it who takes no part here. What it raised is
        withdrawn as a duplicate: in the right order it would not have been raised.
        """
        if answer is None or answer.conversation_id == message.conversation_id or not answer.is_theirs or answer.automatic:
            return
        conversations = cast("type[Conversation]", cls).objects
        early, here = conversations.get(pk=answer.conversation_id), conversations.get(pk=message.conversation_id)
        touched = early.messages.exclude(kind=Message.Kind.THEIRS).exists() or early.activities.exists() or early.imported_at
        taking_part = {email.lower() for email in here.participants.recipients().values_list("email", flat=True)}
        taking_part |= {address.email.lower() for address in here.person.addresses.all()}
        writers = {email.lower() for email in early.messages.values_list("email", flat=True)}
        if not touched and early.listed_now and here.listed_now and writers <= taking_part:
            raised = list(Blocker.objects.filter(conversations=early, withdrawn_at=None, raised_at__isnull=False))
            activity = early.merge(here, by=None, at=message.at)
            for blocker in raised:
                key = activity.key(f"withdrawn-{blocker.pk}")
                blocker.withdraw(at=blocker.raised_at or message.at, why=Blocker.Why.DUPLICATE, key=key)
            Activity.objects.filter(pk=activity.pk).update(events=activity.events)

    @property
    def listed_now(self) -> bool:
        """Whether a list may show it, as `listed` asks of many."""
        conversation = cast("Conversation", self)
        return conversation.spam_at is None and conversation.merged_into_id is None

    @classmethod
    def take_apart(cls, activity: Activity) -> None:
        """Undo a merge, as part of undoing its activity: what still is where it went moves back. Call it within a transaction."""
        conversations = cast("type[Conversation]", cls).objects
        source = conversations.select_for_update().get(pk=activity.after["merged"])
        moved = activity.after["moved"]
        now_in = conversations.select_for_update().get(pk=source.target().pk)
        for noun, ids in _moving(moved):
            noun.filter(pk__in=ids, conversation=now_in).update(conversation=source)
        closed, waiting, assignee = moved["was"]
        source.closed_at, source.waiting_since = (datetime.fromisoformat(told) if told else None for told in (closed, waiting))
        source.assignee_id = assignee
        source.merged_into = source.merged_at = None
        source._unsaid()
        now_in._unsaid()
        for conversation in (source, now_in):
            conversation.settle_blockers()

    def _go_over(self, target: "Conversation") -> dict[str, Any]:
        """Move what is here to `target`, and say what was moved, by its ids."""
        source = cast("Conversation", self)
        there = {email.lower() for email in target.participants.values_list("email", flat=True)}
        written = set(target.drafts.values_list("teammate_id", "kind"))
        linked = set(ConversationBlocker.objects.filter(conversation=target).values_list("blocker_id", flat=True))
        moved: dict[str, Any] = {
            "messages": list(source.messages.values_list("pk", flat=True)),
            "attachments": list(source.attachments.exclude(message=None).values_list("pk", flat=True)),
            "deliveries": list(source.deliveries.values_list("pk", flat=True)),
            "participants": [each.pk for each in source.participants.all() if each.email.lower() not in there],
            "blockers": [
                each.pk for each in ConversationBlocker.objects.filter(conversation=source) if each.blocker_id not in linked
            ],
            "drafts": [each.pk for each in source.drafts.all() if (each.teammate_id, each.kind) not in written],
        }
        moved["attachments"] += list(Attachment.objects.filter(draft__in=moved["drafts"]).values_list("pk", flat=True))
        for noun, ids in _moving(moved):
            noun.filter(pk__in=ids).update(conversation=target)
        return moved


def _moving(moved: Mapping[str, Any]) -> Sequence[tuple[models.Manager[Any], list[int]]]:
    from touchline.desk.models.delivery import Delivery
    from touchline.desk.models.draft import Draft
    from touchline.desk.models.participant import Participant

    nouns: dict[str, models.Manager[Any]] = {
        "messages": Message.objects,
        "attachments": Attachment.objects,
        "deliveries": Delivery.objects,
        "participants": Participant.objects,
        "blockers": ConversationBlocker.objects,
        "drafts": Draft.objects,
    }
    return [(noun, moved[name]) for name, noun in nouns.items()]


def _told(at: datetime | None) -> str:
    return at.isoformat() if at else ""
