"""Telling by its words what a line is: a quote, the line that announces one, a block of headers, a signature.

The tables are in `quote_words`. A false alarm hides what someone wrote, a miss only shows a little too much, so every rule
asks for more than one sign (MAIL.md, rules 59-64).
"""

import re
from collections.abc import Iterable, Sequence

from touchline.core.mail import quote_words as words
from touchline.core.mail.html_text import Line, Mark

LONGEST_ATTRIBUTION = 400  # characters
_QUOTE = re.compile(r"[ \t]{0,3}(?:[>＞]|&gt;|[A-Za-z]{1,3}>(?=\s|>)|\|(?=[ \t]|$)(?!.*\|\s*$))")


def _any(phrases: Iterable[str]) -> str:
    """A pattern for any of the phrases, longest first, as whole words where the script separates words."""
    bounded: list[str] = []
    free: list[str] = []
    for phrase in sorted(set(phrases), key=len, reverse=True):
        (free if re.search(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0590-\u06ff]", phrase) else bounded).append(
            re.escape(phrase)
        )
    return rf"(?:(?<!\w)(?:{'|'.join(bounded)})(?!\w)|{'|'.join(free) or '(?!)'})"


_WROTE = re.compile(_any(words.WROTE), re.IGNORECASE)
_ENDS_WITH_WROTE = re.compile(rf"{_any(words.WROTE)}\Z", re.IGNORECASE)
_ON = re.compile(rf"(?:{_any(words.ON)})[\s,.]", re.IGNORECASE)
_STARTS_WITH_DATE = re.compile(
    r"\W{0,3}(?:\d{1,2}:\d{2}\b|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}|\d{4}[./年-]|\d{1,2}\.?\s+\w{3,12}\.?,?\s+\d{4}|\w{2,12},?\s+\d{1,2}|\d{4}년)"
)
_YEAR_OR_DATE = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)|(?<!\d)\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2}(?!\d)|\d{4}|२०\d\d")
_CLOCK = re.compile(r"\d{1,2}\s?[:.hH時时시]\s?\d{2}")
_ADDRESS = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{2,255}")
_FIRST_PERSON = re.compile(
    r"(?i)\b(?:i|he|she|they|it|we|who|ich|er|wir|je|il|elle|nous|yo|io)\s+(?:have |had |just |also |already |once )?(?:wrote|said|says|writes|schrieb|a écrit|escribió|ha scritto)\b"
)
_DECORATION = "*_-=#~>|• \t\u200e\u200f\u202a-\u202e"
_SEPARATOR = re.compile(_any(words.ORIGINAL), re.IGNORECASE)
_FORWARDED = re.compile(rf"{_any(words.FORWARDED)}.{{0,60}}", re.IGNORECASE)
_FORWARDED_ON_ITS_LINE = re.compile(rf"-{{3,}}\s*{_any(words.FORWARDED)}[^-:：]{{0,40}}-{{3,}}", re.IGNORECASE)
_ABOVE = re.compile(rf"\W*(?:{'|'.join(words.ABOVE_THIS_LINE)})\W*\Z", re.IGNORECASE)
_GREETING = re.compile(rf"\W*{_any(words.GREETINGS)}(?:[^\w\n]+\w[\w.'’-]*){{0,4}}\s*[,!.。，、:–-]*\s*", re.IGNORECASE)
_ANSWERS_BELOW = re.compile("|".join(words.ANSWERS_BELOW), re.IGNORECASE | re.MULTILINE)
_KINDS = {
    key: kind
    for kind, keys in (("from", words.FROM), ("sent", words.SENT), ("to", words.TO), ("subject", words.SUBJECT))
    for key in (one.strip(":") for one in keys)
}
_ALSO_FROM = frozenset(words.FROM)


def plain_lines(text: str) -> list[Line]:
    """The lines of a plain text, quotes marked by their `>`; of many empty lines on end two are kept."""
    lines: list[Line] = []
    empty = 0
    for line in text.split("\n"):
        empty = 0 if line.strip() else empty + 1
        if empty <= 2:
            lines.append(Line(line, 0, Mark.QUOTED if _QUOTE.match(line) and not _is_arrow(line) else Mark.WORDS))
    for before, between, after in zip(lines, lines[1:], lines[2:], strict=False):
        if between.mark is Mark.WORDS and before.mark is after.mark is Mark.QUOTED and _runs_on(before.text, between.text):
            between.mark = Mark.QUOTED
    return lines


def _runs_on(quoted: str, text: str) -> bool:
    """Whether a line between two quoted ones is only the end of the first, broken off by a mailer at its margin."""
    if re.fullmatch(r"\s*[(<]?https?://\S{1,1000}\s*>?", text):
        return True
    if " " not in text.strip() and re.search(r"https?://[^\s)>]*\Z", quoted):
        return True
    return (
        len(quoted) >= 74
        and re.match(r"[^\W\d_]", text) is not None
        and text[0].islower()
        and not re.search(r"[.!?:;…]\s*\Z", quoted)
    )


def _is_arrow(line: str) -> bool:
    return re.match(r"\s*(?:>=|>>=)", line) is not None


def mark_by_words(lines: list[Line]) -> None:
    """Mark what announces a past by its words: ATTRIBUTION above quotes, CUT where an unmarked past begins."""
    following = _next_with_words(lines)
    for i, line in enumerate(lines):
        if line.mark is Mark.CUT and line.sure:
            return
        if line.mark is not Mark.WORDS or len(line.text) > LONGEST_ATTRIBUTION:
            continue
        text = line.text.strip()
        if not text:
            continue
        ends = text.rstrip(_DECORATION)
        if is_passed_on(text):
            return  # what is passed on is meant to be read
        after = following[i]
        if _cuts(lines, i, following):
            _mark_cut(lines, i, following)
            return
        before_quote = after is not None and lines[after].mark is Mark.QUOTED and after - i <= 3
        if (
            ends.endswith((":", "："))
            or before_quote
            or (text.startswith("--") and text.endswith("--"))
            or _WROTE.search(text[-40:])
        ):
            start = _attribution(lines, i, before_quote=before_quote, dashes=text.startswith("--") and text.endswith("--"))
            if start is not None:
                if before_quote or _quotes_soon(lines, i):
                    for one in lines[start : i + 1]:
                        one.mark = Mark.ATTRIBUTION
                else:
                    for one in lines[start:]:
                        one.mark = Mark.CUT
                    return


def _quotes_soon(lines: Sequence[Line], i: int) -> bool:
    """Whether quotes follow after a line like "[...]": then words may follow these, and nothing is cut."""
    following = [line for line in lines[i + 1 : i + 8] if line.text.strip()][:3]
    return any(line.mark is Mark.QUOTED for line in following)


def _next_with_words(lines: Sequence[Line]) -> list[int | None]:
    following: list[int | None] = [None] * len(lines)
    upcoming: int | None = None
    for i in range(len(lines) - 1, -1, -1):
        following[i] = upcoming
        if lines[i].text.strip():
            upcoming = i
    return following


def _cuts(lines: Sequence[Line], i: int, following: Sequence[int | None]) -> bool:
    text = lines[i].text.strip()
    if _ABOVE.match(text) or (lines[i].ruled and _headers_at(lines, i)):
        return True
    after = following[i]
    if is_rule(text) or is_separator(text):
        dashed = is_separator(text) and text[0] in "-_=—–~*#" and text[-1] in "-_=—–~*#"
        return dashed or (after is not None and after - i <= 3 and bool(_header_block(lines, after, least=2)))
    if not _header(text) or _introduced(lines, i) or (i and _header_kind(lines[i - 1].text.strip())):
        return False  # it was put there to be read, or the block began above
    return bool(_header_block(lines, i, least=3))


def is_passed_on(text: str) -> bool:
    """Whether a line announces a forwarded mail. Some clients write its headers into the same line."""
    if not text.startswith("-") and not text.endswith((":", "：", "-")):
        return False
    return _FORWARDED.fullmatch(text.strip(_DECORATION)) is not None or _FORWARDED_ON_ITS_LINE.match(text) is not None


def is_rule(text: str) -> bool:
    """Whether a line is nothing but a rule drawn with dashes."""
    return len(text) >= 10 and not text.strip("_—–=-")


def is_separator(text: str) -> bool:
    """Whether a line says "Original Message", with or without dashes around it."""
    return bool(_SEPARATOR.fullmatch(text.strip(_DECORATION + ":：").strip()))


def _introduced(lines: Sequence[Line], i: int) -> bool:
    """Whether the words before lead up to it: "This is what I see:". Then it is shown to us on purpose."""
    for line in reversed(lines[max(0, i - 3) : i]):
        if text := line.text.strip():
            return text.endswith((":", "：")) and not _header_kind(text) and not is_separator(text)
    return False


def _header(text: str) -> tuple[str, str] | None:
    """The name (in lower case) and the value of the header that a line looks like, in bold or not; None where it looks like none."""
    colon = min((at for at in (text.find(":", 0, 60), text.find("：", 0, 60)) if at >= 0), default=-1)
    if colon < 0:
        return None
    name = " ".join(text[:colon].replace("*", " ").replace("_", " ").strip("> \t\u200e\u200f").split()).lower()
    return (
        (name, text[colon + 1 :].strip("*_ \t")) if 0 < len(name) <= 30 and not any(letter in name for letter in "<>@") else None
    )


def header_of(text: str) -> tuple[str, str] | None:
    """The kind ("from", "sent", "to", "subject") and the value of the translated header that a line is; None where it is none."""
    header = _header(text)
    kind = _KINDS.get(header[0]) if header else None
    return ("from" if header[0] in _ALSO_FROM else kind, header[1]) if header and kind else None


def _header_kind(text: str) -> str | None:
    header = _header(text)
    return _KINDS.get(header[0]) if header else None


def _header_block(lines: Sequence[Line], start: int, *, least: int) -> int:
    """Where a block of translated headers ends that begins at `start` (0: there is none). `least`: how many kinds it must have."""
    kinds: set[str] = set()
    end, other = 0, 0
    from_has_address = False
    for i in range(start, min(len(lines), start + 14)):
        text = lines[i].text.strip()
        if not text:
            if kinds and least > 2 and len(kinds) >= least:
                break
            other += 1
            if other > 3:
                break
            continue
        header = _header(text)
        key = header[0] if header else ""
        kind = _KINDS.get(key)
        if kind == "to" and key in _ALSO_FROM and "from" not in kinds:
            kind = "from"
        if header and kind and (header[1] or i + 1 < len(lines)):
            kinds.add("from" if key in _ALSO_FROM and "from" not in kinds else kind)
            from_has_address |= "@" in header[1]
            end, other = i + 1, 0
        elif not kinds:
            return 0
        else:
            other += 1
            if other > 2:
                break
    # From, To and Date alone may be a journey's.
    enough = (len(kinds) >= least and (least < 3 or from_has_address or kinds >= {"from", "subject"})) or (
        "from" in kinds and from_has_address and kinds & {"sent", "subject"} and len(kinds) >= 2
    )
    return end if enough and kinds & {"from", "sent"} and (len(kinds) > 1) else 0


def _headers_at(lines: Sequence[Line], start: int) -> bool:
    """Whether headers begin here: one that is known, or three, an address among them, in a language that no table knows."""
    near = [line.text.strip() for line in lines[start : start + 12] if line.text.strip("-_ \t")][:6]
    headers = [text for text in near if _header(text)]
    return bool(near and _header_kind(near[0])) or (len(headers) >= 3 and any("@" in text for text in headers))


def _mark_cut(lines: list[Line], i: int, following: Sequence[int | None]) -> None:
    """Everything from `i` is past, unless only quoted lines follow its headers: then it announces them, and words may follow."""
    after = following[i]
    end = max(_header_block(lines, i, least=2), _header_block(lines, after, least=2) if after is not None else 0, i + 1)
    first = next((line for line in lines[end:] if line.text.strip()), None)
    if first is not None and first.mark is Mark.QUOTED and not first.sure:
        for line in lines[i:end]:
            line.mark = Mark.ATTRIBUTION
        mark_by_words(lines[end:])
    else:
        for line in lines[i:]:
            line.mark = Mark.CUT


def _attribution(lines: Sequence[Line], end: int, *, before_quote: bool, dashes: bool) -> int | None:
    """Where the attribution begins that ends at line `end`; it may be wrapped over four lines. None: it is none."""
    found: int | None = None
    joined = ""
    for start in range(end, max(-1, end - 4), -1):
        text = lines[start].text.strip()
        if (
            not text
            or lines[start].mark is not Mark.WORDS
            or (start < end and re.search(r"(?:[^\W\d]{4,}[.!?]|[。！？])\Z", text))
        ):
            break
        joined = f"{text} {joined}".strip()
        if not _ON.match(joined) and _SAID_BEFORE_IT.match(joined) and ends_with_attribution(joined):
            return found  # somebody wrote into the line: it stays, and only what it announces is past
        if not _is_attribution(joined, before_quote=before_quote, dashes=dashes):
            continue
        opens = _ON.match(text.lstrip(_DECORATION)) or _STARTS_WITH_DATE.match(text)
        if (
            found is None
            or (opens and re.search(r"\d", text))
            or (start == found - 1 and _goes_on(text, lines[found].text.strip()))
        ):
            found = start
        if opens and _YEAR_OR_DATE.search(joined) and ("@" in joined or _WROTE.search(joined)):
            break
    return found


def _goes_on(text: str, below: str) -> bool:
    """Whether a line says who or when of an attribution that goes on below: without it, that one would be half of one."""
    if not re.match(r"[<(\d\u2066\u202a]|[^\W\d_]", below) or below[0].isupper():
        return False
    when = _YEAR_OR_DATE.search(text) and _CLOCK.search(f"{text} {below}") and not _YEAR_OR_DATE.search(below)
    return bool(when or (_WROTE.search(text) and not _WROTE.search(below)))


_SAID_BEFORE_IT = re.compile(r"[^\d<>@]{1,200}?(?:[!?…]|\s[^\W\d_]{2,20}[.)])[!?….)]*\s+\S")


def _is_attribution(text: str, *, before_quote: bool, dashes: bool) -> bool:
    text = text.lstrip(_DECORATION).rstrip(_DECORATION.replace(">", ""))
    if len(text) > LONGEST_ATTRIBUTION:
        return False
    colon = text.endswith((":", "：")) or dashes
    when = _YEAR_OR_DATE.search(text) is not None
    address = "@" in text and _ADDRESS.search(text) is not None
    if not when and not address and (not before_quote or len(text.split()) > 7):
        return False
    wrote = _WROTE.search(text) is not None
    clock = _CLOCK.search(text) is not None
    opens = _ON.match(text) is not None or _STARTS_WITH_DATE.match(text) is not None
    if wrote and _FIRST_PERSON.search(text):
        return False
    if before_quote:
        return (
            (wrote and colon and (when or clock or address or len(text.split()) <= 7))
            or (wrote and (when or clock) and (address or opens))
            or (address and colon and len(text) < 200)
            or (address and when and (clock or opens))
            or (colon and when and opens and (clock or len(text.split()) <= 12))
        )
    if wrote and re.fullmatch(r"[^<>:]{1,60}<[^<>\s]+@[^<>\s]+>\s*[^<>:]{2,40}:", text.strip("*_")):
        return True
    if opens and when and clock and address and _ENDS_WITH_WROTE.search(text):
        return True
    at_end = wrote and _WROTE.search(text[-60:] if not dashes else text) is not None
    return (
        colon
        and when
        and (
            (at_end and (address or (opens and (clock or len(text.split()) <= 14))))
            or (address and clock and opens and text.endswith((">:", "）:", "):", "]:", "：", ">：")))
        )
    )


def ends_with_attribution(text: str) -> bool:
    """Whether "On Monday Kay wrote:" stands at the end of a line that holds other words before it."""
    text = text[-LONGEST_ATTRIBUTION:]
    if not _CLOCK.search(text) or not _WROTE.search(text):
        return False
    starts = [match.start() for match in _ON_WITHIN.finditer(text)][-4:]
    return any(_is_attribution(text[start:], before_quote=False, dashes=False) for start in starts)


_ON_WITHIN = re.compile(rf"(?<![^\s-])(?:{_any(words.ON)})[\s,.](?=.{{0,40}}\d)", re.IGNORECASE)


def attribution_address(text: str) -> str:
    """The address, with a name before it, in a line like "On Monday, "Kay" <kay@desk.example> wrote:"; "" where it is none."""
    if not _is_attribution(text.strip(), before_quote=True, dashes=False) or not _WROTE.search(text):
        return ""
    found = _NAMED.search(text)
    if found is None:
        return ""
    named = (found["quoted"] or "").split()
    if not named:
        for word in reversed((found["plain"] or "").split()):
            if not word[0].isupper():
                break  # "heeft Ilse Berg": only the name begins with capitals
            named.insert(0, word)
    return f'"{" ".join(named)}" <{found["address"]}>'


_NAMED = re.compile(
    r"""(?:["«„“](?P<quoted>[^"«»„“”<>@]{1,100})["»“”]|(?P<plain>(?:[^\W\d_][^\s<>()@,:;"]{0,30}\s+){1,4}))\s*[(<\[]{0,2}(?:mailto:)?(?P<address>[^\s<>()\[\]@"]{1,64}@[^\s<>()\[\]@":,]{2,255})"""
)


def is_greeting(text: str) -> bool:
    """Whether there is nothing but a greeting that something should follow: "Dear Kay", "Hi,". A mere "Hello!" says what it says."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    leads_on = bool(lines) and (lines[-1][-1] in ",，、:" or len(lines[-1].split()) > 1)
    return (
        leads_on and len(lines) <= 2 and all(len(line) < 60 and _GREETING.fullmatch(line) and "?" not in line for line in lines)
    )


def says_answers_are_below(text: str) -> bool:
    """Whether the writer says that more of their own words stand in what looks like the past."""
    return len(text) < 600 and _ANSWERS_BELOW.search(text) is not None


_CODE = re.compile(
    r"<-|[=(){}\[\];$]|::|^\s*(?:>|>>>|\.\.\.)?\s*(?:import|from|def|print|select|library|require|str|summary|sudo|cd|ls|git)\b|\w\(",
    re.IGNORECASE,
)


_PROSE = re.compile(r"(?:^|\s)(?:[^\W\d_]{2,}[,.;:!?]?\s+){3}[^\W\d_]{2,}")


def looks_like_code(lines: Sequence[Line]) -> bool:
    """Whether lines behind `>` are a prompt's rather than a person's: most hold what only code does, and none is prose."""
    said = [line.text.strip().lstrip("> \t") for line in lines]
    said = [text for text in said if text]
    return (
        bool(said)
        and not any(_PROSE.search(text) for text in said)
        and sum(1 for text in said if _CODE.search(text)) * 2 > len(said)
    )
