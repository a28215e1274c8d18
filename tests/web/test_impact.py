"""People helped: a month in sentences and tables, and the people behind each of its figures."""

import csv
import io
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.cast import ILSE, NORA, TOMAS, Writer, says, sent
from tests.web.helped import HOUR, MINUTE, NOON, SetClock, helped, it_is, it_works, page, text
from touchline.core.impact.account import Period
from touchline.core.impact.curve import Curve
from touchline.core.impact.events import Kind
from touchline.core.impact.spells import DEFAULT, Spell
from touchline.desk.models import Desk, Mailbox, OutcomeEvent, Person, Teammate
from touchline.web.drawn_curve import HIGH, WIDE, drawn
from touchline.web.figures import about, span

__all__ = ["it_is"]

DAY = timedelta(days=1)
GRACE = Writer("Grace O’Neill", "grace@pots.example")
PAVEL = Writer("Pavel Horák", "pavel@print.example")


@pytest.fixture
def march(support: Mailbox, kay: Teammate, sam: Teammate, it_is: SetClock) -> None:
    """Nora said so, Ilse was seen, Tomás has held, Grace is too early, Pavel came back; it is 29 March."""
    works = helped(support, NORA, by=kay, at=NOON)
    it_works(works, NORA, "I was in by half past nine.", by=kay, at=NOON + HOUR)
    seen = helped(support, ILSE, by=kay, at=NOON + DAY)
    OutcomeEvent.record(Kind.OBSERVED, key="seen", at=NOON + 2 * DAY, blocker=seen.conversation.blocker, event="signed_in")
    helped(support, TOMAS, by=sam, at=NOON + 2 * DAY)
    helped(support, GRACE, by=sam, at=NOON + 20 * DAY)
    back = helped(support, PAVEL, by=kay, at=NOON + 20 * DAY)
    words = says(support, PAVEL.writes("Re: it", "It is back.", answers=back, at=NOON + 22 * DAY), at=NOON + 22 * DAY)
    back.conversation.it_is_back(words, by=kay, at=NOON + 22 * DAY)
    it_is(NOON + 27 * DAY)


def figures(html: str) -> list[tuple[int, str]]:
    """Every figure of the page that opens its people, with the address of the list."""
    lines = re.findall(r'evidence__number">(\d+)<.*?</li>', html, re.S)
    opened = re.findall(r'evidence__number">(\d+)</span>(?:(?!</li>).)*?evidence__who" href="([^"]+)"', html, re.S)
    told = [(int(number), address) for number, address in opened]
    told += [(int(number), address) for address, number in re.findall(r'table__figure" href="([^"]+)">(\d+)<', html)]
    told += [(int(number), address) for address, number in re.findall(r'href="([^"]+)">You took part for (\d+)', html)]
    told += [(int(number), address) for address, number in re.findall(r'href="([^"]+)">(\d+) others? came back', html)]
    assert len(lines) == 4
    return [(number, address.replace("&amp;", "&")) for number, address in told]


def test_a_month_in_sentences(as_kay: Client, march: None) -> None:
    said = text(page(as_kay))
    assert said.startswith("Nobody has been helped yet today.")
    said = text(page(as_kay, "/people-helped/"))
    assert said.startswith("This month we helped 4 people so far. 1 other came back. We are with them now.")
    assert "1 told us so in their own words" in said
    assert "1 we saw get there" in said
    assert "1 have held for 3 weeks nothing has come back" in said
    assert "1 too early to say" in said
    assert "“ I was in by half past nine. ” Nora Adeyemi, 1 hour after Kay Doyle moved it" in said
    assert "Figures of the past change when someone comes back, or tells us that it worked." in said


def test_every_figure_is_the_length_of_the_list_that_it_opens(as_kay: Client, march: None) -> None:
    opened = figures(page(as_kay, "/people-helped/"))
    assert sorted(number for number, _address in opened) == [1] * 4 + [1, 1, 1, 1, 1] + [1] + [2]
    for number, address in opened:
        html = page(as_kay, address)
        assert html.count('class="who__one"') == number, address
        assert re.search(rf"<h1[^>]*>(For )?{number} (person|people)", html), address
        rows = list(csv.reader(io.StringIO(as_kay.get(address + "&csv=1").content.decode("utf-8-sig"))))
        assert len(rows) == number + 1, address


def test_each_person_stands_there_with_how_we_know(as_kay: Client, march: None) -> None:
    said = text(page(as_kay, "/people-helped/who/?from=2026-03-01&to=2026-04-01&how="))
    assert said.startswith("4 people were helped 1 March 2026 to 31 March 2026")
    assert "“I was in by half past nine.” Nora Adeyemi said that it worked, in the message of 2 March." in said
    assert "We saw Ilse Brandt get there, on 4 March." in said
    assert "Held: moved on 4 March, and nothing has come back since." in said
    assert "Moved on 22 March. It is too early to say." in said
    back = text(page(as_kay, "/people-helped/who/?from=2026-03-01&to=2026-04-01&how=came_back"))
    assert "Pavel Horák A question of Pavel Horák · its story" in back
    assert "Moved on 22 March, and back since 24 March." in back


def test_her_words_open_where_she_wrote_them(as_kay: Client, march: None) -> None:
    html = page(as_kay, "/people-helped/who/?from=2026-03-01&to=2026-04-01&how=confirmed")
    address, anchor = re.findall(r'href="(/conversations/\d+/\?in=everything)#(message-\d+)"', html)[0]
    assert f'id="{anchor}"' in page(as_kay, address)


def test_another_month_has_its_name_and_the_way_back(as_kay: Client, march: None, it_is: SetClock) -> None:
    it_is(NOON + 40 * DAY)
    html = page(as_kay, "/people-helped/")
    assert text(html).startswith("Nobody has been helped yet this month. March Day Week Month Year All How we know")
    html = page(as_kay, "/people-helped/?month=2026-03")
    assert text(html).startswith(
        "In March we helped 4 people. 1 other came back. We are with them now. April Day Week Month Year All How we know"
    )
    it_is(NOON + 400 * DAY)
    assert text(page(as_kay, "/people-helped/?month=2026-03")).startswith("In March 2026 we helped 4 people.")


def test_the_past_changes_when_someone_comes_back(
    as_kay: Client, march: None, support: Mailbox, kay: Teammate, it_is: SetClock
) -> None:
    later = NOON + 40 * DAY
    words = says(
        support, TOMAS.writes("Re: A question of Tomás Lima", "It is back.", at=later, answers=_answer_to(TOMAS)), at=later
    )
    words.conversation.it_is_back(words, by=kay, at=later)
    it_is(later + HOUR)
    assert text(page(as_kay, "/people-helped/?month=2026-03")).startswith("In March we helped 3 people. 2 others came back.")


def _answer_to(writer: Writer) -> Any:
    conversation = Person.objects.get(name=writer.name).conversations.get()
    return conversation.messages.filter(kind="ours").get()


def test_a_month_begins_at_the_teams_midnight(
    as_kay: Client, kay: Teammate, support: Mailbox, desk: Desk, it_is: SetClock
) -> None:
    helped(support, NORA, by=kay, at=datetime.fromisoformat("2026-03-31T23:30:00+00:00"))  # 0:30 of 1 April in Dublin
    it_is(NOON + 40 * DAY)
    assert text(page(as_kay, "/people-helped/")).startswith("This month we helped 1 person so far.")
    assert text(page(as_kay, "/people-helped/?month=2026-03")).startswith("In March we helped nobody that we know of.")
    desk.choose(name=desk.name, time_zone="UTC", hours=desk.hours, days=desk.days, weeks=desk.weeks)
    assert text(page(as_kay, "/people-helped/?month=2026-03")).startswith("In March we helped 1 person.")


def test_how_long_it_held_and_where_it_is_too_early(as_kay: Client, march: None, it_is: SetClock) -> None:
    said = text(page(as_kay, "/people-helped/"))
    assert "4 hours 100 % 5" in said
    assert "3 days 80 % 20 to 97 % 4" in said
    assert "3 weeks 80 % 20 to 97 % 3" in said
    it_is(NOON + 20 * DAY + HOUR)
    assert "3 weeks too early to say" in text(page(as_kay, "/people-helped/"))


@pytest.mark.parametrize(
    "address",
    ["?month=2026-13", "?month=x", "?month=2031-01", "?month=1960-01"]
    + [f"who/?{query}" for query in ("", "from=2026-03-01", "from=2026-03-02&to=2026-03-01", "from=2026-03-01&to=2026-03-01")]
    + ["who/?from=2026-03-01&to=2026-04-01&how=best", "who/?from=0001-01-01&to=9999-12-31"],
)
def test_what_is_no_period_is_not_found(as_kay: Client, address: str) -> None:
    assert as_kay.get(f"/people-helped/{address}").status_code == 404


def test_no_spreadsheet_takes_a_name_for_a_formula(as_kay: Client, kay: Teammate, support: Mailbox, it_is: SetClock) -> None:
    for number, name in enumerate(["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", " =1", "＝1", "Åsa = Bo"]):
        writer = Writer(name, f"w{number}@many.example")
        conversation = says(support, writer.writes(f"={number}", "?", at=NOON - HOUR), at=NOON - HOUR).conversation
        sent(conversation, "Like this.", by=kay, at=NOON + number * MINUTE, moved=True)
    it_is(NOON + HOUR)
    answer = as_kay.get("/people-helped/who/?from=2026-03-02&to=2026-03-03&how=&csv=1")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="people-helped-2026-03-02-2026-03-03.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    names = [row[1] for row in rows[1:]]
    assert names[-1] == "Åsa = Bo"
    assert all(name.startswith("'") for name in names[:-1])
    assert all(row[2].startswith("'=") and row[0] == "2026-03-02" for row in rows[1:])
    assert answer.content.startswith(b"\xef\xbb\xbf")


def test_a_long_list_comes_page_by_page_and_its_file_whole(
    as_kay: Client, kay: Teammate, support: Mailbox, it_is: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("touchline.web.impact.A_PAGE", 2)
    for number in range(5):
        helped(support, Writer(f"Writer {number}", f"w{number}@many.example"), by=kay, at=NOON)
    it_is(NOON + HOUR)
    address = "/people-helped/who/?from=2026-03-02&to=2026-03-03&how=early"
    names: list[str] = []
    for number in (1, 2, 3):
        html = page(as_kay, f"{address}&page={number}")
        assert "For 5 people it is too early to say" in html
        names += re.findall(r'who__name"[^>]*><bdi>([^<]+)', html)
    assert sorted(names) == [f"Writer {number}" for number in range(5)]
    assert as_kay.get(f"{address}&csv=1").content.count(b"\r\n") == 6


def test_no_row_costs_a_query(
    as_kay: Client, kay: Teammate, support: Mailbox, it_is: SetClock, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        writer = Writer(f"Writer {number}", f"w{number}@many.example")
        answer = helped(support, writer, by=kay, at=NOON - number * HOUR)
        if number % 2:
            it_works(answer, writer, "It works.", by=kay, at=NOON + HOUR)
    it_is(NOON + 2 * HOUR)
    page(as_kay)
    for address in ("/people-helped/", "/people-helped/who/?from=2026-03-01&to=2026-04-01&how="):
        with django_assert_max_num_queries(21):
            page(as_kay, address)


def test_nobody_is_compared_with_anybody(as_kay: Client, march: None) -> None:
    """What Sam took part in is not shown to Kay, as a number or in any order."""
    said = text(page(as_kay, "/people-helped/"))
    assert "You took part for 2 of them." in said
    assert "Sam" not in said


def test_only_a_teammate_sees_it(client: Client, desk: Desk, kay: Teammate) -> None:
    for address in ("/people-helped/", "/people-helped/who/?from=2026-03-01&to=2026-04-01", "/people/", "/people/1/"):
        assert client.get(address)["Location"].startswith("/sign-in/")


def test_the_curve_is_drawn_in_steps_and_ends_where_it_is_too_early() -> None:
    period = Period(NOON, NOON + 30 * DAY)
    spells = [Spell(f"b{n}", f"p{n}", NOON, "kay", ended_at=NOON + 3 * DAY if n < 2 else None) for n in range(4)]
    whole = drawn(Curve(spells, period, as_of=NOON + 30 * DAY), DEFAULT)
    assert whole
    assert whole.ends is None
    assert whole.line.startswith("M0 0 H") and whole.line.endswith(f"H{WIDE} V{HIGH / 2:g}")
    assert [mark.words for mark in whole.across] == ["3 days", "3 weeks"]
    short = drawn(Curve(spells, period, as_of=NOON + 10.5 * DAY), DEFAULT)
    assert short
    assert short.ends == WIDE / 2
    assert drawn(Curve([], period, as_of=NOON), DEFAULT) is None
    assert drawn(Curve(spells, period, as_of=NOON), DEFAULT) is None


def test_a_length_of_time_in_words() -> None:
    assert [span(timedelta(**time)) for time in ({"weeks": 3}, {"days": 1}, {"hours": 36}, {"minutes": 90})] == [
        "3 weeks", "1 day", "36 hours", "90 minutes",
    ]  # fmt: skip
    assert [about(timedelta(**time)) for time in ({"seconds": 5}, {"minutes": 59.4}, {"hours": 29}, {"days": 9, "hours": 5})] == [
        "1 minute", "59 minutes", "29 hours", "9 days",
    ]  # fmt: skip
