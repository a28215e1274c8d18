"""What every table of ours has: a time-ordered key, and, where it wants doing, a time at which it is due."""

import secrets
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from django.db import IntegrityError, models, transaction
from django.db.models.functions import Lower

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_drawn: dict[int, int] = {}
"""The last key that was drawn for each of the milliseconds that were drawn for lately."""
_drawing = threading.Lock()


def new_id(at: datetime | None = None) -> int:
    """A key that sorts by time: milliseconds since 1970 shifted by 20 bits, the rest random. Fits 63 bits until 2248.

    Those drawn here one after another for the same millisecond sort in the order in which they were drawn.
    """
    milliseconds = max(0, ((at or datetime.now(UTC)) - EPOCH) // timedelta(milliseconds=1))
    with _drawing:
        last = _drawn.pop(milliseconds, None)
        id = milliseconds << 20 | secrets.randbits(20) if last is None else last + 1 + secrets.randbits(4)
        _drawn[milliseconds] = id
        if len(_drawn) > 100:
            del _drawn[next(iter(_drawn))]
        return id


def free_ids(noun: type["Row"], times: Sequence[datetime]) -> list[int]:
    """A key for each of many new rows, none of them taken; those of one millisecond sort in the order given."""
    ids = [new_id(at) for at in times]
    while taken := set(noun._base_manager.filter(pk__in=ids).values_list("pk", flat=True)):
        ids = [new_id(at) if id in taken else id for id, at in zip(ids, times, strict=True)]
    return ids


# `email__lower=address.lower()` finds by the index that keeps addresses unique. `iexact` would not, and on PostgreSQL takes letters
# that only look alike in capitals for the same: a stranger with a long s for Sam.
models.CharField.register_lookup(Lower)


class Row(models.Model):
    """A row with a time-ordered 63-bit key. A key that is taken is drawn again."""

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            super().save(*args, **kwargs)
            return
        while True:
            try:
                with transaction.atomic():
                    super().save(*args, **kwargs)
                return
            except IntegrityError:
                if not type(self)._base_manager.filter(pk=self.pk).exists():
                    raise
                self.pk = (self.pk >> 20 << 20) | secrets.randbits(20)


LONGEST_PAUSE = timedelta(hours=6)
"""Between two tries of anything: no lease is longer either."""


class DueQuerySet(models.QuerySet[Any]):
    def due(self, at: datetime) -> Self:
        return self.filter(due_at__lte=at).order_by("due_at", "id")


class Due(Row):
    """A row that wants doing. `due_at` is when; empty means there is nothing to do.

    To claim it is to push `due_at` on by a lease with an update that still finds it due, so one worker gets it,
    and one that dies leaves it due again.
    """

    due_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    trouble = models.TextField(blank=True, help_text="why the last try failed, in a sentence")

    class Meta:
        abstract = True

    def claim(self, at: datetime, *, lease: timedelta) -> bool:
        """Make it ours until `at` + `lease`. False if someone else was quicker."""
        leased = at + lease
        if type(self)._base_manager.filter(pk=self.pk, due_at=self.due_at).update(due_at=leased):
            self.due_at = leased
            return True
        else:
            return False

    def try_again(self, at: datetime, trouble: str, *, pause: timedelta) -> None:
        """Note what went wrong and when to try next."""
        self.tries += 1
        self.trouble = trouble[:2000]
        self.due_at = at + pause
        self.save(update_fields=["tries", "trouble", "due_at"])


def growing_pause(tries: int) -> timedelta:
    """How long to wait after so many tries: half a minute, doubled each time, six hours at most."""
    return min(timedelta(seconds=30) * (1 << min(tries, 10)), LONGEST_PAUSE)


class Counter(models.Model):
    """Numbers in order without a gap that matters: of conversations, and of events in the ledger.

    Taking one holds its row until the transaction ends, so the order of numbers is the order of commits.
    """

    name = models.CharField(max_length=30, primary_key=True)
    value = models.BigIntegerField(default=0)

    @classmethod
    def take(cls, name: str, count: int = 1) -> int:
        """The first of the next `count` numbers. Call it within a transaction."""
        if not cls.objects.filter(name=name).update(value=models.F("value") + count):
            cls.objects.get_or_create(name=name)
            cls.objects.filter(name=name).update(value=models.F("value") + count)
        return cls.objects.get(name=name).value - count + 1
