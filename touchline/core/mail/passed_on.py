"""A mail that was forwarded, taken apart: what the one who forwards it says, and what was said to them (MAIL.md, rule 27)."""

from dataclasses import replace
from typing import NamedTuple

from touchline.core.mail.email import Correspondent, Email
from touchline.core.mail.fresh_words import FreshWords, fresh_words
from touchline.core.mail.quotes import header_of, is_passed_on, is_separator
from touchline.core.mail.subjects import plain_subject
from touchline.core.mail.understand import understand

FURTHEST = 400  # lines in which the forwarded mail begins, as in `forwarded`
_MOST_HEADERS = 20  # lines that its headers take, blank ones among them


class PassedOn(NamedTuple):
    """`email` is the mail that was passed on, as if its writer had sent it; `words` what is new in it; `above` what stands over it."""

    email: Email
    words: FreshWords
    above: str


def passed_on(email: Email) -> PassedOn | None:
    """The mail that this one passes on; None where it passes none on, or does not say whose it is.

    One that is attached whole is read as any other. One that stands in the words is cut out below its headers, and its sender is who
    stands there; anyone can write such headers, so only a teammate's word makes them count. To whom it once was sent does not: whoever
    was copied then asked us nothing.
    """
    if email.forwarded is None or not email.forwarded.address:
        return None
    attached = [each for each in email.attachments if each.content_type == "message/rfc822"]
    if len(attached) == 1:
        inner = understand(attached[0].data)
        if inner.sender.address and not inner.unread:
            return PassedOn(_from_them(email, inner, inner.sender), fresh_words(inner), fresh_words(email).new.strip())
    lines = email.text.split("\n")
    start = next((i for i, line in enumerate(lines[:FURTHEST]) if _begins(line)), None)
    if start is None:
        return None
    above, subject, below = "\n".join(lines[:start]).strip(), *_below_headers(lines[start:])
    inner = replace(email, subject=subject or plain_subject(email.subject), text=below, html="", attachments=())
    words = fresh_words(inner)
    if not words.new.strip():
        words = FreshWords(new=below.strip(), rest="")
    return PassedOn(_from_them(email, replace(inner, attachments=email.attachments), email.forwarded), words, above)


def _from_them(outer: Email, inner: Email, sender: Correspondent) -> Email:
    """The forwarded mail with the id of the one that brought it, so that it comes once by whatever road."""
    return replace(
        inner,
        sender=sender,
        message_id=outer.message_id,
        made_id=outer.made_id,
        references=(
            *inner.references,
            *([inner.message_id] if inner.message_id != outer.message_id and not inner.made_id else []),
        ),
        reply_to=(),
        to=outer.to,
        cc=(),
        html=outer.html,
        envelope_to=outer.envelope_to,
        doubts=(*outer.doubts, *(inner.doubts if inner.doubts != outer.doubts else ())),
        forwarded=None,
    )


def _begins(line: str) -> bool:
    line = line.strip().lstrip("> ")
    header = header_of(line)
    return is_passed_on(line) or is_separator(line) or (header is not None and header[0] in ("from", "sent", "subject", "to"))


def _below_headers(lines: list[str]) -> tuple[str, str]:
    """The subject that stands among the headers of the forwarded mail, and its words beneath."""
    subject, last = "", 0
    quoted = lines[0].lstrip().startswith(">") or (len(lines) > 1 and lines[1].lstrip().startswith(">"))
    for i, line in enumerate(lines[:_MOST_HEADERS]):
        plain = line.strip().lstrip("> ")
        header = header_of(plain)
        if header:
            subject = header[1].strip() if header[0] == "subject" else subject
            last = i
        elif i == 0 or is_passed_on(plain) or is_separator(plain):
            last = i
        elif (not plain and i > last + 2) or (plain and i > last + 1):
            break
    words = [
        line.lstrip()[1:].removeprefix(" ") if quoted and line.lstrip().startswith(">") else line for line in lines[last + 1 :]
    ]
    return subject, "\n".join(words).strip()
