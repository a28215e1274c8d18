"""Header lines: cutting them out of the bytes, and reading what they say.

The standard library's readers raise, or give up, on what real mailers write in headers (MAIL.md, rules 20, 47, 48, 87),
so these are our own: lenient about form (RFC 5322, 2047, 2231), strict about what comes out: no control
character, no lone surrogate, NFC.
"""

import base64
import binascii
import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from touchline.core.mail.charsets import codec_for, decode

LONGEST_VALUE = 200_000  # bytes of one header that are read; what lies beyond is kept in the raw mail only
LONGEST_BLOCK = 2_000_000  # bytes of all headers of a mail or part that are read
MOST_IDS = 1_000

_HEADER_LINE = re.compile(rb"([!-9;-~]+)[ \t]*:")
_KNOWN = re.compile(
    rb"(?i)(?:from|to|cc|bcc|subject|date|sender|reply-to|message-id|in-reply-to|references|return-path|received|delivered-to"
    rb"|mime-version|content-[a-z-]+|x-[a-z0-9-]+|list-[a-z-]+|precedence|auto-submitted|user-agent|importance|priority|dkim-signature"
    rb"|arc-[a-z-]+|authentication-results|thread-[a-z]+|organi[sz]ation|resent-[a-z-]+)[ \t]*:"
)
_TECHNICAL = re.compile(
    rb"(?im)^(?:message-id|mime-version|content-(?:type|transfer-encoding)|received|return-path|in-reply-to|references|dkim-signature|x-[a-z]+-[a-z0-9-]+)[ \t]*:[ \t]*\S"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]+")  # the direction of what follows: `moc.elpmaxe` for `example.com`
_END = re.compile(rb"\n\r*\n")


def header_block(data: bytes) -> tuple[dict[str, list[bytes]], bytes]:
    """The headers of a mail or part, by lower-case name, unfolded but not decoded; and its body.

    A line that is no header ends the block, unless well-known headers follow it: then a mailer forgot to indent it, or lost the
    indents of them all on the way, or put a line of its own on top.
    """
    found: dict[str, list[bytes]] = {}
    if data.startswith((b"\n", b"\r\n")):
        return found, data[data.index(b"\n") + 1 :]
    end = _END.search(data)
    block, body = (data[: end.start() + 1], data[end.end() :]) if end else (data, b"")
    if len(block) > LONGEST_BLOCK:
        last = block.rfind(b"\n", 0, LONGEST_BLOCK) + 1 or LONGEST_BLOCK
        block, body = block[:last], body if end else data[last:]
    position = 0
    values: list[bytes] | None = None
    folded: list[bytes] = []
    upcoming = 0

    def finish() -> None:
        if values is not None:
            values.append(b"".join(folded)[:LONGEST_VALUE].strip())

    for line in _lines(block):
        bare = line.rstrip(b"\r\n")
        match = _HEADER_LINE.match(bare)
        if match and bare[:1] not in b" \t":
            finish()
            values, folded = found.setdefault(match[1].decode("ascii").lower(), []), [bare[match.end() :]]
        elif bare[:1] in (b" ", b"\t") and values is not None:
            folded.append(b" " + bare.lstrip(b" \t") if len(bare) > 1 else b"")
        elif position == 0 and bare.startswith((b"From ", b">From ")):
            pass
        elif body and position < (upcoming := _next_header(block, position, upcoming)):
            folded.append(b" " + bare)
        else:
            finish()
            return found, data[position:]
        position += len(line)
    finish()
    return found, body


def _next_header(block: bytes, position: int, upcoming: int) -> int:
    """Where below a header stands: a well-known one in the next line, or one that no one writes into a letter; 0: nowhere near.

    `upcoming` is what was found before, so that no byte is searched twice.
    """
    if position < upcoming:
        return upcoming
    line_end = block.find(b"\n", position) + 1
    if position and line_end and _KNOWN.match(block, line_end):
        return line_end
    found = _TECHNICAL.search(block, position, position + 8_000)
    return found.start() if found else 0


def _lines(block: bytes) -> list[bytes]:
    lines = block.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


def clean(text: str) -> str:
    """A header's value as one line of words: no control characters (so none can forge a header of a later mail), none
    that turns what is shown beside it the other way round, NFC."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", _TURNS.sub("", text))
    return _CONTROL.sub(" ", text).strip()


# One encoded word. Mailers leave blanks, commas and line breaks inside, forget the end, and write b and q small.
_WORD = re.compile(r"=\?([^?\s=]{1,60})\?([bBqQ])\?((?:(?!=\?[^=]).)*?)(?:\?=|\?$|$|(?==\?[^=]))", re.DOTALL)


def words_of(value: bytes | str, hint: str | None = None, beside: str | None = None) -> str:
    """What an unstructured header says (RFC 2047), cleaned. `hint` is the charset of the body, for raw 8-bit headers."""
    text = value if isinstance(value, str) else raw_words(value, hint, beside)
    return clean(decode_words(text)) if "=?" in text else clean(text)


def raw_words(value: bytes, hint: str | None = None, beside: str | None = None) -> str:
    """Header bytes as text, encoded words left as they are. `beside` is the codec that the headers beside it seem to be in."""
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    text, guessed = decode(value, hint)
    if guessed or not hint or (codec_for(hint) == "cp1252" and not _is_western(text)):
        # What the body is written in says little of a header that says nothing.
        text, guessed = decode(value, beside)
    return text


# The letters and signs beyond ASCII that western languages use much.
_WESTERN = frozenset("äöüÄÖÜßéèêëàâáçñåæøÅÆØÉÈÀÇÑóôõúíãìîùû“”„‘’«»–—…°€")


def _is_western(text: str) -> bool:
    """Whether it may be: no western language writes five letters beyond ASCII side by side, three of them rare."""
    return all(len(set(run) - _WESTERN) < 3 for run in re.findall(r"[\x80-\uffff]{5,}", text[:2_000]))


def decode_words(text: str) -> str:
    """Undo RFC 2047. Neighbours of one charset are joined as bytes first, since characters are cut in two between them."""
    out: list[str] = []
    pending = b""
    pending_charset = ""
    position = 0
    for word in _WORD.finditer(text):
        between = text[position : word.start()]
        charset = word[1].split("*")[0].lower()
        data = _word_bytes(word[2], word[3], charset)
        if pending and not between.strip() and charset == pending_charset:
            pending += data
        else:
            if pending_charset:
                out.append(decode(pending, pending_charset)[0])
            if between.strip() or not pending_charset:
                out.append(between)
            pending, pending_charset = data, charset
        position = word.end()
    if pending_charset:
        out.append(decode(pending, pending_charset)[0])
    out.append(text[position:])
    return "".join(out)


def _word_bytes(way: str, payload: str, charset: str) -> bytes:
    codec = codec_for(charset) or "utf-8"
    try:
        data = payload.encode("ascii" if payload.isascii() else codec)
    except (UnicodeError, LookupError):
        data = payload.encode("utf-8", "replace")
    if way in "bB":
        return unbase64(data)
    data = re.sub(rb"=\r?\n[ \t]*|\r?\n[ \t]*", b"", data).replace(b"_", b" ")
    return re.sub(rb"=([0-9A-Fa-f]{2})", lambda hexed: bytes((int(hexed[1], 16),)), data)


_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")


def unbase64(data: bytes) -> bytes:
    """What can be read of base64: junk is skipped, padding in the middle starts anew, a torn end is dropped."""
    data = data.translate(None, b"\r\n\t ")
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        pass
    data = _NOT_BASE64.sub(b"", data)
    out: list[bytes] = []
    for run in re.split(rb"=+", data):
        if len(run) % 4 == 1:
            run = run[:-1]
        out.append(binascii.a2b_base64(run + b"=" * (-len(run) % 4)))
    return b"".join(out)


_BRACKETED = re.compile(r"<([^<>]+)>")


def ids_of(values: list[str]) -> tuple[str, ...]:
    """Message ids, without <>, in the order written (RFC 5322, 3.6.4; MAIL.md, rule 20).

    Phrases before an id, blanks inside one, commas between them and missing brackets are all met with in the wild.
    """
    found: list[str] = []
    for value in values:
        bracketed = _BRACKETED.findall(value)
        if bracketed:
            found += ["".join(one.split()) for one in bracketed]
        else:
            found += [
                one for part in re.split(r"[\s,;]+", value) if "@" in (one := part.strip("<>\"'()")) and not one.endswith("'s")
            ]
    return tuple(one for one in found if one)[:MOST_IDS]


_ZONES = {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "cet": 1, "cest": 2, "met": 1, "mest": 2, "mesz": 2, "mez": 1, "eet": 2, "eest": 3, "wet": 0, "west": 1, "bst": 1, "msk": 3, "msd": 4, "jst": 9,
          "kst": 9, "hkt": 8, "sgt": 8, "awst": 8, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "sast": 2, "akst": -9, "akdt": -8, "hst": -10, "brt": -3}  # fmt: skip
_MONTHS = {
    name: i + 1 for i, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"))
}
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\s*([ap])\.?m\b\.?)?", re.IGNORECASE)
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def instant_of(value: str) -> datetime | None:
    """The instant a Date header names, in UTC; None where it names none, or one before 1990 or after 2100 (rules 86, 87)."""
    value = re.sub(r"\([^()]*\)", " ", value[:200])
    value = re.sub(
        r"(?i)\b(?:GMT|UTC|UT|Z)\s*([+-]\d{1,2}):?(\d{2})?\b", lambda z: f"{z[1][0]}{z[1][1:]:0>2}{z[2] or '00'}", value
    )
    value = re.sub(r"([+-]\d{2}):(\d{2})\s*$", r"\1\2", value.strip())
    half_days = re.search(r"(?i)\d\s*[ap]\.?m\b", value)
    for read in (_iso, _somehow) if half_days else (_iso, _by_the_book, _somehow):
        when = read(value)
        if when is not None:
            return when if _EARLIEST <= when < _LATEST else None
    return None


def _iso(value: str) -> datetime | None:
    if not re.match(r"\d{4}-\d{2}-\d{2}[T ]\d", value):
        return None
    value = re.sub(r"\s+(?=[+-]\d{4}$)", "", value)
    try:
        when = datetime.fromisoformat(value)
    except ValueError:
        return None
    return _utc(when, None)


def _by_the_book(value: str) -> datetime | None:
    try:
        parts = parsedate_tz(value)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    if parts is None:
        return None
    year, month, day, hour, minute, second, _, _, _, offset = parts
    if not offset:
        # The book knows American zones only, and takes every other name for UTC.
        offset = next((_ZONES[word] * 3600 for word in value.lower().split() if word in _ZONES), 0)
    try:
        return _utc(datetime(year, month, day, hour, minute, min(second, 59)), offset)  # noqa: DTZ001 (made aware in _utc)
    except (ValueError, OverflowError):
        return None


def _somehow(value: str) -> datetime | None:
    """A day, a month by name, a year and a clock, in any order: "Fri, Dec 14 2001", "14-Dec-2001 9:15 PM"."""
    month = re.search(r"(?i)\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b", value)
    year = re.search(r"\b((?:19|20)\d{2})\b", value)
    clock = _CLOCK.search(value)
    if month and year:
        rest = value[: clock.start()] + value[clock.end() :] if clock else value
        day = re.search(
            r"(?<![\d+-])(\d{1,2})(?!\d)", re.sub(r"[+-]\d{4}", "", rest.replace(year[1], " ").replace(month[0], " "))
        )
        numbers = (int(year[1]), _MONTHS[month[1].lower()], int(day[1]) if day else 0)
    elif figures := re.search(r"\b(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})\b", value):
        numbers = (int(figures[1]), int(figures[2]), int(figures[3]))
    elif figures := re.search(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b", value):
        first, second = int(figures[1]), int(figures[2])
        # 3/14/2024 can only be American; 5.3.2024 is the day first nearly everywhere else.
        numbers = (int(figures[3]), first, second) if "/" in figures[0] and first <= 12 else (int(figures[3]), second, first)
    else:
        return None
    hour = minute = second = 0
    if clock:
        hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
        if clock[4]:
            hour = hour % 12 + (12 if clock[4].lower() == "p" else 0)
    zone = re.search(r"([+-])(\d{2})(\d{2})\b", value)
    if zone:
        offset = (int(zone[2]) * 3600 + int(zone[3]) * 60) * (-1 if zone[1] == "-" else 1)
    else:
        offset = next((_ZONES[word] * 3600 for word in value.lower().split() if word in _ZONES), 0)
    try:
        return _utc(datetime(*numbers, hour, minute, min(second, 59)), offset)  # noqa: DTZ001 (made aware in _utc)
    except (ValueError, OverflowError):
        return None


def _utc(when: datetime, offset: int | None) -> datetime | None:
    try:
        if when.tzinfo is None:
            when = when.replace(tzinfo=timezone(timedelta(seconds=offset or 0)))
        return when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
