"""Another address of a mailbox."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from touchline.desk.models.mailbox import Mailbox
from touchline.desk.models.row import Row


class Alias(Row):
    """What comes to it comes to its mailbox, and who wrote to it is answered from it."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="aliases")
    address = models.EmailField(_("address"))

    class Meta:
        constraints = [models.UniqueConstraint(Lower("address"), name="an_alias_leads_to_one_mailbox")]

    def __str__(self) -> str:
        return self.address

    def clean(self) -> None:
        if Mailbox.objects.filter(address__lower=self.address.lower()).exists():
            raise ValidationError({"address": _("This is the address of a mailbox.")})
        elif Alias.objects.filter(address__lower=self.address.lower()).exclude(pk=self.pk).exists():
            raise ValidationError({"address": _("This is another address of a mailbox already.")})

    @classmethod
    def add(cls, mailbox: Mailbox, address: str) -> "Alias":
        """Raises ValidationError where the address is no address, or leads somewhere already."""
        alias = cls(mailbox=mailbox, address=address.strip().lower())
        alias.full_clean()
        alias.save()
        return alias
