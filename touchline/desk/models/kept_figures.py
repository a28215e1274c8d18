"""Figures that take long to count, kept with the time at which they were counted."""

from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.db import models, transaction

from touchline.core.impact import account
from touchline.core.impact.curve import Curve
from touchline.desk.live import publish
from touchline.desk.models.desk import Desk
from touchline.desk.models.row import EPOCH, Row
from touchline.desk.models.spell import Among, Spell


class KeptFiguresQuerySet(models.QuerySet["KeptFigures"]):
    def stale(self, at: datetime) -> Self:
        """Those that were not counted since the last three in the morning, or that somebody wants anew."""
        zone = Desk.get().zone
        night = datetime.combine(at.astimezone(zone).date(), time(3), tzinfo=zone).astimezone(UTC)
        return self.filter(counted_at__lt=night if night <= at else night - timedelta(days=1)).order_by("counted_at", "id")


class KeptFigures(Row):
    """The account of a long time. `counted_at` is when its counting began last; until it has ended, `figures` are those before."""

    name = models.CharField(max_length=200, unique=True)
    counted_at = models.DateTimeField()
    figures = models.JSONField(default=dict)

    objects = KeptFiguresQuerySet.as_manager()

    @classmethod
    def of(cls, name: str, from_: date, to: date | None, among: Among) -> "KeptFigures":
        """The row of this name; a new one is counted by the worker as soon as it can. Without `to`, up to the day of counting."""
        asked = {"from": from_.isoformat(), "to": to.isoformat() if to else None, "among": asdict(among)}
        kept, _new = cls.objects.get_or_create(name=name, defaults={"counted_at": EPOCH, "figures": {"asked": asked}})
        return kept

    @property
    def told_at(self) -> datetime | None:
        """As of when the figures are; None while they are counted for the first time."""
        at = self.figures.get("as_of")
        return datetime.fromisoformat(at) if at else None

    @property
    def being_counted(self) -> bool:
        return self.counted_at == EPOCH or self.told_at is None or self.counted_at > self.told_at

    def anew(self) -> None:
        """Have it counted again."""
        KeptFigures.objects.filter(pk=self.pk).update(counted_at=EPOCH)
        publish("kept_figures", self.pk)

    def count(self, at: datetime) -> bool:
        """Count, unless another has begun to. If that fails it is due again the next night."""
        if not KeptFigures.objects.filter(pk=self.pk, counted_at=self.counted_at).update(counted_at=at):
            return False
        asked, desk = self.figures["asked"], Desk.get()
        from_ = date.fromisoformat(asked["from"])
        to = date.fromisoformat(asked["to"]) if asked["to"] else at.astimezone(desk.zone).date() + timedelta(days=1)
        period = account.Period.of_days(from_, to, desk.zone)
        spells = Spell.objects.known(period, as_of=at, among=Among(**asked["among"]))
        figures = account.people_helped(spells, period, as_of=at, horizons=desk.horizons)
        curve = Curve(spells, period, as_of=at)
        held = {name: curve.at(getattr(desk.horizons, name)) for name in ("hours", "days", "weeks")}
        told: dict[str, Any] = {
            "asked": asked,
            "as_of": at.isoformat(),
            "total": figures.total,
            "came_back": figures.came_back,
            "by_evidence": {evidence.name.lower(): count for evidence, count in figures.by_evidence.items()},
            "held": {name: list(share) if share else None for name, share in held.items()},
            "months": [
                [month.day.isoformat(), month.people_helped, month.came_back]
                for month in account.by_part(spells, _months(from_, to, desk.zone), as_of=at, horizons=desk.horizons)
                if month.people_helped or month.came_back
            ],
        }
        with transaction.atomic():
            KeptFigures.objects.filter(pk=self.pk, counted_at=at).update(figures=told)
        return True


def _months(from_: date, to: date, zone: ZoneInfo) -> list[tuple[date, account.Period]]:
    """The months from a day up to another; those at its ends are cut to it."""
    parts = []
    first = from_
    while first < to:
        end = min((first.replace(day=1) + timedelta(days=32)).replace(day=1), to)
        parts.append((first, account.Period.of_days(first, end, zone)))
        first = end
    return parts
