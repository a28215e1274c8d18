"""Keys derived from the installation's secret, which is kept outside the database."""

import base64
import hashlib
import hmac
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField


def signing_keys() -> list[bytes]:
    """The keys that sign our Message-IDs: the first signs, all are accepted."""
    return [_derived(secret, b"message-id") for secret in _secrets()]


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


def _secrets() -> list[str]:
    return [settings.SECRET_KEY, *cast(list[str], settings.SECRET_KEY_FALLBACKS)]


def _box() -> MultiFernet:
    return MultiFernet([_fernet(secret) for secret in _secrets()])


@cache
def _fernet(secret: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_derived(secret, b"secrets at rest")))


@cache
def _derived(secret: str, use: bytes) -> bytes:
    return hmac.new(secret.encode(), use, hashlib.sha256).digest()
