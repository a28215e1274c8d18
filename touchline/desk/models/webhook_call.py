"""One call to a webhook, with its tries."""

import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models

from touchline.channels import webhook as wire
from touchline.channels.webhook import NotAllowed as NotAllowed
from touchline.desk.keys import WHERE_THE_KEY_BELONGS
from touchline.desk.live import publish
from touchline.desk.models.product_event import Webhook
from touchline.desk.models.row import Due, DueQuerySet, growing_pause


class WebhookCallQuerySet(DueQuerySet):
    def in_trouble(self) -> Self:
        """Those that were not taken so far, and those that were given up, the newest first."""
        return self.filter(sent_at=None).exclude(trouble="").order_by("-id")


class WebhookCall(Due):
    LEASE: ClassVar = timedelta(minutes=2)
    GIVE_UP_AFTER: ClassVar = timedelta(days=3)
    KEPT_FOR: ClassVar = timedelta(days=30)

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="calls")
    body = models.JSONField()
    written_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    gave_up_at = models.DateTimeField(null=True, blank=True)

    objects = WebhookCallQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="webhook_call_due")]

    @classmethod
    def listen(cls, url: str, *, by: Any, at: datetime) -> Webhook:
        """From now on this address is told. Raises `channels.webhook.NotAllowed` for one that we would never call."""
        wire.check(url, private_hosts=settings.WEBHOOK_PRIVATE_HOSTS)
        return Webhook.objects.create(url=url, secret=f"whs_{secrets.token_urlsafe(32)}", by=by, made_at=at)

    @classmethod
    def write(cls, event: str, about: dict[str, Any], *, at: datetime) -> None:
        """Something happened: each webhook is called about it, with an id that stays the same at every try."""
        for webhook in Webhook.objects.filter(put_away_at=None):
            call = cls(webhook=webhook, written_at=at, due_at=at)
            call.body = {"id": str(call.pk), "event": event, "at": at.isoformat(), **about}
            call.save()
            publish("webhook_call", call.pk)

    def send(self, at: datetime) -> None:
        """Post it, signed as of now. What is not taken is tried again with growing pauses, for three days."""
        if self.webhook.put_away_at or self.sent_at:
            self._update(due_at=None)
            return
        raw = json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            if not self.webhook.secret:
                raise wire.NotTaken(f"The secret it is signed with cannot be opened. {WHERE_THE_KEY_BELONGS}")
            wire.post(self.webhook.url, raw, self._signed(raw, at), private_hosts=settings.WEBHOOK_PRIVATE_HOSTS)
        except wire.NotTaken as trouble:
            if at - self.written_at >= self.GIVE_UP_AFTER:
                self._update(due_at=None, gave_up_at=at, trouble=str(trouble)[:2000])
            else:
                self.try_again(at, str(trouble), pause=growing_pause(self.tries))
            self._note(str(trouble))
        else:
            self._update(due_at=None, sent_at=at, tries=0, trouble="")
            self._note("")

    def again(self, at: datetime) -> None:
        """Try it now, for three days from now at most."""
        self._update(due_at=at, written_at=at, gave_up_at=None, tries=0)
        publish("webhook_call", self.pk)

    @classmethod
    def forget_the_old(cls, at: datetime) -> None:
        """What was told, or given up, a month ago is not kept."""
        cls.objects.filter(due_at=None, written_at__lt=at - cls.KEPT_FOR).delete()

    def _signed(self, raw: bytes, at: datetime) -> dict[str, str]:
        """The headers by which the other side knows that it is from us, and when (docs/shared-blockers.md)."""
        timestamp = str(int(at.timestamp()))
        signature = hmac.new(self.webhook.secret.encode(), timestamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/json",
            "User-Agent": "Touchline",
            "Touchline-Event": str(self.body["event"]),
            "Touchline-Id": str(self.body["id"]),
            "Touchline-Timestamp": timestamp,
            "Touchline-Signature": f"sha256={signature}",
        }

    def _note(self, trouble: str) -> None:
        """How the last call to the webhook went, on the webhook itself."""
        Webhook.objects.filter(pk=self.webhook_id).update(trouble=trouble)

    def _update(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        self.save(update_fields=list(values))
