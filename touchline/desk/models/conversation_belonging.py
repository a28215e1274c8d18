"""Which conversation an email belongs to: the candidates on our rows, among which `core.mail.belonging` chooses."""

from collections.abc import Iterable, Sequence, Set
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.utils.translation import gettext as _

from touchline.core.mail.automatic import Automatic
from touchline.core.mail.belonging import (
    Choice,
    Clue,
    Thread,
    answered_ids,
    choose,
    conversation_of,
    conversations_named,
    tagged,
)
from touchline.core.mail.email import Email
from touchline.desk.keys import signing_keys
from touchline.desk.models.inbound_email import digest_of_id
from touchline.desk.models.mailbox import Mailbox
from touchline.desk.models.message import MessageKey

if TYPE_CHECKING:
    from touchline.desk.models.conversation import Conversation


class Belonging:
    SAME_MATTER: ClassVar = timedelta(days=14)
    MOST_MERGES: ClassVar = 50
    """One after another, that are followed to where they lead."""

    @classmethod
    def for_email(cls, email: Email, how: Automatic, mailbox: Mailbox, at: datetime) -> "tuple[Conversation | None, Choice]":
        """Which conversation an email belongs to, if any, and why. One that was merged leads to its target."""
        failed = cls._of_bounce(how, mailbox)
        if failed:
            because = _("It says that a message of ours did not arrive.")
            return failed, Choice(failed.pk, Clue.SIGNED_ID, because, new_writer=False, signed=True)
        else:
            threads = cls._threads_near(email, mailbox, at)
            choice = choose(email, threads, keys=signing_keys(), at=at)
            if choice.thread is None:
                choice = cls._of_answer(email, mailbox, at) or choice
            found = _conversations().filter(pk=choice.thread).first() if choice.thread else None
            return found, choice

    def target(self) -> "Conversation":
        """Where this conversation goes on: itself, or the one that it was merged into."""
        here = cast("Conversation", self)
        for _step in range(self.MOST_MERGES):
            if here.merged_into is None:
                return here
            here = here.merged_into
        return here

    @classmethod
    def _of_bounce(cls, how: Automatic, mailbox: Mailbox) -> "Conversation | None":
        if how.bounce and how.bounce.original_id:
            signed = conversation_of(how.bounce.original_id, keys=signing_keys())
            failed = MessageKey.find(how.bounce.original_id, mailbox)
            found = failed.conversation if failed and failed.is_ours else _conversations().filter(pk=signed or 0).first()
            return found.target() if found else None
        else:
            return None

    @classmethod
    def _of_answer(cls, email: Email, mailbox: Mailbox, at: datetime) -> Choice | None:
        """The conversation of a mail that answers this one and came before it, where its writer takes part in that."""
        key = (
            MessageKey.objects.filter(digest=digest_of_id(email.message_id), mailbox=mailbox, spoken_of=True)
            .select_related("message")
            .first()
        )
        theirs = cls._speaking_of({email.message_id}, cls._recent(email, mailbox, at)) if key else []
        near = cls._as_threads(
            [key.message.conversation_id, *(one for one, _id in theirs)] if key else [], [], writer=email.sender.address
        )
        found = next((thread for thread in near if email.sender.address in thread.participants), None)
        because = _("A message of this conversation answers it, and came before it.")
        return Choice(thread=found.id, clue=Clue.ANSWERS, because=because, new_writer=False) if found else None

    @classmethod
    def _threads_near(cls, email: Email, mailbox: Mailbox, at: datetime) -> list[Thread]:
        """The conversations that any clue of this email could point to."""
        near = set(conversations_named(email, keys=signing_keys()))
        answered = {digest_of_id(id): id for id in answered_ids(email)}
        keys = MessageKey.objects.filter(digest__in=answered)
        found = list(keys.values_list("message__conversation_id", "digest", "spoken_of"))
        known = [(conversation, answered[digest]) for conversation, digest, _absent in found]
        near |= {conversation for conversation, _id in known}
        near |= set(_conversations().filter(number__in=tagged(email.subject)).values_list("pk", flat=True))
        recent = cls._recent(email, mailbox, at)
        near |= set(recent)
        known += cls._speaking_of({answered[digest] for _one, digest, absent in found if absent}, recent)
        return list(cls._as_threads(near, known, writer=email.sender.address))

    @classmethod
    def _recent(cls, email: Email, mailbox: Mailbox, at: datetime) -> list[int]:
        """The conversations of the same person that went on less than two weeks ago, the latest first."""
        theirs = _conversations().filter(
            mailbox=mailbox, person__addresses__email__lower=email.sender.address.lower(), latest_at__gte=at - cls.SAME_MATTER
        )
        return list(theirs.filter(spam_at=None).order_by("-latest_at").values_list("pk", flat=True)[:50])

    @classmethod
    def _speaking_of(cls, ids: Set[str], conversations: Sequence[int]) -> list[tuple[int, str]]:
        """Which of these conversations answer a mail with one of these ids, that may not have come yet: (conversation, id).

        A MessageKey tells of one of them only, and where several people answered a mail before it came that may be a stranger's.
        """
        from touchline.desk.models.message import Message

        if not ids or not conversations:
            return []
        told = Message.objects.theirs().filter(conversation__in=conversations).values_list("conversation_id", "references")
        return [(conversation, id) for conversation, references in told for id in references if id in ids]

    @classmethod
    def _as_threads(cls, near: Iterable[int], known: Sequence[tuple[int, str]], *, writer: str) -> Iterable[Thread]:
        from touchline.desk.models.participant import Participant

        homes: dict[int, Conversation] = {}
        also: dict[int, set[tuple[int, int]]] = {}
        for each in (
            _conversations().filter(pk__in=list(near)).select_related("merged_into").prefetch_related("person__addresses")
        ):
            home = each.target()
            homes[home.pk] = home
            also.setdefault(home.pk, set()).add((each.pk, each.number))
        # Whoever was only shown stays a new writer until a teammate adds them; a second mail is no way in.
        taking_part: dict[int, set[str]] = {}
        recipients = Participant.objects.recipients().filter(conversation__in=homes)
        for conversation_id, email in recipients.values_list("conversation_id", "email"):
            taking_part.setdefault(conversation_id, set()).add(email.lower())
        for conversation in homes.values():
            theirs = {address.email.lower() for address in conversation.person.addresses.all()}
            participants = taking_part.get(conversation.pk, set()) | theirs
            ids = {id for id, _number in also[conversation.pk]}
            yield Thread(
                id=conversation.pk,
                message_ids=frozenset(message_id for thread, message_id in known if thread in ids | {conversation.pk}),
                participants=frozenset(participants),
                subject=conversation.subject,
                number=conversation.number,
                last_at=conversation.latest_at,
                closed=conversation.closed_at is not None,
                writer=writer if writer in theirs else min(theirs, default=""),
                also=frozenset(ids - {conversation.pk}),
                also_numbers=frozenset(number for _id, number in also[conversation.pk]) - {conversation.number},
            )


def _conversations() -> Any:
    from touchline.desk.models.conversation import Conversation

    return Conversation.objects.all()
