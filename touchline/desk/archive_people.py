"""The people of an archive, met many at a time."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models.functions import Lower

from touchline.core.mail.email import Correspondent
from touchline.desk.archive_insert import insert
from touchline.desk.models.person import Address, Person
from touchline.desk.models.row import free_ids


class People:
    """Who has which address, as far as it was asked."""

    def __init__(self, *, dry_run: bool) -> None:
        self.dry_run = dry_run
        self._ids: dict[str, int] = {}

    def knows(self, address: str) -> bool:
        """Whether they were met here."""
        return address in self._ids

    def id_of(self, address: str) -> int:
        """The person who has an address that was met."""
        return self._ids[address]

    def meet(self, heard: Iterable[tuple[Correspondent, datetime]]) -> int:
        """These were heard, at those times. How many of them we had never heard of."""
        met: dict[str, Person] = {}
        for who, at in sorted(heard, key=lambda each: each[1]):
            person = met.setdefault(who.address, Person(id=0, first_heard_at=at, last_heard_at=at))
            person.name = person.name or who.name[:200]
            person.last_heard_at = at
        unknown = [address for address in met if address not in self._ids]
        here = Address.objects.annotate(lower=Lower("email")).filter(lower__in=unknown).values_list("lower", "person_id")
        self._ids.update(here)
        new = [address for address in unknown if address not in self._ids]
        if self.dry_run:
            self._ids.update(dict.fromkeys(new, 0))
        else:
            self._heard_again({address: person for address, person in met.items() if address in self._ids})
            self._add({address: met[address] for address in new})
        return len(new)

    def _heard_again(self, met: dict[str, Person]) -> None:
        known = Person.objects.in_bulk({self._ids[address] for address in met})
        changed = set()
        for address, heard in met.items():
            person = known[self._ids[address]]
            before = (person.name, person.first_heard_at, person.last_heard_at)
            person.name = person.name or heard.name
            person.first_heard_at = min(person.first_heard_at, heard.first_heard_at)
            person.last_heard_at = max(person.last_heard_at, heard.last_heard_at)
            if before != (person.name, person.first_heard_at, person.last_heard_at):
                changed.add(person.pk)
        Person.objects.bulk_update([known[id] for id in changed], ["name", "first_heard_at", "last_heard_at"])

    def _add(self, new: dict[str, Person]) -> None:
        for person, id in zip(new.values(), free_ids(Person, [person.first_heard_at for person in new.values()]), strict=True):
            person.id = id
        insert(Person, new.values())
        insert(Address, (Address(email=address, person=person) for address, person in new.items()))
        self._ids.update((address, person.pk) for address, person in new.items())
