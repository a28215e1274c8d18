"""People helped, looked at another way: as it stood, by its parts, narrowed, and compared."""

import csv
import io
import re
from datetime import date, timedelta

import pytest
from django.test import Client

from tests.cast import ILSE, NORA, TOMAS, Writer, says
from tests.web.helped import HOUR, NOON, SetClock, helped, it_is, page, text
from touchline.core.impact.log_rank import LogRank
from touchline.desk.models import Blocker, Mailbox, OutcomeEvent, Person, Teammate, Topic
from touchline.web.compared import one_in, said
from touchline.web.figures import Days
from touchline.web.spans import DAY, MONTH, WEEK, YEAR, Span

__all__ = ["it_is"]

DAY_LONG = timedelta(days=1)
MARCH = "from=2026-03-01&to=2026-04-01"


@pytest.fixture
def spring(support: Mailbox, kay: Teammate, sam: Teammate, it_is: SetClock) -> None:
    """In March Nora and Ilse were helped by Kay and Tomás by Sam; in April Ilse came back. It is 20 April."""
    Topic.objects.create(key="signing-in", name="Signing in")
    Topic.objects.create(key="invoices", name="Invoices")
    for writer, by, at, topic in (
        (NORA, kay, NOON, "signing-in"),
        (ILSE, kay, NOON + 8 * DAY_LONG, "invoices"),
        (TOMAS, sam, NOON, ""),
    ):
        blocker = helped(support, writer, by=by, at=at).conversation.blocker
        Blocker.objects.filter(pk=blocker.pk).update(topic=topic) if blocker else None
    answer = Person.objects.get(addresses__email=ILSE.address).blockers.get().conversations.get().messages.last()
    back = NOON + 35 * DAY_LONG
    words = says(support, ILSE.writes("Re: it", "It is back.", answers=answer, at=back), at=back)
    words.conversation.it_is_back(words, by=kay, at=back)
    it_is(NOON + 49 * DAY_LONG)


def test_the_past_is_told_as_it_stood_and_says_what_has_changed_since(as_kay: Client, spring: None) -> None:
    now = text(page(as_kay, "/people-helped/?month=2026-03"))
    assert now.startswith("In March we helped 2 people. 1 other came back.")
    assert "On 1 April we thought it was 3. 1 has come back since. How it stood then" in now
    then = text(page(as_kay, "/people-helped/?month=2026-03&as_of=2026-04-01"))
    assert then.startswith("In March we helped 3 people. As it stood when 1 April 2026 began. As it stands now")
    assert "came back." not in then.partition("How we know")[0]
    assert "This is how it stood then." in then
    listed = text(page(as_kay, f"/people-helped/who/?{MARCH}&how=&as_of=2026-04-01"))
    assert listed.startswith("3 people were helped")
    assert "Ilse Brandt" in listed
    file = as_kay.get(f"/people-helped/who/?{MARCH}&how=&as_of=2026-04-01&csv=1").content.decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(file)))) == 4


def test_what_was_undone_since_is_told_apart_from_what_came_back(
    as_kay: Client, spring: None, kay: Teammate, it_is: SetClock
) -> None:
    tomas = Person.objects.get(addresses__email=TOMAS.address).blockers.get().conversations.get()
    tomas.nothing_in_the_way(why="duplicate", by=kay, at=NOON + 48 * DAY_LONG)
    now = text(page(as_kay, "/people-helped/?month=2026-03"))
    assert "1 has come back since. 1 counts no longer: it was undone, or nothing had stood in the way." in now


def test_a_day_a_week_and_a_year(as_kay: Client, spring: None) -> None:
    assert text(page(as_kay, "/people-helped/?day=2026-03-02")).startswith("On 2 March we helped 2 people.")
    week = text(page(as_kay, "/people-helped/?week=2026-03-12"))
    assert week.startswith("In the week of 9 March we helped nobody that we know of. 1 other came back.")
    year = page(as_kay, "/people-helped/?year=2026")
    assert text(year).startswith("In 2026 we helped 2 people.")
    assert "Month by month" in text(year)
    assert re.search(r"March</bdi></th>\s*<td[^>]*><a[^>]*>2</a>", year)


def test_it_is_counted_by_topic_and_mailbox_and_every_figure_opens_its_people(as_kay: Client, spring: None) -> None:
    html = page(as_kay, "/people-helped/?month=2026-03&by=topic")
    lines = re.findall(r"<bdi>([^<]+)</bdi></th>\s*<td[^>]*>(?:<a[^>]*>)?(\d+).*?</td>\s*<td[^>]*>(?:<a[^>]*>)?(\d+)", html, re.S)
    assert lines == [("Invoices", "0", "1"), ("no topic", "1", "0"), ("Signing in", "1", "0")]
    for address, number in re.findall(r'table__figure" href="([^"]+)">(\d+)<', html):
        assert page(as_kay, address.replace("&amp;", "&")).count('class="who__one"') == int(number)
    assert "support@touchline.example" in text(page(as_kay, "/people-helped/?month=2026-03&by=mailbox"))
    assert "Nothing of this time is counted that way." in text(page(as_kay, "/people-helped/?month=2026-03&by=answer"))


def test_it_is_narrowed_to_a_topic_and_stays_so(as_kay: Client, spring: None) -> None:
    html = page(as_kay, "/people-helped/?month=2026-03&topic=signing-in")
    assert text(html).startswith("In March we helped 1 person. Signing in")
    assert "topic=signing-in" in re.findall(r'evidence__who" href="([^"]+)"', html)[0]
    assert text(page(as_kay, f"/people-helped/who/?{MARCH}&how=&topic=signing-in")).startswith("1 person was helped")


def test_where_i_took_part_is_never_where_a_colleague_did(as_kay: Client, as_sam: Client, spring: None, sam: Teammate) -> None:
    for browser, count in ((as_kay, 1), (as_sam, 1)):
        assert text(page(browser, "/people-helped/?month=2026-03&mine=1")).startswith(f"In March we helped {count} person.")
    assert "Tomás" not in text(page(as_kay, f"/people-helped/who/?{MARCH}&how=&mine={sam.pk}"))
    assert "Tomás" in text(page(as_sam, f"/people-helped/who/?{MARCH}&how=&mine=1"))


def test_two_spans_and_two_topics_are_compared_in_words(as_kay: Client, spring: None, it_is: SetClock) -> None:
    told = text(page(as_kay, "/people-helped/?month=2026-03&compare=topic:invoices"))
    assert "The full line in its band is “everything else”, the broken one “Invoices”." in told
    assert "We cannot tell them apart: chance alone makes such a difference often enough." in told
    assert "Log-rank test (Mantel and Haenszel): chi-square 2.00 with 1 degree of freedom, p = 0.157." in told
    told = text(page(as_kay, "/people-helped/?month=2026-03&compare=before"))
    assert "Too little has come back, or been watched for as long, to compare them." in told


def test_the_test_is_said_in_words_that_need_no_statistics() -> None:
    assert said(LogRank(8.0, 0.0047, 30, 20.0), "Invoices", "Signing in") == (
        "What was moved in “Invoices” comes back sooner than in “Signing in”. Chance alone makes such a difference in 1 of 210 cases."
    )
    assert said(LogRank(8.0, 0.0047, 10, 20.0), "Invoices", "Signing in").startswith("What was moved in “Signing in”")
    assert said(LogRank(3.841, 0.0500, 30, 20.0), "a", "b").startswith("We cannot")
    assert [one_in(p) for p in (0.049, 0.0104, 0.000123, 1e-9)] == [
        "1 of 20 cases", "1 of 96 cases", "1 of 8,100 cases", "less than 1 of 1,000,000 cases",
    ]  # fmt: skip


def test_two_records_of_one_person_are_listed_once_by_the_name_they_have_now(
    as_kay: Client, kay: Teammate, support: Mailbox, it_is: SetClock
) -> None:
    at_work = Writer("N. Adeyemi", "n@mill.example")
    helped(support, NORA, by=kay, at=NOON)
    helped(support, at_work, by=kay, at=NOON + HOUR)
    it_is(NOON + DAY_LONG)
    other, nora = (Person.objects.get(addresses__email=writer.address) for writer in (at_work, NORA))
    OutcomeEvent.join(other, nora, by=kay, at=NOON + 2 * HOUR)
    listed = text(page(as_kay, f"/people-helped/who/?{MARCH}&how="))
    assert listed.startswith("1 person was helped")
    assert "Nora Adeyemi" in listed and "N. Adeyemi" not in listed


@pytest.mark.parametrize(
    "asked",
    [
        "month=2026-13",
        "day=nonsense",
        "week=2031-01-01",
        "year=1",
        "as_of=soon",
        "mailbox=me",
        "compare=topic:unknown",
        "compare=x",
    ],
)
def test_what_cannot_be_is_not_found(as_kay: Client, spring: None, asked: str) -> None:
    assert as_kay.get(f"/people-helped/?{asked}").status_code == 404


def test_a_span_has_its_neighbours_and_its_parts() -> None:
    here = date(2026, 4, 20)
    march = Span(MONTH, Days(date(2026, 3, 1), date(2026, 4, 1)), here)
    assert march.before and march.after
    assert (march.before.name, march.after.name) == ("February", "April")
    assert march.after.after is None
    assert march.parts(WEEK)[:2] == [(date(2026, 3, 1), date(2026, 3, 2)), (date(2026, 3, 2), date(2026, 3, 9))]
    assert march.parts(WEEK)[-1] == (date(2026, 3, 30), date(2026, 4, 1))
    assert len(march.parts(DAY)) == 31
    year = Span(YEAR, Days(date(2024, 1, 1), date(2025, 1, 1)), here)
    assert [first.month for first, _to in year.parts(MONTH)] == list(range(1, 13))
    assert year.before and year.before.days == Days(date(2023, 1, 1), date(2024, 1, 1))
    assert year.after and year.after.days == Days(date(2025, 1, 1), date(2026, 1, 1))
