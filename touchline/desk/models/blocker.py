"""What stands in a person's way."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from touchline.core.impact.events import Kind
from touchline.core.impact.events import OutcomeEvent as Value
from touchline.core.impact.people import standing
from touchline.core.impact.spells import Spell as SpellValue
from touchline.core.impact.spells import spells
from touchline.desk.models.outcome_event import OutcomeEvent
from touchline.desk.models.row import Row
from touchline.desk.models.spell import Spell

if TYPE_CHECKING:
    from touchline.desk.models.conversation import Conversation
    from touchline.desk.models.person import Person
    from touchline.desk.models.teammate import Teammate
    from touchline.desk.models.topic import Topic


class BlockerQuerySet(models.QuerySet["Blocker"]):
    def visible_to(self, teammate: Any) -> Self:
        return self.all()


class Blocker(Row):
    class Why(models.TextChoices):
        THANKS = "thanks", _("a mere thank-you")
        SPAM = "spam", _("spam")
        DUPLICATE = "duplicate", _("a duplicate")
        OTHER = "other", _("nothing stood in the way")

    person = models.ForeignKey("desk.Person", on_delete=models.PROTECT, related_name="blockers")
    mailbox = models.ForeignKey("desk.Mailbox", on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=200, help_text="what is in the way, in a few words")
    topic = models.CharField(max_length=60, blank=True)
    shared = models.ForeignKey("desk.SharedBlocker", on_delete=models.SET_NULL, null=True, blank=True, related_name="blockers")
    conversations = models.ManyToManyField("desk.Conversation", through="desk.ConversationBlocker", related_name="blockers")

    # Worked out from its events, never set by hand.
    raised_at = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField(null=True, blank=True, help_text="since when it is out of the way; empty while it is not")
    came_back_at = models.DateTimeField(null=True, blank=True, help_text="since when it is back, after it had been moved")
    confirmed_at = models.DateTimeField(null=True, blank=True, help_text="when they said that it works, of the spell that stands")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = BlockerQuerySet.as_manager()

    def __str__(self) -> str:
        return self.words

    @classmethod
    def raise_(cls, conversation: "Conversation", *, person: "Person", words: str, at: datetime, key: str = "") -> "Blocker":
        """A person asks for help with this, in this conversation."""
        blocker = cls.objects.create(person=person, mailbox=conversation.mailbox, words=words[:200])
        ConversationBlocker.objects.create(conversation=conversation, blocker=blocker)
        OutcomeEvent.record(
            Kind.RAISED, key=key or f"raised:{blocker.pk}", at=at, blocker=blocker, person=person, mailbox=conversation.mailbox
        )
        return blocker

    def move(self, *, by: "Teammate", at: datetime, key: str) -> None:
        OutcomeEvent.record(Kind.MOVED, key=key, at=at, blocker=self, by=by)

    def took_part(self, *, by: "Teammate", how: str, at: datetime, key: str) -> None:
        OutcomeEvent.record(Kind.TOOK_PART, key=key, at=at, blocker=self, by=by, how=how)

    def confirm(self, *, at: datetime, source: str, key: str) -> None:
        OutcomeEvent.record(Kind.CONFIRMED, key=key, at=at, blocker=self, source=source)

    def observe(self, event: str, *, at: datetime, key: str) -> None:
        OutcomeEvent.record(Kind.OBSERVED, key=key, at=at, blocker=self, event=event)

    def come_back(self, *, at: datetime, source: str, key: str) -> None:
        was_moved = self.moved_at
        OutcomeEvent.record(Kind.RETURNED, key=key, at=at, blocker=self, source=source)
        if was_moved and self.shared:
            self.shared.came_back(at=at)

    def withdraw(self, *, at: datetime, why: str, key: str) -> None:
        OutcomeEvent.record(Kind.WITHDRAWN, key=key, at=at, blocker=self, why=why)

    def is_about(self, topic: "Topic | None") -> None:
        """What it is about: by this it is grouped, now and in the past. It is no part of the ledger."""
        from touchline.desk.models.product_event import ProductEvent

        self.topic = topic.key if topic else ""
        self.save(update_fields=["topic"])
        ProductEvent.objects.filter(person__in=self.person.everyone).look_again_at_once()

    @transaction.atomic
    def settle(self) -> None:
        """Work out afresh, from its dozen events, what state it is in and which spells it has had."""
        worked_out = self.follow([row.as_value() for row in OutcomeEvent.objects.of_blocker(self)])
        self.save(update_fields=self.FOLLOWS)
        person = type(self.person).objects.get(pk=self.person_id)  # as they are known now, whatever was read before
        Spell.replace(self, worked_out, person=person.joined_into_id or person.pk)

    FOLLOWS: ClassVar = ("raised_at", "withdrawn_at", "moved_at", "came_back_at", "confirmed_at")

    def follow(self, events: Iterable[Value]) -> list[SpellValue]:
        """Take on the state that all of its events say, and give the spells that it has had. Nothing is saved."""
        stand = standing(events)
        worked_out = spells(stand)
        raised = [event.at for event in stand if event.kind is Kind.RAISED]
        withdrawn = [event.at for event in stand if event.kind is Kind.WITHDRAWN]
        last = worked_out[-1] if worked_out else None
        self.raised_at = min(raised, default=None)
        self.withdrawn_at = min(withdrawn, default=None)
        self.moved_at = last.began_at if last and last.ended_at is None else None
        self.came_back_at = last.ended_at if last else None
        self.confirmed_at = last.confirmed_at if last and last.ended_at is None else None
        return worked_out


class ConversationBlocker(Row):
    """Which conversations are about which blocker."""

    conversation = models.ForeignKey("desk.Conversation", on_delete=models.CASCADE, related_name="+")
    blocker = models.ForeignKey(Blocker, on_delete=models.CASCADE, related_name="+")
