"""The mail door takes mail for our mailboxes only, keeps it byte for byte, and says so after it is kept."""

import errno
import smtplib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from touchline.channels import Never, NotNow, mail_door, mail_reading
from touchline.channels.mail_door import CannotOpen, Envelope, MailDoor, Reading

OURS = ("support@touchline.example", "help@touchline.example", "hilfe@bücher.example")
NORA = "nora@lantern.example"
MAIL = b"From: Nora <nora@lantern.example>\r\nSubject: I cannot sign in\r\n\r\nHello Kay\r\n"

Kept = list[tuple[bytes, Envelope]]


@pytest.fixture
def kept() -> Kept:
    return []


@pytest.fixture
def open_door(kept: Kept) -> Iterator[Callable[..., MailDoor]]:
    doors: list[MailDoor] = []

    def open_one(**how: Any) -> MailDoor:
        chosen: dict[str, Any] = {"accepts": OURS.__contains__, "keep": lambda raw, envelope: kept.append((raw, envelope)), **how}
        doors.append(MailDoor("127.0.0.1", 0, **chosen))
        doors[-1].start()
        return doors[-1]

    yield open_one
    for one in doors:
        one.stop()


@pytest.fixture
def door(open_door: Callable[..., MailDoor]) -> MailDoor:
    return open_door()


@pytest.fixture
def nora(door: MailDoor) -> Iterator[smtplib.SMTP]:
    """Nora's mail program, at our door."""
    yield from visit(door)


def visit(door: MailDoor) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", door.port, "lantern.example", timeout=10) as client:
        yield client


def say(door: MailDoor, words: bytes, *, until: bytes) -> bytes:
    """Everything the door answers to these bytes, up to `until` or the end of the connection."""
    heard = b""
    with socket.create_connection(("127.0.0.1", door.port), 10) as wire:
        wire.sendall(words)
        while until not in heard and (piece := wire.recv(65536)):
            heard += piece
    return heard


def begin(to: str = OURS[0]) -> bytes:
    return f"EHLO lantern.example\r\nMAIL FROM:<{NORA}>\r\nRCPT TO:<{to}>\r\nDATA\r\n".encode()


def test_a_mail_is_kept_byte_for_byte_with_its_envelope_beside_it(nora: smtplib.SMTP, kept: Kept) -> None:
    raw = MAIL + b".a line that begins with a dot\r\n..and one with two\r\n.\xff\x00 \tspaces \r\n\r\n"
    assert nora.sendmail(NORA, [OURS[0]], raw) == {}
    assert kept == [(raw, Envelope(mail_from=NORA, recipients=(OURS[0],), by="smtp", peer="127.0.0.1"))]


def test_a_mail_without_any_words_is_kept_too(door: MailDoor, kept: Kept) -> None:
    say(door, begin() + b".\r\nQUIT\r\n", until=b"221")
    assert [raw for raw, _ in kept] == [b""]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from([b"a", b".", b"..", b"\r\n", b"\r\n.", b"\r", b"\n", b" ", b"x" * 70000]), max_size=12))
def test_whatever_is_stuffed_and_cut_in_pieces_comes_out_as_it_went_in(parts: list[bytes]) -> None:
    raw = b"".join(parts) + b"\r\n"
    stuffed = (b"." if raw.startswith(b".") else b"") + raw.replace(b"\r\n.", b"\r\n..") + b".\r\n"
    reading = Reading(MailDoor("127.0.0.1", 0, accepts=bool, keep=print))
    for start in range(0, len(stuffed), 7 + len(stuffed) // 5):
        assert not reading.ended
        reading.add(stuffed[start : start + 7 + len(stuffed) // 5])
    assert reading.ended
    if not reading.refusal():
        assert reading.mail() == raw
    else:
        assert mail_reading.LONE_DOT.search(stuffed[:-3])


def test_bounces_have_nowhere_to_bounce_to(nora: smtplib.SMTP, kept: Kept) -> None:
    nora.sendmail("", [OURS[0]], MAIL)
    assert kept[0][1].mail_from == ""


def test_addresses_and_words_beyond_ascii_come_in(nora: smtplib.SMTP, kept: Kept) -> None:
    raw = MAIL + "Grüße aus Köln\r\n".encode("latin-1")
    nora.sendmail("josé@lantern.example", ["hilfe@bücher.example"], raw, ["BODY=8BITMIME", "SMTPUTF8"])
    assert kept[0] == (raw, Envelope("josé@lantern.example", ("hilfe@bücher.example",), "smtp", "127.0.0.1"))


def test_a_stranger_to_us_is_refused_and_the_mailbox_is_not(nora: smtplib.SMTP, kept: Kept) -> None:
    refused = nora.sendmail(NORA, ["president@elsewhere.example", OURS[0]], MAIL)
    assert refused == {"president@elsewhere.example": (550, b"5.1.1 president@elsewhere.example is no mailbox here.")}
    assert kept[0][1].recipients == (OURS[0],)


def test_nothing_is_passed_on_to_anybody_else(nora: smtplib.SMTP, kept: Kept) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        nora.sendmail(OURS[0], ["president@elsewhere.example"], MAIL)
    assert not kept


def test_a_mail_is_acknowledged_only_after_it_is_kept(open_door: Callable[..., MailDoor]) -> None:
    kept, go_on = threading.Event(), threading.Event()

    def keep(raw: bytes, envelope: Envelope) -> None:
        assert go_on.wait(10)
        kept.set()

    door = open_door(keep=keep)
    with socket.create_connection(("127.0.0.1", door.port), 10) as wire:
        wire.sendall(begin() + MAIL + b".\r\n")
        heard = b""
        while b"354" not in heard:
            heard += wire.recv(65536)
        wire.settimeout(0.3)
        with pytest.raises(TimeoutError):
            wire.recv(65536)
        assert not kept.is_set()
        go_on.set()
        wire.settimeout(10)
        assert wire.recv(65536).startswith(b"250 2.0.0")
        assert kept.is_set()


def test_others_are_served_while_one_mail_is_being_kept(open_door: Callable[..., MailDoor]) -> None:
    go_on = threading.Event()
    door = open_door(keep=lambda raw, envelope: go_on.wait(10) and None)
    with socket.create_connection(("127.0.0.1", door.port), 10) as slow:
        slow.sendall(begin() + MAIL + b".\r\n")
        assert b"250 2.1.5" in say(
            door, b"EHLO ilse\r\nMAIL FROM:<ilse@x.example>\r\nRCPT TO:<help@touchline.example>\r\n", until=b"2.1.5"
        )
        go_on.set()


@pytest.mark.parametrize(
    ("trouble", "code", "words"),
    [
        (RuntimeError("secret details"), 451, b"4.3.0 It could not be kept just now. Please come again."),
        (OSError(errno.ENOSPC, "No space left on device"), 452, b"4.3.1 There is no room here just now. Please come again."),
        (NotNow("The desk is being backed up."), 451, b"4.3.0 The desk is being backed up."),
        (Never("This is a\r\n250 forgery."), 554, b"5.6.0 This is a 250 forgery."),
    ],
)
def test_what_is_not_kept_is_not_acknowledged(
    open_door: Callable[..., MailDoor], trouble: Exception, code: int, words: bytes
) -> None:
    def keep(raw: bytes, envelope: Envelope) -> None:
        raise trouble

    for client in visit(open_door(keep=keep)):
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            client.sendmail(NORA, [OURS[0]], MAIL)
        assert (refusal.value.smtp_code, refusal.value.smtp_error) == (code, words)


def test_a_mailbox_that_cannot_be_looked_up_is_not_refused_for_good(open_door: Callable[..., MailDoor]) -> None:
    def accepts(address: str) -> bool:
        raise RuntimeError("the database is away")

    for client in visit(open_door(accepts=accepts)):
        client.ehlo()
        client.mail(NORA)
        assert client.rcpt(OURS[0])[0] == 451


def test_by_lmtp_each_recipient_has_an_answer_of_their_own(
    open_door: Callable[..., MailDoor], kept: Kept, lmtp_answers: Any
) -> None:
    def keep(raw: bytes, envelope: Envelope) -> None:
        if envelope.recipients == (OURS[1],):
            raise NotNow("The mailbox help@ is being moved.")
        kept.append((raw, envelope))

    with smtplib.LMTP("127.0.0.1", open_door(keep=keep).port, timeout=10) as client:
        answers = lmtp_answers(client, MAIL, [OURS[0], "nobody@touchline.example", OURS[1]])
        assert answers == [(250, b"2.0.0 Kept."), (451, b"4.3.0 The mailbox help@ is being moved.")]
    assert kept == [(MAIL, Envelope(NORA, (OURS[0],), "lmtp", "127.0.0.1"))]


def test_smtp_and_lmtp_are_spoken_at_the_same_door(nora: smtplib.SMTP, door: MailDoor, kept: Kept, lmtp_answers: Any) -> None:
    nora.sendmail(NORA, [OURS[0], OURS[1]], MAIL)
    with smtplib.LMTP("127.0.0.1", door.port, timeout=10) as client:
        lmtp_answers(client, MAIL, [OURS[0], OURS[1]])
    assert [(envelope.by, len(envelope.recipients)) for _, envelope in kept] == [("smtp", 2), ("lmtp", 1), ("lmtp", 1)]


@pytest.mark.parametrize("end", [b"\n.\n", b"\r.\r", b"\r\n.\n", b"\n.\r\n", b"\r\n.\r", b"\r.\r\n"])
def test_no_second_mail_is_smuggled_in_behind_a_false_end(door: MailDoor, kept: Kept, end: bytes) -> None:
    forged = b"MAIL FROM:<kay@touchline.example>\r\nRCPT TO:<support@touchline.example>\r\nDATA\r\nforged\r\n"
    heard = say(door, begin() + MAIL + b"x" + end + forged + b".\r\nQUIT\r\n", until=b"221")
    assert b"554 5.5.2" in heard
    assert not kept


def test_bare_line_ends_alone_are_kept_as_they_came(door: MailDoor, kept: Kept) -> None:
    raw = b"Subject: odd\n\nbare\nline\rends\r\n"
    assert b"250 2.0.0" in say(door, begin() + raw + b".\r\n", until=b"250 2.0.0")
    assert [mail for mail, _ in kept] == [raw]


def test_commands_may_come_all_at_once_and_a_second_mail_after_the_first(door: MailDoor, kept: Kept) -> None:
    heard = say(door, begin() + MAIL + b".\r\n" + begin(OURS[1]) + MAIL + b"again\r\n.\r\nQUIT\r\n", until=b"221")
    assert b"PIPELINING" in heard
    assert [(raw, envelope.recipients) for raw, envelope in kept] == [(MAIL, (OURS[0],)), (MAIL + b"again\r\n", (OURS[1],))]


def test_a_connection_that_breaks_off_leaves_nothing_half_kept(door: MailDoor, kept: Kept) -> None:
    with socket.create_connection(("127.0.0.1", door.port), 10) as wire:
        wire.sendall(begin() + MAIL + b"and then")
    assert b"250 2.0.0" in say(door, begin() + MAIL + b".\r\n", until=b"250 2.0.0")
    assert [raw for raw, _ in kept] == [MAIL]
    assert door.in_hand == 0


@pytest.mark.parametrize(("more", "code"), [(0, 250), (1, 552)])
def test_a_mail_may_be_as_big_as_the_limit_and_no_bigger(
    open_door: Callable[..., MailDoor], kept: Kept, more: int, code: int
) -> None:
    door = open_door(size_limit=300_000)
    raw = MAIL + b"." * (300_000 + more - len(MAIL) - 2) + b"\r\n"
    heard = say(door, begin() + raw.replace(b"\r\n.", b"\r\n..") + b".\r\nQUIT\r\n", until=b"221")
    assert f"\r\n{code} ".encode() in heard.partition(b"354")[2]
    assert [mail for mail, _ in kept] == ([raw] if code == 250 else [])
    assert door.in_hand == 0


def test_a_mail_that_says_it_is_too_big_is_refused_before_it_is_sent(open_door: Callable[..., MailDoor]) -> None:
    for client in visit(open_door(size_limit=1000)):
        client.ehlo()
        assert client.esmtp_features["size"] == "1000"
        assert client.mail(NORA, ["SIZE=1001"])[0] == 552


def test_a_mail_far_over_the_limit_is_not_gathered_in_memory(open_door: Callable[..., MailDoor], kept: Kept) -> None:
    door = open_door(size_limit=100_000)
    heard = say(door, begin() + b"x" * 5_000_000 + b"\r\n.\r\nQUIT\r\n", until=b"221")
    assert b"552 5.3.4" in heard
    assert not kept


def test_very_long_lines_are_kept(door: MailDoor, kept: Kept) -> None:
    raw = MAIL + b"long" * 100_000 + b"\r\n"
    say(door, begin() + raw + b".\r\n", until=b"250 2.0.0")
    assert kept[0][0] == raw


def test_one_mail_has_a_hundred_recipients_at_most(nora: smtplib.SMTP) -> None:
    nora.ehlo()
    nora.mail(NORA)
    answers = [nora.rcpt(OURS[0])[0] for _ in range(101)]
    assert answers == [250] * 100 + [452]


def test_a_caller_who_only_makes_errors_is_hung_up_on(door: MailDoor) -> None:
    heard = say(
        door, b"EHLO x\r\nMAIL FROM:<x@x.example>\r\n" + b"RCPT TO:<guess@touchline.example>\r\n" * 100, until=b"never said"
    )
    assert heard.count(b"550 5.1.1") == mail_door.ERRORS
    assert heard.endswith(b"421 4.7.0 Too many errors, goodbye.\r\n")


def test_one_connection_too_many_is_asked_to_come_again(door: MailDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_door, "CONNECTIONS", 1)
    for _ in visit(door):
        assert say(door, b"", until=b"\n").startswith(b"421 4.3.2")
    assert say(door, b"QUIT\r\n", until=b"221").startswith(b"220")


def test_who_says_nothing_is_hung_up_on(open_door: Callable[..., MailDoor]) -> None:
    door = open_door(idle=0.3)
    assert say(door, b"EHLO lantern.example\r\n", until=b"never said").endswith(b"250 PIPELINING\r\n")
    assert b"354" in say(door, begin() + b"half a mail", until=b"never said")


def test_a_slow_line_that_goes_on_sending_is_heard_to_the_end(open_door: Callable[..., MailDoor], kept: Kept) -> None:
    door = open_door(idle=0.6)
    with socket.create_connection(("127.0.0.1", door.port), 10) as wire:
        wire.sendall(begin())
        for _ in range(5):
            time.sleep(0.25)
            wire.sendall(b"x" * 100_000 + b"\r\n")
        wire.sendall(b".\r\n")
        heard = b""
        while b"250 2.0.0" not in heard and (piece := wire.recv(65536)):
            heard += piece
    assert len(kept[0][0]) == 500_010


@pytest.mark.parametrize("command", [b"VRFY support", b"EXPN support", b"AUTH PLAIN AGEAYg==", b"HELP \xff", b"TURN"])
def test_nobody_learns_more_than_they_must(door: MailDoor, command: bytes) -> None:
    heard = say(door, b"EHLO x\r\n" + command + b"\r\nQUIT\r\n", until=b"221")
    assert b"\r\n50" in heard
    assert b"AUTH" not in heard.partition(b"PIPELINING")[0]


@pytest.mark.parametrize(
    "odd", [b"RCPT TO:<\xff\xfe@touchline.example>", b"RCPT TO:<", b"RCPT TO:<a@b> ORCPT=x", b"RCPT", b"MAIL FROM:<" + b"(" * 400]
)
def test_odd_commands_get_an_answer_and_do_no_harm(door: MailDoor, kept: Kept, odd: bytes) -> None:
    heard = say(
        door, b"EHLO x\r\nMAIL FROM:<x@x.example>\r\n" + odd + b"\r\nRSET\r\n" + begin() + MAIL + b".\r\nQUIT\r\n", until=b"221"
    )
    assert b"250 2.0.0" in heard
    assert len(kept) == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "mail.touchline.example", ""])
def test_the_door_opens_to_other_machines_only_when_told_so(host: str) -> None:
    with pytest.raises(CannotOpen, match="TOUCHLINE_MAIL_IN_OUTSIDE=yes"):
        MailDoor(host, 0, accepts=bool, keep=print)


def test_the_door_opens_to_other_machines_when_told_so() -> None:
    door = MailDoor("0.0.0.0", 0, accepts=bool, keep=print, allow_outside=True)
    door.start()
    assert say(door, b"QUIT\r\n", until=b"221").startswith(b"220")
    door.stop()


def test_a_port_in_use_is_said_in_one_sentence(door: MailDoor) -> None:
    with pytest.raises(CannotOpen, match=rf"Port {door.port} is in use.*TOUCHLINE_MAIL_IN"):
        MailDoor("127.0.0.1", door.port, accepts=bool, keep=print).start()


def test_a_door_that_is_shut_lets_its_port_go_and_finishes_what_is_being_kept(open_door: Callable[..., MailDoor]) -> None:
    began, kept = threading.Event(), threading.Event()

    def keep(raw: bytes, envelope: Envelope) -> None:
        began.set()
        threading.Event().wait(0.3)
        kept.set()

    door = open_door(keep=keep)
    with socket.create_connection(("127.0.0.1", door.port), 10) as wire:
        wire.sendall(begin() + MAIL + b".\r\n")
        assert began.wait(10)
        door.stop()
        assert kept.is_set()
    again = MailDoor("127.0.0.1", door.port, accepts=bool, keep=print)
    again.start()
    again.stop()


def test_two_hundred_mails_from_many_programs_at_once_are_all_kept(door: MailDoor, kept: Kept) -> None:
    def send(who: int) -> None:
        with smtplib.SMTP("127.0.0.1", door.port, "lantern.example", timeout=30) as client:
            for number in range(20):
                client.sendmail(NORA, [OURS[0]], MAIL + f"{who}-{number}\r\n".encode())

    senders = [threading.Thread(target=send, args=(who,)) for who in range(10)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len({raw for raw, _ in kept}) == len(kept) == 200
