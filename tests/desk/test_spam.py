"""What is spam, what never is, and that it stands in nobody's way."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from tests.cast import ILSE, NORA, TOMAS, Writer, says, sent
from touchline.channels import spam_check
from touchline.channels.spam_check import Filter, NoAnswer, Verdict
from touchline.desk import files
from touchline.desk.models import (
    Activity,
    Blocker,
    Conversation,
    InboundEmail,
    InboundKey,
    Mailbox,
    Message,
    OutcomeEvent,
    Person,
    SenderRule,
    Spell,
    Teammate,
)
from touchline.desk.spam import Asked

MINUTE = timedelta(minutes=1)
SPAMMER = Writer("Lottery", "win@mail.lottery.example")
BLOCK, ALLOW, PERSON = SenderRule.Kind.BLOCK, SenderRule.Kind.ALLOW, SenderRule.Kind.PERSON
MARKED = {"X-Spam-Flag": "YES"}


def comes(support: Mailbox, raw: bytes, *, at: datetime, folder: str = "") -> InboundEmail:
    inbound = support.receive(raw, at=at, via="imap")
    InboundEmail.objects.filter(pk=inbound.pk).update(folder=folder)
    inbound.refresh_from_db()
    inbound.file(at)
    return inbound


class Answers:
    """A spam filter that says of each mail what it was told to say."""

    def __init__(self) -> None:
        self.spam = True
        self.trouble = ""
        self.asked = 0

    def __call__(self, _filter: Filter, raw: bytes, *, mail_from: str = "", recipient: str = "") -> Verdict:
        self.asked += 1
        if self.trouble:
            raise NoAnswer(self.trouble)
        return Verdict(self.spam, "rspamd: add header, 9 of 15")


@pytest.fixture
def spam_filter(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Answers]:
    settings.SPAM_CHECK = "rspamd://127.0.0.1"
    answers = Answers()
    monkeypatch.setattr(spam_check.Filter, "ask", lambda *told, **more: answers(*told, **more))
    monkeypatch.setattr("touchline.desk.models.inbound_filing.filter_asked", Asked())
    yield answers


@pytest.mark.parametrize(
    "pattern", ["win@mail.lottery.example", "mail.lottery.example", "lottery.example", "WIN@mail.Lottery.example"]
)
def test_what_a_blocked_sender_writes_is_spam_and_nothing_comes_of_it(
    support: Mailbox, kay: Teammate, at: datetime, pattern: str
) -> None:
    SenderRule.say(pattern, BLOCK, by=kay, at=at)
    inbound = comes(support, SPAMMER.writes("You won", "Call us"), at=at)
    assert inbound.spam_because.startswith("Kay Doyle blocked ")
    assert list(InboundEmail.objects.all().spam()) == [inbound]
    assert not InboundEmail.objects.all().set_aside()
    assert not (
        Person.objects.exists() or Conversation.objects.exists() or Blocker.objects.exists() or OutcomeEvent.objects.exists()
    )


def test_a_domain_that_only_ends_alike_is_not_blocked(support: Mailbox, kay: Teammate, at: datetime) -> None:
    SenderRule.say("ery.example", BLOCK, by=kay, at=at)
    SenderRule.say("nora@bakery.example.org", BLOCK, by=kay, at=at)
    assert says(support, NORA.writes("Hello", "Hi"), at=at)


def test_a_rule_for_the_address_wins_over_one_for_its_domain(support: Mailbox, kay: Teammate, at: datetime) -> None:
    SenderRule.say("bakery.example", BLOCK, by=kay, at=at)
    SenderRule.say(NORA.address, ALLOW, by=kay, at=at)
    assert says(support, NORA.writes("Hello", "Hi", headers=MARKED), at=at)
    assert comes(support, Writer("Ann", "ann@bakery.example").writes("Hello", "Hi"), at=at).spam_because


def test_a_rule_of_one_mailbox_is_no_rule_of_another(support: Mailbox, kay: Teammate, at: datetime) -> None:
    sales = Mailbox.open(address="sales@touchline.example", name="Sales", at=at)
    SenderRule.say(NORA.address, BLOCK, by=kay, at=at, mailbox=sales)
    assert says(support, NORA.writes("Hello", "Hi"), at=at)
    assert comes(sales, NORA.writes("Hello", "Hi"), at=at).spam_because


def test_a_verdict_takes_the_place_of_its_opposite(kay: Teammate, at: datetime) -> None:
    SenderRule.say("@Lottery.example", BLOCK, by=kay, at=at)
    SenderRule.say("*.lottery.example", ALLOW, by=kay, at=at)
    assert [(rule.pattern, rule.kind) for rule in SenderRule.objects.all()] == [("lottery.example", ALLOW)]


@pytest.mark.parametrize("pattern", ["", "nobody", "a b@c.example", "gmail.com", "@GMX.de", "x" * 400])
def test_what_cannot_be_blocked_is_refused(kay: Teammate, at: datetime, pattern: str) -> None:
    with pytest.raises(ValidationError):
        SenderRule.say(pattern, BLOCK, by=kay, at=at)
    assert not SenderRule.objects.exists()


def test_a_mail_that_its_server_marked_or_put_among_spam_waits_there(support: Mailbox, at: datetime) -> None:
    support.imap_spam_folder = "Junk"
    support.save()
    assert "X-Spam-Flag" in comes(support, NORA.writes("One", "Hi", headers=MARKED), at=at).spam_because
    assert "Junk" in comes(support, NORA.writes("Two", "Hi"), at=at, folder="Junk").spam_because
    assert comes(support, NORA.writes("Three", "Hi"), at=at, folder="Orders").message
    assert Conversation.objects.count() == 1


def test_a_filter_says_what_is_spam(support: Mailbox, spam_filter: Answers, at: datetime) -> None:
    inbound = comes(support, SPAMMER.writes("You won", "Call us"), at=at)
    assert inbound.spam_because == "The spam filter took it for spam (rspamd: add header, 9 of 15)."
    spam_filter.spam = False
    assert says(support, NORA.writes("Hello", "Hi"), at=at)


def test_a_filter_that_does_not_answer_costs_no_mail_and_is_left_alone_for_a_minute(
    support: Mailbox, spam_filter: Answers, at: datetime
) -> None:
    spam_filter.trouble = "rspamd at 127.0.0.1:11333 could not be reached."
    for number in range(5):
        assert says(support, NORA.writes(f"Hello {number}", "Hi"), at=at)
    assert spam_filter.asked == 1
    spam_filter.trouble = ""
    assert comes(support, SPAMMER.writes("You won", "Call us"), at=at + 2 * MINUTE).spam_because


def test_an_answer_to_us_is_never_spam_by_a_machine_alone(
    support: Mailbox, nora_cannot_sign_in: Conversation, kay: Teammate, spam_filter: Answers, at: datetime
) -> None:
    ours = sent(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    message = says(support, NORA.writes("Re: it", "No.", answers=ours, headers=MARKED), at=at + MINUTE)
    assert message.conversation == nora_cannot_sign_in
    assert any("X-Spam-Flag" in doubt and "answers what we sent" in doubt for doubt in message.really_from["warnings"])
    # A stranger who holds the same id, and she herself without it, may be anybody.
    assert comes(support, TOMAS.writes("Re: it", "Buy!", answers=ours), at=at + MINUTE).spam_because
    assert comes(support, NORA.writes("I can’t sign in", "Buy!"), at=at + MINUTE).spam_because
    # What one of us said of her holds for her answers too.
    SenderRule.say(NORA.address, BLOCK, by=kay, at=at)
    assert comes(support, NORA.writes("Re: it", "Once more.", answers=ours), at=at + 2 * MINUTE).spam_because


def test_a_doubtful_answer_that_comes_twice_is_one_message(
    support: Mailbox, nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    ours = sent(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    raw = NORA.writes("Re: it", "No.", answers=ours, headers=MARKED)
    first = says(support, raw, at=at + MINUTE)
    assert says(support, b"Received: by another road\r\n" + raw, at=at + MINUTE) == first


def test_not_spam_after_all_is_a_person_s_mail_with_its_files(support: Mailbox, at: datetime) -> None:
    inbound = comes(support, NORA.writes("Hello", "Hi", headers=MARKED, attached={"a.txt": b"A list of Nora alone"}), at=at)
    assert not files.path_of(files.digest_of(b"A list of Nora alone")).exists()
    message = inbound.file(at + MINUTE, by_a_person=True)
    assert message and message.conversation.is_waiting and message.at == at
    assert inbound.spam_because == ""
    assert files.read(message.attachments.get().digest) == b"A list of Nora alone"


def test_whoever_writes_through_this_is_the_person_in_reply_to(support: Mailbox, kay: Teammate, at: datetime) -> None:
    shop = Writer("Lantern shop", "no-reply@shop.example")
    SenderRule.say(shop.address, PERSON, by=kay, at=at)
    headers = {"Auto-Submitted": "auto-generated", "Reply-To": NORA.from_}
    message = says(support, shop.writes("Contact form", "My lamp is dark.", headers=headers), at=at)
    assert (message.email, message.automatic) == (NORA.address, "")
    assert message.conversation.person.called == NORA.name
    assert not Person.objects.filter(addresses__email=shop.address)


def test_where_a_group_feeds_a_mailbox_its_mail_is_people_s(support: Mailbox, at: datetime) -> None:
    listed = {"List-Id": "<support.touchline.example>", "Precedence": "list"}
    assert comes(support, NORA.writes("One", "Hi", headers=listed), at=at).trouble
    support.fed_by_group = True
    support.save()
    assert comes(support, NORA.writes("Two", "Hi", headers=listed), at=at).message
    assert comes(support, NORA.writes("Three", "Hi", headers={"Auto-Submitted": "auto-replied"}), at=at).trouble


# What was deleted


def test_what_was_deleted_does_not_come_back(support: Mailbox, at: datetime) -> None:
    raw = SPAMMER.writes("You won", "Call us", headers=MARKED)
    inbound = comes(support, raw, at=at)
    inbound.throw_away(at + MINUTE)
    assert not InboundEmail.objects.all().spam()
    again = support.receive(raw, at=at + 2 * MINUTE, via="imap")
    assert again == inbound and again.due_at and again.due_at > at + 6 * 24 * 60 * MINUTE
    # By another road its bytes are others. It waits among the spam, even once nobody marks it any more.
    clean = SPAMMER.writes("You won", "Call us")
    assert "deleted here" in comes(support, b"Received: by another road\r\n" + clean, at=at + 2 * MINUTE).spam_because


def test_within_a_week_it_can_be_brought_back(support: Mailbox, at: datetime) -> None:
    inbound = comes(support, NORA.writes("Hello", "Hi", headers=MARKED), at=at)
    inbound.throw_away(at)
    inbound.bring_back()
    assert list(InboundEmail.objects.all().spam()) == [inbound]
    assert not InboundKey.objects.filter(deleted_at__isnull=False)
    inbound.throw_away(at)
    assert inbound.file(at, by_a_person=True)  # said on a page that was still open
    assert not inbound.is_deleted


def test_after_a_week_its_bytes_and_its_writer_are_forgotten(
    support: Mailbox, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbound = comes(support, SPAMMER.writes("You won", "Call us", headers=MARKED), at=at)
    size = inbound.size
    inbound.throw_away(at)
    assert inbound.due_at
    inbound.file(inbound.due_at)  # its bytes were kept within the hour, as this test goes
    assert inbound.subject and files.path_of(inbound.digest).exists()
    monkeypatch.setattr(files, "YOUNG", 0.0)
    inbound.file(at + MINUTE)  # as a page that was still open would
    assert files.path_of(inbound.digest).exists()
    assert inbound.file(inbound.due_at) is None
    assert not files.path_of(inbound.digest).exists()
    inbound.refresh_from_db()
    assert (inbound.subject, inbound.sender, inbound.due_at, inbound.size) == ("", "", None, size)
    inbound.bring_back()
    assert inbound.is_deleted


def test_bytes_that_another_mailbox_has_stay(support: Mailbox, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "YOUNG", 0.0)
    sales = Mailbox.open(address="sales@touchline.example", name="Sales", at=at)
    raw = NORA.writes("Hello", "Hi", headers=MARKED)
    here, there = comes(support, raw, at=at), comes(sales, raw, at=at)
    here.throw_away(at)
    here.file(at + here.DELETED_STAYS)
    assert here.subject == ""
    assert there.file(at, by_a_person=True)


def test_bytes_that_somebody_attached_stay(support: Mailbox, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "YOUNG", 0.0)
    raw = SPAMMER.writes("You won", "Call us", headers=MARKED)
    spam = comes(support, raw, at=at)
    message = says(support, NORA.writes("Is this from you?", "See the file.", attached={"mail.bin": raw}), at=at)
    spam.throw_away(at)
    spam.file(at + spam.DELETED_STAYS)
    assert spam.subject == ""
    assert files.read(message.attachments.get().digest) == raw


def test_what_is_in_a_conversation_is_not_thrown_away(support: Mailbox, at: datetime) -> None:
    inbound = support.receive(NORA.writes("Hello", "Hi"), at=at, via="smtp")
    stale = InboundEmail.objects.get(pk=inbound.pk)  # in the hand of somebody who saw it among the spam
    inbound.file(at)
    stale.throw_away(at)
    assert not stale.is_deleted and stale.message


# A conversation that is spam


def test_a_conversation_that_is_spam_leaves_every_list_and_count(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    nora_cannot_sign_in.give(kay, by=kay, at=at)
    sent(nora_cannot_sign_in, "Try this.", by=kay, at=at, moved=True)
    assert Spell.objects.count() == 1
    nora_cannot_sign_in.call_spam(by=kay, at=at + MINUTE)
    conversations = Conversation.objects.visible_to(kay)
    assert not (
        conversations.waiting() or conversations.with_teammate(kay) or conversations.came_back() or conversations.listed()
    )
    assert list(conversations.spam()) == [nora_cannot_sign_in]
    assert not Spell.objects.exists()
    event = OutcomeEvent.objects.get(kind="withdrawn")
    assert (event.why, event.at) == ("spam", at + MINUTE)
    # What else comes to it waits with the spam, and starts nothing.
    assert comes(support, NORA.writes("Re: it", "Buy!", answers=nora_cannot_sign_in.latest()), at=at + 2 * MINUTE).spam_because


def test_one_key_undoes_all_of_it(nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime) -> None:
    Blocker.raise_(nora_cannot_sign_in, person=nora_cannot_sign_in.person, words="Something else", at=at)
    before = Conversation.objects.values().get()
    activity = nora_cannot_sign_in.call_spam(by=kay, at=at + MINUTE, block=NORA.address)
    assert SenderRule.standing(NORA.address, support).blocked
    activity.undo(by=kay, at=at + 2 * MINUTE)
    assert Conversation.objects.values().get() == before
    assert not SenderRule.objects.exists()
    assert Blocker.objects.filter(withdrawn_at=None, raised_at__isnull=False).count() == 2
    assert Activity.objects.filter(kind="undone").count() == 1


def test_undoing_leaves_a_block_that_was_there_before(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    SenderRule.say(NORA.address, BLOCK, by=kay, at=at)
    nora_cannot_sign_in.call_spam(by=kay, at=at + MINUTE, block=NORA.address).undo(by=kay, at=at + 2 * MINUTE)
    assert SenderRule.objects.count() == 1


def test_who_wrote_spam_and_then_as_a_person_begins_anew(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    nora_cannot_sign_in.call_spam(by=kay, at=at)
    inbound = comes(support, NORA.writes("Re: it", "It is me.", answers=nora_cannot_sign_in.latest()), at=at + MINUTE)
    message = inbound.file(at + MINUTE, by_a_person=True)
    assert message and message.conversation != nora_cannot_sign_in
    assert says(support, ILSE.writes("Hello", "Hi"), at=at)
    assert Message.objects.count() == 3
