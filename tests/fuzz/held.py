"""What must hold of any bytes at all, once they have been read as a mail."""

import json
import re
import time
from collections.abc import Iterable
from datetime import UTC, datetime

from selectolax.lexbor import LexborHTMLParser

from touchline.core.mail.automatic import automatic
from touchline.core.mail.belonging import Thread, choose
from touchline.core.mail.email import Email
from touchline.core.mail.fresh_words import fresh_words
from touchline.core.mail.html_text import html_as_text, html_lines, tags, text_of
from touchline.core.mail.quote_markup import marked
from touchline.core.mail.safe_html import safe_html
from touchline.core.mail.shown import shown
from touchline.core.mail.understand import understand

SECONDS_PER_MEGABYTE = 1.0
SECONDS_ALLOWED = 0.3  # whatever the size
MOST_FILES = 1_300
AT = datetime(2024, 3, 6, tzinfo=UTC)
AMONG = (
    Thread(7, frozenset({"ours@desk.example", "first@lantern.example"}), frozenset({"nora@lantern.example"}), "The lamp is dark", 7, AT, False,
           "nora@lantern.example"),
    Thread(8, frozenset({"other@desk.example"}), frozenset({"ilse@hof.example"}), "Rechnung", 8, AT, False, "ilse@hof.example"),
)  # fmt: skip


class NotHeld(AssertionError):
    """Something that must hold of every mail does not hold of this one."""


def check(raw: bytes, *, slower: float = 1.0) -> None:
    """Read the bytes in every way we have, and raise NotHeld, or what was raised, if a promise is broken.

    `slower` is by how much whoever watches slows the work down.
    """
    began = time.process_time()
    email = understand(raw)
    words = fresh_words(email)
    what = automatic(email)
    choice = choose(email, AMONG, keys=[b"a key that no mail was signed with"], at=AT)
    safe = safe_html(email.html)
    took = time.process_time() - began
    allowed = (SECONDS_ALLOWED + SECONDS_PER_MEGABYTE * len(raw) / 1e6) * slower
    _must(took <= allowed, f"it took {took:.1f} s for {len(raw)} bytes")
    _must(not email.unread, f"understand gave up: {email.unread}")
    _must(understand(raw) == email, "it is read otherwise the second time")
    record = shown(raw, "one", at=AT)
    _must(record == shown(raw, "one", at=AT) and record["kind"] == str(what.kind), "the record is another the second time")
    json.dumps(record, ensure_ascii=False).encode("utf-8")
    for said in _everything_said(email, words.new, words.rest, safe.html, choice.because):
        _must("\x00" not in said, f"a NUL is in {said[:80]!r}")
        said.encode("utf-8")
    _headers_are_lines(email)
    _files_are_bounded(email, len(raw))
    _no_word_is_made_up_or_lost(email, words.new, words.rest)
    _nothing_runs(safe.html)
    if choice.thread is not None:
        takes_part = next(one for one in AMONG if one.id == choice.thread).participants
        _must(email.sender.address in takes_part, "a stranger came into a conversation without a signature of ours")


def _must(holds: bool, what: str) -> None:
    if not holds:
        raise NotHeld(what)


def _everything_said(email: Email, *more: str) -> Iterable[str]:
    yield from (email.message_id, email.subject, email.text, email.html, *email.in_reply_to, *email.references, *more)
    for one in (email.sender, *email.reply_to, *email.to, *email.cc):
        yield from (one.name, one.address)
    for file in email.attachments:
        yield from (file.name, file.content_type, file.content_id)
    for name, values in email.headers.items():
        yield from (name, *values)
    for group in email.report.groups:
        yield from group.values()
    for doubt in email.doubts:
        yield doubt.words


_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


def _headers_are_lines(email: Email) -> None:
    said = [email.subject, email.message_id, *(file.name for file in email.attachments)]
    said += [word for one in (email.sender, *email.reply_to, *email.to, *email.cc) for word in (one.name, one.address)]
    said += [word for file in email.attachments for word in (file.content_type, file.content_id)]
    said += [value for values in email.headers.values() for value in values]
    for value in said:
        _must(not _CONTROL.search(value), f"a control character is in {value[:80]!r}")


def _files_are_bounded(email: Email, size: int) -> None:
    names = [file.name for file in email.attachments]
    _must(len(names) <= MOST_FILES, f"{len(names)} files")
    _must(len({name.casefold() for name in names}) == len(names), "two files have one name")
    for name in names:
        _must(bool(name) and len(name.encode()) <= 255 and not set(name) & set("/\\") and name not in (".", ".."), f"{name!r}")
    _must(sum(len(file.data) for file in email.attachments) <= 4 * size + 1_000, "the files are far larger than the mail")
    _must(len(email.text) + len(email.html) <= 40 * size + 10_000, "the words are far longer than the mail")


def _no_word_is_made_up_or_lost(email: Email, new: str, rest: str) -> None:
    invitation = email.invitation.words() if email.invitation else ""
    whole = "\n".join((email.text, html_as_text(email.html) if email.html else "", invitation))
    known = _words(whole)
    made_up = _words(new) - known
    _must(not made_up, f"words that the mail does not hold: {sorted(made_up)[:5]!r}")
    kept = _words(f"{new}\n{rest}")
    by_text = _words(email.text) - kept
    by_html = _words(text_of(html_lines(email.html, marked))) - kept if email.html else {"none"}
    _must(not by_text or not by_html, f"words that are neither new nor folded: {sorted(by_text)[:5]!r}")


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{3,}", text))


_RUNS = tags(
    "script style iframe object embed applet form input button textarea select link meta base svg math template noscript title"
)


def _nothing_runs(html: str) -> None:
    if not html:
        return
    root = LexborHTMLParser(html).body
    for node in root.traverse(include_text=False) if root is not None else ():
        _must(node.tag not in _RUNS, f"<{node.tag}> was left in")
        for name, value in node.attributes.items():
            _must(not name.startswith("on"), f"{name} was left in")
            if name in ("href", "src"):
                scheme = re.sub(r"[\s\x00-\x20]", "", value or "").lower()
                _must(not scheme.startswith(("javascript:", "data:", "vbscript:", "file:", "/")), f"{name}={value!r} was left in")
