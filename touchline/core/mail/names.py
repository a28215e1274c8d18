"""Names of parts: parameters of MIME headers (RFC 2045, 2231) and file names that are safe to show and to save under."""

import mimetypes
import re
import unicodedata
from urllib.parse import unquote_to_bytes

from touchline.core.mail.charsets import decode
from touchline.core.mail.headers import clean, decode_words, raw_words

LONGEST_NAME = 200  # bytes, with its ending

_PARAMETER = re.compile(r"""[;\s]\s*([^\s=;"]{1,80}?)\s*=\s*("(?:[^"\\]|\\.)*"?|[^;]*)""", re.DOTALL)
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?$")


def value_and_parameters(header: bytes, hint: str | None = None) -> tuple[str, dict[str, str]]:
    """The value of a header such as Content-Type in lower case, and its parameters, decoded. Names are lower-case.

    Continuations may come in any order, with and without a charset; RFC 2047 inside quotes, raw 8-bit and unquoted
    blanks are read as meant. The plain form of a parameter gives way to its RFC 2231 form.
    """
    text = raw_words(header, hint)
    value = re.split(r"[;\s]", text.strip() + ";", maxsplit=1)[0].strip().lower()
    parameters: dict[str, str] = {}
    if "=" not in text:
        return value, parameters
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _PARAMETER.finditer(text, len(text) - len(text.lstrip()) + len(value)):
        shape = _SECTION.fullmatch(match[1].lower())
        said = _unquoted(match[2])
        if shape and (shape[2] or shape[3]):
            sections.setdefault(shape[1], {}).setdefault(int(shape[2] or 0), (said, bool(shape[3])))
        else:
            parameters.setdefault(match[1].lower(), clean(decode_words(said)) if "=?" in said else clean(said))
    for name, pieces in sections.items():
        parameters[name] = clean(_rfc_2231(pieces))
    return value, parameters


def _unquoted(said: str) -> str:
    said = said.strip()
    if said.startswith('"'):
        # A backslash is only an escape before a quote or itself: "C:\new" is a path.
        return re.sub(r'\\(["\\])', r"\1", said[1:-1] if said.endswith('"') and len(said) > 1 else said[1:])
    return said


def _rfc_2231(pieces: dict[int, tuple[str, bool]]) -> str:
    charset = ""
    data = b""
    for number in sorted(pieces):
        said, encoded = pieces[number]
        if encoded and data == b"" and said.count("'") >= 2:
            charset, _, said = said.split("'", 2)
        data += unquote_to_bytes(said) if encoded else said.encode("utf-8", "replace")
    text, _ = decode(data, charset or None)
    return decode_words(text) if "=?" in text else text


_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_MEANINGFUL = re.compile(r"[^\s._-]")


def safe_name(name: str, content_type: str = "") -> str:
    """A file name that nobody can be fooled or harmed by; made from the type where there is none.

    Without folders, control and direction characters or dots in front, at most 200 bytes with its ending kept, NFC.
    """
    name = unicodedata.normalize("NFC", _UNSAFE.sub("", name))
    name = re.split(r"[/\\]", name.rstrip("/\\ "))[-1]
    name = re.sub(r'[<>:"|?*]', "_", " ".join(name.split())).strip(" ").lstrip(".").rstrip(". ")
    if not _MEANINGFUL.search(name):
        return _name_for(content_type)
    if len(name.encode()) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending.encode()) > 20:
        stem, ending = name, ""
    ending = f".{ending}" if ending else ""
    return stem.encode()[: LONGEST_NAME - len(ending.encode())].decode("utf-8", "ignore").rstrip(". ") + ending


def _name_for(content_type: str) -> str:
    known = {"message/rfc822": "message.eml", "text/calendar": "invitation.ics", "text/plain": "text.txt", "image/jpeg": "image.jpg", "image/jpg": "image.jpg", "image/pjpeg": "image.jpg",
             "text/html": "text.html", "application/octet-stream": "file.bin", "message/delivery-status": "delivery-status.txt"}  # fmt: skip
    if content_type in known:
        return known[content_type]
    main = content_type.split("/", 1)[0]
    return (main if main in ("image", "audio", "video", "text") else "file") + (mimetypes.guess_extension(content_type) or ".bin")


def unique_name(name: str, taken: set[str]) -> str:
    """`name`, or `name-2` with its ending kept, whichever is not yet taken; and takes it."""
    stem, dot, ending = name.rpartition(".")
    if not dot:
        stem, ending = name, ""
    number, unique = 1, name
    while unique.casefold() in taken:
        number += 1
        unique = f"{stem}-{number}{dot}{ending}"
    taken.add(unique.casefold())
    return unique
