"""An email: what came in, once it has been understood. Plain values; who makes them is `understand`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from touchline.core.mail.invitations import Invitation


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Somebody a mail is from or to.

    `address` is lower-cased, NFC, its domain in Unicode; "" where none could be read. `name` is what stood
    beside it and proves nothing: anyone can write any name, even another's address.
    """

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came along. `name` is safe to show and to save under, and unique within its mail.

    `content_id` is without <>. `inline` says that the HTML shows it, so that it is no file of its own.
    """

    name: str
    content_type: str
    data: bytes
    content_id: str = ""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that was guessed. `about` is one word for what (`charset`, `sender`, `size`, ...); `words` a sentence to show."""

    about: str
    words: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a machine reported beside its words (RFC 6522).

    `kind` is the report-type ("delivery-status", "disposition-notification", "feedback-report", ...), "" where the mail
    is no report. `groups` are the fields of a message/delivery-status part (RFC 3464): about the mail first, then one
    group a recipient. `returned` are the headers of the mail that came back, wherever they were found.
    """

    kind: str = ""
    groups: tuple[Mapping[str, str], ...] = ()
    returned: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Email:
    """A mail as a careful colleague would read it.

    Ids are without <>. `text` holds all words as text (`fresh_words` tells the new from the old), `html` the HTML body,
    decoded and NOT safe (`safe_html` makes it so); "" where there is none. `unread` is empty unless the bytes defeated us
    altogether: then it says how, and `text` is the mail as it came. `forwarded` is who wrote the mail that this one passes on,
    as far as it says; `invitation` what a calendar in it asks.
    """

    message_id: str
    made_id: bool
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    sender: Correspondent
    reply_to: tuple[Correspondent, ...]
    to: tuple[Correspondent, ...]
    cc: tuple[Correspondent, ...]
    envelope_to: tuple[str, ...]
    return_path: str | None
    subject: str
    date: datetime | None
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    headers: Mapping[str, tuple[str, ...]]
    report: Report
    doubts: tuple[Doubt, ...]
    unread: str = ""
    forwarded: Correspondent | None = None
    invitation: Invitation | None = None

    def header(self, name: str) -> str:
        """The first value of a header, "" where there is none. `name` is lower-case."""
        values = self.headers.get(name)
        return values[0] if values else ""
