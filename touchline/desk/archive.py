"""Taking in an archive: years of mail in bulk, into conversations that are closed. Nobody waits, nothing is mailed, nothing is counted.

It goes over the mails twice. `plan` reads who wrote what and which ids it bears and answers, so that the order of the mails does not
matter. `take` keeps and files them, a batch in a transaction: whatever ends it, doing it again ends with the same conversations.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from touchline.core.mail.automatic import automatic
from touchline.core.mail.email import Correspondent, Email
from touchline.core.mail.fresh_words import fresh_words
from touchline.core.mail.understand import understand
from touchline.desk import files
from touchline.desk.archive_conversations import Conversations
from touchline.desk.archive_people import People
from touchline.desk.archive_plan import HEADERS_ARE_ENOUGH, Plan, is_by_a_person
from touchline.desk.archive_rows import Filed, Mail, keep_inbound, keep_keys, keep_messages, print_of
from touchline.desk.live import publish
from touchline.desk.models.inbound_email import InboundEmail, InboundKey
from touchline.desk.models.mailbox import Mailbox, our_addresses
from touchline.desk.models.message import Message, MessageKey
from touchline.desk.models.row import free_ids
from touchline.importers.found import Found

MOST_REMEMBERED = 16 * 1024 * 1024
"""Bytes of mails that are not read a second time."""
MOST_ASKED = 5_000
"""Keys that are asked of the database at once."""

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Aside:
    """A mail that is in no conversation, and why."""

    where: str
    sender: str
    subject: str
    because: str


@dataclass(slots=True)
class Report:
    """What came of it. Every mail that was read is new, here already, a repeat of another, or set aside."""

    read: int = 0
    new: int = 0
    here: int = 0
    repeats: int = 0
    again: int = 0
    """Of the new ones: those that an earlier import had to set aside."""
    beside: int = 0
    """Of the new ones: those whose Message-ID another mail had, with other words."""
    people: int = 0
    """People we had never heard of."""
    conversations: set[int] = field(default_factory=set)
    """Where the new ones are."""
    aside: list[Aside] = field(default_factory=list)


class Ours:
    """The addresses whose mails are the team's: those we were told, and every mailbox of the desk."""

    def __init__(self, team: Container[str]) -> None:
        self.team = team
        self.mailboxes = our_addresses()

    def __contains__(self, address: object) -> bool:
        return address in self.team or address in self.mailboxes


class Archive:
    """First `plan` every mail, then `look_around`, then `take` every mail in batches; `report` says what came of it."""

    def __init__(self, mailbox: Mailbox, *, team: Container[str], at: datetime, dry_run: bool = False) -> None:
        """`team`: addresses in lower case. With `dry_run` the report is the same and nothing is kept."""
        self.mailbox = mailbox
        self.ours = Ours(team)
        self.at = at
        self.dry_run = dry_run
        self.report = Report()
        self._plan = Plan(ours=self.ours, at=at)
        self.people = People(dry_run=dry_run)
        self.conversations = Conversations(mailbox, self._plan, self.people, at=at)
        self.said: dict[str, dict[str, int]] = {}
        """What was said under a Message-ID: the message for each print."""
        self.read: dict[str, Email] = {}
        """By digest: the first mails of the plan, so that those of a small archive are understood once."""
        self.remembered = 0
        self.done: set[str] = set()
        self.again: dict[str, InboundEmail] = {}
        """By digest: what earlier imports had to set aside."""

    def plan(self, found: Found) -> None:
        if not found.too_large:
            email = self._plan.add(found)
            if self.remembered < MOST_REMEMBERED and len(found.raw) < HEADERS_ARE_ENOUGH:
                self.remembered += len(found.raw)
                self.read[files.digest_of(found.raw)] = email

    def look_around(self) -> None:
        """Every mail is planned: see what the desk has of them already, and what it had to set aside until now."""
        for inbound in (
            InboundEmail.objects.set_aside()
            .filter(mailbox=self.mailbox, via=InboundEmail.Via.IMPORT)
            .order_by("received_at", "id")
            .iterator()
        ):
            self.again[inbound.digest] = inbound
            self._plan.add(_found_again(inbound))
        self._plan.close()
        for keys in pieces(self._plan.keys(), MOST_ASKED):
            self._find_homes(dict(keys))
        for some in pieces(self.again.values(), 100):
            self._file([self._read(_found_again(inbound), inbound.digest, inbound) for inbound in some])

    def take(self, batch: Sequence[Found]) -> None:
        """Keep these and put them where they belong. When this returns they are in, durably; if it fails, none of them is."""
        self._file([self._read(found, digest) for found, digest in self._not_here(batch)])

    def _not_here(self, batch: Sequence[Found]) -> Iterator[tuple[Found, str]]:
        digests = [files.digest_of(found.raw) for found in batch]
        here = self._kept(digests)
        for found, digest in zip(batch, digests, strict=True):
            self.report.read += 1
            if found.too_large:
                self._aside(
                    found.where,
                    Correspondent("", ""),
                    "",
                    _("It has more bytes than are taken; TOUCHLINE_MAX_MAIL_MB says how many are."),
                )
            elif digest in self.done:
                self.report.repeats += 1
            elif digest in here:
                self.report.here += digest not in self.again
            else:
                self.done.add(digest)
                yield found, digest

    def _kept(self, digests: Sequence[str]) -> set[str]:
        return set(InboundKey.objects.filter(mailbox=self.mailbox, digest__in=digests).values_list("digest", flat=True))

    def _read(self, found: Found, digest: str, inbound: InboundEmail | None = None) -> Mail:
        email = self.read.pop(digest, None) or understand(found.raw)
        return Mail(
            found=found,
            email=email,
            how=automatic(email),
            words=fresh_words(email),
            at=inbound.received_at if inbound else self._plan.said_at(email, found.at),
            thread=self._plan.thread(email),
            digest=digest,
            by_us=email.sender.address in self.ours,
            inbound=inbound,
        )

    def _file(self, mails: Sequence[Mail]) -> None:
        if not self.dry_run:
            kept = iter(
                files.keep_all(data for mail in mails for data in (mail.found.raw, *(one.data for one in mail.email.attachments)))
            )
            for mail in mails:
                next(kept)  # of the mail itself
                mail.kept = list(islice(kept, len(mail.email.attachments)))
        with transaction.atomic():
            Mailbox.objects.select_for_update(no_key=True).get(pk=self.mailbox.pk)
            # Once more, now that nobody else can add to it: the same mail may have come by another road meanwhile.
            here = self._kept([mail.digest for mail in mails if not mail.inbound])
            self.report.here += len(here)
            self._place([mail for mail in mails if mail.inbound or mail.digest not in here])
            publish("places", 0)

    def _place(self, mails: Sequence[Mail]) -> None:
        keys = self._recall(mails)
        filed: list[Filed] = []
        for mail, id in zip(mails, free_ids(Message, [mail.at for mail in mails]), strict=True):
            said = self.said.setdefault(mail.email.message_id, {})
            trouble = self._trouble(mail)
            if trouble:
                self._aside(mail.found.where, mail.email.sender, mail.email.subject, trouble)
                filed.append(Filed(mail, None, trouble))
            elif mail.print in said:
                self.report.repeats += 1
                filed.append(Filed(mail, said[mail.print]))
            else:
                mail.id, mail.beside = id, bool(said)
                said[mail.print] = id
                filed.append(Filed(mail, id))
        placed = [mail for mail in mails if mail.id]
        self.report.new += len(placed)
        self.report.again += sum(mail.inbound is not None for mail in placed)
        self.report.beside += sum(mail.beside for mail in placed)
        self.report.conversations |= {mail.thread for mail in placed}
        self._meet(placed)
        if not self.dry_run:
            keep_inbound(self.mailbox, filed, at=self.at)
            keep_messages(placed, self.conversations.with_(placed), self.people)
            keep_keys(self.mailbox, placed, keys)

    def _recall(self, mails: Sequence[Mail]) -> dict[str, MessageKey]:
        """What the desk has under the ids that these bear and answer: where their threads are, and what was said under their own."""
        if not self.dry_run:
            self.said = {}
        wanted = {key: mail.thread for mail in mails for key in mail.keys}
        keys = self._find_homes(wanted)
        twins = {mail.email.message_id for mail in mails if mail.keys[0] in keys and not keys[mail.keys[0]].spoken_of}
        homes = {keys[mail.keys[0]].message.conversation_id for mail in mails if mail.email.message_id in twins}
        for message in Message.objects.filter(conversation__in=homes, message_id__in=twins):
            self.said.setdefault(message.message_id, {})[print_of(message.subject, message.text, message.rest)] = message.pk
        return keys

    def _find_homes(self, wanted: Mapping[str, int]) -> dict[str, MessageKey]:
        """The keys that there are, of those wanted; the conversations of their threads are known from now on. `wanted`: key → thread."""
        found: dict[str, MessageKey] = {}
        for some in pieces(wanted, MOST_ASKED):
            for key in MessageKey.objects.filter(mailbox=self.mailbox, digest__in=some).select_related("message").only(
                "digest", "spoken_of", "message__conversation_id"
            ):  # fmt: skip
                found[key.digest] = key
                self.conversations.is_at_home(wanted[key.digest], key.message.conversation_id)
        return found

    def _trouble(self, mail: Mail) -> str:
        if mail.email.unread:
            return mail.email.unread
        elif not mail.email.sender.address:
            return _("We could not tell who wrote this.")
        elif mail.thread in self.conversations.homes or self._plan.story(mail.thread).person:
            return ""
        elif is_by_a_person(mail.how.kind):
            return _("The team wrote it to nobody but itself, and nobody answered: we cannot tell whom it was for.")
        else:
            return mail.how.because

    def _aside(self, where: str, sender: Correspondent, subject: str, because: str) -> None:
        self.report.aside.append(
            Aside(where, f"{sender.name} <{sender.address}>" if sender.name else sender.address, subject, because)
        )

    def _meet(self, placed: Sequence[Mail]) -> None:
        met = [(mail.email.sender, mail.at) for mail in placed if mail.is_theirs]
        for thread in {mail.thread for mail in placed}:
            story = self._plan.story(thread)
            about = story.asked or (None if thread in self.conversations.homes else story.addressed)
            if about:
                met.append((about[1], about[0]))
        self.report.people += self.people.meet(met)


def _found_again(inbound: InboundEmail) -> Found:
    return Found(inbound.raw(), inbound.received_at, _("an earlier import"))


def pieces(things: Iterable[Thing], size: int) -> Iterator[list[Thing]]:
    several = iter(things)
    while some := list(islice(several, size)):
        yield some
