"""What changed is told after commit, once, and not at all where nothing came of it."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from touchline.desk import live

pytestmark = pytest.mark.django_db(transaction=True)
Heard = list[tuple[str, int]]


@pytest.fixture
def heard() -> Iterator[Heard]:
    told: Heard = []
    stop = live.listen(lambda topic, id: told.append((topic, id)))
    yield told
    stop()


def test_it_is_told_after_commit_and_once(heard: Heard) -> None:
    with transaction.atomic():
        live.publish("conversation", 7)
        live.publish("places", 0)
        with transaction.atomic():
            live.publish("conversation", 7)
        assert heard == []
    assert heard == [("conversation", 7), ("places", 0)]


def test_each_transaction_tells_its_own(heard: Heard) -> None:
    for _ in range(2):
        with transaction.atomic():
            live.publish("conversation", 7)
    live.publish("conversation", 7)  # outside of any
    assert heard == [("conversation", 7)] * 3


def test_what_was_rolled_back_is_not_told(heard: Heard) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        live.publish("conversation", 7)
        raise ZeroDivisionError
    assert heard == []


def test_what_a_part_rolled_back_is_told_if_the_rest_says_it_again(heard: Heard) -> None:
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            live.publish("conversation", 7)
            raise ZeroDivisionError
        live.publish("conversation", 7)
    assert heard == [("conversation", 7)]


def test_a_listener_that_fails_does_not_fail_the_one_who_spoke(heard: Heard) -> None:
    def deaf(topic: str, id: int) -> None:
        raise RuntimeError("the line is cut")

    stop = live.listen(deaf)
    try:
        with transaction.atomic():
            live.publish("conversation", 7)
    finally:
        stop()
    assert heard == [("conversation", 7)]


def test_who_stopped_listening_hears_nothing() -> None:
    told: Heard = []
    live.listen(lambda topic, id: told.append((topic, id)))()
    live.publish("conversation", 7)
    assert told == []
