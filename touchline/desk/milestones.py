"""Milestones: what we saw people do after something was moved out of their way, and who took part in moving it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from touchline.desk.models import Blocker, MilestoneSeen, Person, ProductEvent, Spell, Teammate

BROUGHT_BACK_FOR = timedelta(days=30)
"""How long a milestone is brought back to those who took part, if they do not put it away."""
MOST = 200
"""How many of the newest are looked at."""


class Milestone(NamedTuple):
    """Someone got where they were going: what we saw, and the spell within which we saw it."""

    event: ProductEvent
    blocker: Blocker
    spell: Spell

    @property
    def took_part(self) -> frozenset[int]:
        """The teammates with a hand in it, by id."""
        return frozenset(int(id) for id in self.spell.took_part)


def milestones(events: Iterable[ProductEvent]) -> list[Milestone]:
    """These events with the spells within which they were seen; without those whose spell was taken back since."""
    events = [event for event in events if event.blocker_id]
    spells = Spell.objects.filter(blocker__in={event.blocker_id for event in events}, blocker__withdrawn_at=None)
    by_blocker: dict[int, list[Spell]] = {}
    for spell in spells.select_related("blocker"):
        by_blocker.setdefault(spell.blocker_id, []).append(spell)
    return [
        Milestone(event, spell.blocker, spell)
        for event in events
        for spell in by_blocker.get(event.blocker_id or 0, ())
        if spell.began_at <= event.at and (spell.ended_at is None or event.at < spell.ended_at)
    ]


def of_person(person: Person) -> list[Milestone]:
    """What they went on to do, the newest first."""
    return milestones(ProductEvent.objects.milestones().filter(person__in=person.everyone).select_related("person")[:MOST])


def brought_back(teammate: Teammate, at: datetime) -> list[Milestone]:
    """Those in which they took part and which they have not put away yet, the newest first."""
    lately = ProductEvent.objects.milestones().filter(at__gt=at - BROUGHT_BACK_FOR)
    unseen = lately.exclude(seen__teammate=teammate).select_related("person")[:MOST]
    return [found for found in milestones(unseen) if teammate.pk in found.took_part]


def between(since: datetime, until: datetime, teammate: Teammate) -> list[Milestone]:
    """Those that came about in this time and in which they took part, the oldest first."""
    then = ProductEvent.objects.milestones().filter(at__gte=since, at__lt=until).select_related("person")[:MOST]
    return [found for found in reversed(milestones(then)) if teammate.pk in found.took_part]


def put_away(event: ProductEvent, *, by: Teammate, at: datetime) -> None:
    """It is not brought back to them any more; it stays with the person."""
    MilestoneSeen.objects.get_or_create(teammate=by, event=event, defaults={"at": at})


def bring_back(event: ProductEvent, *, by: Teammate) -> None:
    MilestoneSeen.objects.filter(teammate=by, event=event).delete()
