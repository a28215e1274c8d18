"""Who gets an answer, from which address of ours, and why each of them: worked out before anything is sent."""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import idna

from touchline.core.mail.addresses import address_of
from touchline.core.mail.email import Correspondent

MANY = 20
"""More than so many at once is worth a second look."""

_NOBODY_READS = re.compile(r"(?:(?:no|do[-_.]?not)[-_.]?reply|mailer-daemon|bounces?)(?![a-z])")


class Mode(StrEnum):
    """How far an answer goes, where nobody was chosen by hand."""

    ALL = "all"
    ONE = "one"


class Why(StrEnum):
    """Why somebody gets an answer; or, from NOT_ADDED on, why they do not."""

    WROTE = "wrote"  # what is answered
    ASKED_FOR = "asked_for"  # the writer wants answers there (Reply-To)
    WITH_THEM = "with_them"  # the conversation is with them, or our last words went to them
    TAKES_PART = "takes_part"
    CHOSEN = "chosen"  # by the teammate, for this one
    NOT_ADDED = "not_added"  # wrote here unasked, or was taken out
    ELSEWHERE = "elsewhere"  # wants answers at another address
    SAME_PERSON = "same_person"  # gets it at another address
    NOBODY_READS = "nobody_reads"  # a machine's address
    NOT_THE_ONE = "not_the_one"  # only the one who is answered gets it
    TAKEN_OUT = "taken_out"  # by the teammate, of this one
    HAS_IT = "has_it"  # got it the first time


class Warn(StrEnum):
    """What is worth a look before something goes to an address."""

    BOUNCES = "bounces"
    NOBODY_READS = "nobody_reads"
    OUTSIDE = "outside"  # takes no part, and nobody who does is from that domain
    NEVER_WROTE = "never_wrote"  # takes no part


@dataclass(frozen=True, slots=True)
class Answered:
    """The mail that is answered: one that came in, or the last one of ours. `reached`: the address its envelope named."""

    from_: Correspondent
    to: tuple[Correspondent, ...] = ()
    cc: tuple[Correspondent, ...] = ()
    reply_to: tuple[Correspondent, ...] = ()
    reached: str = ""


@dataclass(frozen=True, slots=True)
class TakesPart:
    """Someone in a conversation. `gets`: what we write goes to them; else they are only shown. `person`: whose address it is."""

    name: str
    address: str
    gets: bool = True
    person: int | None = None
    bounces: bool = False


class OurAddresses(frozenset[str]):
    """Every address of ours: nobody we answer, nobody we help. In any case, with any tag, its domain in either spelling."""

    def __new__(cls, addresses: Iterable[str] = ()) -> "OurAddresses":
        return super().__new__(cls, (plain(address) for address in addresses))

    def __contains__(self, address: object) -> bool:
        return isinstance(address, str) and self.named(address) != ""

    def named(self, address: str) -> str:
        """Which of ours it is, as we call it; "" where it is none."""
        here = super().__contains__
        address = plain(address)
        untagged = without_tag(address)
        return address if here(address) else untagged if here(untagged) else ""


@dataclass(frozen=True, slots=True)
class Ours:
    """Our addresses: the mailbox's own, its aliases, and every other one of the desk."""

    home: str
    aliases: tuple[str, ...]
    every: OurAddresses

    def __contains__(self, address: object) -> bool:
        return address in self.every or address in OurAddresses(self.of_home)

    @property
    def of_home(self) -> tuple[str, ...]:
        return self.home, *self.aliases


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who gets it as a teammate chose: who is not named gets nothing. `from_` "" leaves that to the mail that is answered."""

    to: tuple[Correspondent, ...] = ()
    cc: tuple[Correspondent, ...] = ()
    bcc: tuple[Correspondent, ...] = ()
    from_: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    name: str
    address: str
    why: Why
    warnings: tuple[Warn, ...] = ()


@dataclass(frozen=True, slots=True)
class Recipients:
    """Who gets it, and who might but does not (`left_out`). It is false where nobody gets it."""

    from_: str
    to: tuple[Recipient, ...] = ()
    cc: tuple[Recipient, ...] = ()
    bcc: tuple[Recipient, ...] = ()
    left_out: tuple[Recipient, ...] = ()

    @property
    def everyone(self) -> tuple[Recipient, ...]:
        return self.to + self.cc + self.bcc

    @property
    def key(self) -> str:
        """A short word that is another one when somebody else gets it, or it comes from elsewhere."""
        who = [sorted(plain(one.address) for one in many) for many in (self.to, self.cc, self.bcc)]
        return hashlib.sha256(repr((plain(self.from_), who)).encode()).hexdigest()[:16]

    @property
    def are_many(self) -> bool:
        return len(self.everyone) > MANY

    def __bool__(self) -> bool:
        return bool(self.everyone)


def recipients(
    last: Answered | None,
    taking_part: Sequence[TakesPart],
    ours: Ours,
    *,
    mode: Mode = Mode.ALL,
    chosen: Chosen | None = None,
    have_it: Collection[str] = (),
) -> Recipients:
    """Who gets an answer, and why.

    By themselves: to whoever wrote what is answered, or where they asked for answers (Reply-To), and then only there; with
    the others who take part copied. Never to an address of ours, nor to somebody who is only shown, nor twice to one person.
    It comes from the address that they wrote to. `last` is what is answered: the last mail of somebody who gets what we
    write, or ours where nobody else wrote; None where there is neither.

    `chosen` replaces all that, but for our own addresses, which are never answered. `have_it` are those who got the mail
    that this one takes the place of.
    """
    known = {plain(one.address): one for one in taking_part if one.address not in ours}
    found = _by_themselves(last, known, ours, mode)
    if chosen:
        found = _as_chosen(chosen, found, known, ours)
    return _without(found, {plain(one) for one in have_it} - ({plain(one.address) for one in _all_of(chosen)}))


def plain(address: str) -> str:
    """An address as addresses are compared: lower case, NFC, its domain in Unicode."""
    local, at, domain = address.strip().lower().rpartition("@")
    if "xn--" in domain:
        domain = address_of(f"x@{domain}").removeprefix("x@") or domain
    return unicodedata.normalize("NFC", f"{local}{at}{domain}")


def ascii_domain(address: str) -> str:
    """The same address with its domain as mail servers spell it (A-labels, RFC 5890); as it is where that cannot be."""
    local, at, domain = address.rpartition("@")
    try:
        return address if domain.isascii() else f"{local}{at}{idna.encode(domain, uts46=True).decode('ascii')}"
    except (idna.IDNAError, UnicodeError):
        return address


def without_tag(address: str) -> str:
    """`support+anything@desk.example` is the same mailbox as `support@desk.example`: what stands after the plus is a note."""
    local, at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}" if not local.startswith("+") else address


def nobody_reads(address: str) -> bool:
    """Whether an address says of itself that it is a machine's: noreply@, mailer-daemon@."""
    return _NOBODY_READS.match(plain(address)) is not None


def _by_themselves(last: Answered | None, known: Mapping[str, TakesPart], ours: Ours, mode: Mode) -> Recipients:
    get_it = {address: one for address, one in known.items() if one.gets}
    to = _answered(last, get_it, ours)
    writer = plain(last.from_.address) if last else ""
    named = {plain(one.address) for one in (*last.to, *last.cc)} if last else set()
    taken = {plain(one.address) for one in to}
    persons = {known[address].person for address in taken & known.keys()} - {None}
    cc: list[Recipient] = []
    left_out: list[Recipient] = []
    for address, one in known.items():
        if address in taken:
            continue
        elif not one.gets:
            left_out.append(_told(one, Why.NOT_ADDED, known))
        elif address == writer:
            left_out.append(_told(one, Why.ELSEWHERE, known))
        elif one.person in persons and address not in named:
            left_out.append(_told(one, Why.SAME_PERSON, known))
        elif nobody_reads(address):
            left_out.append(_told(one, Why.NOBODY_READS, known))
        elif mode is Mode.ONE:
            left_out.append(_told(one, Why.NOT_THE_ONE, known))
        else:
            cc.append(_told(one, Why.TAKES_PART, known))
            persons |= {one.person} - {None}
    return Recipients(_from(last, ours), tuple(to), tuple(cc), (), tuple(left_out))


def _answered(last: Answered | None, get_it: Mapping[str, TakesPart], ours: Ours) -> list[Recipient]:
    """To whom it is: not empty where anybody gets it."""
    first = [_told(one, Why.WITH_THEM, get_it) for one in get_it.values()][:1]
    if last is None:
        return first
    elif last.from_.address in ours:
        again = [one for one in last.to if plain(one.address) in get_it]
        return [_told(get_it[plain(one.address)], Why.WITH_THEM, get_it) for one in _once(again)] or first
    else:
        writer = plain(last.from_.address)
        elsewhere = _once(one for one in last.reply_to if one.address and one.address not in ours)
        if elsewhere and [plain(one.address) for one in elsewhere] != [writer]:
            return [_told(one, Why.WROTE if plain(one.address) == writer else Why.ASKED_FOR, get_it) for one in elsewhere]
        elif writer in get_it:
            return [_told(get_it[writer], Why.WROTE, get_it)]
        else:
            return first


def _from(last: Answered | None, ours: Ours) -> str:
    """The address they wrote to: one of the mailbox's own before another mailbox's, as To and Cc name them, then the envelope."""
    if last is None:
        return ours.home
    elif last.from_.address in ours:
        return _spelt(last.from_.address, ours) or ours.home
    else:
        named = [one.address for one in (*last.to, *last.cc)] + [last.reached]
        return next(filter(None, (_spelt(one, ours) for one in named)), "") or next(
            filter(None, map(ours.every.named, named)), ours.home
        )


def _spelt(address: str, ours: Ours) -> str:
    """Which address of the mailbox this is, as the mailbox spells it; "" where it is none of them."""
    by_plain = {plain(one): one for one in reversed(ours.of_home)}
    return by_plain.get(plain(address)) or by_plain.get(without_tag(plain(address)), "")


def _as_chosen(chosen: Chosen, found: Recipients, known: Mapping[str, TakesPart], ours: Ours) -> Recipients:
    by_themselves = {plain(one.address): one for one in (*found.to, *found.cc)}
    taken: set[str] = set()

    def of(many: Iterable[Correspondent]) -> tuple[Recipient, ...]:
        here = {plain(one.address): one for one in _once(many) if plain(one.address) not in taken and one.address not in ours}
        taken.update(here)
        return tuple(
            _told(known.get(address, one), by_themselves[address].why if address in by_themselves else Why.CHOSEN, known)
            for address, one in here.items()
        )

    to, cc, bcc = of(chosen.to), of(chosen.cc), of(chosen.bcc)
    out = [_told(one, Why.TAKEN_OUT, known) for address, one in by_themselves.items() if address not in taken]
    out += [one for one in found.left_out if plain(one.address) not in taken]
    from_ = _spelt(chosen.from_, ours) or (chosen.from_ if chosen.from_ == found.from_ else "") or found.from_
    return Recipients(from_, to, cc, bcc, tuple(out))


def _without(found: Recipients, have_it: Collection[str]) -> Recipients:
    def still(many: Iterable[Recipient]) -> tuple[Recipient, ...]:
        return tuple(one for one in many if plain(one.address) not in have_it)

    got = [
        Recipient(one.name, one.address, Why.HAS_IT, one.warnings)
        for one in (*found.everyone, *found.left_out)
        if plain(one.address) in have_it
    ]
    return Recipients(found.from_, still(found.to), still(found.cc), still(found.bcc), (*got, *still(found.left_out)))


def _told(one: TakesPart | Correspondent | Recipient, why: Why, known: Mapping[str, TakesPart]) -> Recipient:
    """With what is worth a look before something goes there."""
    here = known.get(plain(one.address))
    domains = {address.rpartition("@")[2] for address, other in known.items() if other.gets}
    warnings = []
    if here and here.bounces:
        warnings.append(Warn.BOUNCES)
    if nobody_reads(one.address):
        warnings.append(Warn.NOBODY_READS)
    if here is None and plain(one.address).rpartition("@")[2] not in domains:
        warnings.append(Warn.OUTSIDE)
    elif here is None:
        warnings.append(Warn.NEVER_WROTE)
    return Recipient(one.name, one.address, why, tuple(warnings))


def _once(many: Iterable[Correspondent]) -> list[Correspondent]:
    return list({plain(one.address): one for one in reversed(list(many))}.values())[::-1]


def _all_of(chosen: Chosen | None) -> tuple[Correspondent, ...]:
    return (*chosen.to, *chosen.cc, *chosen.bcc) if chosen else ()
