"""Whose mail a forwarded mail is."""

import pytest

from tests.core.mail.conftest import email_of, reply_of
from touchline.core.mail.email import Correspondent
from touchline.core.mail.forwarded import forwarded_sender

NORA = Correspondent("Nora Quinn", "nora@lantern.example")


@pytest.mark.parametrize(
    "block",
    [
        "---------- Forwarded message ---------\nFrom: Nora Quinn <nora@lantern.example>\nDate: Tue, Mar 5, 2024\nSubject: Lamp\nTo: <kay@desk.example>\n",
        "Begin forwarded message:\n\n> From: Nora Quinn <nora@lantern.example>\n> Subject: Lamp\n> Date: 5 March 2024\n",
        "-----Original Message-----\nFrom: Nora Quinn [mailto:nora@lantern.example]\nSent: Tuesday, March 5, 2024 9:15 AM\nTo: Kay\nSubject: Lamp\n",
        "Von: Nora Quinn <nora@lantern.example>\nGesendet: Dienstag, 5. März 2024 09:15\nAn: Kay\nBetreff: Lamp\n",
        "---------- Пересылаемое сообщение ----------\nОт кого: Nora Quinn <nora@lantern.example>\nДата: 5.03.2024\nТема: Lamp\n".replace(
            "От кого", "От"
        ),
        "*From:* Nora Quinn <nora@lantern.example>\n*Sent:* Tuesday\n*To:* Kay\n*Subject:* Lamp\n",
        "差出人: Nora Quinn <nora@lantern.example>\n送信日時: 2024年3月5日\n宛先: Kay\n件名: Lamp\n",
    ],
)
def test_the_sender_within_is_found(block):
    assert email_of(f"Please take this.\n\n{block}\nIt is dark.", subject="Fwd: Lamp").forwarded == NORA


def test_an_announced_mail_counts_whatever_the_subject():
    text = "FYI\n\n---------- Forwarded message ---------\nFrom: Nora Quinn <nora@lantern.example>\nDate: Tue\nSubject: Lamp\n\nIt is dark."
    assert email_of(text, subject="Could you look?").forwarded == NORA


def test_the_outermost_forwarded_mail_counts():
    text = "Begin forwarded message:\n\nFrom: Nora Quinn <nora@lantern.example>\nSubject: Fwd: x\n\nBegin forwarded message:\n\nFrom: Ilse <ilse@other.example>\nSubject: x\n\nhi"
    assert email_of(text, subject="Fwd: x").forwarded == NORA


def test_a_mail_forwarded_as_a_file_counts_too():
    raw_mail = "From: Nora Quinn <nora@lantern.example>\r\nSubject: Lamp\r\n\r\nIt is dark."
    body = f"--b\r\n\r\nPlease take this.\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{raw_mail}\r\n--b--"
    from touchline.core.mail.understand import understand

    head = "From: kay@desk.example\r\nSubject: {}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    assert understand((head.format("FW: Lamp") + body).encode()).forwarded == NORA
    assert understand((head.format("See the file") + body).encode()).forwarded is None


@pytest.mark.parametrize(
    "text",
    [
        "From: Nora Quinn\nSubject: Lamp",  # no address: nobody to answer
        "From: nora@lantern.example is where the first report came.",
        "It is dark.",
    ],
)
def test_where_it_is_not_said_there_is_nobody(text):
    assert email_of(text, subject="Fwd: Lamp").forwarded is None


def test_a_reply_that_quotes_is_no_forward():
    text = "Thanks\n\nFrom: Nora Quinn <nora@lantern.example>\nSent: Tuesday\nTo: Kay\nSubject: Lamp\n\nIt is dark."
    assert reply_of(text).forwarded is None


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Fwd: Lamp", " ----- Forwarded Message ----- From: Ilse Berg <ilse@other.example>To: Nora <nora@lantern.example>Sent: Monday, 4 March 2024Subject: Lamp\nIt is dark."),
        ("Lampe", "----- Weitergeleitete Nachricht ----- Von: Ilse Berg <ilse@other.example>An: Nora <nora@lantern.example>Gesendet: Montag, 4. März 2024Betreff: Lampe\nDunkel."),
        ("FW: Lamp", 'On 04/03/2024 12:46, "Ilse Berg" <ilse@other.example> wrote:\n\n    It is dark.'),
        ("FW: Lampe", "04/03/2024 12:46 používateľ Ilse Berg (<ilse@other.example>) napísal:\n\n    Tma."),
        ("VS: Lampe", "Fra: Ilse Berg <ilse@other.example>\nDato: mandag 4. marts 2024\nTil: Nora\nEmne: Lampe\n\nMørk."),
        ("FW: Lamp", "From: Ilse Berg<mailto:ilse@other.example> <ilse@other.example<mailto:ilse@other.example>> on behalf of Team <team@other.example>\nSent: Monday\nTo: Nora\nSubject: Lamp\n\nDark."),
        ("Лампа", "> Початок листа, що пересилається:\n>\n> Від кого: Ilse Berg <ilse@other.example>\n> Тема: Лампа\n> Дата: 4 березня 2024 р.\n>\n> Темно."),
        ("ランプ", "---------- メッセージを転送 ---------\n送信元：Ilse Berg <ilse@other.example>\n日付：2024年3月4日\n件名：ランプ\n\n暗い。"),
    ],
)  # fmt: skip
def test_whose_mail_is_passed_on_is_found_in_each_clients_own_form(subject, text):
    found = forwarded_sender(subject, text)
    assert found and (found.name, found.address) == ("Ilse Berg", "ilse@other.example")
