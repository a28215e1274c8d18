"""One step each: taking, giving, moving, closing, what their words mean; each told with its undo."""

import json
from datetime import datetime, timedelta

import pytest
from django.test import Client

from tests.cast import ILSE, NORA, bounce, says, sent
from touchline.desk.models import Activity, Conversation, Mailbox, Message, Participant, Teammate, Words

HTMX = {"HX-Request": "true", "HX-Target": "strip"}
LATER = timedelta(days=2)


def address(conversation: Conversation, what: str) -> str:
    return f"/conversations/{conversation.number}/{what}/?in=waiting"


def now(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


@pytest.fixture
def nora_wrote_again(nora_cannot_sign_in: Conversation, kay: Teammate, support: Mailbox, at: datetime) -> Message:
    """Kay moved it, and two days later Nora writes."""
    answer = sent(nora_cannot_sign_in, "Try again now.", by=kay, at=at, moved=True)
    return says(support, NORA.writes("Re: it", "It works, thank you.", answers=answer, at=at + LATER), at=at + LATER)


def test_i_take_it(nora_cannot_sign_in: Conversation, kay: Teammate, as_kay: Client) -> None:
    response = as_kay.post(address(nora_cannot_sign_in, "take"))
    assert response["Location"] == f"/conversations/{nora_cannot_sign_in.number}/?in=waiting"
    assert now(nora_cannot_sign_in).assignee == kay
    assert "This is with you." in as_kay.get(response["Location"]).content.decode()


def test_i_give_it_to_sam_and_then_to_nobody(nora_cannot_sign_in: Conversation, sam: Teammate, as_kay: Client) -> None:
    as_kay.post(address(nora_cannot_sign_in, "give"), {"to": sam.pk})
    assert now(nora_cannot_sign_in).assignee == sam
    as_kay.post(address(nora_cannot_sign_in, "give"), {"to": ""})
    assert now(nora_cannot_sign_in).assignee is None
    assert as_kay.post(address(nora_cannot_sign_in, "give"), {"to": "12"}).status_code == 404
    assert as_kay.post(address(nora_cannot_sign_in, "give"), {"to": "x"}).status_code == 404


def test_it_is_moved_and_undone(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    response = as_kay.post(address(nora_cannot_sign_in, "moved"), headers=HTMX)
    assert response.status_code == 200
    html = response.content.decode()
    assert html.lstrip().startswith('<div class="strip-place" id="strip"')
    assert "Moved:" in html
    assert json.loads(response["HX-Trigger"]) == {"live": {"topic": "conversation", "id": str(nora_cannot_sign_in.pk)}}
    blocker = now(nora_cannot_sign_in).blocker
    assert blocker
    assert blocker.moved_at
    activity = Activity.objects.get(kind=Activity.Kind.MOVED)
    assert f"/activities/{activity.pk}/undo/?in=waiting" in html
    undone = as_kay.post(f"/activities/{activity.pk}/undo/?in=waiting", headers=HTMX).content.decode()
    assert "In the way:" in undone
    blocker.refresh_from_db()
    assert blocker.moved_at is None


def test_nothing_to_answer_closes_it_and_we_are_at_the_next_one(
    nora_cannot_sign_in: Conversation, support: Mailbox, as_kay: Client, at: datetime
) -> None:
    ilse = says(support, ILSE.writes("The invoice", "Hello", at=at), at=at + timedelta(hours=1)).conversation
    response = as_kay.post(address(nora_cannot_sign_in, "nothing-to-answer"), headers=HTMX)
    assert response["HX-Redirect"] == f"/conversations/{ilse.number}/?in=waiting"
    assert now(nora_cannot_sign_in).closed_at
    page = as_kay.get(response["HX-Redirect"]).content.decode()
    activity = Activity.objects.get()
    assert f'action="/activities/{activity.pk}/undo/"' in page
    as_kay.post(f"/activities/{activity.pk}/undo/")
    assert now(nora_cannot_sign_in).is_waiting


def test_closed_and_opened_again(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    as_kay.post(address(nora_cannot_sign_in, "nothing-to-answer"))
    as_kay.post(address(nora_cannot_sign_in, "open-again"))
    assert now(nora_cannot_sign_in).closed_at is None


def test_their_words_are_asked_about_at_the_top_with_a_key_each(nora_wrote_again: Message, as_kay: Client) -> None:
    html = as_kay.get(f"/conversations/{nora_wrote_again.conversation.number}/").content.decode()
    assert "Nora Adeyemi wrote again:" in html
    assert "“It works, thank you.”" in html
    for key, outcome in (("1", "works"), ("2", "back"), ("3", "new"), ("4", "thanks")):
        assert f'name="outcome" value="{outcome}" data-key="{key}"' in html


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("works", "They said that it works."), ("back", "Back in the way:"), ("new", "In the way:")],
)
def test_one_key_says_what_they_mean(nora_wrote_again: Message, as_kay: Client, outcome: str, words: str) -> None:
    conversation = nora_wrote_again.conversation
    response = as_kay.post(address(conversation, f"messages/{nora_wrote_again.pk}/means"), {"outcome": outcome}, headers=HTMX)
    assert response.status_code == 200
    assert words in response.content.decode()
    nora_wrote_again.refresh_from_db()
    assert nora_wrote_again.outcome == outcome


def test_a_thank_you_closes_it_and_we_go_on(nora_wrote_again: Message, as_kay: Client) -> None:
    conversation = nora_wrote_again.conversation
    response = as_kay.post(address(conversation, f"messages/{nora_wrote_again.pk}/means"), {"outcome": "thanks"})
    assert response["Location"] == "/waiting/"
    assert now(conversation).closed_at


def test_what_sam_decided_already_is_shown(nora_wrote_again: Message, sam: Teammate, as_kay: Client, at: datetime) -> None:
    conversation = nora_wrote_again.conversation
    conversation.it_works(nora_wrote_again, by=sam, at=at + LATER)
    url = address(conversation, f"messages/{nora_wrote_again.pk}/means")
    plain = as_kay.post(url, {"outcome": "back"})
    assert plain.status_code == 409
    assert "Somebody has said already what these words mean." in plain.content.decode()
    smooth = as_kay.post(url, {"outcome": "back"}, headers=HTMX)
    assert smooth.status_code == 409
    assert "They said that it works." in smooth.content.decode()
    nora_wrote_again.refresh_from_db()
    assert nora_wrote_again.outcome == "works"


def test_what_we_are_told_on_the_phone_is_said_once_it_is_moved(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    url = address(nora_cannot_sign_in, "told")
    assert f'action="{url}"' not in as_kay.get(f"/conversations/{nora_cannot_sign_in.number}/?in=waiting").content.decode()
    early = as_kay.post(url, {"outcome": "works"}, headers=HTMX)
    assert early.status_code == 409
    assert "It is in the way already." in early.content.decode()
    as_kay.post(address(nora_cannot_sign_in, "moved"))
    html = as_kay.get(f"/conversations/{nora_cannot_sign_in.number}/?in=waiting").content.decode()
    assert html.count(f'action="{url}"') == 2
    assert "They said that it works." in as_kay.post(url, {"outcome": "works"}, headers=HTMX).content.decode()
    assert "Back in the way:" in as_kay.post(url, {"outcome": "back"}, headers=HTMX).content.decode()
    assert as_kay.post(url, {"outcome": "new"}).status_code == 404
    html = as_kay.get(f"/conversations/{nora_cannot_sign_in.number}/").content.decode()
    assert "Kay Doyle was told that it works," in html
    assert "Kay Doyle was told that it is back," in html


def test_it_never_was_a_blocker(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    assert as_kay.post(address(nora_cannot_sign_in, "nothing-in-the-way"), {"why": "boredom"}).status_code == 404
    assert as_kay.post(address(nora_cannot_sign_in, "nothing-in-the-way"), {"why": "spam"})["Location"] == "/waiting/"
    assert now(nora_cannot_sign_in).blocker is None
    again = as_kay.post(address(nora_cannot_sign_in, "moved"))
    assert again.status_code == 409
    assert "There is nothing in the way here any more." in again.content.decode()


def test_what_is_in_the_way_gets_better_words(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    html = as_kay.post(
        address(nora_cannot_sign_in, "in-the-way"), {"words": "can’t sign in on the tablet"}, headers=HTMX
    ).content.decode()
    assert "can’t sign in on the tablet" in html
    blocker = now(nora_cannot_sign_in).blocker
    assert blocker
    assert blocker.words == "can’t sign in on the tablet"


def test_a_new_writer_gets_nothing_until_they_are_added(nora_cannot_sign_in: Conversation, as_kay: Client, at: datetime) -> None:
    joe = Participant.objects.create(conversation=nora_cannot_sign_in, name="Joe", email="joe@elsewhere.example", joined_at=at)
    page = f"/conversations/{nora_cannot_sign_in.number}/"
    html = as_kay.get(page).content.decode()
    assert "Joe came in here with an address we did not know, joe@elsewhere.example." in html
    as_kay.post(address(nora_cannot_sign_in, f"participants/{joe.pk}/add"))
    joe.refresh_from_db()
    assert joe.recipient_since
    html = as_kay.get(page).content.decode()
    assert "with an address we did not know" not in html
    assert "Kay Doyle added Joe" in html


def test_what_is_not_there_is_not_found(
    nora_cannot_sign_in: Conversation, support: Mailbox, as_kay: Client, at: datetime
) -> None:
    other = says(support, ILSE.writes("The invoice", "Hello", at=at), at=at)
    assert as_kay.post(address(nora_cannot_sign_in, f"messages/{other.pk}/means"), {"outcome": "works"}).status_code == 404
    assert as_kay.post("/conversations/999/take/").status_code == 404
    assert as_kay.post("/activities/1/undo/").status_code == 404


def test_a_note_changes_nothing_about_who_waits(
    nora_cannot_sign_in: Conversation, sam: Teammate, as_kay: Client, at: datetime
) -> None:
    nora_cannot_sign_in.note(Words.plain("I know her."), by=sam, at=at)
    html = as_kay.get(f"/conversations/{nora_cannot_sign_in.number}/").content.decode()
    assert "only the team sees this" in html
    assert now(nora_cannot_sign_in).is_waiting


def test_a_reply_that_moved_it_and_did_not_arrive_asks_whether_it_is_moved(
    as_kay: Client, kay: Teammate, support: Mailbox, nora_cannot_sign_in: Conversation, at: datetime
) -> None:
    reply = sent(nora_cannot_sign_in, "A new code is on its way.", by=kay, at=at, moved=True)
    reply.deliveries.update(sent_at=at)
    address = f"/conversations/{nora_cannot_sign_in.number}/"
    assert "did not arrive" not in as_kay.get(address).content.decode()
    says(support, bounce(NORA.address, original_id=reply.message_id), at=at + timedelta(hours=1))
    page = as_kay.get(address).content.decode()
    assert "Moved, but the reply with it did not arrive:" in page and "It is not moved" in page
    as_kay.post(f"/activities/{Activity.objects.get(kind='moved').pk}/undo/?in=waiting")
    blocker = Conversation.objects.get().blocker
    assert blocker and blocker.moved_at is None
    assert "In the way:" in as_kay.get(address).content.decode()
