"""It comes in and is understood: kept once, filed once, set aside with the reason, read again."""

import errno
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.cast import ILSE, NORA, SUPPORT, Post, Writer, arrives, bounce, mail, says
from touchline.channels import NotNow
from touchline.desk import files
from touchline.desk.models import Blocker, Conversation, InboundEmail, Mailbox, Message, Notice, Person

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def test_what_comes_in_is_kept_byte_for_byte_and_is_due(support: Mailbox, at: datetime) -> None:
    raw = b"From: nora@bakery.example\nSubject: odd \xff line ends\r\n\n\x00\xfe"
    inbound = support.receive(raw, at=at, via="pipe", mail_from="nora@bakery.example", recipient=SUPPORT)
    assert inbound.raw() == raw and inbound.size == len(raw)
    assert list(InboundEmail.objects.due(at)) == [inbound]
    assert (inbound.received_at, inbound.filed_at) == (at, None)


def test_the_same_bytes_twice_are_one(support: Mailbox, at: datetime) -> None:
    raw = NORA.writes("Hello", "Hi")
    first = support.receive(raw, at=at, via="smtp")
    first.file(at)
    again = support.receive(raw, at=at + MINUTE, via="imap")
    assert again == first and again.received_at == at
    assert InboundEmail.objects.count() == Message.objects.count() == 1
    assert not InboundEmail.objects.due(at + MINUTE).exists()


def test_each_mailbox_has_its_own(support: Mailbox, at: datetime) -> None:
    sales = Mailbox.open(address="sales@touchline.example", name="Sales", at=at)
    raw = NORA.writes("Hello", "Hi")
    assert support.receive(raw, at=at, via="smtp") != sales.receive(raw, at=at, via="smtp")


def test_on_a_full_disk_nothing_is_taken(support: Mailbox, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(data: bytes) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "keep", full)
    with pytest.raises(OSError, match="No space left"):
        support.receive(NORA.writes("Hello", "Hi"), at=at, via="smtp")
    assert not InboundEmail.objects.exists()


@pytest.mark.parametrize(
    ("address", "reached"),
    [
        (SUPPORT, True),
        (" Support@Touchline.Example ", True),
        ("support+tl-abc@touchline.example", True),
        ("sup+port@touchline.example", False),
        ("+@touchline.example", False),
        ("support@elsewhere.example", False),
        ("support", False),
        ("", False),
    ],
)
def test_which_addresses_reach_a_mailbox(support: Mailbox, address: str, reached: bool) -> None:
    assert (Mailbox.objects.reached_by(address) == support) is reached


def test_a_closed_mailbox_is_not_reached(support: Mailbox, at: datetime) -> None:
    support.closed_at = at
    support.save()
    assert Mailbox.objects.reached_by(SUPPORT) is None


# Filing


def test_a_person_who_writes_starts_a_conversation_and_raises_a_blocker(nora_cannot_sign_in: Conversation, at: datetime) -> None:
    blocker = nora_cannot_sign_in.blocker
    assert blocker and (blocker.words, blocker.person.name, blocker.raised_at) == ("I can’t sign in", "Nora Adeyemi", at)
    assert [(event.kind, event.at, event.person) for event in blocker.outcome_events.all()] == [("raised", at, blocker.person)]
    assert (nora_cannot_sign_in.subject, nora_cannot_sign_in.number) == ("I can’t sign in", 1)
    assert list(Conversation.objects.waiting()) == [nora_cannot_sign_in]


def test_what_is_true_of_a_mail_dates_from_its_arrival_not_from_its_date_header(support: Mailbox, at: datetime) -> None:
    message = arrives(support, NORA.writes("Hello", "Hi", at=at - timedelta(days=400)), at=at)
    assert message
    assert message.at == message.conversation.waiting_since == message.conversation.started_at == at


def test_filing_twice_is_filing_once(support: Mailbox, at: datetime) -> None:
    inbound = support.receive(NORA.writes("Hello", "Hi"), at=at, via="smtp")
    twin = InboundEmail.objects.get(pk=inbound.pk)  # in the hand of a worker whose lease ran out
    assert inbound.file(at) == twin.file(at + MINUTE)
    assert Message.objects.count() == Blocker.objects.count() == 1
    twin.refresh_from_db()
    assert (twin.filed_at, twin.due_at) == (at, None)


def test_one_mail_by_two_roads_is_one_message(support: Mailbox, at: datetime) -> None:
    raw = NORA.writes("Hello", "Hi there")
    first = arrives(support, raw, at=at)
    second = arrives(support, b"Received: by another road\r\n" + raw, at=at + MINUTE)
    assert first == second
    assert InboundEmail.objects.filter(message=first).count() == 2
    assert Message.objects.count() == Blocker.objects.count() == 1


def test_the_same_id_with_other_words_is_kept_beside_the_first_with_a_note(support: Mailbox, at: datetime) -> None:
    first = says(support, NORA.writes("Hello", "Hi there", message_id="1@bakery.example"), at=at)
    second = says(support, NORA.writes("Hello", "Something quite different", message_id="1@bakery.example"), at=at + MINUTE)
    assert first != second
    assert "same Message-ID" in second.because and "same Message-ID" not in first.because
    assert (first.text, second.text) == ("Hi there", "Something quite different")


def test_files_come_along(support: Mailbox, at: datetime) -> None:
    message = says(
        support, NORA.writes("Look", "The picture.", attached={"screen.bin": b"\x89pic", "notes.bin": b"words"}), at=at
    )
    assert [(a.name, files.read(a.digest), a.conversation) for a in message.attachments.order_by("id")] == [
        ("screen.bin", b"\x89pic", message.conversation),
        ("notes.bin", b"words", message.conversation),
    ]


def test_two_people_who_write_at_once_have_numbers_of_their_own(support: Mailbox, at: datetime) -> None:
    numbers = [says(support, who.writes("Hello", "Hi"), at=at).conversation.number for who in (NORA, ILSE)]
    assert numbers == [1, 2]


def test_a_person_is_known_again_whatever_the_case_of_their_address(support: Mailbox, at: datetime) -> None:
    says(support, mail("nora@BAKERY.example", "One", "Hi"), at=at)
    says(support, NORA.writes("Two", "Hi"), at=at + MINUTE)
    nora = Person.objects.get()
    assert (nora.name, nora.first_heard_at, nora.last_heard_at) == ("Nora Adeyemi", at, at + MINUTE)


def test_a_mail_to_a_crowd_does_not_make_all_of_them_recipients(support: Mailbox, at: datetime) -> None:
    crowd = ", ".join(f"someone{n}@crowd.example" for n in range(400))
    message = says(support, NORA.writes("Hello all", "Hi", cc=crowd), at=at)
    assert message.conversation.participants.count() == 1 + Conversation.MOST_COPIED - 1  # Nora, and of those named one is us


def test_a_subject_that_names_a_monstrous_number_does_no_harm(support: Mailbox, at: datetime) -> None:
    assert arrives(support, NORA.writes(f"Re: it [TL-{'9' * 40}]", "Hi"), at=at)


def test_mails_of_one_moment_are_filed_in_the_order_in_which_they_came(support: Mailbox, at: datetime) -> None:
    raws = [NORA.writes(f"Mail {n}", "Hi") for n in range(20)]
    for raw in raws:
        support.receive(raw, at=at, via="imap")
    assert [inbound.raw() for inbound in InboundEmail.objects.due(at)] == raws


# Set aside


def test_a_mail_from_one_of_our_own_addresses_is_set_aside(support: Mailbox, at: datetime) -> None:
    for own in (SUPPORT, SUPPORT.upper(), "support+tl-x@touchline.example"):
        assert arrives(support, mail(own, "Hello", f"from {own}"), at=at) is None
    assert {inbound.trouble for inbound in InboundEmail.objects.set_aside()} == {"It came from one of our own addresses."}
    assert InboundEmail.objects.set_aside().count() == 3
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\xfe" * 100, b"Subject: no sender\r\n\r\nWho am I?\r\n", b"From: <>\r\n\r\nHi"])
def test_what_nobody_is_known_to_have_written_is_set_aside_with_a_reason(support: Mailbox, at: datetime, raw: bytes) -> None:
    inbound = support.receive(raw, at=at, via="smtp")
    assert inbound.file(at) is None
    assert list(InboundEmail.objects.set_aside()) == [inbound]
    assert inbound.trouble and inbound.due_at is None and inbound.filed_at == at


def test_what_was_set_aside_can_be_said_to_be_of_a_person(support: Mailbox, at: datetime) -> None:
    raw = NORA.writes("Re: Hello", "I am away", headers={"Auto-Submitted": "auto-replied"})
    inbound = support.receive(raw, at=at, via="smtp")
    assert inbound.file(at) is None and inbound.trouble
    message = inbound.file(at + MINUTE, by_a_person=True)
    assert message and message.conversation.waiting_since == at
    assert not InboundEmail.objects.set_aside().exists()
    assert inbound.trouble == ""


def test_what_was_dismissed_is_kept_and_not_listed(support: Mailbox, at: datetime) -> None:
    inbound = support.receive(mail(SUPPORT, "Hello", "me"), at=at, via="smtp")
    inbound.file(at)
    inbound.dismiss(at)
    assert not InboundEmail.objects.set_aside().exists()
    assert inbound.raw()


def test_what_defeats_us_is_shown_tried_again_and_read_after_an_upgrade(support: Mailbox, at: datetime) -> None:
    inbound = support.receive(NORA.writes("Hello", "Hi"), at=at, via="smtp")
    now = at
    for _ in range(InboundEmail.TRIES):
        assert inbound.due_at == now
        inbound.could_not("Something went wrong on our side.", now)
        assert list(InboundEmail.objects.set_aside()) == [inbound]
        now = inbound.due_at or now
    assert inbound.due_at is None  # no more by itself
    assert inbound.file(now)
    assert not InboundEmail.objects.set_aside().exists()


def test_an_unreadable_mail_is_set_aside_with_what_is_wrong_and_can_be_read_again(
    support: Mailbox, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from touchline.desk.models import inbound_filing as module

    understand = module.understand
    inbound = support.receive(NORA.writes("Hello", "Hi"), at=at, via="smtp")
    with monkeypatch.context() as older:
        older.setattr(module, "understand", lambda raw: replace(understand(raw), unread="This mail could not be taken apart."))
        assert inbound.file(at) is None
    assert inbound.trouble == "This mail could not be taken apart."
    assert inbound.file(at + MINUTE)


# Machines


AUTOMATIC = {"Auto-Submitted": "auto-replied"}


def test_a_machine_alone_starts_no_conversation(support: Mailbox, at: datetime) -> None:
    assert arrives(support, NORA.writes("Out of office", "I am away.", headers=AUTOMATIC), at=at) is None
    assert not Conversation.objects.exists() and not Blocker.objects.exists() and not Person.objects.exists()


def test_a_machine_is_shown_where_it_answers_and_changes_nothing(
    nora_cannot_sign_in: Conversation, kay: Any, support: Mailbox, at: datetime
) -> None:
    asked = nora_cannot_sign_in.latest()
    nora_cannot_sign_in.nothing_to_answer(by=kay, at=at)
    message = says(support, NORA.writes("Out of office", "I am away.", answers=asked, headers=AUTOMATIC), at=at + MINUTE)
    assert message.conversation == nora_cannot_sign_in
    assert message.automatic == "auto_reply" and message.person is None
    nora_cannot_sign_in.refresh_from_db()
    assert nora_cannot_sign_in.closed_at == at and nora_cannot_sign_in.waiting_since is None
    assert Blocker.objects.count() == 1


def test_a_bounce_that_names_nothing_of_ours_is_set_aside(support: Mailbox, at: datetime) -> None:
    assert arrives(support, bounce("x@y.example", original_id="theirs@y.example"), at=at) is None
    assert InboundEmail.objects.set_aside().get().trouble


# Fetching


@pytest.fixture
def fetched(support: Mailbox, post: Post, at: datetime) -> Mailbox:
    support.be_reached({"imap_host": "imap.touchline.example"}, at=at)
    return support


def test_what_waits_is_kept_before_we_say_so(
    fetched: Mailbox, post: Post, at: datetime, nora: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.waiting = [nora.writes("One", "Hi"), nora.writes("Two", "Hi")]
    assert list(Mailbox.objects.due(at)) == [fetched]
    assert fetched.fetch(at) == 2
    assert post.seen == post.waiting
    assert [inbound.raw() for inbound in InboundEmail.objects.order_by("id")] == post.waiting
    assert (fetched.imap_mark, fetched.fetched_at, fetched.due_at) == ("2", at, at + Mailbox.FETCH_EVERY)
    assert fetched.fetch(at + MINUTE) == 0


def test_what_cannot_be_kept_stays_unseen_out_there(
    fetched: Mailbox, post: Post, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(data: bytes) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    post.waiting = [NORA.writes("One", "Hi")]
    monkeypatch.setattr(files, "keep", full)
    with pytest.raises(OSError, match="No space left"):
        fetched.fetch(at)
    assert post.seen == []
    fetched.refresh_from_db()
    assert fetched.imap_mark == ""


def test_a_line_that_breaks_is_told_and_what_came_before_is_kept(fetched: Mailbox, post: Post, at: datetime) -> None:
    post.waiting = [NORA.writes("One", "Hi")]
    post.breaks_after = NotNow("The server hung up.")
    assert fetched.fetch(at) == 1
    fetched.refresh_from_db()
    assert (fetched.trouble, fetched.imap_mark, fetched.tries) == ("The server hung up.", "1", 1)
    assert list(Mailbox.objects.in_trouble()) == [fetched]
    pauses = [fetched.due_at]
    for _ in range(3):
        fetched.fetch(at)
        pauses.append(fetched.due_at)
    assert pauses == sorted(pauses) and pauses[0] != pauses[-1]
    post.breaks_after = None
    assert fetched.fetch(at) == 0
    assert (fetched.trouble, fetched.tries) == ("", 0)


def test_a_notice_that_had_no_way_out_leaves_once_there_is_one(support: Mailbox, post: Post, at: datetime) -> None:
    notice = Notice.write("sam@touchline.example", "A link", "Here it is.", at=at)
    notice.send(at)
    assert (notice.due_at, notice.trouble) == (None, "No mailbox can send yet.")
    support.be_reached({"smtp_host": "smtp.touchline.example"}, at=at + MINUTE)
    Notice.objects.due(at + MINUTE).get().send(at + MINUTE)
    assert [reply.recipients for reply in post.sent] == [("sam@touchline.example",)]
    notice.refresh_from_db()
    assert notice.sent_at == at + MINUTE and notice.text == ""


def test_a_notice_of_yesterday_is_not_sent_late(support: Mailbox, post: Post, at: datetime) -> None:
    Notice.write("sam@touchline.example", "A link", "Here it is.", at=at).send(at)
    support.be_reached({"smtp_host": "smtp.touchline.example"}, at=at + 25 * 60 * MINUTE)
    assert not Notice.objects.due(at + 26 * 60 * MINUTE).exists()
