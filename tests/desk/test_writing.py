"""A teammate answers: over nobody's head, once, and for ten seconds it can be taken back."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.cast import ILSE, NORA, TIME_TO_TAKE_BACK, replies, says, sent
from touchline.desk.models import Attachment, Conversation, Delivery, Draft, Mailbox, Message, OutcomeEvent, Teammate, Words
from touchline.desk.models.conversation_outcomes import NothingInTheWay
from touchline.desk.models.conversation_writing import NobodyToWriteTo, NothingWritten, SomethingNew, TooLate

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def now(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def kinds() -> list[str]:
    return list(OutcomeEvent.objects.order_by("order").values_list("kind", flat=True))


# Over nobody's head


def test_a_reply_waits_ten_seconds_before_it_leaves(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    message = replies(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    delivery = message.delivery
    assert delivery and (delivery.due_at, delivery.released_at) == (at + timedelta(seconds=10), None)
    assert not Delivery.objects.not_sent().exists()
    assert (now(nora_cannot_sign_in).waiting_since, now(nora_cannot_sign_in).closed_at) == (None, None)
    assert kinds() == ["raised"]


def test_a_reply_waits_when_someone_wrote_meanwhile(
    nora_cannot_sign_in: Conversation, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    seen = nora_cannot_sign_in.latest()
    ours = nora_cannot_sign_in.reply(Words.plain("On it."), by=sam, at=at, seen=seen)
    with pytest.raises(SomethingNew) as new:
        nora_cannot_sign_in.reply(Words.plain("Me too."), by=kay, at=at, seen=seen)
    assert new.value.said == [ours]
    assert Message.objects.count() == 2


def test_a_note_of_a_colleague_and_a_mail_of_hers_hold_a_reply_too(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    seen = nora_cannot_sign_in.latest()
    note = nora_cannot_sign_in.note(Words.plain("She is on the old version."), by=sam, at=at)
    hers = says(support, NORA.writes("Re: I can’t sign in", "It is urgent.", answers=seen), at=at + SECOND)
    with pytest.raises(SomethingNew) as new:
        nora_cannot_sign_in.reply(Words.plain("Hello."), by=kay, at=at + MINUTE, seen=seen)
    assert new.value.said == [note, hers]


def test_a_mail_that_came_late_is_new_although_it_is_older(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    nora_cannot_sign_in.note(Words.plain("Looking."), by=sam, at=at + MINUTE)
    seen = now(nora_cannot_sign_in).latest()
    late = says(
        support, NORA.writes("Re: I can’t sign in", "One thing more.", answers=nora_cannot_sign_in.latest()), at=at + SECOND
    )
    with pytest.raises(SomethingNew) as new:
        nora_cannot_sign_in.reply(Words.plain("Hello."), by=kay, at=at + 2 * MINUTE, seen=seen)
    assert new.value.said == [late]
    assert nora_cannot_sign_in.reply(Words.plain("Hello."), by=kay, at=at + 2 * MINUTE, seen=now(nora_cannot_sign_in).latest())


def test_who_has_seen_nothing_is_told_everything(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    with pytest.raises(SomethingNew) as new:
        nora_cannot_sign_in.reply(Words.plain("Hello."), by=kay, at=at, seen=None)
    assert new.value.said == [nora_cannot_sign_in.latest()]


def test_a_reply_that_a_colleague_took_back_holds_nobody_up(
    nora_cannot_sign_in: Conversation, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    ours = replies(nora_cannot_sign_in, "On it.", by=sam, at=at)
    nora_cannot_sign_in.take_back(ours, by=sam, at=at + SECOND)
    assert nora_cannot_sign_in.reply(Words.plain("Mine."), by=kay, at=at + 2 * SECOND, seen=ours)  # Kay had it in front of her


# What is refused


def test_nothing_is_not_sent(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    for words in (Words.plain(" \r\n "), Words.rich("<p> </p><script>x</script>")):
        with pytest.raises(NothingWritten):
            nora_cannot_sign_in.reply(words, by=kay, at=at, seen=nora_cannot_sign_in.latest())
        with pytest.raises(NothingWritten):
            nora_cannot_sign_in.note(words, by=kay, at=at)
    assert now(nora_cannot_sign_in).waiting_since == at
    assert not Delivery.objects.exists()


def test_a_file_alone_is_something(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    draft = Draft.of(nora_cannot_sign_in, kay, at=at)
    draft.attach("how.pdf", "application/pdf", b"%PDF")
    message = nora_cannot_sign_in.reply(Words.plain(""), by=kay, at=at, seen=nora_cannot_sign_in.latest(), draft=draft)
    assert [a.name for a in message.attachments.all()] == ["how.pdf"]


def test_where_nobody_may_get_it_nothing_is_sent(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    nora_cannot_sign_in.participants.update(recipient_since=None)
    with pytest.raises(NobodyToWriteTo):
        nora_cannot_sign_in.reply(Words.plain("Hello"), by=kay, at=at, seen=nora_cannot_sign_in.latest())
    assert nora_cannot_sign_in.note(Words.plain("A note is for us."), by=kay, at=at)


def test_nothing_can_be_moved_where_nothing_is_in_the_way(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    nora_cannot_sign_in.nothing_in_the_way(why="duplicate", by=kay, at=at)
    with pytest.raises(NothingInTheWay):
        replies(nora_cannot_sign_in, "Done.", by=kay, at=at, moved=True)
    assert replies(nora_cannot_sign_in, "Have a good day.", by=kay, at=at)


# Once


def test_the_same_draft_twice_is_one_message(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    seen = nora_cannot_sign_in.latest()
    draft = Draft.of(nora_cannot_sign_in, kay, at=at)
    twin = Draft.objects.get(pk=draft.pk)  # in the hand of the second of two requests
    first = nora_cannot_sign_in.reply(Words.plain("Try this."), by=kay, at=at, seen=seen, draft=draft)
    second = nora_cannot_sign_in.reply(Words.plain("Try this."), by=kay, at=at + SECOND, seen=seen, draft=twin)
    assert first == second == nora_cannot_sign_in.sent_as(twin.key)
    assert Delivery.objects.count() == 1
    assert not Draft.objects.exists()


def test_a_note_twice_is_one_note(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    draft = Draft.of(nora_cannot_sign_in, kay, at=at)
    twin = Draft.objects.get(pk=draft.pk)
    assert nora_cannot_sign_in.note(Words.plain("Hm."), by=kay, at=at, draft=draft) == nora_cannot_sign_in.note(
        Words.plain("Hm."), by=kay, at=at, draft=twin
    )


def test_a_draft_that_was_sent_does_not_come_back_when_it_is_kept_late(
    nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    late = Draft.objects.get(pk=Draft.of(nora_cannot_sign_in, kay, at=at).pk)
    nora_cannot_sign_in.reply(
        Words.plain("Try this."),
        by=kay,
        at=at,
        seen=nora_cannot_sign_in.latest(),
        draft=Draft.of(nora_cannot_sign_in, kay, at=at),
    )
    late.keep(text="Try thi", html="", at=at + SECOND)
    assert not Draft.objects.exists()


def test_another_draft_is_another_message(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    for words in ("One.", "Two."):
        draft = Draft.of(nora_cannot_sign_in, kay, at=at)
        nora_cannot_sign_in.reply(Words.plain(words), by=kay, at=at, seen=now(nora_cannot_sign_in).latest(), draft=draft)
    assert [message.text for message in nora_cannot_sign_in.messages.filter(kind="ours").order_by("id")] == ["One.", "Two."]


# Pictures in the words


PNG = b"\x89PNG\r\n\x1a\n"


def test_a_picture_stands_in_the_words_of_its_own_message_alone(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    ilses = says(support, ILSE.writes("The invoice", "Hello", at=at), at=at).conversation
    kays = Draft.of(nora_cannot_sign_in, kay, at=at)
    mine, removed = (kays.attach(name, "image/png", PNG + name.encode(), inline=True) for name in ("mine.png", "removed.png"))
    attached = kays.attach("beside.png", "image/png", PNG, inline=False)
    sams = Draft.of(nora_cannot_sign_in, sam, at=at).attach("sams.png", "image/png", PNG, inline=True)
    note = Draft.of(nora_cannot_sign_in, kay, at=at, kind="note").attach("note.png", "image/png", PNG, inline=True)
    elsewhere = Draft.of(ilses, kay, at=at).attach("ilses.png", "image/png", PNG, inline=True)
    html = "<p>Here:" + "".join(f'<img src="{one.address}">' for one in (mine, attached, sams, note, elsewhere)) + "</p>"
    kays.keep(text="Here:", html=html, at=at)
    assert kays.html == f'<p>Here:<img src="{mine.address}"></p>'
    message = nora_cannot_sign_in.reply(Words.rich(html), by=kay, at=at, seen=nora_cannot_sign_in.latest(), draft=kays)
    assert message.html == f'<p>Here:<img src="{mine.address}"></p>'
    assert [a.name for a in message.attachments.order_by("id")] == ["mine.png", "beside.png"]
    assert not Attachment.objects.filter(pk=removed.pk).exists()
    assert Attachment.objects.filter(pk__in=[sams.pk, note.pk, elsewhere.pk], message=None).count() == 3


def test_where_no_picture_is_one_s_own_an_empty_reply_is_empty(
    nora_cannot_sign_in: Conversation, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    sams = Draft.of(nora_cannot_sign_in, sam, at=at).attach("sams.png", "image/png", PNG, inline=True)
    words = Words.rich(f'<p><img src="{sams.address}"></p>')
    with pytest.raises(NothingWritten):
        nora_cannot_sign_in.note(words, by=kay, at=at, draft=Draft.of(nora_cannot_sign_in, kay, at=at, kind="note"))


def test_a_picture_that_was_cut_can_be_pasted_again_within_the_hour(
    nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    draft = Draft.of(nora_cannot_sign_in, kay, at=at)
    picture = draft.attach("screen.png", "image/png", PNG, inline=True)
    cut_at = datetime.fromtimestamp((picture.pk >> 20) / 1000, UTC)
    draft.forget_pictures("<p>Here:</p>", older_than=cut_at - MINUTE)
    assert draft.pictures() == {picture.address}
    draft.forget_pictures("<p>Here:</p>", older_than=cut_at + MINUTE)
    assert draft.pictures() == set()


def test_pictures_come_back_with_the_words_that_are_taken_back(
    nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    draft = Draft.of(nora_cannot_sign_in, kay, at=at)
    words = Words.rich(f'<p>So: <img src="{draft.attach("screen.png", "image/png", PNG, inline=True).address}"></p>')
    message = nora_cannot_sign_in.reply(words, by=kay, at=at, seen=nora_cannot_sign_in.latest(), draft=draft)
    back = nora_cannot_sign_in.take_back(message, by=kay, at=at + SECOND)
    assert back.html == words.html and back.pictures()


# Notes


def test_a_note_changes_nothing_about_who_waits_and_goes_nowhere(
    nora_cannot_sign_in: Conversation, sam: Teammate, at: datetime
) -> None:
    note = nora_cannot_sign_in.note(Words.plain("She is on the old version."), by=sam, at=at + MINUTE)
    assert now(nora_cannot_sign_in).waiting_since == at
    assert now(nora_cannot_sign_in).latest() == note
    assert not Delivery.objects.exists() and kinds() == ["raised"]
    assert note.message_id == "" and note.addressed == {}


# Taking back


@pytest.fixture
def taken_back(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> Message:
    draft = Draft.of(nora_cannot_sign_in, kay, at=at)
    draft.attach("how.pdf", "application/pdf", b"%PDF")
    words = Words.rich("<p>Try <strong>this</strong>.</p>")
    message = nora_cannot_sign_in.reply(words, by=kay, at=at + MINUTE, seen=nora_cannot_sign_in.latest(), moved=True, draft=draft)
    nora_cannot_sign_in.take_back(message, by=kay, at=at + MINUTE + 9 * SECOND)
    message.refresh_from_db()
    return message


def test_what_is_taken_back_never_was(nora_cannot_sign_in: Conversation, taken_back: Message, at: datetime) -> None:
    conversation = now(nora_cannot_sign_in)
    assert (conversation.waiting_since, conversation.closed_at, conversation.latest_at) == (at, None, at)
    assert conversation.latest() == conversation.messages.said().get()
    assert conversation.latest_words.startswith("Good morning")
    delivery = taken_back.delivery
    assert delivery and delivery.due_at is None and not delivery.release(at + MINUTE + TIME_TO_TAKE_BACK)
    assert kinds() == ["raised"]


def test_its_words_and_files_are_a_draft_again(nora_cannot_sign_in: Conversation, taken_back: Message, kay: Teammate) -> None:
    draft = Draft.objects.get()
    assert (draft.teammate, draft.text, draft.html) == (kay, "Try this.", "<p>Try <strong>this</strong>.</p>")
    assert [a.name for a in draft.attachments.all()] == ["how.pdf"]
    assert not taken_back.attachments.exists()


def test_and_can_be_sent_after_all(nora_cannot_sign_in: Conversation, taken_back: Message, kay: Teammate, at: datetime) -> None:
    draft = Draft.objects.get()
    message = nora_cannot_sign_in.reply(
        Words.plain(draft.text), by=kay, at=at + 2 * MINUTE, seen=now(nora_cannot_sign_in).latest(), draft=draft
    )
    assert message != taken_back and message.attachments.count() == 1
    assert message.message_id != taken_back.message_id


def test_taking_back_twice_is_taking_back_once(
    nora_cannot_sign_in: Conversation, taken_back: Message, kay: Teammate, at: datetime
) -> None:
    Draft.objects.get().keep(text="Better words", html="", at=at)
    assert nora_cannot_sign_in.take_back(taken_back, by=kay, at=at + 2 * MINUTE).text == "Better words"
    taken_back.refresh_from_db()
    assert taken_back.taken_back_at == at + MINUTE + 9 * SECOND


def test_what_was_written_since_is_not_lost(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    message = replies(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    Draft.of(nora_cannot_sign_in, kay, at=at).keep(text="One more thing", html="", at=at)
    draft = nora_cannot_sign_in.take_back(message, by=kay, at=at + SECOND)
    assert (draft.text, draft.html, draft.kind) == ("Try this.\n\nOne more thing", "", "reply")


def test_a_note_that_was_begun_since_is_left_alone(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    message = nora_cannot_sign_in.reply(Words.rich("<p>Try <em>this</em>.</p>"), by=kay, at=at, seen=nora_cannot_sign_in.latest())
    note = Draft.of(nora_cannot_sign_in, kay, at=at, kind="note")
    note.keep(text="She <never> reads", html="", at=at)
    reply = nora_cannot_sign_in.take_back(message, by=kay, at=at + SECOND)
    assert (reply.kind, reply.text, reply.html) == ("reply", "Try this.", "<p>Try <em>this</em>.</p>")
    note.refresh_from_db()
    assert (note.kind, note.text) == ("note", "She <never> reads")


def test_words_taken_back_stand_before_those_written_since_and_both_keep_their_form(
    nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    message = nora_cannot_sign_in.reply(Words.rich("<p>Try <em>this</em>.</p>"), by=kay, at=at, seen=nora_cannot_sign_in.latest())
    Draft.of(nora_cannot_sign_in, kay, at=at).keep(text="And <that>", html="", at=at)
    assert (
        nora_cannot_sign_in.take_back(message, by=kay, at=at + SECOND).html == "<p>Try <em>this</em>.</p><p>And &lt;that&gt;</p>"
    )


def test_a_reply_and_a_note_in_the_making_know_nothing_of_each_other(
    nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    reply, note = (Draft.of(nora_cannot_sign_in, kay, at=at, kind=kind) for kind in ("reply", "note"))
    assert reply != note and reply.key != note.key
    note.keep(text="Between us.", html="", at=at)
    note.attach("salaries.csv", "text/csv", b"1,2")
    sent_one = nora_cannot_sign_in.reply(Words.plain("Hello"), by=kay, at=at, seen=nora_cannot_sign_in.latest(), draft=reply)
    assert not sent_one.attachments.exists()
    assert (Draft.objects.get().text, note.attachments.count()) == ("Between us.", 1)


def test_a_colleague_who_takes_it_back_gives_the_words_to_the_one_who_wrote_them(
    nora_cannot_sign_in: Conversation, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    message = replies(nora_cannot_sign_in, "Try this.", by=sam, at=at)
    assert nora_cannot_sign_in.take_back(message, by=kay, at=at + SECOND).teammate == sam


def test_what_has_left_cannot_be_taken_back(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    message = sent(nora_cannot_sign_in, "Try this.", by=kay, at=at)
    with pytest.raises(TooLate):
        nora_cannot_sign_in.take_back(message, by=kay, at=at + TIME_TO_TAKE_BACK)
    message.refresh_from_db()
    assert message.taken_back_at is None and not Draft.objects.exists()


def test_she_who_wrote_meanwhile_keeps_waiting_since_then(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    message = replies(nora_cannot_sign_in, "Try this.", by=kay, at=at + MINUTE)
    says(support, NORA.writes("Re: I can’t sign in", "Hello?", answers=nora_cannot_sign_in.latest()), at=at + MINUTE + SECOND)
    nora_cannot_sign_in.take_back(message, by=kay, at=at + MINUTE + 2 * SECOND)
    assert now(nora_cannot_sign_in).waiting_since == at + MINUTE + SECOND
    assert now(nora_cannot_sign_in).latest_words == "Hello?"


# Release


def test_with_its_leaving_the_hand_in_it_is_recorded(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    message = sent(nora_cannot_sign_in, "Try this.", by=kay, at=at + MINUTE)
    took_part = OutcomeEvent.objects.get(kind="took_part")
    assert (took_part.by, took_part.how, took_part.at) == (kay, "reply", at + MINUTE + TIME_TO_TAKE_BACK)
    assert kinds() == ["raised", "took_part"]
    assert now(nora_cannot_sign_in).closed_at is None  # it is open, and nobody waits
    assert message.delivery and message.delivery.release(at + 2 * MINUTE)  # once more changes nothing
    assert kinds() == ["raised", "took_part"]


def test_send_blocker_moved_records_both_and_closes(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    message = sent(nora_cannot_sign_in, "Done.", by=kay, at=at, moved=True)
    released = at + TIME_TO_TAKE_BACK
    assert kinds() == ["raised", "took_part", "moved"]
    conversation = now(nora_cannot_sign_in)
    assert conversation.closed_at == released and conversation.blocker and conversation.blocker.moved_at == released
    assert conversation.activities.get().message == message
    assert message.delivery and message.delivery.release(released + MINUTE)
    assert kinds() == ["raised", "took_part", "moved"] and conversation.activities.count() == 1


def test_a_mail_that_comes_between_send_and_release_keeps_it_open(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    message = replies(nora_cannot_sign_in, "Done.", by=kay, at=at + MINUTE, moved=True)
    hers = says(
        support, NORA.writes("Re: I can’t sign in", "And now?", answers=nora_cannot_sign_in.latest()), at=at + MINUTE + 5 * SECOND
    )
    assert message.delivery and message.delivery.release(at + MINUTE + TIME_TO_TAKE_BACK)
    conversation = now(nora_cannot_sign_in)
    assert (conversation.closed_at, conversation.waiting_since) == (None, hers.at)
    assert kinds() == ["raised", "took_part", "moved"]
    assert not hers.to_decide  # she wrote before she could know


def test_what_moves_is_the_blocker_it_was_written_about(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    sent(nora_cannot_sign_in, "Done.", by=kay, at=at, moved=True)
    first = now(nora_cannot_sign_in).blocker
    hers = says(
        support, NORA.writes("Re: I can’t sign in", "And the ovens?", answers=nora_cannot_sign_in.latest()), at=at + MINUTE
    )
    reply = replies(nora_cannot_sign_in, "Once more.", by=kay, at=at + 2 * MINUTE, moved=True)
    nora_cannot_sign_in.something_new(hers, by=sam, at=at + 2 * MINUTE + SECOND)
    assert reply.delivery and reply.delivery.release(at + 3 * MINUTE)
    second = now(nora_cannot_sign_in).blocker
    assert first and second and first != second
    assert second.moved_at is None
    assert list(OutcomeEvent.objects.filter(kind="moved").values_list("blocker", flat=True)) == [first.pk, first.pk]


def test_a_reply_leaves_also_when_its_blocker_was_withdrawn_meanwhile(
    nora_cannot_sign_in: Conversation, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    reply = replies(nora_cannot_sign_in, "Done.", by=kay, at=at, moved=True)
    nora_cannot_sign_in.nothing_in_the_way(why="spam", by=sam, at=at + SECOND)
    assert reply.delivery and reply.delivery.release(at + TIME_TO_TAKE_BACK)


def test_an_older_name_of_the_blocker_is_not_brought_back_by_a_reply(
    nora_cannot_sign_in: Conversation, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    reply = replies(nora_cannot_sign_in, "Done.", by=kay, at=at, moved=True)
    held = Delivery.objects.select_related("blocker").get(message=reply)  # by the chore, before Sam names it
    nora_cannot_sign_in.name_blocker("Her password has expired", by=sam, at=at + SECOND)
    held.release(at + TIME_TO_TAKE_BACK)
    blocker = now(nora_cannot_sign_in).blocker
    assert blocker and blocker.words == "Her password has expired"


def test_two_conversations_do_not_mix(nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime) -> None:
    ilses = says(support, ILSE.writes("The gate", "It does not open."), at=at).conversation
    sent(nora_cannot_sign_in, "Done.", by=kay, at=at, moved=True)
    assert list(Conversation.objects.waiting()) == [ilses]
    assert ilses.blocker and ilses.blocker.moved_at is None
