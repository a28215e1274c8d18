"""A mailbox that silently stops is noticed; a night, a weekend and a new mailbox are left alone."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cast import NORA, SUPPORT, Post, sent
from touchline.channels import NotNow
from touchline.desk import live
from touchline.desk.models import Conversation, Desk, InboundEmail, Mailbox, Teammate
from touchline.desk.models.row import new_id
from touchline.work import chores, door

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def came(mailbox: Mailbox, times: Iterable[datetime], *, via: str = "imap") -> None:
    """Mail came at these times; what it said is of no matter here."""
    InboundEmail.objects.bulk_create(
        InboundEmail(id=new_id(at), mailbox=mailbox, digest="d", size=1, via=via, received_at=at, filed_at=at) for at in times
    )


def office(weeks: int, *, until: datetime) -> list[datetime]:
    """Every six minutes from eight to six on working days."""
    every = (MONDAY + timedelta(minutes=6 * step) for step in range(weeks * 7 * 240))
    return [at for at in every if at.weekday() < 5 and 8 <= at.hour < 18 and at < until]


@pytest.fixture
def tuesday() -> datetime:
    """At ten, after four weeks."""
    return MONDAY + timedelta(weeks=4, days=1, hours=10)


@pytest.fixture
def busy(support: Mailbox, desk: Desk, tuesday: datetime) -> Mailbox:
    desk.time_zone = "UTC"
    desk.save()
    came(support, office(5, until=tuesday))
    return support


def looked(at: datetime) -> Mailbox:
    chores.watch(at)
    return Mailbox.objects.get()


def test_it_is_noticed_told_and_forgotten_when_mail_comes(busy: Mailbox, tuesday: datetime) -> None:
    assert looked(tuesday + timedelta(minutes=30)).quiet_since is None
    quiet = looked(tuesday + timedelta(hours=2))
    assert quiet.quiet_since == tuesday - timedelta(minutes=6)
    assert quiet.quiet_words == (
        f"Nothing has come in at {SUPPORT} since Tuesday 31 March, 09:54. At this time of the week that is unusual."
    )
    assert quiet.is_quiet(tuesday + timedelta(hours=2))
    assert looked(tuesday + timedelta(hours=14)).quiet_since, "the night would have been quiet anyway, and still nothing came"
    busy.receive(NORA.writes("Hello", "At last."), at=tuesday + timedelta(hours=15), via="smtp")
    assert looked(tuesday + timedelta(hours=15, seconds=1)).quiet_since is None, "at once, not within a minute"


def test_no_night_and_no_weekend_is_told(busy: Mailbox, tuesday: datetime) -> None:
    came(busy, [at for at in office(5, until=MONDAY + timedelta(weeks=5)) if at >= tuesday])
    for hours in range(0, 64, 3):
        assert looked(MONDAY + timedelta(weeks=4, days=4, hours=18 + hours)).quiet_since is None


def test_a_new_mailbox_and_an_archive_say_nothing(support: Mailbox, tuesday: datetime) -> None:
    came(support, office(5, until=tuesday), via="import")
    assert looked(tuesday + timedelta(hours=6)).quiet_since is None
    came(support, [at for at in office(5, until=tuesday) if at > tuesday - timedelta(days=12)])
    assert looked(tuesday + timedelta(hours=6, minutes=2)).quiet_since is None


def test_what_is_fine_is_told_no_more_for_a_day_or_until_it_begins_anew(busy: Mailbox, tuesday: datetime) -> None:
    now = tuesday + timedelta(hours=3)
    quiet = looked(now)
    quiet.silence_is_fine(now)
    assert not looked(now + timedelta(minutes=5)).is_quiet(now + timedelta(minutes=5))
    assert looked(now + timedelta(hours=25)).is_quiet(now + timedelta(hours=25)), "a day later it is still silent"
    quiet.silence_is_fine(now + timedelta(hours=25))
    busy.receive(NORA.writes("Hello", "At last."), at=now + timedelta(hours=26), via="smtp")
    assert looked(now + timedelta(hours=26)).quiet_fine_at is None, "the next silence is told"


def test_it_costs_one_question_where_mail_flows(busy: Mailbox, tuesday: datetime, django_assert_num_queries: Any) -> None:
    zone = Desk.get().zone
    with django_assert_num_queries(2):  # what came, and what was sent
        busy.watch(tuesday, zone=zone)


def test_replies_that_stop_are_noticed_too(
    can_send: Mailbox, nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime
) -> None:
    message = sent(nora_cannot_sign_in, "It is mended.", by=kay, at=at)
    delivery = message.delivery
    assert delivery
    rows = []
    tuesday = MONDAY + timedelta(weeks=4, days=1, hours=10)
    for when in office(5, until=tuesday):
        delivery.pk, delivery.sent_at, delivery.due_at = new_id(when), when, None
        rows.append(
            type(delivery)(**{field.attname: getattr(delivery, field.attname) for field in delivery._meta.concrete_fields})
        )
    type(delivery).objects.bulk_create(rows)
    came(can_send, office(6, until=MONDAY + timedelta(weeks=5)))
    now = tuesday + timedelta(hours=3)
    can_send.watch(now, zone=Desk.get().zone)
    assert can_send.quiet_words.startswith(f"No reply has left {SUPPORT} since Tuesday 31 March")


@pytest.mark.django_db(transaction=True)
def test_a_try_that_fails_once_is_nothing_and_twice_is_told_at_once(support: Mailbox, post: Post, at: datetime) -> None:
    heard: list[str] = []
    stop = live.listen(lambda topic, _id: heard.append(topic))
    hung_up = NotNow("The mail server imap.touchline.example hung up.")
    support.be_reached({"imap_host": "imap.touchline.example"}, at=at)
    now, known = at, []
    for trouble in (None, hung_up, hung_up, hung_up, None, None):
        now += timedelta(seconds=30)
        post.breaks_after = trouble
        support.fetch(now)
        known.append((support.keeps_failing(now), heard.count("banners")))
    stop()
    assert known == [(False, 0), (False, 0), (True, 1), (True, 1), (False, 2), (False, 2)]


def test_one_try_that_failed_minutes_ago_is_told(support: Mailbox, post: Post, at: datetime) -> None:
    support.be_reached({"imap_host": "imap.touchline.example"}, at=at)
    support.fetch(at)
    post.breaks_after = NotNow("The mail server imap.touchline.example hung up.")
    support.fetch(at + timedelta(seconds=30))
    assert support.keeps_failing(at + timedelta(minutes=4))


def test_the_worker_says_once_a_minute_that_it_is_at_work(desk: Desk, at: datetime) -> None:
    assert not Desk.get().worker_is_gone(at), "nobody knows yet"
    chores.watch(at)
    chores.watch(at + timedelta(seconds=30))
    assert Desk.get().worker_at == at
    chores.watch(at + timedelta(seconds=61))
    assert Desk.get().worker_at == at + timedelta(seconds=61)
    assert not Desk.get().worker_is_gone(at + timedelta(minutes=3))
    assert Desk.get().worker_is_gone(at + timedelta(minutes=6))


def test_a_mail_door_that_is_shut_is_told_until_it_is_open(desk: Desk, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "trouble", lambda: "Nobody answers at 127.0.0.1 on port 8025.")
    chores.watch(at)
    assert Desk.get().door_trouble == "Nobody answers at 127.0.0.1 on port 8025."
    monkeypatch.setattr(door, "trouble", lambda: None)
    chores.watch(at + timedelta(minutes=2))
    assert Desk.get().door_trouble, "a process without a door knows nothing of it"
    monkeypatch.setattr(door, "trouble", lambda: "")
    chores.watch(at + timedelta(minutes=4))
    assert Desk.get().door_trouble == ""
