"""What the servers that handed a mail over to us say of it: did they take it for spam?"""

import re

from touchline.core.mail.email import Email

LEAST_SCL = 5
"""Of Microsoft's spam confidence level: from here on it puts a mail into Junk; 9 is the most."""


def marked_as_spam(email: Email) -> str:
    """Why a server took this mail for spam, as a sentence; "" where none plainly says so.

    Only verdicts count, never scores: what a score means, only the server that gave it knows. Of a header that is there more
    than once the topmost counts, which the last server wrote.
    """
    for name in ("x-spam-flag", "x-spam", "x-spam-status"):
        if re.match(r"(?:yes|true)\b", email.header(name).strip().lower()):
            return f"The mail server marked it as spam ({name.title()})."
    if re.match(r"[\w.-]{1,40}:\s*true\b", email.header("x-spamd-result").strip().lower()):
        return "The mail server marked it as spam (X-Spamd-Result)."
    if email.header("x-rspamd-action").strip().lower() in ("add header", "rewrite subject", "reject"):
        return "The mail server marked it as spam (X-Rspamd-Action)."
    level = email.header("x-ms-exchange-organization-scl").strip()
    if level.isascii() and level.isdecimal() and LEAST_SCL <= int(level[:3]) <= 9:
        return f"The mail server marked it as spam (a confidence of {level} of 9)."
    return ""
