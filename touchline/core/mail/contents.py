"""What a tree of parts holds: the words as text and as HTML, the files, and what machines report (MAIL.md, sections 7 and 10)."""

import html as html_module
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from touchline.core.mail.charsets import decode
from touchline.core.mail.email import Attachment, Doubt, Report
from touchline.core.mail.flowed import unflowed
from touchline.core.mail.headers import clean, header_block, raw_words, unbase64, words_of
from touchline.core.mail.html_text import html_as_text
from touchline.core.mail.invitations import Invitation, invitation_in
from touchline.core.mail.mime import MOST_PARTS, Limits, Part, parts_of, uuencoded
from touchline.core.mail.names import safe_name, unique_name
from touchline.core.mail.wrappers import signed_content, tnef_contents

LONGEST_TEXT = 2_000_000  # characters of words that are read
_TOO_LONG = Doubt("size", "This mail is so long that only its beginning is shown. The rest is in the mail as it came.")
LONGEST_CALENDAR = 500_000  # bytes
_CALENDARS = frozenset({"text/calendar", "application/ics", "text/x-vcalendar"})
_SIGNATURES = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-keys"}
)
_MAILS = frozenset({"message/rfc822", "message/global", "message/news"})
MOST_WRAPPERS = 5  # wrappers within wrappers that are opened
_WORDS = frozenset(
    {
        "text/plain",
        "text/html",
        "text/enriched",
        "text/richtext",
        "text/markdown",
        "text/x-markdown",
        "text/unknown",
        "text/x-plain",
        "application/plain",
    }
)
_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_OTHER_REPORTS = frozenset(
    {"message/disposition-notification", "message/global-disposition-notification", "message/feedback-report"}
)
_SPARE_FORMS = frozenset({"text/x-amp-html", "text/watch-html", "text/rtf", "application/rtf"})  # the same words once more
# A text part that only says to look at the other one.
_LOOK_AT_HTML = re.compile(
    r"(?i)\bhtml\b.{0,80}\b(?:mail|view|client|capable|enabled|support|format|version|anzeig|darstell|affich|message|viewer|reader|browser)"
    r"|(?:mail|view|client|read|message|unterst|affich|your browser).{0,80}\bhtml\b",
    re.DOTALL,
)


@dataclass(slots=True)
class Contents:
    """What was found in the parts."""

    text: str = ""
    html: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    doubts: list[Doubt] = field(default_factory=list)
    invitation: Invitation | None = None
    attached_from: list[str] = field(default_factory=list)  # the From of each mail that is attached


@dataclass(slots=True)
class _Words:
    """Words in one or both forms; "" where a form is missing."""

    text: str = ""
    html: str = ""


def contents_of(root: Part, limits: Limits) -> Contents:
    """Read the parts. `limits` are those the tree was made under; a wrapper that is opened counts against them too."""
    return _Reader(root, limits).read()


class _Reader:
    def __init__(self, root: Part, limits: Limits) -> None:
        self.root = root
        self.limits = limits
        self.files: list[Attachment] = []
        self.doubts: list[Doubt] = []
        self.words_are_named = not any(_could_be_words(part) and not _file_name(part) for part in root.walk())
        self.report_kind = ""
        self.groups: list[Mapping[str, str]] = []
        self.returned: Mapping[str, tuple[str, ...]] = {}
        self.wrappers = 0
        self.encrypted: Part | None = None
        self.places: dict[str, str] = {}  # content ids of our own, by the place that a picture says it is from (RFC 2557)
        self.invitation: Invitation | None = None
        self.attached_from: list[str] = []

    def read(self) -> Contents:
        words = self.words_in(self.root)
        html = "\n".join(one.html or _as_html(one.text) for one in words) if any(one.html for one in words) else ""
        text = "\n\n".join(stripped for one in words if (stripped := _text_of(one).strip("\n")))
        if not text and self.groups:
            # A server that says nothing in words: its fields are all there is to show.
            text = "\n\n".join("\n".join(f"{name.title()}: {value}" for name, value in group.items()) for group in self.groups)
        if len(text) > LONGEST_TEXT or len(html) > LONGEST_TEXT:
            self.doubts.append(_TOO_LONG)
            text, html = text[:LONGEST_TEXT], html[:LONGEST_TEXT]
        html = self.with_pictures_named(self.without_data_images(html))
        report = Report(self.report_kind, tuple(self.groups), self.returned)
        return Contents(text, html, self.named(html), report, self.doubts, self.invitation, self.attached_from)

    def words_in(self, part: Part) -> list[_Words]:
        """The words of a part in the order of the mail; its files go to `files`."""
        if part.type.startswith("multipart/") and part.children:
            return self.of_many(part)
        if part.type in _MAILS:
            self.keep_mail(part)
        elif (
            part.type == "message/partial" and part.parameters.get("number", "").strip() == "1" and self.wrappers < MOST_WRAPPERS
        ):
            return self.of_first_piece(part)
        elif self.is_a_report(part):
            self.groups += groups_of(part.data())
        elif part.type in ("text/rfc822-headers", "message/rfc822-headers"):
            self.returned = self.returned or headers_of(part.data())
        elif part.type in ("application/ms-tnef", "application/vnd.ms-tnef") or (_file_name(part) or "").lower() == "winmail.dat":
            return self.of_tnef(part)
        elif part.type in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
            return self.of_p7m(part)
        elif _could_be_words(part) and (self.words_are_named or not _file_name(part)):
            return [self.said(part)]
        else:
            if self.invitation is None and (part.type in _CALENDARS or (_file_name(part) or "").lower().endswith(".ics")):
                calendar, _ = decode(part.data()[:LONGEST_CALENDAR], part.parameters.get("charset"))
                self.invitation = invitation_in(calendar, method=part.parameters.get("method", ""))
            self.keep(part)
        return []

    def is_a_report(self, part: Part) -> bool:
        """Whether a machine reads this part. Servers attach what others put in line; people attach what they were sent."""
        if part.type in _OTHER_REPORTS:
            return bool(self.report_kind)
        if part.type not in _STATUS or part.disposition != "attachment":
            return part.type in _STATUS
        sender = raw_words(self.root.first("from")).lower()
        return self.root.first("return-path").strip() == b"<>" or "mailer-daemon" in sender or "postmaster" in sender

    def of_many(self, part: Part) -> list[_Words]:
        kind = part.type.split("/", 1)[1]
        if kind == "alternative":
            return self.of_alternative(part)
        if kind == "report":
            self.report_kind = self.report_kind or part.parameters.get("report-type", "").lower() or "unknown"
        children = part.children
        if kind == "encrypted":
            self.doubts.append(Doubt("encrypted", "This mail is encrypted and we have no key for it. What came is attached."))
            children = [child for child in children if child.type != "application/pgp-encrypted"]
            self.encrypted = children[0] if children else None
        if kind == "signed":
            children = [child for i, child in enumerate(children) if i == 0 or child.type not in _SIGNATURES]
        elif kind == "appledouble":
            children = [
                child for child in children if child.type != "application/applefile"
            ]  # what a Mac knows of the file beside it
        elif kind == "related" and (start := part.parameters.get("start", "").strip("<> ")):
            children = sorted(children, key=lambda child: _content_id(child) != start)
        words: list[_Words] = []
        for child in children:
            words += self.words_in(child)
        return words

    def of_alternative(self, part: Part) -> list[_Words]:
        """The last of each form is the richest; what is neither text nor HTML is a file.

        Two parts of one type are no two forms of the same: where they say different things, both are shown.
        """
        text, html = "", ""
        before = ""
        for child in part.children:
            if child.type in _SPARE_FORMS and not _file_name(child):
                continue
            words = self.words_in(child)
            also = child.type == before and child.type in _WORDS
            before = child.type if words else before
            if any(one.html for one in words):
                said = "\n".join(one.html or _as_html(one.text) for one in words)
                html = _both(html, said) if also else said
                text = text or "\n\n".join(one.text for one in words if one.text)
            elif any(one.text.strip() for one in words):
                said = "\n\n".join(one.text for one in words)
                text = _both(text, said) if also else said
        return [_Words(text, html)]

    def said(self, part: Part) -> _Words:
        """The words of one text part, decoded; uuencoded files in them become files."""
        data = part.data()
        is_html = part.type == "text/html" or (
            part.type == "text/plain" and re.match(rb"(?is)\s*<(?:!doctype html|html)\b", data[:500]) is not None
        )
        if not is_html and b"begin " in data and len(self.files) < MOST_PARTS:
            data = self.without_uuencoded(data)
        text, guessed = decode(data, part.parameters.get("charset"), html=is_html)
        if guessed:
            self.doubts.append(
                Doubt(
                    "charset",
                    "This mail does not say, or says wrongly, in which charset it is written. We read it as well as we could.",
                )
            )
        text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
        if len(text) > LONGEST_TEXT:
            self.doubts.append(_TOO_LONG)
            text = text[:LONGEST_TEXT]
        if is_html:
            return _Words(html=text)
        if part.parameters.get("format", "").lower() == "flowed":
            text = unflowed(text, delsp=part.parameters.get("delsp", "").lower() == "yes")
        if part.type in ("text/enriched", "text/richtext"):
            text = re.sub(r"<param>(?:(?!<param>).)*?</param>|</?[A-Za-z-]{1,30}>", "", text.replace("<<", "<"), flags=re.DOTALL)
        return _Words(text=text)

    def without_uuencoded(self, data: bytes) -> bytes:
        kept, out = 0, []
        for name, file, begin, end in uuencoded(data):
            self.files.append(Attachment(safe_name(name), "application/octet-stream", file))
            out.append(data[kept:begin])
            kept = end
        return b"".join(out) + data[kept:]

    def keep(self, part: Part) -> None:
        name = safe_name(_file_name(part) or ("encrypted.asc" if part is self.encrypted else ""), part.type)
        location = clean(raw_words(part.first("content-location"))) if part.type.startswith("image/") else ""
        content_id = _content_id(part)
        if location and not content_id:
            content_id = f"place{len(self.files) + 1}.in.html"
            self.places[location] = content_id
        self.files.append(Attachment(name, part.type, part.data(), content_id))

    def keep_mail(self, part: Part) -> None:
        """A mail within the mail is one file; within a report it is what came back, and no file."""
        data = part.data()
        headers = headers_of(data)
        if self.report_kind:
            self.returned = self.returned or headers
        else:
            self.attached_from += headers.get("from", ())[:1]
            subject = (headers.get("subject") or ("",))[0]
            name = _file_name(part) or (f"{subject[:100]}.eml" if subject else "message.eml")
            self.files.append(
                Attachment(safe_name(name.replace("/", "-").replace("\\", "-"), part.type), part.type, data, _content_id(part))
            )

    def of_first_piece(self, part: Part) -> list[_Words]:
        """The first piece of a mail that was cut up on its way (RFC 2046, 5.2.2): its words are read as far as they go."""
        self.wrappers += 1
        self.doubts.append(
            Doubt(
                "partial",
                "This is the first piece of a mail that was sent in pieces. The others came by themselves, or did not come.",
            )
        )
        return self.words_in(parts_of(part.data(), self.limits, depth=self.wrappers))

    def of_tnef(self, part: Part) -> list[_Words]:
        found = tnef_contents(part.data())
        if found is None:
            self.keep(part)
            return []
        self.files += [
            Attachment(safe_name(name, "application/octet-stream"), "application/octet-stream", data)
            for name, data in found.files
        ]
        own_words = any(_could_be_words(other) and other.raw.strip() for other in self.root.walk())
        return [] if own_words else [_Words(found.text, found.html)]

    def of_p7m(self, part: Part) -> list[_Words]:
        """S/MIME: what was signed is opened (not verified); what was encrypted stays a file."""
        inner = signed_content(part.data()) if self.wrappers < MOST_WRAPPERS else None
        if inner is None:
            self.keep(part)
            self.doubts.append(Doubt("encrypted", "This mail is encrypted and we have no key for it. What came is attached."))
            return []
        self.wrappers += 1
        return self.words_in(parts_of(inner, self.limits, depth=self.wrappers))

    def without_data_images(self, html: str) -> str:
        """Images written into the HTML itself become files that it shows."""

        def to_file(match: re.Match[str]) -> str:
            if len(self.files) >= 200:
                return match[0]
            name = f"image.{match[2].lower().replace('jpeg', 'jpg').split('+')[0]}"
            cid = f"image{len(self.files) + 1}.in.html"
            self.files.append(Attachment(name, f"image/{match[2].lower()}", unbase64(match[3].encode("ascii", "ignore")), cid))
            return f"{match[1]}cid:{cid}"

        return _DATA_IMAGE.sub(to_file, html) if "data:image/" in html else html

    def with_pictures_named(self, html: str) -> str:
        """The HTML with pictures that it names by their place named by their content id, as all others are."""

        def to_id(match: re.Match[str]) -> str:
            content_id = self.places.get(html_module.unescape(match[2]).strip())
            return f"{match[1]}cid:{content_id}" if content_id else match[0]

        return _SOURCE.sub(to_id, html) if self.places and html else html

    def named(self, html: str) -> list[Attachment]:
        """The files with names unique in the mail, each marked whether the HTML shows it."""
        shown = (
            {html_module.unescape(found).strip("<>").lower() for found in _CID.findall(html)} if "cid:" in html.lower() else set()
        )
        taken: set[str] = set()
        return [
            Attachment(unique_name(file.name, taken), file.content_type, file.data, file.content_id,
                       inline=bool(file.content_id) and _unquoted_id(file.content_id).lower() in {_unquoted_id(one) for one in shown})
            for file in self.files
        ]  # fmt: skip


_DATA_IMAGE = re.compile(
    r"""(?i)(<img\b[^<>]{0,2000}?\bsrc\s*=\s*["']?)data:image/(png|gif|jpe?g|webp|bmp|svg\+xml)(?:;[a-z0-9=-]{1,40})*;base64,([A-Za-z0-9+/=\s]+)"""
)
_SOURCE = re.compile(r"""(?i)(<img\b[^<>]{0,2000}?\bsrc\s*=\s*["']?)([^"'\s<>]{1,2000})""")
_CID = re.compile(r"""(?i)\bcid:([^"'\s>)]+)""")


def _unquoted_id(content_id: str) -> str:
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda hexed: chr(int(hexed[1], 16)), content_id)


def _could_be_words(part: Part) -> bool:
    return part.type in _WORDS and part.disposition != "attachment"


def _file_name(part: Part) -> str:
    name = part.disposition_parameters.get("filename") or part.parameters.get("name") or ""
    if not name and part.type not in _WORDS and (described := part.first("content-description")):
        name = words_of(described) if re.search(rb"\.[A-Za-z0-9]{2,4}$", described) else ""
    return name


def _content_id(part: Part) -> str:
    return clean(raw_words(part.first("content-id"))).strip("<>").strip()[:300]


def _both(first: str, then: str) -> str:
    return (
        first if then.strip() in first else then if first.strip() in then else "\n\n".join((first.strip("\n"), then.strip("\n")))
    )


def _text_of(words: _Words) -> str:
    """The text form if it is usable, else the HTML as text."""
    if not words.html:
        return words.text
    bare = words.text.strip()
    if not bare or (len(bare) < 400 and _LOOK_AT_HTML.search(bare)):
        return html_as_text(words.html) or words.text
    return words.text


def _as_html(text: str) -> str:
    return f'<div style="white-space:pre-wrap">{html_module.escape(text)}</div>' if text.strip() else ""


def headers_of(data: bytes) -> dict[str, tuple[str, ...]]:
    """The headers of a mail as words, by lower-case name."""
    found, _ = header_block(data.lstrip(b"\r\n"))
    return {name: tuple(words_of(value) for value in values[:20]) for name, values in list(found.items())[:300]}


def groups_of(data: bytes) -> list[Mapping[str, str]]:
    """The groups of a delivery status (RFC 3464), a field's first value each. A forgotten empty line between two is put back."""
    groups: list[Mapping[str, str]] = []
    for block in re.split(rb"\n\s*\n", data.replace(b"\r", b"").strip())[:200]:
        found: dict[str, str] = {}
        for name, values in headers_of(block).items():
            found[name] = values[0]
        recipients = headers_of(block).get("final-recipient", ())
        if len(recipients) > 1 or ("reporting-mta" in found and recipients):
            groups += _regrouped(block)
        elif found:
            groups.append(found)
    return groups


def _regrouped(block: bytes) -> list[Mapping[str, str]]:
    groups: list[dict[str, str]] = [{}]
    for name, value in re.findall(rb"(?m)^([A-Za-z-]+):[ \t]*(.*(?:\n[ \t]+.*)*)", block):
        key = name.decode("ascii").lower()
        if key in groups[-1] or (key in ("final-recipient", "original-recipient") and "final-recipient" not in groups[-1] and "action" not in groups[-1]
                                 and "reporting-mta" in groups[-1]):  # fmt: skip
            groups.append({})
        groups[-1][key] = words_of(value)
    return list(groups)
