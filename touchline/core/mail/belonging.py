"""Which conversation an email belongs to, and why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from touchline.core.mail.email import Email
from touchline.core.mail.signing import conversation_of, conversation_of_address, reply_address, sign_message_id
from touchline.core.mail.subjects import plain_subject, tagged

__all__ = [
    "Choice", "Clue", "Thread", "answered_ids", "choose", "conversation_of", "conversation_of_address", "conversations_named",
    "plain_subject", "reply_address", "sign_message_id", "tagged",
]  # fmt: skip

MOST_IDS_FROM_EACH_END = 20
SAME_SUBJECT_WITHIN = timedelta(weeks=2)


class Clue(StrEnum):
    """What told us, strongest first."""

    REPLY_ADDRESS = "reply_address"
    ANSWERS = "answers"
    SIGNED_ID = "signed_id"
    TAG = "tag"
    SAME_SUBJECT = "same_subject"
    NONE = "none"

    @property
    def is_weak(self) -> bool:
        """Whether anyone could bring it about who knows whom we help and what about: neither a sender nor a subject proves a thing."""
        return self in (Clue.TAG, Clue.SAME_SUBJECT)


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation as far as it matters here. Addresses are lower-case; `writer` is the address of the person it is with.

    `also` and `also_numbers` are those of the conversations that were merged into it, whose names lead to it now.
    """

    id: int
    message_ids: frozenset[str]
    participants: frozenset[str]
    subject: str
    number: int
    last_at: datetime
    closed: bool
    writer: str
    also: frozenset[int] = frozenset()
    also_numbers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """`thread` is the id of the conversation, None for a new one; `because` a sentence that is shown beside the message.

    `new_writer`: its writer was no part of that conversation. They are shown, but are no recipient of anything until a
    teammate adds them. `signed`: a name of ours led there that nobody can guess, so it answers what we sent.
    """

    thread: int | None
    clue: Clue
    because: str
    new_writer: bool = False
    signed: bool = False


def choose(email: Email, among: Sequence[Thread], *, keys: Sequence[bytes], at: datetime, archive: bool = False) -> Choice:
    """Which conversation an email belongs to, and why we think so.

    The clues, strongest first:

    1. it is addressed to a reply address that we signed;
    2. it answers a message of ours (its id is signed) or of theirs, and its writer takes part in the conversation;
    3. it answers a message whose id we signed, and its writer is new: it is shown there, and the team is told;
    4. our tag is in its subject, and its writer takes part;
    5. the same person wrote about the same subject within two weeks, and it is not closed.

    A new writer is shown, but is no recipient of anything until a teammate adds them: whoever was forwarded a mail holds
    its reply address too. A subject alone is never enough, and neither is a stranger with a guessed id. The last two clues
    rest on a sender that anyone can forge, so they bring no one in: a mail that wants its answer elsewhere, with someone
    who takes no part, starts a conversation of its own. So does an email with no clue.

    `among` are the candidates; a conversation that was merged is known under all the ids that lead to it. `at` is when the
    email came in. With `archive`, an import we trust, whoever answers a message belongs to its conversation.
    """
    by_id = {id: thread for thread in among for id in (thread.id, *thread.also)}
    writer = email.sender.address
    for conversation in _in_addresses(email, keys):
        if conversation in by_id:
            thread = by_id[conversation]
            return _chosen(
                thread, writer, Clue.REPLY_ADDRESS, "It was sent to the reply address of this conversation.", signed=True
            )
    stranger: Choice | None = None
    for answered in answered_ids(email):
        named = by_id.get(conversation_of(answered, keys=keys) or 0)
        holding = [one for one in among if answered in one.message_ids]
        found = named or next((one for one in holding if writer and writer in one.participants), next(iter(holding), None))
        if found is None:
            continue
        if archive or (writer and writer in found.participants):
            because = "It answers a message of this conversation."
            return _chosen(found, writer, Clue.ANSWERS, because, signed=named is not None)
        if named and stranger is None:
            stranger = _chosen(
                named, writer, Clue.SIGNED_ID, "It answers a message that we sent in this conversation.", signed=True
            )
    if stranger:
        return stranger
    for number in tagged(email.subject):
        for thread in among:
            if (
                number in (thread.number, *thread.also_numbers)
                and writer
                and writer in thread.participants
                and _answers_stay_here(email, thread)
            ):
                return _chosen(thread, writer, Clue.TAG, f"Its subject names [TL-{number}], and its writer takes part in it.")
    subject = plain_subject(email.subject).casefold()
    recent = [
        thread
        for thread in among
        if subject
        and writer
        and writer == thread.writer
        and not thread.closed
        and _answers_stay_here(email, thread)
        and abs(at - thread.last_at) <= SAME_SUBJECT_WITHIN
        and plain_subject(thread.subject).casefold() == subject
    ]
    if recent:
        latest = max(recent, key=lambda thread: (thread.last_at, thread.id))
        return _chosen(latest, writer, Clue.SAME_SUBJECT, "The same person wrote about the same subject less than two weeks ago.")
    return Choice(None, Clue.NONE, "It answers nothing that we know, so it starts a conversation.")


def conversations_named(email: Email, *, keys: Sequence[bytes]) -> list[int]:
    """The conversations that our own signatures in an email name, strongest clue first: candidates to look up for `choose`."""
    signed = (conversation_of(answered, keys=keys) for answered in answered_ids(email))
    return list(dict.fromkeys([*_in_addresses(email, keys), *(one for one in signed if one)]))


def answered_ids(email: Email) -> list[str]:
    """The ids an email answers: In-Reply-To, then References from the newest; at most 20 from each end, each once."""
    references = email.references
    if len(references) > 2 * MOST_IDS_FROM_EACH_END:
        references = references[:MOST_IDS_FROM_EACH_END] + references[-MOST_IDS_FROM_EACH_END:]
    ids = dict.fromkeys([*email.in_reply_to[:MOST_IDS_FROM_EACH_END], *reversed(references)])
    return [one for one in ids if one != email.message_id]


def _in_addresses(email: Email, keys: Sequence[bytes]) -> Iterator[int]:
    for address in [*email.envelope_to, *(one.address for one in (*email.to, *email.cc))]:
        conversation = conversation_of_address(address, keys=keys)
        if conversation is not None:
            yield conversation


def _answers_stay_here(email: Email, thread: Thread) -> bool:
    """Whether those who would get the answer take part already."""
    return all(one.address in thread.participants for one in email.reply_to)


def _chosen(thread: Thread, writer: str, clue: Clue, because: str, *, signed: bool = False) -> Choice:
    new_writer = writer not in thread.participants
    because = f"{because} Its writer was no part of it before." if new_writer else because
    return Choice(thread.id, clue, because, new_writer, signed)
