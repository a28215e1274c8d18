"""A signed POST to an address that an owner named: over TLS, never into our own network, and never further than that address."""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlsplit

from touchline.channels.wire import shown

PATIENCE = 5.0
"""Seconds for the whole of a call, from the first packet to the status line, once the name is looked up."""


class NotAllowed(ValueError):
    """An address that is never called; the reason is a sentence."""


class NotTaken(Exception):
    """The call was not taken; the reason is a sentence. A later try may help."""


class Place(NamedTuple):
    """An address of the web, taken apart."""

    host: str
    port: int
    path: str
    tls: bool


def check(url: str, *, private_hosts: Collection[str]) -> Place:
    """Take an address apart. Raises NotAllowed unless it is https, without a password, and of no network of our own.

    A host that an administrator listed among `private_hosts` may be anywhere, and may be spoken to without TLS.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host.encode("idna")
    except (ValueError, UnicodeError):
        raise NotAllowed("This is no address of the web. It looks like https://example.com/hooks.") from None
    listed = host in {each.lower() for each in private_hosts}
    if parts.scheme not in ("http", "https") or not host or any(ord(letter) < 33 for letter in url.strip()):
        raise NotAllowed("This is no address of the web. It looks like https://example.com/hooks.")
    elif parts.username is not None or parts.password is not None:
        raise NotAllowed("Leave out the user name and password: what we send is signed.")
    elif parts.scheme == "http" and not listed:
        raise NotAllowed("It must begin with https, so that nobody on the way reads along.")
    elif not listed and _is_private(host):
        raise NotAllowed(_private(host))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(host, port or (443 if parts.scheme == "https" else 80), path, parts.scheme == "https")


def post(url: str, body: bytes, headers: Mapping[str, str], *, private_hosts: Collection[str]) -> None:
    """Post it once. Raises NotTaken unless the answer is one of 200 to 299; nothing of an answer is read but its status.

    The name is looked up once, every address it has must be public, and it is one of those that is connected to: a name that
    points elsewhere a moment later (DNS rebinding) gains nothing. A redirection is not followed.
    """
    try:
        place = check(url, private_hosts=private_hosts)
    except NotAllowed as trouble:
        raise NotTaken(str(trouble)) from trouble
    found = _look_up(place)
    listed = place.host in {each.lower() for each in private_hosts}
    if not listed and any(_is_private(address) for address in found):
        raise NotTaken(_private(place.host))
    status = _talk(place, found[0], body, headers)
    if 300 <= status < 400:
        raise NotTaken(f"{place.host} sent us elsewhere ({status}), and we follow nobody. Name the address where it ends.")
    elif not 200 <= status < 300:
        raise NotTaken(f"{place.host} answered with {status}.")


def _look_up(place: Place) -> list[str]:
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotTaken(f"The name {place.host} could not be looked up.") from error
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _talk(place: Place, address: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The status that it answers with; all of it within PATIENCE, however slowly each byte comes."""
    connection = http.client.HTTPConnection(place.host, place.port, timeout=PATIENCE)
    plain: list[socket.socket] = []

    def hang_up() -> None:
        for each in plain:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    clock = threading.Timer(PATIENCE, hang_up)
    clock.daemon = True
    clock.start()
    try:
        connected = socket.create_connection((address, place.port), PATIENCE)
        plain.append(connected)
        if place.tls:
            connected = ssl.create_default_context().wrap_socket(connected, server_hostname=place.host)
            plain[:] = [connected]
        connection.sock = connected
        connection.request("POST", place.path, body, {**headers, "Connection": "close"})
        return connection.getresponse().status
    except ssl.SSLCertVerificationError as error:
        raise NotTaken(f"The certificate of {place.host} cannot be trusted: {shown(error.verify_message)}.") from error
    except TimeoutError as error:
        raise NotTaken(f"{place.host} did not answer within {PATIENCE:g} seconds.") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        if clock.is_alive():
            raise NotTaken(f"{place.host} could not be reached: {shown(str(error) or type(error).__name__)}.") from error
        else:
            raise NotTaken(f"{place.host} did not answer within {PATIENCE:g} seconds.") from error
    finally:
        clock.cancel()
        for each in plain:
            each.close()


def _private(host: str) -> str:
    return f"{host} is in a network of our own, which is not called. If you mean it, list it in TOUCHLINE_WEBHOOK_PRIVATE_HOSTS."


_CARRIES_IPV4 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052, section 2.1


def _is_private(host: str) -> bool:
    """Whether this is the number of a machine that the whole internet does not reach; of a name nobody can tell."""
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
    if isinstance(address, ipaddress.IPv6Address):
        within = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _CARRIES_IPV4:
            within = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if within is not None:
            address = within
    return not address.is_global or address.is_multicast
