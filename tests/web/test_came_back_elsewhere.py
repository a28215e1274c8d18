"""What may be back is shown in the conversation, with the words that say so, and decided with one key."""

import pytest
from django.test import Client

from tests.cast import NORA, says, sent
from tests.desk.test_came_back_elsewhere import AGAIN, DAY, JON, SUBJECT, WORDS
from tests.web.helped import NOON, SetClock, it_is, page, text
from touchline.desk.models import Activity, CameBackLink, Conversation, Mailbox, Teammate

__all__ = ["it_is"]


@pytest.fixture
def again(support: Mailbox, kay: Teammate, it_is: SetClock) -> Conversation:
    then = NOON - 9 * DAY
    talk = says(support, NORA.writes(SUBJECT, WORDS, at=then), at=then).conversation
    sent(talk, "Please update the driver.", by=kay, at=then, moved=True)
    it_is(NOON)
    return says(support, NORA.writes("Blank labels", AGAIN, at=NOON), at=NOON).conversation


def test_sam_reads_what_it_may_be_and_why(as_sam: Client, again: Conversation) -> None:
    said = text(page(as_sam, f"/conversations/{again.number}/"))
    assert "This may be the blocker that Kay moved on 21 February: “The label printer”." in said
    assert "Both speak of: " in said
    assert "It’s back 1" in said
    assert "Something else 2" in said


@pytest.mark.parametrize(
    ("same", "told"), [("yes", "It is back in the way: “The label printer”."), ("no", "It is something else.")]
)
def test_decided_with_one_key_and_undone(as_sam: Client, again: Conversation, same: str, told: str) -> None:
    found = CameBackLink.objects.get()
    address = f"/conversations/{again.number}/is-it-back/{found.pk}/"
    assert as_sam.post(address, {"same": same}).status_code == 302
    said = page(as_sam, f"/conversations/{again.number}/")
    assert told in said
    assert "This may be the blocker" not in said
    assert as_sam.post(address, {"same": same}).status_code == 409
    as_sam.post(f"/activities/{Activity.objects.latest('id').pk}/undo/")
    assert "This may be the blocker" in page(as_sam, f"/conversations/{again.number}/")


def test_of_a_colleague_it_says_whose_it_was(as_sam: Client, again: Conversation, support: Mailbox, it_is: SetClock) -> None:
    CameBackLink.objects.all().delete()
    new = says(support, JON.writes("Blank labels", AGAIN, at=NOON), at=NOON).conversation
    said = text(page(as_sam, f"/conversations/{new.number}/"))
    assert "This may be what Kay moved for Nora Adeyemi, who is at the same organization, on 21 February" in said
    assert "It’s the same 1" in said


def test_what_is_no_answer_or_of_another_conversation_is_not_found(as_sam: Client, again: Conversation) -> None:
    found = CameBackLink.objects.get()
    assert as_sam.post(f"/conversations/{again.number}/is-it-back/{found.pk}/", {"same": "perhaps"}).status_code == 404
    other = Conversation.objects.exclude(pk=again.pk).get()
    assert as_sam.post(f"/conversations/{other.number}/is-it-back/{found.pk}/", {"same": "yes"}).status_code == 404
