"""Who a mail is from and to: address headers, read as leniently as people write them (RFC 5322, 3.4; MAIL.md, rules 10-16)."""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator

import idna

from touchline.core.mail.email import Correspondent
from touchline.core.mail.headers import clean, decode_words

MOST_ADDRESSES = 1_000
MOST_WORDS = 40  # of a name, before a colon that may begin a group
MOST_READ = 200_000  # characters of all lines of one header together
LONGEST_ADDRESS = 320  # characters: 64 for the local part, 255 for the domain, and the @

# What a list of addresses is made of. An encoded word is one piece even where a comma stands in it. What is in quotes is
# bounded: where one is never closed, every quote after it would be read to the end of the header.
_PIECE = re.compile(
    r"""(?P<word>=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=)
      | "(?P<quoted>(?:[^"\\]|\\.){0,300}+)"
      | <(?P<angle>[^<>]*)>
      | (?P<comment>\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\))
      | (?P<between>[,;])
      | (?P<group>:)
      | (?P<plain>[^\s"<>(),;:=]+|.)
      | (?P<blank>\s+)""",
    re.VERBOSE | re.DOTALL,
)
_UNSEEN = r"\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"  # as they stand within brackets of a pattern
_AT = re.compile(r"\s*([^\s@<>()]{1,64}) (?:at|AT|\[at\]|\(at\)) ([^\s@<>()]{1,250}\.[^\s@<>().]{2,24})\s*")
_ADDRESS = re.compile(r"""[^\s@<>()\[\],;:"']{1,64}@[^\s@<>()\[\],;:"']{1,255}""")


def correspondents_of(values: Iterable[str]) -> tuple[Correspondent, ...]:
    """Everyone an address header names, in order, those without a readable address left out. Values are not yet RFC 2047-decoded."""
    found: list[Correspondent] = []
    for value in _bounded(values):
        for one in _split(value):
            if one.address:
                found.append(one)
                if len(found) >= MOST_ADDRESSES:
                    return tuple(found)
    return tuple(found)


def first_of(values: Iterable[str]) -> Correspondent:
    """The first one with an address that can be used; else the first name with address "" (there may be neither)."""
    named = Correspondent("", "")
    for value in _bounded(values):
        for one in _split(value):
            if one.address:
                return one
            named = named if named.name else one
    return named


def _bounded(values: Iterable[str]) -> Iterator[str]:
    left = MOST_READ
    for value in values:
        yield value[:left]
        left -= len(value)
        if left <= 0:
            return


def address_of(text: str) -> str:
    """An address as we keep it: lower-case, NFC, its domain in Unicode, no blanks or final dots in it; "" where it is none."""
    if len(text) > 4 * LONGEST_ADDRESS:
        return ""
    if quoted := re.fullmatch(rf'\s*("(?:[^"\\{_UNSEEN}]|\\[^{_UNSEEN}])+")@([^\s@"<>{_UNSEEN}]+)\s*', text):
        return _kept(quoted[1], quoted[2].strip("."))
    text = re.sub(rf"[\s{_UNSEEN}]+", "", text)
    text = re.sub(r"(?i)^(?:mailto|smtp):", "", text).strip("<>'\";,")
    if text.startswith("@") and ":" in text:
        text = text.rsplit(":", 1)[1]  # a source route of old: <@relay.example:nora@lantern.example>
    local, at, domain = text.rpartition("@")
    local, domain = local.strip(".").removesuffix("@"), domain.strip(".").lower()
    if not at or not local or not domain or len(text) > LONGEST_ADDRESS:
        return ""
    literal = domain.startswith("[") and domain.endswith("]")  # an IP address in brackets
    if not literal and re.search(r"[\s<>(),;:@\[\]]", domain):
        return ""
    if "xn--" in domain:
        domain = ".".join(_label(part) for part in domain.split("."))
    return _kept(local, domain)


def _kept(local: str, domain: str) -> str:
    address = unicodedata.normalize("NFC", f"{local}@{domain}").lower()
    return address if len(address) <= LONGEST_ADDRESS else ""  # NFC and lower case make some letters two or three


def _label(part: str) -> str:
    if not part.startswith("xn--"):
        return part
    try:
        return idna.ulabel(part)
    except (idna.IDNAError, UnicodeError):
        return part


def _split(value: str) -> Iterable[Correspondent]:
    if "=?" in value and "@" not in value:
        # The whole header, address and all, was put into encoded words.
        decoded = decode_words(value)
        value = decoded if "@" in decoded else value
    if "&lt;" in value and "<" not in value:
        value = html.unescape(value)
    carried = ""
    words: list[str] = []
    angles: list[str] = []
    comments: list[str] = []
    in_group = False

    def done() -> Correspondent | None:
        return _one(words, angles, comments) if words or angles or comments else None

    may_group = ";" in value
    pieces = list(_PIECE.finditer(value))
    for i, piece in enumerate(pieces):
        kind, text = piece.lastgroup, piece[0]
        if kind == "between" or (
            kind == "group" and may_group and not in_group and not angles and not any("@" in word for word in words[-MOST_WORDS:])
        ):
            if kind == "group":
                in_group, carried, words, angles, comments = True, "", [], [], []
                continue
            one = done()
            if one and not one.address and text == "," and not angles:
                # "Müller, Jürgen <jm@…>": the comma belongs to the name.
                carried = f"{carried}, {one.name}" if carried else one.name
            elif one:
                yield _named(carried, one)
                carried = ""
            if text == ";":
                in_group = False
                if carried:
                    yield Correspondent(carried, "")
                carried = ""
            words, angles, comments = [], [], []
        elif kind == "quoted":
            inner = re.sub(r'\\(["\\])', r"\1", piece["quoted"])
            follows = pieces[i + 1][0] if i + 1 < len(pieces) else ""
            words.append(text if follows.startswith("@") else inner)
        elif kind == "angle":
            angles.append(piece["angle"])
        elif kind == "comment":
            comments.append(text[1:-1])
        else:
            words.append(text)
    last = done()
    if last:
        yield _named(carried, last)
    elif carried:
        yield Correspondent(carried, "")


def _named(carried: str, one: Correspondent) -> Correspondent:
    if not carried:
        return one
    return Correspondent(f"{carried}, {one.name}" if one.name else carried, one.address)


def _one(words: list[str], angles: list[str], comments: list[str]) -> Correspondent:
    phrase = "".join(words).strip(" \t\r\n:<>")
    for angle in angles:
        # Comments may stand anywhere: <pete(his account)@silly.test(his host)>.
        address = address_of(re.sub(r"\([^()]*\)", "", decode_words(angle) if "=?" in angle else angle))
        if address:
            return Correspondent(_name(phrase, comments, address), address)
    compact = "".join(phrase.split())
    # "nora @ lantern.example" is one address with blanks in it; "Nora nora@lantern.example" is a name and an address.
    if compact.count("@") == 1 and re.fullmatch(r"""\S+\s*@\s*\S+|"[^"]*"@\S+""", phrase):
        address = address_of(phrase if phrase.startswith('"') else compact)
        if address:
            return Correspondent(_name("", comments, address), address)
    if hidden := _AT.fullmatch(angles[-1] if angles else phrase):
        # Archives of lists write it so, to keep it from robots.
        address = address_of(f"{hidden[1]}@{hidden[2]}")
        if address:
            return Correspondent(_name(phrase if angles else "", comments, address), address)
    for text in (phrase, decode_words(phrase) if "=?" in phrase else "", *comments):
        inside = _ADDRESS.search(text)
        address = address_of(inside[0]) if inside else ""
        if inside and address:
            rest = phrase if text in comments else text[: inside.start()] + text[inside.end() :]
            rest = re.sub(r"(?i)\[\s*(?:mailto:)?\s*\]", "", rest)
            rest = "" if _ADDRESS.fullmatch(rest.strip()) else rest.strip(" <>")
            return Correspondent(_name(rest, comments, address), address)
    if comments and phrase and " " not in phrase:
        phrase = ""  # "MAILER-DAEMON (Mail Delivery System)": the account of a machine, and its name
    return Correspondent(_name(phrase or " ".join(angles), comments, ""), "")


def _name(phrase: str, comments: list[str], address: str) -> str:
    for text in (phrase, *comments):
        name = clean(decode_words(text) if "=?" in text else text)
        name = " ".join(name.split())
        for quotes in ('""', "''", "“”", "‘’", "<>"):
            while len(name) > 1 and name[0] == quotes[0] and name[-1] == quotes[1]:
                name = name[1:-1].strip()
        if name.count('"') == 1:
            name = name.replace('"', "").strip()
        if name and name.lower() != address:
            return name
    return ""
