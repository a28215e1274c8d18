"""What mail clients' own markup says of the elements of a reply (MAIL.md, rule 58), as data."""

import re

from touchline.core.mail.html_text import Mark

# Words in class or id, or whole names of elements, that clients give to what was said before.
_QUOTED_CLASS = re.compile(
    r"(?i)(?:^|[\s_-])(?:(?:ydp[0-9a-f]{0,12})?yahoo_quoted|protonmail_quote|tutanota_quote|zmail_extra|zmail_extra_hr|freshdesk_quote|front-blockquote|missive_quote|moz-email-headers-table|mail_quote|mailmasterstyle_quote|"
    r"ms-outlook-mobile-reference-message|ms-outlook-mobile-body-separator-line|nylas-quote|nylas_quote|edo_quote|sh-quoted-content|hs_reply|helpscout_quote|hey_quote|ntes_quote|qmbox_quote|quoted_text|quotedtext|"
    r"cafe24_quote|mail-quote|fastmail-quote|x_yahoo_quoted|iwc-quote|gwmail_quote)(?:$|[\s_\d-])"
)
_QUOTED_ID = re.compile(
    r"(?i)(?:^|_)(?:olk_src_body_section|mail-editor-reference-message-container|isreplycontent|(?:ydp[0-9a-f]{0,12})?yahoo_quoted_\d+|reply-intro|quoted-content|zwchr_quoted|msg-quote|previous-message|origmsg)$"
)
_ATTRIBUTION_CLASS = re.compile(
    r"(?i)(?:^|\s)(?:x_)?(?:gmail_attr|moz-cite-prefix|airmail_on|protonmail_attr|gmx_attr|nylas-quote-attribution|fm_attribution)(?:$|\s)"
)
_CUT_ID = re.compile(
    r"(?i)(?:^|_)(?:divrplyfwdmsg|replysplit|zwchr|previousmessagehr|ms-outlook-mobile-quote|mailcontainer_reply|quoteheader|reply_border)$"
)
_RULE_ID = re.compile(r"(?i)(?:^|_)(?:appendonsend|stopspelling)$")
_SIGNATURE = re.compile(
    r"(?i)(?:^|[\s_])(?:gmail_signature|gmail_signature_prefix|moz-signature|applemailsignature|protonmail_signature_block|composer_signature|ms-outlook-mobile-signature|mobile-signature|tutanota_signature|zmail_signature|yahoo_signature|missive_signature|sh-signature|bloop_sign|edo-signature)(?:$|[\s_\d-])"
)
_CITE_STYLE = re.compile(r"(?i)border-left\s*:\s*[^;]*(?:solid|#|rgb)|border-(?:inline-start|left-(?:width|style))\s*:")
_OUTLOOK_RULE = re.compile(r"(?i)border-top\s*:\s*solid\s+(?:#[0-9a-f]{3,6}|windowtext|[a-z]+)\s+[\d.]+pt")


def marked(tag: str, attributes: dict[str, str | None]) -> Mark | None:
    """The mark that a client's markup gives an element, None where it gives none."""
    if not attributes:
        return None
    names = attributes.get("class") or ""
    identity = attributes.get("id") or ""
    style = attributes.get("style") or ""
    if names:
        if _ATTRIBUTION_CLASS.search(names):
            return Mark.ATTRIBUTION
        if _QUOTED_CLASS.search(names):
            return Mark.QUOTED
    if identity:
        if _CUT_ID.search(identity):
            return Mark.CUT
        if _RULE_ID.search(identity):
            return Mark.RULE
        if _QUOTED_ID.search(identity):
            return Mark.QUOTED
    if (names and _SIGNATURE.search(names)) or (identity and _SIGNATURE.search(identity)):
        return Mark.SIGNATURE
    if tag == "blockquote" and (
        (attributes.get("type") or "").lower() == "cite"
        or "gmail_quote" in names
        or "cite" in attributes
        or _CITE_STYLE.search(style)
    ):
        return Mark.QUOTED
    named = (attributes.get("name") or "").lower()
    if named in ("quote", "quoted-content", "messagereplysection"):
        return Mark.QUOTED
    if named == "messagesignaturesection":
        return Mark.SIGNATURE
    marker = attributes.get("data-marker") or ""
    if marker in ("__DIVIDER__", "__HEADERS__"):
        return Mark.CUT
    if marker == "__QUOTED_TEXT__":
        return Mark.QUOTED
    if marker.startswith("__SIG_"):
        return Mark.SIGNATURE
    if attributes.get("data-smartmail") == "gmail_signature":
        return Mark.SIGNATURE
    if (
        tag == "div"
        and style
        and "border-top" in style
        and "border:none" in style.replace(" ", "").lower()
        and _OUTLOOK_RULE.search(style)
    ):
        return Mark.RULE
    return None
