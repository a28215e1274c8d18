"""The ledger written out as lines, for anyone who wants to check our figures, and read into a desk that has none."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from touchline.core.impact import events as core
from touchline.core.impact.account import Period
from touchline.core.impact.events import Kind
from touchline.core.impact.ledger import read, write
from touchline.core.impact.people import People, standing
from touchline.desk.models import Blocker, Counter, EventKey, Mailbox, OutcomeEvent, Person, Spell, Teammate
from touchline.desk.models.row import free_ids

BATCH = 1000


class Mixed(Exception):
    """The desk has a ledger of its own; another's would be counted with it."""


def written(period: Period | None = None) -> Iterator[str]:
    """The ledger, an event a line, in the order of recording; with a period, only what its account is worked out from.

    People, blockers, teammates and mailboxes are numbers, and ids that could say more are replaced by their digest.
    """
    events = OutcomeEvent.objects.that_decide(period) if period else OutcomeEvent.objects.all()
    for row in events.order_by("order").iterator(chunk_size=BATCH):
        event = row.as_value()
        named = _opaque(event.event) if event.kind is Kind.RETRACTED else event.event
        yield write(msgspec.structs.replace(event, id=_opaque(event.id), event=named)) + "\n"


_SAYS_NOTHING = re.compile(r"[a-z_-]+(:[a-z_-]+){0,3}(:[0-9]+){1,2}|line:[0-9]+:[0-9a-f]{16}|sha256:[0-9a-f]{40}")


def _opaque(key: str) -> str:
    """An id that is made of our own words and numbers, as it is; of any other its digest, which is always the same."""
    return key if _SAYS_NOTHING.fullmatch(key) else f"sha256:{hashlib.sha256(key.encode()).hexdigest()[:40]}"


@transaction.atomic
def take_in(lines: Iterable[bytes], *, at: datetime) -> int:
    """Record what a file holds, all of it or nothing, and say how many events were new; the same file again changes nothing.

    Its people, blockers and teammates get records without a name. Raises NotValid, with the line, where it is not a ledger, and
    Mixed where the desk has recorded anything that is not in it.
    """
    events = [_with_id(event) for event in read(lines)]
    first = Counter.take("ledger")  # whoever records meanwhile waits for us
    known = dict(OutcomeEvent.objects.values_list("key", "order"))
    ids = {event.id for event in events}
    if any(_opaque(key) not in ids and key not in ids for key in known):
        raise Mixed
    known |= {_opaque(key): order for key, order in known.items()}
    new = [event for event in events if event.id not in known]
    if new:
        Counter.take("ledger", len(new))
        _record(new, _Records(events, at), first)
        _settle({event.blocker for event in new} | _blockers_of_taken_back(new, events))
    return len(new)


def _with_id(event: core.OutcomeEvent) -> core.OutcomeEvent:
    """A line without an id has one of its place and what it says, so that the same file is known again."""
    if event.id:
        return event
    digest = hashlib.sha256(write(event).encode()).hexdigest()[:16]
    return msgspec.structs.replace(event, id=f"line:{event.order}:{digest}")


class _Records:
    """The rows that stand for the people, blockers, teammates and mailboxes of a file; those that are not here yet are made."""

    def __init__(self, events: Sequence[core.OutcomeEvent], at: datetime) -> None:
        self.of_blocker = {event.blocker: event for event in events if event.kind is Kind.RAISED}
        self.target = {event.id: event for event in events}
        self._people({name for event in events for name in (event.person, event.into) if name}, events, at)
        self._teammates({event.by for event in events if event.by}, at)
        self._mailboxes({event.mailbox for event in events if event.mailbox}, at)
        self._blockers({event.blocker for event in events if event.blocker})

    def blocker(self, event: core.OutcomeEvent) -> int | None:
        """Whose story an event is part of: a retraction is part of that from which it takes something."""
        while event.kind is Kind.RETRACTED:
            event = self.target[event.event]
        return _number(event.blocker) if event.blocker else None

    def _people(self, names: set[str], events: Sequence[core.OutcomeEvent], at: datetime) -> None:
        first = {event.person: event.at for event in reversed(events) if event.kind is Kind.RAISED}
        made = _missing(Person, names | {_NOBODY})
        name = _("A person from an imported ledger")
        Person.objects.bulk_create(
            [
                Person(pk=pk, name=name, first_heard_at=first.get(each, at), last_heard_at=first.get(each, at))
                for pk, each in made
            ],
            batch_size=BATCH,
        )

    def _teammates(self, names: set[str], at: datetime) -> None:
        for pk, _each in _missing(Teammate, names):
            teammate = Teammate(pk=pk, name=_("A teammate from an imported ledger"), joined_at=at, deactivated_at=at)
            teammate.email = f"teammate-{pk}@ledger.invalid"
            teammate.set_unusable_password()
            teammate.save(force_insert=True)

    def _mailboxes(self, names: set[str], at: datetime) -> None:
        for pk, _each in _missing(Mailbox, names | {_NOBODY}):
            name = _("A mailbox from an imported ledger")
            Mailbox(pk=pk, name=name, address=f"mailbox-{pk}@ledger.invalid", opened_at=at, closed_at=at).save(force_insert=True)

    def _blockers(self, names: set[str]) -> None:
        words = _("A blocker from an imported ledger")
        made = []
        for pk, name in _missing(Blocker, names):
            raised = self.of_blocker.get(name)
            person = _number(raised.person if raised else _NOBODY)
            mailbox = _number(raised.mailbox if raised and raised.mailbox else _NOBODY)
            topic = raised.topic[:60] if raised else ""
            made.append(Blocker(pk=pk, person_id=person, mailbox_id=mailbox, words=words, topic=topic))
        Blocker.objects.bulk_create(made, batch_size=BATCH)


_NOBODY = "nobody that the ledger names"


def _number(name: str) -> int:
    """The key of the row that stands for a name of a ledger: ours keep the number that they have, others get one of their digest."""
    if name.isascii() and name.isdigit() and name[0] != "0" and len(name) <= 19 and int(name) < 2**63:
        return int(name)
    else:
        return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1


def _missing(noun: Any, names: set[str]) -> list[tuple[int, str]]:
    """The names that no row stands for yet, each with the key that its row will have."""
    keys = {_number(name): name for name in sorted(names)}
    wanted = list(keys)
    here: set[int] = set()
    for start in range(0, len(wanted), BATCH):
        here.update(noun._base_manager.filter(pk__in=wanted[start : start + BATCH]).values_list("pk", flat=True))
    return [(pk, name) for pk, name in keys.items() if pk not in here]


def _record(new: Sequence[core.OutcomeEvent], records: _Records, first: int) -> None:
    for start in range(0, len(new), BATCH):
        some = new[start : start + BATCH]
        EventKey.objects.bulk_create([EventKey(key=event.id) for event in some])
        rows = []
        for id, place, event in zip(
            free_ids(OutcomeEvent, [event.at for event in some]), range(start, start + BATCH), some, strict=False
        ):
            said = {
                name: getattr(event, name) for name in ("how", "answer", "horizon", "random", "source", "event", "why", "topic")
            }
            links = {
                f"{name}_id": _number(getattr(event, name))
                for name in ("person", "into", "by", "mailbox")
                if getattr(event, name)
            }
            rows.append(
                OutcomeEvent(
                    id=id, key=event.id, order=first + place, at=event.at, kind=event.kind.value, blocker_id=records.blocker(event),
                    **said, **links,
                )
            )  # fmt: skip
        OutcomeEvent.objects.bulk_create(rows)


def _blockers_of_taken_back(new: Sequence[core.OutcomeEvent], events: Sequence[core.OutcomeEvent]) -> set[str]:
    target = {event.id: event for event in events}
    found = set()
    for event in new:
        while event.kind is Kind.RETRACTED:
            event = target[event.event]
        found.add(event.blocker)
    return found


def _settle(blockers: set[str]) -> None:
    """Work out afresh who is who, and then these blockers and their spells."""
    Person.settle(People(standing(row.as_value() for row in OutcomeEvent.objects.of_people())))
    wanted = sorted(_number(name) for name in blockers if name)
    for start in range(0, len(wanted), BATCH):
        some = wanted[start : start + BATCH]
        histories: dict[int, list[core.OutcomeEvent]] = {}
        for row in OutcomeEvent.objects.filter(blocker__in=some).in_order():
            histories.setdefault(row.blocker_id or 0, []).append(row.as_value())
        rows = list(Blocker.objects.filter(pk__in=some).select_related("person"))
        worked_out = [(row, spell) for row in rows for spell in row.follow(histories.get(row.pk, []))]
        Blocker.objects.bulk_update(rows, Blocker.FOLLOWS, batch_size=200)
        Spell.objects.filter(blocker__in=some).delete()
        made = [Spell.from_value(row, spell, person=row.person.joined_into_id or row.person_id) for row, spell in worked_out]
        for spell, id in zip(made, free_ids(Spell, [spell.began_at for spell in made]), strict=True):
            spell.id = id
        Spell.objects.bulk_create(made, batch_size=200)
