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
    """A mail of ours that did not arrive. `recipient` and `original_id` are "" where it does not tell.

    `permanent` says that writing to the recipient again is of no use, `given_up` that this mail will not be tried again: a full
    mailbox (4.2.2) loses a mail, and may take the next one. What is permanent has been given up.
    """

    recipient: str
    permanent: bool
    reason: str
    original_id: str
    given_up: bool = True


def bounce_of(email: Email) -> Bounce | None:
    """What an email says came back; None where it is no bounce.

    An attached mail or a word in the subject alone make none: people forward mails and write about bounces.
    """
    if notice := notice_of(email):
        lost = Bounce(address_of(notice.recipient), notice.permanent, notice.reason, notice.original_id)
        return lost if notice.kind == "bounce" else None
    groups = [group for group in email.report.groups if group.keys() & {"final-recipient", "original-recipient", "action"}]
    actions = {_action(group) for group in groups} - {""}
    if email.report.kind in ("disposition-notification", "feedback-report"):
        return None
    if groups and actions and not actions & {"failed", "delayed", "expired"}:
        return None  # it was delivered, relayed or expanded: a report, and no bounce
    text = email.text[:SAMPLE]
    said, returned = _parted(text)
    returned = email.report.returned or returned or _attached(email)
    reports = bool(groups) or email.report.kind == "delivery-status" or "x-failed-recipients" in email.headers
    if not reports and not _from_a_server(email, said, came_back=bool(returned)):
        return None
    worst = next((group for group in groups if _action(group) in ("failed", "expired")), groups[0] if groups else {})
    given_up = _is_given_up(worst, email.subject, said)
    return Bounce(
        recipient=_recipient(email, worst, returned, said),
        permanent=given_up and _is_permanent(worst, email.subject, said),
        reason=_reason(worst, said),
        original_id=_original_id(email, returned),
        given_up=given_up,
    )


def _action(group: Mapping[str, str]) -> str:
    """What was done, in the words of RFC 3464. Some write "failure", or a remark behind it."""
    word = re.match(r"[a-z]*", group.get("action", "").strip().lower())
    return {"failure": "failed", "fail": "failed", "delay": "delayed"}.get(found := word[0] if word else "", found)


def _from_a_server(email: Email, said: str, *, came_back: bool) -> bool:
    """Whether a mail server reports a failure in words of its own: a sender, a subject, a text and a way back that fit."""
    sender = f"{email.sender.name} {email.sender.address}".lower()
    subject = email.subject.strip().lower()
    failed = any(word in subject for word in FAILED) and not is_forward_subject(email.subject)
    plainly = _FAILED_PLAINLY.search(said)
    no_way_back = email.return_path is not None and email.return_path.partition("@")[0] in ("", "mailer-daemon")
    if no_way_back and not email.in_reply_to and (failed or plainly):
        return bool(_SAYS_FAILED.search(said)) or any(word in sender for word in SERVERS)
    if not email.sender.address or any(word in sender for word in SERVERS):
        daemon = email.sender.address.startswith("mailer-daemon")
        machine = no_way_back or email.header("auto-submitted").lower().startswith(
            ("auto-replied", "auto-generated", "auto-notified")
        )
        return failed or plainly is not None or (daemon and came_back) or (machine and bool(_SAYS_FAILED.search(said)))
    # A name like these says only that a machine wrote: with the mail that came back, or whom it was for, it is a server.
    if not _MACHINES.match(email.sender.address) or plainly is None or email.in_reply_to:
        return False
    return came_back or (failed and _ADDRESS.search(said, max(0, plainly.start() - 80), plainly.end() + 200) is not None)


_MACHINES = re.compile(
    r"(?:no|donot|do-not)[._-]?reply|[^@]*(?:virus|smtp|imss|mail-?scan|mail-?gate|mail[_-]?service|mailsweeper|gateway|notification)|(?:admin|administrator|root|system|server|mail|mx)@"
)
_FAILED_PLAINLY = re.compile(
    r"(?i)could ?n[o']t be delivered|cannot be delivered|was not delivered|were not delivered|not delivered to|undeliverable|delivery (?:has )?failed|unable to deliver|failed to deliver|did not reach the following|user unknown|"
    r"unknown user|no such user|mailbox (?:is )?(?:full|unavailable)|postponed due to|送信できません|配信できません|配送できません|送達できません|无法投递|无法发送到|无法送达|投递失败|無法傳送|無法投遞|無法送達|не может быть доставлено|не удалось доставить|не было доставлено|"
    r"nicht zugestellt werden|unzustellbar|n'a pas pu [êe]tre (?:remis|d[ée]livr|distribu)|no se ha podido entregar|no pudo (?:ser entregado|entregarse)|non è stato (?:possibile recapitare|recapitato)|impossibile recapitare|"
    r"não (?:foi|pôde ser) entregue|kon niet worden (?:bezorgd|afgeleverd)|kunde inte levereras|kunne ikke leveres|ei voitu toimittaa|nie (?:została|mogła zostać|można było) dostarczon|nebylo možné doručit|nem sikerült kézbesíteni|teslim edilemedi|iletilemedi|배달(?:되지|할 수)|전송되지"
)
_SAYS_FAILED = re.compile(
    r"(?i)deliver(?:y|ed|able)|undeliver|recipient|user unknown|mailbox|no such|returned|bounced?\b|zugestellt|remis|entreg|recapit|bezorg|доставл|配信|配送|投递|退信|550|5\.\d\.\d"
)


def _recipient(email: Email, group: Mapping[str, str], returned: Mapping[str, tuple[str, ...]], said: str) -> str:
    own = {email.sender.address, *(one.address for one in (*email.to, *email.cc))}
    candidates = [_typed_address(group.get(name, "")) for name in ("original-recipient", "final-recipient", "x-actual-recipient")]
    candidates += [address_of(one) for value in email.headers.get("x-failed-recipients", ()) for one in value.split(",")]
    candidates += _in_a_report_within(email)
    candidates += _named_in(said)
    candidates += [one.address for one in correspondents_of(returned.get("to", ()))]
    if candidates[0].endswith(("@localhost", ".local")) and candidates[1]:
        candidates[0] = ""
    return next((one for one in candidates if one and one not in own), next((one for one in candidates if one), ""))


def _in_a_report_within(email: Email) -> Iterator[str]:
    """Whom a report names that came back in its turn: gateways pack a bounce into a mail of their own."""
    for file in email.attachments:
        if file.content_type == "message/rfc822" and b"delivery-status" in file.data[:SAMPLE]:
            for value in re.findall(rb"(?im)^(?:final|original)-recipient:([^\n]{1,300})", file.data[:SAMPLE])[:5]:
                yield _typed_address(value.decode("utf-8", "replace"))


def _typed_address(value: str) -> str:
    """`rfc822; nora@lantern.example` → the address."""
    value = value.rpartition(";")[2] if ";" in value else value
    found = correspondents_of([value])
    return found[0].address if found else ""


_NOT_IN_ONE = r"""\s<>()\[\],;:"'=：；，。、（）「」『』【】《》！？"""  # wide signs stand right beside an address
_AT = rf"""(?<![^{_NOT_IN_ONE}])[^{_NOT_IN_ONE}@]{{1,64}}@[^{_NOT_IN_ONE}]{{1,250}}[^{_NOT_IN_ONE}.]"""
_ADDRESS = re.compile(_AT)
_SAID = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        rf"\(expanded from: <?({_AT})",  # Sendmail: what was written to stands before what it stood for
        rf"^\s*<({_AT})>:?(?:\s|$)",  # qmail, Postfix
        rf"^\s*({_AT})\s*\n\s+(?:\S.*)?(?:SMTP error|host |unrouteable|unknown|mailbox|user|retry|all relevant|55\d|Unrouteable)",  # Exim
        rf"(?:(?:following|intended) (?:address|recipient|destination|user)[^\n]{{0,80}}?|failed (?:permanently|addresses)[^\n]{{0,60}}?|did not reach[^\n]{{0,60}}?|could not be (?:delivered|reached)[^\n]{{0,60}}?|"
        rf"folgende[^\n]{{0,80}}?|suivant[^\n]{{0,80}}?|^error-for):?\s*[-*|]*\s*(?:[^\n@]{{0,60}}SMTP=)?(?:\"[^\"\n]{{1,60}}\"\s*)?<?(?:mailto:)?({_AT})",
        rf"(?:deliver(?:ed|ing|y)?|message|mail|recipient|user|addressee|address|mailbox|rcpt|to|zustell\w*|remis|entreg\w*|recapit\w*|destinataire|destinatario|получател\w*|宛先|收件人)[^\n@]{{0,60}}?[\s<:'\"(]({_AT})",
        rf"RCPT TO:\s*<({_AT})>",
        rf"^\s*({_AT})\s*$",
        rf"<({_AT})>",
        rf"({_AT})",
    )
)
# "They do not accept mail from you": not whom it was for.
_OF_THE_WRITER = re.compile(r"(?i)\b(?:from|sender|von|de la part de|remitente|mittente|отправител\w*)\W{0,4}\Z")


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
                and ("expanded" in found[0] or not _OF_THE_WRITER.search(text, max(0, found.start(1) - 24), found.start(1)))
            ):
                yield address


def _looks_like_an_id(local: str) -> bool:
    return len(local) > 20 and sum(letter.isdigit() for letter in local) > 8


_CODE = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?m)(?:^|[\s:(<\[])([45])\d{2}[\s-]")
_ONLY_LATE = re.compile(
    r"(?i)delayed|will (?:be|keep) (?:re)?try|still (?:being )?(?:re)?tr(?:y|ied)|not yet been delivered|temporar|warning message only|do(?:es)? not need to resend|no action is required|verzögert|retardée|retrasad|will continue"
)


def _is_given_up(group: Mapping[str, str], subject: str, said: str) -> bool:
    if action := _action(group):
        return action != "delayed"
    if _ONLY_LATE.search(subject) or _WARNS.search(said):
        return False
    if _FAILED_PLAINLY.search(said) or _CODE.search(said) or _REPLY_CODE.search(said):
        return True
    return not _ONLY_LATE.search(said)


_WARNS = re.compile(
    r"(?i)this is a warning message only|do not need to re-?send|only a temporary failure report|delivery attempts will continue|will (?:continue|keep on|keep) (?:to try|trying)|has been (?:postponed|delayed)|not yet been delivered|"
    r"wird weiterhin versucht|noch nicht zugestellt|n'a pas encore été|aún no se ha|non è ancora stato|再送を試み|将继续尝试|будет продолжать"
)


def _is_permanent(group: Mapping[str, str], subject: str, said: str) -> bool:
    """Whether it is of no use to write there again, of a mail that was given up."""
    if code := _CODE.search(group.get("status", "")):
        return code[1] == "5"
    if _action(group):
        return True
    if code := _CODE.search(said) or _REPLY_CODE.search(said):
        return code[1] == "5"
    return not _ONLY_LATE.search(f"{subject}\n{said}") and not _FULL.search(said)


_FULL = re.compile(
    r"(?i)over (?:its )?quota|quota exceeded|mailbox (?:is )?full|mailbox size limit|boîte (?:de réception )?pleine|postfach (?:ist )?voll|buzón lleno|casella piena|переполнен"
)


def _reason(group: Mapping[str, str], text: str) -> str:
    diagnostic = group.get("diagnostic-code", "").partition(";")
    said = (diagnostic[2] or diagnostic[0]).strip()
    if not said:
        lines = [line.strip() for line in text.split("\n")]
        said = next((line for line in lines if _CODE.search(line) or re.match(r"(?:.*\b)?[45]\d\d[ -]", line)), "")
        said = said or next((line for line in lines if len(line) > 15), "") or group.get("status", "")
    return said[:500]


_RETURNED = re.compile(
    r"(?im)^.{0,32}(?:this is a copy of|content-type: message/rfc822|original mail\b|original message|message header|returned (?:message|mail)|copy of (?:the|your) (?:message|original|mail)|unsent message|below this line|headers? follow|lines of your original|"
    r"ursprüngliche nachricht|original-?nachricht|message (?:text|contents|content) follows|オリジナル|原邮件|原郵件|原信|message d['’]origine|message original|mensaje original|messaggio originale|mensagem original|исходное сообщение|текст письма).{0,80}$"
)


def _parted(text: str) -> tuple[str, Mapping[str, tuple[str, ...]]]:
    """What a server says, and the headers of the mail that came back where they stand in the words themselves."""
    for marker in list(_RETURNED.finditer(text))[:5]:
        rest = text[marker.end() :].lstrip("\n\r -=>*\t|")
        found, _ = header_block(re.sub(r"(?m)^[>|] ?", "", rest[:SAMPLE]).encode("utf-8", "replace"))
        if {"message-id", "to", "subject", "from"} & found.keys():
            return text[: marker.start()], {name: tuple(words_of(value) for value in values) for name, values in found.items()}
    return text, {}


def _attached(email: Email) -> Mapping[str, tuple[str, ...]]:
    """The headers of the first mail that is attached."""
    for file in email.attachments:
        if file.content_type in ("message/rfc822", "text/rfc822-headers"):
            found, _ = header_block(file.data[:SAMPLE].lstrip())
            return {name: tuple(words_of(value) for value in values) for name, values in found.items()}
    return {}


def _original_id(email: Email, returned: Mapping[str, tuple[str, ...]]) -> str:
    for value in (*returned.get("message-id", ()), *(group.get("original-message-id", "") for group in email.report.groups)):
        if ids := ids_of([value]):
            return ids[0]
    if said := re.search(r"(?im)^[>\s]*Message-ID:\s*(<[^<>\s]+>)", email.text[:SAMPLE]):
        return ids_of([said[1]])[0]
    return email.in_reply_to[0] if email.in_reply_to else email.references[-1] if email.references else ""
