"""What the doctor found when a mailbox was looked at."""

from django.db import models

from touchline.desk.models.mailbox import Mailbox
from touchline.desk.models.row import Row


class Checkup(Row):
    """One visit: its steps, and the mail that was sent to ourselves and is to be seen back."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="checkups")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey("desk.Teammate", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    steps = models.JSONField(default=list, help_text="[way, name, worked, words] of each step so far")
    token = models.CharField(max_length=40, blank=True, db_index=True, help_text="stands in the mails that we sent to ourselves")
    sent_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="when the one to the plain address was seen back")
    tagged_seen_at = models.DateTimeField(null=True, blank=True, help_text="when the one to an address with a plus was seen back")

    class Meta:
        indexes = [models.Index(fields=["mailbox", "-at"], name="checkup_of_mailbox")]
