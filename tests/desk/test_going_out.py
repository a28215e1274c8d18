"""It goes out: with the same bytes at every try, and never lost from sight when it does not."""

from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from tests.cast import ILSE, NORA, SUPPORT, TIME_TO_TAKE_BACK, Post, bounce, replies, says, sent
from touchline.channels import Never, NotNow, Refused, WrongSetting
from touchline.core.mail.understand import understand
from touchline.desk.models import Activity, Address, Conversation, Delivery, Draft, Mailbox, Notice, OutcomeEvent, Teammate, Words
from touchline.desk.models.row import growing_pause

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def now(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def out(conversation: Conversation) -> Delivery:
    """The newest delivery, as a worker finds it."""
    return Delivery.objects.filter(conversation=conversation).order_by("-id")[0]


@pytest.fixture
def released(nora_cannot_sign_in: Conversation, can_send: Mailbox, kay: Teammate, at: datetime) -> Delivery:
    """Kay's answer to Nora, on its way out."""
    sent(nora_cannot_sign_in, "Please try this.", by=kay, at=at)
    return out(nora_cannot_sign_in)


def test_what_is_taken_is_sent(released: Delivery, post: Post, at: datetime) -> None:
    assert list(Delivery.objects.not_sent()) == [released]
    released.send(at + MINUTE)
    assert (released.sent_at, released.due_at, released.trouble, released.refused) == (at + MINUTE, None, "", {})
    assert not Delivery.objects.not_sent().exists() and not Delivery.objects.in_trouble().exists()
    reply = post.sent[0]
    assert (reply.envelope_from, reply.recipients) == (SUPPORT, (NORA.address,))
    released.send(at + HOUR)
    assert len(post.sent) == 1


def test_what_leaves_reads_as_it_was_written(released: Delivery, post: Post, at: datetime) -> None:
    released.send(at)
    email = understand(post.sent[0].raw)
    first = released.quotes
    assert first
    assert (email.sender.name, email.sender.address, email.subject) == ("Kay Doyle", SUPPORT, "Re: I can’t sign in")
    assert email.text.startswith("Please try this.")
    assert "Nora Adeyemi wrote:" in email.text and "> Good morning," in email.text
    assert email.message_id == released.message.message_id
    assert email.in_reply_to == (first.message_id,) and email.date == at


def test_form_pictures_and_files_go_along(
    nora_cannot_sign_in: Conversation, can_send: Mailbox, post: Post, kay: Teammate, at: datetime
) -> None:
    draft = Draft.of(nora_cannot_sign_in, kay, at=at)
    picture = draft.attach("screen.png", "image/png", b"\x89PNG", inline=True)
    draft.attach("how.pdf", "application/pdf", b"%PDF")
    words = Words.rich(f'<p>Press <strong>here</strong>: <img src="/files/{picture.pk}"></p>')
    nora_cannot_sign_in.reply(words, by=kay, at=at, seen=nora_cannot_sign_in.latest(), draft=draft)
    out(nora_cannot_sign_in).release(at + MINUTE)
    out(nora_cannot_sign_in).send(at + MINUTE)
    email = understand(post.sent[0].raw)
    assert {(a.name, a.data, a.inline) for a in email.attachments} == {
        ("screen.png", b"\x89PNG", True),
        ("how.pdf", b"%PDF", False),
    }
    shown = next(a for a in email.attachments if a.inline)
    assert f"cid:{shown.content_id}" in email.html and "/files/" not in email.html
    whole = message_from_bytes(post.sent[0].raw, policy=default)
    (related,) = (part for part in whole.walk() if part.get_content_type() == "multipart/related")
    assert [part.get_content_type() for part in related.iter_parts()] == ["text/html", "image/png"]
    assert [part["Content-ID"] for part in related.iter_parts()][1] == f"<{shown.content_id}>"
    assert "<blockquote" in email.html and "Good morning" in email.html


def test_a_stranger_is_not_quoted_to_those_we_answer(
    nora_cannot_sign_in: Conversation, support: Mailbox, can_send: Mailbox, post: Post, kay: Teammate, at: datetime
) -> None:
    first = sent(nora_cannot_sign_in, "Please try this.", by=kay, at=at)
    says(support, ILSE.writes("Fwd", "Words of a stranger", answers=first), at=at + MINUTE)
    sent(nora_cannot_sign_in, "Did it work?", by=kay, at=at + HOUR)
    out(nora_cannot_sign_in).send(at + HOUR)
    assert b"Words of a stranger" not in post.sent[0].raw and b"Good morning" in post.sent[0].raw


# Not now


def test_what_failed_is_tried_again_with_a_growing_pause_and_the_same_bytes(released: Delivery, post: Post, at: datetime) -> None:
    post.answers = [NotNow("The server is busy.")] * 5
    now_, pauses = at, []
    for n in range(1, 6):
        released.send(now_)
        assert (released.tries, released.trouble, released.sent_at) == (n, "The server is busy.", None)
        assert released.due_at
        pauses.append(released.due_at - now_)
        now_ = released.due_at
        assert list(Delivery.objects.in_trouble()) == list(Delivery.objects.not_sent()) == [released]
    assert pauses == [growing_pause(n) for n in range(5)]
    Delivery.objects.get(pk=released.pk).send(now_)
    assert len({reply.raw for reply in post.sent}) == 1
    assert not Delivery.objects.in_trouble().exists()


def test_what_a_worker_sent_before_it_died_is_sent_again_as_the_same_mail(
    released: Delivery, post: Post, support: Mailbox, at: datetime
) -> None:
    Delivery.objects.filter(pk=released.pk).update(due_at=at)
    worker = Delivery.objects.due(at).get()
    assert worker.claim(at, lease=Delivery.LEASE)
    post.send(support.told_out(), worker.as_reply())  # and there it ended, before it could say so
    assert not Delivery.objects.due(at + Delivery.LEASE - SECOND).exists()
    says(support, NORA.writes("Re: I can’t sign in", "Meanwhile.", answers=worker.message), at=at + MINUTE)
    other = Delivery.objects.due(at + Delivery.LEASE).get()
    assert other.claim(at + Delivery.LEASE, lease=Delivery.LEASE) and other.release(at + Delivery.LEASE)
    other.send(at + Delivery.LEASE)
    assert post.sent[0] == post.sent[1]
    assert understand(post.sent[1].raw).message_id == released.message.message_id


def test_a_desk_that_was_off_for_a_week_or_a_clock_that_jumps_gives_nobody_up(
    released: Delivery, post: Post, at: datetime
) -> None:
    post.answers = [NotNow("The server is busy.")] * 2
    released.send(at)
    released.send(at + timedelta(days=7))
    assert released.gave_up_at is None and released.due_at
    released.send(at + timedelta(days=7, hours=1))
    assert released.sent_at


def test_after_four_days_of_trying_it_is_given_up_and_she_waits_again(released: Delivery, post: Post, at: datetime) -> None:
    post.answers = [NotNow("The server is busy.")] * 25
    for _ in range(Delivery.GIVE_UP_TRIES):
        released.send(at)
    released.send(at + Delivery.GIVE_UP_AFTER)
    assert released.gave_up_at is None
    released.send(at + Delivery.GIVE_UP_AFTER + SECOND)
    assert (released.gave_up_at, released.due_at) == (at + Delivery.GIVE_UP_AFTER + SECOND, None)
    conversation = now(released.conversation)
    assert (conversation.waiting_since, conversation.closed_at) == (at, None)
    story = conversation.activities.get(kind=Activity.Kind.COULD_NOT_SEND)
    assert (story.about, story.by, story.message) == ("The server is busy.", None, released.message)
    assert not story.can_be_undone


def test_a_wrong_setting_keeps_it_waiting_however_long(released: Delivery, post: Post, at: datetime) -> None:
    post.answers = [WrongSetting("The password was refused.")] * 30
    for n in range(30):
        released.send(at + n * DAY)
        assert released.gave_up_at is None and released.due_at == at + n * DAY + growing_pause(n)
    assert now(released.conversation).waiting_since is None
    assert released.mailbox.deliveries.in_trouble().get().trouble == "The password was refused."


def test_days_before_there_was_a_way_out_do_not_count_as_trying(
    nora_cannot_sign_in: Conversation, support: Mailbox, post: Post, kay: Teammate, at: datetime
) -> None:
    sent(nora_cannot_sign_in, "Please try this.", by=kay, at=at)
    out(nora_cannot_sign_in).send(at)
    support.be_reached({"smtp_host": "smtp.touchline.example"}, at=at + 30 * DAY)
    post.answers = [NotNow("The server is busy.")]
    out(nora_cannot_sign_in).send(at + 30 * DAY)
    assert out(nora_cannot_sign_in).gave_up_at is None


# Never


def test_what_is_refused_for_good_is_given_up_at_once(released: Delivery, post: Post, at: datetime) -> None:
    why = Refused("No mailbox here by that name.", permanent=True)
    post.answers = [Never("No mailbox here by that name.", {NORA.address: why})]
    released.send(at + MINUTE)
    assert (released.gave_up_at, released.due_at, released.tries) == (at + MINUTE, None, 0)
    assert Address.objects.get(email=NORA.address).cannot_be_reached_at == at + MINUTE
    assert now(released.conversation).waiting_since == at
    assert list(Delivery.objects.in_trouble()) == list(Delivery.objects.not_sent()) == [released]


def test_a_refusal_of_the_mail_itself_blames_no_address(released: Delivery, post: Post, at: datetime) -> None:
    post.answers = [Never("This mail is too large.")]
    released.send(at)
    assert not Address.objects.filter(cannot_be_reached_at__isnull=False).exists()


def test_an_address_that_no_mail_can_carry_is_a_trouble_that_is_told(released: Delivery, post: Post, at: datetime) -> None:
    released.message.addressed["to"] = [["Nóra", "nóra@bakery.example"]]
    released.message.save()
    released.send(at)
    assert released.gave_up_at == at and released.trouble
    assert post.sent == []


def test_it_can_be_tried_by_hand(released: Delivery, post: Post, at: datetime) -> None:
    post.answers = [Never("Not today.")]
    released.send(at)
    released.try_by_hand(at + HOUR)
    assert now(released.conversation).waiting_since is None  # it is on its way once more
    again = Delivery.objects.due(at + HOUR).get()
    assert (again.gave_up_at, again.trouble, again.tries) == (None, "", 0)
    again.send(at + HOUR)
    assert again.sent_at == at + HOUR and post.sent[0].raw == post.sent[1].raw


def test_trying_by_hand_does_not_hide_that_she_wrote_since(
    released: Delivery, support: Mailbox, post: Post, at: datetime
) -> None:
    post.answers = [Never("Not today.")]
    released.send(at)
    says(support, NORA.writes("Re: I can’t sign in", "Hello?", answers=released.quotes), at=at + MINUTE)
    released.try_by_hand(at + HOUR)
    assert now(released.conversation).waiting_since == at


def test_what_was_sent_taken_back_or_not_yet_released_is_not_tried_by_hand(
    released: Delivery, nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    released.send(at)
    released.try_by_hand(at + HOUR)
    assert released.due_at is None
    message = replies(nora_cannot_sign_in, "More.", by=kay, at=at + HOUR)
    delivery = out(nora_cannot_sign_in)
    delivery.try_by_hand(at + HOUR)
    assert delivery.due_at == at + HOUR + TIME_TO_TAKE_BACK
    nora_cannot_sign_in.take_back(message, by=kay, at=at + HOUR)
    delivery.try_by_hand(at + HOUR)
    assert delivery.due_at is None


def test_what_is_put_away_is_off_the_list_and_stays_unsent(
    released: Delivery, support: Mailbox, post: Post, at: datetime
) -> None:
    post.answers = [NotNow("The server is busy.")]
    released.send(at)
    released.put_away(at + MINUTE)
    assert not Delivery.objects.not_sent().exists() and not Delivery.objects.in_trouble().exists()
    support.be_reached({"smtp_host": "other.touchline.example"}, at=at + HOUR)
    assert not Delivery.objects.due(at + DAY).exists()


def test_what_was_given_up_is_left_to_a_teammate_also_when_the_way_out_changes(
    released: Delivery, support: Mailbox, post: Post, at: datetime
) -> None:
    post.answers = [Never("Not today.")]
    released.send(at)
    support.be_reached({"smtp_host": "other.touchline.example"}, at=at + HOUR)
    assert not Delivery.objects.due(at + DAY).exists()


# Some of them


@pytest.fixture
def to_two(support: Mailbox, can_send: Mailbox, kay: Teammate, at: datetime) -> Delivery:
    """Kay's answer to Nora, with Ilse copied."""
    conversation = says(support, NORA.writes("Ovens", "Hello", cc=ILSE.from_), at=at).conversation
    sent(conversation, "Hello both.", by=kay, at=at)
    return out(conversation)


def test_who_is_refused_for_good_is_told_and_marked(to_two: Delivery, post: Post, at: datetime) -> None:
    post.answers = [{NORA.address: Refused("Nobody here.", permanent=True)}]
    to_two.send(at + MINUTE)
    assert (to_two.sent_at, to_two.due_at) == (at + MINUTE, None)
    assert (to_two.refused, to_two.trouble) == ({NORA.address: "Nobody here."}, "Nobody here.")
    assert list(Delivery.objects.in_trouble()) == [to_two]
    assert Address.objects.get(email=NORA.address).cannot_be_reached_at == at + MINUTE
    assert now(to_two.conversation).waiting_since == at  # she has no answer
    assert now(to_two.conversation).activities.get(kind=Activity.Kind.BOUNCED).about == "Nobody here."


def test_when_only_one_who_was_copied_missed_it_the_person_does_not_wait(to_two: Delivery, post: Post, at: datetime) -> None:
    post.answers = [{ILSE.address: Refused("Nobody here.", permanent=True)}]
    to_two.send(at + MINUTE)
    assert now(to_two.conversation).waiting_since is None
    assert now(to_two.conversation).activities.filter(kind=Activity.Kind.BOUNCED).exists()


def test_who_is_refused_for_now_gets_it_later_and_the_others_do_not_get_it_twice(
    to_two: Delivery, post: Post, at: datetime
) -> None:
    post.answers = [{NORA.address: Refused("Greylisted.", permanent=False)}]
    to_two.send(at)
    assert (to_two.sent_at, to_two.trouble, to_two.due_at) == (None, "Greylisted.", at + growing_pause(0))
    again = Delivery.objects.due(at + MINUTE).get()
    again.send(at + MINUTE)
    assert [reply.recipients for reply in post.sent] == [(NORA.address, ILSE.address), (NORA.address,)]
    assert post.sent[0].raw == post.sent[1].raw
    assert (again.sent_at, again.trouble, again.refused) == (at + MINUTE, "", {})
    assert not Delivery.objects.in_trouble().exists()


def test_who_never_gets_it_although_others_did_is_told(to_two: Delivery, post: Post, at: datetime) -> None:
    post.answers = [
        {NORA.address: Refused("Greylisted.", permanent=False)},
        Never("No.", {NORA.address: Refused("No.", permanent=True)}),
    ]
    to_two.send(at)
    to_two.send(at + MINUTE)
    assert (to_two.sent_at, to_two.gave_up_at, to_two.refused) == (at + MINUTE, None, {NORA.address: "No."})
    assert now(to_two.conversation).waiting_since == at


def test_who_is_always_refused_for_now_is_given_up_in_the_end(to_two: Delivery, post: Post, at: datetime) -> None:
    post.answers = [{NORA.address: Refused("Greylisted.", permanent=False)}, NotNow("Busy."), NotNow("Busy.")]
    to_two.send(at)
    to_two.send(at + DAY)
    to_two.tries = Delivery.GIVE_UP_TRIES
    to_two.send(at + 5 * DAY)
    assert to_two.sent_at == at + 5 * DAY and to_two.refused == {NORA.address: "Greylisted."}
    assert Address.objects.get(email=NORA.address).cannot_be_reached_at is None
    assert now(to_two.conversation).waiting_since == at


# No way out


def test_without_a_way_out_it_is_kept_and_leaves_once_there_is_one(
    nora_cannot_sign_in: Conversation, support: Mailbox, post: Post, kay: Teammate, at: datetime
) -> None:
    message = sent(nora_cannot_sign_in, "Please try this.", by=kay, at=at, moved=True)
    delivery = out(nora_cannot_sign_in)
    delivery.send(at + MINUTE)
    assert delivery.waits_for_setup and delivery.due_at is None and "not set up" in delivery.trouble
    assert list(Delivery.objects.not_sent()) == [delivery] and post.sent == []
    support.be_reached({"smtp_host": "smtp.touchline.example"}, at=at + HOUR)
    delivery = Delivery.objects.due(at + HOUR).get()
    assert delivery.release(at + HOUR)
    delivery.send(at + HOUR)
    assert delivery.sent_at == at + HOUR and not delivery.trouble
    assert understand(post.sent[0].raw).message_id == message.message_id
    assert OutcomeEvent.objects.filter(kind="moved").count() == 1


def test_a_way_out_lets_go_neither_of_what_was_taken_back_nor_of_what_still_can_be(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    nora_cannot_sign_in.take_back(replies(nora_cannot_sign_in, "No.", by=kay, at=at), by=kay, at=at)
    replies(nora_cannot_sign_in, "Yes.", by=kay, at=at)
    support.be_reached({"smtp_host": "smtp.touchline.example"}, at=at)
    assert not Delivery.objects.due(at + 9 * SECOND).exists()
    assert Delivery.objects.due(at + 10 * SECOND).get().message.text == "Yes."


def test_the_demo_mails_nobody(released: Delivery, post: Post, settings: Any, at: datetime) -> None:
    settings.DEMO = True
    released.send(at)
    assert post.sent == [] and released.sent_at is None and released.due_at is None


# Bounces


@pytest.fixture
def arrived(released: Delivery, at: datetime) -> Delivery:
    """It was sent, as far as we know."""
    released.send(at + MINUTE)
    return released


def test_a_bounce_marks_the_delivery_and_the_address_and_she_waits_again(
    arrived: Delivery, support: Mailbox, at: datetime
) -> None:
    message = says(support, bounce(NORA.address, original_id=arrived.message.message_id), at=at + HOUR)
    assert (message.conversation, message.automatic) == (arrived.conversation, "bounce")
    arrived.refresh_from_db()
    assert arrived.refused[NORA.address] and arrived.trouble and arrived.sent_at == at + MINUTE
    assert list(Delivery.objects.in_trouble()) == [arrived]
    assert Address.objects.get(email=NORA.address).cannot_be_reached_at == at + HOUR
    conversation = now(arrived.conversation)
    assert (conversation.waiting_since, conversation.closed_at) == (at, None)
    assert conversation.activities.get(kind=Activity.Kind.BOUNCED).message == arrived.message
    assert OutcomeEvent.objects.filter(kind="raised").count() == 1


def test_an_address_from_which_they_write_again_is_in_reach(arrived: Delivery, support: Mailbox, at: datetime) -> None:
    says(support, bounce(NORA.address, original_id=arrived.message.message_id), at=at + HOUR)
    late = NORA.writes("An old mail", "It was on its way for long.", at=at)
    support.receive(late, at=at, via="imap").file(at + 2 * HOUR)
    assert Address.objects.get(email=NORA.address).cannot_be_reached_at == at + HOUR
    says(support, NORA.writes("Hello again", "My mailbox was full.", at=at + 2 * HOUR), at=at + 2 * HOUR)
    assert Address.objects.get(email=NORA.address).cannot_be_reached_at is None


def test_the_same_bounce_twice_is_one(arrived: Delivery, support: Mailbox, at: datetime) -> None:
    raw = bounce(NORA.address, original_id=arrived.message.message_id)
    says(support, raw, at=at + HOUR)
    says(support, b"Received: by another road\r\n" + raw, at=at + HOUR)
    assert now(arrived.conversation).activities.filter(kind=Activity.Kind.BOUNCED).count() == 1


def test_a_delay_is_only_noted(arrived: Delivery, support: Mailbox, at: datetime) -> None:
    raw = bounce(NORA.address, original_id=arrived.message.message_id, status="4.4.1")
    says(support, raw, at=at + HOUR)
    assert now(arrived.conversation).waiting_since is None
    assert Address.objects.get(email=NORA.address).cannot_be_reached_at is None
    assert not now(arrived.conversation).activities.exists()


def test_what_was_given_up_is_told_though_the_address_may_serve_again(arrived: Delivery, support: Mailbox, at: datetime) -> None:
    """A full mailbox: the mail is lost, and Nora waits; nothing is wrong with her address."""
    raw = bounce(NORA.address, original_id=arrived.message.message_id, status="4.2.2").replace(
        b"Action: delayed", b"Action: failed"
    )
    says(support, raw, at=at + HOUR)
    assert now(arrived.conversation).waiting_since is not None
    assert Address.objects.get(email=NORA.address).cannot_be_reached_at is None
    assert now(arrived.conversation).activities.get().kind == Activity.Kind.BOUNCED


def test_a_bounce_marks_no_address_that_we_did_not_write_to(arrived: Delivery, support: Mailbox, at: datetime) -> None:
    says(support, ILSE.writes("Hello", "Hi"), at=at)
    says(support, bounce(ILSE.address, original_id=arrived.message.message_id), at=at + HOUR)
    assert Address.objects.get(email=ILSE.address).cannot_be_reached_at is None
    assert now(arrived.conversation).waiting_since == at  # forwarded on, perhaps: she has no answer all the same


def test_a_bounce_with_a_forged_id_touches_nothing(arrived: Delivery, support: Mailbox, at: datetime) -> None:
    forged = arrived.message.message_id.replace(".", "x", 1)
    says_nothing = support.receive(bounce(NORA.address, original_id=forged), at=at + HOUR, via="smtp").file(at + HOUR)
    assert says_nothing is None
    assert Address.objects.get(email=NORA.address).cannot_be_reached_at is None


def test_whoever_sent_it_is_told_that_it_did_not_arrive(arrived: Delivery, support: Mailbox, kay: Teammate, at: datetime) -> None:
    says(support, bounce(NORA.address, original_id=arrived.message.message_id), at=at + HOUR)
    notice = Notice.objects.get()
    assert notice.email == kay.email and "did not reach everyone" in notice.text
    says(support, bounce(NORA.address, original_id=arrived.message.message_id, status="4.4.1"), at=at + 2 * HOUR)
    assert Notice.objects.count() == 1
