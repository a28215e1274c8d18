"""What came back: which recipient, for good or not, why, and which of our messages (RFC 3464, 6522; MAIL.md, rules 38-42)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from touchline.core.mail.addresses import address_of, correspondents_of
from touchline.core.mail.automatic_words import FAILED, SERVERS
from touchline.core.mail.bounce_notices import notice_of
from touchline.core.mail.email import Email
from touchline.core.mail.headers import header_block, ids_of, words_of
from touchline.core.mail.subjects import is_forward_subject

SAMPLE = 60_000  # characters of the words that are searched


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail of ours that did not arrive. `recipient` and `original_id` are "" where it does not tell."""

    recipient: str
    permanent: bool
    reason: str
    original_id: str


def bounce_of(email: Email) -> Bounce | None:
    """What an email says came back; None where it is no bounce.

    An attached mail or a word in the subject alone make none: people forward mails and write about bounces.
    """
    if notice := notice_of(email):
        lost = Bounce(address_of(notice.recipient), notice.permanent, notice.reason, notice.original_id)
        return lost if notice.kind == "bounce" else None
    groups = [
        group for group in email.report.groups if "final-recipient" in group or "original-recipient" in group or "action" in group
    ]
    actions = {group.get("action", "").strip().lower() for group in groups} - {""}
    if email.report.kind in ("disposition-notification", "feedback-report"):
        return None
    if groups and actions and not actions & {"failed", "delayed", "expired"}:
        return None  # it was delivered, relayed or expanded: a report, and no bounce
    if not (groups or email.report.kind == "delivery-status" or "x-failed-recipients" in email.headers or _from_a_server(email)):
        return None
    text = email.text[:SAMPLE]
    worst = next((group for group in groups if group.get("action", "").strip().lower() == "failed"), groups[0] if groups else {})
    returned = email.report.returned or _returned_in(text)
    reason = _reason(worst, text)
    return Bounce(
        _recipient(email, worst, returned, text), _is_permanent(worst, email, text), reason, _original_id(email, returned)
    )


def _from_a_server(email: Email) -> bool:
    """Whether a mail server reports a failure in words of its own: a sender, a subject, a text and a way back that fit."""
    sender = f"{email.sender.name} {email.sender.address}".lower()
    server = not email.sender.address or any(word in sender for word in SERVERS)
    subject = email.subject.strip().lower()
    failed = any(word in subject for word in FAILED) and not is_forward_subject(email.subject)
    text = email.text[:SAMPLE]
    if email.return_path == "" and not email.in_reply_to and (failed or _FAILED_PLAINLY.search(text)):
        return bool(_SAYS_FAILED.search(text)) or server
    if not server:
        # "no-reply" says only that a machine wrote; with the mail that came back beside a plain failure it is a server.
        machine = re.match(r"(?:no|donot|do-not)[._-]?reply", email.sender.address) is not None
        back = any(file.content_type == "message/rfc822" for file in email.attachments) or bool(_returned_in(text))
        return machine and back and bool(_FAILED_PLAINLY.search(text))
    submitted = email.header("auto-submitted").lower().startswith(("auto-replied", "auto-generated", "auto-notified"))
    return (
        failed
        or bool(_FAILED_PLAINLY.search(text))
        or ((email.return_path == "" or submitted) and bool(_SAYS_FAILED.search(text)))
    )


_FAILED_PLAINLY = re.compile(
    r"(?i)could ?n[o']t be delivered|cannot be delivered|was not delivered|were not delivered|undeliverable|delivery (?:has )?failed|unable to deliver|failed to deliver|user unknown|"
    r"unknown user|no such user|mailbox (?:is )?(?:full|unavailable)|送信できません|配信できません|配送できません|无法投递|無法傳送|無法投遞|не может быть доставлено|nicht zugestellt werden|n'a pas pu être (?:remis|délivré)"
)
_SAYS_FAILED = re.compile(
    r"(?i)deliver(?:y|ed|able)|undeliver|recipient|user unknown|mailbox|no such|returned|bounced?\b|zugestellt|remis|entreg|recapit|bezorg|доставл|配信|配送|投递|退信|550|5\.\d\.\d"
)


def _recipient(email: Email, group: Mapping[str, str], returned: Mapping[str, tuple[str, ...]], text: str) -> str:
    own = {email.sender.address, *(one.address for one in (*email.to, *email.cc))}
    candidates = [_typed_address(group.get(name, "")) for name in ("original-recipient", "final-recipient", "x-actual-recipient")]
    candidates += [address_of(one) for value in email.headers.get("x-failed-recipients", ()) for one in value.split(",")]
    candidates += _named_in(text)
    candidates += [one.address for one in correspondents_of(returned.get("to", ()))]
    if candidates[0].endswith(("@localhost", ".local")) and candidates[1]:
        candidates[0] = ""
    return next((one for one in candidates if one and one not in own), next((one for one in candidates if one), ""))


def _typed_address(value: str) -> str:
    """`rfc822; nora@lantern.example` → the address."""
    value = value.rpartition(";")[2] if ";" in value else value
    found = correspondents_of([value])
    return found[0].address if found else ""


_NOT_IN_ONE = r"""\s<>()\[\],;:"'=：；，。、（）「」『』【】《》！？"""  # wide signs stand right beside an address
_AT = rf"""[^{_NOT_IN_ONE}@]{{1,64}}@[^{_NOT_IN_ONE}]{{1,250}}[^{_NOT_IN_ONE}.]"""
_SAID = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        rf"^\s*<({_AT})>:?(?:\s|$)",  # qmail, Postfix
        rf"^\s*({_AT})\s*\n\s+(?:\S.*)?(?:SMTP error|host |unrouteable|unknown|mailbox|user|retry|all relevant|55\d|Unrouteable)",  # Exim
        rf"(?:following (?:address|recipient|destination)[^\n]{{0,80}}|failed permanently[^\n]{{0,60}}|did not reach[^\n]{{0,60}}|could not be (?:delivered|reached)[^\n]{{0,60}}|folgende[^\n]{{0,80}}|suivant[^\n]{{0,80}}):?\s*[-*]*\s*<?(?:mailto:)?({_AT})",
        rf"(?:deliver(?:ed|ing|y)?|message|mail|recipient|user|addressee|address|mailbox|rcpt|to|zustell\w*|remis|entreg\w*|recapit\w*|destinataire|destinatario|получател\w*|宛先|收件人)[^\n@]{{0,60}}?[\s<:'\"(]({_AT})",
        rf"RCPT TO:\s*<({_AT})>",
        rf"^\s*({_AT})\s*$",
        rf"<({_AT})>",
        rf"({_AT})",
    )
)


def _named_in(text: str) -> Iterator[str]:
    for pattern in _SAID:
        for found in list(pattern.finditer(text))[:20]:
            address = address_of(found[1].strip(".,;:<>'\""))
            local = address.partition("@")[0]
            if (
                address
                and not any(word in address for word in ("postmaster", "mailer-daemon"))
                and len(local) < 65
                and not _looks_like_an_id(local)
            ):
                yield address


def _looks_like_an_id(local: str) -> bool:
    return len(local) > 20 and sum(letter.isdigit() for letter in local) > 8


_CODE = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?m)(?:^|[\s:(<\[])([45])\d{2}[\s-]")
_ONLY_LATE = re.compile(
    r"(?i)delayed|will (?:be|keep) (?:re)?try|still (?:being )?(?:re)?tr(?:y|ied)|not yet been delivered|temporar|warning message only|do(?:es)? not need to resend|no action is required|verzögert|retardée|retrasad|will continue"
)


def _is_permanent(group: Mapping[str, str], email: Email, text: str) -> bool:
    action = group.get("action", "").strip().lower()
    if action == "delayed":
        return False
    if code := _CODE.search(group.get("status", "")):
        return code[1] == "5"
    if action in ("failed", "expired"):
        return True
    if _ONLY_LATE.search(email.subject) or re.search(r"(?i)THIS IS A WARNING MESSAGE ONLY|YOU DO NOT NEED TO RESEND", text):
        return False
    if code := _CODE.search(text) or _REPLY_CODE.search(text):
        return code[1] == "5"
    return not _ONLY_LATE.search(text)


def _reason(group: Mapping[str, str], text: str) -> str:
    diagnostic = group.get("diagnostic-code", "").partition(";")
    said = (diagnostic[2] or diagnostic[0]).strip()
    if not said:
        lines = [line.strip() for line in text.split("\n")]
        said = next((line for line in lines if _CODE.search(line) or re.match(r"(?:.*\b)?[45]\d\d[ -]", line)), "")
        said = said or next((line for line in lines if len(line) > 15), "") or group.get("status", "")
    return said[:500]


_RETURNED = re.compile(
    r"(?im)^.{0,12}(?:this is a copy of|original message|message header|returned message|copy of the (?:message|original)|unsent message|below this line|headers? follow|ursprüngliche nachricht|"
    r"message (?:text|contents|follows)|オリジナル|message d'origine).{0,80}$"
)


def _returned_in(text: str) -> Mapping[str, tuple[str, ...]]:
    """Headers of the mail that came back, where they stand in the words themselves."""
    for marker in list(_RETURNED.finditer(text))[:5]:
        rest = text[marker.end() :].lstrip("\n\r -=>*\t")
        found, _ = header_block(rest.encode("utf-8", "replace")[:SAMPLE])
        if {"message-id", "to", "subject", "from"} & found.keys():
            return {name: tuple(words_of(value) for value in values) for name, values in found.items()}
    return {}


def _original_id(email: Email, returned: Mapping[str, tuple[str, ...]]) -> str:
    for value in (*returned.get("message-id", ()), *(group.get("original-message-id", "") for group in email.report.groups)):
        if ids := ids_of([value]):
            return ids[0]
    if said := re.search(r"(?im)^[>\s]*Message-ID:\s*(<[^<>\s]+>)", email.text[:SAMPLE]):
        return ids_of([said[1]])[0]
    return email.in_reply_to[0] if email.in_reply_to else email.references[-1] if email.references else ""
