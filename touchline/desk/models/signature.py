"""What stands beneath a teammate's words."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Coalesce

from touchline.core.mail.safe_html import safe_words
from touchline.desk.models.mailbox import Mailbox
from touchline.desk.models.message import Words
from touchline.desk.models.row import Row
from touchline.desk.models.teammate import Teammate

if TYPE_CHECKING:
    from collections.abc import Iterable


class Signature(Row):
    """Of a teammate, of a mailbox, or of a teammate in a mailbox: the closest one is taken, and may be empty."""

    teammate = models.ForeignKey(Teammate, on_delete=models.CASCADE, null=True, blank=True, related_name="signatures")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, null=True, blank=True, related_name="signatures")
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Coalesce("teammate_id", 0), Coalesce("mailbox_id", 0), name="one_signature_a_teammate_and_mailbox"
            ),
            models.CheckConstraint(
                condition=models.Q(teammate__isnull=False) | models.Q(mailbox__isnull=False), name="a_signature_is_somebodys"
            ),
        ]

    @classmethod
    def beneath(cls, teammate: Teammate, mailbox: Mailbox) -> Words:
        """What stands beneath what this teammate writes from this mailbox: theirs there, else theirs, else the mailbox's, else nothing."""
        found: Iterable[Signature] = cls.objects.filter(
            models.Q(teammate=teammate, mailbox=mailbox)
            | models.Q(teammate=teammate, mailbox=None)
            | models.Q(teammate=None, mailbox=mailbox)
        )
        closest = max(found, key=lambda one: (one.teammate_id is not None, one.mailbox_id is not None), default=None)
        return Words(closest.text, safe_words(closest.html)) if closest else Words("")
