"""Keys derived from the installation's secret, which is kept outside the database."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Cast

WHERE_THE_KEY_BELONGS = "Put that key back, as a line of `secret.key` or in TOUCHLINE_OLD_SECRET_KEYS, and start again; or give the secret anew in the settings."
"""What to do about a secret that no key opens."""

if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField


def signing_keys() -> list[bytes]:
    """The keys that sign our Message-IDs: the first signs, all are accepted."""
    return [_derived(secret, b"message-id") for secret in _secrets()]


def check_in_keys() -> list[bytes]:
    """The keys from which links of check-ins are made, and by which spells are drawn at random: the first is used, all are accepted."""
    return [_derived(secret, b"check-in") for secret in _secrets()]


class Secret(_Text):
    """Text that is encrypted in the database (Fernet: AES-128-CBC with HMAC-SHA256).

    A value that none of our keys opens is read as empty: after a lost key a password is asked for again.
    """

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return _box().encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        if not value:
            return value
        try:
            return _box().decrypt(value.encode()).decode()
        except InvalidToken:
            return ""


@dataclass(frozen=True)
class Locked:
    """A secret as it stands in the database."""

    row: models.Model
    field: str
    token: str

    @property
    def name(self) -> str:
        """What it is, in a sentence: “imap password of support@desk.example”."""
        return f"{self.field.replace('_', ' ')} of {self.row}"

    def opens(self) -> bool:
        """Whether one of our keys opens it."""
        try:
            _box().decrypt(self.token.encode())
        except InvalidToken:
            return False
        else:
            return True


def every_secret(*, of: models.Model | None = None) -> Iterator[Locked]:
    """Each secret that is kept, in whatever table or in one row, as it stands there."""
    for model in apps.get_models() if of is None else [type(of)]:
        rows = model._base_manager.all() if of is None else model._base_manager.filter(pk=of.pk)
        for field in model._meta.concrete_fields:
            if isinstance(field, Secret):
                as_they_stand = rows.annotate(token_at_rest=Cast(field.name, models.TextField()))
                kept = as_they_stand.exclude(token_at_rest=None).exclude(token_at_rest="").order_by("pk")
                yield from (Locked(row, field.name, row.token_at_rest) for row in kept)


@transaction.atomic
def lock_anew() -> tuple[int, list[Locked]]:
    """Lock every secret with the first key, all or none: how many there were, and those that no key opens, which stay as they are."""
    count = 0
    lost = []
    for secret in every_secret():
        if secret.opens():
            fresh = models.Value(_box().rotate(secret.token.encode()).decode(), output_field=models.TextField())
            type(secret.row)._base_manager.filter(pk=secret.row.pk).update(**{secret.field: fresh})
            count += 1
        else:
            lost.append(secret)
    return count, lost


def _secrets() -> list[str]:
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def _box() -> MultiFernet:
    return MultiFernet([_fernet(secret) for secret in _secrets()])


@cache
def _fernet(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(secret, b"secrets at rest")))


@cache
def _derived(secret: str, use: bytes) -> bytes:
    return hmac.new(secret.encode(), use, hashlib.sha256).digest()
