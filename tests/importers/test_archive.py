"""What becomes of an archive: closed conversations, with whom, and how they go on. Nora asks; Kay and old@ are the team."""

import random
from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from tests.cast import AT, NORA, SUPPORT, Writer, mail
from touchline.desk.archive import Archive, Report
from touchline.desk.models import (
    Address,
    Attachment,
    Blocker,
    Conversation,
    Delivery,
    InboundEmail,
    InboundKey,
    Mailbox,
    Message,
    MessageKey,
    OutcomeEvent,
    Participant,
    Person,
    Teammate,
)  # fmt: skip
from touchline.importers.found import Found

pytestmark = pytest.mark.django_db

THEN = AT - timedelta(days=1000)
KAY = Writer("Kay Doyle", "kay@touchline.example")
OLD = Writer("Old Hand", "old@touchline.example")
ILSE = Writer("Ilse Brandt", "ilse@garden.example")
TEAM = frozenset({KAY.address, OLD.address})


def wrote(
    writer: Writer, words: str, *, id: str, answers: str = "", days: float = 0, subject: str = "The lamp is dark", **more: Any
) -> bytes:
    return writer.writes(
        subject, words, message_id=f"{id}@m", answers=answers and f"{answers}@m", at=THEN + timedelta(days=days), **more
    )


def bring_in(support: Mailbox, *mails: bytes, dry_run: bool = False, team: frozenset[str] = TEAM, batch: int = 3) -> Report:
    found = [Found(raw, None, f"mail {number}") for number, raw in enumerate(mails, start=1)]
    archive = Archive(support, team=team, at=AT, dry_run=dry_run)
    for each in found:
        archive.plan(each)
    archive.look_around()
    for start in range(0, len(found), batch):
        archive.take(found[start : start + batch])
    report = archive.report
    assert report.read == report.new - report.again + report.here + report.repeats + sum(
        one.where != "an earlier import" for one in report.aside
    )
    return report


ASKED = wrote(NORA, "It went dark.", id="a")
ANSWERED = wrote(KAY, "Turn it round.", id="b", answers="a", days=1, to=NORA.address)
THANKED = wrote(NORA, "It shines.", id="c", answers="b", days=2)
ASIDE_ASKED = wrote(ILSE, "Mine is dark, too.", id="d", answers="a", days=1.5)
STORY = (ASKED, ANSWERED, THANKED, ASIDE_ASKED)


def pictured() -> object:
    """All there is of conversations, but for keys and numbers."""
    return sorted(
        (
            conversation.person.addresses.get().email,
            conversation.subject,
            conversation.started_at,
            conversation.closed_at,
            conversation.latest_words,
            conversation.latest().message_id,  # type: ignore[union-attr]
            [(each.kind, each.at, each.email, each.text, each.message_id) for each in conversation.messages.said()],
            sorted((each.email, each.joined_at, each.recipient_since) for each in conversation.participants.all()),
        )
        for conversation in Conversation.objects.all()
    )


def test_an_imported_conversation_is_closed_and_nobody_waits(support: Mailbox) -> None:
    report = bring_in(support, *STORY)
    conversation = Conversation.objects.get()
    assert (report.new, len(report.conversations), report.people) == (4, 1, 2)
    assert conversation.imported_at == AT
    assert conversation.closed_at == conversation.latest_at == THEN + timedelta(days=2)
    assert (conversation.waiting_since, conversation.came_back_at, conversation.assignee) == (None, None, None)
    assert (conversation.subject, conversation.started_at, conversation.latest_words) == ("The lamp is dark", THEN, "It shines.")
    assert not Blocker.objects.exists()
    assert not OutcomeEvent.objects.exists()
    assert not Delivery.objects.exists()


def test_the_mails_of_the_team_are_on_the_teams_side(support: Mailbox, kay: Teammate) -> None:
    bring_in(support, ASKED, ANSWERED, wrote(OLD, "Or dust it.", id="e", answers="a", days=3))
    asked, answered, dusted = Conversation.objects.get().messages.said()
    assert (asked.kind, asked.person, asked.teammate) == ("theirs", Person.objects.get(), None)
    assert (answered.kind, answered.person, answered.teammate, answered.by) == ("ours", None, kay, "Kay Doyle")
    assert (dusted.kind, dusted.teammate, dusted.email) == ("ours", None, OLD.address)


def test_every_mail_is_kept_byte_for_byte_and_leads_to_its_message(support: Mailbox) -> None:
    bring_in(support, *STORY)
    for inbound in InboundEmail.objects.select_related("message"):
        assert inbound.raw() in STORY
        assert (inbound.via, inbound.filed_at, inbound.due_at) == ("import", AT, None)
        assert inbound.message
        assert inbound.message.inbound == inbound
        assert inbound.message.pk >> 20 == inbound.message.at.timestamp() * 1000


def test_only_the_person_gets_what_we_write_and_the_others_are_shown(support: Mailbox) -> None:
    bring_in(support, *STORY)
    conversation = Conversation.objects.get()
    assert [each.email for each in conversation.participants.recipients()] == [NORA.address]
    assert [each.email for each in conversation.participants.only_shown()] == [ILSE.address]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_order_of_the_mails_does_not_matter(support: Mailbox, order: Sequence[int]) -> None:
    bring_in(support, *(STORY[place] for place in order), batch=1)
    assert pictured() == [
        (
            NORA.address,
            "The lamp is dark",
            THEN,
            THEN + timedelta(days=2),
            "It shines.",
            "c@m",
            [
                ("theirs", THEN, NORA.address, "It went dark.", "a@m"),
                ("ours", THEN + timedelta(days=1), KAY.address, "Turn it round.", "b@m"),
                ("theirs", THEN + timedelta(days=1.5), ILSE.address, "Mine is dark, too.", "d@m"),
                ("theirs", THEN + timedelta(days=2), NORA.address, "It shines.", "c@m"),
            ],
            [(ILSE.address, THEN + timedelta(days=1.5), None), (NORA.address, THEN, THEN)],
        )
    ]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_nor_does_it_matter_if_each_comes_in_an_import_of_its_own(support: Mailbox, order: Sequence[int]) -> None:
    bring_in(support, *STORY)
    at_once = pictured()
    forget_everything()
    for place in order:
        bring_in(support, STORY[place])
    assert pictured() == at_once


def test_taking_in_the_same_again_changes_nothing(support: Mailbox) -> None:
    bring_in(support, *STORY)
    before = pictured(), counts()
    report = bring_in(support, *STORY)
    assert (report.new, report.here) == (0, 4)
    assert (pictured(), counts()) == before


def test_any_part_first_and_then_all_of_it_is_as_all_of_it_at_once(support: Mailbox) -> None:
    bring_in(support, *STORY)
    at_once = pictured()
    chance = random.Random(7)
    for _time in range(8):
        forget_everything()
        bring_in(support, *chance.sample(STORY, chance.randint(1, 3)))
        bring_in(support, *STORY)
        assert pictured() == at_once


def test_a_dry_run_says_the_same_and_keeps_nothing(support: Mailbox) -> None:
    mails = (*STORY, ASKED, wrote(NORA, "Other words.", id="a"), wrote(KAY, "Note to self.", id="f", subject="Self"))
    before = counts()
    said = bring_in(support, *mails, dry_run=True, batch=2)
    assert counts() == before
    did = bring_in(support, *mails, batch=2)
    numbers = [(each.new, each.repeats, each.beside, each.people, len(each.conversations), each.aside) for each in (said, did)]
    assert numbers[0] == numbers[1]
    assert numbers[0][:5] == (5, 1, 1, 2, 1)


def test_a_repeat_counts_once_and_its_bytes_are_kept(support: Mailbox) -> None:
    other_road = b"Received: by another road\r\n" + ASKED
    report = bring_in(support, ASKED, ASKED, other_road)
    assert (report.new, report.repeats) == (1, 2)
    assert {inbound.raw() for inbound in InboundEmail.objects.all()} == {ASKED, other_road}
    assert [inbound.message for inbound in InboundEmail.objects.all()] == [Message.objects.get()] * 2


@pytest.mark.parametrize("batch", [1, 5])
def test_the_same_id_with_other_words_is_kept_beside_the_first_with_a_note(support: Mailbox, batch: int) -> None:
    other = wrote(NORA, "Something else.", id="a", days=1)
    report = bring_in(support, ASKED, other, b"X-Road: two\r\n" + other, ANSWERED, batch=batch)
    first, second, _third = Conversation.objects.get().messages.said()
    assert (report.new, report.beside, report.repeats) == (3, 1, 1)
    assert not first.because.startswith("Another mail")
    assert second.because.startswith("Another mail with the same Message-ID and other words came before; both are kept.")
    assert MessageKey.find("a@m", support) == first


def test_the_same_subject_alone_joins_nothing(support: Mailbox) -> None:
    report = bring_in(support, ASKED, wrote(ILSE, "Dark here.", id="x"), wrote(NORA, "Dark again.", id="y", days=1))
    assert len(report.conversations) == Conversation.objects.count() == 3


def test_replies_to_a_mail_that_never_came_belong_together_and_it_joins_them_when_it_comes(support: Mailbox) -> None:
    bring_in(support, wrote(NORA, "One.", id="x", answers="missing", days=1))
    bring_in(support, wrote(ILSE, "Two.", id="y", answers="missing", days=2))
    assert Conversation.objects.count() == 1
    assert MessageKey.find("missing@m", support) is None
    bring_in(support, wrote(NORA, "Zero.", id="missing"))
    conversation = Conversation.objects.get()
    assert [each.text for each in conversation.messages.said()] == ["Zero.", "One.", "Two."]
    assert MessageKey.find("missing@m", support) == conversation.messages.said()[0]


def test_two_conversations_become_one_when_a_mail_connects_them(support: Mailbox) -> None:
    asked, answered = wrote(NORA, "One.", id="x"), wrote(KAY, "Two.", id="z", answers="y", days=2, to=NORA.address)
    link = wrote(ILSE, "Between.", id="y", answers="x", days=1)
    bring_in(support, asked, answered, link)
    at_once = pictured()
    forget_everything()
    bring_in(support, asked)
    bring_in(support, answered)
    assert Conversation.objects.count() == 2
    bring_in(support, link)
    assert pictured() == at_once


def test_one_on_which_somebody_works_is_left_as_it_is(support: Mailbox, kay: Teammate) -> None:
    bring_in(support, THANKED)
    support.receive(wrote(NORA, "Dark again.", id="live", answers="c"), at=AT, via="smtp").file(AT)
    before = Conversation.objects.get()
    bring_in(support, ASKED, ANSWERED)
    after = Conversation.objects.get()
    assert after.messages.count() == 4
    for name in ("waiting_since", "closed_at", "latest_message", "latest_at", "latest_words", "started_at", "person"):
        assert getattr(after, name) == getattr(before, name)


def test_what_only_the_team_wrote_is_about_whom_it_was_written_to(support: Mailbox) -> None:
    report = bring_in(
        support, wrote(KAY, "How is the lamp?", id="k", to=f"{SUPPORT}, Tomás <tomas@harbour.example>", cc=ILSE.address)
    )
    conversation = Conversation.objects.get()
    assert (report.people, str(conversation.person)) == (1, "Tomás")
    assert [each.email for each in conversation.participants.recipients()] == ["tomas@harbour.example"]


def test_what_the_team_wrote_to_itself_is_set_aside_until_the_parent_comes(support: Mailbox) -> None:
    report = bring_in(support, wrote(KAY, "Turn it round.", id="b", answers="a", days=1))
    assert report.new == 0
    assert [(one.where, one.sender) for one in report.aside] == [("mail 1", "Kay Doyle <kay@touchline.example>")]
    assert "nobody but itself" in report.aside[0].because
    inbound = InboundEmail.objects.set_aside().get()
    assert inbound.trouble == report.aside[0].because
    report = bring_in(support, ASKED)
    assert (report.read, report.new, report.again, report.aside) == (1, 2, 1, [])
    inbound.refresh_from_db()
    assert (inbound.trouble, inbound.message) == ("", Conversation.objects.get().messages.get(kind="ours"))


def test_a_machine_is_set_aside_alone_and_shown_with_people(support: Mailbox) -> None:
    away: dict[str, Any] = {"headers": {"Auto-Submitted": "auto-replied"}}
    report = bring_in(
        support,
        ASKED,
        ANSWERED,
        wrote(ILSE, "I am away.", id="e", answers="b", days=3, **away),
        wrote(ILSE, "I am away.", id="f", **away),
    )
    assert [one.where for one in report.aside] == ["mail 4"]
    assert Message.objects.get(message_id="e@m").automatic == "auto_reply"
    assert not Address.objects.filter(email=ILSE.address).exists()


def test_a_mail_without_a_writer_is_set_aside(support: Mailbox) -> None:
    report = bring_in(support, b"Subject: hm\n\nWho am I?\n")
    assert [one.because for one in report.aside] == ["We could not tell who wrote this."]
    assert InboundEmail.objects.set_aside().get().raw() == b"Subject: hm\n\nWho am I?\n"


def test_attachments_come_along(support: Mailbox) -> None:
    bring_in(support, wrote(NORA, "See.", id="p", attached={"lamp.bin": b"\x00lamp", "list.bin": b"list"}))
    assert [(one.name, one.size, one.message) for one in Attachment.objects.order_by("id")] == [
        ("lamp.bin", 5, Message.objects.get()),
        ("list.bin", 4, Message.objects.get()),
    ]


def test_a_date_in_the_future_is_not_believed(support: Mailbox) -> None:
    raw = NORA.writes("Late", "Hello.", at=AT + timedelta(days=500), message_id="late@m")
    archive = Archive(support, team=TEAM, at=AT)
    found = Found(raw, THEN, "mail 1")
    archive.plan(found)
    archive.look_around()
    archive.take([found])
    assert Message.objects.get().at == THEN


def test_a_person_keeps_one_history(support: Mailbox, nora_cannot_sign_in: Conversation) -> None:
    report = bring_in(support, *STORY)
    nora = nora_cannot_sign_in.person
    nora.refresh_from_db()
    assert report.people == 1
    assert nora.conversations.count() == 2
    assert (nora.first_heard_at, nora.last_heard_at) == (THEN, AT)


def test_the_next_mail_opens_an_imported_conversation_and_raises_a_blocker(support: Mailbox) -> None:
    bring_in(support, *STORY)
    raw = mail(NORA.from_, "Re: The lamp is dark", "Dark again.", answers="b@m", at=AT)
    message = support.receive(raw, at=AT, via="smtp").file(AT)
    conversation = Conversation.objects.get()
    assert message
    assert message.conversation == conversation
    assert (conversation.closed_at, conversation.waiting_since) == (None, AT)
    assert conversation.blocker
    assert conversation.blocker.raised_at == AT
    assert [event.kind for event in OutcomeEvent.objects.all()] == ["raised"]


def test_the_parent_of_a_live_mail_joins_it_when_an_archive_brings_it(support: Mailbox) -> None:
    message = support.receive(wrote(NORA, "Still dark.", id="live", answers="b"), at=AT, via="smtp").file(AT)
    assert message
    bring_in(support, ASKED, ANSWERED)
    conversation = Conversation.objects.get()
    assert [each.text for each in conversation.messages.said()] == ["It went dark.", "Turn it round.", "Still dark."]
    assert (conversation.waiting_since, conversation.latest_message, conversation.imported_at) == (AT, message.pk, None)
    assert conversation.latest() == message


def test_a_mail_that_comes_live_after_its_answer_joins_it_if_its_writer_takes_part(support: Mailbox) -> None:
    answer = mail(
        ILSE.from_, "Re: The lamp is dark", "Mine, too.", to=f"{SUPPORT}, {NORA.from_}", answers="late@m", message_id="early@m"
    )
    first = support.receive(answer, at=AT, via="smtp").file(AT)
    late = support.receive(NORA.writes("The lamp is dark", "It went dark.", message_id="late@m"), at=AT, via="smtp").file(AT)
    assert first and late
    assert late.conversation == first.conversation
    assert late.because == "A message of this conversation answers it, and came before it."


def test_a_stranger_whose_id_is_spoken_of_starts_a_conversation_of_their_own(support: Mailbox) -> None:
    answer = mail(ILSE.from_, "Re: The lamp is dark", "Mine, too.", answers="late@m", message_id="early@m")
    first = support.receive(answer, at=AT, via="smtp").file(AT)
    late = support.receive(NORA.writes("The lamp is dark", "It went dark.", message_id="late@m"), at=AT, via="smtp").file(AT)
    assert first and late
    assert late.conversation != first.conversation


def forget_everything() -> None:
    InboundEmail.objects.update(message=None)
    nouns: tuple[Any, ...] = (
        MessageKey,
        InboundKey,
        Participant,
        Attachment,
        Message,
        InboundEmail,
        Conversation,
        Address,
        Person,
    )
    for noun in nouns:
        noun.objects.all().delete()


def counts() -> list[int]:
    nouns = (Address, Attachment, Conversation, InboundEmail, Message, MessageKey, Participant, Person)
    return [noun.objects.count() for noun in nouns]
