"""What teammates see and say of check-ins: before one goes, of a person, and for all in the settings."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from tests.asking import DAY, SOON, asked, moved, the_team_asks, work
from tests.cast import Post, sent
from touchline.desk.models import AskRule, CheckIn, Conversation, Mailbox, Person, Teammate, Topic

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def everything_can_be_sent(can_send: Mailbox) -> None: ...


@pytest.fixture
def at() -> datetime:
    """An hour ago, so that what is planned is to come on the real clock of the pages too."""
    return datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


def page_of(conversation: Conversation) -> str:
    return f"/conversations/{conversation.number}/?in=everything"


def test_whoever_moves_it_sees_when_to_whom_and_in_which_words(
    as_kay: Client, nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    the_team_asks()
    as_kay.post(f"/conversations/{nora_cannot_sign_in.number}/moved/?in=everything")
    page = as_kay.get(page_of(nora_cannot_sign_in)).text
    assert "We’ll ask Nora whether it worked: " in page
    assert "Kay asked us to check whether this is out of your way: “I can’t sign in”." in page
    assert "(their link)" in page and "/check-in/" not in page.replace(
        f"/conversations/{nora_cannot_sign_in.number}/check-in/", ""
    )


def test_sending_says_so_before_it_has_left(as_kay: Client, nora_cannot_sign_in: Conversation, at: datetime) -> None:
    the_team_asks()
    seen = nora_cannot_sign_in.latest_message
    told = {"words": "Here is a new password.", "then": "moved", "seen": seen, "kind": "reply", "draft": "a-key"}
    as_kay.post(f"/conversations/{nora_cannot_sign_in.number}/write/?in=everything", told)
    words = as_kay.session["toast"]["words"]
    assert words.startswith("Sent to Nora Adeyemi. We’ll ask Nora whether it worked: ")


def test_where_nobody_is_asked_nothing_is_said_of_it(
    as_kay: Client, nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    nora_cannot_sign_in.move_blocker(by=kay, at=at)
    page = as_kay.get(page_of(nora_cannot_sign_in)).text
    assert "We’ll know with time whether it holds." in page and "What we’ll ask" not in page


def test_the_line_is_edited_and_the_question_left_out_and_asked_after_all(
    as_kay: Client, nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    the_team_asks()
    (planned,) = moved(nora_cannot_sign_in, by=kay, at=at)
    address = f"/conversations/{nora_cannot_sign_in.number}/check-in/?in=everything"
    as_kay.post(address, {"line": "your new password"})
    planned.refresh_from_db()
    assert planned.line == "your new password"
    as_kay.post(address, {"line": "your new password", "leave_out": "1"})
    planned.refresh_from_db()
    assert planned.closed_because == "left_out"
    page = as_kay.get(page_of(nora_cannot_sign_in)).text
    assert "Nora will not be asked whether it worked." in page and "Ask after all" in page
    as_kay.post(address, {"ask": "1"})
    planned.refresh_from_db()
    assert planned.closed_at is None and planned.due_at == planned.planned_at


def test_what_is_back_in_the_way_is_asked_of_by_nobody(
    as_kay: Client, nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    the_team_asks()
    moved(nora_cannot_sign_in, by=kay, at=at)
    Conversation.objects.get().they_told_us_it_is_back(by=kay, at=at + SOON)
    answer = as_kay.post(f"/conversations/{nora_cannot_sign_in.number}/check-in/", {"leave_out": "1"}, follow=True)
    assert "It is in the way again" in answer.text and "What we’ll ask" not in answer.text


def test_the_conversation_tells_that_it_was_asked_and_what_was_answered(
    as_kay: Client, nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    the_team_asks()
    check_in, then = asked(nora_cannot_sign_in, by=kay, at=at)
    page = as_kay.get(page_of(nora_cannot_sign_in)).text
    assert "We asked Nora" in page and "and have no answer yet." in page
    assert "The desk asked whether it worked" in page and "[link]" in page
    check_in.hear("no", "It asks for a code.", at=then + SOON)
    page = as_kay.get(page_of(nora_cannot_sign_in)).text
    assert "Nora Adeyemi answered our question: not yet," in page and "It asks for a code." in page
    assert "Back in the way:" in page and "With you" in page


def test_what_was_answered_can_be_undone_by_a_teammate(
    as_kay: Client, nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    the_team_asks()
    check_in, then = asked(nora_cannot_sign_in, by=kay, at=at)
    check_in.hear("no", at=then + SOON)
    back = nora_cannot_sign_in.activities.get(kind="back")
    as_kay.post(f"/activities/{back.pk}/undo/")
    blocker = nora_cannot_sign_in.blocker
    assert blocker and blocker.moved_at and not blocker.came_back_at


def test_a_teammate_sees_and_says_that_a_person_is_not_to_be_asked(
    as_sam: Client, nora_cannot_sign_in: Conversation, at: datetime
) -> None:
    person = nora_cannot_sign_in.person
    page = as_sam.get(f"/people/{person.pk}/").text
    assert "They may be asked" in page
    page = as_sam.post(f"/people/{person.pk}/asking/", {"never": "1"}, follow=True).text
    assert "Nora Adeyemi will not be asked" in page and "They are not asked, since" in page
    assert Person.objects.get().do_not_ask_at
    as_sam.post(f"/people/{person.pk}/asking/")
    assert Person.objects.get().do_not_ask_at is None


HOW = {"after_days": "yes", "share": "12.5", "words": ""}


def test_owners_say_when_people_are_asked(as_kay: Client, as_sam: Client) -> None:
    assert as_sam.get("/settings/check-ins/").status_code == 404
    page = as_kay.get("/settings/check-ins/").text
    assert "3 days after it was moved" in page and "Hello Nora," in page and "Kay asked us to check" in page
    assert as_kay.post("/settings/check-ins/", HOW).status_code == 302
    rule = AskRule.objects.get()
    assert (rule.after_hours, rule.after_days, rule.random_share, rule.words) == (False, True, 0.125, "")
    as_kay.post("/settings/check-ins/", {"share": "0"})
    assert AskRule.objects.get().as_value().asks == frozenset()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"share": "101"}, "100"),
        ({"share": "many"}, "number"),
        ({"share": "nan"}, "number"),
        ({"words": "Did it work? {link}"}, "{teammate} is missing"),
        ({"words": "{teammate} asks. {link} {surname}"}, "what “{surname}” stands for"),
    ],
)
def test_what_cannot_be_kept_is_told_and_stays_in_its_field(as_kay: Client, wrong: dict[str, str], words: str) -> None:
    page = as_kay.post("/settings/check-ins/", HOW | wrong)
    assert page.status_code == 422 and words in page.text
    assert not AskRule.objects.exists()


def test_words_are_looked_at_before_they_are_kept(as_kay: Client) -> None:
    page = as_kay.post("/settings/check-ins/", HOW | {"words": "{teammate} wonders about “{line}”: {link}", "preview": "1"})
    assert "Kay wonders about “I can’t sign in”: " in page.text
    assert not AskRule.objects.exists()


def test_a_mailbox_and_a_topic_may_have_rules_of_their_own(as_kay: Client, support: Mailbox) -> None:
    Topic.objects.create(key="ovens", name="Ovens")
    made = as_kay.post("/settings/check-ins/", {"apart": "1", "mailbox": support.pk, "topic": "ovens"})
    rule = AskRule.objects.get()
    assert made["Location"] == f"/settings/check-ins/{rule.pk}/"
    assert "Ovens, at support@touchline.example" in as_kay.get(made["Location"]).text
    as_kay.post(made["Location"], {"share": "0", "after_weeks": "yes"})
    assert AskRule.holding(support, "ovens").asks == {"weeks"}
    assert "after weeks" in as_kay.get("/settings/check-ins/").text
    twice = as_kay.post("/settings/check-ins/", {"apart": "1", "mailbox": support.pk, "topic": "ovens"})
    assert twice.status_code == 422 and "There is a rule for these already." in twice.text
    assert as_kay.post("/settings/check-ins/", {"apart": "1"}).status_code == 422
    as_kay.post(made["Location"], {"remove": "1"})
    assert not AskRule.objects.exists()
    assert as_kay.get(made["Location"]).status_code == 404


def test_a_new_desk_asks_after_days_and_an_old_one_asks_nobody_until_it_says_so(client: Client, db: None) -> None:
    from touchline.desk.models import Desk

    desk = Desk.get()
    token = desk.new_link(datetime.now(UTC))
    assert token and not AskRule.objects.exists()
    desk.set_up(
        token,
        desk_name="Ovens",
        time_zone="UTC",
        name="Kay",
        email="kay@touchline.example",
        password="a pass of Kay",
        address="help@ovens.example",
        at=datetime.now(UTC),
    )
    assert AskRule.objects.get().as_value().asks == {"days"}


def test_the_token_of_a_question_stands_on_no_page_of_the_team(
    as_kay: Client, nora_cannot_sign_in: Conversation, kay: Teammate, post: Post, at: datetime
) -> None:
    the_team_asks()
    check_in, _then = asked(nora_cannot_sign_in, by=kay, at=at)
    token = check_in.address.split("/")[-2]
    assert token in str(post.sent[-1].raw)
    for page in (page_of(nora_cannot_sign_in), f"{page_of(nora_cannot_sign_in)}&live=1", "/everything/", "/not-sent/"):
        assert token not in as_kay.get(page).text


def test_a_reply_after_the_question_still_answers_nora(
    nora_cannot_sign_in: Conversation, kay: Teammate, post: Post, at: datetime
) -> None:
    the_team_asks()
    _check_in, then = asked(nora_cannot_sign_in, by=kay, at=at)
    reply = sent(nora_cannot_sign_in, "And one more thing.", by=kay, at=then + DAY)
    assert reply.addressed["to"] == [["Nora Adeyemi", "nora@bakery.example"]]
    work(then + 2 * DAY)
    assert CheckIn.objects.get().closed_because == ""
