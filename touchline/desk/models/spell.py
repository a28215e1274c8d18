"""A stretch of time in which a blocker stayed out of the way: worked out from the ledger, never written by hand."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from touchline.core.impact import account
from touchline.core.impact import spells as core
from touchline.desk.models.row import Row, new_id

if TYPE_CHECKING:
    from touchline.desk.models.blocker import Blocker
    from touchline.desk.models.desk import Desk
    from touchline.desk.models.teammate import Teammate


class SpellQuerySet(models.QuerySet["Spell"]):
    def began_in(self, period: account.Period) -> Self:
        return self.filter(began_at__gte=period.from_, began_at__lt=period.to)

    def as_values(self) -> list[core.Spell]:
        """These spells as the core knows them."""
        return [row.as_value() for row in self]

    def who(self, period: account.Period, *, as_of: datetime, desk: "Desk", teammate: "Teammate | None" = None) -> account.Who:
        """The people helped in a period and those who came back: the list behind every figure, counted by the core.

        With `teammate`, only where they took part. `as_of` is now, or later than everything recorded.
        """
        values = self.began_in(period).as_values()
        if teammate:
            values = [spell for spell in values if str(teammate.pk) in spell.took_part]
        return account.who(values, period, as_of=as_of, horizons=desk.horizons)


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
