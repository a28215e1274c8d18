"""Someone we help, and the addresses they write from."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models.functions import Lower

from touchline.core.impact.people import People
from touchline.core.mail.email import Correspondent
from touchline.desk.models.person_asking import Asked
from touchline.desk.models.row import Row


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, teammate: Any) -> Self:
        return self.all()

    def as_known(self) -> Self:
        """Each person once: without the records that were joined into another."""
        return self.filter(joined_into=None)

    def last_heard_first(self) -> Self:
        return self.order_by("-last_heard_at", "-id")

    def named(self, words: str) -> Self:
        """Those whose name or one of whose addresses has these words in it."""
        return self.filter(models.Q(name__icontains=words) | models.Q(addresses__email__icontains=words)).distinct()


class Person(Asked, Row):
    name = models.CharField(max_length=200, blank=True)
    first_heard_at = models.DateTimeField()
    last_heard_at = models.DateTimeField(db_index=True)
    time_zone = models.CharField(max_length=60, blank=True, help_text="where it is known")
    do_not_ask_at = models.DateTimeField(null=True, blank=True, help_text="since when they want no check-ins")
    joined_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="joined", help_text="worked out from the ledger"
    )

    objects = PersonQuerySet.as_manager()

    @classmethod
    def who_writes(cls, correspondent: Correspondent, at: datetime) -> "Person":
        """The person with this address; someone new where we never heard from it."""
        address = Address.objects.select_related("person").filter(email__lower=correspondent.address.lower()).first()
        if address:
            address.person.heard(correspondent.name, at)
            return address.person
        else:
            person = cls.objects.create(name=correspondent.name[:200], first_heard_at=at, last_heard_at=at)
            Address.objects.create(email=correspondent.address, person=person).is_known(at)
            return person

    def heard(self, name: str, at: datetime) -> None:
        """They wrote. An address without a name gets the first name that comes with it."""
        self.name = self.name or name[:200]
        self.first_heard_at = min(self.first_heard_at, at)
        self.last_heard_at = max(self.last_heard_at, at)
        self.save(update_fields=["name", "first_heard_at", "last_heard_at"])

    @classmethod
    def settle(cls, people: People) -> None:
        """Whom each person is known as, and whose their spells are, by the joins that stand now."""
        from touchline.desk.models.product_event import ProductEvent
        from touchline.desk.models.spell import Spell

        before = dict(cls.objects.filter(joined_into__gt=0).values_list("pk", "joined_into"))
        now = {int(person): int(people.of(person)) for person in people.joined}
        for person in before.keys() | now.keys():
            known_as = now.get(person)
            if before.get(person) != known_as:
                cls.objects.filter(pk=person).update(joined_into=known_as)
                Spell.objects.filter(blocker__person=person).update(person=known_as or person)
                ProductEvent.objects.filter(person=person).look_again_at_once()

    @property
    def everyone(self) -> list[int]:
        """The ids of all records of this person: their own, and those joined into it."""
        return [self.pk, *Person.objects.filter(joined_into=self).values_list("pk", flat=True)]

    def __str__(self) -> str:
        return self.called

    @property
    def called(self) -> str:
        """What we call them: their name, or their address where they never gave one."""
        if self.name:
            return self.name
        else:
            first = self.addresses.order_by("id").first()
            return first.email if first else ""


class Domain(models.Transform):
    """What stands after the @ of an address, in small letters. It has no parameter of its own, so that an index of it is found."""

    lookup_name = "domain"
    output_field = models.CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="LOWER(SUBSTR(%(expressions)s, INSTR(%(expressions)s, '@') + 1))", **more
        )

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="LOWER(SPLIT_PART(%(expressions)s, '@', 2))", **more)


models.CharField.register_lookup(Domain)


class AddressQuerySet(models.QuerySet["Address"]):
    def known_as(self, words: str) -> Self:
        """Those with these letters in them or in the person's name, whoever wrote last first."""
        found = self.filter(models.Q(email__icontains=words) | models.Q(person__name__icontains=words))
        return found.select_related("person").order_by("-person__last_heard_at", "id")


class Address(Row):
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="addresses")
    email = models.CharField(max_length=320)
    cannot_be_reached_at = models.DateTimeField(null=True, blank=True, help_text="since when mail to it bounces for good")
    away_until = models.DateField(null=True, blank=True, help_text="the day until which an absence note says they are away")

    objects = AddressQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="an_address_belongs_to_one_person")]
        indexes = [models.Index(Domain("email"), name="address_of_domain")]

    def __str__(self) -> str:
        return self.email

    @classmethod
    def wrote(cls, email: str, *, at: datetime) -> None:
        """Who writes is neither away nor out of reach; an old mail that comes in late says nothing of what came back since."""
        known = cls.objects.filter(email__lower=email.lower())
        known.filter(away_until__isnull=False).update(away_until=None)
        known.filter(cannot_be_reached_at__lt=at).update(cannot_be_reached_at=None)

    def works_again(self) -> None:
        """A teammate knows that mail reaches it."""
        self.cannot_be_reached_at = None
        self.save(update_fields=["cannot_be_reached_at"])

    def is_known(self, at: datetime) -> None:
        """We know whose this is, from now on: what was seen of them before may say something of what stood in their way."""
        from touchline.desk.models.product_event import ProductEvent

        ProductEvent.heard_of(self, at)
