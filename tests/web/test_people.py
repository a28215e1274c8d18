"""People: who wrote, how to find one, and how each fared."""

import re
from typing import Any

from django.test import Client

from tests.cast import ILSE, NORA, TOMAS, Writer, mail, says, sent
from tests.web.helped import HOUR, NOON, SetClock, helped, it_is, it_works, page, text
from touchline.desk.models import Mailbox, Person, Teammate

__all__ = ["it_is"]


def names(html: str) -> list[str]:
    return re.findall(r'who__name"[^>]*><bdi>([^<]+)', html)


def test_whoever_was_heard_last_stands_first(as_kay: Client, support: Mailbox, it_is: SetClock) -> None:
    it_is(NOON)
    assert "Nobody has written yet." in page(as_kay, "/people/")
    for hours, writer in ((3, NORA), (1, ILSE), (2, TOMAS)):
        says(support, writer.writes("It", "?", at=NOON - hours * HOUR), at=NOON - hours * HOUR)
    says(support, mail("nameless@far.example", "It", "?", at=NOON - 4 * HOUR), at=NOON - 4 * HOUR)
    assert names(page(as_kay, "/people/")) == ["Ilse Brandt", "Tomás Lima", "Nora Adeyemi", "nameless@far.example"]


def test_one_is_found_by_name_or_address(as_kay: Client, support: Mailbox, it_is: SetClock) -> None:
    it_is(NOON)
    for writer in (NORA, ILSE):
        says(support, writer.writes("It", "?", at=NOON), at=NOON)
    assert names(page(as_kay, "/people/?q=adeY")) == ["Nora Adeyemi"]
    assert names(page(as_kay, "/people/?q=garden.example")) == ["Ilse Brandt"]
    assert (
        names(page(as_kay, "/people/?q=%20")) == ["Ilse Brandt", "Nora Adeyemi"]
        or len(names(page(as_kay, "/people/?q=%20"))) == 2
    )
    html = page(as_kay, "/people/?q=<b>%00")
    assert "Nobody here has “&lt;b&gt;” in their name or address." in html
    assert 'value="&lt;b&gt;"' in html


def test_a_page_of_people_and_the_next(as_kay: Client, support: Mailbox, it_is: SetClock, monkeypatch: Any) -> None:
    monkeypatch.setattr("touchline.web.people.A_PAGE", 2)
    it_is(NOON)
    for count in range(3):
        says(support, Writer(f"Writer {count}", f"w{count}@many.example").writes("It", "?", at=NOON), at=NOON)
    first = page(as_kay, "/people/?q=writer")
    assert len(names(first)) == 2
    assert "?q=writer&amp;page=2" in first
    assert len(names(page(as_kay, "/people/?q=writer&page=2"))) == 1
    assert len(names(page(as_kay, "/people/?page=99"))) == 1


def test_how_each_thing_that_stood_in_her_way_fared(as_kay: Client, kay: Teammate, support: Mailbox, it_is: SetClock) -> None:
    printed = helped(support, NORA, by=kay, at=NOON - 600 * HOUR)
    signed_in = says(support, NORA.writes("I can’t sign in", "?", at=NOON - 30 * HOUR), at=NOON - 30 * HOUR).conversation
    answer = sent(signed_in, "Try again.", by=kay, at=NOON - 29 * HOUR, moved=True)
    it_works(answer, NORA, "It works.", by=kay, at=NOON - 28 * HOUR)
    says(support, NORA.writes("The tablet", "?", at=NOON - HOUR), at=NOON - HOUR)
    thanks = says(support, NORA.writes("Thanks", "Just that.", at=NOON - 2 * HOUR), at=NOON - 2 * HOUR).conversation
    thanks.nothing_in_the_way(why="thanks", by=kay, at=NOON - HOUR)
    it_is(NOON)
    person = Person.objects.get()
    said = text(page(as_kay, f"/people/{person.pk}/"))
    assert said.startswith("NA Nora Adeyemi First wrote")
    assert "nora@bakery.example" in said
    assert "The tablet In the way · since today 11:00" in said
    assert "Thanks Nothing stood in the way · today 11:00" in said
    assert "I can’t sign in Helped · said that it worked, yesterday 08:00" in said
    assert "A question of Nora Adeyemi Helped · has held since 5 Feb 12:00" in said
    assert said.index("The tablet") < said.index("Thanks") < said.index("I can’t sign in") < said.index("A question")
    assert printed.conversation.person == person


def test_no_row_costs_a_query(
    as_kay: Client, kay: Teammate, support: Mailbox, it_is: SetClock, django_assert_max_num_queries: Any
) -> None:
    for count in range(12):
        helped(support, Writer(f"Writer {count}", f"w{count}@many.example"), by=kay, at=NOON)
        says(support, NORA.writes(f"Question {count}", "?", at=NOON), at=NOON)
    it_is(NOON + HOUR)
    page(as_kay)
    nora = Person.objects.get(name="Nora Adeyemi")
    for address in ("/people/", f"/people/{nora.pk}/"):
        with django_assert_max_num_queries(19):
            page(as_kay, address)


def test_nobody_by_that_number(as_kay: Client) -> None:
    assert as_kay.get("/people/12/").status_code == 404


def test_kay_knows_that_mail_reaches_them_again(as_kay: Client, support: Mailbox, it_is: SetClock) -> None:
    it_is(NOON)
    person = says(support, NORA.writes("Hello", "Hello.", at=NOON - HOUR), at=NOON - HOUR).conversation.person
    address = person.addresses.get()
    address.cannot_be_reached_at = NOON
    address.save()
    assert "Mail to it comes back" in page(as_kay, f"/people/{person.pk}/")
    other = says(support, ILSE.writes("Hello", "Hello.", at=NOON - HOUR), at=NOON - HOUR).conversation.person
    assert as_kay.post(f"/people/{other.pk}/addresses/{address.pk}/works-again/").status_code == 404
    assert as_kay.post(f"/people/{person.pk}/addresses/{address.pk}/works-again/").status_code == 302
    assert "Mail to it comes back" not in page(as_kay, f"/people/{person.pk}/")
