"""What the team knows of an address or a domain that writes to us."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import gettext_lazy as _

from touchline.desk.models.mailbox import Mailbox
from touchline.desk.models.row import Row

if TYPE_CHECKING:
    from touchline.desk.models.teammate import Teammate


class SenderRule(Row):
    """A rule for one sender (`nora@example.org`) or for all of a domain and those beneath it (`example.org`)."""

    class Kind(models.TextChoices):
        BLOCK = "block", _("is spam")
        ALLOW = "allow", _("is never spam")
        PERSON = "person", _("a person writes through this")

    pattern = models.CharField(max_length=320, help_text="an address, or a domain; lower-case")
    kind = models.CharField(max_length=10, choices=Kind)
    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, null=True, blank=True, related_name="sender_rules")
    by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("pattern"), "kind", Coalesce("mailbox_id", 0), name="a_sender_has_one_rule_of_a_kind_a_mailbox"
            )
        ]

    @classmethod
    def kinds_of(cls, address: str, mailbox: Mailbox) -> "set[str]":
        """The rules that hold for this sender here. One for the address itself wins over one for its domain."""
        address = address.lower()
        labels = address.rpartition("@")[2].split(".")
        domains = [".".join(labels[i:]) for i in range(max(len(labels) - 1, 1))][:20]
        here = models.Q(mailbox=None) | models.Q(mailbox=mailbox)
        found = {(rule.pattern.lower(), rule.kind) for rule in cls.objects.filter(here, pattern__lower__in=[address, *domains])}
        verdicts = {cls.Kind.BLOCK, cls.Kind.ALLOW}
        kinds = {kind for _pattern, kind in found if kind not in verdicts}
        for pattern in (address, *domains):
            said = {kind for each, kind in found if each == pattern} & {kind.value for kind in verdicts}
            if said:
                return kinds | ({cls.Kind.ALLOW.value} if cls.Kind.ALLOW in said else said)
        return kinds

    @classmethod
    def say(cls, pattern: str, kind: str, *, by: "Teammate | None", at: datetime, mailbox: Mailbox | None = None) -> "SenderRule":
        """From now on. A verdict takes the place of its opposite."""
        pattern = pattern.strip().lower().lstrip("@")
        opposite = {cls.Kind.BLOCK: cls.Kind.ALLOW, cls.Kind.ALLOW: cls.Kind.BLOCK}.get(cls.Kind(kind))
        if opposite:
            cls.objects.filter(pattern__lower=pattern, kind=opposite, mailbox=mailbox).delete()
        rule, _new = cls.objects.get_or_create(pattern=pattern, kind=kind, mailbox=mailbox, defaults={"by": by, "at": at})
        return rule
