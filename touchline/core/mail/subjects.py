"""Subjects: what was asked, without what mailers put before it."""

import re

# "Reply" and "forwarded", as mail clients of the world write them before a subject.
_REPLY = "re|aw|antw|ang|svar|odgovor|отн|antwort|sv|vs|vá|odp|ynt|cevap|yanıt|rif|risp|r|res|resp|ref|bls|balas|atb|ats|hv|на|отв|ответ|відп|вдп|απ|σχετ|σχετικά|ré|rép|tr_re|回复|回覆|答复|答覆|返信|회신|답장|re：|رد|תשובה|השב|trả lời|ตอบ|odg|nd|vast"
_FORWARD = "fwd?|forward|videresend|videresendt|vidarebefordra|redir\\.?|přeposlat|preposlať|prosl|proslj|προώθ|wg|wtr|tr|rv|enc|encam|i|fs|vb|vl|trs|pd|pdal|ilt|i̇lt|yml|doorst|továbbítás|пересл|fw|转发|轉寄|轉發|转寄|転送|전달|إعادة توجيه|הועבר|chuyển tiếp|ส่งต่อ|πρθ|vs"
_ONE = re.compile(
    rf"\s*(?:\[(?P<list>[^\[\]]{{1,60}})\]\s*)?(?P<word>{_REPLY}|{_FORWARD})\s*(?:[\[(^]\s*\d{{1,3}}\s*[\])]?|\*\d{{1,3}})?\s*[:：]\s*",
    re.IGNORECASE,
)
_FORWARD_WORD = re.compile(rf"(?:{_FORWARD})\Z", re.IGNORECASE)
_TAG = re.compile(r"\[TL-(\d{1,18})\]", re.IGNORECASE)
_MOST_PREFIXES = 50


def plain_subject(subject: str) -> str:
    """A subject without its chain of Re:, AW:, Fwd:, 回复: and without our tag [TL-123]. A list's [tag] stays.

    >>> plain_subject("AW: Re[2]: [TL-17] Lamp is dark")
    'Lamp is dark'
    """
    subject = " ".join(_TAG.sub(" ", subject[:2_000]).split())
    listed = ""
    for _ in range(_MOST_PREFIXES):
        prefix = _ONE.match(subject)
        if not prefix:
            break
        if prefix["list"] and not listed:
            listed = f"[{prefix['list']}] "
        subject = subject[prefix.end() :]
    return (subject if listed and subject.startswith(listed.strip()) else listed + subject).strip()


def is_reply_subject(subject: str) -> bool:
    """Whether it begins with a word for "reply"."""
    prefix = _ONE.match(_TAG.sub(" ", subject[:2_000]))
    return prefix is not None and not _is_forward(prefix["word"])


def is_forward_subject(subject: str) -> bool:
    """Whether it begins with a word for "forwarded"."""
    prefix = _ONE.match(_TAG.sub(" ", subject[:2_000]))
    return prefix is not None and _is_forward(prefix["word"])


def tagged(subject: str) -> list[int]:
    """The conversation numbers of our tags in a subject."""
    return [int(number) for number in _TAG.findall(subject)]


def _is_forward(word: str) -> bool:
    return word.lower() not in ("vs", "sv") and _FORWARD_WORD.match(word) is not None
