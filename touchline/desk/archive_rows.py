"""The rows of an archive's mails, written many at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import gettext as _

from touchline.core.mail.automatic import Automatic
from touchline.core.mail.email import Email
from touchline.core.mail.fresh_words import FreshWords
from touchline.desk.archive_insert import insert
from touchline.desk.archive_people import People
from touchline.desk.archive_plan import is_by_a_person, keys_of
from touchline.desk.models.conversation import Conversation, addressed, attachments_of
from touchline.desk.models.inbound_email import InboundEmail, InboundKey
from touchline.desk.models.mailbox import Mailbox
from touchline.desk.models.message import Attachment, Message, MessageKey
from touchline.desk.models.row import free_ids
from touchline.desk.models.teammate import Teammate
from touchline.importers.found import Found


@dataclass(eq=False)
class Mail:
    """One mail on its way in. `inbound` is there where an earlier import had to set it aside."""

    found: Found
    email: Email
    how: Automatic
    words: FreshWords
    at: datetime
    thread: int
    digest: str
    by_us: bool
    inbound: InboundEmail | None
    kept: list[str] = field(default_factory=list)
    """Under which names the bytes of its attachments are kept."""
    id: int = 0
    """Of the message it becomes."""
    beside: bool = False
    """Another mail has its Message-ID, with other words."""

    @cached_property
    def keys(self) -> list[str]:
        return keys_of(self.email)

    @cached_property
    def print(self) -> str:
        return print_of(self.email.subject, self.words.new, self.words.rest)

    @property
    def is_theirs(self) -> bool:
        """A person wrote it who is not of the team."""
        return not self.by_us and is_by_a_person(self.how.kind)


class Filed(NamedTuple):
    """What became of a mail: a message (its id), or nothing yet, and why."""

    mail: Mail
    message: int | None
    trouble: str = ""


def print_of(subject: str, new: str, rest: str) -> str:
    """What two mails with one Message-ID have in common if they are one."""
    return repr((subject, new, rest))


def keep_inbound(mailbox: Mailbox, filed: Sequence[Filed], *, at: datetime) -> None:
    """What came in, before what it became: the messages point to it. Those that were set aside before are brought up to date."""
    new: list[InboundEmail] = []
    again: list[InboundEmail] = []
    for (mail, message, trouble), id in zip(filed, free_ids(InboundEmail, [at] * len(filed)), strict=True):
        if mail.inbound:
            again.append(mail.inbound)
        else:
            mail.inbound = InboundEmail(
                id=id,
                mailbox=mailbox,
                digest=mail.digest,
                size=len(mail.found.raw),
                via=InboundEmail.Via.IMPORT,
                received_at=mail.at,
                subject=mail.email.subject[:500],
                sender=f"{mail.email.sender.name} <{mail.email.sender.address}>"[:500],
            )
            new.append(mail.inbound)
        mail.inbound.message_id = message
        mail.inbound.filed_at = at
        mail.inbound.trouble = trouble
    insert(InboundEmail, new)
    insert(InboundKey, (InboundKey(mailbox=mailbox, digest=inbound.digest, inbound_id=inbound.pk) for inbound in new))
    InboundEmail.objects.bulk_update(again, ["message", "filed_at", "trouble"])


def keep_messages(mails: Sequence[Mail], conversations: Mapping[int, Conversation], people: People) -> None:
    teammates = {teammate.email.lower(): teammate for teammate in Teammate.objects.get_queryset()}
    messages = []
    attachments: list[Attachment] = []
    for mail in mails:
        email = mail.email
        message = Message(
            id=mail.id,
            conversation=conversations[mail.thread],
            kind=Message.Kind.OURS if mail.by_us else Message.Kind.THEIRS,
            at=mail.at,
            person_id=people.id_of(email.sender.address) if mail.is_theirs else None,
            teammate=teammates.get(email.sender.address) if mail.by_us else None,
            name=email.sender.name[:200],
            email=email.sender.address,
            subject=email.subject,
            text=mail.words.new,
            rest=mail.words.rest,
            has_html=bool(email.html),
            addressed=addressed(email),
            message_id=email.message_id,
            references=list(dict.fromkeys((*email.references, *email.in_reply_to)))[-40:],
            inbound=mail.inbound,
            automatic="" if is_by_a_person(mail.how.kind) else mail.how.kind.value,
            because=_because(mail),
            doubts=[doubt.words for doubt in email.doubts],
        )
        messages.append(message)
        attachments += attachments_of(email, message, mail.kept)
    for attachment, id in zip(
        attachments, free_ids(Attachment, [one.message.at for one in attachments if one.message]), strict=True
    ):
        attachment.id = id
    insert(Message, messages)
    insert(Attachment, attachments)


def keep_keys(mailbox: Mailbox, mails: Sequence[Mail], here: Mapping[str, MessageKey]) -> None:
    """Which ids there are now, and which are spoken of. `here`: those of their keys that there were before."""
    borne: dict[str, int] = {}
    spoken_of: dict[str, int] = {}
    for mail in mails:
        borne.setdefault(mail.keys[0], mail.id)
        for key in mail.keys[1:]:
            spoken_of.setdefault(key, mail.id)
    come = []
    for digest, message in borne.items():
        if digest in here and here[digest].spoken_of:
            here[digest].message_id = message
            here[digest].spoken_of = False
            come.append(here[digest])
    MessageKey.objects.bulk_update(come, ["message", "spoken_of"])
    new = [(digest, message, False) for digest, message in borne.items() if digest not in here]
    new += [(digest, message, True) for digest, message in spoken_of.items() if digest not in here and digest not in borne]
    insert(
        MessageKey,
        (
            MessageKey(mailbox=mailbox, digest=digest, message_id=message, spoken_of=spoken_of)
            for digest, message, spoken_of in new
        ),
    )


def _because(mail: Mail) -> str:
    because = (
        _("It is connected with the others here by the ids that mail programs write.")
        if mail.keys[1:]
        else _("It was in an archive.")
    )
    if mail.beside:
        because = _("Another mail with the same Message-ID and other words came before; both are kept.") + " " + because
    return because
