"""Real servers for tests, each on a free port of loopback and in a folder that goes away: dovecot, an SMTP sink, a bad line."""

import asyncio
import base64
import grp
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from imapclient import IMAPClient


def free_port() -> int:
    """A port of loopback on which nobody listens just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass(frozen=True)
class Certificate:
    """A certificate for localhost that is its own authority: trust it with SSL_CERT_FILE."""

    chain: Path
    key: Path

    @classmethod
    def make(cls, folder: Path) -> "Certificate":
        key = ec.generate_private_key(ec.SECP256R1())
        who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(who)
            .issuer_name(who)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        made = cls(chain=folder / "certificate.pem", key=folder / "key.pem")
        made.chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        made.key.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )
        return made

    def server_side(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        return context


@dataclass(frozen=True)
class Caught:
    """One mail that a sink was given."""

    mail_from: str
    recipients: tuple[str, ...]
    raw: bytes
    said: str
    """What the client called itself in EHLO."""


CUT = "cut the connection"
HANG = "say nothing"


class SmtpSink:
    """Takes every mail and delivers none; `mails` holds them in the order in which they came.

    `script` says what it answers in place of the truth: by command ("EHLO", "MAIL", "RCPT", "DATA", "QUIT" ...), with
    "GREETING" for the first word and "END" for the end of a mail; an answer, CUT, HANG, or a function of the
    command's argument that gives one of these, or None for the truth.
    """

    def __init__(
        self,
        *,
        certificate: Certificate | None = None,
        implicit: bool = False,
        username: str = "",
        password: str = "",
        size: int = 0,
        tokens: Callable[[str, str], bool] | None = None,
        bearer: bool = False,
    ) -> None:
        """`tokens` says whether a user name and a token are good, by XOAUTH2 or (`bearer`) OAUTHBEARER."""
        self.mails: list[Caught] = []
        self.script: dict[str, str | Callable[[str], str | None]] = {}
        self.commands: list[str] = []
        self.logins: list[tuple[str, str]] = []
        self.port = 0
        self._certificate = certificate
        self._implicit = implicit
        self._login = (username, password)
        self._size = size or None
        self._tokens = tokens
        self._mechanism = "OAUTHBEARER" if bearer else "XOAUTH2"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True, name="smtp-sink")
        self._ready = threading.Event()
        self._came = threading.Condition()

    def start(self) -> "SmtpSink":
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def wait_for(self, count: int, *, seconds: float = 15) -> list[Caught]:
        """The first `count` mails, as soon as they have come."""
        with self._came:
            assert self._came.wait_for(lambda: len(self.mails) >= count, seconds), f"{len(self.mails)} of {count} mails came"
            return self.mails[:count]

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        context = self._certificate.server_side() if self._certificate else None
        made = self._loop.create_server(lambda: _Sink(self, context), "127.0.0.1", 0, ssl=context if self._implicit else None)
        server = self._loop.run_until_complete(made)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(asyncio.sleep(0.01))
        self._loop.close()

    def _excluded(self) -> list[str]:
        return (
            ["XOAUTH2", "OAUTHBEARER"]
            if not self._tokens
            else ["PLAIN", "LOGIN", {"XOAUTH2": "OAUTHBEARER"}.get(self._mechanism, "XOAUTH2")]
        )

    def _caught(self, caught: Caught) -> None:
        with self._came:
            self.mails.append(caught)
            self._came.notify_all()

    def _authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, login: LoginPassword) -> AuthResult:
        given = (login.login.decode(), login.password.decode())
        self.logins.append(given)
        return AuthResult(success=given == self._login, handled=False)


class _Sink(SMTP):
    line_length_limit = 2**20

    def __init__(self, sink: SmtpSink, context: ssl.SSLContext | None) -> None:
        self.sink = sink
        tls_before_auth = bool(context) and not sink._implicit
        super().__init__(
            self,
            hostname="sink.example",
            data_size_limit=sink._size,
            enable_SMTPUTF8=True,
            tls_context=None if sink._implicit else context,
            authenticator=sink._authenticate,
            auth_required=bool(sink._login[0] or sink._tokens) and tls_before_auth,
            auth_require_tls=tls_before_auth,
            auth_exclude_mechanism=sink._excluded(),
            loop=sink._loop,
        )
        self._smtp_methods = {name: self._scripted(name, method) for name, method in self._smtp_methods.items()}
        self.greeted = False

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(None)  # asyncio would log a client's reset as an error, whenever it is collected

    async def push(self, status: Any) -> None:
        if not self.greeted:
            self.greeted = True
            status = await self._played("GREETING", "") or status
            if status is HANG:
                return
        await super().push(status)

    def _scripted(self, name: str, method: Any) -> Any:
        async def played(arg: str | None) -> None:
            self.sink.commands.append(f"{name} {arg or ''}".strip())
            answer = await self._played(name, arg or "")
            if answer:
                await self.push(answer)
            else:
                await method(arg)

        return played

    async def _played(self, name: str, arg: str) -> str | None:
        line = self.sink.script.get(name)
        answer = line(arg) if callable(line) else line
        if answer is CUT:
            self.transport.abort()
            raise asyncio.CancelledError
        if answer is HANG:
            await asyncio.sleep(3600)
        return answer

    async def auth_XOAUTH2(self, _server: Any, args: list[str]) -> AuthResult:
        said = base64.b64decode(args[1]).decode()
        user = said.partition("user=")[2].partition("\1")[0] or said.partition("a=")[2].partition(",")[0]
        token = said.partition("auth=Bearer ")[2].partition("\1")[0]
        self.sink.logins.append((user, token))
        assert self.sink._tokens
        if self.sink._tokens(user, token):
            return AuthResult(success=True)
        else:
            await self.challenge_auth('{"status":"401","schemes":"bearer"}')  # and we hear that it was heard
            return AuthResult(success=False, handled=False)

    auth_OAUTHBEARER = auth_XOAUTH2

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:
        answer = await self._played("END", "")
        if answer is None or answer.startswith("250"):
            mail_from = "" if envelope.mail_from == "<>" else envelope.mail_from
            self.sink._caught(Caught(mail_from, tuple(envelope.rcpt_tos), envelope.original_content, session.host_name))
        return answer or "250 OK"

    async def handle_exception(self, error: Exception) -> str:
        return f"500 {error}"


DOVECOT = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")

CONFIGURATION = """
protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate.chain}
ssl_key = <{certificate.key}
disable_plaintext_auth = no
auth_verbose = yes
auth_failure_delay = 0
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
mail_location = maildir:{folder}/mail/%u
mailbox_list_index = no
mail_fsync = never
first_valid_uid = 1
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service stats {{
  chroot =
}}
{more}
passdb {{
  driver = static
  args = password={password}
}}
passdb {{
  driver = static
  args = password={other_password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
"""


@dataclass
class Dovecot:
    """A real IMAP server. Whoever gives the password is let in, to a mail folder of their own. `more`: lines for its configuration."""

    folder: Path
    certificate: Certificate
    port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)
    password: str = "a-quiet-harbour"
    other_password: str = "ein-stiller-Häfen"
    more: str = ""

    def start(self) -> "Dovecot":
        assert DOVECOT
        if os.geteuid() == 0:  # as root dovecot wants users of its own; Debian's package has made them
            internal, login, owner = "dovecot", "dovenull", pwd.getpwnam("dovecot")
        else:
            owner = pwd.getpwuid(os.geteuid())
            internal = login = owner.pw_name
        for name in ("run", "state", "mail"):
            (self.folder / name).mkdir()
        os.chown(self.folder / "mail", owner.pw_uid, owner.pw_gid)
        configuration = self.folder / "dovecot.conf"
        configuration.write_text(
            CONFIGURATION.format(
                folder=self.folder,
                certificate=self.certificate,
                internal=internal,
                internal_group=grp.getgrgid(owner.pw_gid).gr_name,
                login=login,
                port=self.port,
                tls_port=self.tls_port,
                password=self.password,
                other_password=self.other_password,
                more=self.more,
                uid=owner.pw_uid,
                gid=owner.pw_gid,
            )
        )
        self._process = subprocess.Popen([DOVECOT, "-F", "-c", str(configuration)], stderr=subprocess.PIPE)
        until = time.monotonic() + 15
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as wire:
                if wire.recv(100).startswith(b"* OK"):
                    return self
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                log = self.folder / "log"
                raise RuntimeError(f"dovecot did not start: {log.read_text() if log.exists() else ''}")
            time.sleep(0.05)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stderr:
            self._process.stderr.close()

    @contextmanager
    def client(self, username: str) -> Iterator[IMAPClient]:
        """A mail client of the test's own, signed in."""
        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=15) as client:
            client.login(username, self.password)
            yield client

    def deliver(
        self, username: str, *mails: bytes, folder: str = "INBOX", seen: bool = False, at: datetime | None = None
    ) -> list[int]:
        """Put mails in a folder, and say which UIDs they got there."""
        with self.client(username) as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            before = client.folder_status(folder, ["UIDNEXT"])[b"UIDNEXT"]
            for mail in mails:
                client.append(folder, mail, [b"\\Seen"] if seen else [], at)
            return list(range(before, before + len(mails)))

    def unseen(self, username: str, folder: str = "INBOX") -> list[int]:
        with self.client(username) as client:
            client.select_folder(folder, readonly=True)
            return list(client.search("UNSEEN"))

    def told(self, username: str, *, folder: str = "INBOX", security: str = "none", **other: Any) -> dict[str, Any]:
        """What an administrator would tell us of it."""
        port = self.tls_port if security == "tls" else self.port
        host = "127.0.0.1" if security == "none" else "localhost"
        return {
            "host": host,
            "port": port,
            "security": security,
            "username": username,
            "password": self.password,
            "folder": folder,
            **other,
        }


class BadLine:
    """A connection to `port` that fails: cut when the client has said `when` for the `nth` time, before it is passed on, or
    (`deaf`) after it was and has been done; after `bytes_back` bytes have come back; or (`hang`) silent instead of cut."""

    def __init__(
        self,
        port: int,
        *,
        when: bytes = b"",
        nth: int = 1,
        bytes_back: int | None = None,
        hang: bool = False,
        deaf: bool = False,
    ) -> None:
        self._to = port
        self._deaf = deaf
        self._lost = threading.Event()
        self._when = when
        self._nth = nth
        self._bytes_back = bytes_back
        self._hang = hang
        self._server = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for wire in (self._server, *self._open):
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
            wire.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                here, _ = self._server.accept()
                there = socket.create_connection(("127.0.0.1", self._to))
                self._open += [here, there]
                threading.Thread(target=self._outward, args=(here, there), daemon=True).start()
                threading.Thread(target=self._back, args=(here, there), daemon=True).start()

    def _outward(self, here: socket.socket, there: socket.socket) -> None:
        said = b""
        with suppress(OSError):
            while piece := here.recv(65536):
                said += piece
                if self._when and said.upper().count(self._when.upper()) >= self._nth:
                    if self._deaf:
                        self._lost.set()
                        there.sendall(piece)
                        time.sleep(0.3)  # as long as the server takes to do it
                    return self._fail(here, there)
                there.sendall(piece)
        self._end(here, there)

    def _back(self, here: socket.socket, there: socket.socket) -> None:
        passed = 0
        with suppress(OSError):
            while (piece := there.recv(65536)) and not self._lost.is_set():
                if self._bytes_back is not None and passed + len(piece) > self._bytes_back:
                    here.sendall(piece[: self._bytes_back - passed])
                    return self._fail(here, there)
                passed += len(piece)
                here.sendall(piece)
        self._end(here, there)

    def _fail(self, here: socket.socket, there: socket.socket) -> None:
        if not self._hang:
            self._end(here, there)

    @staticmethod
    def _end(here: socket.socket, there: socket.socket) -> None:
        for wire in (here, there):
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)


@contextmanager
def running_dovecot(more: str = "") -> Iterator[Dovecot]:
    """A dovecot in a folder of its own, short enough for the paths of its sockets. `more`: lines for its configuration."""
    with tempfile.TemporaryDirectory(prefix="touchline-imap-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        dovecot = Dovecot(folder, Certificate.make(folder), more=more).start()
        try:
            yield dovecot
        finally:
            dovecot.stop()
