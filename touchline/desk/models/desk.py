"""The desk itself: one team's installation, and what it chose about its work."""

import hashlib
import secrets
import zoneinfo
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.db import models, transaction

from touchline.core.impact.spells import Horizons
from touchline.desk.live import publish
from touchline.desk.models.row import Row

if TYPE_CHECKING:
    from touchline.desk.models.teammate import Teammate


class LinkNotGood(Exception):
    """A set-up link that is wrong, too old, or used."""


class Desk(Row):
    ONLY: ClassVar = 1
    LINK_LASTS: ClassVar = timedelta(hours=24)
    WATCHES_EVERY: ClassVar = timedelta(minutes=1)
    WORKER_IS_GONE_AFTER: ClassVar = timedelta(minutes=3)

    name = models.CharField(max_length=200, default="Our desk")
    time_zone = models.CharField(max_length=60, default="UTC")
    hours = models.DurationField(default=timedelta(hours=4))
    days = models.DurationField(default=timedelta(days=3))
    weeks = models.DurationField(default=timedelta(days=21))
    take_back_for = models.DurationField(default=timedelta(seconds=10), help_text="how long what was sent can be taken back")
    quiet_from = models.TimeField(default=time(20), help_text="nobody is asked from then")
    quiet_to = models.TimeField(default=time(8), help_text="until then")
    back_within = models.DurationField(
        default=timedelta(days=90), help_text="how long after a blocker was moved it may be back elsewhere"
    )
    link_hash = models.CharField(max_length=64, blank=True)
    link_until = models.DateTimeField(null=True, blank=True)
    worker_at = models.DateTimeField(null=True, blank=True, help_text="when the worker last said that it is at work")
    door_trouble = models.TextField(blank=True, help_text="why the mail door takes nothing just now, in a sentence")

    @classmethod
    def get(cls) -> "Desk":
        """The one there is; it is made when it is first asked for."""
        desk = cls.objects.filter(pk=cls.ONLY).first()
        if desk is None:
            Desk.objects.bulk_create([Desk(pk=cls.ONLY)], ignore_conflicts=True)  # of two that come at once, both get the one row
            desk = cls.objects.get(pk=cls.ONLY)
        return desk

    @property
    def is_set_up(self) -> bool:
        """Whether the first teammate has come; before that, only the set-up page is of use."""
        from touchline.desk.models.teammate import Teammate

        return Teammate.objects.exists()

    @property
    def horizons(self) -> Horizons:
        return Horizons(hours=self.hours, days=self.days, weeks=self.weeks)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @classmethod
    def at_work(cls, at: datetime) -> bool:
        """The worker says that it is at work. True once a minute, for one of them: then it looks around."""
        cls.get()
        clock_went_back = models.Q(worker_at__gt=at + cls.WATCHES_EVERY)
        since = models.Q(worker_at=None) | models.Q(worker_at__lte=at - cls.WATCHES_EVERY) | clock_went_back
        return bool(cls.objects.filter(since, pk=cls.ONLY).update(worker_at=at))

    def worker_is_gone(self, at: datetime) -> bool:
        return self.worker_at is not None and at - self.worker_at > self.WORKER_IS_GONE_AFTER

    def note_door(self, trouble: str) -> None:
        """The mail door takes nothing, for this reason; "" where it does."""
        if trouble != self.door_trouble:
            self.door_trouble = trouble
            self.save(update_fields=["door_trouble"])
            publish("banners", 0)

    def new_link(self, at: datetime) -> str | None:
        """A token with which the first teammate can set the desk up; None once there is a teammate.

        Any earlier one stops working. Only its hash is kept.
        """
        if self.is_set_up:
            return None
        else:
            token = secrets.token_urlsafe(24)
            self.link_hash = _hash(token)
            self.link_until = at + self.LINK_LASTS
            self.save(update_fields=["link_hash", "link_until"])
            return token

    def check_link(self, token: str, at: datetime) -> None:
        """Raise LinkNotGood unless this is the newest set-up link, in time, and nobody is here yet."""
        good = bool(self.link_hash) and secrets.compare_digest(self.link_hash, _hash(token))
        if not good or self.link_until is None or at >= self.link_until or self.is_set_up:
            raise LinkNotGood

    @transaction.atomic
    def set_up(
        self, token: str, *, desk_name: str, time_zone: str, name: str, email: str, password: str, address: str, at: datetime
    ) -> "Teammate":
        """The first teammate and the first mailbox, in one go. The link is good once: LinkNotGood from then on.

        A mailbox that is there already, since a command made it, stays as it is.
        """
        from touchline.desk.models.ask_rule import AskRule
        from touchline.desk.models.mailbox import Mailbox
        from touchline.desk.models.teammate import Teammate

        locked = Desk.objects.select_for_update().get(pk=self.pk)
        locked.check_link(token, at)
        locked.name = desk_name
        locked.time_zone = time_zone
        locked.link_hash = ""
        locked.link_until = None
        locked.save()
        teammate = Teammate.join(name=name, email=email, password=password, role=Teammate.Role.OWNER, at=at)
        if Mailbox.objects.reached_by(address) is None:
            Mailbox.open(address=address, name=desk_name, at=at)
        AskRule.objects.get_or_create(mailbox=None, topic="")  # a new team asks, until it says otherwise
        return teammate

    def choose(
        self,
        *,
        name: str,
        time_zone: str,
        hours: timedelta,
        days: timedelta,
        weeks: timedelta,
        take_back_for: timedelta | None = None,
        quiet: tuple[time, time] | None = None,
        back_within: timedelta | None = None,
    ) -> None:
        """What the team is called, whose days it keeps, and at what distances it looks back; the account follows at once.

        And, where they are told: how long a reply can be taken back, between which times nobody is asked anything, and for how long
        after it was moved a blocker may be proposed to be back elsewhere.
        """
        self.name, self.time_zone = name, time_zone
        self.take_back_for = take_back_for or self.take_back_for
        self.quiet_from, self.quiet_to = quiet or (self.quiet_from, self.quiet_to)
        self.back_within = back_within or self.back_within
        self.hours, self.days, self.weeks = hours, days, weeks
        chosen = ["name", "time_zone", "take_back_for", "quiet_from", "quiet_to", "back_within", "hours", "days", "weeks"]
        self.save(update_fields=chosen)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
