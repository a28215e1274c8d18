"""What we understood of a mail, as one flat record: what `touchline understand` prints."""

from datetime import datetime, timedelta
from typing import Any

from touchline.core.mail.automatic import automatic
from touchline.core.mail.fresh_words import fresh_words
from touchline.core.mail.safe_html import safe_html
from touchline.core.mail.understand import understand


def shown(raw: bytes, name: str, *, at: datetime | None = None) -> dict[str, Any]:
    """The record of one mail. `name` is its id; `ms` is left 0.0 for whoever measures. A date past `at` by a day is none."""
    email = understand(raw)
    what = automatic(email)
    date = None if email.date and at and email.date > at + timedelta(days=1) else email.date
    return {
        "id": name,
        "from_addr": email.sender.address,
        "from_name": email.sender.name,
        "subject": email.subject,
        "date": date.isoformat().replace("+00:00", "Z") if date else None,
        "text": fresh_words(email).new,
        "html": safe_html(email.html).html,
        "attachments": [file.name for file in email.attachments if not file.inline],
        "inline": [file.name for file in email.attachments if file.inline],
        "kind": str(what.kind),
        "in_reply_to": email.in_reply_to[0] if email.in_reply_to else "",
        "references": list(email.references),
        "bounce_rcpt": what.bounce.recipient if what.bounce else "",
        "ms": 0.0,
        "error": email.unread,
    }
