"""How a teammate writes in a conversation: replies, notes, and taking a reply back."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django.db import models, transaction
from django.utils.translation import gettext as _

from touchline.core.mail.belonging import reply_address, sign_message_id
from touchline.core.mail.email import Correspondent
from touchline.core.mail.recipients import Answered, Chosen, Mode, Recipient, Recipients, TakesPart, Why, ascii_domain, recipients
from touchline.desk.keys import signing_keys
from touchline.desk.models.conversation_forwarding import Forwarding
from touchline.desk.models.conversation_outcomes import NothingInTheWay
from touchline.desk.models.desk import Desk
from touchline.desk.models.mailbox import Mailbox, our_addresses
from touchline.desk.models.message import Attachment, Message, MessageKey, Words
from touchline.desk.models.row import new_id
from touchline.desk.models.signature import Signature

if TYPE_CHECKING:
    from touchline.desk.models.conversation import Conversation
    from touchline.desk.models.draft import Draft
    from touchline.desk.models.teammate import Teammate


class SomethingNew(Exception):
    """Someone wrote here since you last looked: `said` is what they said."""

    def __init__(self, said: list[Message]) -> None:
        super().__init__(_("Something was said here since you last looked."))
        self.said = said


class NobodyToWriteTo(Exception):
    """There is no address in this conversation that may get a reply."""


class NothingWritten(Exception):
    """An empty reply or note."""


class OthersGetIt(Exception):
    """Since you looked, it would go to others, or come from another address, than you were shown."""


class TooLate(Exception):
    """The reply has left; it can no longer be taken back."""


class Writing(Forwarding):
    @transaction.atomic
    def reply(
        self,
        words: Words,
        *,
        by: "Teammate",
        at: datetime,
        seen: Message | None,
        moved: bool = False,
        draft: "Draft | None" = None,
        to: Chosen | None = None,
        shown: str = "",
        leaves: datetime | None = None,
        unless_they_write: bool = True,
    ) -> Message:
        """Write back, as `by`. The message leaves when its delivery is due; until then it can be taken back.

        `seen` is the last message that `by` had in front of them. If anything was said after it, nothing is sent and
        `SomethingNew` carries what was said: nobody answers over a colleague's head. `moved`: the blocker is out of
        the way with this, once the reply has left; NothingInTheWay where there is none. A draft that was sent already is
        not sent again; one that takes the place of an earlier message says so. `to`: who gets it, where that was chosen; else
        whoever `recipients` says; `shown` is then the key of the recipients that `by` had in front of them, and OthersGetIt
        says that they are others by now. `leaves`: not before then, and with `unless_they_write` not at all if somebody writes
        here first: then it is in its writer's box again. Raises NobodyToWriteTo and NothingWritten too.
        """
        from touchline.desk.models.delivery import Delivery

        conversation = self._still()
        twice = draft and conversation.sent_as(draft.key)
        if twice:
            return twice
        conversation._nothing_new(seen)
        answered = conversation._answered()
        resends = draft.resends if draft else None
        who = conversation.recipients(to, have_it=resends.got_by if resends else ())
        blocker = conversation.blocker
        if not who:
            raise NobodyToWriteTo
        if shown and to is None and not resends and shown != who.key:
            raise OthersGetIt
        if moved and blocker is None:
            raise NothingInTheWay
        message = conversation._write(Message.Kind.OURS, words, by=by, at=at, draft=draft)
        message.subject = _("Re: %(subject)s") % {"subject": conversation.subject}
        message.references = conversation._references()
        message.resends = resends
        mailbox = conversation._address(message, who)
        if reply_to := conversation._reply_to(who.from_):
            message.addressed["reply_to"] = [["", reply_to]]
        message.save()
        MessageKey.remember(message, mailbox)
        Delivery.objects.create(
            message=message,
            conversation=conversation,
            mailbox=mailbox,
            due_at=max(leaves or at, at + Desk.get().take_back_for),
            send_at=leaves,
            unless_they_write=leaves is not None and unless_they_write,
            written_at=at,
            moves=moved,
            blocker=blocker,
            quotes=answered,
            waited_since=conversation.waiting_since,
        )
        conversation.waiting_since = None
        conversation._noted(message)
        conversation.hold_back(message)
        return message

    @transaction.atomic
    def note(self, words: Words, *, by: "Teammate", at: datetime, draft: "Draft | None" = None) -> Message:
        """Words that only the team sees. They change nothing about who waits."""
        conversation = self._still()
        twice = draft and conversation.sent_as(draft.key)
        if twice:
            return twice
        message = conversation._write(Message.Kind.NOTE, words, by=by, at=at, draft=draft)
        conversation._noted(message)
        return message

    @transaction.atomic
    def take_back(self, message: Message, *, by: "Teammate", at: datetime) -> "Draft":
        """The reply does not leave, and its words are a draft again. Raises TooLate once it is on its way, and of what never waited."""
        from touchline.desk.models.delivery import Delivery
        from touchline.desk.models.draft import Draft

        conversation = self._still()
        delivery = Delivery.objects.select_for_update().filter(message=message).first()
        if delivery is None or delivery.released_at:
            raise TooLate
        kind = Draft.Kind.FORWARD if message.forwards_id else Draft.Kind.REPLY
        draft = Draft.of(conversation, message.teammate or by, at=at, kind=kind)
        if delivery.taken_back_at is None:
            delivery.taken_back_at = message.taken_back_at = at
            delivery.due_at = None
            delivery.save(update_fields=["taken_back_at", "due_at"])
            message.save(update_fields=["taken_back_at"])
            draft.take_in(message, at=at)
            draft.address_as(message)
            conversation.waiting_since = conversation.waiting_since or delivery.waited_since
            conversation._unsaid()
        return draft

    def recipients(self, chosen: Chosen | None = None, *, mode: Mode = Mode.ALL, have_it: Collection[str] = ()) -> Recipients:
        """Who gets a reply, from which address of ours, and why each: by themselves, or as a teammate chose."""
        return cast("Conversation", self).who_gets_it()(chosen=chosen, mode=mode, have_it=have_it)

    def who_gets_it(self) -> "partial[Recipients]":
        """The same question, to be asked in several ways after one look at who is here."""
        conversation = cast("Conversation", self)
        last = conversation._answered() or conversation._last_of_ours()
        ours = conversation.mailbox.ours()
        return partial(recipients, _as_answered(last) if last else None, conversation.taking_part(), ours)

    def outside(self, chosen: Chosen | None) -> Recipients:
        """Who gets what is passed on: only who was chosen, since nobody out there takes part."""
        conversation = cast("Conversation", self)
        from_ = conversation.recipients().from_
        chosen = chosen or Chosen()
        return recipients(None, [], conversation.mailbox.ours(), chosen=replace(chosen, from_=chosen.from_ or from_))

    def taking_part(self) -> list[TakesPart]:
        """Everyone in the conversation, those who are only shown too, in the order in which they came."""
        from touchline.desk.models.person import Address

        here = list(cast("Conversation", self).participants.order_by("id"))
        known = Address.objects.filter(email__lower__in=[one.email.lower() for one in here])
        whose = {address.email.lower(): address for address in known}
        return [
            TakesPart(
                name=one.name,
                address=one.email,
                gets=one.recipient_since is not None,
                person=address.person_id if address else None,
                bounces=bool(address and address.cannot_be_reached_at),
            )
            for one in here
            for address in [whose.get(one.email.lower())]
        ]

    def added(self, message: Message, *, at: datetime) -> None:
        """A reply has left: those whom its writer added to it take part from now on, but for who got it unseen (Bcc)."""
        from touchline.desk.models.participant import Participant

        assert message.teammate
        for one in correspondents(message.addressed.get("added")):
            participant = Participant.join(cast("Conversation", self), one, at=at, recipient=False)
            if participant.recipient_since is None:
                participant.add(by=message.teammate, at=at)

    def _answered(self) -> Message | None:
        """What a reply answers: the last words of somebody who gets it."""
        conversation = cast("Conversation", self)
        ours = our_addresses()
        taking_part = [p.email for p in conversation.participants.recipients() if p.email not in ours]
        return conversation.messages.by_people().filter(email__in=taking_part).order_by("at", "id").last()

    def _last_of_ours(self) -> Message | None:
        ours = cast("Conversation", self).messages.said().filter(kind=Message.Kind.OURS, automatic="", forwards=None)
        return ours.last()

    def _address(self, message: Message, who: Recipients) -> Mailbox:
        """Say on a message of ours who gets it, from which address and with which signature, and give it an id. The mailbox that
        it goes out by."""
        conversation = cast("Conversation", self)
        named = {name: _pairs(getattr(who, name)) for name in ("to", "cc", "bcc")}
        added = _pairs(one for one in who.to + who.cc if one.why is Why.CHOSEN)
        message.addressed = {"from": [[message.name, who.from_]], "to": named["to"], "cc": named["cc"]}
        message.addressed |= {name: pairs for name, pairs in (("bcc", named["bcc"]), ("added", added)) if pairs}
        mailbox = Mailbox.objects.reached_by(who.from_) or conversation.mailbox
        message.sent_from = who.from_ if who.from_ != mailbox.address else ""
        if message.teammate:
            message.signature, message.signature_html = Signature.beneath(message.teammate, mailbox)
        domain = ascii_domain(who.from_).rpartition("@")[2]
        message.message_id = sign_message_id(conversation.pk, unique=f"{message.pk:x}", domain=domain, key=signing_keys()[0])
        return mailbox

    def _reply_to(self, from_: str) -> str:
        """The address that leads back here by itself, where mail to such an address was seen to arrive; "" elsewhere."""
        conversation = cast("Conversation", self)
        mailbox = conversation.mailbox
        if mailbox.tags_arrive_at and from_ == mailbox.address:
            with suppress(ValueError):  # the name is too long to carry a signature; the Message-ID carries one
                return reply_address(mailbox.address, conversation.pk, key=signing_keys()[0])
        return ""

    def _still(self) -> "Conversation":
        """This conversation, as it is now, and until we are done."""
        return type(cast("Conversation", self)).objects.select_for_update().get(pk=cast("Conversation", self).pk)

    def sent_as(self, draft_key: str) -> Message | None:
        """The message that the draft with this key became; None where it was not sent, or was taken back."""
        return cast("Conversation", self).messages.filter(draft_key=draft_key, taken_back_at=None).first() if draft_key else None

    def _nothing_new(self, seen: Message | None) -> None:
        since = cast("Conversation", self).messages.said().filter(id__gt=seen.pk if seen else 0).by_somebody()
        if since:
            raise SomethingNew(list(since))

    def _unsaid(self) -> None:
        """Something was taken back: what was said last is what came before it."""
        conversation = cast("Conversation", self)
        said = conversation.messages.said()
        last, newest = said.by_somebody().last(), said.order_by("id").last()
        conversation.latest_message = newest.pk if newest else 0
        conversation.latest_at = last.at if last else conversation.started_at
        conversation.latest_words = last.excerpt if last else ""
        conversation.save()
        conversation.tell()

    def _write(
        self, kind: str, words: Words, *, by: "Teammate", at: datetime, draft: "Draft | None", may_be_empty: bool = False
    ) -> Message:
        conversation = cast("Conversation", self)
        words = words.with_pictures(draft.pictures() if draft else ())
        if draft:
            draft.forget_pictures(words.html)
        attached: Any = draft.attachments.all() if draft else Attachment.objects.none()
        if not words and not attached and not may_be_empty:
            raise NothingWritten
        message = Message.objects.create(
            id=max(new_id(at), conversation.latest_message + 1),
            conversation=conversation,
            kind=kind,
            at=at,
            teammate=by,
            name=by.name,
            text=words.text,
            html=words.html,
            has_html=bool(words.html),
            draft_key=draft.key if draft else "",
        )
        if draft:
            attached.update(message=message, draft=None)
            draft.delete()
        return message

    def _references(self) -> list[str]:
        """The ids of what was said among those who get it, the first and the last ten: what threads in every mail client. Newest last.

        None of a stranger, nor of what was passed on to one: an id names the server of whoever wrote it.
        """
        conversation = cast("Conversation", self)
        among_them = models.Q(kind=Message.Kind.OURS) | models.Q(
            email__lower__in=[one.email.lower() for one in conversation.participants.recipients()]
        )
        said = conversation.messages.said().exclude(message_id="").filter(among_them, automatic="", forwards=None)
        ids = list(said.values_list("message_id", flat=True))
        return ids if len(ids) <= 11 else [ids[0], *ids[-10:]]


def _as_answered(message: Message) -> Answered:
    told = message.addressed
    from_ = correspondents(told.get("from"))[0] if message.is_ours and told.get("from") else None
    to, cc, reply_to = (tuple(correspondents(told.get(name))) for name in ("to", "cc", "reply_to"))
    return Answered(
        from_=from_ or Correspondent(name=message.name, address=message.email),
        to=to,
        cc=cc,
        reply_to=() if message.is_ours else reply_to,
        reached=message.inbound.recipient if message.inbound else "",
    )


def _pairs(many: Iterable[Recipient]) -> list[list[str]]:
    return [[one.name, one.address] for one in many]


def correspondents(pairs: list[list[str]] | None) -> list[Correspondent]:
    return [Correspondent(name=name, address=address) for name, address in pairs or []]
