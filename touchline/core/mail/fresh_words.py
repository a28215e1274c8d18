"""What was written this time; the quoted past and the signature set aside, never lost."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from touchline.core.mail.email import Email
from touchline.core.mail.forwarded import passes_on
from touchline.core.mail.html_text import Line, Mark, html_lines, text_of
from touchline.core.mail.quote_markup import marked
from touchline.core.mail.quotes import (
    ends_with_attribution,
    is_greeting,
    is_passed_on,
    looks_like_code,
    mark_by_words,
    plain_lines,
    says_answers_are_below,
)
from touchline.core.mail.signatures import is_signature_line, signature_start
from touchline.core.mail.subjects import is_reply_subject

MOST_LINES = 2_000  # lines that are looked at; what follows is taken for past if the past has begun, else shown
LONGEST_SIGNATURE = 12  # lines that markup may call a signature; a longer one is shown, since people write into it


@dataclass(frozen=True, slots=True)
class FreshWords:
    """`new` is what the writer wrote this time, in paragraphs; `rest` the quoted past and the signature, to be folded."""

    new: str
    rest: str


def fresh_words(email: Email) -> FreshWords:
    """Tell the new words of a reply from the past it quotes.

    Only a reply is taken apart: new mails are shown but for their signature, forwards whole. Answers between quotes stay, with the quotes they
    answer. Where nothing new would be left, or nothing but a greeting, all of it is shown; so it is where its writer says
    that the answers are below. What a calendar asks stands on top. When in doubt, show: what is shown too much costs a glance, what is hidden an answer.
    """
    words = _words(email)
    if email.invitation is None:
        return words
    return FreshWords(f"{email.invitation.words()}\n\n{words.new}".strip(), words.rest)


def _words(email: Email) -> FreshWords:
    whole = email.text.strip("\n")
    if not is_reply(email):
        return FreshWords(whole, "") if passes_on(email.subject, email.text) else _without_signature(whole)
    if email.html:
        lines = html_lines(email.html, marked)
        if any((line.ruled or line.mark in (Mark.QUOTED, Mark.CUT, Mark.ATTRIBUTION)) and line.text for line in lines):
            return split(lines)
        if not whole:
            return split(lines)
    return split(plain_lines(whole))


def _without_signature(whole: str) -> FreshWords:
    """A new mail is shown but for what stands below `-- ` at its very end, and the line of a phone or an app."""
    lines = whole.split("\n")
    window = max(0, len(lines) - LONGEST_SIGNATURE - 1)
    found = signature_start([Line(line) for line in lines[window:]])
    start = window + found if found is not None and lines[window + found] == "-- " else None
    if start is None and is_signature_line(lines[-1]) and len(lines) > 1 and not lines[-2].strip():
        start = len(lines) - 1
    if start is None or not any(line.strip() for line in lines[:start]) or any(is_passed_on(line.strip()) for line in lines):
        return FreshWords(whole, "")
    return FreshWords("\n".join(lines[:start]).rstrip(), "\n".join(lines[start:]))


def is_reply(email: Email) -> bool:
    """Whether an email answers another, as far as it says so, and does not pass one on."""
    if passes_on(email.subject, email.text):
        return False
    return bool(email.in_reply_to or email.references) or is_reply_subject(email.subject)


def split(lines: list[Line]) -> FreshWords:
    """Tell new from past in lines that may carry marks already."""
    beyond = lines[MOST_LINES:]
    lines = lines[:MOST_LINES]
    whole = FreshWords(text_of([*lines, *beyond]), "")
    mark_by_words(lines)
    cut = next((i for i, line in enumerate(lines) if line.mark is Mark.CUT), len(lines))
    head, past = lines[:cut], lines[cut:]
    (past if past else head).extend(beyond)
    end = _end_of_words(head)
    start = _start_of_words(head, end)
    new = head[start:end]
    words = "\n".join(line.text for line in new if line.mark is Mark.WORDS)
    if not words.strip() or is_greeting(words):
        return whole
    if any(line.mark is Mark.CUT or line.sure for line in (*past, *head[end:])) and says_answers_are_below(words):
        return whole
    return FreshWords(text_of(new), "\n\n".join(piece for piece in (text_of(head[:start]), text_of(head[end:] + past)) if piece))


def _end_of_words(lines: Sequence[Line]) -> int:
    """Where the last new words end: before quotes, signatures and empty lines at the bottom."""
    end = len(lines)
    while True:
        before = end
        end = _before_empty(lines, end)
        end = _before_quotes(lines, end)
        end = _before_signature(lines, end)
        if end == before:
            return end


def _before_empty(lines: Sequence[Line], end: int) -> int:
    while end and not lines[end - 1].text.strip(" \t-_=*#~+—–\u1427"):
        end -= 1
    return end


def _before_quotes(lines: Sequence[Line], end: int) -> int:
    start = end
    while start and (lines[start - 1].mark in (Mark.QUOTED, Mark.ATTRIBUTION) or not lines[start - 1].text.strip()):
        start -= 1
    # Quotes by mark-up alone above the line that announces the past may be what the writer quotes of others.
    announced = next((i for i in range(start, end) if lines[i].mark is Mark.ATTRIBUTION), start)
    if any(line.depth for line in lines[start:announced]) and not any(line.sure for line in lines[start:announced]):
        for line in lines[start:announced]:
            line.mark = Mark.WORDS
        start = announced
    block = [line for line in lines[start:end] if line.text.strip()]
    if not block or (all(line.mark is Mark.ATTRIBUTION for line in block) and not any(line.sure for line in block)):
        return end
    above = (line for line in lines[:start] if line.mark is Mark.WORDS)
    if any(is_passed_on(line.text.strip("> ")) for line in (*above, *block[:3])):
        return end  # "Begin forwarded message", above a quote or in it: it was put there to be read
    if any(line.sure or line.mark is Mark.ATTRIBUTION for line in block):
        return start
    before = next((line.text.strip() for line in reversed(lines[:start]) if line.text.strip()), "")
    leads_to_it = before.endswith((":", "：")) and not ends_with_attribution(before)
    return end if leads_to_it or looks_like_code(block) else start


def _before_signature(lines: Sequence[Line], end: int) -> int:
    start = end
    while start and (lines[start - 1].mark is Mark.SIGNATURE or not lines[start - 1].text.strip()):
        start -= 1
    marked_as_one = [line for line in lines[start:end] if line.text.strip()]
    if marked_as_one:
        return start if len(marked_as_one) <= LONGEST_SIGNATURE else end
    if end and is_signature_line(lines[end - 1].text):
        return end - 1
    window = max(0, end - 40)
    found = signature_start(lines[window:end])
    return end if found is None else window + found


def _start_of_words(lines: Sequence[Line], end: int) -> int:
    """Where the new words begin: below the one quote that all of them answer, or at the top. They end at `end`."""
    start = 0
    announced = False
    while start < end and (lines[start].mark in (Mark.QUOTED, Mark.ATTRIBUTION) or not lines[start].text.strip()):
        # "The manual says:" announces what the writer wants to be read; clients name a day or an address.
        announced |= lines[start].sure or (
            lines[start].mark is Mark.ATTRIBUTION and re.search(r"[\d@]", lines[start].text) is not None
        )
        start += 1
    interleaved = any(line.mark is Mark.QUOTED for line in lines[start:])
    return start if announced and not interleaved else 0
