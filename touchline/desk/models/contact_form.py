"""A form that people write to us by, on a page of ours or within theirs."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from touchline.core.mail.email import Correspondent
from touchline.core.mail.form_mail import Written, as_mail, looks_like_a_robots
from touchline.desk.keys import signing_keys
from touchline.desk.models.inbound_email import InboundEmail
from touchline.desk.models.mailbox import Mailbox
from touchline.desk.models.row import Row


class TooMuch(Exception):
    """So much came by this form lately, from one place or in all, that it takes no more before `again_at`."""

    def __init__(self, again_at: datetime) -> None:
        super().__init__(f"Nothing more is taken before {again_at:%H:%M}.")
        self.again_at = again_at


def new_key() -> str:
    return secrets.token_urlsafe(9)


class ContactForm(Row):
    """What is written there comes in as a mail of its mailbox."""

    MOST_FILES: ClassVar = 10
    MOST_BYTES: ClassVar = 20 * 1024 * 1024
    """Of all files together; less where the largest mail that is taken is smaller."""
    SAME_WITHIN: ClassVar = timedelta(hours=1)
    """The same words again within this time are a second press of the button, a reload, or a retry after a lost answer."""
    LATELY: ClassVar = timedelta(hours=1)
    MOST_LATELY: ClassVar = {"network": 20, "writer": 8, "form": 600}
    """How many are taken within `LATELY` from one network, from one address, and by the form in all."""
    REMEMBERED: ClassVar = timedelta(days=1)

    mailbox = models.OneToOneField(Mailbox, on_delete=models.CASCADE, related_name="contact_form")
    key = models.CharField(max_length=20, unique=True, default=new_key, help_text="stands in its address")
    title = models.CharField(gettext_lazy("title"), max_length=200, blank=True)
    words = models.TextField(gettext_lazy("words above it"), blank=True)
    thanks = models.TextField(gettext_lazy("words once it is sent"), blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    embed_on = models.TextField(
        gettext_lazy("pages that may show it"),
        blank=True,
        help_text=gettext_lazy("One a line, like https://shop.example.org. Empty: none."),
    )
    takes_files = models.BooleanField(gettext_lazy("files may be attached"), default=True)

    @classmethod
    def of(cls, mailbox: Mailbox) -> "ContactForm":
        """The form of this mailbox; one that is not open, and not kept yet, where there is none."""
        return cls.objects.filter(mailbox=mailbox).first() or cls(mailbox=mailbox)

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.closed_at is None and self.mailbox.closed_at is None

    @property
    def most_bytes(self) -> int:
        """In base64 three bytes are four, and the words want room too."""
        return min(self.MOST_BYTES, settings.MAX_MAIL_BYTES * 2 // 3)

    @property
    def origins(self) -> list[str]:
        """The origins of the pages that may show it in a frame."""
        return [origin_of(line) for line in self.embed_on.splitlines() if line.strip()]

    def say(self, *, title: str, words: str, thanks: str, takes_files: bool, embed_on: str) -> None:
        """What stands on it, and which pages may show it."""
        self.title, self.words, self.thanks = title, words, thanks
        self.takes_files, self.embed_on = takes_files, embed_on
        self.save()

    def open(self, at: datetime) -> None:
        """From now on people can write by it. Open already, it stays so."""
        if not self.is_open:
            self.opened_at = at
            self.closed_at = None
            self.save()

    def close(self, at: datetime) -> None:
        """Its page says that it is closed. What came by it stays."""
        if self.is_open:
            self.closed_at = at
            self.save()

    def take(self, written: Written, *, at: datetime, network: str, trap: str = "") -> InboundEmail:
        """Keep what somebody wrote, durably, as a mail of the mailbox. When this returns, they may be thanked.

        The same words within the hour are one mail. What a robot seems to have written is kept among the spam, with the reason.
        `network` is where it was sent from, "" where nobody knows; it is remembered for a day, and only as a keyed hash. Raises TooMuch, OSError where
        it cannot be kept, and CannotBeAddressed.
        """
        digest = written.digest()
        with transaction.atomic():
            form = ContactForm.objects.select_for_update().select_related(None).get(pk=self.pk)  # one at a time
            FormPost.objects.filter(form=form, at__lt=at - self.REMEMBERED).delete()
            earlier = FormPost.objects.filter(form=form, digest=digest, at__gt=at - self.SAME_WITHIN).first()
            if earlier:
                return earlier.inbound
            post = FormPost(
                form=form, at=at, digest=digest, network=hashed(network), writer=hashed(written.writer.address.lower())
            )
            post.refuse_too_much(at)
            domain = self.mailbox.address.rpartition("@")[2]
            raw = as_mail(
                written,
                to=Correspondent(self.mailbox.name, self.mailbox.address),
                form=self.key,
                message_id=f"{secrets.token_hex(16)}.form@{domain}",
                at=at,
                robot=looks_like_a_robots(written, trap=trap),
            )
            post.inbound = self.mailbox.receive(raw, at=at, via=InboundEmail.Via.FORM, recipient=self.mailbox.address)
            post.save()
            return post.inbound


class FormPost(Row):
    """That somebody wrote by a form: for a day, so that twice is once and a flood is a trickle. Whose it was stands here only as a hash."""

    form = models.ForeignKey(ContactForm, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    digest = models.CharField(max_length=64, help_text="of what was written")
    network = models.CharField(max_length=32)
    writer = models.CharField(max_length=32)
    inbound = models.ForeignKey(InboundEmail, on_delete=models.CASCADE, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["form", "-at"], name="form_posts_of_form")]

    def refuse_too_much(self, at: datetime) -> None:
        """Raises TooMuch where as many came lately as are taken."""
        lately = FormPost.objects.filter(form=self.form, at__gt=at - ContactForm.LATELY).order_by("-at")
        of = {"writer": lately.filter(writer=self.writer), "form": lately}
        if self.network:
            of["network"] = lately.filter(network=self.network)
        for what, posts in of.items():
            most = ContactForm.MOST_LATELY[what]
            first_that_counts = posts.values_list("at", flat=True)[most - 1 : most].first()
            if first_that_counts:
                raise TooMuch(first_that_counts + ContactForm.LATELY)


def origin_of(page: str) -> str:
    """`https://shop.example.org` of any page there. Raises ValidationError for what is no address of the web."""
    page = page.strip()
    try:
        parts = urlsplit(page if "//" in page else f"https://{page}")
        port = f":{parts.port}" if parts.port else ""
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError:
        parts, port, host = urlsplit(""), "", ""
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*", host):
        raise ValidationError(_("We couldn’t read “%(page)s”. It looks like https://shop.example.org.") % {"page": page[:100]})
    return f"{parts.scheme}://{host}{port}"


def hashed(whose: str) -> str:
    """So that the same is known again, and nobody reads who it was. Nobody stays nobody."""
    return hmac.new(signing_keys()[0], b"contact form\0" + whose.encode(), hashlib.sha256).hexdigest()[:32] if whose else ""
