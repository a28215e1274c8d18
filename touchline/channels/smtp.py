"""SMTP (RFC 5321) out: one mail handed to one server, and exactly what that server said about it."""

import base64
import re
import smtplib
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress

import idna

from touchline.channels.contract import Never, NotNow, Refused, Reply, WrongSetting
from touchline.channels.oauth import Sasl, mechanism
from touchline.channels.wire import PATIENCE, Server, how_private, in_words, resolve_and_connect, shown

PORTS = {"tls": 465, "starttls": 587, "none": 25}

PIECE = 256 * 1024
"""Bytes that are sent at a time, so that our patience is for each piece and not for the whole of a large mail."""

CREDENTIALS = (530, 534, 535, 538)
"""Answers that are about who we are and not about the mail (RFC 4954)."""


def send(server: Server, reply: Reply) -> Mapping[str, Refused]:
    """Hand over one mail. The recipients that were refused, though others got it.

    Raises NotNow where nobody got it and a later try may help; Never where the server refused this mail for good. Once
    the server has said that it took the mail, it is sent, whatever happens to the connection. Where the connection is
    lost before that word, nobody can know: it is tried again, and its fixed Message-ID lets two be seen to be one.
    """
    if not reply.recipients:
        raise Never("This mail has no recipient.")
    raw = re.sub(rb"\r\n|\r|\n", b"\r\n", reply.raw)  # a bare CR or LF must never leave us (RFC 5321, 2.3.8)
    with signed_in(server) as smtp, in_smtp_words(server):
        begin(smtp, server, reply, raw)
        refused = name_recipients(smtp, server, reply)
        hand_over(smtp, server, raw, refused)
    return refused


def check(server: Server) -> Generator[str, None, None]:
    """Sign in, sending nothing: a sentence for each step. Raises NotNow at the step that does not work."""
    yield from resolve_and_connect(server)
    with connected(server) as smtp:
        yield how_private(server, smtp.sock)
        if server.username:
            sign_in(smtp, server)
            yield f"Signed in as {server.username}."
        else:
            yield "No user name was given, so we do not sign in."


@contextmanager
def signed_in(server: Server) -> Iterator[smtplib.SMTP]:
    with connected(server) as smtp:
        if server.username:
            sign_in(smtp, server)
        yield smtp


@contextmanager
def connected(server: Server) -> Iterator[smtplib.SMTP]:
    """A connection on which EHLO was said, encrypted as we were told."""
    with in_smtp_words(server, PATIENCE.connect):
        if server.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, "localhost", timeout=PATIENCE.connect, context=server.tls()
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, "localhost", timeout=PATIENCE.connect)
    try:
        wait(smtp, PATIENCE.answer)
        with in_smtp_words(server):
            smtp.local_hostname = our_name(smtp)
            smtp.ehlo_or_helo_if_needed()
            if server.security == "starttls":
                try:
                    code, said = smtp.starttls(context=server.tls())
                except smtplib.SMTPNotSupportedError as error:
                    raise WrongSetting(
                        f"{server.host} does not offer STARTTLS on port {server.port}. Try TLS on port 465."
                    ) from error
                if code != 220:
                    raise NotNow(f"{server.host} would not start encryption: “{shown(said)}”.")
                smtp.ehlo_or_helo_if_needed()
        yield smtp
    finally:
        with suppress(OSError, smtplib.SMTPException):
            wait(smtp, min(5, PATIENCE.answer))  # nothing depends on the goodbye
            smtp.quit()
        smtp.close()


def wait(smtp: smtplib.SMTP, seconds: float) -> None:
    if smtp.sock:
        smtp.sock.settimeout(seconds)


def our_name(smtp: smtplib.SMTP) -> str:
    """Our end of the connection as an address literal (RFC 5321, 4.1.3): true, known without asking anybody, and it tells nothing."""
    assert smtp.sock
    address = smtp.sock.getsockname()[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def sign_in(smtp: smtplib.SMTP, server: Server) -> None:
    with in_smtp_words(server):
        if server.token:
            by_token(smtp, server, server.token)
        else:
            by_password(smtp, server)


def by_token(smtp: smtplib.SMTP, server: Server, token: Callable[[str], str]) -> None:
    """Sign in by OAuth2. A token that the server refuses is renewed, once: it may have been taken back early."""
    sasl = mechanism(server.host, set(smtp.esmtp_features.get("auth", "").split()))
    good = token("")
    code, said = say_token(smtp, sasl, server, good)
    if code != 235 and not 400 <= code < 500:
        code, said = say_token(smtp, sasl, server, token(good))
    if 400 <= code < 500 or code == -1:
        raise NotNow(f"{server.host} lets nobody sign in just now: “{shown(said)}”.")
    elif code != 235:
        raise WrongSetting(f"{server.host} did not let {server.username} in by OAuth2: “{shown(said)}”.")


def say_token(smtp: smtplib.SMTP, sasl: Sasl, server: Server, token: str) -> tuple[int, bytes]:
    code, said = smtp.docmd("AUTH", f"{sasl.name} {base64.b64encode(sasl.first(server.username, token)).decode()}")
    if code == 334:  # it has said what is wrong, and wants to know that we heard
        code, said = smtp.docmd(base64.b64encode(sasl.heard).decode())
    return code, said


def by_password(smtp: smtplib.SMTP, server: Server) -> None:
    with in_smtp_words(server):
        try:
            if (server.username + server.password).isascii():
                smtp.login(server.username, server.password)
            else:
                plain_in_utf8(smtp, server)
        except smtplib.SMTPNotSupportedError as error:
            raise WrongSetting(
                f"{server.host} takes no user name on port {server.port} with this security. Try TLS or STARTTLS."
            ) from error
        except smtplib.SMTPAuthenticationError as error:
            if 400 <= error.smtp_code < 500:
                raise NotNow(f"{server.host} lets nobody sign in just now: “{shown(error.smtp_error)}”.") from error
            else:
                raise WrongSetting(
                    f"{server.host} refused the user name or the password of {server.username}: “{shown(error.smtp_error)}”."
                ) from error


def plain_in_utf8(smtp: smtplib.SMTP, server: Server) -> None:
    """AUTH PLAIN is UTF-8 (RFC 4616); smtplib writes ASCII only."""
    if "PLAIN" not in smtp.esmtp_features.get("auth", "").upper().split():
        raise WrongSetting(f"{server.host} cannot take a user name or a password with letters beyond a-z.")
    words = base64.b64encode(f"\0{server.username}\0{server.password}".encode()).decode()
    code, said = smtp.docmd("AUTH", f"PLAIN {words}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, said)


def begin(smtp: smtplib.SMTP, server: Server, reply: Reply, raw: bytes) -> None:
    options = []
    if smtp.has_extn("size"):
        limit = smtp.esmtp_features.get("size", "").strip()
        if limit.isdigit() and 0 < int(limit) < len(raw):
            raise Never(
                f"This mail is {len(raw) / 1e6:.1f} MB, and {server.host} takes at most {int(limit) / 1e6:.1f} MB. Could a file be left out or shared as a link?"
            )
        options.append(f"SIZE={len(raw)}")
    if not raw.isascii():
        if not smtp.has_extn("8bitmime"):
            raise Never(f"This mail has 8-bit words in it, which {server.host} does not take.")
        options.append("BODY=8BITMIME")
    if not all(path(address).isascii() for address in (reply.envelope_from, *reply.recipients)):
        if not smtp.has_extn("smtputf8"):
            raise Never(f"{server.host} cannot send to or from addresses with letters beyond a-z.")
        options.append("SMTPUTF8")
        smtp.command_encoding = "utf-8"
    code, said = smtp.docmd("MAIL", " ".join([f"FROM:<{path(reply.envelope_from)}>", *options]))
    if code != 250:
        raise no(server, code, said, f"mail from {reply.envelope_from or 'nobody'}")


def name_recipients(smtp: smtplib.SMTP, server: Server, reply: Reply) -> dict[str, Refused]:
    """Say who shall get it. The ones refused, where at least one was not."""
    refused: dict[str, Refused] = {}
    for recipient in dict.fromkeys(reply.recipients):
        code, said = smtp.docmd("RCPT", f"TO:<{path(recipient)}>")
        if code == 421 or code in CREDENTIALS:
            raise no(server, code, said, f"mail to {recipient}", refused)
        elif code not in (250, 251):
            refused[recipient] = Refused(
                f"{server.host} refused mail to {recipient}: “{code} {shown(said)}”.", permanent=code >= 500
            )
    if len(refused) < len(set(reply.recipients)):
        return refused
    words = " ".join(refused.values())
    if all(one.permanent for one in refused.values()):
        raise Never(words, refused)
    else:
        raise NotNow(words, refused)


def hand_over(smtp: smtplib.SMTP, server: Server, raw: bytes, refused: Mapping[str, Refused]) -> None:
    code, said = smtp.docmd("DATA")
    if code != 354:
        raise no(server, code, said, "this mail", refused)
    stuffed = re.sub(rb"(?m)^\.", b"..", raw)
    for start in range(0, len(stuffed), PIECE):
        smtp.send(stuffed[start : start + PIECE])
    with in_smtp_words(server, PATIENCE.accept):
        wait(smtp, PATIENCE.accept)
        smtp.send(b".\r\n" if raw.endswith(b"\r\n") else b"\r\n.\r\n")
        code, said = smtp.getreply()
    if code != 250:
        raise no(server, code, said, "this mail", refused)


def path(address: str) -> str:
    """An address as it may stand in a command: nothing in it ends the command or its brackets, and its domain is ASCII."""
    local, at, domain = address.rpartition("@")
    try:
        plain = local + at + (domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii"))
    except (idna.IDNAError, UnicodeError) as error:
        raise Never(f"“{shown(address)}” is not an address that mail can be sent to.") from error
    if re.search(r"[\x00-\x20<>\x7f]", plain):
        raise Never(f"“{shown(address)}” is not an address that mail can be sent to.")
    return plain


def no(server: Server, code: int, said: bytes, what: str, refused: Mapping[str, Refused] | None = None) -> NotNow | Never:
    words = f"{server.host} refused {what}: “{code} {shown(said)}”."
    if code in CREDENTIALS:
        return WrongSetting(words, refused)
    elif 500 <= code < 600:
        return Never(words, refused)
    elif code == -1:
        return NotNow(f"The mail server {server.host} hung up.", refused)
    else:
        return NotNow(words, refused)


@contextmanager
def in_smtp_words(server: Server, seconds: float | None = None) -> Iterator[None]:
    with in_words(server, seconds or PATIENCE.answer):
        try:
            yield
        except smtplib.SMTPServerDisconnected as error:
            if isinstance(error.__context__, TimeoutError):
                raise error.__context__ from error
            raise NotNow(f"The mail server {server.host} hung up.") from error
        except smtplib.SMTPResponseException as error:  # to our greeting: it is about us, never about one mail
            said = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error)
            raise NotNow(f"{server.host} turned us away: “{error.smtp_code} {shown(said)}”.") from error
        except smtplib.SMTPException as error:
            raise NotNow(f"The mail server {server.host} did not do as it was asked: “{shown(str(error))}”.") from error
