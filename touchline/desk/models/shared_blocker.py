"""What stands in many people's way."""

from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from touchline.desk.models.row import Due, Row


class SharedBlockerQuerySet(models.QuerySet["SharedBlocker"]):
    def standing(self) -> Self:
        """Those that are in the way still."""
        return self.filter(moved_at=None, put_away_at=None)


class SharedBlocker(Row):
    """Groups the blockers of several people. Each keeps their own, with its own events; this one is never in the ledger."""

    words = models.CharField(_("what stands in the way"), max_length=200)
    about = models.TextField(_("what we know"), blank=True)
    topic = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()
    by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField(null=True, blank=True, help_text="when the team said that it is out of everyone's way")
    put_away_at = models.DateTimeField(null=True, blank=True)

    objects = SharedBlockerQuerySet.as_manager()

    def __str__(self) -> str:
        return self.words


class WriteOnce(Row):
    """Writing once to all who share a blocker: one mail a person, in their own conversation."""

    shared = models.ForeignKey(SharedBlocker, on_delete=models.CASCADE, related_name="writings")
    by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, related_name="+")
    text = models.TextField(help_text="with {first name} where the person's stands")
    html = models.TextField(blank=True)
    moves = models.BooleanField(default=True)
    written_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)


class WriteOnceMail(Due):
    """One person's mail of it. Sent at most once, whatever happens."""

    LEASE: ClassVar = timedelta(minutes=5)

    writing = models.ForeignKey(WriteOnce, on_delete=models.CASCADE, related_name="mails")
    blocker = models.ForeignKey("desk.Blocker", on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("desk.Person", on_delete=models.CASCADE, related_name="+")
    message_id = models.BigIntegerField(null=True, blank=True, help_text="the message that it became")
    skipped_because = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="write_once_mail_due")]
        constraints = [models.UniqueConstraint(fields=["writing", "person"], name="one_mail_a_person_and_writing")]
