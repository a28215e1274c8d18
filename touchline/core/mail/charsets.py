"""Bytes → text, whatever the label says.

A label is a hint. Mailers write `gb2312` for what is gb18030, `iso-8859-1` for what is cp1252, `us-ascii` for anything,
and names that no one ever registered. The order: the label (mended), UTF-8, what the HTML says, a detector, cp1252.
"""

import codecs
import encodings.aliases
import re
from functools import lru_cache

import cchardet

# Labels, squeezed to their letters and digits, that mean something other than they say.
_MEANT = {
    "ascii": "utf-8", "usascii": "utf-8", "ansix341968": "utf-8", "646": "utf-8", "iso646us": "utf-8",
    "utf8": "utf-8", "utf8mb4": "utf-8", "xutf8": "utf-8", "unicode20utf8": "utf-8", "unicode11utf8": "utf-8", "cp65001": "utf-8",
    "unicode11utf7": "utf-7", "utf7": "utf-7", "xunicode20utf7": "utf-7", "csunicode11utf7": "utf-7",
    "iso88591": "cp1252", "latin1": "cp1252", "l1": "cp1252", "8859": "cp1252", "88591": "cp1252", "xansi": "cp1252", "ansi": "cp1252",
    "winlatin1": "cp1252", "iso8859": "cp1252", "cp1252": "cp1252", "windows1252": "cp1252", "isolatin1": "cp1252", "ibm819": "cp1252",
    "iso88599": "cp1254", "latin5": "cp1254", "l5": "cp1254", "iso885911": "cp874", "tis620": "cp874", "windows874": "cp874",
    "dos874": "cp874", "iso88598i": "iso8859_8", "iso88598e": "iso8859_8", "visual": "iso8859_8", "logical": "iso8859_8",
    "iso88596i": "iso8859_6", "iso88596e": "iso8859_6",
    "gb2312": "gb18030", "gbk": "gb18030", "xgbk": "gb18030", "cp936": "gb18030", "ms936": "gb18030", "windows936": "gb18030",
    "gb231280": "gb18030", "csgb2312": "gb18030", "gb": "gb18030", "chinese": "gb18030", "euccn": "gb18030", "xeuccn": "gb18030",
    "gb18030": "gb18030", "gb180302000": "gb18030", "isoir58": "gb18030", "csiso58gb231280": "gb18030", "cngb": "gb18030",
    "hzgb2312": "hz", "hz": "hz", "big5": "cp950", "cnbig5": "cp950", "xxbig5": "cp950", "csbig5": "cp950", "big5tw": "cp950",
    "windows950": "cp950", "big5hkscs": "big5hkscs",
    "ksc56011987": "cp949", "ksc5601": "cp949", "ksc56011989": "cp949", "ks56011987": "cp949", "euckr": "cp949", "korean": "cp949",
    "isoir149": "cp949", "windows949": "cp949", "uhc": "cp949", "cseuckr": "cp949", "csksc56011987": "cp949", "5601": "cp949",
    "shiftjis": "cp932", "sjis": "cp932", "xsjis": "cp932", "mskanji": "cp932", "windows31j": "cp932", "ms932": "cp932",
    "cswindows31j": "cp932", "csshiftjis": "cp932", "windows932": "cp932", "shiftjis2004": "shift_jis_2004",
    "eucjp": "euc_jp", "xeucjp": "euc_jp", "xeuc": "euc_jp", "ujis": "euc_jp", "eucjpms": "euc_jp", "cp51932": "euc_jp",
    "iso2022jp": "iso-2022-jp", "csiso2022jp": "iso-2022-jp", "iso2022jp1": "iso-2022-jp", "iso2022jp2": "iso-2022-jp",
    "iso2022jp3": "iso-2022-jp", "iso2022jpms": "iso-2022-jp", "cp50220": "iso-2022-jp", "cp50221": "iso-2022-jp",
    "cp50222": "iso-2022-jp", "jis": "iso-2022-jp", "jis7": "iso-2022-jp", "iso2022jpext": "iso-2022-jp",
    "macintosh": "mac_roman", "xmacroman": "mac_roman", "mac": "mac_roman", "xmaccyrillic": "mac_cyrillic", "xmacukrainian": "mac_cyrillic",
    "xmacce": "mac_latin2", "xmacgreek": "mac_greek", "xmacturkish": "mac_turkish", "xmacjapanese": "cp932",
    "koi8": "koi8_r", "cskoi8r": "koi8_r", "koi8ru": "koi8_u", "koi": "koi8_r", "dos866": "cp866", "oem866": "cp866", "alt": "cp866",
    "unicode": "utf-16", "ucs2": "utf-16", "iso10646ucs2": "utf-16", "utf16": "utf-16", "csunicode": "utf-16", "unicodefffe": "utf-16-be",
}  # fmt: skip
_NO_LABEL = frozenset({"", "unknown8bit", "unknown", "xunknown", "default", "defaultcharset", "binary", "8bit", "7bit", "none", "null",
                       "undefined", "charset", "xuserdefined", "userdefined", "auto", "unspecified", "yes", "no", "us"})  # fmt: skip
# Python's text codecs, less those that are no charset of mail or could be made to do work (`unicode_escape`, `idna`, ...).
_CODECS = frozenset(encodings.aliases.aliases.values()) - {
    "base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec", "mbcs", "oem",
} | {"koi8_u", "koi8_t", "cp720", "cp737", "cp856", "cp874", "cp875", "cp1006", "mac_croatian", "mac_romanian", "mac_arabic", "mac_farsi"}  # fmt: skip
_SINGLE_BYTE_OR_GB = re.compile(r"(?i)cp125\d|cp437|cp8\d\d|cp1026|iso8859|latin|koi8|mac|gb|ascii|hz|tis|ptcp|kz")
_META = re.compile(rb"""(?i)<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-z0-9_.:-]{2,40})""")
_XML = re.compile(rb"""(?i)^\s{0,8}<\?xml[^>]{0,200}?encoding\s*=\s*["']([a-z0-9_.:-]{2,40})""")
_LABEL_SAMPLE = 60
_DETECTOR_SAMPLE = 40_000


def decode(data: bytes, label: str | None = None, *, html: bool = False) -> tuple[str, bool]:
    """The text of `data`, and whether the charset had to be guessed.

    Never raises, and the text never holds a lone surrogate. `label` is what the mail declares; with `html` a charset in
    the document's head is a hint too.
    """
    codec = codec_for(label or "")
    if codec in _STATEFUL:
        text = _strict(data, codec)
        if text is not None:
            return text, False
    if data.isascii():
        # An escape sequence without a label is Japanese more often than anything else.
        if b"\x1b$" in data and codec not in _WIDE:
            return _iso_2022_jp(data) or data.decode("ascii"), codec != "iso-2022-jp"
        if codec not in _WIDE:
            return data.decode("ascii"), False
        if b"\x00" not in data and b" " in data:
            return data.decode("ascii"), True  # two bytes a letter would be two of these
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")) and codec not in _WIDE:
        text = _strict(data, "utf-16")
        if text is not None:
            return text, False
    utf_8 = None if codec in _WIDE else _strict(data, "utf-8")
    if utf_8 is not None and (codec is None or codec == "utf-8" or _SINGLE_BYTE_OR_GB.match(codec)):
        return utf_8, False
    if codec and codec != "utf-8":
        text = _strict(data, codec)
        if text is not None:
            return text, False
    if utf_8 is not None:
        return utf_8, True
    if codec == "utf-8" or codec is None or codec in _MANY_BYTES:
        # A cut or one wrong byte does not make a text another charset.
        for near in dict.fromkeys(("utf-8", codec or "utf-8")):
            text = _nearly(data, near)
            if text is not None:
                return text, True
    if html and (told := _META.search(data[:4096]) or _XML.search(data[:200])):
        meant = codec_for(told[1].decode("ascii"))
        text = _strict(data, meant) if meant and meant != "utf-8" else None
        if text is not None:
            return text, True
    return _guess(data), True


@lru_cache(maxsize=512)
def codec_for(label: str) -> str | None:
    """The codec a charset label means, None where it means nothing we know.

    >>> codec_for("charset=GB2312"), codec_for("x-nonsense")
    ('gb18030', None)
    """
    label = label[:_LABEL_SAMPLE].lower().strip("\"'\\ \t;")
    while label.startswith("charset"):
        label = label.removeprefix("charset").lstrip("=: \"'\\")
    label = re.split(r"[\s;,\"'\\*<>()]", label, maxsplit=1)[0]
    squeezed = re.sub(r"[^a-z0-9]", "", label)
    if squeezed in _NO_LABEL:
        return None
    candidates = [
        squeezed,
        squeezed.removeprefix("x"),
        squeezed.removeprefix("cs"),
        re.sub(r"^x?(?:win|ms|cp|ibm)(?=\d)", "cp", squeezed),
    ]
    for name in candidates:
        if name in _MEANT:
            return _MEANT[name]
    if windows := re.match(r"(?:x?windows|x?cp|x?win|ms)(125[0-8])", squeezed):
        return "cp" + windows[1]
    if iso := re.match(r"iso8859(1[0-6]|[2-9]|1)", squeezed):
        return _MEANT.get("iso8859" + iso[1], "iso8859_" + iso[1])
    for name in (label, *candidates):
        try:
            found = codecs.lookup(name)
        except (LookupError, ValueError):
            continue
        normal = found.name.replace("-", "_")
        if normal in _CODECS:
            return _MEANT.get(re.sub(r"[^a-z0-9]", "", normal), found.name)
    return None


# Codecs whose bytes are ASCII and yet not to be read as such; those that ASCII bytes cannot be tried on; those of many bytes.
_STATEFUL = frozenset({"iso-2022-jp", "iso2022_kr", "hz", "utf-7"})
_WIDE = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"})
_MANY_BYTES = frozenset({"cp932", "euc_jp", "cp949", "cp950", "big5hkscs", "gb18030", "iso-2022-jp", "shift_jis_2004"})


def _strict(data: bytes, codec: str) -> str | None:
    if codec == "iso-2022-jp":
        return _iso_2022_jp(data)
    if codec == "utf-16" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        codec = "utf-16-le" if data[1::2].count(0) > data[0::2].count(0) else "utf-16-be"
    try:
        text = data.decode(codec)
    except (UnicodeError, ValueError):
        return None
    # UTF-7 can spell lone surrogates, and they may reach no database.
    return None if _has_surrogates(text) else text


def _has_surrogates(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _nearly(data: bytes, codec: str) -> str | None:
    """The text, if at most one character in ten of those beyond ASCII is broken."""
    if codec == "iso-2022-jp":
        return None
    text = data.decode(codec, "replace")
    beyond = sum(1 for c in text if c > "\x7f") if not text.isascii() else 0
    broken = text.count("\ufffd")
    return text if beyond and broken * 10 <= beyond + 9 and broken < beyond else None


def _guess(data: bytes) -> str:
    codec = likely_codec(data)
    text = _strict(data, codec) if codec else None
    return data.decode("cp1252", "replace") if text is None else text


_ASCII = frozenset(map(chr, range(128)))
_ACCENTS = frozenset("äöüÄÖÜßéèêëàâçùûîïô")


def likely_codec(data: bytes) -> str | None:
    """The codec in which bytes without a label are most likely written; None: a western one, or nobody knows."""
    if not re.search(rb"[\x80-\xff]{2}", data) and len(re.findall(rb"[\x80-\xff]", data[:2_000])) < 8:
        return None  # a few single letters among ASCII are an accent each, whatever a detector makes of so little
    if set(data[:_DETECTOR_SAMPLE].decode("latin-1")) - _ASCII <= _ACCENTS:
        return None  # "äöüß" is what people write who try whether it can be read
    found = cchardet.detect(data[:_DETECTOR_SAMPLE])
    codec = codec_for(found.get("encoding") or "")
    if codec in _MANY_BYTES and not re.search(rb"[\x80-\xff]{2}", data):
        return None
    if codec and codec not in _WIDE and (found.get("confidence") or 0) >= 0.5 and (text := _strict(data, codec)) is not None:
        # No one writes "мБНРБ": small letters and capitals have changed places.
        return (_cyrillic(data) or codec) if _TURNED_CASE.search(text) else codec
    return _cyrillic(data)


_TURNED_CASE = re.compile("[а-яё][А-ЯЁ]{2}")


def _cyrillic(data: bytes) -> str | None:
    """The Cyrillic codec in which the letters are Cyrillic and mostly small. On a word or two the detector takes them for Georgian."""
    if not re.search(rb"[\x80-\xff]{4}", data) or re.search(rb"[A-Za-z][\x80-\xff]|[\x80-\xff][A-Za-z]", data):
        return None
    best, share = None, 0.6
    for codec in ("cp1251", "koi8_r", "iso8859_5", "cp866"):
        text = _strict(data[:_DETECTOR_SAMPLE], codec) or ""
        letters = [letter for letter in text if letter > "\x7f"]
        small = sum(1 for letter in letters if "а" <= letter <= "ё")
        natural = not re.search("[а-яё][А-ЯЁ]", text)
        if (
            letters
            and natural
            and small / len(letters) > share
            and all("Ѐ" <= letter <= "ӿ" or letter in "«»—–№…“”„" for letter in letters)
        ):
            best, share = codec, small / len(letters)
    return best


_JIS = re.compile(rb"\x1b(\$[@B]|\$\([@BCDO-Q]|\([BJHI]|\$A|&@\x1b\$B)")


def _iso_2022_jp(data: bytes) -> str | None:
    """ISO-2022-JP as it is really sent (Microsoft's cp50221): with NEC's and IBM's rows and half-width kana.

    Python has no such codec; its rows are those of cp932, two bytes moved.
    """
    pieces: list[str] = []
    mode = b"(B"
    split = _JIS.split(data)
    for i, piece in enumerate(split):
        if i % 2:
            mode = piece
        elif piece:
            first, line_break, rest = piece.partition(b"\n")
            try:
                if line_break and b" " in rest and mode.startswith(b"$") and i == len(split) - 1:
                    # By the book each line ends in ASCII, and somebody forgot to say so.
                    pieces += (_jis_rows(first, mode), "\n", rest.decode("ascii"))
                else:
                    pieces.append(_jis_rows(piece, mode))
            except UnicodeError:
                return None
    return "".join(pieces)


def _jis_rows(piece: bytes, mode: bytes) -> str:
    if mode in (b"(B", b"(J", b"(H"):
        return piece.decode("ascii") if piece.isascii() else piece.decode("cp932")
    if mode == b"(I":
        return bytes(b | 0x80 if 0x21 <= b < 0x60 else b for b in piece).decode("cp932")
    if mode == b"$(D":
        return b"".join(b"\x8f" + bytes((a | 0x80, b | 0x80)) for a, b in zip(piece[::2], piece[1::2], strict=False)).decode(
            "euc_jp"
        )
    if mode == b"$A":
        return bytes(b | 0x80 if b > 0x20 else b for b in piece).decode("gb18030")
    if mode == b"$(C":
        return bytes(b | 0x80 if b > 0x20 else b for b in piece).decode("cp949")
    out = bytearray()
    i = 0
    while i < len(piece):
        a = piece[i]
        if a <= 0x20 or a > 0x7E or i + 1 >= len(piece):
            # A line break inside means that somebody forgot to switch back.
            out.append(a)
            i += 1
            continue
        b = piece[i + 1]
        lead = (a - 0x21) // 2 + (0x81 if a < 0x5F else 0xC1)
        trail = b + 0x7E if a % 2 == 0 else b + (0x1F if b < 0x60 else 0x20)
        out += bytes((lead, trail & 0xFF))
        i += 2
    return out.decode("cp932")
