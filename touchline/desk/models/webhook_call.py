"""One call to a webhook, with its tries."""

from datetime import timedelta
from typing import ClassVar

from django.db import models

from touchline.desk.models.product_event import Webhook
from touchline.desk.models.row import Due


class WebhookCall(Due):
    LEASE: ClassVar = timedelta(minutes=2)

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="calls")
    body = models.JSONField()
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    gave_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="webhook_call_due")]
