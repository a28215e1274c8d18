"""Several at once: on PostgreSQL truly so, on SQLite one after another; the outcome is the same."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from tests.cast import ILSE, NORA, SUPPORT, TIME_TO_TAKE_BACK, TOMAS, Post, replies, says
from touchline.core.impact.events import Kind
from touchline.desk.models import (
    Blocker,
    Conversation,
    Delivery,
    Desk,
    Draft,
    InboundEmail,
    LinkNotGood,
    Mailbox,
    Message,
    OutcomeEvent,
    Person,
    Spell,
    Teammate,
    Words,
)
from touchline.desk.models.conversation_outcomes import AlreadyDecided
from touchline.desk.models.conversation_writing import SomethingNew, TooLate

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)


def at_once(*verbs: Callable[[], Any]) -> list[Any]:
    """Do all of them at the same moment, each in a thread and a connection of its own: what each gave, or raised."""
    start = threading.Barrier(len(verbs))
    gave: list[Any] = [None] * len(verbs)

    def do(place: int, verb: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait(20)
            gave[place] = verb()
        except BaseException as trouble:
            gave[place] = trouble
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=one) for one in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return gave


def test_of_many_workers_one_gets_the_row(support: Mailbox, at: datetime) -> None:
    support.receive(NORA.writes("Hello", "Hi"), at=at, via="smtp")
    held = [InboundEmail.objects.due(at).get() for _ in range(4)]
    assert sorted(at_once(*(lambda row=row: row.claim(at, lease=5 * MINUTE) for row in held))) == [False, False, False, True]


def test_the_same_bytes_at_once_are_one(support: Mailbox, at: datetime) -> None:
    raw = NORA.writes("Hello", "Hi")
    gave = at_once(*[lambda: support.receive(raw, at=at, via="smtp")] * 4)
    assert len(set(gave)) == InboundEmail.objects.count() == 1


def test_one_inbound_email_filed_at_once_is_one_message(support: Mailbox, at: datetime) -> None:
    inbound = support.receive(NORA.writes("Hello", "Hi"), at=at, via="smtp")
    held = [InboundEmail.objects.get(pk=inbound.pk) for _ in range(4)]
    gave = at_once(*(lambda row=row: row.file(at) for row in held))
    assert len(set(gave)) == 1 and isinstance(gave[0], Message)
    assert (Message.objects.count(), Conversation.objects.count(), Blocker.objects.count(), Person.objects.count()) == (
        1,
        1,
        1,
        1,
    )


def test_one_mail_by_several_roads_at_once_is_one_message(support: Mailbox, at: datetime) -> None:
    raw = NORA.writes("Hello", "Hi")
    roads = [support.receive(b"Received: road %d\r\n" % n + raw, at=at, via="smtp") for n in range(4)]
    gave = at_once(*(lambda inbound=inbound: inbound.file(at) for inbound in roads))
    assert len(set(gave)) == Message.objects.count() == Conversation.objects.count() == 1


def test_several_new_people_at_once_each_have_their_number(support: Mailbox, at: datetime) -> None:
    roads = [support.receive(who.writes("Hello", "Hi"), at=at, via="smtp") for who in (NORA, ILSE, TOMAS)]
    at_once(*(lambda inbound=inbound: inbound.file(at) for inbound in roads))
    assert sorted(Conversation.objects.values_list("number", flat=True)) == [1, 2, 3]


def test_the_order_of_the_ledger_is_the_order_of_recording(support: Mailbox, kay: Teammate, at: datetime) -> None:
    """Whoever sees an event sees all that were recorded before it: no number is given out of order, and none twice."""
    blockers = [says(support, who.writes("Hello", "Hi"), at=at).conversation.blocker for who in (NORA, ILSE, TOMAS)]
    seen: list[list[int]] = []

    def record(place: int) -> None:
        for n in range(8):
            with transaction.atomic():
                OutcomeEvent.record(Kind.MOVED, key=f"moved:{place}:{n}", at=at, blocker=blockers[place], by=kay)
            seen.append(sorted(OutcomeEvent.objects.values_list("order", flat=True)))

    gave = at_once(*(lambda place=place: record(place) for place in range(3)))
    assert gave == [None] * 3
    for orders in seen:
        assert orders == list(range(1, len(orders) + 1))
    assert OutcomeEvent.objects.count() == 3 + 24
    assert Spell.objects.count() == 3


def test_an_event_recorded_at_once_is_recorded_once(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    blocker = nora_cannot_sign_in.blocker
    gave = at_once(*[lambda: OutcomeEvent.record(Kind.MOVED, key="pressed:1", at=at, blocker=blocker, by=kay)] * 4)
    assert len(set(gave)) == 1 and OutcomeEvent.objects.filter(kind="moved").count() == 1
    assert Spell.objects.count() == 1


def test_what_happens_to_one_blocker_at_once_is_all_in_its_state(
    nora_cannot_sign_in: Conversation, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    blocker = nora_cannot_sign_in.blocker
    assert blocker
    held = [Blocker.objects.get(pk=blocker.pk) for _ in range(3)]
    gave = at_once(
        lambda: held[0].took_part(by=sam, how="reply", at=at, key="took_part:1"),
        lambda: held[1].move(by=kay, at=at + MINUTE, key="moved:1"),
        lambda: held[2].confirm(at=at + 2 * MINUTE, source="message", key="confirmed:1"),
    )
    assert gave == [None] * 3
    spell = Spell.objects.get()
    assert sorted(spell.took_part) == sorted([str(kay.pk), str(sam.pk)])
    assert spell.confirmed_at == at + 2 * MINUTE
    assert Blocker.objects.get().moved_at == at + MINUTE


def test_of_two_who_answer_at_once_one_hears_of_the_other(
    nora_cannot_sign_in: Conversation, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    seen = nora_cannot_sign_in.latest()
    gave = at_once(
        *(lambda by=by: nora_cannot_sign_in.reply(Words.plain(f"By {by}"), by=by, at=at, seen=seen) for by in (kay, sam))
    )
    held = [one for one in gave if isinstance(one, SomethingNew)]
    ours = [one for one in gave if isinstance(one, Message)]
    assert len(held) == len(ours) == 1
    assert held[0].said == ours


def test_one_draft_posted_at_once_is_one_message(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    seen = nora_cannot_sign_in.latest()
    draft = Draft.of(nora_cannot_sign_in, kay, at=at)
    held = [Draft.objects.get(pk=draft.pk) for _ in range(4)]
    gave = at_once(
        *(lambda one=one: nora_cannot_sign_in.reply(Words.plain("Hello"), by=kay, at=at, seen=seen, draft=one) for one in held)
    )
    assert len(set(gave)) == 1 and isinstance(gave[0], Message)
    assert Delivery.objects.count() == 1


def test_what_is_taken_back_as_it_leaves_is_either_back_or_gone(
    nora_cannot_sign_in: Conversation, can_send: Mailbox, post: Post, kay: Teammate, at: datetime
) -> None:
    message = replies(nora_cannot_sign_in, "Done.", by=kay, at=at, moved=True)
    delivery = Delivery.objects.get()
    back, left = at_once(
        lambda: nora_cannot_sign_in.take_back(message, by=kay, at=at + TIME_TO_TAKE_BACK),
        lambda: delivery.release(at + TIME_TO_TAKE_BACK),
    )
    moved = OutcomeEvent.objects.filter(kind="moved").count()
    assert (isinstance(back, Draft), left, moved) in [(True, False, 0), (False, True, 1)]
    assert isinstance(back, Draft | TooLate)


def test_of_two_who_decide_at_once_one_is_told(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    nora_cannot_sign_in.move_blocker(by=kay, at=at)
    again = says(support, NORA.writes("Re: I can’t sign in", "Hm.", answers=nora_cannot_sign_in.latest()), at=at + MINUTE)
    held = [Message.objects.get(pk=again.pk) for _ in range(2)]
    gave = at_once(
        lambda: nora_cannot_sign_in.it_works(held[0], by=kay, at=at + 2 * MINUTE),
        lambda: nora_cannot_sign_in.it_is_back(held[1], by=sam, at=at + 2 * MINUTE),
    )
    assert sum(isinstance(one, AlreadyDecided) for one in gave) == 1
    assert OutcomeEvent.objects.filter(kind__in=("confirmed", "returned")).count() == 1


def test_what_is_undone_at_once_is_undone_once(
    nora_cannot_sign_in: Conversation, kay: Teammate, sam: Teammate, at: datetime
) -> None:
    from touchline.desk.models import Activity

    activity = nora_cannot_sign_in.move_blocker(by=kay, at=at)
    held = [Activity.objects.get(pk=activity.pk) for _ in range(3)]
    assert at_once(*(lambda one=one: one.undo(by=sam, at=at + MINUTE) for one in held)) == [None] * 3
    assert OutcomeEvent.objects.filter(kind="retracted").count() == Activity.objects.filter(kind="undone").count() == 1


def test_the_desk_asked_for_at_once_is_one(transactional_db: None) -> None:
    assert len(set(at_once(*[Desk.get] * 4))) == Desk.objects.count() == 1


def test_of_two_with_the_link_one_moves_in(desk: Desk, at: datetime) -> None:
    token = desk.new_link(at)
    assert token

    def set_up(name: str) -> None:
        Desk.get().set_up(
            token,
            desk_name="Ours",
            time_zone="UTC",
            name=name,
            email=f"{name}@x.example",
            password="a pass of us",
            address=SUPPORT,
            at=at,
        )

    gave = at_once(lambda: set_up("kay"), lambda: set_up("mallory"))
    assert sum(isinstance(one, LinkNotGood) for one in gave) == 1
    assert Teammate.objects.count() == Mailbox.objects.count() == 1
