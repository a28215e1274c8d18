"""May a machine of ours answer this mail at all? Seldom, and never a machine (RFC 3834)."""

import re
from collections.abc import Container

from touchline.core.mail.automatic_words import SERVERS
from touchline.core.mail.email import Email

_MARKS_OF_MANY = (
    "list-id",
    "list-post",
    "list-unsubscribe",
    "list-help",
    "mailing-list",
    "x-mailing-list",
    "x-beenthere",
    "feedback-id",
    "x-loop",
    "x-autoreply",
    "x-autorespond",
    "x-auto-response-suppress",
)
_NOBODY = re.compile(
    r"(?:do[._-]?)?not?[._-]?repl(?:y|ies)|bounces?|mailer[._-]?daemon|postmaster|owner[._-]|.*[._-](?:request|relay|owner|bounces?)$|listserv|majordomo"
)


def why_not_acknowledge(email: Email, *, envelope_from: str | None, ours: Container[str]) -> str:
    """Why no automatic answer may go to the sender of this mail, in a sentence; "" where one may.

    `envelope_from` is who handed it over by SMTP: "" the null sender, None where nobody told us. `ours` are our own addresses:
    one who wrote to none of them, openly, is not answered (RFC 3834, section 2).
    """
    sender = email.sender.address
    submitted = re.sub(r"\([^)]*\)", "", email.header("auto-submitted")).partition(";")[0].strip().lower()
    if not sender or sender in ours:
        return "Nobody is there to be told."
    elif "" in (email.return_path, envelope_from):
        return "It came from the null sender, who is never answered."
    elif submitted not in ("", "no"):
        return "No person sent it."
    elif mark := next((name for name in _MARKS_OF_MANY if email.header(name).strip()), ""):
        return f"It bears the mark of a machine, or of what goes to many ({mark.title()})."
    elif email.header("precedence").strip().lower() in ("bulk", "junk", "list", "auto_reply"):
        return "It went to many at once (Precedence)."
    elif _NOBODY.match(local := sender.partition("@")[0]) or local in SERVERS:
        return "Nobody reads what is sent to such an address."
    elif not any(one.address in ours for one in (*email.to, *email.cc)):
        return "It was not openly addressed to us."
    else:
        return ""
