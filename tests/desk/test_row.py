"""Keys that sort by time, rows that are claimed, and numbers in order."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from tests.cast import NORA
from touchline.desk.counts import count_up_to
from touchline.desk.models import Address, Counter, InboundEmail, Mailbox, Person, new_id
from touchline.desk.models.row import growing_pause

MINUTE = timedelta(minutes=1)


def test_a_later_row_has_a_higher_key_and_all_fit_63_bits(at: datetime) -> None:
    ids = [new_id(at + n * timedelta(milliseconds=1)) for n in range(50)]
    assert ids == sorted(ids)
    assert all(0 < id < 2**63 for id in ids)
    assert new_id(datetime.fromisoformat("2248-01-01T00:00:00+00:00")) < 2**63


def test_of_one_moment_the_first_drawn_sorts_first(at: datetime) -> None:
    ids = [new_id(at) for _ in range(500)]
    assert ids == sorted(set(ids))
    assert ids[-1] - ids[0] < 500 * 17  # however many, they stay where they are in time


def test_a_message_from_before_1970_still_has_a_key() -> None:
    assert 0 <= new_id(datetime.fromisoformat("1969-01-01T00:00:00+00:00")) < 2**20


def test_a_key_that_is_taken_is_drawn_again(db: None, at: datetime) -> None:
    first = Person.objects.create(id=new_id(at), name="Nora", first_heard_at=at, last_heard_at=at)
    second = Person.objects.create(id=first.pk, name="Ilse", first_heard_at=at, last_heard_at=at)
    assert second.pk != first.pk
    assert second.pk >> 20 == first.pk >> 20  # the same moment, another draw
    first.refresh_from_db()
    assert first.name == "Nora"


def test_what_the_database_refuses_for_another_reason_is_raised(db: None, at: datetime) -> None:
    nora = Person.objects.create(name="Nora", first_heard_at=at, last_heard_at=at)
    Address.objects.create(email=NORA.address, person=nora)
    with pytest.raises(IntegrityError), transaction.atomic():
        Address.objects.create(email=NORA.address.upper(), person=nora)
    assert Address.objects.count() == 1


def test_only_one_of_two_gets_a_row_that_is_due(support: Mailbox, at: datetime) -> None:
    support.receive(NORA.writes("Hello", "Hi"), at=at, via="smtp")
    mine, theirs = InboundEmail.objects.due(at).get(), InboundEmail.objects.due(at).get()
    assert mine.claim(at, lease=5 * MINUTE)
    assert not theirs.claim(at, lease=5 * MINUTE)
    assert not InboundEmail.objects.due(at + 4 * MINUTE).exists()


def test_a_row_whose_worker_died_is_due_again(support: Mailbox, at: datetime) -> None:
    support.receive(NORA.writes("Hello", "Hi"), at=at, via="smtp")
    assert InboundEmail.objects.due(at).get().claim(at, lease=5 * MINUTE)
    assert InboundEmail.objects.due(at + 5 * MINUTE).get().claim(at + 5 * MINUTE, lease=5 * MINUTE)


def test_the_pause_grows_and_ends_growing() -> None:
    pauses = [growing_pause(tries) for tries in range(20)]
    assert pauses[:3] == [MINUTE / 2, MINUTE, 2 * MINUTE]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=6)


def test_numbers_are_given_in_order_each_once(db: None) -> None:
    with transaction.atomic():
        assert [Counter.take("conversation"), Counter.take("conversation"), Counter.take("ledger")] == [1, 2, 1]
        assert Counter.take("conversation", 10) == 3
        assert Counter.take("conversation") == 13


def test_many_are_counted_with_one_question_and_none_beyond_the_most(
    support: Mailbox, at: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(4):
        Person.objects.create(name=f"Writer {number % 2}", first_heard_at=at, last_heard_at=at)
    people = Person.objects.order_by("name")
    with django_assert_num_queries(1):
        counted = count_up_to(
            3,
            all=people,
            some=people.filter(name="Writer 1", first_heard_at__lte=at),
            nobody=people.none(),
            open=Mailbox.objects.open(),
        )
    assert counted == {"all": 3, "some": 2, "nobody": 0, "open": 1}
    assert count_up_to(3, nobody=people.none()) == {"nobody": 0}
