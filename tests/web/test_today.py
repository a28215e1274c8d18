"""Today: a sentence first, how we know, who waits and who came back; every figure opens its people."""

import re
from datetime import datetime
from typing import Any

from django.test import Client

from tests.cast import ILSE, NORA, TOMAS, Writer, says, sent
from tests.web.helped import HOUR, MINUTE, NOON, SetClock, helped, it_is, it_works, page, text
from touchline.desk.models import Conversation, Desk, Mailbox, Teammate

__all__ = ["it_is"]


def test_nobody_yet(as_kay: Client, support: Mailbox, it_is: SetClock) -> None:
    it_is(NOON)
    said = text(page(as_kay))
    assert said.startswith("Nobody has been helped yet today. Nobody is waiting.")


def test_who_was_helped_and_how_we_know(as_kay: Client, kay: Teammate, sam: Teammate, support: Mailbox, it_is: SetClock) -> None:
    nora = helped(support, NORA, by=kay, at=NOON - 3 * HOUR)
    helped(support, ILSE, by=sam, at=NOON - 2 * HOUR)
    says(support, TOMAS.writes("The door", "It is locked.", at=NOON - HOUR), at=NOON - HOUR)
    it_works(nora, NORA, "I was in by half past nine. Thank you both.", by=sam, at=NOON - HOUR)
    it_is(NOON)
    said = text(page(as_kay))
    assert said.startswith("Today we helped 2 people so far. 1 person waits for us.")
    assert "1 told us so in their own words" in said
    assert "0 we saw get there" in said
    assert "0 have held for 3 weeks" in said
    assert "1 too early to say" in said
    assert "You took part for 1 of them." in said
    assert "“ I was in by half past nine. Thank you both. ” Nora Adeyemi, 2 hours after Kay Doyle moved it" in said
    assert "Waiting for us Tomás Lima , not read yet 1 h The door Waiting" in said


def test_everyone_who_took_part_is_named_beside_the_words(
    as_kay: Client,
    kay: Teammate,
    sam: Teammate,
    nora_cannot_sign_in: Conversation,
    at: datetime,
    it_is: SetClock,
) -> None:
    sent(nora_cannot_sign_in, "Which tablet?", by=sam, at=at + MINUTE)
    answer = sent(nora_cannot_sign_in, "Try again.", by=kay, at=at + 2 * MINUTE, moved=True)
    it_works(answer, NORA, "It works.", by=kay, at=at + HOUR)
    it_is(NOON)
    assert "Nora Adeyemi, 58 minutes after Kay Doyle and Sam Okoro moved it" in text(page(as_kay))


def test_a_day_is_the_teams_day(as_kay: Client, kay: Teammate, support: Mailbox, desk: Desk, it_is: SetClock) -> None:
    helped(support, NORA, by=kay, at=NOON - 13 * HOUR)  # 23:00 of the day before in Dublin, 18:00 in New York
    it_is(NOON - 9 * HOUR)  # 3:00 in Dublin, 22:00 in New York, where it is the day before still
    assert text(page(as_kay)).startswith("Nobody has been helped yet today.")
    desk.choose(name=desk.name, time_zone="America/New_York", hours=desk.hours, days=desk.days, weeks=desk.weeks)
    assert text(page(as_kay)).startswith("Today we helped 1 person so far.")


def test_ilse_came_back_today(as_kay: Client, kay: Teammate, support: Mailbox, it_is: SetClock) -> None:
    answer = helped(support, ILSE, by=kay, at=NOON - 3 * HOUR)
    words = says(support, ILSE.writes("Re: it", "It is back.", answers=answer, at=NOON - HOUR), at=NOON - HOUR)
    answer.conversation.it_is_back(words, by=kay, at=NOON - HOUR)
    it_is(NOON)
    html = page(as_kay)
    assert text(html).startswith(
        "Nobody has been helped yet today. 1 person waits for us. What we moved today for 1 person came back."
    )
    assert "Came back Ilse Brandt , not read yet 1 h A question of Ilse Brandt Came back after 1 hour" in text(html)
    address = re.findall(r'href="(/people-helped/who/[^"]*came_back)"', html)[0].replace("&amp;", "&")
    listed = page(as_kay, address)
    assert "1 person came back" in text(listed)
    assert listed.count("who__one") == 1


def test_words_that_no_longer_hold_are_not_shown(as_kay: Client, kay: Teammate, support: Mailbox, it_is: SetClock) -> None:
    answer = helped(support, ILSE, by=kay, at=NOON - 3 * HOUR)
    it_works(answer, ILSE, "All is well now.", by=kay, at=NOON - 2 * HOUR)
    it_is(NOON)
    assert "All is well now." in page(as_kay)
    words = says(support, ILSE.writes("Re: it", "Ah, no.", answers=answer, at=NOON - HOUR), at=NOON - HOUR)
    answer.conversation.it_is_back(words, by=kay, at=NOON - HOUR)
    assert "All is well now." not in page(as_kay)


def test_whoever_waits_twice_is_one_person(as_kay: Client, support: Mailbox, it_is: SetClock) -> None:
    for subject in ("The door", "The roof"):
        says(support, NORA.writes(subject, "It is open.", at=NOON - HOUR), at=NOON - HOUR)
    it_is(NOON)
    assert "1 person waits for us." in text(page(as_kay))


def test_the_five_who_wait_longest_and_the_way_to_all(as_kay: Client, support: Mailbox, it_is: SetClock) -> None:
    for count in range(7):
        writer = Writer(f"Writer {count}", f"w{count}@many.example")
        says(support, writer.writes(f"Question {count}", "?", at=NOON - (9 - count) * HOUR), at=NOON - (9 - count) * HOUR)
    it_is(NOON)
    said = text(page(as_kay))
    assert "7 people wait for us." in said
    assert "Waiting longest" in said
    assert "Writer 4" in said and "Writer 5" not in said
    assert "All who wait" in said


def test_no_row_costs_a_query(
    as_kay: Client,
    kay: Teammate,
    support: Mailbox,
    it_is: SetClock,
    django_assert_max_num_queries: Any,
) -> None:
    for count in range(12):
        writer = Writer(f"Writer {count}", f"w{count}@many.example")
        answer = helped(support, writer, by=kay, at=NOON - 4 * HOUR)
        if count % 2:
            it_works(answer, writer, "It works.", by=kay, at=NOON - HOUR)
        says(support, writer.writes("The next", "?", at=NOON - MINUTE), at=NOON - MINUTE)
    it_is(NOON)
    page(as_kay)
    with django_assert_max_num_queries(26):
        page(as_kay)


def test_only_a_teammate_sees_it(client: Client, desk: Desk, kay: Teammate) -> None:
    assert client.get("/")["Location"].startswith("/sign-in/")


def test_where_i_took_part(as_kay: Client, kay: Teammate, sam: Teammate, support: Mailbox, it_is: SetClock) -> None:
    nora = helped(support, NORA, by=kay, at=NOON - 3 * HOUR)
    ilse = helped(support, ILSE, by=sam, at=NOON - 2 * HOUR)
    it_works(nora, NORA, "I am in.", by=sam, at=NOON - HOUR)
    it_works(ilse, ILSE, "It grows.", by=sam, at=NOON - HOUR)
    it_is(NOON)
    team, mine = text(page(as_kay)), text(page(as_kay, "/?mine=1"))
    assert team.startswith("Today we helped 2 people so far.")
    assert mine.startswith("Today you took part in helping 1 person so far.")
    assert "1 told us so in their own words" in mine
    assert "It grows." in team
    assert "It grows." not in mine
    assert "I am in." in mine
    assert "mine=1" in page(as_kay, "/?mine=1").split('class="evidence__who" href="')[1].split('"')[0]
    assert "The whole team Where I took part" in text(page(as_kay, "/people-helped/?mine=1"))


def test_i_took_part_in_nothing_yet(as_kay: Client, sam: Teammate, support: Mailbox, it_is: SetClock) -> None:
    helped(support, NORA, by=sam, at=NOON - 3 * HOUR)
    it_is(NOON)
    assert text(page(as_kay, "/?mine=1")).startswith("You have taken part in helping nobody yet today.")
