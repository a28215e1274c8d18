"""Two records are one person: the account follows at once, and it can be taken apart again."""

from datetime import datetime, timedelta

import pytest

from tests.cast import ILSE, NORA, TOMAS, Writer, says, sent
from touchline.core.impact.account import Period
from touchline.core.impact.events import Kind, NotValid
from touchline.desk.models import Blocker, Conversation, Desk, EventKey, Mailbox, OutcomeEvent, Person, Spell, Teammate

DAY = timedelta(days=1)
NORA_AT_WORK = Writer("Nora A.", "n.adeyemi@mill.example")


def helped(mailbox: Mailbox, whom: Writer, *, by: Teammate, at: datetime) -> Person:
    conversation = says(mailbox, whom.writes("It", f"How? {at}", at=at), at=at).conversation
    sent(conversation, "Like this.", by=by, at=at, moved=True)
    return Person.objects.get(addresses__email=whom.address)


@pytest.fixture
def nora(support: Mailbox, kay: Teammate, at: datetime) -> Person:
    return helped(support, NORA, by=kay, at=at)


@pytest.fixture
def nora_at_work(support: Mailbox, kay: Teammate, at: datetime) -> Person:
    return helped(support, NORA_AT_WORK, by=kay, at=at)


@pytest.fixture
def ilse(support: Mailbox, kay: Teammate, at: datetime) -> Person:
    return helped(support, ILSE, by=kay, at=at)


def people_helped(desk: Desk, at: datetime) -> list[int]:
    who = Spell.objects.who(Period(at - DAY, at + DAY), as_of=at + DAY, desk=desk)
    return sorted(int(known.person) for known in who.helped)


def test_two_records_that_are_joined_are_one_person_of_the_account(
    nora: Person, nora_at_work: Person, desk: Desk, kay: Teammate, at: datetime
) -> None:
    assert people_helped(desk, at) == sorted([nora.pk, nora_at_work.pk])
    OutcomeEvent.join(nora_at_work, nora, by=kay, at=at)
    assert people_helped(desk, at) == [nora.pk]
    nora_at_work.refresh_from_db()
    assert nora_at_work.joined_into == nora
    assert nora.everyone == [nora.pk, nora_at_work.pk]
    assert list(Person.objects.as_known()) == [nora]


def test_a_join_taken_apart_is_as_if_it_had_never_been(
    nora: Person, nora_at_work: Person, desk: Desk, kay: Teammate, at: datetime
) -> None:
    join = OutcomeEvent.join(nora_at_work, nora, by=kay, at=at)
    OutcomeEvent.retract(join.key, by=kay, at=at + DAY)
    assert people_helped(desk, at) == sorted([nora.pk, nora_at_work.pk])
    assert not Person.objects.exclude(joined_into=None).exists()
    OutcomeEvent.join(nora, nora_at_work, by=kay, at=at + DAY)
    assert people_helped(desk, at) == [nora_at_work.pk]


def test_joins_are_followed_to_their_end_and_what_comes_later_too(
    nora: Person, nora_at_work: Person, ilse: Person, support: Mailbox, desk: Desk, kay: Teammate, at: datetime
) -> None:
    OutcomeEvent.join(nora_at_work, nora, by=kay, at=at)
    first = OutcomeEvent.join(nora, ilse, by=kay, at=at)
    assert people_helped(desk, at) == [ilse.pk]
    helped(support, NORA_AT_WORK, by=kay, at=at + timedelta(hours=3))
    assert people_helped(desk, at) == [ilse.pk]
    assert set(Spell.objects.values_list("person", flat=True)) == {ilse.pk}
    OutcomeEvent.retract(first.key, by=kay, at=at)
    assert people_helped(desk, at) == sorted([ilse.pk, nora.pk])


def test_a_second_join_a_ring_and_oneself_are_refused(
    nora: Person, nora_at_work: Person, ilse: Person, desk: Desk, kay: Teammate, at: datetime
) -> None:
    OutcomeEvent.join(nora_at_work, nora, by=kay, at=at)
    for person, into in ((nora_at_work, ilse), (nora, nora_at_work), (ilse, ilse)):
        with pytest.raises(NotValid, match="already"):
            OutcomeEvent.join(person, into, by=kay, at=at)
    assert (
        OutcomeEvent.objects.filter(kind=Kind.JOINED).count() == EventKey.objects.filter(key__startswith="joined:").count() == 1
    )


def test_taking_back_a_taking_apart_is_refused_where_they_were_joined_elsewhere_since(
    nora: Person, nora_at_work: Person, ilse: Person, kay: Teammate, at: datetime
) -> None:
    join = OutcomeEvent.join(nora_at_work, nora, by=kay, at=at)
    OutcomeEvent.retract(join.key, by=kay, at=at)
    OutcomeEvent.join(nora_at_work, ilse, by=kay, at=at)
    with pytest.raises(NotValid, match="already"):
        OutcomeEvent.retract(f"retracted:{join.key}", by=kay, at=at)
    assert Person.objects.get(pk=nora_at_work.pk).joined_into == ilse


def test_who_joined_them_is_kept_and_is_no_part_of_the_ledger(
    nora: Person, nora_at_work: Person, kay: Teammate, at: datetime
) -> None:
    join = OutcomeEvent.join(nora_at_work, nora, by=kay, at=at)
    assert join.by == kay
    assert join.as_value().by == ""


def test_a_blocker_is_raised_once(nora_cannot_sign_in: Conversation, at: datetime) -> None:
    blocker = nora_cannot_sign_in.blocker
    assert blocker
    with pytest.raises(NotValid, match="raised already"):
        OutcomeEvent.record(Kind.RAISED, key="again", at=at, blocker=blocker, person=blocker.person)
    assert Blocker.objects.get().raised_at == at


def test_what_was_never_recorded_cannot_be_taken_back(nora_cannot_sign_in: Conversation, kay: Teammate, at: datetime) -> None:
    with pytest.raises(NotValid, match="no event has that id"):
        OutcomeEvent.retract("nothing", by=kay, at=at)
    assert not EventKey.objects.filter(key="retracted:nothing").exists()


def test_nobody_else_is_touched(nora: Person, nora_at_work: Person, support: Mailbox, kay: Teammate, at: datetime) -> None:
    tomas = helped(support, TOMAS, by=kay, at=at)
    OutcomeEvent.join(nora_at_work, nora, by=kay, at=at)
    assert Spell.objects.filter(person=tomas).count() == 1
