"""Who gets what we write, held against the bytes that leave: To and Cc in the mail, Bcc in the envelope alone, from the address written to."""

from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from tests.cast import ILSE, NORA, SUPPORT, TIME_TO_TAKE_BACK, TOMAS, Post, Writer, bounce, says, sent
from touchline.channels import Never, Refused, Reply
from touchline.core.mail.email import Correspondent
from touchline.core.mail.recipients import Chosen, Mode, Why
from touchline.core.mail.signing import conversation_of_address
from touchline.core.mail.understand import understand
from touchline.desk.keys import signing_keys
from touchline.desk.models import Activity, Address, Alias, Conversation, Delivery, Draft, Mailbox, Message, Teammate, Words
from touchline.desk.models.conversation_forwarding import NothingToSendAgain, OnlyForUs
from touchline.desk.models.conversation_writing import NobodyToWriteTo, OthersGetIt

MINUTE = timedelta(minutes=1)
COURIER = Writer("Cora at the courier", "cora@courier.example")


def now(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def people(*writers: Writer) -> tuple[Correspondent, ...]:
    return tuple(Correspondent(each.name, each.address) for each in writers)


def answers(
    conversation: Conversation, *, by: Teammate, at: datetime, to: Chosen | None = None, draft: Draft | None = None
) -> Message:
    opened = now(conversation)
    return opened.reply(Words.plain("Try this."), by=by, at=at, seen=opened.latest(), to=to, draft=draft)


def leaves(message: Message, at: datetime) -> None:
    """The time to take it back goes by, and it is sent."""
    delivery = message.delivery
    assert delivery and delivery.release(at + TIME_TO_TAKE_BACK)
    delivery.send(at + TIME_TO_TAKE_BACK)


def read(reply: Reply) -> EmailMessage:
    return message_from_bytes(reply.raw, policy=default)


# From the address they wrote to


@pytest.fixture
def hello(can_send: Mailbox) -> Alias:
    return Alias.add(can_send, "Hello@touchline.example")


@pytest.mark.parametrize(
    "to", ["hello@touchline.example", "HELLO+shop@Touchline.example", "ilse@garden.example, hello@touchline.example"]
)
def test_who_wrote_to_an_alias_is_answered_from_it(hello: Alias, post: Post, kay: Teammate, at: datetime, to: str) -> None:
    mailbox = Mailbox.objects.reached_by("hello@touchline.example")
    assert mailbox == hello.mailbox
    opened = says(mailbox, NORA.writes("The code", "It asks for one.", to=to, at=at), at=at).conversation
    message = answers(opened, by=kay, at=at)
    leaves(message, at)
    mail = read(post.sent[0])
    assert mail["From"] == "Kay Doyle <hello@touchline.example>"
    assert "hello@" not in str(mail["To"]) + str(mail["Cc"])
    assert message.sent_from == "hello@touchline.example"
    assert post.sent[0].envelope_from == SUPPORT  # bounces come to the mailbox itself


def test_who_wrote_to_the_mailbox_is_answered_from_it(
    nora_cannot_sign_in: Conversation, hello: Alias, kay: Teammate, at: datetime
) -> None:
    assert answers(nora_cannot_sign_in, by=kay, at=at).sent_from == ""


def test_an_alias_is_one_of_ours_and_nobody_we_help(hello: Alias, at: datetime) -> None:
    inbound = hello.mailbox.receive(Writer("", "hello@touchline.example").writes("Loop", "Words", at=at), at=at, via="smtp")
    assert inbound.file(at) is None


def test_a_second_mailbox_that_was_copied_answers_for_itself(can_send: Mailbox, post: Post, kay: Teammate, at: datetime) -> None:
    billing = Mailbox.open(address="billing@touchline.example", name="Billing", at=at)
    billing.be_reached({"smtp_host": "smtp.touchline.example"}, at=at)
    mail = NORA.writes("The invoice", "Hello", to=ILSE.from_, cc="billing@touchline.example", at=at)
    message = answers(says(billing, mail, at=at).conversation, by=kay, at=at)
    leaves(message, at)
    assert read(post.sent[0])["From"] == "Kay Doyle <billing@touchline.example>"


def test_the_mailbox_that_was_written_to_sends_what_came_in_by_another(can_send: Mailbox, kay: Teammate, at: datetime) -> None:
    billing = Mailbox.open(address="billing@touchline.example", name="Billing", at=at)
    opened = says(can_send, NORA.writes("The invoice", "Hello", to="billing@touchline.example", at=at), at=at).conversation
    message = answers(opened, by=kay, at=at)
    assert message.delivery and message.delivery.mailbox == billing
    assert message.addressed["from"] == [["Kay Doyle", "billing@touchline.example"]]


# Signed reply addresses


def test_answers_are_asked_for_at_a_signed_address_once_such_a_one_was_seen_to_arrive(
    nora_cannot_sign_in: Conversation, can_send: Mailbox, post: Post, kay: Teammate, at: datetime
) -> None:
    leaves(answers(nora_cannot_sign_in, by=kay, at=at), at)
    assert read(post.sent[0])["Reply-To"] is None
    Mailbox.objects.update(tags_arrive_at=at)
    leaves(answers(nora_cannot_sign_in, by=kay, at=at + MINUTE), at + MINUTE)
    reply_to = str(read(post.sent[1])["Reply-To"])
    assert reply_to.startswith("support+tl-")
    assert conversation_of_address(reply_to, keys=signing_keys()) == nora_cannot_sign_in.pk
    assert Mailbox.objects.reached_by(reply_to) == can_send


def test_not_from_an_alias_nor_where_the_name_is_too_long(hello: Alias, post: Post, kay: Teammate, at: datetime) -> None:
    Mailbox.objects.update(tags_arrive_at=at)
    opened = says(hello.mailbox, NORA.writes("The code", "Hello", to="hello@touchline.example", at=at), at=at).conversation
    assert "reply_to" not in answers(opened, by=kay, at=at).addressed
    Mailbox.objects.update(address="a-name-that-is-longer-than-thirty-letters@touchline.example")
    opened = says(
        Mailbox.objects.get(), TOMAS.writes("The box", "Hello", to=Mailbox.objects.get().address, at=at), at=at
    ).conversation
    assert "reply_to" not in answers(opened, by=kay, at=at).addressed


# As a teammate chose


def test_to_and_cc_stand_in_the_mail_and_bcc_in_the_envelope_alone(
    nora_cannot_sign_in: Conversation, can_send: Mailbox, post: Post, kay: Teammate, at: datetime
) -> None:
    chosen = Chosen(to=people(NORA), cc=people(ILSE), bcc=people(TOMAS))
    message = answers(nora_cannot_sign_in, by=kay, at=at, to=chosen)
    leaves(message, at)
    (reply,) = post.sent
    assert reply.recipients == (NORA.address, ILSE.address, TOMAS.address)
    mail = read(reply)
    assert (mail["To"], mail["Cc"], mail["Bcc"]) == (f"Nora Adeyemi <{NORA.address}>", f"Ilse Brandt <{ILSE.address}>", None)
    assert TOMAS.address.encode() not in reply.raw
    assert message.addressed["bcc"] == [[TOMAS.name, TOMAS.address]]


def test_a_mail_to_the_unseen_alone_names_nobody(
    nora_cannot_sign_in: Conversation, can_send: Mailbox, post: Post, kay: Teammate, at: datetime
) -> None:
    leaves(answers(nora_cannot_sign_in, by=kay, at=at, to=Chosen(bcc=people(NORA, ILSE))), at)
    assert read(post.sent[0])["To"] == "undisclosed-recipients:;"
    assert not {"To", "Cc", "Bcc"} & understand(post.sent[0].raw).headers.keys() - {"To"}
    assert post.sent[0].recipients == (NORA.address, ILSE.address)


def test_who_was_added_stays_once_it_has_left_and_the_unseen_do_not(
    nora_cannot_sign_in: Conversation, can_send: Mailbox, kay: Teammate, at: datetime
) -> None:
    message = answers(nora_cannot_sign_in, by=kay, at=at, to=Chosen(to=people(NORA), cc=people(ILSE), bcc=people(TOMAS)))
    assert [one.address for one in now(nora_cannot_sign_in).recipients().everyone] == [NORA.address]  # it can be taken back
    leaves(message, at)
    found = now(nora_cannot_sign_in).recipients()
    assert ([one.address for one in found.to], [one.address for one in found.cc]) == ([NORA.address], [ILSE.address])
    assert nora_cannot_sign_in.activities.get(kind=Activity.Kind.ADDED).about == ILSE.name


def test_who_is_taken_out_is_there_again_the_next_time(can_send: Mailbox, post: Post, kay: Teammate, at: datetime) -> None:
    opened = says(can_send, NORA.writes("The ovens", "Hello", cc=ILSE.from_, at=at), at=at).conversation
    leaves(answers(opened, by=kay, at=at, to=Chosen(to=people(NORA))), at)
    leaves(answers(opened, by=kay, at=at + MINUTE), at + MINUTE)
    assert [reply.recipients for reply in post.sent] == [(NORA.address,), (NORA.address, ILSE.address)]


def test_where_others_would_get_it_than_were_shown_nothing_is_sent(
    nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    shown = nora_cannot_sign_in.recipients().key
    Address.objects.create(person=nora_cannot_sign_in.person, email="nora@home.example")
    stranger = nora_cannot_sign_in.participants.create(email=ILSE.address, joined_at=at)
    stranger.add(by=kay, at=at)
    opened = now(nora_cannot_sign_in)
    with pytest.raises(OthersGetIt):
        opened.reply(Words.plain("Hello"), by=kay, at=at, seen=opened.latest(), shown=shown)
    assert not Delivery.objects.exists()
    assert opened.reply(Words.plain("Hello"), by=kay, at=at, seen=opened.latest(), shown=opened.recipients().key)


def test_only_our_own_address_is_nobody(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    with pytest.raises(NobodyToWriteTo):
        answers(nora_cannot_sign_in, by=kay, at=at, to=Chosen(to=(Correspondent("", SUPPORT),)))


def test_a_choice_comes_back_with_the_words_that_are_taken_back(
    nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    chosen = Chosen(to=people(NORA), bcc=people(TOMAS))
    message = answers(nora_cannot_sign_in, by=kay, at=at, to=chosen)
    draft = now(nora_cannot_sign_in).take_back(message, by=kay, at=at)
    assert draft.chosen and (draft.chosen.to, draft.chosen.bcc) == (chosen.to, chosen.bcc)


def test_what_went_by_itself_goes_by_itself_again(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    draft = now(nora_cannot_sign_in).take_back(answers(nora_cannot_sign_in, by=kay, at=at), by=kay, at=at)
    assert draft.chosen is None


def test_a_bounce_of_the_unseen_is_told_and_makes_nobody_wait(
    nora_cannot_sign_in: Conversation, can_send: Mailbox, kay: Teammate, at: datetime
) -> None:
    message = answers(nora_cannot_sign_in, by=kay, at=at, to=Chosen(to=people(NORA), bcc=people(TOMAS)))
    leaves(message, at)
    says(can_send, bounce(TOMAS.address, original_id=message.message_id), at=at + MINUTE)
    opened = now(nora_cannot_sign_in)
    assert opened.waiting_since is None
    assert opened.activities.filter(kind=Activity.Kind.BOUNCED).exists()
    assert message.delivery and TOMAS.address in message.delivery.refused


def test_an_address_that_bounced_stays_with_a_word(nora_cannot_sign_in: Conversation, at: datetime) -> None:
    Address.objects.update(cannot_be_reached_at=at)
    (nora,) = nora_cannot_sign_in.recipients().to
    assert (nora.why, nora.warnings) == (Why.WROTE, ("bounces",))


def test_only_the_one_who_is_answered(can_send: Mailbox, at: datetime) -> None:
    opened = says(can_send, NORA.writes("The ovens", "Hello", cc=ILSE.from_, at=at), at=at).conversation
    found = opened.recipients(mode=Mode.ONE)
    assert ([one.address for one in found.everyone], [one.why for one in found.left_out]) == ([NORA.address], [Why.NOT_THE_ONE])


def test_the_ids_of_strangers_go_to_nobody(
    nora_cannot_sign_in: Conversation, can_send: Mailbox, post: Post, kay: Teammate, at: datetime
) -> None:
    first = sent(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    strange = says(can_send, COURIER.writes("Re: it", "Words", answers=first, message_id="7@courier.example"), at=at + MINUTE)
    assert strange.conversation == nora_cannot_sign_in
    leaves(answers(nora_cannot_sign_in, by=kay, at=at + 2 * MINUTE), at + 2 * MINUTE)
    assert b"courier.example" not in post.sent[0].raw
    assert f"<{first.message_id}>".encode() in post.sent[0].raw


# Passed on to somebody outside


@pytest.fixture
def noras(can_send: Mailbox, kay: Teammate, sam: Teammate, at: datetime) -> Conversation:
    """Nora, with Ilse copied, was answered; Sam kept a note; she answered to a signed address and attached two files."""
    Mailbox.objects.update(tags_arrive_at=at)
    opened = says(can_send, NORA.writes("The parcel", "It has not come.", cc=ILSE.from_, at=at), at=at).conversation
    first = answers(opened, by=kay, at=at, to=Chosen(to=people(NORA), cc=people(ILSE), bcc=people(TOMAS)))
    leaves(first, at)
    now(opened).note(Words.plain("She owes us for March."), by=sam, at=at)
    signed = first.addressed["reply_to"][0][1]
    words = f"Number 4711, see the slip.\nI wrote to {signed} too.\n\nOn Monday, Kay Doyle <{signed}> wrote:\n> Try this.\n"
    mail = NORA.writes(
        "Re: The parcel",
        words,
        to=signed,
        answers=first,
        at=at,
        attached={"slip.pdf": b"%PDF slip", "old.eml": b"From: x@y.example"},
    )
    says(can_send, mail, at=at + MINUTE)
    return opened


def passes_on(
    conversation: Conversation, *, by: Teammate, at: datetime, attached: bool = False, words: str = "Where is it?"
) -> Message:
    opened = now(conversation)
    hers = opened.messages.by_people().last()
    assert hers
    draft = opened.begin_forward(hers, by=by, at=at)
    return opened.forward(hers, Words.plain(words), to=Chosen(to=people(COURIER)), by=by, at=at, attached=attached, draft=draft)


LEAKS = [
    NORA.address,
    ILSE.address,
    TOMAS.address,
    "owes us",
    "tl-",
    "Bcc",
    "Reply-To",
    "In-Reply-To",
    "References",
    "touchline-loop",
    "bakery.example",
    "y.example",
]


@pytest.mark.parametrize("attached", [False, True])
def test_what_is_passed_on_names_nobody_here_and_nothing_that_leads_back_to_them(
    noras: Conversation, post: Post, kay: Teammate, at: datetime, attached: bool
) -> None:
    leaves(passes_on(noras, by=kay, at=at + MINUTE, attached=attached), at + MINUTE)
    reply = post.sent[-1]
    assert reply.recipients == (COURIER.address,)
    mail = read(reply)
    assert (mail["From"], mail["To"], mail["Subject"]) == (
        f"Kay Doyle <{SUPPORT}>",
        f"Cora at the courier <{COURIER.address}>",
        "Fwd: The parcel",
    )
    parts = [str(part.get_payload(decode=True), "utf-8", "replace") for part in mail.walk() if not part.is_multipart()]
    everything = "\n".join([*(f"{name}: {value}" for name, value in mail.items()), *parts])
    assert "Where is it?" in everything and "Number 4711" in everything and "Nora Adeyemi" in everything
    for leak in LEAKS:
        assert leak.lower() not in everything.lower(), leak
    assert "I wrote to support@touchline.example too." in everything
    assert [part.get_filename() for part in mail.iter_attachments()] == (
        ["slip.pdf", "The parcel.eml"] if attached else ["slip.pdf"]
    )


def test_the_mail_in_a_file_is_one_without_an_address(noras: Conversation, post: Post, kay: Teammate, at: datetime) -> None:
    leaves(passes_on(noras, by=kay, at=at + MINUTE, attached=True), at + MINUTE)
    inner = understand(post.sent[-1].raw).attachments[-1].data
    assert inner.startswith(b"From: Nora Adeyemi:;\r\nSubject: The parcel\r\n")
    assert understand(inner).text.startswith("Number 4711")


def test_it_is_no_reply_nobody_waits_the_less_and_nothing_is_counted(noras: Conversation, kay: Teammate, at: datetime) -> None:
    before = now(noras)
    from touchline.desk.models import OutcomeEvent

    kinds = list(OutcomeEvent.objects.values_list("kind", flat=True))
    message = passes_on(noras, by=kay, at=at + MINUTE)
    leaves(message, at + MINUTE)
    after = now(noras)
    assert (after.waiting_since, after.closed_at) == (before.waiting_since, None) and after.waiting_since
    assert list(OutcomeEvent.objects.values_list("kind", flat=True)) == kinds
    assert not after.participants.filter(email=COURIER.address).exists()
    assert [one.address for one in after.recipients().everyone] == [NORA.address, ILSE.address]


def test_what_they_answer_comes_back_for_the_team_alone(
    noras: Conversation, can_send: Mailbox, post: Post, kay: Teammate, at: datetime
) -> None:
    message = passes_on(noras, by=kay, at=at + MINUTE)
    leaves(message, at + MINUTE)
    answer = says(
        can_send,
        COURIER.writes("Re: Fwd: The parcel", "In Cork.", answers=message, cc="boss@courier.example", at=at),
        at=at + 2 * MINUTE,
    )
    assert (answer.conversation, answer.name) == (noras, COURIER.name)
    opened = now(noras)
    assert not opened.participants.recipients().filter(email__contains="courier").exists()
    leaves(answers(opened, by=kay, at=at + 3 * MINUTE), at + 3 * MINUTE)
    assert post.sent[-1].recipients == (NORA.address, ILSE.address)
    assert b"courier" not in post.sent[-1].raw and b"Cork" not in post.sent[-1].raw
    assert message.message_id.encode() not in post.sent[-1].raw


def test_who_was_asked_outside_has_no_blocker_here_and_cannot_say_how_one_fares(
    noras: Conversation, can_send: Mailbox, kay: Teammate, at: datetime
) -> None:
    message = passes_on(noras, by=kay, at=at + MINUTE)
    leaves(message, at + MINUTE)
    now(noras).move_blocker(by=kay, at=at + 2 * MINUTE)
    moved = says(can_send, COURIER.writes("Re: Fwd: The parcel", "In Cork.", answers=message, at=at), at=at + 3 * MINUTE)
    assert moved.outcome == "" and now(noras).waiting_since
    now(noras).nothing_in_the_way(why="duplicate", by=kay, at=at + 4 * MINUTE)
    says(can_send, COURIER.writes("Re: Fwd: The parcel", "And more.", answers=message, at=at), at=at + 5 * MINUTE)
    assert now(noras).blocker is None


def test_a_note_is_never_passed_on(noras: Conversation, kay: Teammate, at: datetime) -> None:
    note = noras.messages.get(kind=Message.Kind.NOTE)
    with pytest.raises(OnlyForUs):
        noras.begin_forward(note, by=kay, at=at)
    with pytest.raises(OnlyForUs):
        noras.forward(note, Words.plain("x"), to=Chosen(to=people(COURIER)), by=kay, at=at)


def test_somebody_has_to_be_named(noras: Conversation, kay: Teammate, at: datetime) -> None:
    hers = noras.messages.by_people().last()
    assert hers
    with pytest.raises(NobodyToWriteTo):
        noras.forward(hers, Words.plain("x"), to=Chosen(), by=kay, at=at)


def test_it_can_be_taken_back_with_its_files_and_whom_it_was_for(noras: Conversation, kay: Teammate, at: datetime) -> None:
    message = passes_on(noras, by=kay, at=at + MINUTE)
    draft = now(noras).take_back(message, by=kay, at=at + MINUTE)
    assert (draft.kind, draft.text, draft.forwards) == ("forward", "Where is it?", message.forwards)
    assert [file.name for file in draft.attachments.all()] == ["slip.pdf"]
    assert draft.chosen and draft.chosen.to == people(COURIER)
    assert now(noras).waiting_since == at + MINUTE


def test_when_it_cannot_be_sent_that_is_told_and_nobody_waits_the_more(
    noras: Conversation, post: Post, kay: Teammate, at: datetime
) -> None:
    leaves(answers(noras, by=kay, at=at + MINUTE), at + MINUTE)
    post.answers = [Never("No such box.")]
    leaves(passes_on(noras, by=kay, at=at + 2 * MINUTE), at + 2 * MINUTE)
    opened = now(noras)
    assert opened.waiting_since is None and opened.activities.filter(kind=Activity.Kind.COULD_NOT_SEND).exists()


def test_an_address_for_a_name_does_not_go_along(can_send: Mailbox, post: Post, kay: Teammate, at: datetime) -> None:
    opened = says(can_send, Writer("", NORA.address).writes("Help", "Words", at=at), at=at).conversation
    leaves(passes_on(opened, by=kay, at=at), at)
    assert NORA.address.encode() not in post.sent[0].raw


# Sent again


@pytest.fixture
def half_arrived(can_send: Mailbox, post: Post, kay: Teammate, at: datetime) -> Message:
    """Kay answered Nora and Ilse; Ilse has it, Nora's server refused it for good."""
    opened = says(can_send, NORA.writes("The ovens", "Hello", cc=ILSE.from_, at=at), at=at).conversation
    draft = Draft.of(opened, kay, at=at)
    draft.attach("how.pdf", "application/pdf", b"%PDF")
    post.answers = [{NORA.address: Refused("No mailbox here by that name.", permanent=True)}]
    message = answers(opened, by=kay, at=at, draft=draft)
    leaves(message, at)
    return message


def test_it_comes_into_the_box_for_those_who_do_not_have_it(half_arrived: Message, kay: Teammate, at: datetime) -> None:
    opened = now(half_arrived.conversation)
    assert half_arrived.got_by == [ILSE.address]
    draft = opened.edit_again(half_arrived, by=kay, at=at)
    assert (draft.text, draft.resends, [a.name for a in draft.attachments.all()]) == ("Try this.", half_arrived, ["how.pdf"])
    assert draft.chosen and (draft.chosen.to, draft.chosen.cc) == (people(NORA), ())
    found = opened.recipients(draft.chosen, have_it=half_arrived.got_by)
    assert [(one.address, one.warnings) for one in found.to] == [(NORA.address, ("bounces",))]
    assert [(one.address, one.why) for one in found.left_out] == [(ILSE.address, Why.HAS_IT)]
    assert half_arrived.attachments.count() == 1  # it keeps its own


def test_it_takes_the_place_of_what_did_not_arrive(half_arrived: Message, post: Post, kay: Teammate, at: datetime) -> None:
    opened = now(half_arrived.conversation)
    draft = opened.edit_again(half_arrived, by=kay, at=at)
    right = Chosen(to=(Correspondent("Nora", "nora@home.example"),))
    message = answers(opened, by=kay, at=at + MINUTE, to=right, draft=draft)
    assert list(Delivery.objects.in_trouble()) == [half_arrived.delivery]  # it can be taken back yet
    leaves(message, at + MINUTE)
    assert (message.resends, half_arrived.sent_again()) == (half_arrived, message)
    assert not Delivery.objects.in_trouble().exists()
    assert [reply.recipients for reply in post.sent] == [(NORA.address, ILSE.address), ("nora@home.example",)]
    assert understand(post.sent[1].raw).attachments[0].name == "how.pdf"
    with pytest.raises(NothingToSendAgain):
        opened.edit_again(half_arrived, by=kay, at=at + MINUTE)
    half_arrived.delivery.try_by_hand(at + MINUTE)  # type: ignore[union-attr]
    assert not Delivery.objects.due(at + MINUTE).exists()


def test_where_nobody_is_chosen_those_who_have_it_get_nothing(half_arrived: Message, kay: Teammate, at: datetime) -> None:
    draft = now(half_arrived.conversation).edit_again(half_arrived, by=kay, at=at)
    message = answers(half_arrived.conversation, by=kay, at=at + MINUTE, draft=draft)
    assert message.delivery and message.delivery.recipients() == [NORA.address]


def test_what_has_arrived_or_is_on_its_way_does_not_go_again(
    nora_cannot_sign_in: Conversation, can_send: Mailbox, kay: Teammate, at: datetime
) -> None:
    message = answers(nora_cannot_sign_in, by=kay, at=at)
    for _ in ("on its way", "arrived"):
        with pytest.raises(NothingToSendAgain):
            now(nora_cannot_sign_in).edit_again(message, by=kay, at=at)
        leaves(message, at)


# Aliases


def test_an_alias_leads_to_one_mailbox_and_is_none_itself(support: Mailbox, at: datetime) -> None:
    from django.core.exceptions import ValidationError

    Alias.add(support, "hello@touchline.example")
    for wrong in ("hello@touchline.example", "HELLO@touchline.example", SUPPORT, "no address"):
        with pytest.raises(ValidationError):
            Alias.add(support, wrong)
    with pytest.raises(ValidationError):
        Mailbox.open(address="Hello@touchline.example", name="x", at=at)


def test_a_domain_in_either_spelling_is_the_same_mailbox(support: Mailbox) -> None:
    Alias.add(support, "hilfe@gärten.example")
    assert Mailbox.objects.reached_by("Hilfe+7@xn--grten-gra.example") == support
    assert Mailbox.objects.reached_by("hilfe@gärten.example") == support
    assert Mailbox.objects.reached_by("hilfe@garten.example") is None
