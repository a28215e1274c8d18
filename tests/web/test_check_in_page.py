"""The page on which people say whether it worked: only a press of a button is an answer."""

from datetime import datetime, timedelta, tzinfo

import pytest
from django.core.cache import cache
from django.test import Client

from tests.asking import DAY, SOON, asked, last_mail, link_in, the_message, the_team_asks, words_of
from tests.cast import NORA, SUPPORT, Post, says
from touchline.desk.models import Address, CheckIn, Conversation, Mailbox, Message, OutcomeEvent, Person, Spell, Teammate

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


class Clock:
    """What the door reads."""

    at: datetime

    def now(self, _zone: tzinfo) -> datetime:
        return self.at


@pytest.fixture(autouse=True)
def nothing_was_tried() -> None:
    cache.clear()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("touchline.web.request.datetime", clock)
    return clock


@pytest.fixture
def check_in(can_send: Mailbox, nora_cannot_sign_in: Conversation, kay: Teammate, clock: Clock, at: datetime) -> CheckIn:
    """Kay moved it on Monday, Nora was asked on Thursday, and it is half an hour later."""
    the_team_asks()
    check_in, then = asked(nora_cannot_sign_in, by=kay, at=at)
    clock.at = then + SOON
    return check_in


@pytest.fixture
def link(check_in: CheckIn, post: Post) -> str:
    return link_in(words_of(last_mail(post)))


@pytest.fixture
def person() -> Client:
    """A browser without any cookie, which checks forged requests as strictly as a real server does."""
    return Client(enforce_csrf_checks=True)


def recorded() -> list[tuple[str, str]]:
    return [(event.kind, event.source) for event in OutcomeEvent.objects.in_order()][
        3:
    ]  # raised, took_part and moved come before


def test_opening_it_records_nothing_however_often_and_by_whatever(link: str, person: Client) -> None:
    before = list(OutcomeEvent.objects.values())
    rows = CheckIn.objects.values().get()
    for _time in range(5):
        page = person.get(link)
        assert page.status_code == 200
    for method in ("head", "options", "put", "delete", "patch"):
        getattr(person, method)(link)
    person.get(link, headers={"purpose": "prefetch", "sec-purpose": "prefetch"})
    assert (list(OutcomeEvent.objects.values()), CheckIn.objects.values().get()) == (before, rows)
    assert "<script" not in page.text and "autofocus" not in page.text


def test_the_page_says_who_asks_about_what_and_nothing_of_the_conversation(link: str, person: Client) -> None:
    page = person.get(link).text
    assert "Hello Nora, Kay asked us to check with you about this:" in page and "I can’t sign in" in page
    for hidden in ("Adeyemi", "Doyle", "password has expired", "new password", "nora@bakery.example"):
        assert hidden not in page


def test_it_sets_no_cookie_and_no_engine_cache_or_other_page_hears_of_it(link: str, person: Client) -> None:
    for response in (person.get(link), person.post(link, {"answer": "yes"}), person.get(link), person.get("/check-in/forged/")):
        assert not response.cookies
        assert response["Referrer-Policy"] == "no-referrer" or response.status_code == 302
    page = person.get(link)
    assert "noindex" in page["X-Robots-Tag"] and page["Cache-Control"] == "no-store"
    assert '<meta name="referrer" content="no-referrer">' in page.text
    assert "script-src 'self'" in page["Content-Security-Policy"] and "frame-ancestors 'none'" in page["Content-Security-Policy"]


def test_yes_is_a_confirmation(link: str, person: Client, clock: Clock, nora_cannot_sign_in: Conversation) -> None:
    answer = person.post(link, {"answer": "yes"})
    assert (answer.status_code, answer["Location"]) == (302, link)
    assert recorded() == [("asked", ""), ("confirmed", "check_in")]
    assert Spell.objects.get().check_in_yes_at == clock.at
    nora_cannot_sign_in.refresh_from_db()
    assert nora_cannot_sign_in.closed_at and nora_cannot_sign_in.waiting_since is None  # nothing to answer
    page = person.get(link).text
    assert "Thank you, Nora." in page and "You told us that it works." in page and 'name="answer"' not in page


def test_not_yet_opens_it_to_the_one_who_knows_it(
    link: str, person: Client, clock: Clock, kay: Teammate, nora_cannot_sign_in: Conversation
) -> None:
    person.post(link, {"answer": "no", "words": "It asks for a code now.\r\n\r\nWhich one?"})
    assert recorded() == [("asked", ""), ("returned", "check_in")]
    nora_cannot_sign_in.refresh_from_db()
    assert nora_cannot_sign_in.closed_at is None and nora_cannot_sign_in.waiting_since == clock.at
    assert (nora_cannot_sign_in.assignee, nora_cannot_sign_in.came_back_at) == (kay, clock.at)
    said = nora_cannot_sign_in.messages.by_people().order_by("-id")[0]
    assert (said.text, said.person, said.email, said.outcome) == (
        "It asks for a code now.\n\nWhich one?",
        nora_cannot_sign_in.person,
        "nora@bakery.example",
        "back",
    )
    assert nora_cannot_sign_in.latest_words == "It asks for a code now. Which one?"


def test_a_word_beside_a_yes_is_read_by_somebody(
    link: str, person: Client, kay: Teammate, nora_cannot_sign_in: Conversation
) -> None:
    person.post(link, {"answer": "yes", "words": "Thank you! We baked all night."})
    nora_cannot_sign_in.refresh_from_db()
    assert nora_cannot_sign_in.waiting_since and nora_cannot_sign_in.assignee == kay
    said = nora_cannot_sign_in.messages.by_people().order_by("-id")[0]
    assert (said.outcome, said.to_decide) == ("works", False)
    assert Spell.objects.get().confirmed_at == said.at  # so that the words are found behind the figure


def test_who_moved_it_and_left_since_gets_nothing(
    link: str, person: Client, kay: Teammate, sam: Teammate, clock: Clock, nora_cannot_sign_in: Conversation
) -> None:
    sam.role = Teammate.Role.OWNER
    sam.save()
    kay.leave(at=clock.at)
    person.post(link, {"answer": "no"})
    nora_cannot_sign_in.refresh_from_db()
    assert nora_cannot_sign_in.assignee is None and nora_cannot_sign_in.waiting_since


def test_answered_twice_the_first_stands_and_says_so(link: str, person: Client, clock: Clock) -> None:
    person.post(link, {"answer": "yes"})
    clock.at += MINUTE
    again = person.post(link, {"answer": "no", "words": "Or not"})
    assert again.status_code == 409 and "That answer stands." in again.text and "You told us that it works." in again.text
    assert recorded() == [("asked", ""), ("confirmed", "check_in")]
    assert not Message.objects.filter(text="Or not")


def test_the_wrong_button_can_be_put_right_once(
    link: str, person: Client, clock: Clock, kay: Teammate, nora_cannot_sign_in: Conversation
) -> None:
    person.post(link, {"answer": "no", "words": "Thanks."})
    clock.at += 9 * MINUTE
    assert "It works" in person.get(link).text
    person.post(link, {"other": "1"})
    assert recorded() == [("asked", ""), ("returned", "check_in"), ("retracted", ""), ("confirmed", "check_in")]
    spell = Spell.objects.get()
    assert spell.ended_at is None and spell.check_in_yes_at == clock.at
    assert CheckIn.objects.get().answer == "yes"
    assert nora_cannot_sign_in.messages.by_people().order_by("-id")[0].outcome == "works"
    assert nora_cannot_sign_in.activities.get(kind="undone").by is None  # Kay took nothing back
    assert person.post(link, {"other": "1"}).status_code == 409


def test_a_yes_by_mistake_is_put_right_too(link: str, person: Client, clock: Clock, nora_cannot_sign_in: Conversation) -> None:
    person.post(link, {"answer": "yes"})
    person.post(link, {"other": "1"})
    assert Spell.objects.get().returned_source == "check_in"
    nora_cannot_sign_in.refresh_from_db()
    assert nora_cannot_sign_in.waiting_since == clock.at and nora_cannot_sign_in.came_back_at == clock.at


def test_after_ten_minutes_it_stands(link: str, person: Client, clock: Clock) -> None:
    person.post(link, {"answer": "yes"})
    clock.at += 10 * MINUTE
    assert 'name="other"' not in person.get(link).text
    assert person.post(link, {"other": "1"}).status_code == 409
    assert recorded() == [("asked", ""), ("confirmed", "check_in")]


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_an_answer_after_its_spell_ended_is_kept_and_says_nothing_to_the_ledger(
    link: str, person: Client, clock: Clock, kay: Teammate, nora_cannot_sign_in: Conversation, answer: str
) -> None:
    nora_cannot_sign_in.they_told_us_it_is_back(by=kay, at=clock.at)
    clock.at += DAY
    before = recorded()
    person.post(link, {"answer": answer, "words": "Here I am."})
    assert recorded() == before
    kept = CheckIn.objects.get()
    assert (kept.answer, kept.words, kept.heard) == (answer, "Here I am.", None)
    assert nora_cannot_sign_in.messages.by_people().order_by("-id")[0].text == "Here I am."


@pytest.mark.parametrize("token", ["0" * 32, "forged", "a" * 500, "%00", "تم"])
def test_a_forged_link_is_met_kindly_and_told_what_to_do(check_in: CheckIn, person: Client, token: str) -> None:
    for page in (person.get(f"/check-in/{token}/"), person.post(f"/check-in/{token}/", {"answer": "yes"})):
        assert page.status_code == 404 and SUPPORT in page.text and "in your own words" in page.text
    assert recorded() == [("asked", "")]


def test_an_expired_link_is_met_the_same(link: str, person: Client, clock: Clock) -> None:
    clock.at += 60 * DAY
    assert person.get(link).status_code == 404
    assert person.post(link, {"answer": "yes"}).status_code == 404
    assert recorded() == [("asked", "")]


def test_the_link_of_somebody_who_was_forgotten_is_dead(link: str, person: Client, check_in: CheckIn) -> None:
    check_in.delete()
    assert person.get(link).status_code == 404


def test_an_answer_that_is_none_shows_the_question_again(link: str, person: Client) -> None:
    assert person.post(link, {"answer": "maybe"}).status_code == 422
    assert person.post(link, {}).status_code == 422
    assert recorded() == [("asked", "")]


def test_please_do_not_ask_me_again(
    link: str, person: Client, clock: Clock, nora_cannot_sign_in: Conversation, kay: Teammate
) -> None:
    person.post(link, {"do_not_ask": "1"})
    assert Person.objects.get().do_not_ask_at == clock.at
    page = person.get(link).text
    assert "We will not ask you such questions again." in page and 'name="answer"' in page
    person.post(link, {"answer": "no"})
    nora_cannot_sign_in.refresh_from_db()
    nora_cannot_sign_in.move_blocker(by=kay, at=clock.at + DAY)
    assert CheckIn.objects.count() == 1


def test_too_many_presses_are_asked_to_wait(link: str, person: Client) -> None:
    guesses = [person.post(f"/check-in/{number:032x}/", {"answer": "yes"}).status_code for number in range(31)]
    assert guesses == [404] * 30 + [429]
    presses = [person.post(link, {"answer": "maybe"}).status_code for _time in range(61)]
    assert presses == [422] * 60 + [429]  # whoever has a link was not kept out by those who guess
    assert person.get(link).status_code == 200


def test_words_are_kept_as_words(link: str, person: Client, as_kay: Client, nora_cannot_sign_in: Conversation) -> None:
    person.post(link, {"answer": "no", "words": "<script>alert(1)</script>\0" + "x" * 9000})
    for page in (person.get(link), as_kay.get(f"/conversations/{nora_cannot_sign_in.number}/")):
        assert "<script>alert" not in page.text and "&lt;script&gt;alert(1)" in page.text
    assert len(CheckIn.objects.get().words) == 5000


def test_a_mail_that_answers_the_question_is_decided_by_a_teammate_and_counts_as_its_answer(
    check_in: CheckIn, support: Mailbox, kay: Teammate, clock: Clock
) -> None:
    question = the_message(check_in)
    back = says(support, NORA.writes("Re: it", "Works!\n", answers=question, at=clock.at), at=clock.at)
    assert back.conversation_id == check_in.conversation_id and back.to_decide
    assert recorded() == [("asked", "")]
    back.conversation.it_works(back, by=kay, at=clock.at + SOON)
    assert recorded() == [("asked", ""), ("confirmed", "check_in")]
    assert OutcomeEvent.objects.get(kind="confirmed").at == clock.at
    check_in.refresh_from_db()
    assert (check_in.closed_because, check_in.answer) == ("by_mail", "")


def test_a_mail_that_answers_something_else_is_a_message(
    check_in: CheckIn, support: Mailbox, kay: Teammate, clock: Clock, nora_cannot_sign_in: Conversation
) -> None:
    ours = nora_cannot_sign_in.messages.get(kind="ours", automatic="")
    back = says(support, NORA.writes("Re: it", "No!\n", answers=ours, at=clock.at), at=clock.at)
    back.conversation.it_is_back(back, by=kay, at=clock.at + SOON)
    assert recorded() == [("asked", ""), ("returned", "message")]


def test_an_absence_note_on_the_question_answers_nothing(check_in: CheckIn, support: Mailbox, clock: Clock) -> None:
    question = the_message(check_in)
    note = NORA.writes(
        "Automatic reply",
        "I am away until 20 March 2026.\n",
        answers=question,
        at=clock.at,
        headers={"Auto-Submitted": "auto-replied"},
    )
    message = support.receive(note, at=clock.at, via="smtp").file(clock.at)
    assert message and not message.to_decide
    assert recorded() == [("asked", "")]
    assert Address.objects.get().away_until


def test_the_page_speaks_no_language_that_it_has_no_words_in(link: str, person: Client) -> None:
    assert 'lang="en"' in person.get(link, headers={"accept-language": "ar"}).text
