"""The page of a blocker tells its story: who did what and when, what was taken back, and how long it stayed out of the way."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from tests.cast import AT, NORA, sent
from tests.web.helped import SetClock, helped, it_is, it_works, page, text
from touchline.core.impact.events import Kind
from touchline.desk.models import Activity, Blocker, Conversation, Mailbox, OutcomeEvent, Person, Teammate, Topic

__all__ = ["it_is"]
DAY = timedelta(days=1)


@pytest.fixture
def blocker(support: Mailbox, kay: Teammate, sam: Teammate, it_is: SetClock) -> Blocker:
    """Kay moved it, Nora said that it worked, it came back after ten days, and Sam moved it again. It is day 20."""
    answer = helped(support, NORA, by=kay, at=AT)
    it_works(answer, NORA, "It works.", by=kay, at=AT + DAY)
    conversation = Conversation.objects.get()
    found = conversation.blocker
    assert found
    OutcomeEvent.record(Kind.ASKED, key="asked:1", at=AT + 3 * DAY, blocker=found, horizon="days", random=True)
    OutcomeEvent.record(Kind.OBSERVED, key="seen:1", at=AT + 4 * DAY, blocker=found, event="signed_in")
    conversation.they_told_us_it_is_back(by=kay, at=AT + 10 * DAY)
    sent(conversation, "Like this, then.", by=sam, at=AT + 11 * DAY, moved=True)
    it_is(AT + 20 * DAY)
    return found


def told(client: Client, blocker: Blocker) -> str:
    return text(page(client, f"/blockers/{blocker.pk}/"))


def test_it_tells_what_became_true_in_order(as_kay: Client, blocker: Blocker) -> None:
    said = told(as_kay, blocker)
    places = [
        said.index(sentence)
        for sentence in (
            "Nora Adeyemi asked for help with it",
            "Kay Doyle answered",
            "Kay Doyle moved it out of the way",
            "Nora Adeyemi wrote that it worked",
            "The desk asked Nora Adeyemi, drawn at random, whether it worked, some days later",
            "We saw Nora Adeyemi get there (signed_in)",
            "Nora Adeyemi told one of us that it is back",
            "Sam Okoro moved it out of the way",
        )
    ]
    assert places == sorted(places)
    assert "it came back Kay Doyle" in said
    assert "now 9 days too early to say Kay Doyle and Sam Okoro" in said


def test_what_was_undone_stays_and_is_told_as_undone(as_kay: Client, blocker: Blocker, kay: Teammate) -> None:
    Activity.objects.filter(kind=Activity.Kind.BACK).get().undo(by=kay, at=AT + 12 * DAY)
    html = page(as_kay, f"/blockers/{blocker.pk}/")
    assert "<s>Nora Adeyemi told one of us that it is back</s>" in html
    assert "Kay Doyle took this back: “Nora Adeyemi told one of us that it is back”" in text(html)
    assert text(html).count("taken back: it counts no longer") == 1


def test_it_is_drawn_as_a_line_as_long_as_its_life(as_kay: Client, blocker: Blocker) -> None:
    html = page(as_kay, f"/blockers/{blocker.pk}/")
    pieces = re.findall(r'life__(out|in)" x="([\d.]+)" y="\d+" width="([\d.]+)"', html)
    assert [kind for kind, _x, _wide in pieces if float(_wide) > 1] == ["out", "in", "out"]
    assert sum(float(wide) for _kind, _x, wide in pieces) == pytest.approx(640, abs=0.5)


def test_one_that_never_was_says_why(as_kay: Client, blocker: Blocker, kay: Teammate) -> None:
    Conversation.objects.get().nothing_in_the_way(why="duplicate", by=kay, at=AT + 12 * DAY)
    said = told(as_kay, blocker)
    assert "It counts nowhere: a duplicate" in said
    assert "How long it was out of the way" not in said


def test_it_is_reached_from_its_conversation_and_from_the_list_of_people(as_kay: Client, blocker: Blocker) -> None:
    address = f'href="/blockers/{blocker.pk}/"'
    assert address in page(as_kay, f"/conversations/{Conversation.objects.get().number}/")
    assert address in page(as_kay, "/people-helped/who/?from=2026-03-01&to=2026-04-01&how=")


def test_a_teammate_says_what_it_is_about(as_sam: Client, blocker: Blocker) -> None:
    as_sam.post(f"/blockers/{blocker.pk}/about/", {"new": "  Signing   in "})
    as_sam.post(f"/blockers/{blocker.pk}/about/", {"new": "signing in"})
    topic = Topic.objects.get()
    blocker.refresh_from_db()
    assert (topic.name, topic.key, blocker.topic) == ("Signing in", "signing-in", "signing-in")
    as_sam.post(f"/blockers/{blocker.pk}/about/", {"topic": ""})
    blocker.refresh_from_db()
    assert blocker.topic == ""
    as_sam.post(f"/blockers/{blocker.pk}/about/", {"new": "署名"})
    blocker.refresh_from_db()
    assert blocker.topic.startswith("topic-")


def test_a_person_who_was_joined_is_called_as_they_are_known(as_kay: Client, blocker: Blocker, kay: Teammate) -> None:
    ines = Person.objects.create(name="Inês", first_heard_at=AT, last_heard_at=AT)
    OutcomeEvent.join(blocker.person, ines, by=kay, at=AT + 12 * DAY)
    assert "Inês asked for help with it" in told(as_kay, blocker)


def test_what_is_not_there_is_not_found(as_kay: Client, client: Client, blocker: Blocker) -> None:
    assert as_kay.get("/blockers/17/").status_code == 404
    assert Client().get(f"/blockers/{blocker.pk}/")["Location"].startswith("/sign-in/")
