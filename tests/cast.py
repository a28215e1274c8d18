"""The cast: Kay and Sam are teammates; Nora, Ilse and Tomás are people we help. What they write, and an outside that is a fake."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

import pytest
from django.test import Client

from touchline.channels import CHANNELS, Fetched, Refused, Reply
from touchline.desk.models import Conversation, Desk, Mailbox, Message, Teammate, Words

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Monday at nine, when the stories begin."""

SUPPORT = "support@touchline.example"
TIME_TO_TAKE_BACK = timedelta(seconds=10)


@dataclass(frozen=True)
class Writer:
    """Someone who writes to us, as their mail program names them."""

    name: str
    address: str

    @property
    def from_(self) -> str:
        return f'"{self.name}" <{self.address}>'

    def writes(self, subject: str, words: str, **more: Any) -> bytes:
        """A mail from them, as bytes. `more` is as for `mail`."""
        return mail(self.from_, subject, words, **more)


NORA = Writer("Nora Adeyemi", "nora@bakery.example")
ILSE = Writer("Ilse Brandt", "ilse@garden.example")
TOMAS = Writer("Tomás Lima", "tomas@harbour.example")


def mail(
    from_: str,
    subject: str,
    words: str,
    *,
    to: str = SUPPORT,
    cc: str = "",
    answers: "Message | str | None" = None,
    at: datetime = AT,
    message_id: str = "",
    headers: Mapping[str, str] | None = None,
    attached: Mapping[str, bytes] | None = None,
) -> bytes:
    """A plain mail as it comes over the wire. Without a Message-ID of its own it gets one made of what it says and when."""
    made = EmailMessage(policy=SMTP)
    made["From"] = from_
    made["To"] = to
    if cc:
        made["Cc"] = cc
    made["Subject"] = subject
    made["Date"] = format_datetime(at)
    digest = hashlib.sha256(repr((from_, subject, words, to, at)).encode()).hexdigest()[:20]
    made["Message-ID"] = f"<{message_id or f'{digest}@mail.example'}>"
    answered = answers.message_id if isinstance(answers, Message) else answers
    if answered:
        made["In-Reply-To"] = made["References"] = f"<{answered}>"
    for name, value in (headers or {}).items():
        made[name] = value
    made.set_content(words)
    for name, data in (attached or {}).items():
        made.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


def bounce(recipient: str, *, original_id: str, status: str = "5.1.1", at: datetime = AT) -> bytes:
    """A delivery status notification (RFC 3464): what a mail server writes when it could not deliver a mail of ours."""
    domain = recipient.rpartition("@")[2]
    action = "failed" if status.startswith("5") else "delayed"
    return f"""\
From: Mail Delivery System <mailer-daemon@{domain}>
To: {SUPPORT}
Subject: Undelivered Mail Returned to Sender
Date: {format_datetime(at)}
Message-ID: <{hashlib.sha256(original_id.encode() + status.encode()).hexdigest()[:20]}@{domain}>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

I could not deliver your message to <{recipient}>.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.{domain}

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {status[0]}50 {status} No mailbox here by that name

--b
Content-Type: text/rfc822-headers

From: {SUPPORT}
To: {recipient}
Message-ID: <{original_id}>
Subject: Re: it

--b--
""".replace("\n", "\r\n").encode()


def arrives(mailbox: Mailbox, raw: bytes, *, at: datetime) -> Message | None:
    """A mail comes in and is filed at once: the message it became, or None where it was set aside."""
    return mailbox.receive(raw, at=at, via="smtp").file(at)


def says(mailbox: Mailbox, raw: bytes, *, at: datetime) -> Message:
    """Like `arrives`, of a mail that must become a message."""
    message = arrives(mailbox, raw, at=at)
    assert message
    return message


def replies(conversation: Conversation, words: str, *, by: Teammate, at: datetime, moved: bool = False) -> Message:
    """A teammate who has read everything writes back. It has not left yet."""
    now = Conversation.objects.get(pk=conversation.pk)
    return now.reply(Words.plain(words), by=by, at=at, seen=now.latest(), moved=moved)


def sent(conversation: Conversation, words: str, *, by: Teammate, at: datetime, moved: bool = False) -> Message:
    """A teammate writes back, and the time to take it back has gone by."""
    message = replies(conversation, words, by=by, at=at, moved=moved)
    assert message.delivery
    assert message.delivery.release(at + TIME_TO_TAKE_BACK)
    return message


@dataclass
class Post:
    """An outside that is a fake: what waits there, what was handed over to it, and what it answers."""

    kind: str = "email"
    sent: list[Reply] = field(default_factory=list)
    answers: list[Mapping[str, Refused] | Exception] = field(default_factory=list)
    """What it says to the next ones that are handed over, the first first; with none left it takes them."""
    waiting: list[bytes] = field(default_factory=list)
    seen: list[bytes] = field(default_factory=list)
    """What we said that we have."""
    breaks_after: Exception | None = None
    """What happens once all that waits was handed to us."""

    def send(self, told: Mapping[str, Any], reply: Reply) -> Mapping[str, Refused]:
        self.sent.append(reply)
        answer = self.answers.pop(0) if self.answers else {}
        if isinstance(answer, Exception):
            raise answer
        return answer

    def fetch(self, told: Mapping[str, Any], *, since: str, more: Mapping[str, str], size_limit: int) -> "_Waiting":
        return _Waiting(self, int(since or 0))


class _Waiting:
    marks: Mapping[str, str] = {}
    trouble = ""

    def __init__(self, post: Post, read: int) -> None:
        self.post = post
        self.read = read

    @property
    def mark(self) -> str:
        return str(self.read)

    def __iter__(self) -> Iterator[Fetched]:
        return self

    def __next__(self) -> Fetched:
        if self.read < len(self.post.waiting):
            raw = self.post.waiting[self.read]
            self.read += 1
            return Fetched(raw=raw, received_at=None, mark=self.mark, kept=lambda: self.post.seen.append(raw))
        elif self.post.breaks_after:
            raise self.post.breaks_after
        else:
            raise StopIteration


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def nora() -> Writer:
    return NORA


@pytest.fixture
def ilse() -> Writer:
    return ILSE


@pytest.fixture
def tomas() -> Writer:
    return TOMAS


@pytest.fixture
def desk(db: None) -> Desk:
    desk = Desk.get()
    desk.name = "The help of Touchline"
    desk.time_zone = "Europe/Dublin"
    desk.save()
    return desk


@pytest.fixture
def kay(desk: Desk, at: datetime) -> Teammate:
    """She looks after the desk."""
    return Teammate.join(
        name="Kay Doyle",
        email="kay@touchline.example",
        password="a pass of Kay",
        role=Teammate.Role.OWNER,
        at=at - timedelta(days=90),
    )


@pytest.fixture
def sam(desk: Desk, at: datetime) -> Teammate:
    return Teammate.join(name="Sam Okoro", email="sam@touchline.example", password="a pass of Sam", at=at - timedelta(days=60))


@pytest.fixture
def support(desk: Desk, at: datetime) -> Mailbox:
    """The mailbox that people write to. How it sends is not set up."""
    return Mailbox.open(address=SUPPORT, name="Touchline support", at=at - timedelta(days=90))


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    """The outside, as a fake: every mailbox fetches from it and sends to it."""
    fake = Post()
    monkeypatch.setitem(CHANNELS, "email", fake)  # type: ignore[arg-type]
    return fake


@pytest.fixture
def can_send(support: Mailbox, post: Post, at: datetime) -> Mailbox:
    """Support, with a way out: what is sent ends in `post`."""
    support.be_reached({"smtp_host": "smtp.touchline.example"}, at=at)
    return support


@pytest.fixture
def nora_cannot_sign_in(support: Mailbox, at: datetime) -> Conversation:
    """Nora wrote at nine, and waits."""
    words = "Good morning,\n\nsince the update I cannot sign in: it says that my password has expired.\n\nNora\n"
    return says(support, NORA.writes("I can’t sign in", words, at=at), at=at).conversation


@pytest.fixture
def as_kay(client: Client, kay: Teammate) -> Client:
    """A browser in which Kay is signed in."""
    client.force_login(kay, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def as_sam(sam: Teammate) -> Client:
    browser = Client()
    browser.force_login(sam, backend="django.contrib.auth.backends.ModelBackend")
    return browser
