"""Bytes → Email, whatever the bytes."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from touchline.core.mail.addresses import address_of, correspondents_of, first_of
from touchline.core.mail.charsets import decode, likely_codec
from touchline.core.mail.contents import contents_of
from touchline.core.mail.email import Correspondent, Doubt, Email, Report
from touchline.core.mail.forwarded import forwarded_sender
from touchline.core.mail.headers import ids_of, instant_of, raw_words, words_of
from touchline.core.mail.mime import Limits, Part, parts_of

MOST_HEADERS = 2_000
LONGEST_ID = 998
_SPOKEN = ("subject", "from", "to", "cc", "reply-to", "sender")


def understand(raw: bytes) -> Email:
    """Read a mail as a careful colleague would.

    Whatever the bytes are, there is an email. A header that cannot be read is left empty, a body in an unknown charset is
    read as well as it can be, and `email.doubts` says what was guessed. Nothing is fetched, kept or raised, so the same
    bytes always give the same email.
    """
    try:
        return _understood(raw)
    except Exception as trouble:  # the promise of this function: a mail that defeats us is shown as it came
        return _as_it_came(raw, f"{type(trouble).__name__}: {trouble}"[:300])


def _understood(raw: bytes) -> Email:
    limits = Limits()
    root = parts_of(_with_line_feeds(raw), limits)
    contents = contents_of(root, limits)
    hint = root.parameters.get("charset") or next(
        (p.parameters["charset"] for p in root.walk() if "charset" in p.parameters), None
    )
    head = _Head(root, hint)
    doubts = contents.doubts
    if limits.reached:
        doubts.append(Doubt("size", "This mail has more parts than any we would open. Some are only in the mail as it came."))
    sender, sender_doubt = head.sender()
    doubts += sender_doubt
    date, doubtful = head.date()
    if doubtful or (date is None and "date" in root.headers):
        doubts.append(Doubt("date", "The date of this mail makes no sense. The time it came in counts."))
    message_id = next(iter(ids_of(head.words("message-id"))), "")[:LONGEST_ID]
    subject = next(iter(head.words("subject")), "")
    return Email(
        message_id=message_id or made_id(raw),
        made_id=not message_id,
        in_reply_to=ids_of(head.words("in-reply-to")),
        references=ids_of(head.words("references")),
        sender=sender,
        reply_to=correspondents_of(head.raw("reply-to")),
        to=correspondents_of(head.raw("to")),
        cc=correspondents_of(head.raw("cc")),
        envelope_to=head.envelope_to(),
        return_path=head.return_path(),
        subject=subject,
        date=date,
        text=contents.text,
        html=contents.html,
        attachments=tuple(contents.attachments),
        headers=head.all(),
        report=contents.report,
        doubts=tuple(dict.fromkeys(doubts)),
        forwarded=forwarded_sender(subject, contents.text, contents.attached_from),
        invitation=contents.invitation,
    )


def made_id(raw: bytes) -> str:
    """The id of a mail that came without one: the same bytes fetched again give the same id."""
    return f"{hashlib.sha256(raw).hexdigest()[:40]}@made.invalid"


def _with_line_feeds(raw: bytes) -> bytes:
    """The mail without what stands before its first header. Old Macs end lines with CR alone."""
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    if raw[:1] in (b"\xef", b"\r", b"\n", b" ", b"\t", b"\x00"):
        raw = raw.removeprefix(b"\xef\xbb\xbf")
        start = re.match(rb"[\s\x00]*(?=[!-9;-~]+[ \t]*:|From )", raw)
        raw = raw[start.end() :] if start else raw
    return raw


class _Head:
    """The headers of the mail itself."""

    def __init__(self, root: Part, hint: str | None) -> None:
        self.found = root.headers
        self.hint = hint
        # A name of two letters tells no charset; all raw headers together may.
        raw = [value for name in _SPOKEN for value in self.found.get(name, ())[:3] if not value.isascii()]
        self.beside = likely_codec(b" ".join(raw)) if raw else None

    def raw(self, name: str) -> list[str]:
        return [raw_words(value, self.hint, self.beside) for value in self.found.get(name, ())]

    def words(self, name: str) -> list[str]:
        return [words_of(value, self.hint, self.beside) for value in self.found.get(name, ())]

    def all(self) -> Mapping[str, tuple[str, ...]]:
        values = 0
        everything: dict[str, tuple[str, ...]] = {}
        for name in self.found:
            everything[name] = tuple(self.words(name)[: max(0, MOST_HEADERS - values)])
            values += len(everything[name])
            if values >= MOST_HEADERS:
                break
        return everything

    def sender(self) -> tuple[Correspondent, list[Doubt]]:
        """Who wrote it: From, else Reply-To, Sender, Return-Path. Behind a mailing list's rewritten From stands the person."""
        named = first_of(self.raw("from"))
        if named.address:
            behind = self.behind_list(named)
            if behind:
                return behind, [
                    Doubt(
                        "sender",
                        f"It came through a list ({named.address}); the person behind it is taken from its other headers.",
                    )
                ]
            return named, []
        for name in ("reply-to", "sender", "return-path", "x-original-from", "resent-from"):
            other = first_of(self.raw(name))
            if other.address:
                doubt = Doubt("sender", f"Its From names no address. The address is taken from {name.title()}.")
                return Correspondent(named.name or other.name, other.address), [doubt]
        return Correspondent(named.name, ""), [Doubt("sender", "It does not say who sent it.")]

    def behind_list(self, named: Correspondent) -> Correspondent | None:
        """Mailman and Google Groups write `Nora via List <list@…>` where a strict DMARC policy forbids her own address."""
        via = re.match(r"(?i)['\"]?(.+?)['\"]?\s+(?:via|über|par l'intermédiaire de|через)\s+\S", named.name)
        through_list = any(
            name in self.found
            for name in ("list-id", "list-post", "x-beenthere", "x-original-from", "x-mailman-version", "mailing-list")
        )
        if not via or not through_list:
            return None
        lists = {address_of(one) for one in self.words("x-beenthere")} | {named.address}
        lists |= {address_of(one) for value in self.words("list-post") for one in re.findall(r"mailto:([^>?]+)", value)}
        for name in ("x-original-from", "reply-to", "cc"):
            for one in correspondents_of(self.raw(name)):
                if one.address not in lists and (name != "cc" or one.name == via[1]):
                    return Correspondent(via[1], one.address)
        return None

    def envelope_to(self) -> tuple[str, ...]:
        found = [address_of(value) for name in ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "x-rcpt-to")
                 for value in self.words(name)]  # fmt: skip
        return tuple(dict.fromkeys(one for one in found if one))

    def return_path(self) -> str | None:
        values = self.words("return-path")
        return address_of(values[0]) if values else None

    def date(self) -> tuple[datetime | None, bool]:
        """The Date header, and whether it lies more than a day after the mail was received (rule 86)."""
        said = next((when for value in self.words("date")[:1] if (when := instant_of(value))), None)
        received = next((when for value in self.words("received")[:1] if (when := instant_of(value.rpartition(";")[2]))), None)
        return said, bool(said and received and said > received + timedelta(days=1))


def _as_it_came(raw: bytes, why: str) -> Email:
    nobody = Correspondent("", "")
    return Email(
        message_id=made_id(raw), made_id=True, in_reply_to=(), references=(), sender=nobody, reply_to=(), to=(), cc=(), envelope_to=(),
        return_path=None, subject="", date=None, text=decode(raw)[0].replace("\x00", ""), html="", attachments=(), headers={}, report=Report(),
        doubts=(Doubt("all", "We could not read this mail. It is shown as it came."),), unread=why,
    )  # fmt: skip
