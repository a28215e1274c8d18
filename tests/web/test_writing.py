"""Writing back: what is sent, what is held back and kept, files, drafts, and taking a reply back."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import ILSE, NORA, TOMAS, replies, says
from touchline.desk.models import Attachment, Conversation, Delivery, Draft, Mailbox, Message, Teammate, Words

HTMX = {"HX-Request": "true", "HX-Target": "conversation"}


def form(conversation: Conversation, words: str, **more: Any) -> dict[str, Any]:
    """What the reply box posts."""
    now = Conversation.objects.get(pk=conversation.pk)
    return {
        "kind": "reply",
        "then": "send",
        "seen": str(now.latest_message),
        "words": words,
        "words_are": "text",
        "draft": "key-1",
    } | more


def address(conversation: Conversation, what: str = "write", place: str = "waiting") -> str:
    return f"/conversations/{conversation.number}/{what}/?in={place}"


def test_a_reply_is_on_its_way_and_we_are_at_the_next_one(
    nora_cannot_sign_in: Conversation, support: Mailbox, as_kay: Client, at: datetime
) -> None:
    ilse = says(support, ILSE.writes("The invoice", "Hello", at=at), at=at + timedelta(hours=1)).conversation
    response = as_kay.post(address(nora_cannot_sign_in), form(nora_cannot_sign_in, "Try again now."))
    assert response.status_code == 302
    assert response["Location"] == f"/conversations/{ilse.number}/?in=waiting"
    message = Message.objects.get(kind=Message.Kind.OURS)
    assert message.text == "Try again now."
    assert not Delivery.objects.get().moves
    page = as_kay.get(response["Location"]).content.decode()
    assert "Sent to Nora Adeyemi." in page
    assert f"/messages/{message.pk}/take-back/?in=waiting" in page


def test_with_nobody_left_we_are_at_the_list(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    response = as_kay.post(address(nora_cannot_sign_in), form(nora_cannot_sign_in, "Try again now."))
    assert response["Location"] == "/waiting/"
    assert "Nobody is waiting." in as_kay.get("/waiting/").content.decode()


def test_the_next_one_is_the_next_in_the_list_that_we_came_from(
    nora_cannot_sign_in: Conversation, support: Mailbox, as_kay: Client, at: datetime
) -> None:
    ilse = says(support, ILSE.writes("The invoice", "Hello", at=at), at=at + timedelta(hours=1)).conversation
    says(support, TOMAS.writes("The box", "Hello", at=at), at=at + timedelta(hours=2))
    response = as_kay.post(address(ilse, place="everything"), form(ilse, "Yes."))
    assert response["Location"] == f"/conversations/{nora_cannot_sign_in.number}/?in=everything"


def test_a_reply_can_say_that_the_blocker_is_moved(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    as_kay.post(address(nora_cannot_sign_in), form(nora_cannot_sign_in, "There.", then="moved"))
    assert Delivery.objects.get().moves


def test_htmx_is_sent_on_to_the_next_page(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    response = as_kay.post(address(nora_cannot_sign_in), form(nora_cannot_sign_in, "There."), headers=HTMX)
    assert response.status_code == 204
    assert response["HX-Redirect"] == "/waiting/"


def test_the_same_form_twice_is_one_message(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    told = form(nora_cannot_sign_in, "Try again now.")
    assert as_kay.post(address(nora_cannot_sign_in), told).status_code == 302
    assert as_kay.post(address(nora_cannot_sign_in), told).status_code == 302
    assert Message.objects.filter(kind=Message.Kind.OURS).count() == 1
    note = form(nora_cannot_sign_in, "She is in Accra.", kind="note", then="note", draft="key-2")
    as_kay.post(address(nora_cannot_sign_in), note)
    as_kay.post(address(nora_cannot_sign_in), note)
    assert Message.objects.filter(kind=Message.Kind.NOTE).count() == 1


def test_what_is_sent_is_no_draft_any_more_however_late_it_is_kept(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    told = form(nora_cannot_sign_in, "Try again now.")
    as_kay.post(address(nora_cannot_sign_in), told)
    assert as_kay.post(address(nora_cannot_sign_in, "draft"), told).status_code == 204
    assert not Draft.objects.exists()


def test_a_note_is_for_the_team_and_we_stay(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    response = as_kay.post(address(nora_cannot_sign_in), form(nora_cannot_sign_in, "She is in Accra.", kind="note", then="note"))
    assert response["Location"] == f"/conversations/{nora_cannot_sign_in.number}/?in=waiting"
    assert Message.objects.get(kind=Message.Kind.NOTE).text == "She is in Accra."
    assert not Delivery.objects.exists()
    assert Conversation.objects.get().is_waiting


@pytest.mark.parametrize(("kind", "then"), [("note", "send"), ("note", "moved"), ("reply", "note")])
def test_in_doubt_words_stay_in_the_house(nora_cannot_sign_in: Conversation, as_kay: Client, kind: str, then: str) -> None:
    as_kay.post(address(nora_cannot_sign_in), form(nora_cannot_sign_in, "Between us.", kind=kind, then=then))
    assert Message.objects.get(text="Between us.").is_note
    assert not Delivery.objects.exists()


def test_a_reply_is_held_when_someone_wrote_meanwhile(
    nora_cannot_sign_in: Conversation, sam: Teammate, as_kay: Client, at: datetime
) -> None:
    told = form(nora_cannot_sign_in, "Me too.")
    replies(nora_cannot_sign_in, "On it, Nora.", by=sam, at=at)
    response = as_kay.post(address(nora_cannot_sign_in), told)
    assert response.status_code == 409
    page = response.content.decode()
    assert "On it, Nora." in page
    assert ">Me too.</textarea>" in page
    assert f'name="seen" value="{Conversation.objects.get().latest_message}"' in page
    assert Draft.objects.get().text == "Me too."
    assert Message.objects.filter(kind=Message.Kind.OURS).count() == 1
    again = as_kay.post(address(nora_cannot_sign_in), form(nora_cannot_sign_in, "Me too."))
    assert again.status_code == 302


def test_held_words_come_back_into_the_page_of_htmx(
    nora_cannot_sign_in: Conversation, sam: Teammate, as_kay: Client, at: datetime
) -> None:
    told = form(nora_cannot_sign_in, "Me too.")
    nora_cannot_sign_in.note(Words.plain("I know her."), by=sam, at=at)
    response = as_kay.post(address(nora_cannot_sign_in), told, headers=HTMX)
    assert response.status_code == 409
    assert response.content.decode().lstrip().startswith('<section class="conversation" id="conversation"')


def test_nothing_written_is_nothing_sent(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    for words, are in (("  \n ", "text"), ("<p></p>", "html")):
        response = as_kay.post(address(nora_cannot_sign_in), form(nora_cannot_sign_in, words, words_are=are))
        assert response.status_code == 422
        assert "There are no words here yet." in response.content.decode()
    assert not Delivery.objects.exists()


def test_the_editors_words_keep_their_form_and_lose_what_could_run(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    words = '<p>Try <strong>this</strong>.</p><script>alert(1)</script><p onclick="x()">Kay</p>'
    as_kay.post(address(nora_cannot_sign_in), form(nora_cannot_sign_in, words, words_are="html"))
    message = Message.objects.get(kind=Message.Kind.OURS)
    assert "<strong>this</strong>" in message.html
    assert "script" not in message.html
    assert "onclick" not in message.html
    assert message.text.startswith("Try this.")


def test_files_go_with_the_form_without_any_script(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    file = SimpleUploadedFile("prices.csv", b"bread,3", content_type="text/csv")
    as_kay.post(address(nora_cannot_sign_in), form(nora_cannot_sign_in, "Here.", files=[file]))
    attachment = Message.objects.get(kind=Message.Kind.OURS).attachments.get()
    assert (attachment.name, attachment.size, attachment.content_type) == ("prices.csv", 7, "text/csv")


def test_files_sent_ahead_go_with_it_unless_they_were_removed(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    kept, removed = (
        as_kay.post(address(nora_cannot_sign_in, "upload"), {"file": SimpleUploadedFile(name, b"x" * 2400)}).json()
        for name in ("a.txt", "b.txt")
    )
    assert kept["name"] == "a.txt"
    assert kept["size"] == "2 KB"
    page = as_kay.get(f"/conversations/{nora_cannot_sign_in.number}/").content.decode()
    assert f'name="upload" value="{kept["id"]}"' in page
    as_kay.post(address(nora_cannot_sign_in), form(nora_cannot_sign_in, "Here.", upload=[kept["id"]]))
    assert [a.name for a in Message.objects.get(kind=Message.Kind.OURS).attachments.all()] == ["a.txt"]
    assert not Attachment.objects.filter(pk=removed["id"]).exists()


def test_a_picture_can_stand_in_the_words_if_it_truly_is_one(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    def told(data: bytes) -> Any:
        file = SimpleUploadedFile("screen.png", data, content_type="image/png")
        return as_kay.post(address(nora_cannot_sign_in, "upload"), {"file": file, "inline": "1"}).json()

    picture, script = told(b"\x89PNG\r\n\x1a\nand so on"), told(b"<svg onload='alert(1)'/>")
    assert (picture["inline"], script["inline"]) == (True, False)
    assert as_kay.get(picture["url"])["Content-Type"] == "image/png"
    words = f'<p>See:<img src="{picture["url"]}" alt="screen.png"><img src="{script["url"]}"></p>'
    as_kay.post(address(nora_cannot_sign_in, "draft"), form(nora_cannot_sign_in, words, words_are="html"))
    page = as_kay.get(f"/conversations/{nora_cannot_sign_in.number}/").content.decode()
    assert f"&lt;img src=&#34;{picture['url']}&#34;" in page and f"&lt;img src=&#34;{script['url']}&#34;" not in page
    assert f'name="upload" value="{picture["id"]}"' not in page and f'name="upload" value="{script["id"]}"' in page
    as_kay.post(address(nora_cannot_sign_in), form(nora_cannot_sign_in, words, words_are="html"))
    message = Message.objects.get(kind=Message.Kind.OURS)
    assert message.html == f'<p>See:<img src="{picture["url"]}" alt="screen.png"></p>'
    assert [a.pk for a in message.attachments.all()] == [int(picture["id"])]
    page = as_kay.get(f"/conversations/{nora_cannot_sign_in.number}/").content.decode()
    assert page.count(f'<img src="{picture["url"]}"') == 1 and f'class="attachment" href="{picture["url"]}"' not in page


def test_nobody_can_send_a_file_of_somebody_elses_draft(
    nora_cannot_sign_in: Conversation, as_kay: Client, as_sam: Client
) -> None:
    theirs = as_sam.post(address(nora_cannot_sign_in, "upload"), {"file": SimpleUploadedFile("secret.txt", b"x")}).json()
    as_kay.post(address(nora_cannot_sign_in), form(nora_cannot_sign_in, "Here.", upload=[theirs["id"]]))
    assert not Message.objects.get(kind=Message.Kind.OURS).attachments.exists()
    assert as_kay.get(theirs["url"]).status_code == 404
    assert as_sam.get(theirs["url"]).status_code == 200


def test_too_many_bytes_are_refused_with_a_sentence(nora_cannot_sign_in: Conversation, as_kay: Client, settings: Any) -> None:
    settings.MAX_ATTACHMENT_BYTES = 10
    first = as_kay.post(address(nora_cannot_sign_in, "upload"), {"file": SimpleUploadedFile("a.txt", b"x" * 6)})
    assert first.status_code == 200
    second = as_kay.post(address(nora_cannot_sign_in, "upload"), {"file": SimpleUploadedFile("b.txt", b"x" * 6)})
    assert second.status_code == 422
    assert second.json()["error"] == "“b.txt” is too large: one message can carry 10 bytes of files."
    told = form(nora_cannot_sign_in, "Here.", upload=[first.json()["id"]], files=[SimpleUploadedFile("b.txt", b"x" * 6)])
    response = as_kay.post(address(nora_cannot_sign_in), told)
    assert response.status_code == 422
    assert ">Here.</textarea>" in response.content.decode()
    assert not Delivery.objects.exists()


def test_a_draft_keeps_itself_and_is_ours_alone(nora_cannot_sign_in: Conversation, as_kay: Client, as_sam: Client) -> None:
    assert (
        as_kay.post(address(nora_cannot_sign_in, "draft"), form(nora_cannot_sign_in, "Half a sen", kind="note")).status_code
        == 204
    )
    page = f"/conversations/{nora_cannot_sign_in.number}/"
    assert ">Half a sen</textarea>" in as_kay.get(page).content.decode()
    assert 'value="note" data-key="n" checked' in as_kay.get(page).content.decode()
    assert "Half a sen" not in as_sam.get(page).content.decode()


def test_a_note_in_the_making_is_never_in_the_reply(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    file = as_kay.post(
        address(nora_cannot_sign_in, "upload"), {"kind": "note", "file": SimpleUploadedFile("salaries.csv", b"1")}
    ).json()
    note = form(nora_cannot_sign_in, "She owes us.", kind="note", then="", upload=[file["id"]], draft="key-n")
    as_kay.post(address(nora_cannot_sign_in, "draft"), note)
    as_kay.post(address(nora_cannot_sign_in, "draft"), form(nora_cannot_sign_in, "Good morn"))
    page = as_kay.get(f"/conversations/{nora_cannot_sign_in.number}/").content.decode()
    reply, note_box = re.findall(r"<reply-box .*?</reply-box>", page, re.DOTALL)
    assert ">Good morn</textarea>" in reply
    assert "She owes us." not in reply and "salaries.csv" not in reply
    assert ">She owes us.</textarea>" in note_box and "salaries.csv" in note_box
    assert 'name="then" value="note"' in note_box and 'value="moved"' not in note_box
    as_kay.post(address(nora_cannot_sign_in), form(nora_cannot_sign_in, "Good morning.", upload=[file["id"]]))
    message = Message.objects.get(kind=Message.Kind.OURS)
    assert message.text == "Good morning." and not message.attachments.exists()
    assert Draft.objects.get().text == "She owes us."


def test_an_empty_draft_is_none(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    as_kay.post(address(nora_cannot_sign_in, "draft"), form(nora_cannot_sign_in, "Half"))
    as_kay.post(address(nora_cannot_sign_in, "draft"), form(nora_cannot_sign_in, ""))
    assert not Draft.objects.exists()


def test_a_file_that_just_came_outlives_a_draft_that_does_not_know_it(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    as_kay.post(address(nora_cannot_sign_in, "upload"), {"file": SimpleUploadedFile("a.txt", b"x")})
    as_kay.post(address(nora_cannot_sign_in, "draft"), form(nora_cannot_sign_in, "Here."))
    assert Attachment.objects.filter(name="a.txt").exists()


def test_a_reply_taken_back_is_in_the_box_again(nora_cannot_sign_in: Conversation, as_kay: Client) -> None:
    as_kay.post(address(nora_cannot_sign_in), form(nora_cannot_sign_in, "Too early."))
    message = Message.objects.get(kind=Message.Kind.OURS)
    response = as_kay.post(f"/messages/{message.pk}/take-back/?in=waiting")
    assert response["Location"] == f"/conversations/{nora_cannot_sign_in.number}/?in=waiting"
    page = as_kay.get(response["Location"]).content.decode()
    assert ">Too early.</textarea>" in page
    assert f'id="message-{message.pk}"' not in page
    assert Conversation.objects.get().is_waiting


def test_what_has_left_cannot_be_taken_back(nora_cannot_sign_in: Conversation, as_kay: Client, at: datetime) -> None:
    as_kay.post(address(nora_cannot_sign_in), form(nora_cannot_sign_in, "Gone."))
    Delivery.objects.get().release(at + timedelta(days=365))
    message = Message.objects.get(kind=Message.Kind.OURS)
    response = as_kay.post(f"/messages/{message.pk}/take-back/?in=waiting", follow=True)
    assert "It has left already and cannot be taken back." in response.content.decode()


@pytest.mark.parametrize("what", ["write", "draft", "upload", "present", "take", "give", "moved"])
def test_nothing_changes_by_opening_an_address(nora_cannot_sign_in: Conversation, as_kay: Client, what: str) -> None:
    assert as_kay.get(address(nora_cannot_sign_in, what)).status_code == 405


def test_nothing_is_written_without_the_token_of_the_page(nora_cannot_sign_in: Conversation, kay: Teammate) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(kay, backend="django.contrib.auth.backends.ModelBackend")
    assert careful.post(address(nora_cannot_sign_in), form(nora_cannot_sign_in, "Hi.")).status_code == 403
    assert not Delivery.objects.exists()


def test_a_draft_of_nora_s_conversation_says_who_will_get_it(support: Mailbox, as_kay: Client, at: datetime) -> None:
    message = says(support, NORA.writes("Hello", "Hello", at=at, cc=ILSE.from_), at=at)
    page = as_kay.get(f"/conversations/{message.conversation.number}/").content.decode()
    assert "To Nora Adeyemi &lt;nora@bakery.example&gt;, copied: Ilse Brandt &lt;ilse@garden.example&gt;" in page
