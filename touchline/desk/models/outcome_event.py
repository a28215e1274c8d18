"""The ledger: one thing that became true of a blocker; all of them, in order. Rows are only ever added."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models, transaction

from touchline.core.impact import events as core
from touchline.core.impact.people import Joins, People, standing
from touchline.desk.models.row import Counter, Row, new_id

if TYPE_CHECKING:
    from touchline.core.impact.account import Period
    from touchline.desk.models.person import Person
    from touchline.desk.models.teammate import Teammate


class OutcomeEventQuerySet(models.QuerySet["OutcomeEvent"]):
    def in_order(self) -> Self:
        return self.order_by("at", "order")

    def of_blocker(self, blocker: Any) -> Self:
        """Everything recorded of a blocker, what was taken back and its taking back included."""
        return self.filter(blocker=blocker).in_order()

    def of_people(self) -> Self:
        """The joins, and what took them back: all that no blocker has."""
        return self.filter(blocker=None).in_order()

    def known_at(self, as_of: datetime) -> Self:
        return self.filter(at__lte=as_of)

    def that_decide(self, period: "Period") -> Self:
        """All that was recorded of the blockers that were moved in a period, and all joins: what its account is worked out from."""
        return self.filter(models.Q(blocker__in=self.moved_in(period).values("blocker")) | models.Q(blocker=None))

    def moved_in(self, period: "Period") -> Self:
        return self.filter(kind=core.Kind.MOVED, at__gte=period.from_, at__lt=period.to)


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
        """Append to the ledger and, in the same transaction, work out afresh what follows from it: the state and the spells
        of that blocker, or who is one and the same person.

        `key` is the event's id: recording it twice changes nothing and gives the first one back. Raises NotValid for an
        event that does not say what its kind must say, or does not fit what is recorded: a second `raised` of a blocker, a
        second standing join of a person, a join that would close a cycle, a retraction of what was never recorded.
        """
        _, new = EventKey.objects.get_or_create(key=key)
        if new:
            # To take a number is to hold the ledger: what is looked up from here on stays so until this is committed.
            event = cls(key=key, order=Counter.take("ledger"), kind=kind.value, at=at, blocker=blocker, **facts)
            core.check(event.as_value())
            if kind is core.Kind.RETRACTED:
                event.blocker = cls._taken_back(event.event).blocker
            event._fits()
            event.save()
            event._follow()
            return event
        else:
            return cls.objects.get(key=key)

    @classmethod
    @transaction.atomic
    def retract(cls, key: str, *, by: "Teammate | None", at: datetime) -> None:
        """Take an event back. It stays in the ledger; in the account it never was."""
        cls.record(core.Kind.RETRACTED, key=f"retracted:{key}", at=at, event=key, by=by)

    @classmethod
    def join(cls, person: "Person", into: "Person", *, by: "Teammate", at: datetime) -> "OutcomeEvent":
        """Two records are one person, who is known as `into` from now on, in the past of the account too.

        `retract` with its `key` takes it apart again. Raises NotValid where `person` is joined into someone already, and where
        `into` is known as `person`.
        """
        return cls.record(core.Kind.JOINED, key=f"joined:{new_id(at)}", at=at, person=person, into=into, by=by)

    @classmethod
    def _taken_back(cls, key: str) -> "OutcomeEvent":
        event = cls.objects.select_related("blocker").filter(key=key).first()
        if event is None:
            raise core.NotValid(f"It takes back {core.shown(key)}, and no event has that id.")
        return event

    def _fits(self) -> None:
        """Raise NotValid where this event contradicts those recorded before it."""
        if self.kind == core.Kind.RAISED and OutcomeEvent.objects.filter(blocker=self.blocker, kind=self.kind).exists():
            raise core.NotValid("This blocker was raised already; what else stands in the way is a blocker of its own.")
        if self.blocker is None:
            joins = Joins()
            for row in OutcomeEvent.objects.of_people().order_by("order"):
                joins.record(row.as_value())
            joins.record(self.as_value())

    def _follow(self) -> None:
        """Work out afresh what follows from this event."""
        if self.blocker:
            self.blocker.settle()
        else:
            from touchline.desk.models.person import Person

            stand = standing(row.as_value() for row in OutcomeEvent.objects.of_people())
            Person.settle(People(stand))

    def as_value(self) -> core.OutcomeEvent:
        """This event as the core knows it. People, blockers and teammates are numbers there, never names."""
        retracts = self.kind == core.Kind.RETRACTED
        joins = self.kind == core.Kind.JOINED  # who joined them is kept for the story, and is no part of the ledger
        return core.OutcomeEvent(
            id=self.key,
            at=self.at,
            kind=core.Kind(self.kind),
            blocker="" if retracts else _number(self.blocker_id),
            person=_number(self.person_id),
            into=_number(self.into_id),
            by="" if joins else _number(self.by_id),
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
