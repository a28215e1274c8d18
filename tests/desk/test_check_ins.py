"""We ask whether it worked: planned as a blocker is moved, agreed to by whoever moved it, asked once, and by the desk."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.asking import DAY, SOON, asked, last_mail, link_in, moved, the_message, the_team_asks, words_of, work
from tests.cast import ILSE, NORA, SUPPORT, TIME_TO_TAKE_BACK, Post, bounce, says, sent
from touchline.channels import Never, NotNow
from touchline.core.mail.understand import understand
from touchline.desk.models import (
    Address,
    AskRule,
    CheckIn,
    Conversation,
    Delivery,
    Desk,
    Mailbox,
    OutcomeEvent,
    Person,
    Spell,
    Teammate,
)
from touchline.desk.models.ask_rule import CannotBeAsked, first_name, refuse_bad_words
from touchline.desk.models.check_in import _digest
from touchline.work.chores import go_on_with_check_ins, put_right_after_a_clock_went_back, send_deliveries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everything_can_be_sent(can_send: Mailbox) -> None: ...


def kinds() -> list[str]:
    return list(OutcomeEvent.objects.in_order().values_list("kind", flat=True))


def why(check_in: CheckIn) -> str:
    check_in.refresh_from_db()
    return check_in.closed_because


# Planning


def test_whoever_moves_a_blocker_sees_when_it_is_asked_whether_it_held(
    nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    the_team_asks(after_hours=True, after_days=True, after_weeks=True)
    planned = moved(nora_cannot_sign_in, by=kay, at=at)
    began = at + TIME_TO_TAKE_BACK
    assert [(each.horizon, each.due_at) for each in planned] == [
        ("hours", began + timedelta(hours=4)),
        ("days", began + 3 * DAY),
        ("weeks", datetime(2026, 3, 23, 9, 0, 10, tzinfo=UTC)),
    ]
    assert {each.line for each in planned} == {"I can’t sign in"}
    assert {each.by for each in planned} == {kay}


def test_without_a_rule_nobody_is_asked(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    assert moved(nora_cannot_sign_in, by=kay, at=at) == []


def test_the_closest_rule_holds(nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime) -> None:
    the_team_asks()
    the_team_asks(mailbox=support, after_days=False)
    assert moved(nora_cannot_sign_in, by=kay, at=at) == []
    the_team_asks(topic="signing-in", after_weeks=True)
    assert AskRule.holding(support, "signing-in").asks == {"days", "weeks"}
    the_team_asks(topic="signing-in", mailbox=support, after_days=False)
    assert AskRule.holding(support, "signing-in").asks == frozenset()
    assert AskRule.holding(support, "other").asks == frozenset()


def test_moving_it_twice_plans_once_and_moving_it_anew_plans_anew(
    nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    the_team_asks()
    first = nora_cannot_sign_in.move_blocker(by=kay, at=at)
    nora_cannot_sign_in.move_blocker(by=kay, at=at + SOON)
    assert CheckIn.objects.count() == 1
    first.undo(by=kay, at=at + 2 * SOON)
    blocker = nora_cannot_sign_in.blocker
    assert blocker and blocker.moved_at == at + SOON  # the second press stands


def test_nobody_is_asked_at_night(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    the_team_asks(after_hours=True, after_days=False)
    (planned,) = moved(nora_cannot_sign_in, by=kay, at=at + timedelta(hours=8))
    assert planned.due_at == datetime(2026, 3, 3, 8, tzinfo=UTC)


def test_nobody_is_asked_at_their_own_night(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    the_team_asks(after_hours=True, after_days=False)
    Person.objects.update(time_zone="Pacific/Auckland")
    (planned,) = moved(nora_cannot_sign_in, by=kay, at=at)
    assert planned.due_at == datetime(2026, 3, 2, 19, tzinfo=UTC)
    Person.objects.update(time_zone="Mars/Olympus")
    assert Person.objects.get().quiet(Desk.get()).zone == Desk.get().zone


def test_who_is_away_is_asked_when_they_are_back(
    nora_cannot_sign_in: Conversation, kay: Teammate, post: Post, at: datetime
) -> None:
    the_team_asks()
    (planned,) = moved(nora_cannot_sign_in, by=kay, at=at)
    Address.objects.update(away_until=date(2026, 3, 13))
    work(at + 4 * DAY)
    planned.refresh_from_db()
    assert planned.due_at == datetime(2026, 3, 14, 8, tzinfo=UTC)
    work(planned.due_at)
    planned.refresh_from_db()
    assert planned.asked_at == datetime(2026, 3, 14, 8, tzinfo=UTC)


def test_the_mover_may_edit_the_line_and_leave_it_out_until_it_goes(
    nora_cannot_sign_in: Conversation, kay: Teammate, post: Post, at: datetime
) -> None:
    the_team_asks()
    (planned,) = moved(nora_cannot_sign_in, by=kay, at=at)
    CheckIn.say(planned.blocker, "  your new\npassword ")
    CheckIn.leave_out(planned.blocker, at=at + SOON)
    assert why(planned) == "left_out" and planned.left_out_at == at + SOON
    work(at + 4 * DAY)
    assert len(post.sent) == 0 or "check" not in str(last_mail(post)["Subject"])
    assert not CheckIn.objects.filter(message_id__isnull=False)
    CheckIn.ask_after_all(planned.blocker)
    work(at + 4 * DAY)
    assert "“your new password”" in words_of(last_mail(post))
    CheckIn.leave_out(planned.blocker, at=at + 5 * DAY)
    assert why(planned) == ""


# Asking


def test_the_desk_asks_and_says_who_wants_to_know(
    nora_cannot_sign_in: Conversation, kay: Teammate, post: Post, at: datetime
) -> None:
    the_team_asks()
    theirs = nora_cannot_sign_in.messages.by_people().get()
    check_in, then = asked(nora_cannot_sign_in, by=kay, at=at)
    reply = post.sent[-1]
    mail = last_mail(post)
    assert (reply.envelope_from, reply.recipients) == (SUPPORT, ("nora@bakery.example",))
    assert (mail["From"], mail["To"]) == (f"Touchline support <{SUPPORT}>", "Nora Adeyemi <nora@bakery.example>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert theirs.message_id in mail["In-Reply-To"]
    words = words_of(mail)
    assert words.startswith("Hello Nora,\n\nKay asked us to check whether this is out of your way: “I can’t sign in”.\n")
    html = words_of(mail, "html")
    assert link_in(words) == link_in(html)
    assert "<img" not in html and html.count("<a ") == 1 and "Doyle" not in words
    assert check_in.token_digest == _digest(link_in(words).split("/")[2])
    assert check_in.expires_at == then + 60 * DAY


def test_what_is_kept_of_it_holds_no_link(nora_cannot_sign_in: Conversation, kay: Teammate, post: Post, at: datetime) -> None:
    the_team_asks()
    check_in, _then = asked(nora_cannot_sign_in, by=kay, at=at)
    message = the_message(check_in)
    token = link_in(words_of(last_mail(post))).split("/")[2]
    assert (message.automatic, message.kind, message.teammate) == ("check_in", "ours", None)
    assert "[link]" in message.text and "[link]" in message.html
    for row in (message, check_in, message.delivery):
        assert token not in str(vars(row))


def test_it_is_asked_when_it_leaves_and_not_before(
    nora_cannot_sign_in: Conversation, kay: Teammate, post: Post, at: datetime
) -> None:
    the_team_asks()
    (planned,) = moved(nora_cannot_sign_in, by=kay, at=at)
    send_deliveries(at + SOON)
    then = at + 3 * DAY + SOON
    go_on_with_check_ins(then)
    assert "asked" not in kinds()
    post.answers = [NotNow("The server is busy."), {}]
    send_deliveries(then)
    assert "asked" not in kinds()
    send_deliveries(then + SOON)
    assert kinds()[-1] == "asked"
    event = OutcomeEvent.objects.get(kind="asked")
    assert (event.at, event.horizon, event.random, event.blocker) == (then + SOON, "days", False, planned.blocker)
    assert post.sent[-1].raw == post.sent[-2].raw  # the same link at every try


def test_they_do_not_wait_because_they_were_asked(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    the_team_asks()
    asked(nora_cannot_sign_in, by=kay, at=at)
    nora_cannot_sign_in.refresh_from_db()
    assert nora_cannot_sign_in.waiting_since is None and nora_cannot_sign_in.closed_at is not None


def test_a_question_that_cannot_be_sent_was_not_asked(
    nora_cannot_sign_in: Conversation, kay: Teammate, post: Post, at: datetime
) -> None:
    the_team_asks()
    (planned,) = moved(nora_cannot_sign_in, by=kay, at=at)
    send_deliveries(at + SOON)
    post.answers = [Never("No such mailbox.")]
    work(at + 3 * DAY + SOON)
    assert why(planned) == "not_sent"
    assert "asked" not in kinds()
    assert not Delivery.objects.in_trouble()


@pytest.mark.parametrize(
    "meanwhile", ["back", "withdrawn", "confirmed", "undone", "not to be asked", "bounces", "spam", "off", "too late"]
)
def test_some_are_not_asked_after_all(
    nora_cannot_sign_in: Conversation, kay: Teammate, post: Post, at: datetime, meanwhile: str
) -> None:
    rule = the_team_asks()
    (planned,) = moved(nora_cannot_sign_in, by=kay, at=at)
    send_deliveries(at + SOON)
    conversation = Conversation.objects.get()
    later, then, because = at + DAY, at + 3 * DAY + SOON, "not_moved"
    match meanwhile:
        case "back":
            conversation.they_told_us_it_is_back(by=kay, at=later)
        case "withdrawn":
            conversation.nothing_in_the_way(why="other", by=kay, at=later)
        case "confirmed":
            conversation.they_told_us_it_works(by=kay, at=later)
            because = "confirmed"
        case "undone":
            conversation.activities.get(kind="moved").undo(by=kay, at=later)
        case "not to be asked":
            Person.objects.get().do_not_ask(at=later)
            because = "do_not_ask"
        case "bounces":
            Address.objects.update(cannot_be_reached_at=later)
            because = "no_address"
        case "spam":
            Conversation.objects.update(spam_at=later)
            because = "spam"
        case "off":
            rule.delete()
            because = "turned_off"
        case "too late":
            then, because = at + 40 * DAY, "too_late"
    work(then)
    assert why(planned) == because
    assert "asked" not in kinds() and len(post.sent) == 1


def test_who_waits_for_us_is_not_asked_now(
    nora_cannot_sign_in: Conversation, kay: Teammate, support: Mailbox, at: datetime
) -> None:
    the_team_asks()
    (planned,) = moved(nora_cannot_sign_in, by=kay, at=at)
    ours = nora_cannot_sign_in.messages.get(kind="ours")
    says(support, NORA.writes("Re: I can’t sign in", "By the way…\n", answers=ours, at=at + DAY), at=at + DAY)
    nora_cannot_sign_in.refresh_from_db()
    assert nora_cannot_sign_in.waiting_since
    work(at + 3 * DAY + SOON)
    planned.refresh_from_db()
    assert planned.message_id is None and planned.due_at == at + 4 * DAY + SOON


def test_what_comes_between_asking_and_leaving_takes_it_back(
    nora_cannot_sign_in: Conversation, kay: Teammate, post: Post, at: datetime
) -> None:
    the_team_asks()
    (planned,) = moved(nora_cannot_sign_in, by=kay, at=at)
    send_deliveries(at + SOON)
    go_on_with_check_ins(at + 3 * DAY + SOON)
    Conversation.objects.get().they_told_us_it_is_back(by=kay, at=at + 3 * DAY + SOON)
    send_deliveries(at + 3 * DAY + SOON)
    assert why(planned) == "not_moved"
    assert len(post.sent) == 1 and "asked" not in kinds()
    assert the_message(planned).taken_back_at


def test_what_waited_for_a_server_until_the_night_goes_in_the_morning(
    nora_cannot_sign_in: Conversation, kay: Teammate, post: Post, at: datetime
) -> None:
    the_team_asks()
    moved(nora_cannot_sign_in, by=kay, at=at)
    send_deliveries(at + SOON)
    go_on_with_check_ins(at + 3 * DAY + SOON)
    send_deliveries(datetime(2026, 3, 5, 22, tzinfo=UTC))
    assert len(post.sent) == 1
    send_deliveries(datetime(2026, 3, 6, 8, tzinfo=UTC))
    assert len(post.sent) == 2


def test_nobody_has_two_open_questions(support: Mailbox, kay: Teammate, post: Post, at: datetime) -> None:
    the_team_asks()
    first = says(support, NORA.writes("The till", "It prints twice.\n", at=at), at=at).conversation
    second = says(support, NORA.writes("The scale", "It weighs too much.\n", at=at), at=at).conversation
    other = says(support, ILSE.writes("The hose", "It leaks.\n", at=at), at=at).conversation
    plans = [moved(each, by=kay, at=at + SOON)[0] for each in (first, second, other)]
    then = at + 3 * DAY + 2 * SOON
    work(then)
    assert CheckIn.objects.open_questions().count() == 2
    plans[1].refresh_from_db()
    assert (plans[1].message_id, plans[1].due_at) == (None, then + DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        CheckIn.objects.filter(pk=plans[1].pk).update(message_id=1)
    plans[0].refresh_from_db()
    plans[0].hear("yes", at=then + SOON)
    work(then + DAY)
    plans[1].refresh_from_db()
    assert plans[1].asked_at == then + DAY


def test_a_question_nobody_answers_gives_way_to_the_next_and_its_link_goes_on(
    nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    the_team_asks(after_hours=True, after_days=True, after_weeks=True)
    hours, days, weeks = moved(nora_cannot_sign_in, by=kay, at=at)
    work(at + timedelta(hours=5))
    work(at + 3 * DAY + SOON)
    assert why(days) == "asked"  # the first one is open still
    work(at + 8 * DAY)
    assert why(hours) == "no_answer"
    work(at + 21 * DAY + SOON)
    weeks.refresh_from_db()
    assert weeks.asked_at == at + 21 * DAY + SOON
    hours.hear("yes", at=at + 22 * DAY)
    assert Spell.objects.get().check_in_yes_at == at + 22 * DAY


def test_a_link_dies_after_sixty_days(nora_cannot_sign_in: Conversation, kay: Teammate, post: Post, at: datetime) -> None:
    the_team_asks()
    check_in, then = asked(nora_cannot_sign_in, by=kay, at=at)
    token = link_in(words_of(last_mail(post))).split("/")[2]
    assert CheckIn.objects.by_token(token, at=then + 60 * DAY - SOON) == check_in
    assert CheckIn.objects.by_token(token, at=then + 60 * DAY) is None
    go_on_with_check_ins(then + 7 * DAY)
    go_on_with_check_ins(then + 60 * DAY)
    check_in.refresh_from_db()
    assert (check_in.token_digest, check_in.due_at, check_in.address) == ("", None, "")
    assert CheckIn.objects.by_token("", at=then) is None


def test_a_bounce_of_it_marks_the_address_and_troubles_nobody(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    the_team_asks()
    check_in, then = asked(nora_cannot_sign_in, by=kay, at=at)
    asking = the_message(check_in)
    support.receive(bounce("nora@bakery.example", original_id=asking.message_id), at=then + SOON, via="smtp").file(then + SOON)
    nora_cannot_sign_in.refresh_from_db()
    assert nora_cannot_sign_in.waiting_since is None
    assert Address.objects.get().cannot_be_reached_at == then + SOON


def test_a_clock_that_goes_back_asks_nobody_twice_and_nobody_too_early(
    nora_cannot_sign_in: Conversation, kay: Teammate, post: Post, at: datetime
) -> None:
    the_team_asks()
    (planned,) = moved(nora_cannot_sign_in, by=kay, at=at)
    send_deliveries(at + SOON)
    CheckIn.objects.update(due_at=at + 4000 * DAY)  # claimed by a clock that was wrong
    put_right_after_a_clock_went_back(at + DAY)
    planned.refresh_from_db()
    assert planned.due_at == planned.planned_at
    CheckIn.objects.update(due_at=at + SOON)
    work(at + DAY)
    planned.refresh_from_db()
    assert planned.due_at == planned.planned_at and len(post.sent) == 1
    work(at + 3 * DAY + SOON)
    assert len(post.sent) == 2
    work(at + DAY)
    work(at + 3 * DAY + SOON)
    assert len(post.sent) == 2 and kinds().count("asked") == 1


def test_an_answer_before_it_was_moved_by_a_clock_that_went_back_leaves_the_ledger_true(
    nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    the_team_asks()
    check_in, _then = asked(nora_cannot_sign_in, by=kay, at=at)
    check_in.hear("no", at=at - DAY)
    spell = Spell.objects.get()
    assert spell.ended_at is None and spell.returned_source == ""
    nora_cannot_sign_in.refresh_from_db()
    assert nora_cannot_sign_in.waiting_since == at - DAY  # and somebody looks all the same


def test_an_archive_is_not_asked(nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, at: datetime) -> None:
    the_team_asks()
    Conversation.objects.update(imported_at=at + DAY)
    nora_cannot_sign_in.refresh_from_db()
    nora_cannot_sign_in.move_blocker(by=kay, at=at + 2 * DAY)
    assert not CheckIn.objects.exists()


# At random


def test_spells_are_drawn_at_random_and_the_ledger_says_so(
    nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    the_team_asks(after_days=False, random_share=1.0)
    check_in, _then = asked(nora_cannot_sign_in, by=kay, at=at)
    assert check_in.random and check_in.horizon == "days"
    assert OutcomeEvent.objects.get(kind="asked").random
    assert Spell.objects.get().asked_random_at


def test_taking_it_back_and_moving_it_again_draws_no_other_lot(
    nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    the_team_asks(after_days=False, random_share=0.5)
    blocker = nora_cannot_sign_in.blocker
    assert blocker
    outlooks = [CheckIn.outlook(nora_cannot_sign_in, blocker, by=kay, at=at + n * SOON) for n in range(5)]
    assert len({len(each) for each in outlooks}) == 1
    activity = nora_cannot_sign_in.move_blocker(by=kay, at=at)
    activity.undo(by=kay, at=at + SOON)
    blocker.refresh_from_db()
    nora_cannot_sign_in.move_blocker(by=kay, at=at + 2 * SOON)
    assert CheckIn.objects.filter(spell_began_at=at + 2 * SOON).count() == len(outlooks[0])


# Words


def test_words_must_say_who_asks_and_hold_the_link_once() -> None:
    refuse_bad_words("{teammate} wants to know about {line}: {link}")
    for bad in ("{teammate}: {line}", "{link} {link} {teammate}", "{link}", "{teammate} {link} {person}", "{teammate} {link} {}"):
        with pytest.raises(CannotBeAsked):
            refuse_bad_words(bad)


def test_a_team_asks_in_its_own_words(nora_cannot_sign_in: Conversation, kay: Teammate, post: Post, at: datetime) -> None:
    the_team_asks(words="{teammate} would like to know: is “{line}” settled?\n\n{link}\n\nThe bakers’ desk")
    (planned,) = moved(nora_cannot_sign_in, by=kay, at=at)
    CheckIn.say(planned.blocker, "{link} <b>[link]</b> & {teammate}")
    work(at + 3 * DAY + SOON)
    words = words_of(last_mail(post))
    assert words.startswith("Hello Nora,\n\nKay would like to know: is “{link} <b></b> & {teammate}” settled?\n\nhttp")
    link_in(words)
    assert "&lt;b&gt;&lt;/b&gt; &amp;" in words_of(last_mail(post), "html")


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Nora Adeyemi", "Nora"),
        ("Adeyemi, Nora", "Nora"),
        ("nora@bakery.example", ""),
        ("", ""),
        ("Tomás", "Tomás"),
        (" , ", ""),
    ],
)
def test_people_are_called_by_their_first_name(name: str, first: str) -> None:
    assert first_name(name) == first


def test_our_mail_is_known_as_a_machines_by_other_machines(
    nora_cannot_sign_in: Conversation, kay: Teammate, post: Post, at: datetime
) -> None:
    the_team_asks()
    asked(nora_cannot_sign_in, by=kay, at=at)
    assert understand(post.sent[-1].raw).header("auto-submitted") == "auto-generated"


def test_a_reply_of_ours_is_not_held_up_by_it(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    the_team_asks()
    _check_in, then = asked(nora_cannot_sign_in, by=kay, at=at)
    assert sent(nora_cannot_sign_in, "One more thing.", by=kay, at=then + SOON)
