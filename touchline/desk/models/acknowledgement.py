"""Who was told by the desk that their mail has come, and when (RFC 3834: seldom, and never to a machine)."""

from django.db import models

from touchline.desk.models.mailbox import Mailbox
from touchline.desk.models.row import Row


class Acknowledgement(Row):
    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="+")
    email = models.CharField(max_length=320)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["mailbox", "email", "-at"], name="acknowledged_lately")]
