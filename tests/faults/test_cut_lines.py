"""The line breaks at any byte, either way: at our door, on the way out by SMTP, and on the way in by IMAP."""

import socket
import time
from datetime import datetime, timedelta
from email import message_from_bytes

import pytest

from tests.cast import ILSE, NORA, SUPPORT, TOMAS, mail, sent
from tests.faults.conftest import LONG, TALLIES, Tally, file_all, reconcile
from tests.faults.lines import Cut, spread
from tests.servers import Caught, Dovecot, SmtpSink
from touchline.channels.mail_door import MailDoor
from touchline.desk.models import Conversation, Delivery, InboundEmail, Mailbox, Teammate

pytestmark = pytest.mark.django_db(transaction=True)

BYTES = 10_000 if LONG else 25
"""Cuts of one dialogue, at most."""
HELLO = {"smtp": b"EHLO honey.example\r\n", "lmtp": b"LHLO honey.example\r\n"}


@pytest.mark.parametrize("by", ["smtp", "lmtp"])
def test_a_mail_is_kept_whole_or_not_at_all_wherever_its_sender_breaks_off(
    open_door: MailDoor, support: Mailbox, at: datetime, by: str
) -> None:
    """The client goes away after each byte that it says. What it has a 250 for is there; it brings the rest again."""
    Mailbox.open(address="sales@touchline.example", name="Sales", at=at)
    boundaries = {0}
    whole = said(by, 0)
    for line in whole.splitlines(keepends=True):
        boundaries.add(max(boundaries) + len(line))
    cuts = sorted(boundaries | set(spread(len(whole), BYTES)))
    doubts = 0
    for number, after in enumerate(cuts):
        accepted = brought(open_door, said(by, number), after, reset=number % 2 == 1)
        kept = InboundEmail.objects.filter(subject="", filed_at=None).count() - 2 * number
        assert not accepted or kept == 2
        doubts += kept > 0 and not accepted
        assert brought(open_door, said(by, number), len(whole) + 10, reset=False)
        assert InboundEmail.objects.count() == 2 * (number + 1)
    file_all()
    reconcile(2 * len(cuts))
    TALLIES.append(Tally(f"the line to our door is cut ({by.upper()})", len(cuts), twice=doubts))


def said(by: str, number: int) -> bytes:
    """Everything that a client says to bring one mail for two mailboxes."""
    raw = mail(NORA.from_, f"Matter {number:06}", "A line.\n.A dot.\nThe end.\n").replace(b"\r\n.", b"\r\n..")
    names = [f"RCPT TO:<{address}>\r\n".encode() for address in (SUPPORT, "sales@touchline.example")]
    return b"".join([HELLO[by], b"MAIL FROM:<nora@bakery.example>\r\n", *names, b"DATA\r\n", raw, b".\r\nQUIT\r\n"])


def brought(door: MailDoor, whole: bytes, cut_after: int, *, reset: bool) -> bool:
    """Say so many bytes of it and go, politely or not; whether every answer to the mail came and was 250."""
    commands, _, body = whole.partition(b"DATA\r\n")
    pieces = [*(commands + b"DATA\r\n").splitlines(keepends=True), body]
    with socket.create_connection(("127.0.0.1", door.port), 20) as wire, wire.makefile("rb") as answers:
        if reset:
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        answers.readline()
        for piece in pieces:
            wire.sendall(piece[:cut_after])
            cut_after -= len(piece)
            if cut_after < 0:
                break
            while piece is not body and answers.readline()[3:4] == b"-":
                pass
        accepted = cut_after >= 0 and all(
            answers.readline().startswith(b"250") for _ in range(2 if whole.startswith(b"LHLO") else 1)
        )
        if not reset:
            wire.shutdown(socket.SHUT_RDWR)
    until = time.monotonic() + 20
    while door.visitors and time.monotonic() < until:
        time.sleep(0.002)
    assert not door.visitors
    return accepted


@pytest.mark.parametrize("way", ["out", "back"])
def test_a_reply_is_sent_once_to_everyone_wherever_the_line_breaks(
    nora_cannot_sign_in: Conversation, support: Mailbox, kay: Teammate, sink: SmtpSink, at: datetime, way: str
) -> None:
    """After the next try each has it. Only where the server had taken it and could not say so does the very same mail go twice."""
    told = {"smtp_host": "127.0.0.1", "smtp_security": "none"}
    support.be_reached(told | {"smtp_port": sink.port}, at=at)

    def reply(number: int) -> Conversation:
        sent(nora_cannot_sign_in, f"Try the new link, {number:06}.", by=kay, at=at + timedelta(minutes=number))
        return nora_cannot_sign_in

    with Cut(sink.port) as holds:
        total = send(reply(0), support, holds.port, at)
        assert total.sent_at
    sink.mails.clear()
    cuts = spread(holds.went if way == "out" else holds.came, BYTES)
    doubts = 0
    for number, after in enumerate(cuts, 1):
        reply(number)
        with Cut(sink.port, out=after) if way == "out" else Cut(sink.port, back=after) as line:
            delivery = send(nora_cannot_sign_in, support, line.port, at)
        taken = settled(sink)
        if delivery.sent_at is None:
            assert delivery.trouble and delivery.due_at
            delivery = send(nora_cannot_sign_in, support, sink.port, at + timedelta(hours=1))
            doubts += len(taken)
        assert delivery.sent_at and not delivery.trouble
        mails = settled(sink)
        assert 1 <= len(mails) == len(taken) + (1 if len(mails) > len(taken) else 0)
        assert {(each.raw, each.recipients) for each in mails} == {(mails[0].raw, ("nora@bakery.example",))}
        assert message_from_bytes(mails[0].raw)["Message-ID"] == f"<{delivery.message.message_id}>"
        sink.mails.clear()
    TALLIES.append(Tally(f"the line to an SMTP server is cut, bytes {way}", len(cuts), twice=doubts))


def send(conversation: Conversation, mailbox: Mailbox, port: int, at: datetime) -> Delivery:
    """The newest reply is tried once, by this port."""
    Mailbox.objects.filter(pk=mailbox.pk).update(smtp_port=port)
    delivery: Delivery = conversation.deliveries.select_related("message", "mailbox").latest("id")
    delivery.send(at)
    delivery.refresh_from_db()
    return delivery


def settled(sink: SmtpSink) -> list[Caught]:
    """What it has taken, once it has heard all that was on its way."""
    count = -1
    while count != len(sink.mails):
        count = len(sink.mails)
        time.sleep(0.02)
    return list(sink.mails)


@pytest.mark.parametrize("way", ["out", "back"])
def test_every_mail_of_a_folder_comes_in_once_wherever_the_line_breaks(
    dovecot: Dovecot, support: Mailbox, at: datetime, way: str
) -> None:
    """The next time we ask, what is missing comes; what we have is not there twice; and nothing was said to be ours that is not."""
    letters = [who.writes(f"Matter of {who.name}", "Words.\n" * 40) for who in (NORA, ILSE, TOMAS)]
    with Cut(dovecot.port) as holds:
        fetch(dovecot, support, f"holds-{way}", letters, holds.port, at)
    assert InboundEmail.objects.count() == 3
    cuts = spread(holds.went if way == "out" else holds.came, 400 if LONG else 20)
    twice = 0
    for number, after in enumerate(cuts):
        box = f"{way}{number}"
        mailbox = Mailbox.open(address=f"{box}@touchline.example", name=box, at=at)
        with Cut(dovecot.port, out=after) if way == "out" else Cut(dovecot.port, back=after) as line:
            fetch(dovecot, mailbox, box, letters, line.port, at)
        kept = mailbox.inbound_emails.count()
        said_to_be_kept = 3 - len(dovecot.unseen(box))
        assert said_to_be_kept <= kept
        twice += kept - said_to_be_kept
        mailbox.be_reached({"imap_port": dovecot.port}, at=at)
        mailbox.fetch(at + timedelta(hours=1))
        assert not mailbox.trouble
        assert sorted(inbound.raw() for inbound in mailbox.inbound_emails.all()) == sorted(letters)
    file_all(at + timedelta(hours=2))
    reconcile(3 * (len(cuts) + 1))
    TALLIES.append(Tally(f"the line to an IMAP server is cut, bytes {way}", len(cuts)))


def fetch(dovecot: Dovecot, mailbox: Mailbox, box: str, letters: list[bytes], port: int, at: datetime) -> None:
    dovecot.deliver(box, *letters)
    told = {name: dovecot.told(box)[name] for name in ("host", "security", "username", "password")}
    mailbox.be_reached({f"imap_{name}": value for name, value in told.items()} | {"imap_port": port}, at=at)
    mailbox.fetch(at)
