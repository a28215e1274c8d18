"""Mail comes in any order, and by any road twice: the conversations are the same."""

import random
import smtplib
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from tests.cast import AT, ILSE, NORA, SUPPORT, mail
from tests.faults.conftest import LONG, TALLIES, Tally, file_all, reconcile
from tests.servers import Dovecot
from touchline.channels.mail_door import MailDoor
from touchline.desk.models import Desk, Mailbox, Message
from touchline.importers.mbox import Mbox

ARCHIVE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "mbox" / "r-help-2014-q2.mbox.gz"
MAILS = 1500 if LONG else 300
TIMES = 3 if LONG else 1

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_backlog_in_any_order_gives_the_same_conversations(at: datetime) -> None:
    mails = list(archive() if ARCHIVE.exists() else forum())
    in_order = conversations(mails, at)
    for time in range(1, TIMES + 1):
        shuffled = mails[:]
        random.Random(time).shuffle(shuffled)
        found = conversations(shuffled, at)
        assert found == in_order, differences(found, in_order)
    TALLIES.append(Tally(f"{len(mails)} mails of a list, in any order", TIMES))


def test_answers_that_came_before_what_they_answer_are_together_though_a_stranger_answered_first(
    support: Mailbox, at: datetime
) -> None:
    first = NORA.writes("The code", "It asks for a code.", at=at, message_id="first@bakery.example")
    answers = [
        who.writes(subject, "More.", at=at + timedelta(hours=hours), answers="first@bakery.example")
        for hours, (who, subject) in enumerate([(ILSE, "Re: The code"), (NORA, "The code"), (NORA, "The code [solved]")], 1)
    ]
    for raw in (*answers, first):
        support.receive(raw, at=at, via="imap").file(at)
    by_nora = Message.objects.filter(name="Nora Adeyemi")
    assert by_nora.count() == 3 and by_nora.values("conversation").distinct().count() == 1
    assert Message.objects.values("conversation").distinct().count() == 2


def conversations(mails: Sequence[tuple[datetime, bytes]], at: datetime) -> set[frozenset[str]]:
    """An empty desk takes them in as they come; the Message-IDs of each conversation."""
    call_command("flush", interactive=False, verbosity=0)
    Desk.get()
    support = Mailbox.open(address=SUPPORT, name="Support", at=at)
    for came, raw in mails:
        support.receive(raw, at=came, via="imap").file(at)
    reconcile(len({raw for _came, raw in mails}), same_ids=0)
    together: dict[int, set[str]] = {}
    for number, message_id in Message.objects.values_list("conversation", "message_id"):
        together.setdefault(number, set()).add(message_id)
    return {frozenset(each) for each in together.values()}


def differences(found: set[frozenset[str]], wanted: set[frozenset[str]]) -> str:
    apart = [f"  {'now' if each in found else 'in order'} {sorted(each)}" for each in sorted(found ^ wanted, key=sorted)[:20]]
    return f"{len(found ^ wanted)} conversations differ:\n" + "\n".join(apart)


def archive() -> Iterator[tuple[datetime, bytes]]:
    """Consecutive mails of a real list, and when each came."""
    for found in islice(Mbox(ARCHIVE, largest=2**25).mails(), 200, 200 + MAILS):
        yield found.at or datetime.now(UTC), found.raw


def forum() -> Iterator[tuple[datetime, bytes]]:
    """Where there is no such archive: people who write, answer each other and themselves, and begin anew under an old subject."""
    draw = random.Random(7)
    threads: list[list[tuple[str, str]]] = []
    for number in range(600):
        came = AT + timedelta(minutes=7 * number)
        writer = f"Person {draw.randrange(60)}"
        id = f"{number}@far.example"
        thread = draw.choice(threads) if threads and draw.random() < 0.7 else []
        answered, about = draw.choice(thread) if thread else ("", f"Matter {draw.randrange(80)}")
        from_ = f"{writer} <{writer.replace(' ', '').lower()}@far.example>"
        subject = f"Re: {about}" if answered else about
        yield came, mail(from_, subject, f"Words {number}.", answers=answered or None, at=came, message_id=id)
        if not thread:
            threads.append(thread)
        thread.append((id, about))


def test_what_comes_twice_by_two_roads_is_there_once(
    open_door: MailDoor, dovecot: Dovecot, support: Mailbox, at: datetime
) -> None:
    """The door and the IMAP folder bring the same bytes; and other words under an id that was used already are words of their own."""
    letters = [who.writes("The code", f"It asks for code {number}.", at=at) for who in (NORA, ILSE) for number in range(10)]
    dovecot.deliver("twice", *letters)
    told = {f"imap_{name}": value for name, value in dovecot.told("twice").items() if name != "folder"}
    support.be_reached(told, at=at)
    fetching = threading.Thread(target=fetch, args=(support, at))
    fetching.start()
    with smtplib.SMTP("127.0.0.1", open_door.port) as client:
        for letter in letters + letters[:5]:
            client.sendmail("nora@bakery.example", [SUPPORT], letter)
        for words in ("First words.", "Other words."):
            client.sendmail("nora@bakery.example", [SUPPORT], NORA.writes("Anew", words, message_id="again@bakery.example"))
    fetching.join()
    support.refresh_from_db()
    assert support.trouble == ""
    file_all()
    reconcile_twice = reconcile(len(letters) + 2, same_ids=1)
    assert reconcile_twice["shown"] == len(letters) + 2
    assert {"First words.", "Other words."} <= set(Message.objects.values_list("text", flat=True))
    TALLIES.append(Tally("the same mail by the door and by IMAP at once, or twice", len(letters) + 5))


def fetch(mailbox: Mailbox, at: datetime) -> None:
    try:
        mailbox.fetch(at)
    finally:
        connection.close()
