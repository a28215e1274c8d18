"""Kill -9 at every stage of asking: everyone is asked once, and the ledger says it once."""

from tests.faults.conftest import LONG, TALLIES, Tally
from tests.faults.houses import asked, waits
from tests.faults.test_killed import by_recipient, ends_at
from tests.house import House
from tests.servers import SmtpSink

ROUNDS = 5 if LONG else 1

ASKING = {
    "it is claimed": "touchline.desk.models.row:Due.claim:after",
    "it is written, not committed": "touchline.desk.models.conversation_telling:Telling.tell_them:after",
    "it is noted, not committed": "touchline.desk.models.check_in:CheckIn._write:after",
    "it waits to be sent": "touchline.desk.models.check_in:CheckIn.go_on:after",
    "its link is made": "touchline.desk.models.check_in:CheckIn.with_link:after",
    "its server has taken it, and we have not noted it": "touchline.channels.smtp:send:after",
    "the ledger says so, not committed": "touchline.desk.models.check_in:CheckIn.was_asked:after",
    "it is noted as sent": "touchline.desk.models.delivery:Delivery._settle:after",
}
FOUR_DAYS_AGO = """
from datetime import UTC, datetime, time, timedelta
from tests.faults.houses import letter
from touchline.desk.models import AskRule, Desk, Mailbox, Teammate
now, kay = datetime.now(UTC), Teammate.objects.get(name="Kay")
AskRule.objects.create()
Desk.objects.update(quiet_from=time(0), quiet_to=time(0))
for number in range({mails}):
    began = now - timedelta(days=5)
    message = Mailbox.objects.get().receive(letter(number), at=began, via="smtp").file(began)
    message.conversation.nothing_to_answer(by=kay, at=began)
    message.conversation.move_blocker(by=kay, at=now - timedelta(days=4), closes=True)
"""


def test_everyone_is_asked_once_though_the_desk_was_killed_at_every_stage_of_it(house: House, sink: SmtpSink) -> None:
    places = list(ASKING.values()) * ROUNDS
    mails = len(places) + 1
    house.sends_through(sink.port)
    house.command("django", "shell", "-c", FOUR_DAYS_AGO.format(mails=mails))
    for place in places:
        ends_at(house, place)
    house.start()
    waits(house, "SELECT count(*) FROM desk_checkin WHERE asked_at IS NULL")
    sent = by_recipient(
        [
            each
            for each in sink.mails
            if "Auto-Submitted: auto-generated" in each.raw.decode() and "/check-in/" in each.raw.decode()
        ]
    )
    assert set(sent) == {f"p{number}@far.example" for number in range(mails)}
    twice = {who: these for who, these in sent.items() if len(these) > 1}
    in_hand = 3  # at once, each of which its server may have taken without our noting it
    stages = 3  # at which it may be
    assert len(twice) <= stages * in_hand * ROUNDS
    assert all(len({each.raw for each in these}) == 1 for these in twice.values())  # the very same mail, with the same link
    assert asked(house, "SELECT count(*) FROM desk_message WHERE automatic = 'check_in'") == mails
    assert asked(house, "SELECT count(*) FROM desk_outcomeevent WHERE kind = 'asked'") == mails
    TALLIES.append(Tally("kill -9 at each stage of asking whether it worked", len(places), twice=len(twice)))
