"""One visit of the doctor to a mailbox: what was tried, step by step, and the mails that we sent to ourselves and are to see back."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models, transaction

from touchline.desk.live import publish
from touchline.desk.models.mailbox import Mailbox
from touchline.desk.models.row import Due, DueQuerySet

if TYPE_CHECKING:
    from touchline.desk.models.teammate import Teammate

LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
PLAIN, TAGGED = "plain", "tagged"


class CheckupQuerySet(DueQuerySet):
    def of(self, mailbox: Mailbox) -> Self:
        """Its visits, the newest first."""
        return self.filter(mailbox=mailbox).order_by("-id")


class Checkup(Due):
    LEASE: ClassVar = timedelta(minutes=5)
    KEPT: ClassVar = 5
    """Visits of a mailbox that are kept."""
    LOOKS_AGAIN: ClassVar = timedelta(seconds=2)
    WAITS: ClassVar = timedelta(minutes=3)
    """How long a visit lasts, at most, while our own mail is on its way."""
    LATEST: ClassVar = timedelta(minutes=10)
    """After so long an address with a plus is taken for one that brings nothing."""
    TOKEN_LETTERS: ClassVar = 20  # 5 bits each, as in our reply addresses, which the one with a plus stands for

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="checkups")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey("desk.Teammate", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    steps = models.JSONField(default=list, help_text="way, name, worked, words, meaning and fix of each step so far")
    token = models.CharField(max_length=40, blank=True, db_index=True, help_text="stands in the mails that we sent to ourselves")
    looked_at = models.DateTimeField(null=True, blank=True, help_text="when all was tried but the mails to ourselves")
    sent_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="when the one to the plain address was seen back")
    tagged_seen_at = models.DateTimeField(null=True, blank=True, help_text="when the one to an address with a plus was seen back")
    back = models.JSONField(
        default=dict, help_text="of the plain and the tagged one: the folder it was in, or why it was returned"
    )

    objects = CheckupQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["mailbox", "-at"], name="checkup_of_mailbox")]

    @classmethod
    @transaction.atomic
    def begin(cls, mailbox: Mailbox, *, by: "Teammate | None", at: datetime, at_once: bool = True) -> "Checkup":
        """A new visit, or the one that is going on. Only the newest few are kept.

        `at_once`: the worker does it; else whoever begins it goes through it.
        """
        Mailbox.objects.select_for_update(no_key=True).get(pk=mailbox.pk)
        going_on: Checkup | None = cls.objects.of(mailbox).filter(ended_at=None, at__gt=at - cls.LATEST).first()
        if going_on and at_once:
            return going_on
        token = "".join(secrets.choice(LETTERS) for _ in range(cls.TOKEN_LETTERS))
        checkup = cls.objects.create(mailbox=mailbox, by=by, at=at, token=token, due_at=at if at_once else None)
        old = cls.objects.of(mailbox).values_list("pk", flat=True)[cls.KEPT :]
        cls.objects.filter(pk__in=list(old)).delete()
        checkup.tell()
        return checkup

    @property
    def well(self) -> bool:
        """Nothing that was tried so far went wrong."""
        return not any(step["worked"] is False for step in self.steps)

    def told(self, at: datetime) -> list[dict[str, Any]]:
        """Every step so far, with what became of the mails to ourselves."""
        from touchline.desk import doctor

        return [*self.steps, *doctor.there_and_back(self, at)]

    def was_well(self, at: datetime) -> bool:
        return not self.trouble and all(step["worked"] is not False for step in self.told(at))

    def go_on(self, at: datetime) -> None:
        """Do what comes next of this visit, and say when it goes on: try each step; mail ourselves; see whether it came."""
        from touchline.desk import doctor, doctor_look

        if self.looked_at is None:
            self.steps = []  # an earlier look may have broken off
            self.note(doctor_look.look(self.mailbox, at))
            self._update(looked_at=at, due_at=at)
        elif self.sent_at is None and doctor.may_write(self):
            doctor.write_to_ourselves(self, at)
        else:
            doctor.watch_for_it(self, at)
        self.tell()

    def note(self, steps: Iterable[dict[str, Any]]) -> None:
        """Keep each step as soon as it is done; whoever has the page open sees it come."""
        for step in steps:
            self.steps.append(step)
            self._update(steps=self.steps)
            self.tell()

    def end(self, at: datetime) -> None:
        self._update(ended_at=self.ended_at or at, due_at=None)

    def try_again(self, at: datetime, trouble: str, *, pause: timedelta) -> None:
        """A visit that broke off is over: whoever wants another begins one."""
        self._update(trouble=trouble[:2000], ended_at=at, due_at=None)
        self.tell()

    def tell(self) -> None:
        publish("checkup", self.mailbox_id)

    def _update(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        self.save(update_fields=list(values))
