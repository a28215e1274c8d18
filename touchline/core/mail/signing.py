"""Names of ours that nobody can guess: a conversation's number with a signature, in Message-IDs and reply addresses.

HMAC-SHA256, cut to 100 bits. Keys can be rotated: the first of `keys` signs, all of them are accepted.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence

_SIGNATURE_LETTERS = 20  # 5 bits each
_HIGHEST = 2**63
_MESSAGE_ID = re.compile(r"tl\.([a-z2-7]{1,13})\.([a-z0-9]{1,64})\.([a-z2-7]{20})@")
_REPLY_ADDRESS = re.compile(r"\+tl-([a-z2-7]{1,13})-([a-z2-7]{20})@")


def sign_message_id(conversation: int, *, unique: str, domain: str, key: bytes) -> str:
    """A Message-ID, without <>, that says which conversation it belongs to. `unique` is of letters a-z and digits, at most 64."""
    if not re.fullmatch(r"[a-z0-9]{1,64}", unique):
        raise ValueError("The unique part of a Message-ID is made of a-z and 0-9, at most 64 of them.")
    number = _number(conversation)
    return f"tl.{number}.{unique}.{_signature(key, 'message', number, unique)}@{domain}"


def conversation_of(message_id: str, *, keys: Sequence[bytes]) -> int | None:
    """The conversation a Message-ID of ours belongs to; None where the signature is not ours."""
    match = _MESSAGE_ID.match(message_id.strip("<> ").lower())
    return _checked(match[1], match[3], keys, "message", match[2]) if match else None


def reply_address(mailbox: str, conversation: int, *, key: bytes) -> str:
    """The mailbox's address with a conversation signed into it: `help+tl-…-…@desk.example`."""
    local, _, domain = mailbox.rpartition("@")
    number = _number(conversation)
    address = f"{local}+tl-{number}-{_signature(key, 'address', number, '')}"
    if not local or len(address.encode()) > 64:
        raise ValueError(f"{mailbox} is too long to carry a conversation's number (RFC 5321 allows 64 bytes before the @).")
    return f"{address}@{domain}"


def conversation_of_address(address: str, *, keys: Sequence[bytes]) -> int | None:
    """The conversation signed into a reply address; None where there is none, or the signature is not ours."""
    match = _REPLY_ADDRESS.search(address.lower())
    return _checked(match[1], match[2], keys, "address", "") if match else None


def _checked(number: str, signature: str, keys: Sequence[bytes], purpose: str, unique: str) -> int | None:
    ours = False
    for key in keys:
        ours |= hmac.compare_digest(_signature(key, purpose, number, unique).encode(), signature.encode())
    return _conversation(number) if ours else None


def _signature(key: bytes, purpose: str, number: str, unique: str) -> str:
    if not key:
        raise ValueError("An empty key signs nothing.")
    digest = hmac.digest(key, f"touchline {purpose} {number} {unique}".encode(), hashlib.sha256)
    return base64.b32encode(digest)[:_SIGNATURE_LETTERS].decode().lower()


def _number(conversation: int) -> str:
    if not 0 < conversation < _HIGHEST:
        raise ValueError("A conversation's id is a positive number of at most 63 bits.")
    letters = ""
    while conversation:
        conversation, digit = divmod(conversation, 32)
        letters = "abcdefghijklmnopqrstuvwxyz234567"[digit] + letters
    return letters


def _conversation(number: str) -> int | None:
    value = 0
    for letter in number:
        value = value * 32 + "abcdefghijklmnopqrstuvwxyz234567".index(letter)
    return value if 0 < value < _HIGHEST else None
