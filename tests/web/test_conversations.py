"""The inbox: who waits, one conversation beside the list, and who else is here."""

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import ILSE, NORA, TOMAS, Post, Writer, mail, replies, says, sent
from touchline.channels import Never
from touchline.desk.models import Conversation, Mailbox, Presence, Teammate, Words
from touchline.web import lists, talk

HOUR = timedelta(hours=1)


def shown(html: str) -> str:
    """The words of a page, as one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def page(client: Client, address: str, **more: str) -> str:
    response = client.get(address, **more)  # type: ignore[arg-type]
    assert response.status_code == 200, response
    return response.content.decode()


def names(html: str) -> list[str]:
    return re.findall(r'class="row__who truncate"[^>]*><bdi>([^<]+)<', html)


def many_write(mailbox: Mailbox, count: int, *, at: datetime) -> list[Conversation]:
    writers = [Writer(f"Writer {n:02d}", f"writer{n}@people.example") for n in range(count)]
    return [
        says(mailbox, writer.writes(f"Question {n}", "Hello?", at=at), at=at + timedelta(minutes=n)).conversation
        for n, writer in enumerate(writers)
    ]


def test_a_stranger_sees_nothing(nora_cannot_sign_in: Conversation, client: Client) -> None:
    for address in ("/waiting/", "/everything/", f"/conversations/{nora_cannot_sign_in.number}/"):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("address", ["/", "/waiting/", "/people/", "/settings/me/"])
def test_the_counts_beside_the_places_stay_true_on_every_page(as_kay: Client, address: str) -> None:
    assert page(as_kay, address).count('<live-places data-fragment="/waiting/?block=places">') == 1


def test_nobody_is_waiting(as_kay: Client) -> None:
    assert "Nobody is waiting." in page(as_kay, "/waiting/")
    assert "Nothing is with you." in page(as_kay, "/with-me/")
    assert "Nothing came back." in page(as_kay, "/came-back/")


def test_who_waits_longest_comes_first(support: Mailbox, as_kay: Client, at: datetime) -> None:
    says(support, NORA.writes("I can’t sign in", "Hello", at=at), at=at)
    says(support, ILSE.writes("The invoice", "Hello", at=at), at=at - HOUR)
    says(support, TOMAS.writes("The box", "Hello", at=at), at=at + HOUR)
    assert names(page(as_kay, "/waiting/")) == ["Ilse Brandt", "Nora Adeyemi", "Tomás Lima"]
    assert names(page(as_kay, "/everything/")) == ["Tomás Lima", "Nora Adeyemi", "Ilse Brandt"]


def test_who_never_gave_a_name_is_called_by_their_address(support: Mailbox, as_kay: Client, at: datetime) -> None:
    says(support, Writer("", "only@address.example").writes("Hello", "Hello", at=at), at=at)
    assert names(page(as_kay, "/waiting/")) == ["only@address.example"]


def test_a_row_says_its_state_in_words(
    nora_cannot_sign_in: Conversation, kay: Teammate, sam: Teammate, support: Mailbox, as_kay: Client, at: datetime
) -> None:
    assert "Waiting" in page(as_kay, "/waiting/")
    answer = sent(nora_cannot_sign_in, "Try again now.", by=kay, at=at, moved=True)
    again = says(support, NORA.writes("Re: it", "It is back.", answers=answer, at=at), at=at + timedelta(days=9, hours=1))
    assert "Wrote again" in page(as_kay, "/waiting/")
    Conversation.objects.get().it_is_back(again, by=kay, at=at + timedelta(days=9, hours=2))
    assert "Came back after 9 days" in page(as_kay, "/waiting/")
    assert names(page(as_kay, "/came-back/")) == ["Nora Adeyemi"]


def test_what_is_not_read_is_bold_until_it_is_opened(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    assert "row--unread" in page(as_kay, "/waiting/")
    page(as_kay, f"/conversations/{nora_cannot_sign_in.number}/")
    assert "row--unread" not in page(as_kay, "/waiting/")


def test_a_row_says_who_is_writing(nora_cannot_sign_in: Conversation, as_kay: Client, as_sam: Client) -> None:
    as_sam.post(f"/conversations/{nora_cannot_sign_in.number}/present/", {"doing": "writing"})
    assert "Sam Okoro is writing" in page(as_kay, "/waiting/")
    assert "is writing" not in page(as_sam, "/waiting/")


def test_a_list_goes_on_page_by_page_and_misses_nobody(
    support: Mailbox, as_kay: Client, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "A_PAGE", 3)
    many_write(support, 8, at=at)
    for address, expected in (("/waiting/", range(8)), ("/everything/", range(7, -1, -1))):
        found: list[str] = []
        next_page: str | None = address
        while next_page:
            html = page(as_kay, next_page)
            found += names(html)
            older = re.search(r'href="([^"]+)"[^>]*>More<', html)
            next_page = older[1].replace("&amp;", "&") if older else None
        assert found == [f"Writer {n:02d}" for n in expected]


def test_a_place_that_nobody_gave_out_is_the_start(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    for after in ("", "x", "1-2-3", "²-1", "9" * 40 + "-1"):
        assert names(page(as_kay, f"/waiting/?after={after}")) == ["Nora Adeyemi"]


def test_a_list_takes_the_same_few_questions_however_long_it_is(
    support: Mailbox, as_kay: Client, kay: Teammate, at: datetime
) -> None:
    many_write(support, 2, at=at)
    page(as_kay, "/waiting/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        page(as_kay, "/waiting/")
    many_write(support, 20, at=at + HOUR)
    with CaptureQueriesContext(connection) as many:
        page(as_kay, "/waiting/")
    assert len(many) == len(few)
    with CaptureQueriesContext(connection) as hot:
        lists.page(lists.Where(lists.PLACES["waiting"]), kay, at)
    assert len(hot) <= 4


def test_one_who_gave_no_name_is_called_by_their_first_address(support: Mailbox, as_kay: Client, at: datetime) -> None:
    person = says(support, mail("quiet@far.example", "Hello", "Hello", at=at), at=at).conversation.person
    person.addresses.create(email="quiet@later.example")
    assert names(page(as_kay, "/waiting/")) == ["quiet@far.example"]
    assert "quiet@far.example" in page(as_kay, "/waiting/?new=1")
    person.addresses.all().delete()
    assert names(page(as_kay, "/waiting/")) == ["Someone"]


def test_new_arrivals_are_offered_and_nothing_moves(
    nora_cannot_sign_in: Conversation, support: Mailbox, as_kay: Client, at: datetime
) -> None:
    html = page(as_kay, "/waiting/")
    fragment = re.search(r'data-fragment="([^"]+shown=[^"]*)"', html)
    assert fragment
    address = fragment[1].replace("&amp;", "&")
    assert page(as_kay, address).strip() == ""
    says(support, ILSE.writes("The invoice", "Hello", at=at), at=at - HOUR)
    assert "1 more is waiting" in page(as_kay, address)
    says(support, TOMAS.writes("The box", "Hello", at=at), at=at + HOUR)
    offered = shown(page(as_kay, address))
    assert "2 more are waiting" in offered
    assert "Ilse Brandt" in offered
    assert "Nora" not in offered


def test_the_counts_beside_the_places_can_be_asked_alone(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    fragment = page(as_kay, "/waiting/?block=places")
    assert '<span class="place__count">1</span>' in fragment
    assert "<html" not in fragment


def test_a_conversation_shows_what_was_said_and_what_is_in_the_way(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    words = shown(page(as_kay, f"/conversations/{nora_cannot_sign_in.number}/?in=waiting"))
    assert "since the update I cannot sign in" in words
    assert "In the way: I can’t sign in" in words
    assert "To Nora Adeyemi &lt;nora@bakery.example&gt;" in words
    assert "They wrote about something new." in words


def test_the_list_beside_a_conversation_is_the_one_it_was_opened_from(
    nora_cannot_sign_in: Conversation, support: Mailbox, as_kay: Client, at: datetime
) -> None:
    ilse = says(support, ILSE.writes("The invoice", "Hello", at=at), at=at + HOUR).conversation
    html = page(as_kay, f"/conversations/{ilse.number}/?in=waiting")
    assert names(html) == ["Nora Adeyemi", "Ilse Brandt"]
    assert f'href="/conversations/{ilse.number}/?in=waiting" aria-current="true"' in html
    assert "Nothing is with you." in page(as_kay, f"/conversations/{ilse.number}/?in=with_me")


def test_quoted_past_is_folded_and_never_lost(support: Mailbox, as_kay: Client, at: datetime) -> None:
    words = "It still asks for a code.\n\nOn Mon, 2 Mar 2026 at 08:00, Kay wrote:\n> Please try again.\n"
    message = says(support, NORA.writes("Re: Code", words, at=at), at=at)
    html = page(as_kay, f"/conversations/{message.conversation.number}/")
    folded = re.search(r"Show what was quoted</summary>(.*?)</details>", html, re.DOTALL)
    assert folded
    assert "Please try again." in folded[1]


def test_a_strangers_words_cannot_become_markup(support: Mailbox, as_kay: Client, at: datetime) -> None:
    writer = Writer("<b>Nora</b>", "nora@bakery.example")
    message = says(support, writer.writes("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", at=at), at=at)
    html = page(as_kay, f"/conversations/{message.conversation.number}/")
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "<b>Nora" not in html


def test_the_story_between_messages_is_told_with_its_undo(
    nora_cannot_sign_in: Conversation, kay: Teammate, sam: Teammate, as_kay: Client, at: datetime
) -> None:
    took = nora_cannot_sign_in.give(sam, by=sam, at=at)
    html = page(as_kay, f"/conversations/{nora_cannot_sign_in.number}/")
    assert "Sam Okoro took this" in shown(html)
    assert f"/activities/{took.pk}/undo/" in html
    took.undo(by=kay, at=at)
    html = page(as_kay, f"/conversations/{nora_cannot_sign_in.number}/")
    assert "undone by Kay Doyle" in shown(html)
    assert f"/activities/{took.pk}/undo/" not in html


def test_a_conversation_takes_the_same_few_questions_however_long_it_is(
    nora_cannot_sign_in: Conversation, kay: Teammate, support: Mailbox, as_kay: Client, at: datetime
) -> None:
    def back_and_forth(times: int, since: datetime) -> None:
        for n in range(times):
            when = since + n * HOUR
            answer = sent(nora_cannot_sign_in, "Try this.", by=kay, at=when)
            says(support, NORA.writes("Re: it", f"No, {n}.", answers=answer, at=when), at=when + HOUR / 2)
            Conversation.objects.get().give(kay, by=kay, at=when)

    address = f"/conversations/{nora_cannot_sign_in.number}/"
    back_and_forth(2, at)
    page(as_kay, address)
    with CaptureQueriesContext(connection) as few:
        page(as_kay, address)
    back_and_forth(10, at + 24 * HOUR)
    page(as_kay, address)
    with CaptureQueriesContext(connection) as many:
        page(as_kay, address)
    assert len(many) == len(few)
    assert len(many) <= 50


def test_the_page_can_ask_for_what_changed_alone(
    nora_cannot_sign_in: Conversation, sam: Teammate, as_kay: Client, at: datetime
) -> None:
    address = f"/conversations/{nora_cannot_sign_in.number}/?live=1"
    nora_cannot_sign_in.note(Words.plain("I know her."), by=sam, at=at)
    fragment = page(as_kay, address)
    assert "I know her." in fragment
    assert 'name="words"' not in fragment.replace('id="blocker-words" name="words"', "")
    assert f'data-latest="{Conversation.objects.get().latest_message}"' in fragment
    assert "<html" not in fragment


def test_who_reads_and_who_writes_is_told_to_the_others(
    nora_cannot_sign_in: Conversation, as_kay: Client, as_sam: Client
) -> None:
    address = f"/conversations/{nora_cannot_sign_in.number}/"
    page(as_sam, address)
    assert "Sam Okoro is reading this." in page(as_kay, address)
    as_sam.post(f"{address}present/", {"doing": "writing"})
    assert "Sam Okoro is writing." in page(as_kay, address)
    assert as_sam.post(f"{address}present/", {"doing": "gone"}).status_code == 204
    assert "Sam Okoro is" not in shown(page(as_kay, address))


def test_presence_is_told_only_when_it_changed(
    nora_cannot_sign_in: Conversation, as_sam: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("touchline.web.conversations.publish", lambda topic, id: told.append(topic))
    address = f"/conversations/{nora_cannot_sign_in.number}/present/"
    for doing, so_far in (("reading", 1), ("reading", 1), ("writing", 2), ("writing", 2), ("gone", 3), ("gone", 3)):
        as_sam.post(address, {"doing": doing})
        assert len(told) == so_far, doing


def test_presence_is_forgotten_after_a_while(
    nora_cannot_sign_in: Conversation, sam: Teammate, as_kay: Client, at: datetime
) -> None:
    Presence.touch(nora_cannot_sign_in, sam, reading_at=at, writing_at=at)
    assert "Sam Okoro is" not in shown(page(as_kay, f"/conversations/{nora_cannot_sign_in.number}/"))


def test_the_person_stands_beside_with_how_it_went_before(
    nora_cannot_sign_in: Conversation, kay: Teammate, support: Mailbox, as_kay: Client, at: datetime
) -> None:
    sent(nora_cannot_sign_in, "There you go.", by=kay, at=at, moved=True)
    later = at + timedelta(days=30)
    other = says(support, NORA.writes("The label printer", "It prints twice.", at=later), at=later).conversation
    words = shown(page(as_kay, f"/conversations/{other.number}/"))
    assert "Before this I can’t sign in Helped has held since" in words
    assert "nora@bakery.example" in words


def test_a_reply_says_how_it_fares(
    nora_cannot_sign_in: Conversation, kay: Teammate, as_kay: Client, post: Post, at: datetime
) -> None:
    message = replies(nora_cannot_sign_in, "Try now.", by=kay, at=at)
    address = f"/conversations/{nora_cannot_sign_in.number}/"
    html = page(as_kay, address)
    assert "Leaves in a few seconds." in shown(html)
    assert f"/messages/{message.pk}/take-back/" in html
    delivery = message.delivery
    assert delivery
    delivery.release(at)
    delivery.send(at)
    assert "Kept here: sending is not set up for support@touchline.example." in shown(page(as_kay, address))
    delivery.mailbox.be_reached({"smtp_host": "smtp.touchline.example"}, at=at)
    post.answers.append(Never("mailbox full"))
    delivery.send(at)
    html = page(as_kay, address)
    assert "Could not be sent: mailbox full" in shown(html)
    assert f"/not-sent/{delivery.pk}/again/" in html


def test_a_long_conversation_shows_its_end_and_the_rest_is_one_click_away(
    nora_cannot_sign_in: Conversation, kay: Teammate, as_kay: Client, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talk, "MOST_SAID", 3)
    for n in range(4):
        nora_cannot_sign_in.note(Words.plain(f"Note {n}."), by=kay, at=at + (n + 1) * HOUR)
    html = page(as_kay, f"/conversations/{nora_cannot_sign_in.number}/?in=waiting")
    assert "Show 2 earlier messages" in html
    assert "Note 0." not in html
    assert "Note 1." in html
    everything = re.search(r'href="([^"]+all=1)"', html)
    assert everything
    assert "Note 0." in page(as_kay, everything[1].replace("&amp;", "&"))
