"""Was this a person? Machines are known by their marks, and a person is never taken for one without them."""

import pytest

from tests.core.mail.conftest import email_of
from touchline.core.mail.automatic import Kind, automatic, behind_form
from touchline.core.mail.signing import sign_message_id
from touchline.core.mail.understand import understand


@pytest.mark.parametrize(
    "headers",
    [
        {"auto_submitted": "auto-replied"},
        {"auto_submitted": "auto-generated (rejected)"},
        {"auto_submitted": "auto-replied; owner-email=nora@lantern.example"},
        {"precedence": "auto_reply"},
        {"x_autoreply": "yes"},
        {"x_autorespond": "Lamp"},
        {"delivered_to": "Autoresponder"},
        {"x_auto_response_suppress": "All", "return_path": "<>"},
        {"x_auto_response_suppress": "All", "x_ms_exchange_inbox_rules_loop": "nora@lantern.example"},
        {"subject": "Out of Office: Lamp", "in_reply_to": "<ours@desk.example>"},
        {"subject": "Abwesenheitsnotiz: Lampe", "return_path": "<>"},
        {"subject": "自動返信: ランプ", "in_reply_to": "<ours@desk.example>"},
        {"subject": "Автоответ: лампа", "references": "<ours@desk.example>"},
        {"subject": "Automatyczna odpowiedź: lampa", "return_path": "<>"},
    ],
)
def test_an_automatic_reply_is_known(headers):
    assert automatic(email_of("I am away.", **headers)).kind is Kind.AUTO_REPLY


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"auto_submitted": "no"},
        {"auto_submitted": "No (a person)"},
        {"x_auto_response_suppress": "All"},
        {"subject": "Your out of office automatic reply is broken"},
        {"subject": "Out of office furniture", "x_mailer": "Thunderbird"},
        {"subject": "Re: Out of Office: Lamp", "in_reply_to": "<ours@desk.example>"},
        {"subject": "Absentee lamps", "in_reply_to": "<ours@desk.example>"},
        {"subject": "Undelivered lamp"},
        {"subject": "Fwd: Returned mail: see transcript", "in_reply_to": "<ours@desk.example>"},
        {"precedence": "first-class"},
    ],
)
def test_a_person_is_no_machine(headers):
    assert automatic(email_of("It is dark.", **headers)).kind is Kind.HUMAN


@pytest.mark.parametrize(
    "headers",
    [
        {"list_id": "<lanterns.lists.example>"},
        {"list_unsubscribe": "<https://shop.example/u>"},
        {"precedence": "bulk"},
        {"feedback_id": "1:2:shop"},
    ],
)
def test_what_went_to_many_is_from_a_list(headers):
    assert automatic(email_of("Spring sale", **headers)).kind is Kind.LIST


def test_our_own_mail_come_back_is_a_loop():
    id = sign_message_id(7, unique="1", domain="desk.example", key=b"ours")
    email = email_of("We got your mail.", message_id=f"<{id}>")
    assert automatic(email, keys=[b"ours"]).loop
    assert automatic(email, keys=[b"ours"], person_writes=True).loop
    assert not automatic(email, keys=[b"another"]).loop
    assert not automatic(email).loop


DSN = b"""From: Mail Delivery System <MAILER-DAEMON@mx.example>\r
To: help@desk.example\r
Subject: Undelivered Mail Returned to Sender\r
Auto-Submitted: auto-replied\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r
\r
--b\r
Content-Type: text/plain\r
\r
I'm sorry to have to inform you that your message could not be delivered.\r
\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.example\r
\r
Final-Recipient: rfc822; nora@lantern.example\r
Action: %(action)s\r
Status: %(status)s\r
Diagnostic-Code: smtp; 550 5.1.1 No such person\r
\r
--b\r
Content-Type: message/rfc822\r
\r
From: help@desk.example\r
To: nora@lantern.example\r
Message-ID: <ours@desk.example>\r
Subject: Re: Lamp\r
\r
It should be bright.\r
--b--\r
"""


def test_a_delivery_report_says_whom_why_and_which():
    email = understand(DSN % {b"action": b"failed", b"status": b"5.1.1"})
    told = automatic(email)
    assert told.kind is Kind.BOUNCE
    assert told.bounce
    assert (told.bounce.recipient, told.bounce.permanent, told.bounce.original_id) == (
        "nora@lantern.example",
        True,
        "ours@desk.example",
    )
    assert "No such person" in told.bounce.reason
    assert email.attachments == ()


def test_a_delay_is_not_for_good():
    bounce = automatic(understand(DSN % {b"action": b"delayed", b"status": b"4.4.1"})).bounce
    assert bounce and not bounce.permanent


def test_a_report_that_it_arrived_is_no_bounce():
    assert automatic(understand(DSN % {b"action": b"delivered", b"status": b"2.0.0"})).kind is Kind.AUTO_REPLY


QMAIL = """Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<nora@lantern.example>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 No such person

--- Below this line is a copy of the message.

Message-ID: <ours@desk.example>
From: help@desk.example
To: nora@lantern.example
"""
EXIM = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its recipients:

  nora@lantern.example
    SMTP error from remote mail server after RCPT TO:<nora@lantern.example>:
    550 5.1.1 No such person
"""


@pytest.mark.parametrize("words", [QMAIL, EXIM], ids=["qmail", "exim"])
def test_a_failure_in_words_alone_is_a_bounce(words):
    email = email_of(
        words,
        **{
            "from": "MAILER-DAEMON@mx.example",
            "subject": "failure notice",
            "return_path": "<>",
            "references": "<ours@desk.example>",
        },
    )
    bounce = automatic(email).bounce
    assert bounce
    assert (bounce.recipient, bounce.permanent, bounce.original_id) == ("nora@lantern.example", True, "ours@desk.example")


def test_a_person_who_forwards_a_bounce_is_a_person():
    inner = DSN % {b"action": b"failed", b"status": b"5.1.1"}
    raw = b'From: Ilse <ilse@lantern.example>\r\nSubject: What is this?\r\nContent-Type: multipart/mixed; boundary="o"\r\n\r\n--o\r\n\r\nI got this.\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n'
    assert automatic(understand(raw + inner + b"\r\n--o--\r\n")).kind is Kind.HUMAN


@pytest.mark.parametrize("kind", ["disposition-notification", "feedback-report"])
def test_a_receipt_and_a_complaint_are_machines_and_no_bounces(kind):
    raw = f"From: nora@lantern.example\r\nContent-Type: multipart/report; report-type={kind}; boundary=b\r\n\r\n--b\r\n\r\nRead.\r\n--b\r\nContent-Type: message/{kind}\r\n\r\nX: y\r\n--b--"
    assert automatic(understand(raw.encode())).kind is Kind.AUTO_REPLY


def test_a_mail_with_a_message_id_that_we_signed_is_our_own_come_back():
    ours = sign_message_id(41, unique="abc", domain="desk.example", key=b"k" * 32)
    back = email_of("We got your mail.", message_id=f"<{ours}>", precedence="bulk")
    assert automatic(back, keys=[b"k" * 32]).loop
    assert not automatic(back, keys=[b"x" * 32]).loop
    assert not automatic(back).loop


def test_a_report_that_a_server_attached_is_read():
    status = "Final-Recipient: rfc822; ilse@other.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    body = f"--b\r\n\r\nIt was not delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\nContent-Disposition: attachment; filename=s.txt\r\n\r\n{status}\r\n--b--"
    for sender, kind in (("mailer-daemon@relay.example", Kind.BOUNCE), ("nora@lantern.example", Kind.HUMAN)):
        head = f"From: {sender}\r\nSubject: Delivery Status\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        found = automatic(understand((head + body).encode()))
        assert found.kind is kind
        assert found.bounce is None or found.bounce.recipient == "ilse@other.example"


def test_a_machine_that_answers_one_person_is_no_list_for_its_precedence():
    assert automatic(email_of("At nine.", auto_submitted="auto-generated", precedence="bulk")).kind is Kind.AUTO_REPLY
    assert automatic(email_of("Offers", precedence="bulk")).kind is Kind.LIST
    assert automatic(email_of("Offers", auto_submitted="auto-generated", list_id="<offers.example>")).kind is Kind.LIST


def test_in_a_mailbox_fed_by_a_group_the_marks_of_a_list_say_nothing_of_the_writer():
    through = {"list_id": "<help.groups.example>", "precedence": "list", "list_unsubscribe": "<mailto:x@groups.example>"}
    assert automatic(email_of("It is dark.", **through)).kind is Kind.LIST
    assert automatic(email_of("It is dark.", **through), group=True).kind is Kind.HUMAN
    assert automatic(email_of("I am away.", auto_submitted="auto-replied", **through), group=True).kind is Kind.AUTO_REPLY


def test_where_a_person_writes_through_a_sender_only_what_came_back_is_a_machines():
    form = email_of("It is dark.", auto_submitted="auto-generated", precedence="bulk", **{"from": "shop@shop.example"})
    assert automatic(form).kind is Kind.AUTO_REPLY
    assert automatic(form, person_writes=True).kind is Kind.HUMAN
    lost = understand(DSN % {b"action": b"failed", b"status": b"5.1.1"})
    assert automatic(lost, person_writes=True).kind is Kind.BOUNCE


@pytest.mark.parametrize(
    ("reply_to", "who"),
    [
        ("Nora Quinn <nora@lantern.example>", "nora@lantern.example"),
        ("noreply@shop.example, nora@lantern.example", "nora@lantern.example"),
        ("noreply@shop.example", "form@shop.example"),
        ("do-not-reply@elsewhere.example", "form@shop.example"),
        ("help@desk.example", "form@shop.example"),
        ("", "form@shop.example"),
    ],
)
def test_behind_a_form_stands_who_would_get_the_answer(reply_to, who):
    form = email_of("It is dark.", reply_to=reply_to, **{"from": "The shop <form@shop.example>"})
    assert behind_form(form).address == who


def test_a_full_mailbox_loses_the_mail_and_keeps_the_address():
    bounce = automatic(understand(DSN % {b"action": b"failed", b"status": b"4.2.2"})).bounce
    assert bounce and bounce.given_up and not bounce.permanent


def test_what_is_late_is_not_given_up():
    bounce = automatic(understand(DSN % {b"action": b"delayed (for two hours)", b"status": b"5.0.0"})).bounce
    assert bounce and not bounce.given_up and not bounce.permanent


FAILED = "Your message to <ilse@other.example> could not be delivered: user unknown."


@pytest.mark.parametrize(
    ("sender", "words", "kind"),
    [
        ("smtp-gateway@other.example", FAILED, Kind.BOUNCE),
        ("administrator@other.example", FAILED, Kind.BOUNCE),
        ("administrator@other.example", "Your parcel could not be delivered. Where shall we bring it?", Kind.HUMAN),
        ("nora@lantern.example", FAILED, Kind.HUMAN),
    ],
)
def test_a_machine_by_its_name_is_a_server_only_where_it_says_whom_it_missed(sender, words, kind):
    assert automatic(email_of(words, subject="Delivery failed", **{"from": sender})).kind is kind


@pytest.mark.parametrize(
    "words",
    [
        "The following recipients could not be reached:\n\n   ilse@other.example",
        "Intended recipient: ilse@other.example\n\nThe mail was returned.",
        "ilse@relay.example\n   (expanded from: ilse@other.example)\n\nuser unknown",
        "It did not reach the following recipient(s):\n\nc=US;a= ;p=Other;dda:SMTP=ilse@other.example; on Friday\n\n    Unknown recipient",
        "--> Error description:\nError-For:  ilse@other.example\nError-Text: user unknown",
        "<ilse@other.example> does not take mail from <nora@elsewhere.example>: user unknown",
        "No mail from nora@elsewhere.example is taken by ilse@other.example (user unknown)",
        "user unknown: ilse@other.example\n\n--- Original message ---\nFrom: help@desk.example\nTo: team@elsewhere.example\nCc: <nora@elsewhere.example>\n\nHello",
    ],
)
def test_whom_a_mail_missed_is_found_in_a_servers_own_words(words):
    lost = email_of(words, subject="Undeliverable", return_path="<>", **{"from": "MAILER-DAEMON@mx.example"})
    bounce = automatic(lost).bounce
    assert bounce and bounce.recipient == "ilse@other.example"


def test_a_bounce_that_a_gateway_packed_into_its_own_is_read():
    inner = DSN % {b"action": b"failed", b"status": b"5.1.1"}
    head = b"From: postmaster@gateway.example\r\nSubject: Delivery Status Notification (Failure)\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n"
    packed = head + b"--o\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n" + inner + b"\r\n--o--\r\n"
    bounce = automatic(understand(packed)).bounce
    assert bounce and bounce.recipient == "nora@lantern.example"
