"""A connection to an IMAP server (RFC 3501): encrypted, signed in, with a folder open."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from difflib import get_close_matches
from typing import Any

from imapclient import IMAPClient, SocketTimeout  # type: ignore[import-untyped]
from imapclient.exceptions import (  # type: ignore[import-untyped]
    CapabilityError,
    IMAPClientAbortError,
    IMAPClientError,
    IMAPClientReadOnlyError,
    LoginError,
)

from touchline.channels.contract import NotNow, Place, WrongSetting
from touchline.channels.oauth import Sasl, mechanism
from touchline.channels.wire import PATIENCE, Server, in_words, shown

PORTS = {"tls": 993, "starttls": 143, "none": 143}

NOT_OUR_FAULT = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]")
"""What a server that lets nobody in just now says (RFC 5530)."""


class Line:
    """Signed in to a server, with one folder open at a time; all is opened anew where the server hangs up over one mail."""

    def __init__(self, server: Server, *, to_change: bool = True) -> None:
        """`to_change`: whether folders are opened so that something can be changed in them."""
        self.server = server
        self.to_change = to_change
        self.name = ""
        self.folder: dict[bytes, Any] = {}
        self._opened = ExitStack()

    def __enter__(self) -> "Line":
        with ExitStack() as opening:
            self.imap = opening.enter_context(connected(self.server))
            sign_in(self.imap, self.server)
            self._opened = opening.pop_all()
        return self

    def __exit__(self, *trouble: object) -> None:
        self._opened.close()

    def open(self, name: str) -> dict[bytes, Any]:
        """The folder's state: EXISTS and UIDVALIDITY at least. Raises WrongSetting where it cannot be opened."""
        self.folder = opened(self.imap, self.server, name, to_change=self.to_change)
        self.name = name
        return self.folder

    def anew(self) -> None:
        validity = self.folder[b"UIDVALIDITY"]
        self._opened.close()
        self.__enter__()
        self.open(self.name)
        if self.folder[b"UIDVALIDITY"] != validity:
            raise NotNow(f"{self.server.host} numbered “{self.name}” anew while we read it.")


@contextmanager
def connected(server: Server) -> Iterator[IMAPClient]:
    with in_imap_words(server, PATIENCE.connect):
        imap = IMAPClient(
            server.host,
            server.port,
            ssl=server.security == "tls",
            ssl_context=server.tls(),
            timeout=SocketTimeout(connect=PATIENCE.connect, read=PATIENCE.answer),
        )
    with imap:
        imap.normalise_times = False
        if server.security == "starttls":
            with in_imap_words(server):
                try:
                    imap.starttls(server.tls())
                except CapabilityError as error:
                    raise WrongSetting(
                        f"{server.host} does not offer STARTTLS on port {server.port}. Try TLS on port 993."
                    ) from error
        yield imap


def sign_in(imap: IMAPClient, server: Server) -> None:
    """Sign in, and agree on what a server may ask for before it opens a folder (RFC 2971, RFC 6855)."""
    with in_imap_words(server):
        if server.token:
            by_token(imap, server, server.token)
        else:
            entered(server, lambda: by_password(imap, server))
        if imap.has_capability("ID"):
            imap.id_({"name": "Touchline"})  # some let nobody open a folder who has not said this
        if imap.has_capability("ENABLE") and (imap.has_capability("UTF8=ACCEPT") or imap.has_capability("UTF8=ONLY")):
            imap.enable("UTF8=ACCEPT")  # without it some hand over a changed copy of a mail with UTF-8 in its headers
            imap._imap._mode_utf8()
            imap.folder_encode = False


def by_password(imap: IMAPClient, server: Server) -> None:
    if (server.username + server.password).isascii():
        imap.login(server.username, server.password)
    else:
        imap.plain_login(server.username, server.password)  # the one way that is UTF-8 (RFC 4616)


def by_token(imap: IMAPClient, server: Server, token: Callable[[str], str]) -> None:
    """Sign in by OAuth2. A token that the server refuses is renewed, once: it may have been taken back early."""
    offered = {name.decode("ascii", "replace") for name in imap.capabilities()}
    sasl = mechanism(server.host, {name.removeprefix("AUTH=") for name in offered if name.startswith("AUTH=")})
    good = token("")
    try:
        entered(server, lambda: imap.sasl_login(sasl.name, Answers(sasl, server, good)))
    except WrongSetting:
        entered(server, lambda: imap.sasl_login(sasl.name, Answers(sasl, server, token(good))))


class Answers:
    """What we say when the server asks: who we are, and then, where it told us what is wrong, that we have heard it."""

    def __init__(self, sasl: Sasl, server: Server, token: str) -> None:
        self.left = [sasl.first(server.username, token), sasl.heard]

    def __call__(self, _challenge: bytes) -> bytes | None:
        return self.left.pop(0) if self.left else None


def entered(server: Server, enter: Callable[[], object]) -> None:
    """Raises WrongSetting where the server does not let us in, NotNow where it lets nobody in just now."""
    try:
        enter()
    except LoginError as error:
        if isinstance(error.__context__, IMAPClientAbortError):
            raise error.__context__ from error
        said = shown(str(error))
        if any(code in said for code in NOT_OUR_FAULT):
            raise NotNow(f"{server.host} lets nobody sign in just now: “{said}”.") from error
        elif server.token:
            raise WrongSetting(f"{server.host} did not let {server.username} in by OAuth2: “{said}”.") from error
        else:
            raise WrongSetting(f"{server.host} refused the user name or the password of {server.username}: “{said}”.") from error


def opened(imap: IMAPClient, server: Server, name: str, *, to_change: bool) -> dict[bytes, Any]:
    with in_imap_words(server):
        try:
            folder: dict[bytes, Any] = imap.select_folder(name, readonly=not to_change)
        except IMAPClientReadOnlyError as error:
            raise WrongSetting(
                f"{server.username} may read “{name}” on {server.host} but change nothing there. Choose that mails are left as they are."
            ) from error
        except IMAPClientAbortError:
            raise
        except IMAPClientError as error:
            raise WrongSetting(
                f"The folder “{name}” on {server.host} cannot be opened: “{shown(str(error))}”.{perhaps(imap, name)}"
            ) from error
    if b"UIDVALIDITY" not in folder:
        raise WrongSetting(
            f"{server.host} keeps no lasting numbers in “{name}”, so we could not tell what is new. Choose another folder."
        )
    return folder


def perhaps(imap: IMAPClient, name: str) -> str:
    """A folder that may have been meant: one of nearly this name, or of this name within the server's own ("INBOX.Help")."""
    try:
        names = [place.name for place in places(imap)]
    except IMAPClientAbortError:
        raise
    except IMAPClientError:
        return ""
    within = [each for each in names if each.lower().endswith((f".{name.lower()}", f"/{name.lower()}"))]
    near = within or get_close_matches(name, names, n=1, cutoff=0.7)
    return f" Is “{near[0]}” meant?" if near else ""


def folders(server: Server) -> list[Place]:
    """Every folder that can be opened, by its name as people see it. Raises NotNow."""
    with connected(server) as imap:
        sign_in(imap, server)
        with in_imap_words(server):
            return places(imap)


def make_folder(server: Server, name: str) -> None:
    """Raises WrongSetting, with the server's own words, where it will not."""
    with connected(server) as imap:
        sign_in(imap, server)
        with in_imap_words(server):
            try:
                imap.create_folder(name)
            except IMAPClientAbortError:
                raise
            except IMAPClientError as error:
                raise WrongSetting(f"{server.host} would not make the folder “{name}”: “{shown(str(error))}”.") from error
            imap.subscribe_folder(name)


def places(imap: IMAPClient) -> list[Place]:
    """INBOX first, the others by name; what a server marks as the place of spam says so (RFC 6154)."""
    found = []
    for flags, _delimiter, name in imap.list_folders():
        said = {flag.lower() for flag in flags}
        if not said & {b"\\noselect", b"\\nonexistent"}:
            text = name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
            found.append(Place(text, spam=b"\\junk" in said or b"\\spam" in said))
    return sorted(found, key=lambda place: (place.name.upper() != "INBOX", place.name.lower()))


def broke(error: IMAPClientAbortError) -> bool:
    return "EOF" in str(error) or "socket error" in str(error)


@contextmanager
def in_imap_words(server: Server, seconds: float | None = None) -> Iterator[None]:
    with in_words(server, seconds or PATIENCE.answer):
        try:
            yield
        except IMAPClientAbortError as error:
            if broke(error):
                raise NotNow(f"The mail server {server.host} hung up.") from error
            else:
                raise NotNow(f"The mail server {server.host} broke off: “{shown(str(error))}”.") from error
        except IMAPClientError as error:
            raise NotNow(f"The mail server {server.host} did not do as it was asked: “{shown(str(error))}”.") from error
