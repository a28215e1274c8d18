"""What stands in many people's way: each keeps their own blocker; all of them are written to once, each alone, and followed one by one."""

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import Any, NoReturn

import pytest

from tests.cast import ILSE, NORA, SUPPORT, TOMAS, Post, Writer, replies, says
from touchline.channels import NotNow, Reply, webhook
from touchline.core.sharing import StrangePlace
from touchline.desk.models import (
    Activity,
    Address,
    Blocker,
    Conversation,
    Delivery,
    Mailbox,
    Message,
    Notice,
    OutcomeEvent,
    Participant,
    Person,
    SharedBlocker,
    Teammate,
    Webhook,
    WebhookCall,
    WriteOnce,
    WriteOnceMail,
)
from touchline.desk.models.conversation_outcomes import NothingInTheWay
from touchline.desk.models.shared_blocker import STILL, WAITING, topics
from touchline.desk.models.write_once import Began, LeadsOnly, OthersByNow
from touchline.work.chores import call_webhooks, send_deliveries, write_to_all

pytestmark = pytest.mark.django_db

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
TEXT = "Hello {first name},\n\nthe invoices download again. Does it work for you?"
THREE = (NORA, ILSE, TOMAS)


def asks(support: Mailbox, who: Writer, at: datetime, *, cc: str = "") -> Conversation:
    return says(support, who.writes("Invoices", "I cannot download my invoices.", at=at, cc=cc), at=at).conversation


@pytest.fixture
def invoices(can_send: Mailbox, kay: Teammate, at: datetime) -> SharedBlocker:
    """Nora, Ilse and Tomás cannot download their invoices: Nora since nine, the others an hour and two hours later."""
    shared = SharedBlocker.open("Invoices do not download", by=kay, at=at)
    for hours, who in enumerate(THREE):
        asks(can_send, who, at + hours * HOUR).others_have_this(shared, by=kay, at=at + hours * HOUR)
    return shared


@pytest.fixture
def now(at: datetime) -> datetime:
    return at + DAY


def conversation_of(who: Writer) -> Conversation:
    return Conversation.objects.get(person__addresses__email=who.address)


def blocker_of(who: Writer) -> Blocker:
    return Blocker.objects.get(person__addresses__email=who.address)


def mail_of(writing: WriteOnce, who: Writer) -> WriteOnceMail:
    return writing.mails.get(person__addresses__email=who.address)


def goes_out(at: datetime) -> datetime:
    """Everything that is due for a minute from `at` is done; when that is."""
    for _second in range(30):
        at += 2 * SECOND
        write_to_all(at)
        send_deliveries(at)
    return at


# Putting blockers together


def test_each_keeps_their_own_blocker_and_its_events(invoices: SharedBlocker, now: datetime) -> None:
    assert [blocker.person.name for blocker in invoices.each()] == ["Nora Adeyemi", "Ilse Brandt", "Tomás Lima"]
    assert OutcomeEvent.objects.filter(kind="raised").count() == 3
    assert OutcomeEvent.objects.exclude(kind="raised").count() == 0
    assert (invoices.count(STILL), invoices.count(WAITING)) == (3, 3)


def test_putting_it_with_the_others_can_be_undone(invoices: SharedBlocker, kay: Teammate, now: datetime) -> None:
    nora = conversation_of(NORA)
    activity = Activity.objects.get(conversation=nora, kind=Activity.Kind.SHARED)
    activity.undo(by=kay, at=now)
    assert blocker_of(NORA).shared is None
    back = nora.others_have_this(invoices, by=kay, at=now)
    alone = nora.only_theirs(by=kay, at=now)
    assert blocker_of(NORA).shared is None
    alone.undo(by=kay, at=now)
    assert blocker_of(NORA).shared == invoices
    back.undo(by=kay, at=now)
    assert blocker_of(NORA).shared is None


def test_undoing_leaves_alone_what_was_changed_since(invoices: SharedBlocker, kay: Teammate, now: datetime) -> None:
    first = Activity.objects.get(conversation=conversation_of(NORA), kind=Activity.Kind.SHARED)
    other = SharedBlocker.open("Nothing downloads", by=kay, at=now)
    conversation_of(NORA).others_have_this(other, by=kay, at=now)
    first.undo(by=kay, at=now)
    assert blocker_of(NORA).shared == other


def test_where_nothing_is_in_the_way_there_is_nothing_to_share(invoices: SharedBlocker, kay: Teammate, now: datetime) -> None:
    nora = conversation_of(NORA)
    nora.nothing_in_the_way(why=Blocker.Why.OTHER, by=kay, at=now)
    with pytest.raises(NothingInTheWay):
        nora.others_have_this(invoices, by=kay, at=now)
    assert invoices.count(STILL) == 2


def test_one_person_counts_once_however_many_records_and_blockers(
    invoices: SharedBlocker, kay: Teammate, support: Mailbox, now: datetime
) -> None:
    asks(support, NORA, now).others_have_this(invoices, by=kay, at=now)
    assert invoices.count(WAITING) == 3
    nora, ilse = (Person.objects.get(addresses__email=who.address) for who in (NORA, ILSE))
    OutcomeEvent.join(ilse, nora, by=kay, at=now)
    assert invoices.count(WAITING) == 2
    board = SharedBlocker.objects.with_people(now).get()
    assert (board.waiting, board.lately) == (2, 2)


def test_the_board_says_how_many_wait_and_since_when(invoices: SharedBlocker, kay: Teammate, at: datetime) -> None:
    conversation_of(NORA).move_blocker(by=kay, at=at + 3 * HOUR)
    board = SharedBlocker.objects.with_people(at + DAY).get()
    assert (board.waiting, board.lately, board.since) == (2, 3, at + HOUR)
    much_later = SharedBlocker.objects.with_people(at + 40 * DAY).get()
    assert (much_later.waiting, much_later.lately) == (2, 0)
    Blocker.objects.update(topic="invoices")
    assert list(topics(at + DAY)) == [{"topic": "invoices", "waiting": 2, "lately": 3, "since": at + HOUR}]


def test_a_blocker_that_came_back_waits_again(invoices: SharedBlocker, kay: Teammate, at: datetime) -> None:
    conversation_of(NORA).move_blocker(by=kay, at=at + 3 * HOUR)
    assert invoices.count(WAITING) == 2
    conversation_of(NORA).they_told_us_it_is_back(by=kay, at=at + DAY)
    assert invoices.count(WAITING) == 3


def test_those_alike_are_offered_first(invoices: SharedBlocker, kay: Teammate, now: datetime) -> None:
    SharedBlocker.open("The shop is slow", by=kay, at=now)
    assert list(SharedBlocker.objects.alike("My invoices, they are away")) == [invoices]
    assert SharedBlocker.objects.alike("no").count() == 2  # nothing in it tells them apart
    invoices.put_away(at=now)
    assert not SharedBlocker.objects.kept().alike("invoices").exists()


# Writing to all


@pytest.fixture
def writing(invoices: SharedBlocker, kay: Teammate, now: datetime) -> WriteOnce:
    return WriteOnce.to_all(invoices, TEXT, moves=True, by=kay, at=now)


def test_one_mail_a_person_in_their_own_conversation_and_to_them_alone(
    writing: WriteOnce, kay: Teammate, post: Post, now: datetime
) -> None:
    writing.start(people=3, by=kay, at=now)
    goes_out(now)
    mails = [message_from_bytes(reply.raw, policy=policy.default) for reply in post.sent]
    assert [reply.recipients for reply in post.sent] == [(who.address,) for who in THREE]
    for who, mail in zip(THREE, mails, strict=True):
        conversation = conversation_of(who)
        assert mail["To"].addresses[0].addr_spec == who.address
        assert mail["From"].addresses[0].addr_spec == SUPPORT and mail["Cc"] is None and mail["Bcc"] is None
        theirs = conversation.messages.by_people().get()
        assert mail["In-Reply-To"] == f"<{theirs.message_id}>"
        first_line = mail.get_body(("plain",)).get_content().splitlines()[0]  # type: ignore[union-attr]
        assert first_line == f"Hello {who.name.split()[0]},"
        assert all(other.address not in mail.as_string() for other in THREE if other is not who)
        assert conversation.closed_at and not conversation.waiting_since
    writing.refresh_from_db()
    assert writing.ended_at


def test_each_is_moved_as_their_mail_leaves_by_who_pressed_send(writing: WriteOnce, kay: Teammate, now: datetime) -> None:
    writing.start(people=3, by=kay, at=now)
    assert not OutcomeEvent.objects.filter(kind="moved").exists()
    first = now + WriteOnce.TIME_TO_STOP
    write_to_all(first)
    send_deliveries(first)
    assert [event.blocker for event in OutcomeEvent.objects.filter(kind="moved")] == [blocker_of(NORA)]
    goes_out(now)
    moved = OutcomeEvent.objects.filter(kind="moved")
    took_part = OutcomeEvent.objects.filter(kind="took_part")
    assert {event.blocker for event in moved} == {blocker_of(who) for who in THREE} and moved.count() == 3
    assert [(event.by, event.how) for event in took_part] == [(kay, "reply")] * 3


def test_then_each_is_followed_on_their_own(writing: WriteOnce, invoices: SharedBlocker, kay: Teammate, now: datetime) -> None:
    writing.start(people=3, by=kay, at=now)
    later = goes_out(now) + DAY
    conversation_of(NORA).they_told_us_it_works(by=kay, at=later)
    conversation_of(ILSE).they_told_us_it_is_back(by=kay, at=later)
    assert blocker_of(NORA).confirmed_at == later and blocker_of(TOMAS).moved_at
    assert invoices.count(WAITING) == 1


def test_words_alone_move_nothing(invoices: SharedBlocker, kay: Teammate, now: datetime) -> None:
    writing = WriteOnce.to_all(invoices, "Hello {first name}, we are at it.", moves=False, by=kay, at=now)
    writing.start(people=3, by=kay, at=now)
    goes_out(now)
    invoices.refresh_from_db()
    assert invoices.moved_at is None and invoices.count(WAITING) == 3


def test_only_leads_write_to_all(invoices: SharedBlocker, writing: WriteOnce, sam: Teammate, now: datetime) -> None:
    with pytest.raises(LeadsOnly):
        WriteOnce.to_all(invoices, TEXT, moves=True, by=sam, at=now)
    with pytest.raises(LeadsOnly):
        writing.say(TEXT, moves=True, by=sam, at=now)
    with pytest.raises(LeadsOnly):
        writing.start(people=3, by=sam, at=now)
    sam.role = Teammate.Role.LEAD
    sam.save()
    writing.start(people=3, by=sam, at=now)
    goes_out(now)
    assert set(Message.objects.filter(kind="ours").values_list("teammate", flat=True)) == {sam.pk}


def test_braces_that_stand_for_nothing_are_refused(invoices: SharedBlocker, kay: Teammate, now: datetime) -> None:
    with pytest.raises(StrangePlace):
        WriteOnce.to_all(invoices, "Hello {name},", moves=True, by=kay, at=now)
    assert not WriteOnce.objects.exists()


def test_a_test_goes_to_whoever_asks_and_to_nobody_else(writing: WriteOnce, kay: Teammate, post: Post, now: datetime) -> None:
    writing.test(by=kay, at=now)
    notice = Notice.objects.get()
    assert notice.email == kay.email and notice.text.startswith("Hello Kay,")
    assert writing.tested_at == now and not Message.objects.filter(kind="ours").exists()
    goes_out(now)
    assert not post.sent


def test_it_starts_once_and_only_with_as_many_as_were_shown(writing: WriteOnce, kay: Teammate, post: Post, now: datetime) -> None:
    with pytest.raises(OthersByNow):
        writing.start(people=2, by=kay, at=now)
    writing.start(people=3, by=kay, at=now)
    with pytest.raises(Began):
        writing.start(people=3, by=kay, at=now)
    with pytest.raises(Began):
        writing.say("Other words", moves=True, by=kay, at=now)
    goes_out(now)
    assert len(post.sent) == 3


def test_those_who_must_not_get_it_are_skipped_with_the_reason(
    invoices: SharedBlocker, kay: Teammate, support: Mailbox, post: Post, now: datetime
) -> None:
    moved, withdrawn, spam = (Writer(name, f"{name.lower()}@far.example") for name in ("Moved", "Withdrawn", "Spam"))
    for who in (moved, withdrawn, spam):
        asks(support, who, now).others_have_this(invoices, by=kay, at=now)
    writing = WriteOnce.to_all(invoices, TEXT, moves=True, by=kay, at=now)
    writing.start(people=6, by=kay, at=now)
    conversation_of(moved).move_blocker(by=kay, at=now)
    conversation_of(withdrawn).nothing_in_the_way(why=Blocker.Why.OTHER, by=kay, at=now)
    Conversation.objects.filter(pk=conversation_of(spam).pk).update(spam_at=now)
    Address.objects.filter(email=NORA.address).update(cannot_be_reached_at=now)
    Participant.objects.get(email=ILSE.address).remove(by=kay, at=now)
    Address.objects.filter(email=TOMAS.address).delete()
    goes_out(now)
    because = {mail.person.name: mail.skipped_because for mail in writing.mails.skipped()}
    assert because == {
        "Moved": "moved", "Withdrawn": "withdrawn", "Spam": "spam",
        "Nora Adeyemi": "bounced", "Ilse Brandt": "taken_out", "Tomás Lima": "no_address",
    }  # fmt: skip
    assert not post.sent


def test_those_already_skipped_are_seen_before_it_starts(invoices: SharedBlocker, kay: Teammate, now: datetime) -> None:
    Address.objects.filter(email=NORA.address).update(cannot_be_reached_at=now)
    conversation_of(ILSE).move_blocker(by=kay, at=now)
    writing = WriteOnce.to_all(invoices, TEXT, moves=True, by=kay, at=now)
    assert [mail.person.name for mail in writing.mails.to_go()] == ["Tomás Lima"]
    assert mail_of(writing, NORA).skipped_because == "bounced" and mail_of(writing, ILSE).skipped_because == "moved"


def test_whoever_wrote_meanwhile_is_answered_and_not_written_over(
    writing: WriteOnce, support: Mailbox, kay: Teammate, post: Post, now: datetime
) -> None:
    nora = conversation_of(NORA)
    first = nora.messages.get()
    says(support, NORA.writes("Re: Invoices", "Now I cannot even sign in.", at=now, answers=first), at=now + SECOND)
    writing.start(people=3, by=kay, at=now + 2 * SECOND)
    goes_out(now + 2 * SECOND)
    assert mail_of(writing, NORA).skipped_because == "wrote_since"
    assert [reply.recipients[0] for reply in post.sent] == [ILSE.address, TOMAS.address]
    nora.refresh_from_db()
    assert nora.waiting_since and blocker_of(NORA).moved_at is None


def test_a_fresh_look_has_seen_what_they_wrote(writing: WriteOnce, support: Mailbox, kay: Teammate, now: datetime) -> None:
    first = conversation_of(NORA).messages.get()
    says(support, NORA.writes("Re: Invoices", "Any news?", at=now, answers=first), at=now + SECOND)
    writing.say(TEXT, moves=True, by=kay, at=now + HOUR)
    assert writing.mails.to_go().count() == 3


def test_a_teammate_can_leave_somebody_out_and_take_them_in_again(
    writing: WriteOnce, kay: Teammate, post: Post, now: datetime
) -> None:
    mail_of(writing, NORA).leave_out()
    mail_of(writing, ILSE).leave_out()
    mail_of(writing, ILSE).take_in()
    writing.say(TEXT, moves=True, by=kay, at=now)  # it stays so after another look
    writing.start(people=2, by=kay, at=now)
    goes_out(now)
    assert [reply.recipients[0] for reply in post.sent] == [ILSE.address, TOMAS.address]


def test_stop_stops_it(writing: WriteOnce, kay: Teammate, post: Post, now: datetime) -> None:
    writing.start(people=3, by=kay, at=now)
    first = now + WriteOnce.TIME_TO_STOP
    write_to_all(first)
    send_deliveries(first)
    writing.stop(at=first)
    goes_out(first)
    assert [reply.recipients[0] for reply in post.sent] == [NORA.address]
    assert {mail.skipped_because for mail in writing.mails.skipped()} == {"stopped"}
    assert blocker_of(ILSE).moved_at is None
    writing.stop(at=first + HOUR)
    assert writing.stopped_at == first


def test_two_conversations_of_one_person_are_one_mail(
    invoices: SharedBlocker, support: Mailbox, kay: Teammate, post: Post, now: datetime
) -> None:
    asks(support, NORA, now).others_have_this(invoices, by=kay, at=now)
    writing = WriteOnce.to_all(invoices, TEXT, moves=True, by=kay, at=now)
    writing.start(people=3, by=kay, at=now)
    goes_out(now)
    assert sorted(reply.recipients[0] for reply in post.sent) == sorted(who.address for who in THREE)


def test_those_who_are_copied_in_the_conversation_get_nothing(
    invoices: SharedBlocker, support: Mailbox, kay: Teammate, post: Post, now: datetime
) -> None:
    olu = Writer("Olu", "olu@bakery.example")
    asks(support, olu, now, cc="boss@bakery.example").others_have_this(invoices, by=kay, at=now)
    writing = WriteOnce.to_all(invoices, TEXT, moves=True, by=kay, at=now)
    writing.start(people=4, by=kay, at=now)
    goes_out(now)
    assert (olu.address,) in [reply.recipients for reply in post.sent]
    assert b"boss@bakery.example" not in b"".join(reply.raw.partition(b"\r\n\r\n")[0] for reply in post.sent)


def test_whose_name_we_do_not_know_is_greeted_without_one(invoices: SharedBlocker, kay: Teammate, now: datetime) -> None:
    writing = WriteOnce.to_all(invoices, "Hello {first name}, it works.", moves=True, by=kay, at=now)
    assert writing.as_written_to("") == "Hello, it works."
    assert writing.as_written_to("Brandt, Ilse") == "Hello Ilse, it works."


# At most once, whatever ends us


class PowerCut(BaseException):
    """We are ended here and now."""


@pytest.fixture
def started(writing: WriteOnce, kay: Teammate, now: datetime) -> WriteOnce:
    writing.start(people=3, by=kay, at=now)
    return writing


def test_ended_after_the_claim_it_is_written_once(started: WriteOnce, post: Post, now: datetime) -> None:
    due = now + WriteOnce.TIME_TO_STOP
    nora = mail_of(started, NORA)
    assert nora.claim(due, lease=WriteOnceMail.LEASE)
    goes_out(now)
    assert len(post.sent) == 2
    goes_out(due + WriteOnceMail.LEASE)
    assert [reply.recipients[0] for reply in post.sent].count(NORA.address) == 1 and len(post.sent) == 3


def test_two_who_write_the_same_mail_write_it_once(started: WriteOnce, now: datetime) -> None:
    nora, same = mail_of(started, NORA), mail_of(started, NORA)
    nora.write(now)
    same.write(now)
    assert conversation_of(NORA).messages.filter(kind="ours").count() == 1


def test_ended_while_it_is_handed_over_it_is_not_sent_again_by_itself(
    started: WriteOnce, post: Post, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server may have taken it: nobody can know. The team is told, and the others go."""

    def dies(told: Any, reply: Reply) -> NoReturn:
        post.sent.append(reply)
        raise PowerCut

    with monkeypatch.context() as power, pytest.raises(PowerCut):
        power.setattr(post, "send", dies)
        goes_out(now)
    later = now + 2 * Delivery.LEASE
    goes_out(later)
    to_nora = Delivery.objects.get(conversation=conversation_of(NORA))
    assert to_nora.gave_up_at and to_nora.sent_at is None and "may have it already" in to_nora.trouble
    assert to_nora in Delivery.objects.in_trouble()
    assert sorted(reply.recipients[0] for reply in post.sent) == sorted(who.address for who in THREE)
    to_nora.try_by_hand(later + HOUR)
    send_deliveries(later + HOUR)
    assert [reply.recipients[0] for reply in post.sent].count(NORA.address) == 2


def test_a_server_that_says_not_now_gets_it_later(started: WriteOnce, post: Post, now: datetime) -> None:
    post.answers = [NotNow("Come back in a minute.")]
    goes_out(now)
    goes_out(now + HOUR)
    assert not Delivery.objects.filter(sent_at=None).exists()
    assert [reply.recipients[0] for reply in post.sent].count(NORA.address) == 2  # the first was not taken


# What is told outside


@pytest.fixture
def told(kay: Teammate, at: datetime) -> Webhook:
    """A webhook, from now on."""
    return WebhookCall.listen("https://board.example.com/hook", by=kay, at=at)


def said() -> list[str]:
    return [str(call.body["event"]) for call in WebhookCall.objects.order_by("id")]


def test_a_webhook_hears_that_it_was_made_grew_moved_and_came_back(
    told: Webhook, invoices: SharedBlocker, support: Mailbox, kay: Teammate, now: datetime
) -> None:
    assert said() == ["shared_blocker.made"]
    for number in range(3):
        asks(support, Writer(f"P{number}", f"p{number}@far.example"), now).others_have_this(invoices, by=kay, at=now)
    assert said()[1:] == ["shared_blocker.grew"]  # at five, and not again at six
    grew = WebhookCall.objects.get(body__event="shared_blocker.grew").body
    assert (grew["step"], grew["people"], grew["waiting"]) == (5, 5, 5)
    writing = WriteOnce.to_all(invoices, TEXT, moves=True, by=kay, at=now)
    writing.start(people=6, by=kay, at=now)
    later = goes_out(now)
    conversation_of(NORA).they_told_us_it_is_back(by=kay, at=later)
    assert said()[2:] == ["shared_blocker.moved", "shared_blocker.came_back"]


def test_nothing_of_anyone_is_in_what_is_told(told: Webhook, invoices: SharedBlocker, kay: Teammate, now: datetime) -> None:
    invoices.tell("grew", at=now, step=5)
    for call in WebhookCall.objects.all():
        words = str(call.body)
        assert not any(part in words for who in THREE for part in (who.name, who.address, who.name.split()[0]))
        assert set(call.body) <= {"id", "event", "at", "shared_blocker", "people", "waiting", "step"}


def test_what_is_not_taken_is_tried_for_three_days(
    told: Webhook, kay: Teammate, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_of: Any, **_how: Any) -> NoReturn:
        raise webhook.NotTaken("The name board.example.com could not be looked up.")

    monkeypatch.setattr(webhook, "post", refuse)
    SharedBlocker.open("Slow", by=kay, at=now)
    call = WebhookCall.objects.get()
    while call.due_at:
        assert call_webhooks(call.due_at) == 1
        call.refresh_from_db()
    assert call.gave_up_at and timedelta(days=3) <= call.gave_up_at - now < timedelta(days=3, hours=7)
    assert "could not be looked up" in call.trouble and "could not be looked up" in Webhook.objects.get().trouble
    assert call in WebhookCall.objects.in_trouble()
    call.again(now + 4 * DAY)
    assert call.gave_up_at is None and call.due_at == now + 4 * DAY


def test_what_is_old_is_not_kept(told: Webhook, kay: Teammate, now: datetime) -> None:
    SharedBlocker.open("Slow", by=kay, at=now)
    WebhookCall.objects.update(due_at=None)
    WebhookCall.forget_the_old(now + 29 * DAY)
    assert WebhookCall.objects.exists()
    WebhookCall.forget_the_old(now + 31 * DAY)
    assert not WebhookCall.objects.exists()


def test_a_reply_is_none_of_many(invoices: SharedBlocker, kay: Teammate, now: datetime) -> None:
    assert not replies(conversation_of(NORA), "On it.", by=kay, at=now).is_one_of_many
