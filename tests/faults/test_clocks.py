"""The clock jumps, forwards and backwards: no claim and no pause holds anything for longer than it was meant to."""

from datetime import datetime, timedelta

import pytest

from tests.cast import ILSE, NORA, TIME_TO_TAKE_BACK, replies, says, sent
from tests.faults.conftest import TALLIES, Tally, reconcile
from tests.servers import Dovecot, SmtpSink
from touchline.desk.models import Delivery, InboundEmail, Mailbox, Notice, Teammate
from touchline.work import worker

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("jump", [timedelta(days=7), timedelta(days=-1), timedelta(days=-365)], ids=str)
def test_what_is_under_way_when_the_clock_jumps_is_done_within_minutes(
    support: Mailbox, kay: Teammate, dovecot: Dovecot, sink: SmtpSink, at: datetime, jump: timedelta
) -> None:
    box = f"clock{jump.days}"
    told = {f"imap_{name}": value for name, value in dovecot.told(box).items() if name != "folder"}
    out = {"smtp_host": "127.0.0.1", "smtp_port": sink.port, "smtp_security": "none"}
    dovecot.deliver(box, ILSE.writes("A first", "One."))
    support.be_reached(told | out, at=at)
    worker.do_all(lambda: at)
    conversation = says(support, NORA.writes("I can’t sign in", "Good morning."), at=at).conversation
    later = [sent(conversation, f"Reply {number}.", by=kay, at=at).delivery for number in range(3)]
    kept_for_friday = replies(conversation, "On Friday.", by=kay, at=at).delivery
    assert all(later) and kept_for_friday
    Delivery.objects.filter(pk=kept_for_friday.pk).update(send_at=at + timedelta(days=400), due_at=at + timedelta(days=400))

    # A worker has claimed a mail and a reply, and is gone; a reply and a notice have failed; one more reply just waits.
    claimed = support.receive(NORA.writes("Claimed", "Two."), at=at, via="smtp")
    assert claimed.claim(at, lease=InboundEmail.LEASE)
    assert later[0] and later[0].claim(at + TIME_TO_TAKE_BACK, lease=Delivery.LEASE)
    sink.script["MAIL"] = "451 Not just now"
    assert later[1]
    later[1].send(at)
    notice = Notice.write("kay@touchline.example", "Hello", "Words.", at=at)
    notice.send(at)
    sink.script.clear()
    dovecot.deliver(box, ILSE.writes("A second", "Three."))

    now = at + jump
    for minutes in (0, 1, 2, 4, 8, 12, 13, 14):  # the worker goes on, and knows nothing of a jump
        worker.do_all(lambda now=now, minutes=minutes: now + minutes * MINUTE)  # type: ignore[misc]
    assert sorted(mail.recipients for mail in sink.mails) == [("kay@touchline.example",)] + [("nora@bakery.example",)] * 3
    assert not Delivery.objects.exclude(pk=kept_for_friday.pk).filter(sent_at=None).exists()
    kept_for_friday.refresh_from_db()
    assert (kept_for_friday.sent_at, kept_for_friday.due_at) == (None, at + timedelta(days=400))
    reconcile(4)
    TALLIES.append(Tally(f"the clock jumps by {jump.days} days", 1))
