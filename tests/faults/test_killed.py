"""Kill -9 at every stage of coming in and of going out: what was acknowledged is there once, and every reply leaves."""

import smtplib
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.faults.conftest import LONG, TALLIES, Tally
from tests.faults.houses import asked, letter, subjects, waits
from tests.house import ROOT, SUPPORT, House
from tests.servers import Caught, Dovecot, SmtpSink

ROUNDS = 10 if LONG else 1

BY_THE_DOOR = {
    "its bytes are about to be written": "touchline.desk.files:_write:before",
    "its bytes have a name, not yet on the disk": "touchline.desk.files:_sync:before",
    "its bytes are kept": "touchline.desk.files:keep:after",
    "its row is written, not committed": "touchline.desk.models.inbound_email:publish:before",
    "it is kept, not acknowledged": "touchline.work.door:keep:after",
    "it is claimed": "touchline.desk.models.row:Due.claim:after",
    "it is understood": "touchline.desk.models.inbound_filing:understand:after",
    "its conversation is made, not committed": "touchline.desk.models.inbound_filing:Filing._place:after",
    "it has its place": "touchline.desk.models.inbound_filing:Filing.file:after",
}
BY_IMAP = {
    "it is fetched, not kept": "touchline.desk.models.mailbox:Mailbox.receive:before",
    "it is kept, and we have not noted how far we read": "touchline.desk.models.mailbox:Mailbox.receive:after",
    "it is kept and noted, and its server does not know": "touchline.desk.models.mailbox:Mailbox._read_to:after",
}
GOING_OUT = {
    "it is claimed": "touchline.desk.models.delivery:Delivery.claim:after",
    "it is released": "touchline.desk.models.delivery:Delivery.release:after",
    "we are signed in": "touchline.channels.smtp:begin:before",
    "its bytes are about to go": "touchline.channels.smtp:hand_over:before",
    "its server has taken it, and we have not noted it": "touchline.channels.smtp:send:after",
    "it is noted as sent": "touchline.desk.models.delivery:Delivery._settle:after",
    "it is sent": "touchline.desk.models.delivery:Delivery.send:after",
}
ANSWER_ALL = """
from datetime import UTC, datetime, timedelta
from touchline.desk.models import Conversation, Desk, Teammate, Words
kay, at = Teammate.objects.get(name="Kay"), datetime.now(UTC) - Desk.get().take_back_for
for each in Conversation.objects.filter(waiting_since__isnull=False):
    each.reply(Words.plain("It is on its way."), by=kay, at=at, seen=each.latest())
"""


def ends_at(house: House, place: str) -> None:
    """Up, until it comes to this place; there it is killed."""
    with open(house.data.parent / "said", "a") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "touchline", "up"],
            cwd=ROOT,
            env=house.environment | {"TEST_ENDS_AT": place},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            assert process.wait(120) == -9, f"it ended otherwise:\n{(house.data.parent / 'said').read_text()[-3000:]}"
        finally:
            process.kill()


def test_every_mail_is_there_once_though_the_desk_was_killed_at_every_stage_of_its_way_in(house: House) -> None:
    places = list(BY_THE_DOOR.values()) * ROUNDS
    acknowledged: Counter[int] = Counter()
    over = threading.Event()

    def deliver(numbers: Iterator[int]) -> None:
        """As a mail server: what was not acknowledged is kept and tried again."""
        for number in numbers:
            raw = letter(number)
            while not over.is_set() and not acknowledged[number]:
                try:
                    house.deliver(raw, sender=f"p{number}@far.example")
                    acknowledged[number] += 1
                except (OSError, smtplib.SMTPException):
                    time.sleep(0.05)

    mails = 4 * len(places)
    # One sender, who goes on only after an acknowledgement: each kill meets a mail on its way, and mails that have come before it.
    sender = threading.Thread(target=deliver, args=(iter(range(mails)),), daemon=True)
    sender.start()
    for place in places:
        ends_at(house, place)
    house.start()
    sender.join(120)
    over.set()
    assert set(acknowledged) == set(range(mails))
    assert sorted(subjects(house)) == sorted(f"Number {number}" for number in range(mails))
    TALLIES.append(Tally("kill -9 at each stage of coming in by the door", len(places)))


def test_every_mail_of_a_folder_is_there_once_though_the_desk_was_killed_while_it_fetched(
    house: House, dovecot: Dovecot, tmp_path: Path
) -> None:
    box = f"killed{time.time_ns()}"
    (tmp_path / "password").write_text(dovecot.password)
    imap = ["--imap-host", "127.0.0.1", "--imap-port", str(dovecot.port), "--imap-security", "none", "--imap-username", box]
    house.command("mailbox", "add", SUPPORT, *imap, "--imap-password-file", str(tmp_path / "password"))
    places = list(BY_IMAP.values()) * ROUNDS
    for number, place in enumerate(places):
        dovecot.deliver(box, *(letter(2 * number + each) for each in range(2)))
        ends_at(house, place)
    house.start()
    mails = 2 * len(places)
    until = time.monotonic() + 60
    while len(subjects(house)) < mails and time.monotonic() < until:
        time.sleep(0.2)
    assert sorted(subjects(house)) == sorted(f"Number {number}" for number in range(mails))
    TALLIES.append(Tally("kill -9 at each stage of coming in by IMAP", len(places)))


def test_every_reply_leaves_though_the_desk_was_killed_at_every_stage_of_its_way_out(house: House, sink: SmtpSink) -> None:
    places = list(GOING_OUT.values()) * ROUNDS
    house.sends_through(sink.port)
    house.start()
    for number in range(len(places) + 1):
        house.deliver(letter(number), sender=f"p{number}@far.example")
    subjects(house, len(places) + 1)
    house.kill()
    house.command("django", "shell", "-c", ANSWER_ALL)
    for place in places:
        ends_at(house, place)
    house.start()
    waits(house, "SELECT count(*) FROM desk_delivery WHERE sent_at IS NULL")
    sent = by_recipient(sink.mails)
    assert set(sent) == {f"p{number}@far.example" for number in range(len(places) + 1)}
    twice = {who: mails for who, mails in sent.items() if len(mails) > 1}
    assert len(twice) <= ROUNDS  # where its server had taken it, and we had not noted it
    assert all(
        len(mails) == 2 and mails[0].raw == mails[1].raw for mails in twice.values()
    )  # the very same mail, Message-ID and all
    took_part = asked(house, "SELECT count(*) FROM desk_outcomeevent WHERE kind = 'took_part'")
    assert took_part == len(places) + 1
    TALLIES.append(Tally("kill -9 at each stage of going out", len(places), twice=len(twice)))


def by_recipient(mails: list[Caught]) -> dict[str, list[Caught]]:
    return {who: [each for each in mails if each.recipients == (who,)] for each in mails for who in each.recipients}
