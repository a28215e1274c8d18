"""A blocker that is back in another conversation, or at a colleague's desk: proposed by the words, decided by a teammate."""

from datetime import datetime, timedelta

import pytest

from tests.cast import ILSE, NORA, Writer, says, sent
from touchline.core.impact.account import Period
from touchline.core.impact.events import Kind
from touchline.desk.models import (
    Blocker,
    CameBackLink,
    Conversation,
    Desk,
    Mailbox,
    NothingToDecide,
    OutcomeEvent,
    Person,
    SharedBlocker,
    Spell,
    Teammate,
)

DAY = timedelta(days=1)
SUBJECT, WORDS = "The label printer", "When I print shipping labels from the orders page, the label printer gives blank labels."
AGAIN = "Hello, the label printer gives blank shipping labels when I print more than one order."
JON = Writer("Jon Adeyemi", "jon@bakery.example")


@pytest.fixture
def moved(support: Mailbox, kay: Teammate, at: datetime) -> Conversation:
    """Kay moved what stood in Nora's way."""
    talk = says(support, NORA.writes(SUBJECT, WORDS, at=at), at=at).conversation
    sent(talk, "Please update the driver.", by=kay, at=at, moved=True)
    return Conversation.objects.get(pk=talk.pk)


def writes(
    support: Mailbox, at: datetime, *, whom: Writer = NORA, subject: str = "Blank labels", words: str = AGAIN
) -> Conversation:
    return says(support, whom.writes(subject, words, at=at), at=at).conversation


def link(conversation: Conversation) -> CameBackLink:
    return CameBackLink.objects.to_decide().get(conversation=conversation)


def events(blocker: Blocker) -> list[str]:
    return [row.kind for row in OutcomeEvent.objects.of_blocker(blocker)]


def test_nora_writes_of_it_in_another_conversation(moved: Conversation, support: Mailbox, at: datetime) -> None:
    found = link(writes(support, at + 9 * DAY))
    assert (found.blocker, found.because, found.moved_by) == (moved.blocker, "person", "Kay")
    assert "label" in found.words
    assert moved.blocker and moved.blocker.moved_at  # nothing is recorded before a teammate has said so


def test_something_else_is_not_proposed(moved: Conversation, support: Mailbox, at: datetime) -> None:
    writes(support, at + DAY, subject="Opening hours", words="Good morning, where do I change the opening hours of my shop?")
    assert not CameBackLink.objects.exists()


@pytest.mark.parametrize(("days", "proposed"), [(89, True), (91, False)])
def test_only_for_a_while(moved: Conversation, support: Mailbox, at: datetime, days: int, proposed: bool) -> None:
    writes(support, at + days * DAY)
    assert CameBackLink.objects.exists() is proposed


def test_how_long_is_a_setting(moved: Conversation, support: Mailbox, at: datetime) -> None:
    Desk.objects.update(back_within=timedelta(days=5))
    writes(support, at + 6 * DAY)
    assert not CameBackLink.objects.exists()


def test_what_was_not_moved_is_not_back(support: Mailbox, at: datetime) -> None:
    writes(support, at, subject=SUBJECT, words=WORDS)
    writes(support, at + 20 * DAY)
    assert not CameBackLink.objects.exists()


def test_accepted_it_is_back_since_she_wrote_and_counts_once(
    moved: Conversation, support: Mailbox, kay: Teammate, sam: Teammate, desk: Desk, at: datetime
) -> None:
    wrote = at + 9 * DAY
    new = writes(support, wrote)
    old, own = moved.blocker, new.blocker
    assert old and own
    link(new).accept(by=sam, at=wrote + DAY)
    old.refresh_from_db()
    assert old.came_back_at == wrote
    assert Spell.objects.get(blocker=old).ended_at == wrote
    assert events(own) == [Kind.RAISED, Kind.WITHDRAWN]
    assert OutcomeEvent.objects.get(kind=Kind.WITHDRAWN).why == "duplicate"
    new.refresh_from_db()
    assert new.blocker == old  # the new conversation is about it from now on
    assert new.came_back_at == wrote
    assert not CameBackLink.objects.to_decide().exists()
    who = Spell.objects.who(Period(at - DAY, at + DAY), as_of=wrote + DAY, desk=desk)
    assert (len(who.helped), len(who.came_back)) == (0, 1)


def test_undone_all_is_as_before_and_is_to_be_decided_again(
    moved: Conversation, support: Mailbox, sam: Teammate, at: datetime
) -> None:
    new = writes(support, at + 9 * DAY)
    old, own = moved.blocker, new.blocker
    assert old and own
    link(new).accept(by=sam, at=at + 10 * DAY).undo(by=sam, at=at + 10 * DAY)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.moved_at is not None, old.came_back_at, new.blocker, new.came_back_at) == (True, None, own, None)
    assert not new.blockers.filter(pk=old.pk).exists()
    again = link(new)
    assert (again.accepted_at, again.by) == (None, None)
    again.accept(by=sam, at=at + 11 * DAY)
    old.refresh_from_db()
    assert old.came_back_at == at + 9 * DAY


def test_declined_it_is_not_asked_again_until_that_is_undone(
    moved: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    new = writes(support, at + 9 * DAY)
    found = link(new)
    activity = found.decline(by=kay, at=at + 9 * DAY)
    assert not CameBackLink.objects.to_decide().exists()
    assert events(moved.blocker) == [Kind.RAISED, Kind.TOOK_PART, Kind.MOVED]  # type: ignore[arg-type]
    with pytest.raises(NothingToDecide):
        found.accept(by=kay, at=at + 9 * DAY)
    activity.undo(by=kay, at=at + 9 * DAY)
    assert link(new) == found


def test_once_the_new_one_was_moved_there_is_nothing_to_decide(
    moved: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    new = writes(support, at + 9 * DAY)
    found = link(new)
    sent(new, "Done.", by=kay, at=at + 9 * DAY, moved=True)
    with pytest.raises(NothingToDecide):
        found.accept(by=kay, at=at + 10 * DAY)


def test_a_colleague_writes_of_it_and_each_keeps_their_own(
    moved: Conversation, support: Mailbox, sam: Teammate, at: datetime
) -> None:
    new = writes(support, at + 9 * DAY, whom=JON)
    found = link(new)
    assert found.because == "organization"
    old, own = moved.blocker, new.blocker
    assert old and own
    before = OutcomeEvent.objects.count()
    found.accept(by=sam, at=at + 9 * DAY)
    assert OutcomeEvent.objects.count() == before  # Nora is still helped, and Jon has a blocker of his own
    old.refresh_from_db()
    new.refresh_from_db()
    assert old.moved_at
    assert new.blocker == own


def test_a_colleagues_joins_what_many_share(moved: Conversation, support: Mailbox, sam: Teammate, at: datetime) -> None:
    shared = SharedBlocker.objects.create(words="Blank labels", opened_at=at, by=sam)
    Blocker.objects.filter(pk=moved.blocker.pk).update(shared=shared)  # type: ignore[union-attr]
    new = writes(support, at + 9 * DAY, whom=JON)
    activity = link(new).accept(by=sam, at=at + 9 * DAY)
    assert new.blocker and new.blocker.shared == shared
    activity.undo(by=sam, at=at + 9 * DAY)
    assert new.blocker and new.blocker.shared is None


def test_two_at_a_public_provider_have_nothing_to_do_with_each_other(support: Mailbox, kay: Teammate, at: datetime) -> None:
    one, other = Writer("Nora", "nora@gmail.com"), Writer("Ilse", "ilse@gmail.com")
    talk = writes(support, at, whom=one, subject=SUBJECT, words=WORDS)
    sent(talk, "Please update the driver.", by=kay, at=at, moved=True)
    writes(support, at + 2 * DAY, whom=other)
    assert not CameBackLink.objects.exists()


def test_someone_elsewhere_is_no_colleague(moved: Conversation, support: Mailbox, at: datetime) -> None:
    writes(support, at + 9 * DAY, whom=ILSE)
    assert not CameBackLink.objects.exists()


def test_her_other_address_is_hers_once_they_are_joined(
    moved: Conversation, support: Mailbox, kay: Teammate, at: datetime
) -> None:
    home = Writer("Nora", "nora@gmail.com")
    says(support, home.writes("Hello", "It is me.", at=at + DAY), at=at + DAY)
    record = Person.objects.get(addresses__email=home.address)
    OutcomeEvent.join(record, Person.objects.get(addresses__email=NORA.address), by=kay, at=at + DAY)
    assert link(writes(support, at + 9 * DAY, whom=home)).because == "person"


def test_the_domain_is_found_by_its_index(moved: Conversation) -> None:
    from touchline.desk.models import Address

    plan = Address.objects.filter(email__domain="bakery.example").explain()
    assert Address.objects.filter(email__domain="bakery.example").count() == 1
    assert "address_of_domain" in plan or "Seq Scan" in plan  # PostgreSQL reads a table of one row as a whole
