"""What stands in the DNS, asked for with patience that has an end."""

from typing import Any

import dns.exception
import dns.resolver

SECONDS = 2.0


class NoAnswer(Exception):
    """The DNS did not answer in time, or there is none to ask."""


def texts(name: str, *, seconds: float = SECONDS) -> list[bytes]:
    """The TXT records of a name, each as one string of bytes; none where there is no such name. Raises NoAnswer."""
    return [b"".join(record.strings) for record in _records(name, "TXT", seconds)]


def mail_servers(domain: str, *, seconds: float = SECONDS) -> list[str]:
    """The servers that take mail for a domain, the first to be tried first; none where it has no MX record. Raises NoAnswer.

    "" among them is a null MX: the domain takes no mail (RFC 7505).
    """
    found = sorted(
        (record.preference, record.exchange.to_text(omit_final_dot=True)) for record in _records(domain, "MX", seconds)
    )
    return [name.strip(".") for _preference, name in found]


def _records(name: str, kind: str, seconds: float) -> list[Any]:
    try:
        return list(_resolver().resolve(name, kind, lifetime=seconds, search=False))
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.resolver.YXDOMAIN):
        return []
    except (dns.exception.DNSException, OSError, UnicodeError) as trouble:
        raise NoAnswer(f"The DNS did not say what stands under {name[:100]} ({type(trouble).__name__}).") from trouble


_made: list[dns.resolver.Resolver] = []


def _resolver() -> dns.resolver.Resolver:
    """This machine's resolver, with a memory, since those who write to us write more than once."""
    if not _made:
        resolver = dns.resolver.Resolver()
        resolver.cache = dns.resolver.LRUCache(1_000)
        _made.append(resolver)
    return _made[0]
