"""Telling by its words what stands below what was written: a signature, the line of a phone or an app, a list's footer."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from touchline.core.mail import quote_words as words
from touchline.core.mail.html_text import Line, Mark

_SENT_FROM = re.compile(rf"\W{{0,6}}(?:{'|'.join(words.SENT_FROM)})\Z", re.IGNORECASE)


def is_signature_line(text: str) -> bool:
    """Whether an app or phone wrote this line. "Sent by the shop yesterday" is no app's: a device or an app must be named, or be theirs."""
    text = text.strip()
    if len(text) >= 160 or _SENT_FROM.match(text) is None or _SENTENCE.search(text):
        return False
    return _DEVICE.search(text) is not None


_DEVICE = re.compile("|".join(words.DEVICES), re.IGNORECASE)
# "Sent from my desk, it is much easier": a sentence, and no app's.
_SENTENCE = re.compile(
    r"(?i)\b(?:is|are|was|were|does|did|can|will|would|should|has|have|had|but|because)\b|\w['’](?:t|s|re|ll|ve)\b"
)


def signature_start(lines: Sequence[Line]) -> int | None:
    """Where a signature begins: `-- ` alone on a line with at most 15 lines below, or what a list's software appends."""
    count = 0
    for i in range(len(lines) - 1, -1, -1):
        text = lines[i].text
        if lines[i].mark is not Mark.WORDS:
            return None
        bare = text.strip()
        if _POSTSCRIPT.match(bare):
            return None
        if text == "--" and i + 1 < len(lines) and not lines[i + 1].text.strip() and _separates(lines[:i]):
            return None
        if bare in ("--", "—", "–") and i < len(lines) - 1 and (text.startswith("-- ") or count <= 10):
            return i
        if re.fullmatch(r"_{2,}|-{20,}", bare) and _is_footer(lines[i + 1 : i + (9 if len(bare) >= 20 else 3)]):
            return i
        count += bool(bare)
        if count > 15:
            return None
    return None


_POSTSCRIPT = re.compile(r"(?i)(?:p\.?\s?s|p\.?\s?d|n\.?\s?b)\.?\s?[:.,]?\s+\w")  # written below the signature, and still written


def _separates(lines: Sequence[Line]) -> bool:
    """Whether `--` stood between paragraphs before: then it is no signature's the next time either."""
    return any(line.text == "--" and not after.text.strip() for line, after in pairwise(lines))


def _is_footer(lines: Iterable[Line]) -> bool:
    """Whether a list's software says there how to leave it."""
    return any(one in line.text.lower() for line in lines for one in words.LIST_FOOTERS)
