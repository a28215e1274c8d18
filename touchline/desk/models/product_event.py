"""What we see people do: events that a product states, what they show, and who may state them."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import IntegrityError, models, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from touchline.core.signals import product_event as core
from touchline.desk.keys import Secret
from touchline.desk.live import publish
from touchline.desk.models.blocker import Blocker
from touchline.desk.models.person import Address, Person
from touchline.desk.models.row import Due, DueQuerySet, Row
from touchline.desk.models.spell import Spell

if TYPE_CHECKING:
    from touchline.desk.models.teammate import Teammate


class KeyTaken(Exception):
    """The key came before, with something else stated."""


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def valid(self) -> Self:
        return self.filter(revoked_at=None)


class ApiToken(Row):
    """What a program signs in with. Only its hash is kept; it may state the events it names, and nothing else."""

    PREFIX: ClassVar = "tl_"
    NOTED_EVERY: ClassVar = timedelta(minutes=1)

    name = models.CharField(_("what it is for"), max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    begins = models.CharField(max_length=12, help_text="its first letters, to tell it from others")
    events = models.JSONField(default=list, help_text="the names of the events that it may state")
    by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    @classmethod
    def make(cls, *, name: str, events: Iterable[str], by: "Teammate", at: datetime) -> tuple["ApiToken", str]:
        """A token, and the words that a program signs in with: they are known now, and never again."""
        words = cls.PREFIX + secrets.token_urlsafe(32)
        named = sorted(set(events))
        token = cls.objects.create(name=name, digest=_hash(words), begins=words[:8], events=named, by=by, made_at=at)
        return token, words

    @classmethod
    def known(cls, words: str, *, at: datetime) -> "ApiToken | None":
        """The valid token with these words, noted as used; None where there is none."""
        token = cls.objects.valid().filter(digest=_hash(words)).first()
        if token and (token.used_at is None or at - token.used_at >= cls.NOTED_EVERY):
            token.used_at = at
            token.save(update_fields=["used_at"])
        return token

    def may_state(self, event: str) -> bool:
        return event in self.events

    def revoke(self, *, at: datetime) -> None:
        """It opens nothing from now on. What it stated stays."""
        self.revoked_at = self.revoked_at or at
        self.save(update_fields=["revoked_at"])


class ExternalId(Row):
    """What another system calls a person."""

    person = models.ForeignKey("desk.Person", on_delete=models.CASCADE, related_name="external_ids")
    value = models.CharField(max_length=200, unique=True)


class ProductRuleQuerySet(models.QuerySet["ProductRule"]):
    def standing(self) -> Self:
        return self.filter(put_away_at=None)


class ProductRule(Row):
    """Which event shows that a topic's goal was reached, and how that is said."""

    event = models.CharField(_("event"), max_length=80)
    topic = models.CharField(_("topic"), max_length=60, blank=True, help_text="empty: whatever it was about")
    words = models.CharField(_("said as"), max_length=200, help_text=_("After a name: “published her shop”."))
    within_days = models.PositiveIntegerField(_("within days"), default=60)
    by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    put_away_at = models.DateTimeField(null=True, blank=True)

    objects = ProductRuleQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "topic"], name="an_event_shows_a_topic_once")]

    @classmethod
    @transaction.atomic
    def say(
        cls, event: str, *, topic: str, words: str, within_days: int, by: "Teammate", at: datetime
    ) -> "ProductRule":  # fmt: skip
        """From now on this event shows that; a rule for the same event and topic says it in these words instead.

        What came of it in the last 90 days is looked at again, so that a rule may be made after its first event.
        """
        told = {"words": words, "within_days": within_days, "by": by, "made_at": at, "put_away_at": None}
        rule, _new = cls.objects.update_or_create(event=event, topic=topic, defaults=told)
        ProductEvent.objects.filter(event=event, at__gt=at - core.EARLIEST).look_again(at)
        return rule

    def put_away(self, *, at: datetime) -> None:
        """It shows nothing from now on. What it showed stays in the ledger."""
        self.put_away_at = self.put_away_at or at
        self.save(update_fields=["put_away_at"])

    def bring_back(self) -> None:
        self.put_away_at = None
        self.save(update_fields=["put_away_at"])


class ProductEventQuerySet(DueQuerySet):
    def of_nobody(self) -> Self:
        """Those of someone whom we do not know, or not yet."""
        return self.filter(person=None)

    def milestones(self) -> Self:
        """Those that showed that someone got where they were going, the newest first."""
        return self.filter(blocker__isnull=False).order_by("-at", "-id")

    def look_again(self, at: datetime) -> None:
        """Something became known by which they may show more than before."""
        if self.update(due_at=at):
            publish("product_event", 0)

    def look_again_at_once(self) -> None:
        """The same, where nobody says when: they are due since they came."""
        if self.update(due_at=models.F("received_at")):
            publish("product_event", 0)

    def without_a_rule(self, since: datetime) -> list[dict[str, Any]]:
        """The names that came since then and of which no rule says what they show: `event`, `count` and `last`."""
        named = ProductRule.objects.standing().values("event")
        return list(
            self.filter(received_at__gt=since)
            .exclude(event__in=named)
            .order_by()
            .values("event")
            .annotate(count=models.Count("id"), last=models.Max("received_at"))
            .order_by("-last")
        )


class ProductEvent(Due):
    """One thing that a product stated, once by its key. Whom it is about may be known later."""

    LEASE: ClassVar = timedelta(minutes=2)

    key = models.CharField(max_length=120, help_text="the idempotency key it came with")
    token = models.ForeignKey(ApiToken, on_delete=models.PROTECT, related_name="+")
    event = models.CharField(max_length=80)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    digest = models.CharField(max_length=64, default="", help_text="of all that was stated with its key")
    email = models.CharField(max_length=320, blank=True, help_text="whom it is about, until we know them or 90 days are over")
    external_id = models.CharField(max_length=200, blank=True)
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

    objects = ProductEventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["person", "-at"], name="product_event_of_person"),
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="product_event_due"),
            models.Index(fields=["-at"], condition=models.Q(blocker__isnull=False), name="product_event_milestone"),
            models.Index(Lower("email"), condition=models.Q(person=None), name="product_event_of_address"),
        ]
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="stated_once_by_its_key")]

    @classmethod
    def state(cls, stated: core.Stated, *, token: ApiToken, at: datetime) -> "ProductEvent":
        """Keep what a product stated; stating it again changes nothing. Raises KeyTaken.

        Whom it is about is looked up afterwards, by a chore: so neither the answer nor the time that it takes tells
        whether we know them.
        """
        told = {"event": stated.event, "email": stated.email, "external_id": stated.external_id, "digest": stated.digest}
        try:
            with transaction.atomic():
                kept = cls.objects.create(token=token, key=stated.key, at=stated.at, received_at=at, due_at=at, **told)
        except IntegrityError:
            kept = cls.objects.get(token=token, key=stated.key)
            if kept.digest != stated.digest:
                raise KeyTaken from None
        else:
            publish("product_event", kept.pk)
        return kept

    @transaction.atomic
    def look(self, at: datetime) -> None:
        """See whom it is about, and record `observed` for what it shows of them. Again, it changes nothing."""
        self.due_at = None
        self.tries, self.trouble = 0, ""
        self.person = self.person or self._whom()
        if self.person:
            self._learn(self.person, at)
            shown = core.shown(self.at, self._moved(self.person), self._rules())
            for moved, _rule in shown:
                blocker = Blocker.objects.get(pk=moved.blocker)
                blocker.observe(self.event, at=self.at, key=f"observed:{self.pk}:{blocker.pk}")
            if shown:
                moved, rule = shown[0]
                self.blocker_id, self.words = moved.blocker, rule.words
        self.save()

    @classmethod
    def heard_of(cls, address: Address, at: datetime) -> None:
        """Someone whom we did not know by this address is known now: what was stated of it in 90 days is looked at again."""
        cls.objects.of_nobody().filter(email__lower=address.email.lower(), at__gt=at - core.EARLIEST).look_again(at)

    @classmethod
    def forget_the_unknown(cls, at: datetime) -> None:
        """Of whom we never heard within 90 days, we keep neither the address nor the name."""
        too_old = cls.objects.of_nobody().filter(at__lte=at - core.EARLIEST)
        too_old.exclude(email="", external_id="").update(email="", external_id="", due_at=None)

    def _whom(self) -> Person | None:
        """By what the product calls them, else by the address."""
        named = ExternalId.objects.select_related("person").filter(value=self.external_id).first() if self.external_id else None
        if named:
            return named.person
        else:
            address = Address.objects.select_related("person").filter(email__lower=self.email).first() if self.email else None
            return address.person if address else None

    def _learn(self, person: Person, at: datetime) -> None:
        """What the product calls a person is kept from the first time it comes with an address of theirs; the address is theirs already."""
        if self.external_id:
            _named, new = ExternalId.objects.get_or_create(value=self.external_id, defaults={"person": person})
            if new:
                ProductEvent.objects.of_nobody().filter(external_id=self.external_id).exclude(pk=self.pk).look_again(at)
        self.email = self.external_id = ""

    def _moved(self, person: Person) -> list[core.Moved]:
        theirs = Spell.objects.filter(person=person.joined_into_id or person.pk, blocker__withdrawn_at=None)
        about = theirs.select_related("blocker").order_by("began_at")
        return [core.Moved(spell.blocker_id, spell.blocker.topic, spell.began_at, spell.ended_at) for spell in about]

    def _rules(self) -> list[core.Rule]:
        standing = ProductRule.objects.standing().filter(event=self.event)
        return [core.Rule(rule.topic, rule.words, timedelta(days=rule.within_days)) for rule in standing]


class MilestoneSeen(Row):
    """A teammate has seen that someone got where they were going, and put the card away."""

    teammate = models.ForeignKey("desk.Teammate", on_delete=models.CASCADE, related_name="+")
    event = models.ForeignKey(ProductEvent, on_delete=models.CASCADE, related_name="seen")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["teammate", "event"], name="a_milestone_is_put_away_once")]


class Webhook(Row):
    """Where the board of shared blockers is told to."""

    url = models.URLField(_("address"), max_length=500)
    secret = Secret(help_text="what our calls are signed with")
    by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    trouble = models.TextField(blank=True)
    put_away_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.url


def _hash(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
