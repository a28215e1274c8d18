"""The ledger: one thing that became true of a blocker; all of them, in order. Rows are only ever added."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models, transaction

from touchline.core.impact import events as core
from touchline.desk.models.row import Counter, Row

if TYPE_CHECKING:
    from touchline.desk.models.teammate import Teammate


class OutcomeEventQuerySet(models.QuerySet["OutcomeEvent"]):
    def in_order(self) -> Self:
        return self.order_by("at", "order")

    def of_blocker(self, blocker: Any) -> Self:
        """Everything recorded of a blocker, what was taken back and its taking back included."""
        return self.filter(blocker=blocker).in_order()


class OutcomeEvent(Row):
    key = models.CharField(max_length=80, db_index=True, help_text="its id in the ledger; kept unique by EventKey")
    order = models.BigIntegerField(help_text="the order of recording")
    at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.value) for kind in core.Kind])
    blocker = models.ForeignKey("desk.Blocker", on_delete=models.PROTECT, null=True, blank=True, related_name="outcome_events")
    person = models.ForeignKey("desk.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    into = models.ForeignKey("desk.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    mailbox = models.ForeignKey("desk.Mailbox", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    how = models.CharField(max_length=10, blank=True)
    answer = models.CharField(max_length=40, blank=True)
    horizon = models.CharField(max_length=10, blank=True)
    random = models.BooleanField(default=False)
    source = models.CharField(max_length=10, blank=True)
    event = models.CharField(max_length=80, blank=True, help_text="the product event observed, or the id of what is retracted")
    why = models.CharField(max_length=40, blank=True)
    topic = models.CharField(max_length=60, blank=True)

    objects = OutcomeEventQuerySet.as_manager()

    @classmethod
    @transaction.atomic
    def record(cls, kind: core.Kind, *, key: str, at: datetime, blocker: Any = None, **facts: Any) -> "OutcomeEvent":
        """Append to the ledger and, in the same transaction, work out that blocker's state and spells afresh.

        `key` is the event's id: recording it twice changes nothing and gives the first one back. Raises NotValid for an
        event that does not say what its kind must say.
        """
        _, new = EventKey.objects.get_or_create(key=key)
        if new:
            event = cls(key=key, order=Counter.take("ledger"), kind=kind.value, at=at, blocker=blocker, **facts)
            core.check(event.as_value())
            event.save()
            if blocker:
                blocker.settle()
            return event
        else:
            return cls.objects.get(key=key)

    @classmethod
    @transaction.atomic
    def retract(cls, key: str, *, by: "Teammate", at: datetime) -> None:
        """Take an event back. It stays in the ledger; in the account it never was."""
        event = cls.objects.select_related("blocker").get(key=key)
        cls.record(core.Kind.RETRACTED, key=f"retracted:{key}", at=at, blocker=event.blocker, event=key, by=by)

    def as_value(self) -> core.OutcomeEvent:
        """This event as the core knows it. People, blockers and teammates are numbers there, never names."""
        retracts = self.kind == core.Kind.RETRACTED
        return core.OutcomeEvent(
            id=self.key,
            at=self.at,
            kind=core.Kind(self.kind),
            blocker="" if retracts else _number(self.blocker_id),
            person=_number(self.person_id),
            into=_number(self.into_id),
            by=_number(self.by_id),
            mailbox=_number(self.mailbox_id),
            how=self.how,
            answer=self.answer,
            horizon=self.horizon,
            random=self.random,
            source=self.source,
            event=self.event,
            why=self.why,
            topic=self.topic,
            order=self.order,
        )


class EventKey(models.Model):
    """Which events are recorded: what makes recording one twice harmless."""

    key = models.CharField(max_length=80, primary_key=True)


def _number(id: int | None) -> str:
    return str(id) if id else ""
