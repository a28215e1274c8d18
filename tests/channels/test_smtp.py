"""A reply leaves once, whole, and the desk knows exactly who did not get it and why."""

import re
from collections.abc import Callable

import pytest

from tests.servers import CUT, HANG, BadLine, SmtpSink, free_port
from touchline.channels import Never, NotNow, Refused, Reply, WrongSetting, email

pytestmark = pytest.mark.servers

KAY = "support@touchline.example"
NORA, ILSE, TOMAS = "nora@lantern.example", "ilse@lantern.example", "tomas@lantern.example"
RAW = b"From: Kay <support@touchline.example>\r\nTo: nora@lantern.example\r\nSubject: Re: I cannot sign in\r\n\r\nTry again.\r\n.dot\r\n..\r\n"


def told(sink: SmtpSink | BadLine, **other: object) -> dict[str, object]:
    return {"host": "127.0.0.1", "port": sink.port, "security": "none", **other}


def reply(*to: str, raw: bytes = RAW, envelope_from: str = KAY) -> Reply:
    return Reply(envelope_from=envelope_from, recipients=to or (NORA,), raw=raw)


def test_a_reply_arrives_byte_for_byte(sink: SmtpSink) -> None:
    assert email.send(told(sink), reply(NORA, ILSE)) == {}
    (caught,) = sink.mails
    assert (caught.mail_from, caught.recipients, caught.raw) == (KAY, (NORA, ILSE), RAW)
    assert caught.said == "[127.0.0.1]"


def test_a_reply_of_many_megabytes_arrives_whole(sink: SmtpSink) -> None:
    raw = RAW + b"".join(b".%d\r\n" % number for number in range(300_000))
    email.send(told(sink), reply(raw=raw))
    assert sink.mails[0].raw == raw


def test_no_bare_line_end_ever_leaves_us(sink: SmtpSink) -> None:
    email.send(told(sink), reply(raw=b"Subject: x\n\na\r.\rb\n.\nRCPT TO:<x@x.example>\r\nno end"))
    assert sink.mails[0].raw == b"Subject: x\r\n\r\na\r\n.\r\nb\r\n.\r\nRCPT TO:<x@x.example>\r\nno end\r\n"
    assert len(sink.mails) == 1


def test_automatic_mail_has_nobody_to_bounce_to(sink: SmtpSink) -> None:
    email.send(told(sink), reply(envelope_from=""))
    assert sink.mails[0].mail_from == ""


def test_words_and_addresses_beyond_ascii_are_announced(sink: SmtpSink) -> None:
    raw = RAW + "Grüße\r\n".encode()
    email.send(told(sink), reply("josé@lantern.example", raw=raw))
    assert (sink.mails[0].recipients, sink.mails[0].raw) == (("josé@lantern.example",), raw)
    assert "BODY=8BITMIME SMTPUTF8" in next(command for command in sink.commands if command.startswith("MAIL"))


@pytest.mark.parametrize(
    "broken", ["nora@lantern.example>\r\nRCPT TO:<x@x.example", "nora lantern", "<nora@lantern.example>", "a\tb@x.example"]
)
def test_an_address_cannot_hold_a_command(sink: SmtpSink, broken: str) -> None:
    with pytest.raises(Never, match="is not an address that mail can be sent to"):
        email.send(told(sink), reply(broken))
    assert not sink.mails


def test_a_reply_for_nobody_is_not_sent(sink: SmtpSink) -> None:
    with pytest.raises(Never, match="no recipient"):
        email.send(told(sink), Reply(envelope_from=KAY, recipients=(), raw=RAW))


def test_who_was_refused_is_reported_where_others_got_it(sink: SmtpSink) -> None:
    sink.script["RCPT"] = lambda arg: {ILSE: "550 5.1.1 No such user", TOMAS: "451 4.7.1 Greylisted"}.get(arg[4:-1])
    refused = email.send(told(sink), reply(NORA, ILSE, TOMAS))
    assert refused == {
        ILSE: f"127.0.0.1 refused mail to {ILSE}: “550 5.1.1 No such user”.",
        TOMAS: f"127.0.0.1 refused mail to {TOMAS}: “451 4.7.1 Greylisted”.",
    }
    assert (refused[ILSE].permanent, refused[TOMAS].permanent) == (True, False)
    assert sink.mails[0].recipients == (NORA,)


@pytest.mark.parametrize(("answer", "trouble"), [("550 5.1.1 No such user", Never), ("450 4.2.1 Come again", NotNow)])
def test_where_nobody_gets_it_the_reason_says_whether_to_try_again(sink: SmtpSink, answer: str, trouble: type[Exception]) -> None:
    sink.script["RCPT"] = answer
    with pytest.raises(trouble) as raised:
        email.send(told(sink), reply(NORA))
    assert str(raised.value) == f"127.0.0.1 refused mail to {NORA}: “{answer}”."
    assert raised.value.refused == {NORA: Refused(str(raised.value), permanent=trouble is Never)}  # type: ignore[attr-defined]


def test_where_one_of_those_refused_may_get_it_later_it_is_tried_again(sink: SmtpSink) -> None:
    sink.script["RCPT"] = lambda arg: "550 no" if ILSE in arg else "450 later"
    with pytest.raises(NotNow) as raised:
        email.send(told(sink), reply(NORA, ILSE))
    assert {who: why.permanent for who, why in raised.value.refused.items()} == {NORA: False, ILSE: True}


@pytest.mark.parametrize("command", ["MAIL", "DATA", "END"])
@pytest.mark.parametrize(
    ("answer", "trouble"),
    [("554 5.7.1 Not here", Never), ("451 4.3.0 Not now", NotNow), ("530 5.7.0 Sign in first", WrongSetting)],
)
def test_a_refusal_is_for_good_or_for_now(sink: SmtpSink, command: str, answer: str, trouble: type[Exception]) -> None:
    sink.script[command] = answer
    with pytest.raises(trouble, match=re.escape(answer)):
        email.send(told(sink), reply())


@pytest.mark.parametrize("command", ["GREETING", "EHLO"])
def test_a_server_that_turns_us_away_has_said_nothing_about_the_mail(sink: SmtpSink, command: str) -> None:
    sink.script[command] = "554 5.7.1 We do not know you"
    sink.script["HELO"] = "554 5.7.1 We do not know you"
    with pytest.raises(NotNow, match=r"turned us away: “554 5.7.1 We do not know you”"):
        email.send(told(sink), reply())


@pytest.mark.parametrize("command", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA", "END"])
@pytest.mark.parametrize(
    ("how", "words"),
    [(CUT, "The mail server 127.0.0.1 hung up."), (HANG, "The mail server 127.0.0.1 did not answer within 0.5 seconds.")],
)
@pytest.mark.usefixtures("in_a_hurry")
def test_a_server_that_fails_at_any_command_is_tried_again(sink: SmtpSink, command: str, how: str, words: str) -> None:
    sink.script[command] = how
    with pytest.raises(NotNow) as trouble:
        email.send(told(sink), reply())
    assert str(trouble.value) == words
    assert not sink.mails
    sink.script.clear()
    email.send(told(sink), reply())
    assert len(sink.mails) == 1


@pytest.mark.parametrize("answer", [CUT, HANG, "500 what?", "421 busy"])
@pytest.mark.usefixtures("in_a_hurry")
def test_what_was_taken_is_sent_whatever_the_goodbye_says(sink: SmtpSink, answer: str) -> None:
    sink.script["QUIT"] = answer
    assert email.send(told(sink), reply()) == {}
    assert len(sink.mails) == 1


@pytest.mark.usefixtures("in_a_hurry")
def test_a_line_that_breaks_amid_the_mail_is_tried_again(sink: SmtpSink, bad_line: Callable[..., BadLine]) -> None:
    line = bad_line(sink.port, when=b"half way")
    with pytest.raises(NotNow, match="hung up"):
        email.send(told(line), reply(raw=RAW + b"x" * 500_000 + b"\r\nhalf way\r\n"))
    assert not sink.mails


def test_nobody_listening_is_said_in_words() -> None:
    port = free_port()
    with pytest.raises(NotNow, match=f"Nobody answers at 127.0.0.1 on port {port}."):
        email.send({"host": "127.0.0.1", "port": port, "security": "none"}, reply())


@pytest.mark.parametrize("implicit", [True, False])
@pytest.mark.parametrize("password", ["a-quiet-harbour", "ein-stiller-Häfen"])
def test_a_reply_goes_out_encrypted_and_signed_in(new_sink: Callable[..., SmtpSink], implicit: bool, password: str) -> None:
    sink = new_sink(implicit=implicit, username=KAY, password=password)
    how = told(sink, host="localhost", security="tls" if implicit else "starttls", username=KAY, password=password)
    assert email.send(how, reply()) == {}
    assert sink.mails[0].raw == RAW
    assert sink.logins[-1] == (KAY, password)


def test_a_wrong_password_waits_for_somebody_to_change_it(new_sink: Callable[..., SmtpSink]) -> None:
    sink = new_sink(username=KAY, password="a-quiet-harbour")
    with pytest.raises(WrongSetting, match=r"refused the user name or the password of support@touchline.example") as trouble:
        email.send(told(sink, host="localhost", security="starttls", username=KAY, password="not-this-one"), reply())
    assert "not-this-one" not in str(trouble.value)


def test_no_password_is_said_to_a_server_without_starttls(sink: SmtpSink) -> None:
    with pytest.raises(WrongSetting, match="does not offer STARTTLS"):
        email.send(told(sink, security="starttls", username=KAY, password="a-quiet-harbour"), reply())
    assert [command.split()[0] for command in sink.commands] == ["EHLO", "QUIT"]


def test_a_certificate_for_another_name_is_not_trusted(new_sink: Callable[..., SmtpSink]) -> None:
    for implicit in (True, False):
        with pytest.raises(WrongSetting, match=r"The certificate of 127.0.0.1 cannot be trusted: IP address mismatch"):
            email.send(told(new_sink(implicit=implicit), security="tls" if implicit else "starttls"), reply())


@pytest.mark.usefixtures("in_a_hurry")
def test_tls_on_a_port_without_it_is_said_in_words(sink: SmtpSink) -> None:
    with pytest.raises(WrongSetting, match=r"Encryption with 127.0.0.1 .* could not be agreed on"):
        email.send(told(sink, security="tls"), reply())


def test_a_mail_that_is_too_big_for_the_server_is_not_even_begun(new_sink: Callable[..., SmtpSink]) -> None:
    sink = new_sink(size=100)
    with pytest.raises(Never, match="takes at most"):
        email.send(told(sink, host="127.0.0.1"), reply())
    assert not [command for command in sink.commands if command.startswith("MAIL")]
