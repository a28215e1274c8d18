"""Email: IMAP in, SMTP out."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing

from touchline.channels import imap, imap_idle, imap_line, smtp
from touchline.channels.contract import (
    MAIL_LIMIT,
    Ask,
    Fetching,
    NotNow,
    Place,
    Refused,
    Reply,
    Step,
    StepName,
    Told,
    Watching,
    Way,
)
from touchline.channels.wire import Server
from touchline.core.mail.email import Email
from touchline.core.mail.understand import understand as read

kind = "email"

SECURITY = (("tls", "TLS"), ("starttls", "STARTTLS"), ("none", "none (this machine only)"))

STEPS: Mapping[Way, tuple[StepName, ...]] = {
    "in": ("resolve", "connect", "tls", "sign in", "folder"),
    "out": ("resolve", "connect", "tls", "sign in"),
}

asks = (
    Ask("in", "host", "IMAP server"),
    Ask("in", "port", "Port", "number", default="993"),
    Ask("in", "security", "Security", "choice", choices=SECURITY, default="tls"),
    Ask("in", "username", "User name"),
    Ask("in", "password", "Password", "secret"),
    Ask("in", "folder", "Folder", default="INBOX"),
    Ask("out", "host", "SMTP server"),
    Ask("out", "port", "Port", "number", default="587"),
    Ask("out", "security", "Security", "choice", choices=(SECURITY[1], SECURITY[0], SECURITY[2]), default="starttls"),
    Ask("out", "username", "User name", needed=False),
    Ask("out", "password", "Password", "secret", needed=False),
)


def fetch(told: Told, *, since: str, more: Mapping[str, str] | None = None, size_limit: int = MAIL_LIMIT) -> Fetching:
    """What is new in the folders, oldest first. Nothing is spoken to before the first is asked for, save that
    a setting that cannot be right raises WrongSetting at once."""
    return imap.New(Server.told(told, ports=imap.PORTS), since=since, more=more or {}, size_limit=size_limit)


def places(told: Told) -> Sequence[Place]:
    return imap_line.folders(Server.told(told, ports=imap.PORTS))


def make_place(told: Told, name: str) -> None:
    """Make a folder. Raises NotNow."""
    imap_line.make_folder(Server.told(told, ports=imap.PORTS), name)


def watch(told: Told, *, tell: Callable[[], None]) -> Watching:
    return imap_idle.Watch(Server.told(told, ports=imap.PORTS), tell)


def understand(raw: bytes) -> Email:
    return read(raw)


def send(told: Told, reply: Reply) -> Mapping[str, Refused]:
    return smtp.send(Server.told(told, ports=smtp.PORTS), reply)


def check(told: Told, *, way: Way) -> Iterator[Step]:
    """Resolve, connect, encrypt, sign in and open the folder, changing nothing. The last step says what is wrong, or that all is well."""
    step: StepName = "settings"
    try:
        with closing(tried(told, way)) as sentences:
            for step in STEPS[way]:
                said = next(sentences)
                yield Step(step, True, said, getattr(said, "ends_at", None))
    except NotNow as trouble:
        yield Step(step, False, str(trouble))
    else:
        yield Step("ready", True, "Mail can come in." if way == "in" else "Mail can go out.")


def tried(told: Told, way: Way) -> Generator[str, None, None]:
    if way == "in":
        return imap.check(Server.told(told, ports=imap.PORTS))
    else:
        return smtp.check(Server.told(told, ports=smtp.PORTS))
