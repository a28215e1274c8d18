"""Whatever happens, and in whatever order: nobody has two open questions, nobody is asked twice, and the account stays that of the ledger."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.asking import the_team_asks
from tests.cast import AT, ILSE, NORA, says
from touchline.channels import CHANNELS
from touchline.core.impact.people import standing
from touchline.core.impact.spells import spells
from touchline.desk.models import Blocker, CheckIn, Conversation, Mailbox, OutcomeEvent, Person, Spell, Teammate
from touchline.desk.models.check_in_hearing import AnsweredAlready, TooLateToChange
from touchline.desk.models.conversation_outcomes import NotMoved
from touchline.work.chores import go_on_with_check_ins, send_deliveries

pytestmark = pytest.mark.django_db

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["move", "back", "works", "undo", "yes", "no", "other", "leave out", "work", "chore", "never", "again"]),
        st.integers(0, 2),  # of which conversation
        st.sampled_from([-30, 1, 10, 300, 1500, 3 * 1440 + 700, 8 * 1440]),  # minutes later; a clock may go back too
    ),
    min_size=5,
    max_size=25,
)


class Undone(Exception):
    """What one example did is not there for the next."""


@given(steps=STEPS, share=st.sampled_from([0.0, 0.5, 1.0]))
@settings(max_examples=30, suppress_health_check=list(HealthCheck))
def test_never_two_open_questions_a_person(
    steps: list[tuple[str, int, int]], share: float, can_send: Mailbox, kay: Teammate, post: Any
) -> None:
    assert CHANNELS["email"] is post
    try:
        with transaction.atomic():
            go_through(steps, share, can_send, kay)
            raise Undone
    except Undone:
        pass


def go_through(steps: list[tuple[str, int, int]], share: float, mailbox: Mailbox, kay: Teammate) -> None:
    the_team_asks(after_hours=True, after_days=True, after_weeks=True, random_share=share)
    theirs = [
        says(mailbox, who.writes(f"Number {number}", f"It fails: {number}.\n", at=AT), at=AT).conversation.pk
        for number, who in enumerate([NORA, NORA, ILSE])
    ]
    for each in Conversation.objects.filter(pk__in=theirs):
        each.nothing_to_answer(by=kay, at=AT)
    at = AT
    for what, which, minutes in steps:
        at += timedelta(minutes=minutes)
        step(what, Conversation.objects.get(pk=theirs[which]), kay, at)
        for person in Person.objects.all():
            assert CheckIn.objects.filter(person=person).open_questions().count() <= 1
    asked = OutcomeEvent.objects.filter(kind="asked")
    assert asked.count() == CheckIn.objects.filter(asked_at__isnull=False).count()
    for blocker in Blocker.objects.all():
        afresh = spells(standing([row.as_value() for row in OutcomeEvent.objects.of_blocker(blocker)]))
        assert [row.as_value() for row in Spell.objects.filter(blocker=blocker).order_by("began_at", "id")] == afresh


def step(what: str, conversation: Conversation, kay: Teammate, at: Any) -> None:
    blocker = conversation.blocker
    assert blocker
    asked = CheckIn.objects.filter(conversation=conversation, message_id__isnull=False).order_by("-id").first()
    try:
        match what:
            case "move":
                conversation.move_blocker(by=kay, at=at, closes=True)
            case "back":
                conversation.they_told_us_it_is_back(by=kay, at=at)
                Conversation.objects.get(pk=conversation.pk).nothing_to_answer(by=kay, at=at)
            case "works":
                conversation.they_told_us_it_works(by=kay, at=at)
            case "undo":
                last = conversation.activities.order_by("id").last()
                if last and last.can_be_undone:
                    last.undo(by=kay, at=at)
            case "yes" | "no" if asked:
                asked.hear(what, at=at)
            case "other" if asked:
                asked.it_was_the_other(at=at)
            case "leave out":
                CheckIn.leave_out(blocker, at=at)
            case "never":
                conversation.person.do_not_ask(at=at)
            case "again":
                conversation.person.may_be_asked()
            case "chore":
                go_on_with_check_ins(at)
            case "work":
                go_on_with_check_ins(at)
                send_deliveries(at)
    except (NotMoved, AnsweredAlready, TooLateToChange):
        pass
