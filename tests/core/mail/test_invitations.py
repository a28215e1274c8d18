"""What a calendar asks, in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.mail.conftest import reply_of
from touchline.core.mail.fresh_words import fresh_words
from touchline.core.mail.invitations import invitation_in
from touchline.core.mail.understand import understand

ASKED = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:16010101T030000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY;LANGUAGE=de:Lamp\\, again: who
  holds the ladder?
DTSTART;TZID=Europe/Berlin:20240312T091500
DTEND;TZID=Europe/Berlin:20240312T100000
LOCATION:Hall 2
ORGANIZER;CN="Quinn, Nora":mailto:nora@lantern.example
ATTENDEE;CN=Kay;PARTSTAT=NEEDS-ACTION:mailto:kay@desk.example
BEGIN:VALARM
DESCRIPTION:REMINDER
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def test_an_invitation_says_what_when_where_and_who():
    assert invitation_in(ASKED).words() == (
        "Invitation: Lamp, again: who holds the ladder?\n"
        "When: Tuesday, 12 March 2024, 09:15–10:00 (Europe/Berlin)\n"
        "Where: Hall 2\n"
        "Organiser: Quinn, Nora <nora@lantern.example>"
    )


@pytest.mark.parametrize(
    ("partstat", "says"),
    [("ACCEPTED", "accepts"), ("DECLINED", "declines"), ("TENTATIVE", "may come"), ("NEEDS-ACTION", "has not answered")],
)
def test_an_answer_says_who_answers_how(partstat, says):
    answer = ASKED.replace("METHOD:REQUEST", "METHOD:REPLY").replace("NEEDS-ACTION", partstat)
    words = invitation_in(answer).words()
    assert words.startswith("Answer to an invitation: Lamp") and f"Who: Kay <kay@desk.example> {says}" in words


def test_whole_days_end_on_the_last_day_itself():
    days = "BEGIN:VEVENT\nSUMMARY:Fair\nDTSTART;VALUE=DATE:20240312\nDTEND;VALUE=DATE:20240314\nRRULE:FREQ=YEARLY\nEND:VEVENT"
    assert invitation_in(days).when == "Tuesday, 12 March 2024 to Wednesday, 13 March 2024"
    assert "(it repeats)" in invitation_in(days).words()
    assert invitation_in(days.replace("20240314", "20240313")).when == "Tuesday, 12 March 2024"


def test_times_stay_in_the_zone_they_were_written_in():
    event = "BEGIN:VEVENT\nDTSTART:20240312T230000Z\nDTEND:20240313T010000Z\nEND:VEVENT"
    assert invitation_in(event).when == "Tuesday, 12 March 2024, 23:00 to Wednesday, 13 March 2024, 01:00 (UTC)"
    assert invitation_in("BEGIN:VEVENT\nDTSTART:20240312T230000\nEND:VEVENT").when == "Tuesday, 12 March 2024, 23:00"


def test_the_method_of_the_part_counts_where_the_calendar_names_none():
    assert invitation_in("BEGIN:VEVENT\nSUMMARY:Fair\nEND:VEVENT", method="cancel").words() == "Cancelled: Fair"


@pytest.mark.parametrize("nothing", ["", "BEGIN:VCALENDAR\nEND:VCALENDAR", "BEGIN:VTODO\nSUMMARY:x\nEND:VTODO", "hello"])
def test_no_event_is_no_invitation(nothing):
    assert invitation_in(nothing) is None


def test_an_impossible_time_is_left_out():
    assert invitation_in("BEGIN:VEVENT\nSUMMARY:Fair\nDTSTART:20241399T990000\nEND:VEVENT").when == ""


def test_the_invitation_stands_above_the_words_and_its_file_stays():
    raw = (
        "From: Nora <nora@lantern.example>\nSubject: Lamp\nContent-Type: multipart/alternative; boundary=b\n\n"
        f"--b\nContent-Type: text/plain\n\nBring the ladder.\n--b\nContent-Type: text/calendar; method=REQUEST\n\n{ASKED}\n--b--\n"
    )
    email = understand(raw.encode())
    assert email.text == "Bring the ladder."
    assert [file.name for file in email.attachments] == ["invitation.ics"]
    new = fresh_words(email).new
    assert new.startswith("Invitation: Lamp, again") and new.endswith("\n\nBring the ladder.")


def test_a_mail_without_a_calendar_has_no_invitation():
    assert reply_of("Thanks").invitation is None


@given(
    st.lists(
        st.sampled_from(
            [
                "BEGIN:VEVENT",
                "END:VEVENT",
                "DTSTART",
                'DTEND;X="',
                ":",
                ";",
                "=",
                ",",
                "20240312",
                "T09",
                "\n",
                "\n ",
                "\\",
                "\x00",
            ]
        ),
        max_size=40,
    )
)
def test_nothing_in_a_calendar_raises(pieces):
    found = invitation_in("".join(pieces))
    assert found is None or found.words()


def test_a_long_calendar_is_read_in_a_moment(within):
    for piece in ("BEGIN:VEVENT\n", "X;" + "A=b;" * 500 + "\n", "SUMMARY:" + "x" * 70 + "\n ", 'X;A="' * 200 + "\n"):
        with within(seconds_per_megabyte=1, at_least=1):
            invitation_in(piece * (500_000 // len(piece)))
