"""Two desks, each with its own server, that both tell people that their mail has come: they stop after one."""

import time
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.faults.houses import asked, waits
from tests.house import SUPPORT, House, mail
from tests.servers import SmtpSink

pytestmark = pytest.mark.servers

OTHER = "desk@other.example"
TELLS = "from touchline.desk.models import Mailbox; [each.tell_them_it_came(True, '') for each in Mailbox.objects.all()]"


@pytest.fixture
def houses(tmp_path: Path) -> Iterator[tuple[House, House]]:
    """What one sends comes in at the door of the other."""
    ours, theirs = (House(tmp_path / name, told={"TOUCHLINE_VERIFY_DKIM": "no"}) for name in ("ours", "theirs"))
    for house, address, other in ((ours, SUPPORT, theirs), (theirs, OTHER, ours)):
        house.command("migrate")
        way_out = ["--smtp-host", "127.0.0.1", "--smtp-port", str(other.door), "--smtp-security", "none"]
        house.command("mailbox", "add", address, "--name", "The desk", *way_out)
        house.command("django", "shell", "-c", TELLS)
        house.start()
    yield ours, theirs
    ours.stop()
    theirs.stop()


def test_two_desks_that_answer_each_other_stop_after_one(houses: tuple[House, House]) -> None:
    ours, theirs = houses
    ours.deliver(mail("Do you deliver on Monday?", subject="Monday", sender=f"Someone there <{OTHER}>"), sender=OTHER)
    waits(ours, "SELECT count(*) <> 1 FROM desk_delivery WHERE sent_at IS NOT NULL")
    waits(theirs, "SELECT count(*) <> 1 FROM desk_inboundemail WHERE due_at IS NULL")
    time.sleep(3)  # as long as an answer would take to come, and more
    assert asked(ours, "SELECT count(*) FROM desk_delivery") == 1
    assert asked(ours, "SELECT count(*) FROM desk_inboundemail") == 1
    assert asked(theirs, "SELECT count(*) FROM desk_delivery") == 0


def test_it_arrives_as_rfc_3834_wants_it_and_once(tmp_path: Path) -> None:
    sink = SmtpSink().start()
    house = House(tmp_path / "data", told={"TOUCHLINE_VERIFY_DKIM": "no"})
    house.command("migrate")
    house.command("mailbox", "add", SUPPORT, "--name", "Support")
    house.sends_through(sink.port)
    house.command("django", "shell", "-c", TELLS)
    house.start()
    try:
        first = mail("It asks for a code.", subject="The code", id="<1@honey.example>")
        house.deliver(first)
        house.deliver(first)
        house.deliver(mail("And another.", subject="Another thing"))
        (caught,) = sink.wait_for(1)
        waits(house, "SELECT count(*) <> 2 FROM desk_inboundemail WHERE due_at IS NULL")
        time.sleep(2)
    finally:
        house.stop()
        sink.stop()
    told = message_from_bytes(caught.raw)
    assert len(sink.mails) == 1 and (caught.mail_from, caught.recipients) == ("", ("nora@honey.example",))
    assert (told["Auto-Submitted"], told["In-Reply-To"], told["Subject"]) == (
        "auto-replied",
        "<1@honey.example>",
        "Auto: The code",
    )
    assert "Support" in told["From"] and b"asks for a code" not in caught.raw
