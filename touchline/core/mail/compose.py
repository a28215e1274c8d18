"""A reply as bytes: headers that every mail client and our own desk thread by, and a body that arrives as it was written.

CRLF and ASCII throughout (RFC 5322, 2045-2047, 2231), so no server on the way has to understand more. A header value cannot
hold a line break, whatever it is made from.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Literal

import idna

from touchline.core.mail.email import Attachment, Correspondent
from touchline.core.mail.headers import clean
from touchline.core.mail.names import safe_name

MOST_REFERENCES = 10  # the newest ones, besides the first


class CannotBeAddressed(ValueError):
    """An address that plain SMTP cannot carry: none at all, or letters beyond ASCII before the @ (RFC 6531 would be needed)."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is to be sent. `html` shows images as `cid:` of inline attachments; ids are without <>. Whoever gets it unseen (Bcc)
    is named by the envelope alone: all get the same bytes.

    `automatic` marks what no person wrote (RFC 3834).
    """

    from_: Correspondent
    to: tuple[Correspondent, ...]
    subject: str
    text: str
    message_id: str
    date: datetime
    cc: tuple[Correspondent, ...] = ()
    reply_to: str = ""
    html: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    automatic: Literal["", "replied", "generated"] = ""


def compose(outgoing: Outgoing) -> bytes:
    """The mail as it goes over the wire. Raises CannotBeAddressed."""
    headers = [
        ("From", _addresses([outgoing.from_])),
        ("To", _addresses(outgoing.to) if outgoing.to or outgoing.cc else _UNDISCLOSED),
        ("Cc", _addresses(outgoing.cc)),
        ("Reply-To", _addresses([Correspondent("", outgoing.reply_to)] if outgoing.reply_to else [])),
        ("Subject", _words(outgoing.subject, len("Subject: "))),
        ("Date", format_datetime(outgoing.date.astimezone(UTC))),
        ("Message-ID", _ids([outgoing.message_id])),
        ("In-Reply-To", _ids([outgoing.in_reply_to])),
        ("References", _ids(_thinned(outgoing.references or (outgoing.in_reply_to,)))),
        *(_automatic(outgoing.automatic) if outgoing.automatic else ()),
        ("MIME-Version", "1.0"),
    ]
    body = _body(outgoing)
    lines = [f"{name}: {value}" for name, value in headers if value]
    return "\r\n".join(lines).encode("ascii") + b"\r\n" + body


@dataclass(frozen=True, slots=True)
class Passed:
    """A message that is passed on as a mail of its own: who wrote it, when and about what, and its words."""

    name: str
    date: datetime
    subject: str
    text: str


def compose_passed(passed: Passed) -> bytes:
    """A mail to be attached, whose writer is named without an address: From is a group of nobody (RFC 6854)."""
    name = clean(passed.name)
    headers = [
        ("From", f"{name if _PLAIN_NAME.fullmatch(name) else _encoded(name, len('From: '))}:;"),
        ("Subject", _words(passed.subject, len("Subject: "))),
        ("Date", format_datetime(passed.date.astimezone(UTC))),
        ("MIME-Version", "1.0"),
    ]
    lines = [f"{name}: {value}" for name, value in headers if value]
    return "\r\n".join(lines).encode("ascii") + b"\r\n" + _text_part(passed.text, "plain")


def can_be_sent_to(address: str) -> bool:
    """Whether plain SMTP can carry a mail there."""
    try:
        return bool(_addressed(Correspondent("", address)))
    except CannotBeAddressed:
        return False


def quoted(words: str, who: str, when: str) -> str:
    """The past as mail clients write it: "On 4 March, 10:12, Nora wrote:" and its lines after `> `."""
    lines = (f">{line}" if line.startswith(">") else f"> {line}".rstrip() for line in words.split("\n"))
    return f"On {clean(when)}, {clean(who)} wrote:\n" + "\n".join(lines)


_UNDISCLOSED = "undisclosed-recipients:;"  # a mail to nobody but the unseen says so (RFC 5322, 3.4)
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]+")


def _automatic(how: str) -> tuple[tuple[str, str], ...]:
    """What keeps machines from answering it: "replied" to a mail, or "generated" without one (RFC 3834, section 5)."""
    return ("Auto-Submitted", f"auto-{how}"), ("Precedence", "bulk"), ("X-Auto-Response-Suppress", "All")


def _body(outgoing: Outgoing) -> bytes:
    inline = [file for file in outgoing.attachments if file.inline and file.content_id and outgoing.html]
    files = [file for file in outgoing.attachments if file not in inline]
    part = _text_part(outgoing.text, "plain")
    if outgoing.html:
        rich = _text_part(f"<!doctype html>\n<html><body>\n{outgoing.html}\n</body></html>\n", "html")
        if inline:
            rich = _multipart("related", [rich, *(_file_part(file) for file in inline)], ' type="text/html";')
        part = _multipart("alternative", [part, rich])
    if files:
        part = _multipart("mixed", [part, *(_file_part(file) for file in files)])
    return part


def _multipart(kind: str, parts: Sequence[bytes], more: str = "") -> bytes:
    """Parts under a boundary that occurs in none of them; the same parts give the same boundary."""
    digest = hashlib.sha256(b"".join(parts))
    boundary = f"=_touchline_{digest.hexdigest()[:32]}".encode()
    while any(boundary in part for part in parts):
        digest.update(b"again")
        boundary = f"=_touchline_{digest.hexdigest()[:32]}".encode()
    head = f'Content-Type: multipart/{kind};{more}\r\n boundary="{boundary.decode()}"\r\n\r\n'.encode()
    return head + b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n"


def _text_part(text: str, kind: str) -> bytes:
    text = text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    text = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n") + "\n"
    longest = max(map(len, text.split("\n")))
    if text.isascii() and longest <= 990:
        encoding, body = "7bit", text.encode("ascii").replace(b"\n", b"\r\n")
    elif sum(1 for letter in text if letter > "\x7f") * 5 > len(text):
        encoding, body = "base64", _base64(text.encode("utf-8").replace(b"\n", b"\r\n"))
    else:
        encoding, body = "quoted-printable", binascii.b2a_qp(text.encode("utf-8"), istext=True).replace(b"\n", b"\r\n")
    return f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body


def _file_part(file: Attachment) -> bytes:
    kind = file.content_type.lower() if re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", file.content_type.lower()) else ""
    # A mail or multipart may not be in base64 (RFC 2046, 5.2.1), and base64 is what every server leaves alone.
    if not kind or kind.startswith(("multipart/", "message/")):
        kind = "application/octet-stream"
    name = safe_name(file.name, kind)
    lines = [f"Content-Type: {kind}", "Content-Transfer-Encoding: base64"]
    lines.append(f"Content-Disposition: {'inline' if file.inline else 'attachment'};\r\n {_file_name(name)}")
    if file.content_id:
        content_id = re.sub(r"[^\x21-\x7e]|[<>]", "", file.content_id)
        lines.append(f"Content-ID: <{content_id}>")
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + _base64(file.data)


def _file_name(name: str) -> str:
    """The parameter of a file's name: quoted where ASCII will do, else RFC 2231 in pieces that fit a line."""
    if name.isascii() and len(name) <= 60:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'filename="{escaped}"'
    data = name.encode("utf-8")
    spelled = [chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"%{byte:02X}" for byte in data]
    pieces: list[str] = [""]
    for one in spelled:
        if len(pieces[-1]) + len(one) > 55:
            pieces.append("")
        pieces[-1] += one
    return ";\r\n ".join(f"filename*{i}*={'utf-8' + chr(39) * 2 if i == 0 else ''}{piece}" for i, piece in enumerate(pieces))


def _base64(data: bytes) -> bytes:
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def _addresses(people: Iterable[Correspondent]) -> str:
    return ",\r\n ".join(_addressed(person) for person in people)


def _addressed(person: Correspondent) -> str:
    local, _, domain = clean(person.address).rpartition("@")
    if (
        not local
        or not domain
        or not local.isascii()
        or re.search(r"[\s<>,]", local if not local.startswith('"') else "")
        or re.search(r"[\s<>,@]", domain)
    ):
        raise CannotBeAddressed(f"{person.address!r} is no address that we can send to.")
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError) as wrong:
            raise CannotBeAddressed(f"{person.address!r} is no address that we can send to.") from wrong
    address = f"{local}@{domain}"
    name = clean(person.name)
    if not name:
        return address
    if name.isascii() and len(name) <= 60 and "=?" not in name:
        plain = _PLAIN_NAME.fullmatch(name)
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        return f"{name if plain else chr(34) + escaped + chr(34)} <{address}>"
    return f"{_encoded(name, 10)}\r\n <{address}>"


def _words(text: str, used: int) -> str:
    """An unstructured header value, folded; in encoded words where it needs them. `used`: what stands before it on the line."""
    text = clean(text)
    if not text.isascii() or "=?" in text or any(len(word) > 70 for word in text.split(" ")):
        return _encoded(text, used)
    lines, length = [""], used
    for i, word in enumerate(text.split(" ")):
        if i and length + 1 + len(word) > 76 and word:
            lines.append("")
            length = 0
        lines[-1] += f" {word}" if i else word
        length += 1 + len(word)
    return "\r\n".join(lines)


def _encoded(text: str, used: int) -> str:
    """RFC 2047 words of at most 75 characters, none of which cuts a character in two."""
    words: list[str] = []
    piece = b""
    room = 45 - used * 3 // 4
    for letter in text.encode("utf-8", "replace").decode("utf-8"):
        data = letter.encode("utf-8")
        if piece and len(piece) + len(data) > room:
            words.append(base64.b64encode(piece).decode())
            piece, room = b"", 42
        piece += data
    words.append(base64.b64encode(piece).decode())
    return "\r\n ".join(f"=?utf-8?B?{word}?=" for word in words)


def _thinned(references: Sequence[str]) -> list[str]:
    ids = list(dict.fromkeys(references))
    return ids if len(ids) <= MOST_REFERENCES + 1 else [ids[0], *ids[-MOST_REFERENCES:]]


def _ids(ids: Iterable[str]) -> str:
    bare = (re.sub(r"[^\x21-\x7e]|[<>]", "", one)[:900] for one in ids)
    return "\r\n ".join(f"<{one}>" for one in bare if one)
