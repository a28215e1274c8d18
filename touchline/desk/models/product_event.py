"""What we see people do: events that a product states, what they show, and who may state them."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from touchline.desk.models.row import Row


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def valid(self) -> Self:
        return self.filter(revoked_at=None)


class ApiToken(Row):
    """What a program signs in with. Only its hash is kept; it may state the events it names, and nothing else."""

    name = models.CharField(_("what it is for"), max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    begins = models.CharField(max_length=12, help_text="its first letters, to tell it from others")
    events = models.JSONField(default=list, help_text="the names of the events that it may state")
    by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()


class ExternalId(Row):
    """What another system calls a person."""

    person = models.ForeignKey("desk.Person", on_delete=models.CASCADE, related_name="external_ids")
    value = models.CharField(max_length=200, unique=True)


class ProductRule(Row):
    """Which event shows that a topic's goal was reached, and how that is said."""

    event = models.CharField(_("event"), max_length=80)
    topic = models.CharField(_("topic"), max_length=60, blank=True, help_text="empty: whatever it was about")
    words = models.CharField(_("said as"), max_length=200, help_text=_("After a name: “published her shop”."))
    within_days = models.PositiveIntegerField(_("within days"), default=60)
    by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    put_away_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "topic"], name="an_event_shows_a_topic_once")]


class ProductEvent(Row):
    """One thing that a product stated, once by its key. Whom it is about may be known later."""

    key = models.CharField(max_length=120, help_text="the idempotency key it came with")
    token = models.ForeignKey(ApiToken, on_delete=models.PROTECT, related_name="+")
    event = models.CharField(max_length=80)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    person = models.ForeignKey("desk.Person", on_delete=models.CASCADE, null=True, blank=True, related_name="product_events")
    blocker = models.ForeignKey(
        "desk.Blocker",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="whose spell it was observed within",
    )
    words = models.CharField(max_length=200, blank=True, help_text="what it was said as when it came")

    class Meta:
        indexes = [models.Index(fields=["person", "-at"], name="product_event_of_person")]
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="stated_once_by_its_key")]


class Webhook(Row):
    """Where the board of shared blockers is told to."""

    url = models.URLField(_("address"), max_length=500)
    secret = models.CharField(max_length=80)
    by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    trouble = models.TextField(blank=True)
    put_away_at = models.DateTimeField(null=True, blank=True)
