"""Bounces told in JSON: what Amazon SES sends by SNS in place of a report (its "notification contents")."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from touchline.core.mail.email import Email

_SENDERS = (".amazonaws.com", ".amazonses.com")
SAMPLE = 200_000  # characters that are read


@dataclass(frozen=True, slots=True)
class Notice:
    """`kind` in lower case: "bounce", "complaint", "delivery", ...; the others "" where it does not tell."""

    kind: str
    recipient: str
    permanent: bool
    reason: str
    original_id: str


def notice_of(email: Email) -> Notice | None:
    """What a notice of Amazon's says; None where an email is none."""
    # Servers that break long lines put "!", a line break and a blank into them.
    words = email.text[:SAMPLE].lstrip().replace("!\n ", "")
    if not words.startswith("{") or not email.sender.address.endswith(_SENDERS):
        return None
    said = _object(words)
    if isinstance(said.get("Message"), str):
        said = _object(said["Message"])  # SNS wraps what it passes on
    kind = said.get("notificationType") or said.get("eventType")
    mail = _mapping(said.get("mail"))
    if not isinstance(kind, str):
        return None
    bounce = _mapping(said.get("bounce"))
    recipients = bounce.get("bouncedRecipients")
    first = _mapping(recipients[0]) if isinstance(recipients, list) and recipients else {}
    recipient = _words(first.get("emailAddress"))
    if not recipient and isinstance(mail.get("destination"), list) and mail["destination"]:
        recipient = _words(mail["destination"][0])
    return Notice(
        kind=kind.lower(),
        recipient=recipient,
        permanent=_words(bounce.get("bounceType")).lower() == "permanent",
        reason=(_words(first.get("diagnosticCode")).removeprefix("smtp;").strip() or _words(bounce.get("bounceSubType")))[:500],
        original_id=_original_id(mail),
    )


def _original_id(mail: Mapping[str, Any]) -> str:
    said = _words(_mapping(mail.get("commonHeaders")).get("messageId"))
    headers = mail.get("headers")
    if not said and isinstance(headers, list):
        named = (_mapping(one) for one in headers[:200])
        said = next((_words(one.get("value")) for one in named if _words(one.get("name")).lower() == "message-id"), "")
    return said.strip("<> ")


def _object(words: str) -> Mapping[str, Any]:
    """The JSON object that some words begin with; empty where they begin with none. What follows it is not looked at."""
    try:
        said, _ = json.JSONDecoder().raw_decode(words)
    except (ValueError, RecursionError):
        return {}
    return _mapping(said)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _words(value: object) -> str:
    return value if isinstance(value, str) else ""
