"""Whose mail a forwarded mail is: the sender that stands in it (MAIL.md, rule 27)."""

import re
from collections.abc import Iterable

from touchline.core.mail.addresses import first_of
from touchline.core.mail.email import Correspondent
from touchline.core.mail.quotes import attribution_address, header_of, is_passed_on, is_separator
from touchline.core.mail.subjects import is_forward_subject

FURTHEST = 400  # lines in which the headers of the forwarded mail begin
_HEADERS_AFTER = 4  # lines between the announcement and the first header
_MOST_HEADERS = 14


def passes_on(subject: str, text: str) -> bool:
    """Whether a mail passes another one on, by its subject. "VS" is a reply in Finnish and a forwarded mail in Danish."""
    if is_forward_subject(subject):
        return True
    return re.match(r"(?i)\s*vs\s*:", subject) is not None and re.search(r"(?m)^\s*\*?Fra\*?\s?:", text[:20_000]) is not None


def forwarded_sender(subject: str, text: str, attached: Iterable[str] = ()) -> Correspondent | None:
    """Who wrote the mail that this one passes on; None where it passes none on, or does not say.

    A block of headers counts under a line that announces a forwarded mail, or in a mail whose subject says so; there also a line
    like "On Monday Nora <nora@lantern.example> wrote:". `attached` are the From headers of mails that are attached. The outermost
    mail counts, and only one with an address. Anyone can write such a block: it is a convenience for teammates, and proves nothing.
    """
    by_subject = passes_on(subject, text)
    passed_on = by_subject
    announced = -_HEADERS_AFTER
    lines = [one.strip().lstrip("> ") for line in text[:100_000].split("\n")[:FURTHEST] for one in _one_each(line)]
    for i, line in enumerate(lines):
        if is_passed_on(line) or (passed_on and is_separator(line)):
            announced = i
            passed_on = True
        elif (passed_on or i - announced < _HEADERS_AFTER) and (found := _sender_at(lines, i)):
            return found
        elif by_subject and (named := attribution_address(line)):
            return first_of([named])
    if by_subject:
        return next((one for value in attached if (one := first_of([value])).address), None)
    return None


def _one_each(line: str) -> list[str]:
    """Yahoo writes "--- Forwarded Message --- From: … To: … Sent: …" into one line; here each header gets its own."""
    start = line.lstrip("> \t\ufeff")
    if not start.startswith("--") or len(start) > _LONGEST_LINE or not is_passed_on(start) or "@" not in start:
        return [line]
    announcement, dashes, rest = start.partition("- ")
    while dashes and not announcement.strip("-"):
        more, dashes, rest = rest.partition("- ")
        announcement += more
    pieces, begin = [announcement], 0
    for match in list(re.finditer(r"[:：]", rest))[:_MOST_COLONS]:
        # The name of a header are the last words before its colon; they may stick to the value before them.
        starts = range(max(begin, match.start() - _LONGEST_NAME), match.start())
        named = (at for at in starts if rest[at].isalpha() and header_of(f"{rest[at : match.start()]}: -"))
        if start_of_name := next(named, 0):
            pieces.append(rest[begin:start_of_name])
            begin = start_of_name
    return [*pieces, rest[begin:]]


_LONGEST_LINE = 2_000
_MOST_COLONS = 20
_LONGEST_NAME = 24


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
    value = _BEHALF.split(kinds["from"], maxsplit=1)[0]
    plain = re.sub(r"<mailto:[^>]+>", "", value)
    value = plain if "@" in plain else re.sub(r"[<\[]mailto:([^>\]]+)[>\]]", r"<\1>", value)
    value = re.sub(r"\[(?:mailto:)?([^\]\s]+@[^\]\s]+)\]", r"<\1>", value)
    found = first_of([value])
    return found if found.address else None


_BEHALF = re.compile(
    r"(?i)\s(?:on behalf of|im auftrag von|au nom de|en nombre de|per conto di|em nome de|namens|på vegne af|på vegne av|w imieniu)\s"
)
