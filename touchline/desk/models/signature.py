"""What stands beneath a teammate's words."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.html import escape

from touchline.core.mail.safe_html import safe_words
from touchline.desk.models.desk import Desk
from touchline.desk.models.mailbox import Mailbox
from touchline.desk.models.message import Words
from touchline.desk.models.row import Row
from touchline.desk.models.teammate import Teammate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


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
        return filled(closest.words, teammate, mailbox) if closest else Words("")

    @classmethod
    def kept(cls, *, teammate: Teammate | None = None, mailbox: Mailbox | None = None) -> Words | None:
        """As it was written for just these two, with its gaps; None where nothing was said of them."""
        found: Signature | None = cls.objects.filter(teammate=teammate, mailbox=mailbox).first()
        return found.words if found else None

    @classmethod
    def keep(cls, words: Words | None, *, teammate: Teammate | None = None, mailbox: Mailbox | None = None) -> None:
        """From now on it is this; empty words mean that nothing stands there, and None that the next closest one does.

        What is on its way keeps the one it was written with.
        """
        if words is None:
            cls.objects.filter(teammate=teammate, mailbox=mailbox).delete()
        else:
            said = {"text": words.text, "html": safe_words(words.html, pictures=())}
            cls.objects.update_or_create(teammate=teammate, mailbox=mailbox, defaults=said)

    @property
    def words(self) -> Words:
        return Words(self.text, self.html)


def filled(words: Words, teammate: Teammate, mailbox: Mailbox) -> Words:
    """With every gap closed: {name}, {first name}, {mailbox} and {desk} become what they stand for."""
    told: Mapping[str, Any] = {
        "{name}": teammate.name,
        "{first name}": teammate.first_name,
        "{mailbox}": mailbox.address,
        "{desk}": Desk.get().name,
    }
    text, html = words
    for gap, value in told.items():
        text, html = text.replace(gap, value), html.replace(gap, escape(value))
    return Words(text, html)
