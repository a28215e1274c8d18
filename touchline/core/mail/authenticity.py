"""Is a mail really from whom it says? What the server that took it in found out, and what its own signature proves.

Two roads lead to an answer. The server that received a mail for us writes what it found (Authentication-Results, RFC 8601), and is
believed as far as it can be told from a header that the sender made up. Or we verify the signature ourselves (DKIM, RFC 6376).
Either proves a domain, and a domain proves a sender only where it is that of the From header (RFC 7489, "alignment").
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import dkim

from touchline.core.mail.email import Email

MOST_HEADERS = 1_000
LONGEST_HEADERS = 500_000  # bytes
LARGEST = 30 * 1024 * 1024
"""Bytes of a mail whose signature is verified."""
MOST_SIGNATURES = 3
"""Of those that could prove anything; each costs a question to the outside."""
LEAST_KEY = 1024  # bits
_TELLING = (b"from", b"to", b"cc", b"subject", b"in-reply-to", b"references")


class Verdict(StrEnum):
    PROVED = "proved"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Authenticity:
    """What is known of a mail's sender. `domain` is that of the From header, `how` the method that decided: dmarc, dkim, spf or "".

    `sure`: so sure that somebody may be taken for who they say. What a server found that we only guess to be ours is not, nor is what
    rests on the envelope alone (SPF).
    """

    verdict: Verdict
    domain: str
    how: str = ""
    sure: bool = False

    @property
    def words(self) -> str:
        """The verdict as a sentence."""
        if self.verdict is Verdict.PROVED:
            because = {
                "dkim": "it is signed by it (DKIM)",
                "dmarc": "the checks that it asks for came out well (DMARC)",
                "spf": "it came from one of its servers (SPF)",
            }[self.how]
            return f"Really from {self.domain}: {because}."
        elif self.verdict is Verdict.FAILED:
            return f"It says that it is from {self.domain}, and the checks that {self.domain} asks for failed (DMARC)."
        elif self.domain:
            return f"Whether it is really from {self.domain} is not known."
        else:
            return "Whom it is really from is not known."


@dataclass(frozen=True, slots=True)
class _Result:
    """One method's result of an Authentication-Results header: `said` are its properties, "header.d" and so on."""

    method: str
    result: str
    said: dict[str, str] = field(default_factory=dict)


def from_domain(email: Email) -> str:
    """The domain that answers for a mail: that of its only From header, if the sender stands there; else ""."""
    written = email.headers.get("from", ())
    address = email.sender.address
    return _ascii(address.rpartition("@")[2]) if len(written) == 1 and address and address in written[0].lower() else ""


def judged(raw: bytes, domain: str, *, server: str = "", guess: bool = False) -> Authenticity | None:
    """What the server that took this mail in found out about `domain`; None where it says nothing that can be believed.

    `server` is its authserv-id, as an administrator told us. Where that is empty and `guess` allows it, it is the one that bears the
    name of the topmost server of all, which is the one we have the mail from; what it says is then not `sure`.
    """
    fields = list(_fields(raw))
    ours = _base(server) if server else _nearest(fields) if guess else ""
    if not (ours and domain):
        return None
    for name, value in fields:
        if name == "received":
            by = _received_by(value)
            if _is_a_domain(by) and not _within(by, ours):
                return None  # what stands below came with the mail
        elif name == "authentication-results":
            who, results = _results(value)
            named = who == server.lower() if server else _within(who, ours)
            if named or (not who and ours == "outlook.com"):  # Microsoft leaves its name out
                return _verdict(
                    results, domain, sure=bool(server) and (_by_its_own_servers(results, domain) or _is_whole(fields, domain))
                )
    return None


def server_that_checks(raw: bytes) -> str:
    """The authserv-id of the server that we have this mail from, as it names itself; "" where it checks nothing. To be confirmed by
    somebody who knows it: whoever handed us the mail may have written it."""
    fields = list(_fields(raw))
    ours = _nearest(fields)
    for name, value in fields:
        if name == "received" and _is_a_domain(by := _received_by(value)) and not _within(by, ours):
            return ""
        elif name == "authentication-results" and ours and _within(who := _results(value)[0], ours):
            return who
    return ""


def signed(raw: bytes, domain: str, *, texts_of: Callable[[str], bytes | None]) -> Authenticity | None:
    """Proof by the signature that the mail bears itself; None where it bears none that proves anything.

    `texts_of` gives the text that stands under a name of the DNS, or None; it may raise what it likes. A signature that covers only
    the beginning of a mail (`l=`), that is made with SHA-1 or with less than 1024 bits, proves nothing. A broken one says nothing either:
    lists and footers break them every day. It is `sure` where it covers whom the mail is for, what it is about and what it answers:
    what a signature leaves out, whoever holds the mail may have put in.
    """
    head = re.search(rb"\n\r?\n", raw[:LONGEST_HEADERS])
    if not domain or head is None or len(raw) > LARGEST:
        return None
    try:
        mail = dkim.DKIM(raw, minkey=LEAST_KEY)
    except dkim.DKIMException:
        return None
    signatures = [value for name, value in mail.headers if name.lower() == b"dkim-signature"]
    worth = [i for i, value in enumerate(signatures) if _could_prove(value, domain)][:MOST_SIGNATURES]
    for index in worth:
        try:
            good = mail.verify(idx=index, dnsfunc=lambda name, timeout=0: texts_of(name.decode("ascii", "ignore").rstrip(".")))
        except (dkim.DKIMException, ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError):
            continue  # the library meets what strangers wrote in signatures and keys, and does not foresee all of it
        if good:
            return Authenticity(Verdict.PROVED, domain, "dkim", sure=_covers(signatures[index], mail.headers))
    return None


def aligned(signer: str, domain: str) -> bool:
    """Whether a signer answers for a domain: it is the same, or one is beneath the other. Both have a dot.

    A public suffix signs nothing, so no list of them is needed; two that are beneath the same one are not taken for each other.
    """
    signer, domain = _ascii(signer), _ascii(domain)
    return _is_a_domain(signer) and _is_a_domain(domain) and (_within(signer, domain) or _within(domain, signer))


def _by_its_own_servers(results: Sequence[_Result], domain: str) -> bool:
    return any(
        each.method == "spf" and each.result == "pass" and aligned(_domain(each.said.get("smtp.mailfrom", "")), domain)
        for each in results
    )


def _is_whole(fields: Sequence[tuple[str, str]], domain: str) -> bool:
    """Whether whoever held this mail could not have changed whom it is for or what it answers: a signature of its domain covers that, or
    there is none that could have been taken over with it."""
    signatures = [value.encode() for name, value in fields if name == "dkim-signature"]
    worth = [each for each in signatures if _could_prove(each, domain)]
    headers = [(name.encode(), value.encode()) for name, value in fields]
    return not worth or any(_covers(each, headers) for each in worth)


def _verdict(results: Sequence[_Result], domain: str, *, sure: bool) -> Authenticity:
    dmarc = next((each for each in results if each.method == "dmarc"), None)
    about = dmarc and (not dmarc.said.get("header.from") or _ascii(_domain(dmarc.said["header.from"])) == domain)
    if dmarc and about and dmarc.result in ("pass", "bestguesspass"):
        return Authenticity(Verdict.PROVED, domain, "dmarc", sure=sure and dmarc.result == "pass")
    elif dmarc and about and dmarc.result == "fail":
        # Anyone can seal what was passed on (RFC 8617), so a good seal takes back the doubt, and proves nothing.
        passed_on = any(each.method == "arc" and each.result == "pass" for each in results)
        return Authenticity(Verdict.UNKNOWN if passed_on else Verdict.FAILED, domain, "" if passed_on else "dmarc", sure=sure)
    for each in results:
        signer = each.said.get("header.d") or _domain(each.said.get("header.i", ""))
        if each.method == "dkim" and each.result == "pass" and aligned(signer, domain):
            return Authenticity(Verdict.PROVED, domain, "dkim", sure=sure)
    for each in results:
        envelope = _domain(each.said.get("smtp.mailfrom", ""))
        if each.method == "spf" and each.result == "pass" and aligned(envelope, domain):
            return Authenticity(Verdict.PROVED, domain, "spf")
    return Authenticity(Verdict.UNKNOWN, domain)


def _fields(raw: bytes) -> Iterator[tuple[str, str]]:
    """The headers in their order, unfolded, by lower-case name; nothing below a line that is none."""
    block = re.split(rb"\r?\n\r?\n", raw[:LONGEST_HEADERS], maxsplit=1)[0]
    lines = re.split(rb"\r?\n(?![ \t])", block)[:MOST_HEADERS]
    for number, line in enumerate(lines):
        name, colon, value = line.partition(b":")
        if number == 0 and line.startswith((b"From ", b">From ")):
            continue
        if not colon or not re.fullmatch(rb"[!-9;-~]+[ \t]*", name):
            return
        yield name.decode("ascii").strip().lower(), re.sub(r"\s+", " ", value[:20_000].decode("ascii", "replace")).strip()


def _nearest(fields: Sequence[tuple[str, str]]) -> str:
    """The domain of the server that we have this mail from, by its topmost Received header."""
    by = next((_received_by(value) for name, value in fields if name == "received"), "")
    if by.startswith("2002:a05:"):  # how Google's servers call each other
        return "google.com"
    return _base(by) if _is_a_domain(by) else ""


def _received_by(value: str) -> str:
    found = re.search(r"(?:^|\s)by\s+([^\s;]+)", _without_comments(value), re.IGNORECASE)
    return found[1].lower().rstrip(".") if found else ""


def _results(value: str) -> tuple[str, list[_Result]]:
    """The name of the server that says so, and what it says. Its name is "" where it gives none."""
    pieces = [piece.strip() for piece in _without_comments(value).split(";")][:50]
    who = ""
    if pieces and "=" not in pieces[0]:
        who = (pieces.pop(0).split() or [""])[0].strip('"').lower()
    results = []
    for piece in pieces:
        method = re.match(r"([a-z0-9-]{1,30})(?:/\d+)?\s*=\s*([a-z]{1,30})", piece, re.IGNORECASE)
        if method:
            said = re.findall(
                r"\b([a-z]{1,20}\.[a-z0-9_-]{1,30})\s*=\s*(\"[^\"]*\"|[^\s;]+)", piece[method.end() :], re.IGNORECASE
            )
            properties = {name.lower(): value.strip('"').lower() for name, value in reversed(said)}
            results.append(_Result(method[1].lower(), method[2].lower(), properties))
    return who, results


def _without_comments(value: str) -> str:
    """Without what stands in (), however deep; what is quoted stays."""
    kept, depth, quoted, escaped = [], 0, False, False
    for letter in value[:10_000]:
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
            continue
        elif letter == '"' and not depth:
            quoted = not quoted
        elif letter == "(" and not quoted:
            depth += 1
            continue
        elif letter == ")" and not quoted:
            depth = max(0, depth - 1)
            continue
        if not depth:
            kept.append(letter)
    return "".join(kept)


def _could_prove(signature: bytes, domain: str) -> bool:
    tags = dict(re.findall(rb"(?:^|;)\s*([a-z]+)\s*=\s*([^;]*)", signature[:20_000]))
    modern = (
        tags.get(b"a", b"").strip().lower() == b"rsa-sha256"
    )  # SHA-1 proves nothing any more (RFC 8301); Ed25519 comes beside RSA
    return modern and b"l" not in tags and aligned(re.sub(rb"\s", b"", tags.get(b"d", b"")).decode("ascii", "ignore"), domain)


def _covers(signature: bytes, headers: Sequence[tuple[bytes, bytes]]) -> bool:
    named = re.search(rb"(?:^|;)\s*h\s*=([^;]*)", signature[:20_000])
    covered = {re.sub(rb"\s", b"", name).lower() for name in named[1].split(b":")} if named else set()
    return all(name.strip().lower() in covered for name, _value in headers if name.strip().lower() in _TELLING)


def _base(host: str) -> str:
    """What the servers of one house have in common: `mx.google.com` and `google.com` are both of `google.com`."""
    labels = host.lower().rstrip(".").split(".")
    return ".".join(labels[1:] if len(labels) > 2 else labels)


def _within(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def _is_a_domain(host: str) -> bool:
    return bool(re.fullmatch(r"(?:[a-z0-9_-]{1,63}\.)+[a-z][a-z0-9-]{0,62}", host))


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _ascii(domain: str) -> str:
    """As DNS has it: lower-case A-labels. What cannot be one stays, and is like nothing else."""
    domain = domain.strip().lower().rstrip(".")
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain
