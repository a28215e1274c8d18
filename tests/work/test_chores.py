"""What there is to do without anyone asking; and what goes wrong is written where it can be seen."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DataError, OperationalError

from tests.cast import ILSE, NORA, TIME_TO_TAKE_BACK, Post, replies, says
from touchline.channels import NotNow
from touchline.desk.models import Conversation, Delivery, InboundEmail, Mailbox, Message, Notice, OutcomeEvent, Teammate
from touchline.work import chores
from touchline.work.worker import do_all

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def fails(trouble: Exception, *, for_: str = "") -> Any:
    """A verb that fails, for all or only for mails with a word in them."""
    real = InboundEmail.file

    def file(inbound: InboundEmail, at: datetime, **more: Any) -> Message | None:
        if for_.encode() in inbound.raw():
            raise trouble
        return real(inbound, at, **more)

    return file


def test_what_came_in_is_filed(support: Mailbox, at: datetime) -> None:
    for who in (NORA, ILSE):
        support.receive(who.writes("Hello", "Hi"), at=at, via="smtp")
    assert chores.file_inbound_email(at) == 2
    assert Conversation.objects.waiting().count() == 2
    assert chores.file_inbound_email(at) == 0  # twice is harmless


def test_a_reply_leaves_when_its_time_to_be_taken_back_is_over(
    nora_cannot_sign_in: Conversation, can_send: Mailbox, post: Post, kay: Teammate, at: datetime
) -> None:
    replies(nora_cannot_sign_in, "Done.", by=kay, at=at, moved=True)
    assert chores.send_deliveries(at + TIME_TO_TAKE_BACK - SECOND) == 0 and post.sent == []
    assert chores.send_deliveries(at + TIME_TO_TAKE_BACK) == 1
    assert len(post.sent) == 1 and OutcomeEvent.objects.filter(kind="moved").count() == 1
    assert chores.send_deliveries(at + MINUTE) == 0 and len(post.sent) == 1


def test_a_reply_that_was_taken_back_does_not_leave(
    nora_cannot_sign_in: Conversation, can_send: Mailbox, post: Post, kay: Teammate, at: datetime
) -> None:
    message = replies(nora_cannot_sign_in, "Done.", by=kay, at=at)
    held = Delivery.objects.get(message=message)  # found due by a chore, a moment before
    assert held.claim(at + TIME_TO_TAKE_BACK, lease=Delivery.LEASE)
    nora_cannot_sign_in.take_back(message, by=kay, at=at + TIME_TO_TAKE_BACK)
    assert not held.release(at + TIME_TO_TAKE_BACK)
    assert do_all(lambda: at + timedelta(days=1)) == 0 and post.sent == []


def test_mail_is_fetched_and_filed(support: Mailbox, post: Post, at: datetime) -> None:
    support.be_reached({"imap_host": "imap.touchline.example"}, at=at)
    post.waiting = [NORA.writes("Hello", "Hi")]
    assert chores.fetch_mail(at) == 1
    assert chores.file_inbound_email(at) == 1
    assert chores.fetch_mail(at) == 0  # not due again before its time
    assert chores.fetch_mail(at + Mailbox.FETCH_EVERY) == 1


def test_a_notice_goes_out(can_send: Mailbox, post: Post, at: datetime) -> None:
    Notice.write("sam@touchline.example", "A link", "Here it is.", at=at)
    assert do_all(lambda: at) == 1
    assert [reply.recipients for reply in post.sent] == [("sam@touchline.example",)]


def test_one_that_fails_does_not_hold_up_the_others(support: Mailbox, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = (support.receive(who.writes("Hello", "Hi"), at=at, via="smtp") for who in (NORA, ILSE))
    monkeypatch.setattr(InboundEmail, "file", fails(KeyError("a bug"), for_="Nora"))
    assert chores.file_inbound_email(at) == 2
    bad.refresh_from_db()
    good.refresh_from_db()
    assert good.message and bad.message is None
    assert bad.trouble == "Something went wrong on our side: KeyError: 'a bug'."
    assert bad.due_at and at < bad.due_at <= at + MINUTE and bad.tries == 1
    assert list(InboundEmail.objects.set_aside()) == [bad]


def test_what_fails_again_and_again_is_left_to_a_teammate_and_read_after_an_upgrade(
    support: Mailbox, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbound = support.receive(NORA.writes("Hello", "Hi"), at=at, via="smtp")
    with monkeypatch.context() as buggy:
        buggy.setattr(InboundEmail, "file", fails(DataError("a value the database does not take")))
        now, tries = at, 0
        while chores.file_inbound_email(now):
            tries += 1
            now += timedelta(hours=6)
    assert tries == InboundEmail.TRIES
    assert "does not take" in InboundEmail.objects.set_aside().get().trouble
    assert inbound.file(now)
    assert not InboundEmail.objects.set_aside().exists()


def test_where_the_database_does_not_answer_the_lease_brings_it_back(
    support: Mailbox, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbound = support.receive(NORA.writes("Hello", "Hi"), at=at, via="smtp")
    with monkeypatch.context() as broken:
        broken.setattr(InboundEmail, "file", fails(OperationalError("database is locked")))
        assert chores.file_inbound_email(at) == 1
    inbound.refresh_from_db()
    assert (inbound.trouble, inbound.tries, inbound.due_at) == ("", 0, at + InboundEmail.LEASE)
    assert chores.file_inbound_email(at + InboundEmail.LEASE) == 1
    assert Message.objects.count() == 1


def test_a_delivery_with_a_file_that_is_missing_says_so_and_is_tried_again(
    nora_cannot_sign_in: Conversation, can_send: Mailbox, post: Post, kay: Teammate, at: datetime
) -> None:
    from touchline.desk import files
    from touchline.desk.models import Draft, Words

    draft = Draft.of(nora_cannot_sign_in, kay, at=at)
    attachment = draft.attach("how.pdf", "application/pdf", f"%PDF of {at}".encode())
    nora_cannot_sign_in.reply(Words.plain("See."), by=kay, at=at, seen=nora_cannot_sign_in.latest(), draft=draft)
    files.path_of(attachment.digest).unlink()
    chores.send_deliveries(at + MINUTE)
    delivery = Delivery.objects.in_trouble().get()
    assert "FileNotFoundError" in delivery.trouble and delivery.due_at and delivery.due_at > at + MINUTE
    files.keep(f"%PDF of {at}".encode())
    chores.send_deliveries(delivery.due_at)
    assert len(post.sent) == 1 and not Delivery.objects.in_trouble().exists()


def test_every_chore_is_named_once_and_wakes_on_topics_that_are_published() -> None:
    names = [chore.name for chore in chores.CHORES]
    assert len(set(names)) == len(names)
    assert {topic for chore in chores.CHORES for topic in chore.wakes_on} == {
        *("inbound", "delivery", "mailbox", "notice", "checkup", "product_event", "write_once", "webhook_call", "kept_figures"),
    }


def test_what_comes_late_in_its_turn_is_claimed_from_then(
    support: Mailbox, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one before it took ten minutes, longer than a lease lasts: nobody else may take it for left behind."""
    inbound = support.receive(NORA.writes("Hello", "Hi"), at=at, via="smtp")
    seconds = iter([0.0, 600.0])
    monkeypatch.setattr(chores, "monotonic", lambda: next(seconds))
    leases: list[datetime | None] = []

    def file(row: InboundEmail, *_: object) -> None:
        row.refresh_from_db()
        leases.append(row.due_at)

    monkeypatch.setattr(InboundEmail, "file", file)
    chores.file_inbound_email(at)
    assert leases == [at + timedelta(minutes=10) + InboundEmail.LEASE]
    assert inbound.pk


def test_a_server_that_does_not_answer_is_asked_once_a_round(
    can_send: Mailbox, nora_cannot_sign_in: Conversation, kay: Teammate, post: Post, at: datetime
) -> None:
    """Its other replies wait for the next round, and those of another mailbox need not wait for all of them."""
    other = Mailbox.open(address="orders@touchline.example", name="Orders", at=at)
    other.be_reached({"smtp_host": "smtp.touchline.example"}, at=at)
    theirs = says(other, ILSE.writes("An order", "Where is it?", to="orders@touchline.example", at=at), at=at).conversation
    for words in ("One.", "Two.", "Three."):
        replies(nora_cannot_sign_in, words, by=kay, at=at)
    replies(theirs, "Here.", by=kay, at=at)
    post.answers = [NotNow("No answer.")]
    chores.send_deliveries(at + TIME_TO_TAKE_BACK)
    assert [reply.recipients for reply in post.sent] == [(NORA.address,), (ILSE.address,)]
    chores.send_deliveries(at + TIME_TO_TAKE_BACK)
    assert len(post.sent) == 4
