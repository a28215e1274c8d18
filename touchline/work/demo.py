"""A small, warm, made-up desk to look around in. It is filled through the same verbs as a real one, with times of the past."""

import struct
import zlib
from datetime import UTC, datetime, tzinfo
from email.message import EmailMessage
from email.utils import format_datetime

from django.db import transaction

from touchline.core.impact.account import midnight
from touchline.core.impact.events import Kind
from touchline.desk.models import Blocker, Conversation, Delivery, Desk, Mailbox, Message, OutcomeEvent, Teammate, Words
from touchline.work.demo_questions import QUESTIONS
from touchline.work.demo_stories import (
    DAYS,
    HOURS,
    MINUTES,
    TOLD,
    WAITING_NOW,
    Note,
    Ours,
    SeenThere,
    Story,
    Takes,
    Theirs,
    Turn,
)

PASSWORD = "demo-demo-demo"  # noqa: S105  it is on the sign-in page of the demo
MEANS = {
    "works": Conversation.it_works,
    "back": Conversation.it_is_back,
    "new": Conversation.something_new,
    "thanks": Conversation.just_a_thank_you,
}


@transaction.atomic
def prepare(at: datetime | None = None) -> None:
    """Fill an empty desk, all of it or nothing, as if it were `at`; now, where that is None."""
    Teller(at or datetime.now(UTC)).tell()


class Teller:
    """Tells the stories, the oldest first, so that everything happened in its order."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.number = 0
        desk = Desk.get()
        desk.name, desk.time_zone = "The Touchline demo", "Europe/Dublin"
        desk.save()
        self.pace = pace_of_today(at, desk.zone)
        long_ago = at - 60 * DAYS
        owner = Teammate.Role.OWNER
        self.team = {
            "kay": Teammate.join(name="Kay", email="kay@touchline.example", password=PASSWORD, role=owner, at=long_ago),
            "sam": Teammate.join(name="Sam", email="sam@touchline.example", password=PASSWORD, at=long_ago),
        }
        self.mailboxes = {
            name: Mailbox.open(address=f"{name}@touchline.example", name=words, at=long_ago)
            for name, words in (("support", "Touchline shops"), ("deliveries", "Deliveries"))
        }

    def tell(self) -> None:
        for story in sorted([*WAITING_NOW, *TOLD, *QUESTIONS], key=self.began):
            self.story(story)
        self.from_machines()

    def began(self, story: Story) -> datetime:
        return self.at - story.ago * (self.pace if story.today else 1)

    def story(self, story: Story) -> None:
        at = self.began(story)
        mailbox = self.mailboxes[story.mailbox]
        mail = self.mail(story, story.words, at, subject=story.subject, html=story.html, picture=story.picture)
        conversation = self.receive(mailbox, mail, at).conversation
        for turn in story.turns:
            at += turn.after * (self.pace if story.today else 1)
            self.turn(story, turn, Conversation.objects.get(pk=conversation.pk), at)

    def turn(self, story: Story, turn: Turn, conversation: Conversation, at: datetime) -> None:
        if isinstance(turn, Ours):
            self.reply(conversation, turn, at)
        elif isinstance(turn, Theirs):
            last = conversation.messages.filter(kind=Message.Kind.OURS).latest("at")
            raw = self.mail(story, turn.words, at, subject=f"Re: {story.subject}", answers=last.message_id)
            message = self.receive(conversation.mailbox, raw, at)
            if turn.means:
                by = last.teammate or self.team["kay"]
                read_at = min(at + 5 * MINUTES, self.at)
                MEANS[turn.means](conversation, message, by=by, at=read_at)
                if turn.means == "works":
                    conversation.nothing_to_answer(by=by, at=read_at)
        elif isinstance(turn, Note):
            conversation.note(Words.plain(turn.words), by=self.team[turn.by], at=at)
        elif isinstance(turn, Takes):
            conversation.give(self.team[turn.by], by=self.team[turn.by], at=at)
        elif isinstance(turn, SeenThere):
            blocker = conversation.blocker
            assert blocker
            OutcomeEvent.record(Kind.OBSERVED, key=f"demo:{turn.event}:{blocker.pk}", at=at, blocker=blocker, event=turn.event)
        else:
            conversation.nothing_in_the_way(why=Blocker.Why(turn.why), by=self.team[turn.by], at=at)

    def reply(self, conversation: Conversation, turn: Ours, at: datetime) -> None:
        """Answered, released and, as far as the demo goes, sent."""
        by = self.team[turn.by]
        message = conversation.reply(Words.plain(turn.words), by=by, at=at, seen=conversation.latest(), moved=turn.moved)
        delivery = Delivery.objects.get(message=message)
        delivery.release(at + Desk.get().take_back_for * (self.pace if at > self.at - DAYS else 1))
        delivery.sent_at = delivery.released_at
        delivery.due_at = None
        delivery.save()

    def receive(self, mailbox: Mailbox, raw: bytes, at: datetime) -> Message:
        inbound = mailbox.receive(raw, at=at, via="smtp")
        message = inbound.file(at)
        assert message, inbound.trouble
        return message

    def mail(
        self, story: Story, words: str, at: datetime, *, subject: str, answers: str = "", html: str = "", picture: bool = False
    ) -> bytes:
        self.number += 1
        mail = EmailMessage()
        mail["From"] = f"{story.person} <{story.address}>"
        mail["To"] = f"{story.mailbox}@touchline.example"
        mail["Subject"] = subject
        mail["Date"] = format_datetime(at)
        mail["Message-ID"] = f"<demo.{self.number}@{story.address.partition('@')[2]}>"
        if answers:
            mail["In-Reply-To"] = mail["References"] = f"<{answers}>"
        mail.set_content(words)
        if html:
            mail.add_alternative(html, subtype="html")
        if picture:
            mail.add_attachment(doorstep(), maintype="image", subtype="png", filename="no-box-here.png")
        return mail.as_bytes()

    def from_machines(self) -> None:
        """Mail that no person wrote: an absence in its conversation; a newsletter and a notice of failure, set aside."""
        answered = Conversation.objects.get(person__addresses__email="ingrid@solbergull.example")
        last = answered.messages.filter(kind=Message.Kind.OURS).latest("at")
        away = Story("Ingrid Solberg", "ingrid@solbergull.example", 0 * DAYS, "", "")
        raw = self.mail(
            away,
            "I am at a fair until Friday and read my mail in the evening.",
            last.at + MINUTES,
            subject="Automatic reply: payouts",
            answers=last.message_id,
        )
        self.receive(self.mailboxes["support"], b"Auto-Submitted: auto-replied\n" + raw, last.at + MINUTES)
        letter = Story(
            "Parcel News", "news@parcelnews.example", 3 * HOURS, "Cardboard weekly", "Ten trends in cardboard to know about."
        )
        raw = self.mail(letter, letter.words, self.began(letter), subject=letter.subject)
        list_headers = b"List-Unsubscribe: <https://parcelnews.example/u>\nList-Id: <weekly.parcelnews.example>\n"
        self.set_aside(list_headers + raw, self.began(letter))
        self.set_aside(failure(self.at - 26 * HOURS), self.at - 26 * HOURS)

    def set_aside(self, raw: bytes, at: datetime) -> None:
        message = self.mailboxes["support"].receive(raw, at=at, via="smtp").file(at)
        assert message is None


def pace_of_today(at: datetime, zone: tzinfo) -> float:
    """By how much a story of today is told in less time, so that all of it is of this day: 1 once the day is old enough."""
    begins = midnight(at.astimezone(zone).date(), zone)
    longest = max(story.ago for story in TOLD if story.today)
    return min(1.0, 0.9 * ((at - begins) / longest))


def failure(at: datetime) -> bytes:
    """A notice that a mail could not be delivered, about one that we never sent (RFC 3464)."""
    return f"""\
From: Mail Delivery System <mailer-daemon@post.example>
To: support@touchline.example
Subject: Undelivered Mail Returned to Sender
Date: {format_datetime(at)}
Message-ID: <failure.1@post.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="part"

--part
Content-Type: text/plain; charset=utf-8

Your message to <win@prizes.example> could not be delivered.

--part
Content-Type: message/delivery-status

Reporting-MTA: dns; post.example

Final-Recipient: rfc822; win@prizes.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such mailbox

--part
Content-Type: text/rfc822-headers

From: support@touchline.example
To: win@prizes.example
Message-ID: <never.ours@elsewhere.example>
Subject: You have won

--part--
""".encode()


def doorstep() -> bytes:
    """A small picture of a doorstep without a box: a PNG of three bands of colour."""
    wide, high = 240, 160
    bands = ((b"\xc9\xb8\x9a", 90), (b"\x8a\x6f\x4e", 40), (b"\x5d\x5a\x55", 30))
    rows = b"".join((b"\x00" + colour * wide) * lines for colour, lines in bands)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
