"""The weekly letter: on Monday at eight, to each who wants it, once; of people, and never of a colleague's figures."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from tests.cast import ILSE, NORA, TOMAS, Post, Writer, says, sent
from tests.web.helped import helped, it_works
from tests.web.test_milestones import publishes, token
from touchline.desk.models import ApiToken, Conversation, Desk, Letter, Mailbox, Notice, ProductEvent, Teammate
from touchline.work.chores import write_letters

__all__ = ["token"]

MONDAY = datetime(2026, 3, 9, 8, 0, tzinfo=UTC)  # eight in Dublin, too
WEEK = date(2026, 3, 2)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WEDNESDAY = MONDAY - 5 * DAY


@pytest.fixture
def a_week(support: Mailbox, kay: Teammate, sam: Teammate) -> None:
    """Kay helped Nora, who said so; Sam helped Ilse. What Kay had moved for Tomás two weeks ago came back."""
    door = helped(support, TOMAS, by=kay, at=MONDAY - 20 * DAY)
    back = says(support, TOMAS.writes("Re: it", "It is locked again.", answers=door, at=WEDNESDAY), at=WEDNESDAY)
    door.conversation.it_is_back(back, by=sam, at=WEDNESDAY)
    nora = helped(support, NORA, by=kay, at=WEDNESDAY)
    it_works(nora, NORA, "I was in by half past nine. Thank you both.", by=kay, at=WEDNESDAY + HOUR)
    helped(support, ILSE, by=sam, at=WEDNESDAY)


def letter_to(teammate: Teammate) -> Notice:
    return Notice.objects.get(email=teammate.email)


def test_kay_reads_of_her_people_and_of_nobody_elses(a_week: None, kay: Teammate, sam: Teammate) -> None:
    assert write_letters(MONDAY) == 2
    text = letter_to(kay).text
    assert text.startswith("Hello Kay,\n\nYou took part in helping 1 person this week.\n")
    assert "- Nora Adeyemi: “A question of Nora Adeyemi”" in text
    assert "“I was in by half past nine. Thank you both.”" in text
    assert "- Tomás Lima: “A question of Tomás Lima” came back on Wednesday." in text
    assert "Ilse" not in text
    assert "Sam" not in text
    assert "/settings/me/#letter" in text
    assert "Ilse" in letter_to(sam).text
    assert "Nora" not in letter_to(sam).text


def test_once_whatever_happens(a_week: None, kay: Teammate) -> None:
    for minutes in range(3):
        write_letters(MONDAY + timedelta(minutes=minutes))
    assert Notice.objects.filter(email=kay.email).count() == 1
    assert Letter.write(kay, week=WEEK, at=MONDAY, desk=Desk.get()) is None
    assert Notice.objects.filter(email=kay.email).count() == 1


def test_after_a_crash_neither_is_there_and_it_is_written_again(
    a_week: None, kay: Teammate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_fails(*_: object, **__: object) -> None:
        raise OSError("the power failed")

    with monkeypatch.context() as fails:
        fails.setattr(Notice, "write", power_fails)
        with pytest.raises(OSError, match="power"), transaction.atomic():
            write_letters(MONDAY)
    assert not Letter.objects.exists()
    write_letters(MONDAY)
    assert letter_to(kay)


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (MONDAY - timedelta(seconds=1), False),
        (MONDAY, True),
        (MONDAY + DAY, True),  # the machine was off
        (MONDAY + 2 * DAY, False),
        (MONDAY - DAY, False),
    ],
)
def test_when_it_leaves(a_week: None, kay: Teammate, at: datetime, written: bool) -> None:
    write_letters(at)
    assert Notice.objects.filter(email=kay.email).exists() is written


def test_eight_is_eight_where_the_team_is(a_week: None, kay: Teammate, desk: Desk) -> None:
    Desk.objects.update(time_zone="America/New_York")
    write_letters(MONDAY + 3 * HOUR)
    assert not Letter.objects.exists()
    write_letters(MONDAY + 4 * HOUR)  # summer time began there the day before
    assert Letter.objects.filter(teammate=kay).exists()


def test_who_wants_none_or_left_gets_none(a_week: None, kay: Teammate, sam: Teammate) -> None:
    Teammate.objects.get_queryset().filter(pk=kay.pk).update(wants_letter=False)
    sam.leave(at=MONDAY)
    assert write_letters(MONDAY) == 0


def test_nothing_to_tell_none(kay: Teammate, sam: Teammate, support: Mailbox) -> None:
    helped(support, NORA, by=kay, at=WEDNESDAY)
    write_letters(MONDAY)
    assert not Notice.objects.filter(email=sam.email).exists()
    assert Letter.objects.get(teammate=sam).empty


def test_three_weeks_later_it_has_held(support: Mailbox, kay: Teammate) -> None:
    helped(support, NORA, by=kay, at=WEDNESDAY - 21 * DAY)
    write_letters(MONDAY)
    assert "has held, and nothing has come back" in letter_to(kay).text


def test_milestones_are_in_it(support: Mailbox, kay: Teammate, token: ApiToken) -> None:
    helped(support, NORA, by=kay, at=WEDNESDAY - 10 * DAY)
    publishes(NORA, token)
    ProductEvent.objects.update(at=WEDNESDAY)
    write_letters(MONDAY)
    assert "Nora Adeyemi published her shop, after “A question of Nora Adeyemi” was moved." in letter_to(kay).text


def test_it_is_simple_html_without_anything_of_a_stranger_in_it(support: Mailbox, kay: Teammate) -> None:
    subject = "<img src=https://spy.example/1.gif> & co"
    talk = says(support, NORA.writes(subject, "It is broken.", at=WEDNESDAY), at=WEDNESDAY).conversation
    sent(Conversation.objects.get(pk=talk.pk), "Done.", by=kay, at=WEDNESDAY, moved=True)
    write_letters(MONDAY)
    html = letter_to(kay).html
    assert "<img" not in html
    assert "&lt;img" in html
    assert html.count("<a href=") == 2


def test_a_very_good_week_is_still_a_short_letter(support: Mailbox, kay: Teammate) -> None:
    for number in range(11):
        helped(support, Writer(f"Person {number}", f"person{number}@else{number}.example"), by=kay, at=WEDNESDAY)
    write_letters(MONDAY)
    assert "You took part in helping 11 people this week." in letter_to(kay).text
    assert "And 3 more." in letter_to(kay).text


def test_it_goes_out_as_plain_words_and_as_html(a_week: None, can_send: Mailbox, post: Post, kay: Teammate) -> None:
    write_letters(MONDAY)
    letter_to(kay).send(MONDAY)
    raw = post.sent[0].raw
    assert b"Content-Type: text/plain" in raw
    assert b"Content-Type: text/html" in raw
    assert b"Auto-Submitted: auto-generated" in raw
    assert (letter_to(kay).text, letter_to(kay).html) == ("", "")
