"""We ask whether it worked, and hear."""

from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from touchline.desk.models.row import Due, DueQuerySet, Row


class CheckInQuerySet(DueQuerySet):
    def open_questions(self) -> Self:
        """Those that were asked and may still be answered."""
        return self.filter(asked_at__isnull=False, answer="", closed_at=None)


class CheckIn(Due):
    """One question about one spell of a blocker: planned when the blocker is moved, asked when it is due, answered or not."""

    LEASE: ClassVar = timedelta(minutes=5)
    LASTS: ClassVar = timedelta(days=60)

    class Horizon(models.TextChoices):
        HOURS = "hours", _("hours later")
        DAYS = "days", _("days later")
        WEEKS = "weeks", _("weeks later")

    class Answer(models.TextChoices):
        YES = "yes", _("yes, it worked")
        NO = "no", _("not yet")

    blocker = models.ForeignKey("desk.Blocker", on_delete=models.CASCADE, related_name="check_ins")
    conversation = models.ForeignKey("desk.Conversation", on_delete=models.CASCADE, related_name="check_ins")
    person = models.ForeignKey("desk.Person", on_delete=models.CASCADE, related_name="check_ins")
    by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, related_name="+", help_text="who moved it, and asks")
    horizon = models.CharField(max_length=10, choices=Horizon)
    random = models.BooleanField(default=False, help_text="its spell was drawn at random")
    spell_began_at = models.DateTimeField()
    line = models.CharField(
        max_length=200, blank=True, help_text="what it was about, as the person reads it; the mover could edit it"
    )
    planned_at = models.DateTimeField()
    left_out_at = models.DateTimeField(null=True, blank=True, help_text="the mover left it out")
    asked_at = models.DateTimeField(null=True, blank=True)
    message_id = models.BigIntegerField(null=True, blank=True, help_text="the message that asked")
    token_digest = models.CharField(max_length=64, blank=True, db_index=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=5, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    words = models.TextField(blank=True, help_text="what they added")
    closed_at = models.DateTimeField(null=True, blank=True, help_text="it is asked no more, or was never asked")
    closed_because = models.CharField(max_length=30, blank=True)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="check_in_due"),
            models.Index(fields=["person", "-id"], name="check_in_of_person"),
        ]


class AskRule(Row):
    """When people are asked: for all, for a mailbox, for a topic, or for a topic in a mailbox; the closest one holds."""

    mailbox = models.ForeignKey("desk.Mailbox", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    topic = models.CharField(max_length=60, blank=True)
    after_hours = models.BooleanField(_("after hours"), default=False)
    after_days = models.BooleanField(_("after days"), default=True)
    after_weeks = models.BooleanField(_("after weeks"), default=False)
    random_share = models.FloatField(
        _("drawn at random"), default=0.0, help_text="0 to 1 of the spells that are not asked anyway"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(Coalesce("mailbox_id", 0), "topic", name="one_rule_of_asking_a_mailbox_and_topic"),
            models.CheckConstraint(condition=models.Q(random_share__gte=0, random_share__lte=1), name="a_share_is_0_to_1"),
        ]
