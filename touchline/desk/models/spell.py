"""A stretch of time in which a blocker stayed out of the way: worked out from the ledger, never written by hand."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self

import msgspec
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast

from touchline.core.impact import account
from touchline.core.impact import spells as core
from touchline.core.impact.report import all_spells
from touchline.desk.models.outcome_event import OutcomeEvent
from touchline.desk.models.row import Row, new_id

if TYPE_CHECKING:
    from touchline.desk.models.blocker import Blocker
    from touchline.desk.models.desk import Desk
    from touchline.desk.models.teammate import Teammate


@dataclass(frozen=True)
class Among:
    """Which spells are looked at: all of them, or those about a topic, by a mailbox, after an answer, or with a teammate's hand
    in them. "" is no topic."""

    topic: str | None = None
    mailbox: int | None = None
    answer: str | None = None
    teammate: int | None = None

    @property
    def of_blockers(self) -> bool:
        """Whether it asks for something that the blocker says, and not the spell."""
        return self.topic is not None or self.mailbox is not None

    def narrow(self, rows: "models.QuerySet[Any]", to_blocker: str) -> Any:
        """Those of some rows whose blocker it is about; `to_blocker` is the way there."""
        if self.topic is not None:
            rows = rows.filter(**{f"{to_blocker}topic": self.topic})
        if self.mailbox is not None:
            rows = rows.filter(**{f"{to_blocker}mailbox": self.mailbox})
        return rows

    def has(self, spell: core.Spell) -> bool:
        """Whether what the spell itself says is what is looked for."""
        return (self.answer is None or self.answer in spell.answers) and (
            self.teammate is None or str(self.teammate) in spell.took_part
        )


EVERYTHING = Among()


class SpellQuerySet(models.QuerySet["Spell"]):
    def began_in(self, period: account.Period) -> Self:
        return self.filter(began_at__gte=period.from_, began_at__lt=period.to)

    def as_values(self) -> list[core.Spell]:
        """These spells as the core knows them. They are read as plain columns: a month of a large desk has many thousands."""
        columns = self.annotate(hands=Cast("took_part", models.TextField()), sent=Cast("answers", models.TextField()))
        return [
            core.Spell(
                blocker=str(blocker),
                person=str(person),
                began_at=began_at,
                began_by=str(began_by),
                ended_at=ended_at,
                returned_source=source,
                confirmed_at=confirmed_at,
                observed_at=observed_at,
                asked_random_at=asked_random_at,
                check_in_yes_at=check_in_yes_at,
                took_part=_names(hands),
                answers=_names(sent),
            )
            for (
                blocker, person, began_at, began_by, ended_at, source, confirmed_at, observed_at, asked_random_at, check_in_yes_at,
                hands, sent,
            ) in columns.values_list(*_COLUMNS)
        ]  # fmt: skip

    def known(self, period: account.Period, *, as_of: datetime, among: Among = EVERYTHING) -> list[core.Spell]:
        """The spells that started in a period, as they were known at an instant, each with the person they were then known as.

        Where nothing was recorded after `as_of` they are those that are kept; as it stood before, they are worked out from the
        ledger. What a blocker is about, and by which mailbox it came, is always as it is now.
        """
        if OutcomeEvent.objects.filter(at__gt=as_of).exists():
            spells = _from_ledger(period, as_of, among)
        else:
            spells = among.narrow(self.began_in(period), "blocker__").as_values()
        return [spell for spell in spells if among.has(spell)]

    def who(
        self,
        period: account.Period,
        *,
        as_of: datetime,
        desk: "Desk",
        teammate: "Teammate | None" = None,
        among: Among = EVERYTHING,
    ) -> account.Who:
        """The people helped in a period and those who came back: the list behind every figure, counted by the core.

        With `teammate`, only where they took part.
        """
        mine = replace(among, teammate=teammate.pk) if teammate else among
        return account.who(self.known(period, as_of=as_of, among=mine), period, as_of=as_of, horizons=desk.horizons)


def _from_ledger(period: account.Period, as_of: datetime, among: Among) -> list[core.Spell]:
    """The spells that started in a period, worked out from what the ledger held at an instant."""
    decide = OutcomeEvent.objects.known_at(as_of).that_decide(period)
    found = [spell for spell in all_spells(row.as_value() for row in decide.iterator()) if spell.began_at in period]
    if among.of_blockers:
        moved = OutcomeEvent.objects.moved_in(period)
        kept = {str(id) for id in among.narrow(moved, "blocker__").values_list("blocker", flat=True)}
        return [spell for spell in found if spell.blocker in kept]
    else:
        return found


_COLUMNS = (
    "blocker", "person", "began_at", "began_by", "ended_at", "returned_source", "confirmed_at", "observed_at", "asked_random_at",
    "check_in_yes_at", "hands", "sent",
)  # fmt: skip


@lru_cache(maxsize=4096)
def _names(written: str) -> frozenset[str]:
    """The names in a list that is written as JSON; the same few sets stand for a team's every spell."""
    return frozenset(msgspec.json.decode(written, type=list[str]))


class Spell(Row):
    blocker = models.ForeignKey("desk.Blocker", on_delete=models.CASCADE, related_name="spells")
    person = models.ForeignKey("desk.Person", on_delete=models.CASCADE, related_name="spells")
    began_at = models.DateTimeField(db_index=True)
    began_by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    returned_source = models.CharField(max_length=10, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    observed_at = models.DateTimeField(null=True, blank=True)
    asked_random_at = models.DateTimeField(null=True, blank=True)
    check_in_yes_at = models.DateTimeField(null=True, blank=True)
    took_part = models.JSONField(default=list, help_text="the teammates with a hand in it before it began, by id")
    answers = models.JSONField(default=list, help_text="the answers that were sent before it began")

    objects = SpellQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-confirmed_at"], condition=Q(ended_at=None), name="spell_confirmed")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("began_at")), name="a_spell_ends_after_it_began"
            )
        ]

    @classmethod
    def replace(cls, blocker: "Blocker", spells: Iterable[core.Spell], *, person: int) -> None:
        """The spells of a blocker, worked out afresh, instead of those it had; `person` is whom its person is known as."""
        cls.objects.filter(blocker=blocker).delete()
        for spell in spells:
            cls.from_value(blocker, spell, person=person).save()

    @classmethod
    def from_value(cls, blocker: "Blocker", spell: core.Spell, *, person: int) -> "Spell":
        return cls(
            id=new_id(spell.began_at),
            blocker=blocker,
            person_id=person,
            began_at=spell.began_at,
            began_by_id=int(spell.began_by),
            ended_at=spell.ended_at,
            returned_source=spell.returned_source,
            confirmed_at=spell.confirmed_at,
            observed_at=spell.observed_at,
            asked_random_at=spell.asked_random_at,
            check_in_yes_at=spell.check_in_yes_at,
            took_part=sorted(spell.took_part),
            answers=sorted(spell.answers),
        )

    def as_value(self) -> core.Spell:
        """This spell as the core knows it. People, blockers and teammates are numbers there, never names."""
        return core.Spell(
            blocker=str(self.blocker_id),
            person=str(self.person_id),
            began_at=self.began_at,
            began_by=str(self.began_by_id),
            ended_at=self.ended_at,
            returned_source=self.returned_source,
            confirmed_at=self.confirmed_at,
            observed_at=self.observed_at,
            asked_random_at=self.asked_random_at,
            check_in_yes_at=self.check_in_yes_at,
            took_part=frozenset(self.took_part),
            answers=frozenset(self.answers),
        )
