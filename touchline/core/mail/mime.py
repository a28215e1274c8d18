"""A mail as a tree of parts (RFC 2045, 2046), for mails that keep the rules and for those that do not.

The standard library reads a mail line by line through every open boundary: a thousand nested multiparts raise
RecursionError, and long attachments are slow. Here each multipart is cut by its own boundary, outermost first, so a
missing or clashing inner boundary cannot swallow what is outside, bytes stay as they came, and the work is bounded by
DEEPEST times the size.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from touchline.core.mail.headers import header_block, unbase64
from touchline.core.mail.names import value_and_parameters

DEEPEST = 60  # multiparts within multiparts
MOST_PARTS = 1_000


@dataclass(slots=True)
class Part:
    """One part. `type` is always of the form "main/sub"; `raw` is its body as it came, `children` are those of a multipart."""

    headers: dict[str, list[bytes]]
    raw: bytes
    type: str
    parameters: dict[str, str]
    disposition: str
    disposition_parameters: dict[str, str]
    children: list["Part"] = field(default_factory=list)

    def first(self, name: str) -> bytes:
        """The first value of a header, undecoded."""
        values = self.headers.get(name)
        return values[0] if values else b""

    def data(self) -> bytes:
        """The body with its transfer encoding undone. An encoding nobody knows is taken for none."""
        return decoded(self.raw, self.first("content-transfer-encoding"))

    def walk(self) -> Iterator["Part"]:
        """This part and all below it, in the order of the mail."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting += reversed(part.children)


@dataclass(slots=True)
class Limits:
    """How many parts may still be made, and whether that or DEEPEST was ever in the way."""

    parts: int = MOST_PARTS
    reached: bool = False


def parts_of(data: bytes, limits: Limits, *, within: str = "", depth: int = 0) -> Part:
    """The tree of a mail, or of one part of a multipart of subtype `within`."""
    limits.parts -= 1
    headers, body = header_block(data)
    kind, parameters = _content_type(headers, within)
    if within and "content-type" not in headers and within == "digest":
        kind = "message/rfc822"
    disposition = ""
    disposition_parameters: dict[str, str] = {}
    if "content-disposition" in headers:
        disposition, disposition_parameters = value_and_parameters(headers["content-disposition"][0], parameters.get("charset"))
        if "=" in disposition:
            disposition, disposition_parameters = value_and_parameters(
                b"; " + headers["content-disposition"][0], parameters.get("charset")
            )
    part = Part(headers, body, kind, parameters, disposition, disposition_parameters)
    if kind.startswith("multipart/"):
        _take_apart(part, limits, depth)
    return part


def _content_type(headers: dict[str, list[bytes]], within: str) -> tuple[str, dict[str, str]]:
    for value in headers.get("content-type", ()):
        kind, parameters = value_and_parameters(value)
        kind = kind.strip("\"'")
        if re.fullmatch(r"[a-z0-9.+_-]+/[a-z0-9.+_-]+", kind):
            return kind, parameters
        if kind in ("text", "plain", "html"):
            return "text/html" if kind == "html" else "text/plain", parameters
        if kind == "multipart" or "boundary" in parameters:
            return "multipart/mixed", parameters
    if "content-type" in headers and "content-disposition" in headers:
        return "application/octet-stream", {}
    return "text/plain", {}


def _take_apart(part: Part, limits: Limits, depth: int) -> None:
    if depth >= DEEPEST or limits.parts <= 0:
        limits.reached = True
        part.type = "text/plain"
        return
    pieces = _pieces(part.raw, part.parameters.get("boundary", ""))
    if not pieces and part.first("content-transfer-encoding").strip().lower() in (b"base64", b"quoted-printable"):
        # Against the rules, but done: a whole multipart in base64.
        pieces = _pieces(part.data(), part.parameters.get("boundary", ""))
    if not pieces:
        guessed = re.search(rb"(?m)^--([^\s-][^\r\n]{0,100}?)[ \t]*\r*\nContent-[A-Za-z-]+[ \t]*:", part.raw)
        pieces = _pieces(part.raw, guessed[1].decode("latin-1")) if guessed else []
    if not pieces:
        # Not one boundary: whatever this is, its words are shown.
        part.type = "text/html" if re.match(rb"(?is)\s*<(?:!doctype|html|body|div|p)\b", part.raw) else "text/plain"
        return
    within = part.type.split("/", 1)[1]
    if len(part.headers.get("content-type", ())) > 1 and (lost := _headless(part)):
        part.children.append(lost)
    for piece in pieces:
        if limits.parts <= 0:
            limits.reached = True
            return
        part.children.append(parts_of(piece, limits, within=within, depth=depth + 1))


def _headless(part: Part) -> Part | None:
    """The words between a multipart's headers and its first boundary, where a second Content-Type says what they are: the boundary
    that should stand between the two was lost."""
    words = re.split(rb"(?m)^--", part.raw, maxsplit=1)[0]
    headers = {name: values for name, values in part.headers.items() if name == "content-transfer-encoding"}
    headers["content-type"] = part.headers["content-type"][1:]
    kind, parameters = _content_type(headers, "")
    if not words.strip() or not kind.startswith("text/"):
        return None
    return Part(headers, words, kind, parameters, "", {})


def _pieces(body: bytes, boundary: str) -> list[bytes]:
    """What lies between the boundaries, without the line break that belongs to each boundary; [] where there is none."""
    if not boundary:
        return []
    mark = b"--" + boundary.encode("utf-8", "replace")
    pieces: list[bytes] = []
    start = -1
    at = body.find(mark)
    while at >= 0:
        line_end = body.find(b"\n", at)
        line_end = len(body) if line_end < 0 else line_end
        tail = body[at + len(mark) : line_end].strip()
        if (at == 0 or body[at - 1 : at] == b"\n") and tail in (b"", b"--"):
            if start >= 0:
                pieces.append(_without_last_break(body[start:at]))
            start = line_end + 1
            if tail == b"--":
                return pieces
        at = body.find(mark, line_end if line_end > at else at + 1)
    if start >= 0 and start <= len(body):
        pieces.append(body[start:])  # the end was cut off: what came is shown
    return pieces


def _without_last_break(piece: bytes) -> bytes:
    return piece[:-2] if piece.endswith(b"\r\n") else piece[:-1] if piece.endswith(b"\n") else piece


def decoded(raw: bytes, encoding: bytes) -> bytes:
    """Undo a Content-Transfer-Encoding, however it is spelled (`Quoted Printable;`, `base-64`); never raises."""
    squeezed = re.sub(rb"\([^()]*\)|[^a-z0-9]", b"", encoding[:200].split(b";")[0].lower())
    if squeezed == b"base64":
        return raw if _is_prose(raw) else unbase64(raw)
    if squeezed in (b"quotedprintable", b"qp", b"quotedprintible"):
        return binascii.a2b_qp(_BLANKS_AT_THE_BREAK.sub(b"=\n", raw))
    if squeezed in (b"xuuencode", b"uuencode", b"xuue", b"uue"):
        files = list(uuencoded(raw))
        return files[0][1] if files else raw
    return raw


def _is_prose(raw: bytes) -> bool:
    """Whether what is called base64 never was: it has blanks between words, or letters beyond ASCII."""
    sample = b"".join(line.strip() for line in raw[:4_000].split(b"\n"))
    return len(_PROSE.findall(sample)) * 12 > len(sample)


_BLANKS_AT_THE_BREAK = re.compile(rb"=[ \t]+\r?\n")
_PROSE = re.compile(rb"[ \x80-\xff]")
_BEGIN = re.compile(rb"(?m)^begin [0-7]{3,4} ([^\r\n]{1,300})\r*\n")
MOST_UUENCODED = 100


def uuencoded(raw: bytes) -> Iterator[tuple[str, bytes, int, int]]:
    """Files in a text (name, data, where each begins and ends): `begin 644 name`, lines, `end`."""
    position = 0
    for _ in range(MOST_UUENCODED):
        begin = _BEGIN.search(raw, position)
        if not begin:
            return
        out: list[bytes] = []
        at = begin.end()
        while at < len(raw):
            line_end = raw.find(b"\n", at)
            line_end = len(raw) if line_end < 0 else line_end
            line = raw[at:line_end].rstrip(b"\r")
            at = line_end + 1
            if line.strip() == b"end":
                yield begin[1].decode("utf-8", "replace").strip(), b"".join(out), begin.start(), min(at, len(raw))
                break
            try:
                out.append(binascii.a2b_uu(line))
            except binascii.Error:
                wanted = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
                try:
                    out.append(binascii.a2b_uu(line[:wanted]))
                except binascii.Error:
                    at = -1
                    break
        if at < 0:
            position = begin.end()
        else:
            position = at
            if at >= len(raw):
                return
