"""Who gets what is being written: the line above the words, what it opens, and how a teammate chooses otherwise."""

import zlib
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from touchline.core.mail.addresses import correspondents_of
from touchline.core.mail.compose import can_be_sent_to
from touchline.core.mail.email import Correspondent
from touchline.core.mail.recipients import Chosen, Mode, Recipient, Recipients, plain
from touchline.desk.models import Conversation, Draft
from touchline.web import sentences
from touchline.web.request import Request

PLACES = ("to", "cc", "bcc")
MOST_ADDED = 50


class CannotAdd(Exception):
    """What was typed is no address that something can go to. Its words are a sentence."""


class Row(NamedTuple):
    """One address, where it stands ("" gets nothing), and why."""

    name: str
    address: str
    place: str
    why: str
    warnings: list[str]

    @property
    def id(self) -> str:
        """The same for the same address, wherever it stands."""
        return f"{zlib.crc32(plain(self.address).encode()):08x}"


class Addressing(NamedTuple):
    """What the reply box shows of who gets it."""

    kind: str
    line: list[str]
    rows: list[Row]
    from_: str
    froms: list[str]
    key: str  # of what was shown: comes back with the form
    looks: list[str]  # what is worth a look before it goes
    one: str  # the name of the one who is answered, where others get it too
    by_hand: bool
    open: bool
    error: str
    typed: str

    @property
    def version(self) -> str:
        """A short word that is another one when there is something else to show."""
        return f"{zlib.crc32(repr((self.key, self.rows)).encode()):08x}"


def shown(
    conversation: Conversation, draft: Draft | None, kind: str, *, open: bool = False, error: str = "", typed: str = ""
) -> Addressing:
    """As it stands in this draft; as the conversation has it where there is none. `open`, `error` and `typed`: what was just done."""
    who, by_itself = _who(conversation, draft, kind)
    rows = [_row(one, place) for place in PLACES for one in getattr(who, place)] + [_row(one, "") for one in who.left_out]
    everyone = by_itself.to + by_itself.cc
    forwards = kind == Draft.Kind.FORWARD
    looks = [f"{row.name or row.address}: {warning}" for row in rows if row.place for warning in row.warnings]
    if who.are_many:
        looks.insert(0, sentences.many_get_it(len(who.everyone)))
    return Addressing(
        kind=kind,
        line=sentences.will_get(who, passes_on=forwards),
        rows=rows,
        from_=who.from_,
        froms=list(dict.fromkeys([who.from_, by_itself.from_, *conversation.mailbox.ours().of_home])),
        key=who.key,
        looks=looks,
        one=(everyone[0].name or everyone[0].address) if len(everyone) > 1 and len(who.everyone) > 1 and not forwards else "",
        by_hand=bool(draft and draft.chosen) and not forwards,
        open=open or bool(error) or (forwards and not who),
        error=error,
        typed=typed,
    )


def keep(request: Request, conversation: Conversation, draft: Draft, *, add: bool = False) -> None:
    """Keep in the draft who is to get it, as the form says. A form that was left as it was leaves it to the conversation.

    `add`: take in the address that was typed, too. Raises CannotAdd.
    """
    if "shown" in request.POST:
        who, by_itself = _who(conversation, draft, draft.kind)
        chosen = _told(request, who, by_itself)
        typed = request.POST.get("add", "").strip() if add else ""
        if typed:
            chosen = _with(chosen, _read(typed, conversation), request.POST.get("add_place", ""))
        untouched = not typed and not draft.chosen and _key(conversation, draft, chosen) == request.POST["shown"]
        draft.address(None if untouched else chosen, **_beside(request, draft))


def choose(request: Request, conversation: Conversation, draft: Draft) -> None:
    """By one button: everyone who takes part, as it goes by itself, or only the one who is answered."""
    if request.POST.get("mode") == Mode.ONE:
        who = conversation.recipients(mode=Mode.ONE)
        draft.address(Chosen(_people(who.to), _people(who.cc), _people(who.bcc), who.from_), **_beside(request, draft))
    else:
        draft.address(None, **_beside(request, draft))


def _who(conversation: Conversation, draft: Draft | None, kind: str) -> tuple[Recipients, Recipients]:
    """Who gets it as the draft says, and who would by themselves."""
    chosen = draft.chosen if draft else None
    if kind == Draft.Kind.FORWARD:
        return conversation.outside(chosen), conversation.outside(None)
    else:
        asked = conversation.who_gets_it()
        have_it = draft.resends.got_by if draft and draft.resends else ()
        return asked(chosen=chosen, have_it=have_it), asked(have_it=have_it)


def _row(one: Recipient, place: str) -> Row:
    return Row(
        one.name, one.address, place, sentences.why_they_get_it(one.why), [sentences.worth_a_look(each) for each in one.warnings]
    )


def _told(request: Request, who: Recipients, by_itself: Recipients) -> Chosen:
    """What the form says of each address that it shows. Names are those we know."""
    names = {plain(one.address): one.name for found in (by_itself, who) for one in (*found.everyone, *found.left_out)}
    told: dict[str, list[Correspondent]] = {place: [] for place in PLACES}
    for address, place in zip(request.POST.getlist("who"), request.POST.getlist("place"), strict=False):
        if place in told and can_be_sent_to(address):
            told[place].append(Correspondent(names.get(plain(address), ""), address))
    return Chosen(tuple(told["to"]), tuple(told["cc"]), tuple(told["bcc"]), request.POST.get("from", ""))


def _read(typed: str, conversation: Conversation) -> tuple[Correspondent, ...]:
    found = correspondents_of([typed.replace(";", ",")])[:MOST_ADDED]
    cannot = [one.address for one in found if not can_be_sent_to(one.address)]
    ours = [one.address for one in found if one.address in conversation.mailbox.ours()]
    if not found or cannot:
        raise CannotAdd(_("We couldn’t read this address. It looks like nora@example.org."))
    elif ours:
        raise CannotAdd(_("%(address)s is an address of ours: what goes there comes back here.") % {"address": ours[0]})
    else:
        return found


def _with(chosen: Chosen, more: tuple[Correspondent, ...], place: str) -> Chosen:
    """Whoever is added stands where they were added, and nowhere else."""
    place = place if place in PLACES else "to"
    added = {plain(one.address) for one in more}
    rest = {each: tuple(one for one in getattr(chosen, each) if plain(one.address) not in added) for each in PLACES}
    rest[place] += more
    return Chosen(rest["to"], rest["cc"], rest["bcc"], chosen.from_)


def _key(conversation: Conversation, draft: Draft, chosen: Chosen) -> str:
    return (conversation.outside(chosen) if draft.kind == Draft.Kind.FORWARD else conversation.recipients(chosen)).key


def _beside(request: Request, draft: Draft) -> dict[str, object]:
    """What a draft that passes something on keeps beside: which files stay here, and whether it goes as a file of its own."""
    if draft.kind == Draft.Kind.FORWARD:
        ticked = set(request.POST.getlist("upload"))
        files = draft.attachments.listed().values_list("pk", flat=True)
        return {"without": [pk for pk in files if str(pk) not in ticked], "attached": "attached" in request.POST}
    else:
        return {}


def _people(many: Iterable[Recipient]) -> tuple[Correspondent, ...]:
    return tuple(Correspondent(one.name, one.address) for one in many)
