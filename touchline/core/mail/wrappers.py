"""Mails in wrappers: Outlook's winmail.dat (TNEF) and S/MIME's opaque signatures."""

from dataclasses import dataclass, field

from touchline.core.mail.rtf import unpacked, words_of_rtf

MOST_FILES = 200


@dataclass(slots=True)
class Unwrapped:
    """What was in a TNEF: its words in one or both forms, and its files."""

    text: str = ""
    html: str = ""
    files: list[tuple[str, bytes]] = field(default_factory=list)


def tnef_contents(data: bytes) -> Unwrapped | None:
    """What a winmail.dat holds; None where it is none that can be read."""
    from tnefparse import TNEF  # rare, and slow to load

    try:
        tnef = TNEF(data, do_checksum=False)
        found = Unwrapped()
        for file in tnef.attachments[:MOST_FILES]:
            name = file.long_filename() or file.name or ""
            found.files.append(
                (name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name).rstrip("\x00"), bytes(file.data))
            )
        found.html = _text(getattr(tnef, "htmlbody", None))
        found.text = _text(getattr(tnef, "body", None))
        if not found.html and not found.text.strip() and (packed := getattr(tnef, "_rtfbody", None)):
            found.text, found.html = words_of_rtf(unpacked(packed))
    except Exception:  # a library of strangers' on a stranger's bytes: whatever it raises, the container stays a file
        return None
    return found if found.files or found.text or found.html else None


def _text(body: object) -> str:
    if isinstance(body, bytes):
        return body.decode("utf-8", "replace").replace("\x00", "")
    return body.replace("\x00", "").encode("utf-8", "replace").decode() if isinstance(body, str) else ""


_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_DATA = bytes.fromhex("06092a864886f70d010701")
_DEEPEST = 12


def signed_content(data: bytes) -> bytes | None:
    """The mail inside an opaque S/MIME signature (CMS SignedData, RFC 5652, 5.1); None where there is none, as in encrypted ones.

    Nothing is verified here: the mail is read as if it were not signed.
    """
    start = data.find(_SIGNED_DATA, 0, 64)
    inside = data.find(_DATA, start, start + 400) if start >= 0 else -1
    if inside < 0:
        return None
    at = inside + len(_DATA)
    if data[at : at + 1] != b"\xa0":
        return None
    out: list[bytes] = []
    try:
        _octets(data, at, out, 0)
    except IndexError:
        return b"".join(out) or None
    return b"".join(out) or None


def _octets(data: bytes, at: int, out: list[bytes], depth: int) -> int:
    """Collect the octet strings of one BER value that begins at `at`; where the next value begins."""
    tag = data[at]
    length = data[at + 1]
    body = at + 2
    if length & 0x80 and length != 0x80:
        count = length & 0x7F
        length = int.from_bytes(data[body : body + count], "big")
        body += count
        end = min(body + length, len(data))
    elif length == 0x80:
        end = -1
    else:
        end = min(body + length, len(data))
    if tag == 0x04 and end >= 0:
        out.append(data[body:end])
        return end
    if tag not in (0xA0, 0x24, 0x04) or depth > _DEEPEST:
        return end if end >= 0 else len(data)
    while body < (end if end >= 0 else len(data)):
        if end < 0 and data[body : body + 2] == b"\x00\x00":
            return body + 2
        following = _octets(data, body, out, depth + 1)
        if following <= body:
            break
        body = following
    return end if end >= 0 else body
