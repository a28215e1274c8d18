"""A reply can leave later, and does not if somebody writes before it does."""

from datetime import datetime, timedelta

import pytest

from tests.cast import NORA, Post, replies, says
from touchline.desk.models import Conversation, Delivery, Draft, Mailbox, Message, Notice, OutcomeEvent, Teammate, Words
from touchline.desk.models.conversation_writing import TooLate
from touchline.work.chores import send_deliveries

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def noras(nora_cannot_sign_in: Conversation, can_send: Mailbox) -> Conversation:
    return nora_cannot_sign_in


def writes(
    conversation: Conversation, by: Teammate, *, at: datetime, leaves: datetime, moved: bool = False, unless: bool = True
) -> Message:
    now = Conversation.objects.get(pk=conversation.pk)
    words = Words.plain("Try it again now.")
    return now.reply(words, by=by, at=at, seen=now.latest(), moved=moved, leaves=leaves, unless_they_write=unless)


def test_it_leaves_at_its_time_and_is_dated_so(noras: Conversation, kay: Teammate, post: Post, at: datetime) -> None:
    message = writes(noras, kay, at=at + MINUTE, leaves=at + DAY, moved=True)
    assert send_deliveries(at + DAY - MINUTE) == 0 and not post.sent
    assert not OutcomeEvent.objects.filter(kind="moved").exists()
    send_deliveries(at + DAY)
    message.refresh_from_db()
    assert len(post.sent) == 1 and message.at == at + DAY
    assert OutcomeEvent.objects.get(kind="moved").at == at + DAY
    assert send_deliveries(at + 2 * DAY) == 0 and len(post.sent) == 1


def test_until_then_nobody_waits_and_it_can_be_taken_back(noras: Conversation, kay: Teammate, at: datetime) -> None:
    message = writes(noras, kay, at=at + MINUTE, leaves=at + DAY)
    noras.refresh_from_db()
    assert noras.waiting_since is None
    noras.take_back(message, by=kay, at=at + HOUR)
    noras.refresh_from_db()
    assert noras.waiting_since == at
    assert Draft.objects.get().text == "Try it again now."


def test_if_they_write_first_it_is_in_its_writers_box_again(
    noras: Conversation, support: Mailbox, kay: Teammate, post: Post, at: datetime
) -> None:
    writes(noras, kay, at=at + MINUTE, leaves=at + DAY, moved=True)
    says(
        support,
        NORA.writes("Re: I can’t sign in", "It works by itself now.\n", answers=noras.messages.first(), at=at + HOUR),
        at=at + HOUR,
    )
    assert Draft.objects.get(teammate=kay).text == "Try it again now."
    noras.refresh_from_db()
    assert noras.waiting_since == at + HOUR
    assert noras.activities.get().kind == "held"
    notice = Notice.objects.get()
    assert notice.email == kay.email and "was not sent" in notice.text
    send_deliveries(at + DAY)
    assert not post.sent and not OutcomeEvent.objects.filter(kind="moved").exists()


def test_a_machine_holds_nothing_back(noras: Conversation, support: Mailbox, kay: Teammate, post: Post, at: datetime) -> None:
    writes(noras, kay, at=at + MINUTE, leaves=at + DAY)
    away = NORA.writes(
        "Away", "I am away.\n", answers=noras.messages.first(), headers={"Auto-Submitted": "auto-replied"}, at=at + HOUR
    )
    support.receive(away, at=at + HOUR, via="imap").file(at + HOUR)
    send_deliveries(at + DAY)
    assert len(post.sent) == 1


def test_a_colleague_who_answers_first_holds_it_too(noras: Conversation, kay: Teammate, sam: Teammate, at: datetime) -> None:
    writes(noras, kay, at=at + MINUTE, leaves=at + DAY)
    replies(noras, "I have done it.", by=sam, at=at + HOUR)
    assert Draft.objects.get(teammate=kay).text == "Try it again now."
    noras.refresh_from_db()
    assert noras.waiting_since is None


def test_their_own_next_reply_does_not(noras: Conversation, kay: Teammate, post: Post, at: datetime) -> None:
    writes(noras, kay, at=at + MINUTE, leaves=at + DAY)
    replies(noras, "More on Monday.", by=kay, at=at + HOUR)
    send_deliveries(at + DAY)
    assert len(post.sent) == 2


def test_it_may_leave_whatever_they_write(noras: Conversation, support: Mailbox, kay: Teammate, post: Post, at: datetime) -> None:
    writes(noras, kay, at=at + MINUTE, leaves=at + DAY, unless=False)
    says(support, NORA.writes("Re: I can’t sign in", "And?\n", answers=noras.messages.first(), at=at + HOUR), at=at + HOUR)
    send_deliveries(at + DAY)
    assert len(post.sent) == 1


def test_another_time_and_now(noras: Conversation, kay: Teammate, post: Post, at: datetime) -> None:
    message = writes(noras, kay, at=at + MINUTE, leaves=at + DAY)
    noras.send_later(message, leaves=at + 2 * DAY, at=at + HOUR)
    assert send_deliveries(at + DAY) == 0
    noras.send_later(message, leaves=at, at=at + DAY)
    send_deliveries(at + DAY)
    assert len(post.sent) == 1
    with pytest.raises(TooLate):
        noras.send_later(message, leaves=at + 3 * DAY, at=at + 2 * DAY)


def test_a_clock_that_jumps_sends_it_once(noras: Conversation, kay: Teammate, post: Post, at: datetime) -> None:
    writes(noras, kay, at=at + MINUTE, leaves=at + DAY)
    for now in (at + 9 * DAY, at, at + 10 * DAY):
        send_deliveries(now)
    assert len(post.sent) == 1 and Delivery.objects.get().sent_at


def test_put_off_while_it_was_taken_up_it_does_not_leave(noras: Conversation, kay: Teammate, post: Post, at: datetime) -> None:
    message = writes(noras, kay, at=at + MINUTE, leaves=at + DAY)
    taken_up = Delivery.objects.get()
    assert taken_up.claim(at + DAY, lease=Delivery.LEASE)
    noras.send_later(message, leaves=at + 2 * DAY, at=at + DAY)
    assert not taken_up.release(at + DAY)
    assert send_deliveries(at + 2 * DAY - MINUTE) == 0
    send_deliveries(at + 2 * DAY)
    assert len(post.sent) == 1
