"""A message passed on to somebody outside: its words and who wrote them, and nothing by which an answer could reach them.

An address in a header, a signed reply address or one of our Message-IDs would let whoever gets it write to the person, or into
the conversation as more than a guest. Only the name goes along; RFC 6854 lets From name somebody without an address.
"""

import re
from datetime import datetime

from touchline.core.mail.compose import Passed, compose_passed
from touchline.core.mail.headers import clean

_SIGNED_ADDRESS = re.compile(r"\+tl-[a-z2-7]{1,13}-[a-z2-7]{20}(?=@)", re.IGNORECASE)
_SIGNED_ID = re.compile(r"<?\btl\.[a-z2-7]{1,13}\.[a-z0-9]{1,64}\.[a-z2-7]{20}@[\w.-]+>?", re.IGNORECASE)


def unsigned(text: str) -> str:
    """Words without the names that we signed: reply addresses become the mailbox's own, Message-IDs go."""
    return _SIGNED_ID.sub("…", _SIGNED_ADDRESS.sub("", text))


def name_alone(name: str, unnamed: str) -> str:
    """Whose words they are, without an address: a "name" that is one is none. `unnamed` is what to say then."""
    name = clean(name)
    return name if name and "@" not in name else unnamed


def passed_on(text: str) -> str:
    """Words as they are passed on: without what we signed, and without blank lines around them."""
    return unsigned(text).strip("\n")


def as_mail(name: str, at: datetime, subject: str, text: str) -> bytes:
    """A message as a mail of its own, to be attached: who, when, about what, and its words. No address, no id."""
    return compose_passed(Passed(name=name, date=at, subject=unsigned(subject), text=passed_on(text)))
