"""Which folders are read, chosen from the server's own list; and what happens to a mail there."""

from typing import Any

import pytest
from django.test import Client

from touchline.channels import CHANNELS, NotNow, Place
from touchline.desk.models import Mailbox

pytestmark = pytest.mark.django_db

CHOSEN = {"first": "INBOX", "more": ["Help"], "spam": "Junk", "after": "mark", "idle": "yes"}


class Outside:
    """A server with four folders, to which more can be added."""

    kind = "email"
    asks = CHANNELS["email"].asks

    def __init__(self) -> None:
        self.names = ["INBOX", "Done", "Help", "Junk"]
        self.trouble = ""

    def places(self, _told: Any) -> list[Place]:
        if self.trouble:
            raise NotNow(self.trouble)
        return [Place(name, spam=name == "Junk") for name in self.names]

    def make_place(self, _told: Any, name: str) -> None:
        if name == "No/such":
            raise NotNow("imap.lantern.example would not make the folder “No/such”.")
        self.names.append(name)


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch, support: Mailbox) -> Outside:
    there = Outside()
    monkeypatch.setitem(CHANNELS, "email", there)  # type: ignore[arg-type]
    support.imap_host = "imap.lantern.example"
    support.save()
    return there


def page_of(mailbox: Mailbox) -> str:
    return f"/settings/mailboxes/{mailbox.pk}/folders/"


def test_kay_chooses_from_the_folders_that_the_server_has(as_kay: Client, support: Mailbox, outside: Outside):
    page = as_kay.get(page_of(support)).content.decode()
    assert "Junk (the server’s own folder of spam)" in page and page.count("Done") >= 2
    assert as_kay.post(page_of(support), CHOSEN).status_code == 302
    support.refresh_from_db()
    assert (support.imap_folder, support.other_folders, support.imap_spam_folder) == ("INBOX", ["Help", "Junk"], "Junk")
    assert (support.imap_after, support.imap_idle) == ("mark", True)
    assert support.due_at, "it is read at once"
    page = as_kay.get(f"/settings/mailboxes/{support.pk}/").content.decode()
    assert "by “Help”" in page and "What is in “Junk” comes in as spam." in page
    as_kay.post(page_of(support), {**CHOSEN, "idle": ""})
    support.refresh_from_db()
    assert not support.imap_idle


def test_mail_can_be_moved_to_a_folder_and_one_that_is_new_is_made(as_kay: Client, support: Mailbox, outside: Outside):
    as_kay.post(page_of(support), {**CHOSEN, "after": "move", "move_to": "Done"})
    support.refresh_from_db()
    assert (support.imap_after, support.imap_move_to) == ("move", "Done")
    as_kay.post(page_of(support), {**CHOSEN, "after": "move", "make": " At the desk "})
    support.refresh_from_db()
    assert support.imap_move_to == "At the desk" and "At the desk" in outside.names
    answer = as_kay.post(page_of(support), {**CHOSEN, "after": "move", "make": "No/such"})
    assert answer.status_code == 422 and "would not make the folder" in answer.content.decode()
    as_kay.post(page_of(support), CHOSEN | {"move_to": "Done"})
    support.refresh_from_db()
    assert (support.imap_after, support.imap_move_to) == ("mark", "")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"after": "move"}, "To which folder?"),
        ({"after": "move", "move_to": "INBOX"}, "in a circle"),
        ({"after": "move", "move_to": "Junk"}, "in a circle"),
        ({"spam": "INBOX"}, "This is the folder that mail comes in by."),
        ({"first": "Nowhere"}, "Nowhere"),
        ({"after": "burn"}, "burn"),
    ],
)
def test_what_cannot_be_is_refused(as_kay: Client, support: Mailbox, outside: Outside, wrong: dict[str, str], words: str):
    answer = as_kay.post(page_of(support), CHOSEN | wrong)
    assert answer.status_code == 422 and words in answer.content.decode()
    support.refresh_from_db()
    assert support.other_folders == []


def test_what_is_set_can_be_changed_though_the_server_does_not_answer(as_kay: Client, support: Mailbox, outside: Outside):
    as_kay.post(page_of(support), CHOSEN)
    outside.trouble = "Nobody answers at imap.lantern.example on port 993."
    page = as_kay.get(page_of(support)).content.decode()
    assert "Nobody answers at imap.lantern.example" in page and 'value="Help"' in page
    assert as_kay.post(page_of(support), CHOSEN | {"more": []}).status_code == 302
    support.refresh_from_db()
    assert support.other_folders == ["Junk"]


def test_sam_sees_it_and_cannot_change_it(as_sam: Client, support: Mailbox, outside: Outside):
    assert "Mail comes in by “INBOX”." in as_sam.get(f"/settings/mailboxes/{support.pk}/").content.decode()
    assert as_sam.get(page_of(support)).status_code == 404
    assert as_sam.post(page_of(support), CHOSEN).status_code == 404
