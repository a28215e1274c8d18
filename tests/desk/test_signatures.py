"""What stands beneath what we write: the closest signature, as it was when it was written."""

from datetime import datetime, timedelta

import pytest

from tests.cast import NORA, Post, Writer, replies
from touchline.channels import NotNow
from touchline.core.mail.email import Correspondent
from touchline.core.mail.fresh_words import fresh_words
from touchline.core.mail.recipients import Chosen
from touchline.core.mail.understand import understand
from touchline.desk.models import Conversation, Draft, Mailbox, Message, Signature, Teammate, Words
from touchline.work.chores import send_deliveries

pytestmark = pytest.mark.django_db

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def noras(nora_cannot_sign_in: Conversation, can_send: Mailbox) -> Conversation:
    return nora_cannot_sign_in


def text_of(raw: bytes) -> str:
    return understand(raw).text


def test_the_closest_one_is_taken(kay: Teammate, sam: Teammate, support: Mailbox, at: datetime) -> None:
    sales = Mailbox.open(address="sales@touchline.example", name="Sales", at=at)
    assert Signature.beneath(kay, support) == Words("")
    Signature.keep(Words.plain("The team"), mailbox=support)
    assert Signature.beneath(kay, support).text == Signature.beneath(sam, support).text == "The team"
    Signature.keep(Words.plain("Kay"), teammate=kay)
    assert Signature.beneath(kay, support).text == Signature.beneath(kay, sales).text == "Kay"
    assert Signature.beneath(sam, support).text == "The team"
    Signature.keep(Words.plain("Kay, here"), teammate=kay, mailbox=support)
    assert (Signature.beneath(kay, support).text, Signature.beneath(kay, sales).text) == ("Kay, here", "Kay")
    Signature.keep(Words(""), teammate=kay, mailbox=support)
    assert Signature.beneath(kay, support) == Words("")
    Signature.keep(None, teammate=kay, mailbox=support)
    assert Signature.beneath(kay, support).text == "Kay"


def test_its_gaps_are_closed_and_what_closes_them_is_no_markup(kay: Teammate, support: Mailbox) -> None:
    kay.name = "Kay <b>Doyle</b>"
    Signature.keep(Words.rich("<p>{name}, {first name} · {mailbox} · {desk} · {else}</p>"), teammate=kay)
    beneath = Signature.beneath(kay, support)
    assert beneath.text == "Kay <b>Doyle</b>, Kay · support@touchline.example · The help of Touchline · {else}"
    assert "Kay &lt;b&gt;Doyle&lt;/b&gt;" in beneath.html and "<b>" not in beneath.html


def test_no_picture_and_no_script_stand_in_it(kay: Teammate, support: Mailbox) -> None:
    Signature.keep(Words.rich('<p>Kay<script>x</script><img src="/files/1"></p>'), teammate=kay)
    html = Signature.beneath(kay, support).html
    assert "script" not in html and "img" not in html


def test_it_goes_out_between_the_words_and_the_past(noras: Conversation, kay: Teammate, post: Post, at: datetime) -> None:
    Signature.keep(Words.rich("<p><strong>{first name}</strong></p>"), teammate=kay)
    noras.reply(Words.rich("<p>Try again.</p>"), by=kay, at=at + MINUTE, seen=noras.latest())
    send_deliveries(at + HOUR)
    raw = post.sent[0].raw.decode()
    assert "\r\nTry again.\r\n\r\n-- \r\nKay\r\n\r\nOn " in raw
    assert '<p>Try again.</p><div class="signature">-- <br><p><strong>Kay</strong></p></div><p>On ' in raw


def test_every_try_sends_the_same_bytes_whatever_is_edited_meanwhile(
    noras: Conversation, kay: Teammate, post: Post, at: datetime
) -> None:
    Signature.keep(Words.plain("Kay, until noon"), teammate=kay)
    message = replies(noras, "Try again.", by=kay, at=at + MINUTE)
    post.answers = [NotNow("Not now.")]
    send_deliveries(at + HOUR)
    Signature.keep(Words.plain("Kay, after noon"), teammate=kay)
    send_deliveries(at + 2 * HOUR)
    first, second = post.sent
    assert first.raw == second.raw and b"-- \r\nKay, until noon" in first.raw
    message.refresh_from_db()
    assert message.signature == "Kay, until noon" and message.text == "Try again."


def test_whoever_reads_it_finds_the_words_without_it(noras: Conversation, kay: Teammate, post: Post, at: datetime) -> None:
    """As another desk would: beneath the line of two dashes nothing is new."""
    Signature.keep(Words.rich("<p>Kay<br>Touchline, Dublin</p>"), teammate=kay)
    noras.reply(Words.rich("<p>Try again.</p>"), by=kay, at=at + MINUTE, seen=noras.latest())
    send_deliveries(at + HOUR)
    assert fresh_words(understand(post.sent[0].raw)).new == "Try again."


def test_beneath_what_is_passed_on_it_hides_nothing(
    noras: Conversation, kay: Teammate, post: Post, at: datetime, ilse: Writer
) -> None:
    Signature.keep(Words.plain("Kay"), teammate=kay)
    first = noras.messages.get()
    noras.forward(first, Words.plain("Can you help?"), to=_to(ilse), by=kay, at=at + MINUTE)
    send_deliveries(at + HOUR)
    text = text_of(post.sent[0].raw)
    assert "-- \n" not in text and text.index("Can you help?") < text.index("\nKay\n") < text.index("Forwarded message")


def test_a_note_has_none(noras: Conversation, kay: Teammate, at: datetime) -> None:
    Signature.keep(Words.plain("Kay"), teammate=kay)
    assert noras.note(Words.plain("She called."), by=kay, at=at + MINUTE).signature == ""


def test_what_the_desk_tells_them_has_none(can_send: Mailbox, at: datetime) -> None:
    Signature.keep(Words.plain("The team"), mailbox=can_send)
    can_send.acknowledges = True
    can_send.save()
    can_send.receive(NORA.writes("The code", "It asks.\n", at=at), at=at, via="imap").file(at)
    assert Message.objects.get(kind="ours").signature == ""


def test_taken_back_only_the_words_are_in_the_box(noras: Conversation, kay: Teammate, at: datetime) -> None:
    Signature.keep(Words.plain("Kay"), teammate=kay)
    message = replies(noras, "Try again.", by=kay, at=at + MINUTE)
    noras.take_back(message, by=kay, at=at + MINUTE)
    assert Draft.objects.get().text == "Try again."


def _to(writer: Writer) -> Chosen:
    return Chosen(to=(Correspondent(writer.name, writer.address),))
