"""Whose mail a forwarded mail is: the sender that stands in it (MAIL.md, rule 27)."""

import re
from collections.abc import Iterable

from touchline.core.mail.addresses import first_of
from touchline.core.mail.email import Correspondent
from touchline.core.mail.quotes import header_of, is_passed_on, is_separator
from touchline.core.mail.subjects import is_forward_subject

FURTHEST = 400  # lines in which the headers of the forwarded mail begin
_HEADERS_AFTER = 4  # lines between the announcement and the first header
_MOST_HEADERS = 14


def forwarded_sender(subject: str, text: str, attached: Iterable[str] = ()) -> Correspondent | None:
    """Who wrote the mail that this one passes on; None where it passes none on, or does not say.

    A block of headers counts under a line that announces a forwarded mail, or in a mail whose subject says so.
    `attached` are the From headers of mails that are attached. The outermost mail counts, and only one with an address.
    Anyone can write such a block: it is a convenience for teammates, and proves nothing.
    """
    passed_on = is_forward_subject(subject)
    announced = -_HEADERS_AFTER
    lines = [line.strip().lstrip("> ") for line in text[:100_000].split("\n")[:FURTHEST]]
    for i, line in enumerate(lines):
        if is_passed_on(line) or (passed_on and is_separator(line)):
            announced = i
            passed_on = True
        elif (passed_on or i - announced < _HEADERS_AFTER) and (found := _sender_at(lines, i)):
            return found
    if is_forward_subject(subject):
        return next((one for value in attached if (one := first_of([value])).address), None)
    return None


def _sender_at(lines: list[str], start: int) -> Correspondent | None:
    """The sender in a block of translated headers that begins here."""
    header = header_of(lines[start])
    if header is None or header[0] not in ("from", "sent", "subject", "to"):
        return None
    kinds: dict[str, str] = {}
    for i in range(start, min(len(lines), start + _MOST_HEADERS)):
        header = header_of(lines[i])
        if header:
            value = header[1] or (lines[i + 1] if i + 1 < len(lines) and not header_of(lines[i + 1]) else "")
            kinds.setdefault(header[0], value)
        elif not lines[i] and kinds:
            break
    if "from" not in kinds or not kinds.keys() & {"sent", "subject"}:
        return None
    value = re.sub(r"\[mailto:([^\]]+)\]|<mailto:([^>]+)>", lambda m: f"<{m[1] or m[2]}>", kinds["from"])
    found = first_of([value])
    return found if found.address else None
