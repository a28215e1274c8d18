"""The desk tells people that their mail has come, where it was asked to: seldom, and never a machine (RFC 3834)."""

from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from tests.cast import ILSE, NORA, SUPPORT, Post, bounce, replies
from touchline.channels import Never, Refused
from touchline.core.mail.acknowledging import why_not_acknowledge
from touchline.core.mail.automatic import automatic
from touchline.core.mail.understand import understand
from touchline.desk.models import Blocker, Conversation, Delivery, Mailbox, Message, OutcomeEvent, Teammate, Words
from touchline.desk.models.conversation_telling import Telling
from touchline.work.chores import send_deliveries

pytestmark = pytest.mark.django_db


@pytest.fixture
def tells(can_send: Mailbox) -> Mailbox:
    """Support tells people that their mail has come."""
    can_send.acknowledges = True
    can_send.save()
    return can_send


def comes(
    mailbox: Mailbox, raw: bytes, *, at: datetime, via: str = "smtp", mail_from: str = "nora@bakery.example"
) -> Conversation:
    message = mailbox.receive(raw, at=at, via=via, mail_from=mail_from).file(at)
    assert message
    return message.conversation


def told(conversation: Conversation) -> list[Message]:
    return list(conversation.messages.filter(automatic="acknowledgement"))


def test_whoever_writes_first_is_told_once_by_the_desk(tells: Mailbox, post: Post, at: datetime) -> None:
    conversation = comes(tells, NORA.writes("The code", "It asks for a code.\n", at=at), at=at)
    send_deliveries(at)
    (reply,) = post.sent
    mail = message_from_bytes(reply.raw, policy=default)
    assert (reply.envelope_from, reply.recipients) == ("", ("nora@bakery.example",))
    assert mail["From"] == f"Touchline support <{SUPPORT}>"
    assert (mail["Subject"], mail["Auto-Submitted"]) == ("Auto: The code", "auto-replied")
    assert mail["In-Reply-To"] == f"<{conversation.messages.by_people().get().message_id}>"
    body = mail.get_body()
    assert body and "A person will read it" in body.get_content() and "code" not in body.get_content()


def test_it_answers_nothing_and_moves_nothing(tells: Mailbox, at: datetime) -> None:
    conversation = comes(tells, NORA.writes("The code", "It asks for a code.\n", at=at), at=at)
    send_deliveries(at)
    conversation.refresh_from_db()
    assert conversation.waiting_since == at
    assert conversation.latest_words == "It asks for a code."
    assert [event.kind for event in OutcomeEvent.objects.all()] == ["raised"]
    assert Blocker.objects.get().moved_at is None


def test_nobody_is_held_up_by_it(tells: Mailbox, kay: Teammate, at: datetime) -> None:
    conversation = comes(tells, NORA.writes("The code", "It asks for a code.\n", at=at), at=at)
    theirs = conversation.messages.by_people().get()
    later = at + timedelta(minutes=5)
    assert conversation.reply(Words.plain("Write 1234."), by=kay, at=later, seen=theirs).references == [theirs.message_id]


def test_a_second_mail_within_the_week_is_not_acknowledged(tells: Mailbox, at: datetime) -> None:
    comes(tells, NORA.writes("One", "First.\n", at=at), at=at)
    second = comes(tells, NORA.writes("Two", "Second.\n", at=at), at=at + timedelta(days=6))
    after = at + timedelta(days=8)
    third = comes(tells, NORA.writes("Three", "Third.\n", at=after), at=after)
    assert not told(second) and told(third)


def test_what_is_written_later_in_a_conversation_is_not_acknowledged(tells: Mailbox, kay: Teammate, at: datetime) -> None:
    conversation = comes(tells, NORA.writes("The code", "It asks.\n", at=at), at=at)
    answer = replies(conversation, "Write 1234.", by=kay, at=at + timedelta(hours=1))
    later = at + timedelta(days=30)
    comes(tells, NORA.writes("Re: The code", "Thanks!\n", answers=answer, at=later), at=later)
    assert len(told(conversation)) == 1


def test_off_unless_a_mailbox_was_told_to(can_send: Mailbox, at: datetime) -> None:
    assert not told(comes(can_send, NORA.writes("The code", "It asks.\n", at=at), at=at))


@pytest.mark.parametrize("via", ["import", "form"])
def test_some_roads_are_never_acknowledged(tells: Mailbox, at: datetime, via: str) -> None:
    assert not told(comes(tells, NORA.writes("The code", "It asks.\n", at=at), at=at, via=via))


def test_a_backlog_is_not_acknowledged(tells: Mailbox, at: datetime) -> None:
    inbound = tells.receive(NORA.writes("The code", "It asks.\n", at=at), at=at, via="imap")
    message = inbound.file(at + timedelta(days=2))
    assert message and not told(message.conversation)


def test_there_is_a_most_an_hour(tells: Mailbox, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Telling, "MOST_ACKNOWLEDGED", 1)
    assert told(comes(tells, NORA.writes("One", "First.\n", at=at), at=at))
    assert not told(comes(tells, ILSE.writes("Two", "Second.\n", at=at), at=at, mail_from="ilse@garden.example"))


def test_where_it_cannot_be_sent_nobody_is_troubled(tells: Mailbox, post: Post, at: datetime) -> None:
    post.answers = [Never("No such mailbox.", {"nora@bakery.example": Refused("No such mailbox.", permanent=True)})]
    conversation = comes(tells, NORA.writes("The code", "It asks.\n", at=at), at=at)
    send_deliveries(at)
    assert not Delivery.objects.in_trouble() and not Delivery.objects.not_sent()
    assert conversation.activities.count() == 0


def test_one_of_two_desks_that_answer_each_other_stops(tells: Mailbox, post: Post, at: datetime) -> None:
    """The other desk gets our acknowledgement, and answers it with its own; ours is marked, and so is theirs."""
    comes(tells, NORA.writes("The code", "It asks.\n", at=at), at=at)
    send_deliveries(at)
    ours = understand(post.sent[0].raw)
    assert automatic(ours).kind != "human"
    assert why_not_acknowledge(ours, envelope_from=post.sent[0].envelope_from, ours={"nora@bakery.example"})
    theirs = NORA.writes("Auto: Re: The code", "We have it.", answers=ours.message_id, headers={"Auto-Submitted": "auto-replied"})
    tells.receive(theirs, at=at, via="smtp").file(at)
    assert send_deliveries(at) == 0


def test_a_bounce_of_it_reopens_nothing(tells: Mailbox, kay: Teammate, at: datetime) -> None:
    conversation = comes(tells, NORA.writes("The code", "It asks.\n", at=at), at=at)
    send_deliveries(at)
    conversation.refresh_from_db()
    conversation.nothing_to_answer(by=kay, at=at + timedelta(minutes=1))
    raw = bounce("nora@bakery.example", original_id=told(conversation)[0].message_id)
    tells.receive(raw, at=at + timedelta(minutes=2), via="smtp").file(at + timedelta(minutes=2))
    conversation.refresh_from_db()
    assert conversation.closed_at and conversation.waiting_since is None


OURS = {"help@touchline.example"}


@pytest.mark.parametrize(
    ("headers", "from_", "to", "envelope_from"),
    [
        ({"Auto-Submitted": "auto-generated"}, "nora@bakery.example", "help@touchline.example", "nora@bakery.example"),
        ({"Precedence": "bulk"}, "nora@bakery.example", "help@touchline.example", "nora@bakery.example"),
        ({"List-Id": "<bakers.example>"}, "nora@bakery.example", "help@touchline.example", "nora@bakery.example"),
        ({"X-Auto-Response-Suppress": "OOF"}, "nora@bakery.example", "help@touchline.example", "nora@bakery.example"),
        ({"Return-Path": "<>"}, "nora@bakery.example", "help@touchline.example", None),
        ({}, "nora@bakery.example", "help@touchline.example", ""),
        ({}, "no-reply@bakery.example", "help@touchline.example", "x@bakery.example"),
        ({}, "bakers-request@list.example", "help@touchline.example", "x@list.example"),
        ({}, "MAILER-DAEMON@bakery.example", "help@touchline.example", "x@bakery.example"),
        ({}, "nora@bakery.example", "undisclosed@bakery.example", "nora@bakery.example"),
        ({}, "help@touchline.example", "help@touchline.example", "help@touchline.example"),
    ],
)
def test_whom_no_machine_answers(headers: dict[str, str], from_: str, to: str, envelope_from: str | None) -> None:
    lines = {"From": from_, "To": to, "Subject": "Hello", **headers}
    raw = "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\nHello\r\n"
    assert why_not_acknowledge(understand(raw.encode()), envelope_from=envelope_from, ours=OURS)


def test_a_person_may_be_answered() -> None:
    raw = b"From: Nora <nora@bakery.example>\r\nTo: help@touchline.example\r\nAuto-Submitted: no\r\n\r\nHello\r\n"
    assert why_not_acknowledge(understand(raw), envelope_from="nora@bakery.example", ours=OURS) == ""
