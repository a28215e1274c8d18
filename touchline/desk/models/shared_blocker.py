"""What stands in many people's way."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from django.db import models, transaction
from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from touchline.core.sharing import step
from touchline.desk.live import publish
from touchline.desk.models.blocker import Blocker
from touchline.desk.models.row import Row
from touchline.desk.models.webhook_call import WebhookCall

if TYPE_CHECKING:
    from touchline.desk.models.teammate import Teammate

LATELY = timedelta(weeks=4)
"""What “in the past weeks” means on the board."""

STILL = Q(raised_at__isnull=False, withdrawn_at=None)
"""Blockers that were raised and never withdrawn."""
WAITING = STILL & Q(moved_at=None)
"""Those of them that are in the way now: not moved yet, or back."""


def count_people(blockers: str, which: Q) -> Count:
    """How many people such blockers are of, each counted once, as they are known now; `blockers` is the way to them ("" or "blockers__")."""
    person = Coalesce(f"{blockers}person__joined_into", f"{blockers}person")
    return Count(person, distinct=True, filter=_under(blockers, which))


def _under(way: str, which: Q) -> Q:
    """The same condition, asked of what `way` leads to."""
    told: list[Any] = []
    for each in which.children:
        if isinstance(each, Q):
            told.append(_under(way, each))
        else:
            name, value = cast(tuple[str, Any], each)
            told.append((way + name, value))
    return Q(*told, _connector=which.connector, _negated=which.negated)


class SharedBlockerQuerySet(models.QuerySet["SharedBlocker"]):
    def kept(self) -> Self:
        """All that were not put away."""
        return self.filter(put_away_at=None)

    def standing(self) -> Self:
        """Those that are in the way still."""
        return self.kept().filter(moved_at=None)

    def alike(self, words: str) -> Self:
        """Those that name one of these words of three letters or more; with none, all. What stands still comes first."""
        telling = re.findall(r"\w{3,}", words)[:8]
        named = Q()
        for word in telling:
            named |= Q(words__icontains=word) | Q(about__icontains=word)
        return self.filter(named).order_by(models.F("moved_at").desc(nulls_first=True), "-opened_at", "-id")

    def with_people(self, at: datetime) -> Self:
        """Each with `waiting` and `lately`, numbers of people, and `since`, when the first of those who wait now met it."""
        return self.annotate(
            waiting=count_people("blockers__", WAITING),
            lately=count_people("blockers__", STILL & Q(raised_at__gte=at - LATELY)),
            since=Min("blockers__raised_at", filter=_under("blockers__", WAITING)),
        )


class SharedBlocker(Row):
    """Groups the blockers of several people. Each keeps their own, with its own events; this one is never in the ledger."""

    MOST_WORDS: ClassVar = 200

    words = models.CharField(_("what stands in the way"), max_length=MOST_WORDS)
    about = models.TextField(_("what we know"), blank=True)
    topic = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()
    by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField(null=True, blank=True, help_text="when the team said that it is out of everyone's way")
    put_away_at = models.DateTimeField(null=True, blank=True)
    told_step = models.PositiveIntegerField(default=0, help_text="the number of people that was last told outside")

    objects = SharedBlockerQuerySet.as_manager()

    def __str__(self) -> str:
        return self.words

    @classmethod
    @transaction.atomic
    def open(cls, words: str, *, by: "Teammate", at: datetime, about: str = "", topic: str = "") -> "SharedBlocker":
        """One more thing that stands in several people's way. Nobody is in it yet."""
        shared = cls.objects.create(words=_one_line(words), about=about.strip(), topic=topic, opened_at=at, by=by)
        shared.tell("made", at=at)
        return shared

    def describe(self, *, words: str, about: str) -> None:
        """Say it in other words, and what we know of it by now. Empty words leave those that stand."""
        self.words = _one_line(words) or self.words
        self.about = about.strip()
        self.save(update_fields=["words", "about"])
        publish("shared", self.pk)

    def put_away(self, *, at: datetime) -> None:
        """It is off the board and offered to nobody. Whose blockers it groups stays as it is."""
        self.put_away_at = self.put_away_at or at
        self.save(update_fields=["put_away_at"])

    def bring_back(self) -> None:
        self.put_away_at = None
        self.save(update_fields=["put_away_at"])

    # What follows for the whole of it from what happens to one

    @transaction.atomic
    def has_one_more(self, *, at: datetime) -> None:
        """Somebody's blocker was put in here. When that makes so many that it is worth telling, it is told, once a number."""
        shared = SharedBlocker.objects.select_for_update().get(pk=self.pk)
        reached = step(shared.count(STILL))
        if reached > shared.told_step:
            shared.told_step = reached
            shared.save(update_fields=["told_step"])
            shared.tell("grew", at=at, step=reached)
        publish("shared", self.pk)

    @transaction.atomic
    def is_moved(self, *, at: datetime) -> None:
        """The team writes to everyone that it is out of the way. Each person's own blocker is moved as their mail leaves."""
        self.moved_at = at
        self.save(update_fields=["moved_at"])
        self.tell("moved", at=at)

    def came_back(self, *, at: datetime) -> None:
        """It is back for one of them."""
        self.tell("came_back", at=at)
        publish("shared", self.pk)

    def tell(self, event: str, *, at: datetime, **more: int) -> None:
        """Tell every webhook. Counts and our own words go out, and nothing of anyone."""
        told = {"id": str(self.pk), "words": self.words, "topic": self.topic, "opened_at": self.opened_at.isoformat()}
        people = {"people": self.count(STILL), "waiting": self.count(WAITING)}
        WebhookCall.write(f"shared_blocker.{event}", {"shared_blocker": told, **people, **more}, at=at)

    # Questions

    def count(self, which: Q) -> int:
        """How many people have such blockers in here, each counted once."""
        counted = self.blockers.aggregate(people=count_people("", which))
        return int(counted["people"])

    def each(self) -> "models.QuerySet[Blocker]":
        """The blockers in here that were not withdrawn, who waits longest first, each with the `number` of its newest conversation."""
        still = self.blockers.filter(STILL).select_related("person__joined_into", "mailbox").prefetch_related("spells")
        return still.annotate(number=models.Max("conversations__number")).order_by(
            models.F("moved_at").asc(nulls_first=True), "raised_at", "id"
        )

    def waits_since(self) -> datetime | None:
        """When the first of those who wait now met it."""
        return self.blockers.filter(WAITING).aggregate(since=Min("raised_at"))["since"]  # type: ignore[no-any-return]


def topics(at: datetime) -> Iterable[dict[str, Any]]:
    """What stands in people's way by topic: `topic`, `waiting`, `lately` and `since`, as for shared blockers."""
    counted = (
        Blocker.objects.exclude(topic="").filter(WAITING | (STILL & Q(raised_at__gte=at - LATELY))).order_by().values("topic")
    )
    told = counted.annotate(
        waiting=count_people("", WAITING),
        lately=count_people("", STILL & Q(raised_at__gte=at - LATELY)),
        since=Min("raised_at", filter=WAITING),
    )
    return [dict(each) for each in told]


def _one_line(words: str) -> str:
    return " ".join(words.split())[: SharedBlocker.MOST_WORDS]
