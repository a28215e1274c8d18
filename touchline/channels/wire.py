"""What talking to any mail server needs: where it is, how long we wait, and its troubles in sentences."""

import ipaddress
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from touchline.channels.contract import NotNow, Told, WrongSetting


@dataclass(slots=True)
class Patience:
    """Seconds that we wait for a server, at most, at each step."""

    connect: float = 20
    answer: float = 60
    accept: float = 300  # for its word on a mail it has got whole, as RFC 5321 (4.5.3.2.6) asks


PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server as we were told of it."""

    host: str
    port: int
    security: str
    username: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    more: tuple[str, ...] = ()
    """Other folders that are read."""
    after: str = "mark"
    """What happens to a mail there once we have it: mark (as read), leave, move, or delete."""
    move_to: str = ""
    token: Callable[[str], str] | None = field(default=None, repr=False)
    """Where we sign in by OAuth2: gives a token for the password's place; another one than the one it is handed, which was
    refused. Raises NotNow."""

    @classmethod
    def told(cls, told: Told, *, ports: Mapping[str, int]) -> "Server":
        """Read what we were told; `ports` are the usual ones, by security. Raises WrongSetting.

        Without encryption only this machine is spoken to, unless `insecure` is said to be true: a password in the clear
        is everybody's.
        """
        host = str(told.get("host") or "").strip()
        security = str(told.get("security") or "tls")
        if not host:
            raise WrongSetting("No mail server is set up here yet.")
        if re.search(r"[\s/\x00-\x1f\x7f]", host):
            raise WrongSetting(f"“{shown(host)}” is not the name of a mail server. It looks like mail.example.com.")
        if security not in ports:
            raise WrongSetting(f"The security of {host} must be one of {', '.join(ports)}; it is “{shown(security)}”.")
        if security == "none" and not is_loopback(host) and not told.get("insecure"):
            raise WrongSetting(f"Without encryption the password for {host} could be read on the way. Choose TLS or STARTTLS.")
        if told.get("after") == "move" and not told.get("move_to"):
            raise WrongSetting(f"Mail of {host} is to be moved once we have it: say to which folder.")
        try:
            port = int(told.get("port") or ports[security])
        except (TypeError, ValueError):
            port = 0
        if not 0 < port < 65536:
            raise WrongSetting(f"The port of {host} must be a number from 1 to 65535; it is “{shown(str(told['port']))}”.")
        for name in ("username", "password", "folder", "move_to", "more"):
            if re.search(r"[\x00-\x1f\x7f]", "".join(told.get(name) or "")):
                raise WrongSetting(f"The {name} for {host} holds a line break or another character that nobody can type.")
        return cls(
            host=host,
            port=port,
            security=security,
            username=str(told.get("username") or ""),
            password=str(told.get("password") or ""),
            folder=str(told.get("folder") or "INBOX"),
            more=tuple(str(name) for name in told.get("more") or ()),
            after=str(told.get("after") or "mark"),
            move_to=str(told.get("move_to") or ""),
            token=told.get("token"),
        )

    def tls(self) -> ssl.SSLContext:
        """Certificates and names are checked, always; a house with its own authority points SSL_CERT_FILE at it."""
        return ssl.create_default_context()


def is_loopback(host: str) -> bool:
    if host.lower() in ("localhost", "localhost.localdomain"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@contextmanager
def in_words(server: Server, seconds: float) -> Iterator[None]:
    """Turn what goes wrong between us and a server into a NotNow with a sentence that says what and where.

    `seconds` is how long each answer within is waited for.
    """
    host = server.host
    try:
        yield
    except TimeoutError as error:
        raise NotNow(f"The mail server {host} did not answer within {seconds:g} seconds.") from error
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise NotNow(f"The name {host} could not be looked up just now.") from error
        else:
            raise WrongSetting(f"There is no mail server by the name of {host}. Is it spelled right?") from error
    except UnicodeError as error:
        raise WrongSetting(f"“{shown(host)}” is not the name of a mail server.") from error
    except ssl.SSLCertVerificationError as error:
        raise WrongSetting(f"The certificate of {host} cannot be trusted: {shown(error.verify_message)}.") from error
    except ssl.SSLEOFError as error:
        raise NotNow(f"The mail server {host} hung up.") from error
    except ssl.SSLError as error:
        reason = shown(str(error.reason or error).replace("_", " ").lower())
        raise WrongSetting(
            f"Encryption with {host} on port {server.port} could not be agreed on ({reason}). TLS and STARTTLS have ports of their own."
        ) from error
    except ConnectionRefusedError as error:
        raise NotNow(f"Nobody answers at {host} on port {server.port}.") from error
    except (ConnectionError, EOFError) as error:
        raise NotNow(f"The mail server {host} hung up.") from error
    except OSError as error:
        raise NotNow(f"The mail server {host} could not be reached: {shown(error.strerror or str(error))}.") from error


def resolve_and_connect(server: Server) -> Iterator[str]:
    """The first two steps of any check, a sentence each. Raises what `in_words` knows how to say."""
    with in_words(server, PATIENCE.connect):
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    yield f"{server.host} is at {found[0][4][0]}."
    with in_words(server, PATIENCE.connect), socket.create_connection((server.host, server.port), PATIENCE.connect):
        pass
    yield f"It answers on port {server.port}."


class Private(str):
    """How private the way to a server is, in a sentence; and until when its certificate is good."""

    ends_at: datetime | None = None


def how_private(server: Server, wire: Any) -> Private:
    if server.security == "none" or not isinstance(wire, ssl.SSLSocket):
        return Private("Nothing is encrypted on the way.")
    else:
        private = Private(f"Encrypted, and the certificate is {server.host}'s.")
        certificate = wire.getpeercert() or {}
        if until := certificate.get("notAfter"):
            private.ends_at = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(until)), UTC)
        return private


def shown(words: bytes | str, *, limit: int = 300) -> str:
    """A server's own words, fit to stand in a sentence of ours: one line, no control characters, not too long."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    text = re.sub(r"""\Ab(["'])(.*)\1\Z""", r"\2", text, flags=re.DOTALL)  # as imaplib spells bytes
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
