"""A small, warm, made-up desk to look around in. It is filled through the same verbs as a real one, with times of the past."""

import struct
import zlib
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from django.db import transaction

from touchline.core.impact.events import Kind
from touchline.desk.models import Blocker, Conversation, Delivery, Desk, Mailbox, Message, OutcomeEvent, Teammate, Words
from touchline.work.demo_stories import (
    DAYS,
    HOURS,
    MINUTES,
    SHORT,
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
def prepare() -> None:
    """Fill an empty desk, all of it or nothing."""
    Teller(datetime.now(UTC)).tell()


class Teller:
    """Tells the stories, the oldest first, so that everything happened in its order."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.number = 0
        desk = Desk.get()
        desk.name = "The Touchline demo"
        desk.save()
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
        stories = [*WAITING_NOW, *TOLD, *(short_story(*told) for told in SHORT)]
        for story in sorted(stories, key=lambda story: story.ago, reverse=True):
            self.story(story)
        self.from_machines()

    def story(self, story: Story) -> None:
        mailbox = self.mailboxes[story.mailbox]
        at = self.at - story.ago
        message = self.receive(mailbox, self.mail(story, story.words, at, subject=story.subject, picture=story.picture), at)
        for turn in story.turns:
            at += turn.after
            conversation = Conversation.objects.get(pk=message.conversation_id)
            self.turn(story, turn, conversation, at)

    def turn(self, story: Story, turn: Turn, conversation: Conversation, at: datetime) -> None:
        if isinstance(turn, Ours):
            self.reply(conversation, turn, at)
        elif isinstance(turn, Theirs):
            last = conversation.messages.filter(kind=Message.Kind.OURS).latest("at")
            raw = self.mail(story, turn.words, at, subject=f"Re: {story.subject}", answers=last.message_id)
            message = self.receive(conversation.mailbox, raw, at)
            if turn.means:
                by = last.teammate or self.team["kay"]
                MEANS[turn.means](conversation, message, by=by, at=at + 5 * MINUTES)
                if turn.means == "works":
                    conversation.nothing_to_answer(by=by, at=at + 6 * MINUTES)
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
        delivery.release(at + 10 * timedelta(seconds=1))
        delivery.sent_at = at + 12 * timedelta(seconds=1)
        delivery.due_at = None
        delivery.save()

    def receive(self, mailbox: Mailbox, raw: bytes, at: datetime) -> Message:
        inbound = mailbox.receive(raw, at=at, via="smtp")
        message = inbound.file(at)
        assert message, inbound.trouble
        return message

    def mail(self, story: Story, words: str, at: datetime, *, subject: str, answers: str = "", picture: bool = False) -> bytes:
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
        if picture:
            mail.add_attachment(doorstep(), maintype="image", subtype="png", filename="no-box-here.png")
        return mail.as_bytes()

    def from_machines(self) -> None:
        """Mail that no person wrote: an absence in its conversation, a newsletter set aside."""
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
        letter = Story("Parcel News", "news@parcelnews.example", 0 * DAYS, "", "")
        raw = self.mail(letter, "Ten trends in cardboard you should know.", self.at - 3 * HOURS, subject="Cardboard weekly")
        self.mailboxes["support"].receive(
            b"List-Unsubscribe: <https://parcelnews.example/u>\nList-Id: <weekly.parcelnews.example>\n" + raw,
            at=self.at - 3 * HOURS,
            via="smtp",
        ).file(self.at)


def short_story(person: str, address: str, days: int, subject: str, words: str, by: str, answer: str, came: str) -> Story:
    """A question and its answer, and what came of it."""
    ago = days * DAYS + 2 * HOURS + len(words) * MINUTES / 2
    turns: tuple[Turn, ...] = (Ours(by, (18 + len(answer) % 50) * MINUTES, answer, True),)
    if came == "works":
        turns += (Theirs((1 + len(subject) % 5) * HOURS, "That worked, thank you for the quick help!", "works"),)
    elif came == "back":
        turns += (
            Theirs(1 * DAYS, "It was fine yesterday, and this morning it is as before.", "back"),
            Ours(by, 30 * MINUTES, "I am sorry. I found a second setting for the back printer and changed that as well.", True),
        )
    return Story(person, address, ago, subject, words, turns)


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
