"""In the way: the board, one of its pages, putting a conversation with others, writing to all of them, and telling other systems."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from tests.cast import ILSE, NORA, TOMAS, Post, says
from tests.web.helped import SetClock
from tests.web.helped import it_is as it_is
from touchline.desk.models import (
    Activity,
    Blocker,
    Conversation,
    Mailbox,
    Notice,
    SharedBlocker,
    Teammate,
    Webhook,
    WebhookCall,
    WriteOnce,
)
from touchline.work.chores import send_deliveries, write_to_all

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
WORDS = "Invoices do not download"
TEXT = "Hello {first name},\n\nthey download again."


@pytest.fixture(autouse=True)
def now(it_is: SetClock, at: datetime) -> datetime:
    it_is(at + 3 * HOUR)
    return at + 3 * HOUR


@pytest.fixture
def three(can_send: Mailbox, kay: Teammate, at: datetime) -> SharedBlocker:
    """Nora, Ilse and Tomás have the same in their way."""
    shared = SharedBlocker.open(WORDS, by=kay, at=at)
    for who in (NORA, ILSE, TOMAS):
        asked = says(can_send, who.writes("Invoices", f"I, {who.name}, cannot download my invoices.", at=at), at=at).conversation
        asked.others_have_this(shared, by=kay, at=at)
    return shared


def page(browser: Client, address: str, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status, answer.status_code
    return answer.content.decode()


def begins(browser: Client, shared: SharedBlocker, text: str = TEXT, **told: str) -> WriteOnce:
    answer = browser.post(f"/in-the-way/{shared.pk}/look/", {"text": text, "moves": "yes"} | told)
    assert answer.status_code == 302
    return WriteOnce.objects.get(pk=int(answer["Location"].split("/")[-2]))


# From a conversation


def test_kay_names_what_others_have_too_and_takes_it_back(as_kay: Client, nora_cannot_sign_in: Conversation) -> None:
    number = nora_cannot_sign_in.number
    assert "Others have this too…" in page(as_kay, f"/conversations/{number}/")
    offered = page(as_kay, f"/conversations/{number}/others/")
    assert "None of these: name it" in offered
    as_kay.post(f"/conversations/{number}/others/", {"words": "Nobody can sign in", "about": "Since the update."})
    shared = SharedBlocker.objects.get()
    assert (shared.words, shared.about, Blocker.objects.get().shared) == ("Nobody can sign in", "Since the update.", shared)
    shown = page(as_kay, f"/conversations/{number}/")
    assert f"/in-the-way/{shared.pk}/" in shown and "Put with the others" in shown
    assert "said that others have this too: “Nobody can sign in”" in shown
    as_kay.post(f"/activities/{Activity.objects.get(kind='shared').pk}/undo/")
    assert Blocker.objects.get().shared is None


def test_one_that_is_like_it_is_offered(as_kay: Client, three: SharedBlocker, can_send: Mailbox, at: datetime) -> None:
    asked = says(can_send, NORA.writes("Invoices are gone", "None to see.", at=at), at=at).conversation
    address = f"/conversations/{asked.number}/others/"
    assert WORDS in page(as_kay, address)
    assert "Nothing here has “harbour” in it." in page(as_kay, address + "?q=harbour")
    as_kay.post(address, {"shared": str(three.pk)})
    assert asked.blocker and asked.blocker.shared == three
    assert "It is with these now" in page(as_kay, address)
    as_kay.post(f"/conversations/{asked.number}/only-theirs/")
    assert asked.blocker.shared is None


def test_without_words_nothing_is_made(as_kay: Client, nora_cannot_sign_in: Conversation) -> None:
    answer = as_kay.post(f"/conversations/{nora_cannot_sign_in.number}/others/", {"words": "  "})
    assert answer.status_code == 422 and not SharedBlocker.objects.exists()


def test_one_that_is_not_there_is_not_found(as_kay: Client, nora_cannot_sign_in: Conversation) -> None:
    address = f"/conversations/{nora_cannot_sign_in.number}/others/"
    assert as_kay.post(address, {"shared": "12"}).status_code == 404
    assert as_kay.post(address, {"shared": "x" * 40}).status_code == 404
    nora_cannot_sign_in.nothing_in_the_way(why="other", by=Teammate.objects.get(), at=nora_cannot_sign_in.started_at)
    assert as_kay.get(address).status_code == 404
    assert as_kay.post(f"/conversations/{nora_cannot_sign_in.number}/only-theirs/").status_code == 404


# The board and its pages


def test_the_board_says_who_waits_in_their_own_words_and_names_no_teammate(as_sam: Client, three: SharedBlocker) -> None:
    shown = page(as_sam, "/in-the-way/")
    assert WORDS in shown and "3 people wait" in shown and "cannot download my invoices." in shown
    main = shown.partition("<main")[2].partition("</main>")[0]
    assert "Kay" not in main and "Sam" not in main


def test_the_board_is_sorted_by_people_or_by_how_long(
    as_sam: Client, three: SharedBlocker, can_send: Mailbox, kay: Teammate, at: datetime
) -> None:
    older = SharedBlocker.open("The shop is slow", by=kay, at=at)
    says(can_send, NORA.writes("Slow", "So slow.", at=at - HOUR), at=at - HOUR).conversation.others_have_this(
        older, by=kay, at=at
    )
    by_people, by_time = page(as_sam, "/in-the-way/"), page(as_sam, "/in-the-way/?sort=long")
    assert by_people.index(WORDS) < by_people.index("The shop is slow")
    assert by_time.index("The shop is slow") < by_time.index(WORDS)


def test_topics_are_on_the_board(as_sam: Client, three: SharedBlocker) -> None:
    Blocker.objects.update(topic="invoices")
    assert "By topic" in page(as_sam, "/in-the-way/")


def test_its_page_says_who_they_are_and_how_each_fares(as_kay: Client, three: SharedBlocker, kay: Teammate, at: datetime) -> None:
    nora = Conversation.objects.get(person__name=NORA.name)
    nora.move_blocker(by=kay, at=at + HOUR)
    shown = page(as_kay, f"/in-the-way/{three.pk}/")
    assert "2 people wait, the first since" in shown and "Write once to all of them…" in shown
    assert all(who.name in shown for who in (NORA, ILSE, TOMAS)) and f"/conversations/{nora.number}/" in shown
    live = page(as_kay, f"/in-the-way/{three.pk}/?live=1")
    assert "<html" not in live and "2 people wait" in live


def test_its_words_can_be_said_better_and_it_can_be_put_away(as_sam: Client, three: SharedBlocker) -> None:
    as_sam.post(f"/in-the-way/{three.pk}/words/", {"words": "Invoices come empty", "about": "Since Monday."})
    three.refresh_from_db()
    assert (three.words, three.about) == ("Invoices come empty", "Since Monday.")
    as_sam.post(f"/in-the-way/{three.pk}/put-away/")
    assert "Invoices come empty" not in page(as_sam, "/in-the-way/")
    as_sam.post(f"/in-the-way/{three.pk}/put-away/?again=1")
    assert "Invoices come empty" in page(as_sam, "/in-the-way/")


def test_whatever_people_wrote_is_only_words(as_kay: Client, can_send: Mailbox, kay: Teammate, at: datetime) -> None:
    asked = says(can_send, NORA.writes("<b>x</b>", "<script>alert(1)</script> it fails", at=at), at=at).conversation
    shared = SharedBlocker.open("<img src=x>", about="<script>2</script>", by=kay, at=at)
    asked.others_have_this(shared, by=kay, at=at)
    for address in ("/in-the-way/", f"/in-the-way/{shared.pk}/", f"/conversations/{asked.number}/others/"):
        shown = page(as_kay, address)
        assert "<script>alert" not in shown and "<img src=x" not in shown and "<script>2" not in shown


# Writing to all


def test_kay_writes_once_to_all_of_them(as_kay: Client, three: SharedBlocker, post: Post, it_is: SetClock, now: datetime) -> None:
    assert "Your words" in page(as_kay, f"/in-the-way/{three.pk}/write/")
    writing = begins(as_kay, three)
    shown = page(as_kay, f"/in-the-way/writings/{writing.pk}/")
    assert all(f"Hello {name}," in shown for name in ("Nora", "Ilse", "Tomás"))
    assert "Write to 3 people, blocker moved" in shown and NORA.address in shown
    assert as_kay.post(f"/in-the-way/writings/{writing.pk}/start/", {"people": "3"}).status_code == 302
    done = now
    for _second in range(30):
        done += timedelta(seconds=1)
        write_to_all(done)
        send_deliveries(done)
    it_is(done)
    far = page(as_kay, f"/in-the-way/writings/{writing.pk}/")
    assert "3 of 3 have left." in far and "Done" in far and "Stop</button>" not in far
    assert len(post.sent) == 3
    assert "written to with all the others" in page(as_kay, f"/in-the-way/{three.pk}/")


def test_a_person_can_be_left_out_before_it_begins(as_kay: Client, three: SharedBlocker) -> None:
    writing = begins(as_kay, three)
    mail = writing.mails.get(person__name=NORA.name)
    address = f"/in-the-way/writings/{writing.pk}/mails/{mail.pk}/leave-out/"
    as_kay.post(address)
    shown = page(as_kay, f"/in-the-way/writings/{writing.pk}/")
    assert "Write to 2 people" in shown and "A teammate left them out." in shown
    as_kay.post(address, {"again": "yes"})
    assert "Write to 3 people" in page(as_kay, f"/in-the-way/writings/{writing.pk}/")


def test_others_than_were_shown_are_not_written_to(as_kay: Client, three: SharedBlocker, kay: Teammate, now: datetime) -> None:
    writing = begins(as_kay, three)
    answer = as_kay.post(f"/in-the-way/writings/{writing.pk}/start/", {"people": "12"})
    assert answer.status_code == 409 and "nothing was sent" in answer.content.decode()
    writing.refresh_from_db()
    assert writing.started_at is None


def test_a_test_goes_to_kay_alone(as_kay: Client, kay: Teammate, three: SharedBlocker) -> None:
    writing = begins(as_kay, three)
    as_kay.post(f"/in-the-way/writings/{writing.pk}/test/")
    assert Notice.objects.get().email == kay.email
    assert "The last test left" in page(as_kay, f"/in-the-way/writings/{writing.pk}/")


def test_other_words_are_looked_at_again(as_kay: Client, three: SharedBlocker) -> None:
    writing = begins(as_kay, three)
    assert begins(as_kay, three, "Hi {first name}", writing=str(writing.pk)) == writing
    shown = page(as_kay, f"/in-the-way/writings/{writing.pk}/")
    assert "Hi Nora" in shown


def test_words_that_cannot_be_sent_are_said_so_and_kept(as_kay: Client, three: SharedBlocker) -> None:
    address = f"/in-the-way/{three.pk}/look/"
    strange = as_kay.post(address, {"text": "Hello {name}, all is well", "moves": "yes"})
    assert strange.status_code == 422 and "Hello {name}, all is well" in strange.content.decode()
    assert as_kay.post(address, {"text": "  "}).status_code == 422
    assert not WriteOnce.objects.exists()


def test_stop_stops_it(as_kay: Client, three: SharedBlocker) -> None:
    writing = begins(as_kay, three)
    as_kay.post(f"/in-the-way/writings/{writing.pk}/start/", {"people": "3"})
    assert "Stop</button>" in page(as_kay, f"/in-the-way/writings/{writing.pk}/")
    as_kay.post(f"/in-the-way/writings/{writing.pk}/stop/")
    shown = page(as_kay, f"/in-the-way/writings/{writing.pk}/")
    assert "Stopped" in shown and "It was stopped before their turn." in shown
    again = as_kay.post(f"/in-the-way/writings/{writing.pk}/start/", {"people": "3"}, follow=True)
    assert "It has begun already." in again.content.decode()


def test_only_leads_write_to_all_and_others_see_whom_to_ask(as_kay: Client, as_sam: Client, three: SharedBlocker) -> None:
    shown = page(as_sam, f"/in-the-way/{three.pk}/")
    assert "To write to all of them at once, ask Kay." in shown and "Write once to all of them…" not in shown
    writing = begins(as_kay, three)
    page(as_sam, f"/in-the-way/{three.pk}/write/", 404)
    page(as_sam, f"/in-the-way/writings/{writing.pk}/", 404)
    for step in ("start", "test", "stop"):
        assert as_sam.post(f"/in-the-way/writings/{writing.pk}/{step}/", {"people": "3"}).status_code == 404
    assert as_sam.post(f"/in-the-way/{three.pk}/look/", {"text": TEXT}).status_code == 404
    as_kay.post(f"/in-the-way/writings/{writing.pk}/start/", {"people": "3"})
    assert "Stop</button>" not in page(as_sam, f"/in-the-way/writings/{writing.pk}/")


# Webhooks


def test_an_owner_tells_another_system(as_kay: Client, as_sam: Client, three: SharedBlocker) -> None:
    page(as_sam, "/in-the-way/webhooks/", 404)
    refused = as_kay.post("/in-the-way/webhooks/add/", {"url": "https://127.0.0.1/hook"})
    assert refused.status_code == 422 and "network of our own" in refused.content.decode()
    as_kay.post("/in-the-way/webhooks/add/", {"url": "https://board.example.com/hook"})
    told = Webhook.objects.get()
    assert told.secret.startswith("whs_") and told.secret in page(as_kay, "/in-the-way/webhooks/")
    as_kay.post(f"/in-the-way/webhooks/{told.pk}/put-away/")
    assert "No other system is told." in page(as_kay, "/in-the-way/webhooks/")
    as_kay.post(f"/in-the-way/webhooks/{told.pk}/put-away/?again=1")
    assert "board.example.com" in page(as_kay, "/in-the-way/webhooks/")


def test_what_did_not_arrive_is_shown_with_the_reason_and_tried_again(as_kay: Client, kay: Teammate, now: datetime) -> None:
    WebhookCall.listen("https://board.example.com/hook", by=kay, at=now)
    SharedBlocker.open(WORDS, by=kay, at=now)
    call = WebhookCall.objects.get()
    call.due_at, call.gave_up_at, call.trouble = None, now, "board.example.com answered with 500."
    call.save()
    assert "answered with 500." in page(as_kay, "/in-the-way/webhooks/")
    as_kay.post(f"/in-the-way/webhooks/calls/{call.pk}/again/")
    call.refresh_from_db()
    assert call.due_at and call.gave_up_at is None
