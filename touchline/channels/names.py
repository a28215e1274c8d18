"""What stands in the DNS, asked for with patience that has an end."""

import dns.exception
import dns.resolver

SECONDS = 2.0


class NoAnswer(Exception):
    """The DNS did not answer in time, or there is none to ask."""


def texts(name: str, *, seconds: float = SECONDS) -> list[bytes]:
    """The TXT records of a name, each as one string of bytes; none where there is no such name. Raises NoAnswer."""
    try:
        found = _resolver().resolve(name, "TXT", lifetime=seconds, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.resolver.YXDOMAIN):
        return []
    except (dns.exception.DNSException, OSError, UnicodeError) as trouble:
        raise NoAnswer(f"The DNS did not say what stands under {name[:100]} ({type(trouble).__name__}).") from trouble
    return [b"".join(record.strings) for record in found]


_made: list[dns.resolver.Resolver] = []


def _resolver() -> dns.resolver.Resolver:
    """This machine's resolver, with a memory, since those who write to us write more than once."""
    if not _made:
        resolver = dns.resolver.Resolver()
        resolver.cache = dns.resolver.LRUCache(1_000)
        _made.append(resolver)
    return _made[0]
