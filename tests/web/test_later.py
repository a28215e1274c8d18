"""A reply that leaves later: chosen in the reply box, seen in the conversation and on a page of its own, changed and taken back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from tests.cast import NORA, says
from tests.web.helped import SetClock
from tests.web.helped import it_is as it_is
from touchline.desk.models import Conversation, Delivery, Desk, Draft, Mailbox
from touchline.web.later import times

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUBLIN = ZoneInfo("Europe/Dublin")


@pytest.fixture(autouse=True)
def now(it_is: SetClock, at: datetime) -> datetime:
    """Monday at ten, in Dublin's winter."""
    it_is(at + HOUR)
    return at + HOUR


def writes(browser: Client, conversation: Conversation, **told: Any) -> Any:
    form = {
        "kind": "reply",
        "seen": str(conversation.latest_message),
        "words": "Try it now.",
        "words_are": "text",
        "draft": "key-1",
    }
    return browser.post(f"/conversations/{conversation.number}/write/?in=waiting", form | told)


def page(browser: Client, address: str) -> str:
    return browser.get(address).content.decode()


def test_the_times_one_mostly_means(now: datetime) -> None:
    monday = [value for value, _words in times(now, DUBLIN).choices]
    assert monday == ["hour", "2026-03-02T15:00", "2026-03-03T09:00", "2026-03-09T09:00"]
    sunday_evening = datetime(2026, 3, 8, 18, tzinfo=UTC)
    assert [value for value, _words in times(sunday_evening, DUBLIN).choices] == ["hour", "2026-03-09T09:00"]


def test_tomorrow_morning_is_the_desks_morning_though_the_clocks_change(
    as_kay: Client, nora_cannot_sign_in: Conversation, it_is: SetClock
) -> None:
    """In the night of 29 March Dublin's clocks go forward: nine there is eight by UTC."""
    it_is(datetime(2026, 3, 28, 18, tzinfo=UTC))
    writes(as_kay, nora_cannot_sign_in, leaves="2026-03-29T09:00", unless="yes")
    assert Delivery.objects.get().send_at == datetime(2026, 3, 29, 8, tzinfo=UTC)


def test_kay_writes_now_and_it_leaves_tomorrow(as_kay: Client, nora_cannot_sign_in: Conversation, at: datetime) -> None:
    answer = writes(as_kay, nora_cannot_sign_in, leaves="2026-03-03T09:00", unless="yes", leaves_moved="yes")
    assert answer.status_code == 302
    delivery = Delivery.objects.get()
    assert (delivery.send_at, delivery.due_at) == (at + DAY, at + DAY)
    assert delivery.unless_they_write and delivery.moves
    toast = page(as_kay, "/waiting/")
    assert "It leaves tomorrow 09:00." in toast and 'data-seconds="0"' in toast and "take-back" in toast
    shown = page(as_kay, f"/conversations/{nora_cannot_sign_in.number}/")
    assert "unless somebody writes here first" in shown and "message__later" in shown


def test_send_is_at_once_whatever_stands_in_the_menu(as_kay: Client, nora_cannot_sign_in: Conversation) -> None:
    writes(as_kay, nora_cannot_sign_in, then="send", unless="yes", leaves_moved="yes", leaves_at="2026-03-05T09:00")
    delivery = Delivery.objects.get()
    assert delivery.send_at is None and not delivery.moves and not delivery.unless_they_write


def test_in_an_hour_is_an_hour_from_now(as_kay: Client, nora_cannot_sign_in: Conversation, now: datetime) -> None:
    writes(as_kay, nora_cannot_sign_in, leaves="hour")
    delivery = Delivery.objects.get()
    assert delivery.send_at == now + HOUR and not delivery.unless_they_write


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"leaves": "2026-03-02T09:59"}, "That time is over"),
        ({"leaves": "own", "leaves_at": ""}, "on which day"),
        ({"leaves": "own", "leaves_at": "0000-99-99T99:99"}, "on which day"),
        ({"leaves": "own", "leaves_at": "2031-03-02T10:00"}, "more than a year"),
        ({"leaves": "own", "leaves_at": "9999-12-31T23:59"}, "more than a year"),
        ({"leaves": "own", "leaves_at": "0001-01-01T00:00"}, "That time is over"),
    ],
)
def test_a_time_at_which_nothing_can_leave_is_said_and_no_word_is_lost(
    as_kay: Client, nora_cannot_sign_in: Conversation, told: dict[str, str], words: str
) -> None:
    answer = writes(as_kay, nora_cannot_sign_in, **told)
    assert answer.status_code == 422
    assert words in answer.content.decode() and "Try it now." in answer.content.decode()
    assert not Delivery.objects.exists()


def test_a_time_of_ones_own_is_kept_with_the_words(as_kay: Client, nora_cannot_sign_in: Conversation) -> None:
    number = nora_cannot_sign_in.number
    told = {"kind": "reply", "words": "Try", "words_are": "text", "draft": "key-1", "leaves_at": "2026-03-05T11:30"}
    as_kay.post(f"/conversations/{number}/draft/", told)
    assert 'value="2026-03-05T11:30"' in page(as_kay, f"/conversations/{number}/")
    assert not Draft.objects.get().unless_they_write


def test_what_waits_for_its_time_is_a_list_that_everyone_sees(
    as_kay: Client, as_sam: Client, nora_cannot_sign_in: Conversation, at: datetime, now: datetime
) -> None:
    assert "Nothing waits for its time." in page(as_sam, "/later/")
    writes(as_kay, nora_cannot_sign_in, leaves="2026-03-03T09:00", unless="yes")
    shown = page(as_sam, "/later/")
    assert "To Nora Adeyemi" in shown and "tomorrow 09:00" in shown and "written by Kay Doyle" in shown
    message = Delivery.objects.get().message
    as_sam.post(f"/messages/{message.pk}/send-later/", {"leaves": "own", "leaves_at": "2026-03-04T16:00"})
    assert Delivery.objects.get().send_at == datetime(2026, 3, 4, 16, tzinfo=UTC)
    as_sam.post(f"/messages/{message.pk}/send-later/", {"leaves": "own", "leaves_at": "2026-03-01T16:00"})
    assert "That time is over" in page(as_sam, "/later/")
    as_sam.post(f"/messages/{message.pk}/send-later/", {"leaves": "now"})
    assert Delivery.objects.get().due_at == now


def test_taken_back_it_is_in_the_box_with_its_time(as_kay: Client, nora_cannot_sign_in: Conversation) -> None:
    writes(as_kay, nora_cannot_sign_in, leaves="2026-03-03T09:00", unless="yes")
    message = Delivery.objects.get().message
    answer = as_kay.post(f"/messages/{message.pk}/take-back/", follow=True)
    assert "Your words are in the box again" in answer.content.decode()
    assert "Try it now." in answer.content.decode() and 'value="2026-03-03T09:00"' in answer.content.decode()
    assert "Nothing waits for its time." in page(as_kay, "/later/")
    as_kay.post(f"/messages/{message.pk}/send-later/", {"leaves": "now"})
    assert "or was taken back" in page(as_kay, "/later/")


def test_held_back_it_is_told_where_it_stood(
    as_kay: Client, nora_cannot_sign_in: Conversation, support: Mailbox, at: datetime
) -> None:
    writes(as_kay, nora_cannot_sign_in, leaves="2026-03-03T09:00", unless="yes")
    again = NORA.writes("Re: I can’t sign in", "It works!\n", answers=nora_cannot_sign_in.messages.first(), at=at + 2 * HOUR)
    says(support, again, at=at + 2 * HOUR)
    shown = page(as_kay, f"/conversations/{nora_cannot_sign_in.number}/")
    assert "what Kay Doyle had written was not sent" in shown and "Try it now." in shown
    assert Draft.objects.get().send_at == at + DAY


def test_nothing_in_the_way_is_said_and_the_words_are_kept(as_kay: Client, kay: Any, nora_cannot_sign_in: Conversation) -> None:
    nora_cannot_sign_in.nothing_in_the_way(why="other", by=kay, at=nora_cannot_sign_in.started_at)
    answer = writes(as_kay, nora_cannot_sign_in, then="moved")
    assert answer.status_code == 409 and "Try it now." in answer.content.decode()


def test_how_long_it_can_be_taken_back_is_the_desks_choice(
    as_kay: Client, nora_cannot_sign_in: Conversation, now: datetime
) -> None:
    Desk.objects.update(take_back_for=timedelta(seconds=30))
    writes(as_kay, nora_cannot_sign_in, then="send")
    assert Delivery.objects.get().due_at == now + timedelta(seconds=30)
    assert 'data-seconds="30"' in page(as_kay, "/waiting/")


def test_sam_takes_kays_back_into_her_box(as_kay: Client, as_sam: Client, kay: Any, nora_cannot_sign_in: Conversation) -> None:
    writes(as_kay, nora_cannot_sign_in, leaves="2026-03-03T09:00", unless="yes")
    as_sam.post(f"/messages/{Delivery.objects.get().message_id}/take-back/")
    assert "The words are in the box of Kay Doyle again." in page(as_sam, "/later/")
    assert Draft.objects.get(teammate=kay).text == "Try it now."
