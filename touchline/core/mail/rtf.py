"""Words out of RTF, as Outlook puts them into a winmail.dat: compressed, and often with the HTML folded into it.

Formats: MS-OXRTFCP (the compression), MS-OXRTFEX (HTML inside RTF), the RTF specification 1.9. Only words are read.
"""

import re
import struct

LONGEST_RTF = 4_000_000  # bytes, unpacked
_DEEPEST = 200  # groups within groups

# What every compressed RTF may refer to without having said it (MS-OXRTFCP, 2.1.2.1).
_KNOWN = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArial"
    b"Times New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)


def unpacked(data: bytes) -> bytes:
    """The RTF that was compressed; `data` as it is where it was not. Raises ValueError where it is neither."""
    if data.startswith(b"{\\rtf"):
        return data
    if len(data) < 16:
        raise ValueError("Too short to be compressed RTF.")
    _, size, magic, _ = struct.unpack_from("<IIII", data)
    if magic == 0x414C454D:  # "MELA": stored as it is
        return data[16 : 16 + min(size, LONGEST_RTF)]
    if magic != 0x75465A4C:  # "LZFu"
        raise ValueError("No compressed RTF.")
    window = bytearray(4096)
    window[: len(_KNOWN)] = _KNOWN
    at, write, out = 16, len(_KNOWN), bytearray()
    size = min(size, LONGEST_RTF)
    while at < len(data) and len(out) < size:
        control = data[at]
        at += 1
        for bit in range(8):
            if at >= len(data) or len(out) >= size:
                break
            if control & (1 << bit):
                if at + 1 >= len(data):
                    return bytes(out)
                reference = data[at] << 8 | data[at + 1]
                at += 2
                read, length = reference >> 4, (reference & 0xF) + 2
                if read == write:
                    return bytes(out)
                for i in range(length):
                    letter = window[(read + i) % 4096]
                    out.append(letter)
                    window[write] = letter
                    write = (write + 1) % 4096
            else:
                out.append(data[at])
                window[write] = data[at]
                write = (write + 1) % 4096
                at += 1
    return bytes(out)


_TOKEN = re.compile(rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\", re.DOTALL)
_BREAKS = {b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"tab": "\t", b"cell": "\t", b"emdash": "—", b"endash": "–", b"bullet": "•",
           b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”"}  # fmt: skip
_NO_WORDS = frozenset({b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"header", b"footer", b"themedata", b"listtable", b"generator", b"xmlnstbl", b"fldinst"})  # fmt: skip


def words_of_rtf(data: bytes) -> tuple[str, str]:
    """The text and the HTML of an RTF document: one of the two, "" for the other. Never raises."""
    data = data[:LONGEST_RTF]
    from_html = b"\\fromhtml" in data[:500]
    page = re.search(rb"\\ansicpg(\d{1,5})", data[:500])
    charset = f"cp{page[1].decode()}" if page else "cp1252"
    out: list[str] = []
    pending = bytearray()
    skipping, html_tag, hidden, unicode_skip = False, False, False, 1
    groups: list[tuple[bool, bool, bool, int]] = []
    to_skip = 0

    def say(text: str) -> None:
        if pending:
            out.append(_decoded(bytes(pending), charset))
            pending.clear()
        out.append(text)

    starred = False
    for token in _TOKEN.finditer(data):
        word, number, hexed, symbol, brace, plain = token.groups()
        if brace == b"{":
            if len(groups) < _DEEPEST:
                groups.append((skipping, html_tag, hidden, unicode_skip))
        elif brace == b"}":
            if groups:
                skipping, html_tag, hidden, unicode_skip = groups.pop()
        elif word:
            if starred or word in _NO_WORDS:
                html_tag = starred and word == b"htmltag" and from_html
                skipping = skipping or not html_tag
                starred = False
            elif word == b"htmlrtf":
                hidden = number != b"0"
            elif word == b"uc":
                unicode_skip = min(int(number or 1), 10) if number and number[:1] != b"-" else 1
            elif word == b"u" and number:
                if not skipping and not (hidden and from_html):
                    code = int(number) % 65536
                    say("" if 0xD800 <= code < 0xE000 else chr(code))
                to_skip = unicode_skip
            elif word == b"bin":
                skipping = True
            elif word in _BREAKS and not skipping and not (from_html and (hidden or html_tag)):
                say(_BREAKS[word] if word != b"par" or not from_html else "\n")
        elif symbol == b"*":
            starred = True
        elif skipping or (hidden and from_html):
            continue
        elif hexed:
            if to_skip:
                to_skip -= 1
            else:
                pending += bytes.fromhex(hexed.decode())
        elif symbol:
            say({b"~": "\xa0", b"_": "-", b"-": "", b"\n": "\n", b"\r": "\n"}.get(symbol, symbol.decode("latin-1")))
        elif plain:
            if to_skip:
                plain, to_skip = plain[to_skip:], max(0, to_skip - len(plain))
            pending += plain
    say("")
    text = "".join(out).replace("\x00", "")
    return ("", text) if from_html else (text, "")


def _decoded(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset, "replace")
    except LookupError:
        return data.decode("cp1252", "replace")
