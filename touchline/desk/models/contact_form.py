"""A form that people write to us by, on a page of ours or within theirs."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from touchline.desk.models.mailbox import Mailbox
from touchline.desk.models.row import Row


def new_key() -> str:
    return secrets.token_urlsafe(9)


class ContactForm(Row):
    """What is written there comes in as a mail of its mailbox."""

    mailbox = models.OneToOneField(Mailbox, on_delete=models.CASCADE, related_name="contact_form")
    key = models.CharField(max_length=20, unique=True, default=new_key, help_text="stands in its address")
    title = models.CharField(_("title"), max_length=200, blank=True)
    words = models.TextField(_("words above it"), blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    embed_on = models.TextField(
        _("pages that may show it"), blank=True, help_text=_("One a line, like https://shop.example.org. Empty: none.")
    )
    takes_files = models.BooleanField(_("files may be attached"), default=True)

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.closed_at is None
