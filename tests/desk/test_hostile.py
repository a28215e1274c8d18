"""A stranger who knows us well: whom we help, what about, and how a mail is forged. What they get is to be read, and no more."""

from datetime import datetime, timedelta

import pytest

from tests.cast import ILSE, NORA, SUPPORT, Writer, arrives, bounce, says, sent
from touchline.core.mail.email import Correspondent
from touchline.desk.models import Address, Conversation, Delivery, Mailbox, Message, Participant, Person, Teammate

MINUTE = timedelta(minutes=1)
THIEF = Writer("Nora Adeyemi", "nora@thief.example")


def recipients(conversation: Conversation) -> list[str]:
    who = Conversation.objects.get(pk=conversation.pk).recipients()
    return [one.address for one in (*who.to, *who.cc)]


def reached(delivery: Delivery, at: datetime) -> Delivery:
    delivery.sent_at = at
    delivery.save(update_fields=["sent_at"])
    return delivery


@pytest.mark.parametrize("subject", ["Re: I can’t sign in", "Anything [TL-{number}]"])
def test_whoever_forges_noras_address_does_not_get_her_answers_by_reply_to(
    subject: str, nora_cannot_sign_in: Conversation, support: Mailbox, at: datetime
) -> None:
    """Neither her address nor the subject is a secret; a mail with both lands beside her conversation and not in it."""
    subject = subject.format(number=nora_cannot_sign_in.number)
    forged = NORA.writes(subject, "Please send it here.", headers={"Reply-To": THIEF.from_}, at=at + MINUTE)
    message = says(support, forged, at=at + MINUTE)
    assert message.conversation != nora_cannot_sign_in
    assert recipients(nora_cannot_sign_in) == [NORA.address]


@pytest.mark.parametrize("subject", ["Re: I can’t sign in", "Anything [TL-{number}]"])
def test_whoever_forges_noras_address_copies_nobody_in(
    subject: str, nora_cannot_sign_in: Conversation, support: Mailbox, at: datetime
) -> None:
    subject = subject.format(number=nora_cannot_sign_in.number)
    forged = NORA.writes(subject, "My colleague helps me.", cc=THIEF.from_, at=at + MINUTE)
    message = says(support, forged, at=at + MINUTE)
    assert message.conversation == nora_cannot_sign_in
    assert recipients(nora_cannot_sign_in) == [NORA.address]
    assert [one.email for one in Participant.objects.only_shown()] == [THIEF.address]


def test_nora_herself_copies_a_colleague_in_by_an_answer(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    ours = sent(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    answer = NORA.writes("Re: I can’t sign in", "Ilse can try.", answers=ours, cc=ILSE.from_, at=at + MINUTE)
    says(support, answer, at=at + MINUTE)
    assert recipients(nora_cannot_sign_in) == [NORA.address, ILSE.address]


def test_a_form_that_writes_for_many_keeps_their_conversations_apart(support: Mailbox, at: datetime) -> None:
    """One sender and one subject, and each time somebody else to answer."""
    form = Writer("Contact form", "form@shop.example")
    first = says(support, form.writes("A message", "Hello.", headers={"Reply-To": NORA.from_}, at=at), at=at)
    second = says(support, form.writes("A message", "Good day.", headers={"Reply-To": ILSE.from_}, at=at), at=at + MINUTE)
    assert first.conversation != second.conversation
    assert (recipients(first.conversation), recipients(second.conversation)) == ([NORA.address], [ILSE.address])


def test_a_forged_report_does_not_make_a_delivery_look_failed(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    """In Nora's name, under her subject, with the header in which old servers named whom they could not reach."""
    ours = sent(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    assert ours.delivery
    reached(ours.delivery, at)
    headers = {"X-Failed-Recipients": NORA.address}
    forged = NORA.writes("Re: I can’t sign in", "550 5.1.1 No mailbox here by that name", headers=headers, at=at + MINUTE)
    arrives(support, forged, at=at + MINUTE)
    ours.delivery.refresh_from_db()
    assert ours.delivery.refused == {}
    assert Address.objects.get(email=NORA.address).cannot_be_reached_at is None
    assert Conversation.objects.get(pk=nora_cannot_sign_in.pk).waiting_since is None


def test_a_report_about_a_mail_that_was_not_ours_gets_into_no_conversation(
    nora_cannot_sign_in: Conversation, support: Mailbox, at: datetime
) -> None:
    """The id of Nora's own mail is known to whomever she copied."""
    hers = nora_cannot_sign_in.latest()
    assert hers
    assert arrives(support, bounce(NORA.address, original_id=hers.message_id), at=at + MINUTE) is None
    assert Message.objects.filter(conversation=nora_cannot_sign_in).count() == 1


@pytest.mark.parametrize("turn", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_no_name_turns_the_address_beside_it_the_other_way_round(turn: str, support: Mailbox, at: datetime) -> None:
    """`moc.elpmaxe.yrekab@aron` after a right-to-left override reads as Nora's address."""
    message = says(support, Writer(f"Nora {turn}", THIEF.address).writes(f"Help {turn}me", "Hello.", at=at), at=at)
    assert message.name == "Nora" and message.subject == "Help me"
    assert message.addressed["from"] == [["Nora", THIEF.address]]


def test_a_name_without_end_leaves_room_for_the_address(support: Mailbox, at: datetime) -> None:
    raw = mail_with_name("N" * 100_000)
    message = says(support, raw, at=at)
    assert len(message.addressed["from"][0][0]) == 200


def mail_with_name(name: str) -> bytes:
    head = f'From: "{name}" <{NORA.address}>\r\nReply-To: "{name}" <{NORA.address}>\r\nTo: {SUPPORT}\r\nSubject: Hello\r\n\r\nHello\r\n'
    return head.encode()


def test_letters_that_look_alike_in_capitals_are_another_person(support: Mailbox, at: datetime) -> None:
    sam = Person.who_writes(Correspondent("Sam", "sam@harbour.example"), at)
    assert Person.who_writes(Correspondent("Sam", "\N{LATIN SMALL LETTER LONG S}am@harbour.example"), at) != sam
    assert Person.who_writes(Correspondent("Sam", "sam@harbour.example"), at) == sam
