"""The mail door: SMTP (RFC 5321) and LMTP (RFC 2033) in, on one port."""

import asyncio
import errno
import logging
import re
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from aiosmtpd import smtp

from touchline.channels.contract import MAIL_LIMIT, Never, NotNow
from touchline.channels.mail_reading import BLOCK, TOO_BIG, Reading, TooMuch
from touchline.channels.wire import is_loopback, shown

log = logging.getLogger(__name__)
T = TypeVar("T")

RECIPIENTS = 100
"""Recipients of one mail, as many as RFC 5321 (4.5.3.1.8) wants taken."""
CONNECTIONS = 200
"""Connections at a time."""
FROM_ONE = 50
"""Connections at a time from one other machine; programs on this one may have all."""
ERRORS = 50
"""Refusals in one connection before we hang up."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What was said beside a mail: never part of its bytes."""

    mail_from: str
    """Where its bounces go; "" where there is nowhere."""
    recipients: tuple[str, ...]
    """All that it was taken for by SMTP; one at a time by LMTP."""
    by: Literal["smtp", "lmtp"]
    peer: str
    """The address of the machine that brought it."""


class CannotOpen(Exception):
    """The door cannot be opened. `str()` is a sentence that says what to change."""


class MailDoor:
    """Takes mail for our mailboxes and nobody else's, from programs on this machine unless told otherwise.

    `accepts(address)` says whether that is a mailbox; `keep(raw, envelope)` keeps the bytes durably for every recipient
    of the envelope, or for none. Both are called in threads of the door's own and may take their time. A mail is
    acknowledged after `keep` has returned, and never otherwise. Where it raises NotNow or anything unforeseen, the
    sender is asked to come again; Never refuses for good. By LMTP each recipient has an answer of its own, so `keep` is
    called for each. The same mail may come twice, wherever an acknowledgement was lost.

    `raw` is what came, byte for byte, after the dots of the protocol were taken out; nothing is put in front.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        accepts: Callable[[str], bool],
        keep: Callable[[bytes, Envelope], None],
        size_limit: int = MAIL_LIMIT,
        allow_outside: bool = False,
        idle: float = 300,
        certificate: Path | None = None,
        key: Path | None = None,
    ) -> None:
        """`port` 0 takes any free one; `idle` is in seconds. With a `certificate` (PEM, with its chain, and its `key` where that
        is in a file of its own) STARTTLS is offered. Raises CannotOpen for a host that is not this machine alone, unless
        `allow_outside`, and for a certificate that is none."""
        if not allow_outside and not is_loopback(host):
            raise CannotOpen(
                f"The mail door would be open to other machines at {host}. If that is what you want, set TOUCHLINE_MAIL_IN_OUTSIDE=yes; "
                "otherwise set TOUCHLINE_MAIL_IN=127.0.0.1:8025."
            )
        self.host = host
        self.port = port
        self.accepts = accepts
        self.keep = keep
        self.size_limit = size_limit
        self.idle = idle
        self.in_hand = 0
        """Bytes of unfinished mails in memory."""
        self.visitors: set[Visitor] = set()
        self.certificate = Certificate(certificate, key) if certificate else None
        self.name = socket.gethostname()
        self.loop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = None
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="mail-door")

    def start(self) -> None:
        """Open the door; `port` is then the one it is at. Raises CannotOpen."""
        try:
            listening = socket.create_server(
                (self.host, self.port), family=socket.AF_INET6 if ":" in self.host else socket.AF_INET, backlog=128
            )
        except OSError as error:
            raise CannotOpen(why_not(error, self.host, self.port)) from error
        self.port = listening.getsockname()[1]
        is_open = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(listening, is_open), name="mail-door", daemon=True)
        self._thread.start()
        if not is_open.wait(10):
            raise CannotOpen(f"The mail door at {self.host}, port {self.port}, did not open within 10 seconds.")

    @property
    def was_opened(self) -> bool:
        """It was opened, and nobody has closed it since."""
        return self._thread is not None

    def stop(self) -> None:
        """Close the door. Mails that are being kept are kept to the end; those not acknowledged will come again."""
        if self._thread:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self._thread.join()
            self._thread = None
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, listening: socket.socket, is_open: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(self.loop.create_server(self._visitor, sock=listening))
        self.loop.call_soon(is_open.set)
        try:
            self.loop.run_forever()
        finally:
            server.close()
            self.loop.run_until_complete(self._see_out())
            self.loop.close()

    def _visitor(self) -> asyncio.Protocol:
        return Visitor(self) if len(self.visitors) < CONNECTIONS else Full()

    async def _see_out(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for visitor in list(self.visitors):
            visitor.hang_up()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # lets the transports close

    async def ask(self, question: Callable[..., T], *args: Any) -> T:
        """Ask in a thread of ours: nothing that blocks may stand in the way of the other connections."""
        return await self.loop.run_in_executor(self._pool, question, *args)


def why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use, so the mail door cannot open there. Stop what uses it, or set TOUCHLINE_MAIL_IN to another port, such as {host}:{port + 1}."
    elif error.errno == errno.EACCES:
        return f"Port {port} is only for the administrator of this machine. Set TOUCHLINE_MAIL_IN to a port above 1023, such as {host}:8025."
    else:
        return f"The mail door cannot open at {host}, port {port}: {error.strerror or error}. Set TOUCHLINE_MAIL_IN to an address of this machine."


class Certificate:
    """What the door shows to who wants STARTTLS (RFC 3207). It is read again when its file has changed, as renewals do."""

    def __init__(self, chain: Path, key: Path | None) -> None:
        self.chain = chain
        self.key = key
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._read_at = 0.0
        try:
            self._read()
        except OSError as error:  # an SSLError is one
            why = "there is no certificate in it with its key" if isinstance(error, ssl.SSLError) else error.strerror
            raise CannotOpen(
                f"The mail door’s certificate cannot be read from {chain}: {why}. "
                "Set TOUCHLINE_MAIL_IN_CERT and TOUCHLINE_MAIL_IN_KEY to PEM files that belong together, or unset both."
            ) from error

    def current(self) -> ssl.SSLContext:
        """Where a renewal is half written, the certificate that we have goes on."""
        try:
            if self.chain.stat().st_mtime != self._read_at:
                self._read()
        except (OSError, ValueError) as error:
            log.warning("The mail door goes on with its old certificate: %s", error)
        return self.context

    def _read(self) -> None:
        changed_at = self.chain.stat().st_mtime
        self.context.load_cert_chain(self.chain, self.key)
        self._read_at = changed_at


class Full(asyncio.Protocol):
    """The answer to one connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(b"421 4.3.2 Too many connections. Please come again.\r\n")
        transport.close()


class Visitor(smtp.SMTP):
    """One connection. aiosmtpd's LMTP refuses EHLO; here LHLO makes it LMTP, EHLO and HELO make it SMTP."""

    line_length_limit = BLOCK  # of what the reader hands over at once; the lines of a mail may be longer

    def __init__(self, door: MailDoor) -> None:
        self.door = door
        self.by: Literal["smtp", "lmtp"] = "smtp"
        self.peer = ""
        self.errors = 0
        self.greeted = False
        """Whether EHLO or LHLO was said and answered: our answers have codes from then on (RFC 2034)."""
        super().__init__(
            Hooks(door),
            hostname=door.name,  # without one aiosmtpd asks the DNS, at every connection and on the loop
            ident="mail door",
            data_size_limit=door.size_limit,
            enable_SMTPUTF8=True,
            timeout=door.idle,
            tls_context=door.certificate.current() if door.certificate else None,
            command_call_limit={"*": 100_000, "HELO": 50, "EHLO": 50, "LHLO": 50, "NOOP": 1000},
            loop=door.loop,
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called again when a connection has become an encrypted one."""
        peer = (transport.get_extra_info("peername") or ("",))[0]
        if not is_loopback(peer) and sum(each.peer == peer for each in self.door.visitors - {self}) >= FROM_ONE:
            Full.connection_made(self, transport)  # type: ignore[arg-type]
        else:
            self.peer = peer
            self.door.visitors.add(self)
            super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.door.visitors.discard(self)
        super().connection_lost(None)  # a caller's reset is no error of ours, and asyncio would log it as one

    def hang_up(self) -> None:
        if self.transport:
            self.transport.close()

    async def push(self, status: Any) -> None:
        await super().push(enhanced(status) if isinstance(status, str) and self.greeted else status)
        if str(status).startswith("5"):
            self.errors += 1
            if self.errors >= ERRORS:
                await super().push("421 4.7.0 Too many errors, goodbye.")
                self.hang_up()

    async def smtp_LHLO(self, arg: str) -> None:  # noqa: N802
        self.by, self.greeted = "lmtp", False
        await super().smtp_EHLO(arg)
        self.greeted = True

    async def smtp_EHLO(self, arg: str) -> None:  # noqa: N802
        self.by, self.greeted = "smtp", False
        await super().smtp_EHLO(arg)
        self.greeted = True

    async def smtp_HELO(self, arg: str) -> None:  # noqa: N802
        self.by, self.greeted = "smtp", False
        await super().smtp_HELO(arg)

    async def smtp_VRFY(self, arg: str) -> None:  # noqa: N802
        await self.push("502 5.5.1 We do not say who is here.")

    smtp_EXPN = smtp_VRFY  # noqa: N815

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        await self.push("502 5.5.1 Nobody signs in here.")

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        if await self.check_helo_needed():
            return
        assert self.envelope
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Say first who it is for.")
        elif arg:
            await self.push("501 5.5.4 DATA takes nothing.")
        else:
            await self.push("354 End with a dot on a line of its own.")
            reading, too_much = Reading(self.door), False
            try:
                await self._read(reading)
                answers = await self._answers(reading)
            except TooMuch:
                answers, too_much = [TOO_BIG], True
            finally:
                reading.let_go()
                self.envelope = self._create_envelope()
            for answer in answers:
                await self.push(answer)
            if too_much:
                self.hang_up()

    async def _read(self, reading: Reading) -> None:
        """Read to the end of the mail: a dot alone between two CRLFs, and nothing else (RFC 5321, 4.1.1.4)."""
        since_block = 0
        while not reading.ended:
            try:
                piece = await self._reader.readuntil(b".\r\n")
            except asyncio.LimitOverrunError as error:
                piece = await self._reader.readexactly(error.consumed)
            reading.add(piece)
            since_block += len(piece)
            if since_block >= BLOCK:
                since_block = 0
                self._reset_timeout()

    async def _answers(self, reading: Reading) -> list[str]:
        """One answer by SMTP; one for each recipient, in their order, by LMTP (RFC 2033, 4.2)."""
        assert self.envelope and self.session
        to = tuple(self.envelope.rcpt_tos)
        refusal = reading.refusal()
        if refusal:
            return [refusal] * (len(to) if self.by == "lmtp" else 1)
        raw = reading.mail()
        mail_from = readable(self.envelope.mail_from or "")
        peer = str(self.session.peer[0]) if self.session.peer else ""
        together = [to] if self.by == "smtp" else [(one,) for one in to]
        return [await self._keep(raw, Envelope("" if mail_from == "<>" else mail_from, some, self.by, peer)) for some in together]

    async def _keep(self, raw: bytes, envelope: Envelope) -> str:
        answer = await self._kept(raw, envelope)
        to = ", ".join(envelope.recipients)
        log.info("A mail of %d bytes came by %s from %s for %s: %s", len(raw), envelope.by, envelope.peer, to, answer)
        return answer

    async def _kept(self, raw: bytes, envelope: Envelope) -> str:
        try:
            await self.door.ask(self.door.keep, raw, envelope)
        except Never as refusal:
            return f"554 5.6.0 {shown(str(refusal))}"
        except NotNow as trouble:
            return f"451 4.3.0 {shown(str(trouble))}"
        except Exception as error:
            if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
                log.error("There is no room to keep a mail; its sender was asked to come again.")
                return "452 4.3.1 There is no room here just now. Please come again."
            else:
                log.exception("A mail could not be kept; its sender was asked to come again.")
                return "451 4.3.0 It could not be kept just now. Please come again."
        else:
            return "250 2.0.0 Kept."


class Hooks:
    """What aiosmtpd asks us at each command."""

    def __init__(self, door: MailDoor) -> None:
        self.door = door

    async def handle_EHLO(  # noqa: N802
        self, visitor: Visitor, session: smtp.Session, envelope: smtp.Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*answers[:-1], "250-ENHANCEDSTATUSCODES", "250 PIPELINING"]  # in place of HELP

    async def handle_MAIL(  # noqa: N802
        self, visitor: Visitor, session: smtp.Session, envelope: smtp.Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, visitor: Visitor, session: smtp.Session, envelope: smtp.Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= RECIPIENTS:
            return f"452 4.5.3 At most {RECIPIENTS} recipients at a time. Please send to the others apart."
        try:
            ours = await self.door.ask(self.door.accepts, readable(address))
        except Exception:
            log.exception("Whether a recipient is a mailbox of ours could not be found out; the sender was asked to come again.")
            return "451 4.3.0 We could not look that up just now. Please come again."
        if ours:
            envelope.rcpt_tos.append(readable(address))
            return "250 2.1.5 OK"
        else:
            return f"550 5.1.1 {shown(readable(address), limit=100)} is no mailbox here."

    async def handle_exception(self, error: Exception) -> str:
        log.error("The mail door met something unforeseen.", exc_info=error)
        return "451 4.3.0 Something went wrong here. Please come again."


def readable(address: str) -> str:
    """An address with everything marked in it that is no letter to be seen, and bytes that were not UTF-8: fit to be shown,
    kept and looked up (to a database a NUL is the end of it, or no text at all)."""
    text = address.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def enhanced(answer: str) -> str:
    """An answer with a status code (RFC 2034), where it has none; what asks for more has none."""
    if re.match(r"[245]\d\d (?!\d\.\d+\.\d+ )", answer):
        return f"{answer[:4]}{answer[0]}.0.0 {answer[4:]}"
    else:
        return answer
