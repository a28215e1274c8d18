"""How a person answers a check-in: on its page, by mail, and with a word of their own."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, cast

from django.db import transaction
from django.utils.translation import gettext as _

from touchline.desk.models.activity import Activity
from touchline.desk.models.message import Message

if TYPE_CHECKING:
    from touchline.desk.models.check_in import CheckIn
    from touchline.desk.models.conversation import Conversation


class AnsweredAlready(Exception):
    """They answered before: the first answer stands."""


class TooLateToChange(Exception):
    """They said long ago what it was, or have changed it once."""


class Hearing:
    CHANGE_WITHIN: ClassVar = timedelta(minutes=10)
    """So long they can say that it was the other one, once."""
    MOST_WORDS: ClassVar = 5_000

    @transaction.atomic
    def hear(self, answer: str, words: str = "", *, at: datetime) -> None:
        """They pressed a button, and may have written a word: `answer` is one of Answer. Raises AnsweredAlready.

        While the spell stands, yes is `confirmed` and no is `returned`. Later the answer is kept and says nothing to the ledger. No, and
        any words, open the conversation: somebody waits.
        """
        check_in, conversation = self._locked()
        if check_in.answer:
            raise AnsweredAlready
        check_in.was_asked(at)  # whoever answers has been asked, whatever became of our note of it
        check_in.answer = answer
        check_in.answered_at = at
        check_in.words = words.replace("\r\n", "\n").replace("\0", "").strip()[: self.MOST_WORDS]
        message = check_in._say(conversation, at) if check_in.words else None
        check_in._count(conversation, message, at)
        check_in.due_at = check_in.expires_at
        check_in.save()

    @transaction.atomic
    def it_was_the_other(self, *, at: datetime) -> None:
        """They pressed the wrong button: what that meant is retracted, and the other is heard. Raises TooLateToChange."""
        check_in, conversation = self._locked()
        if not check_in.can_be_changed(at):
            raise TooLateToChange
        message = check_in.heard.message if check_in.heard else None
        if check_in.heard:
            check_in.heard.undo(by=None, at=at, in_place_of=check_in.by)
            conversation.refresh_from_db()
            check_in.blocker.refresh_from_db()
        check_in.answer = check_in.Answer.NO if check_in.answer == check_in.Answer.YES else check_in.Answer.YES
        check_in.changed_at = at
        if message:
            message.refresh_from_db()
        check_in._count(conversation, message, at)
        check_in.save()

    def can_be_changed(self, at: datetime) -> bool:
        answered = cast("CheckIn", self).answered_at
        return answered is not None and cast("CheckIn", self).changed_at is None and at - answered < self.CHANGE_WITHIN

    @classmethod
    def answered_by(cls, message: Message) -> "CheckIn | None":
        """The question that this mail answers; None where it answers none."""
        from touchline.desk.models.check_in import CheckIn

        answered = message.references[-1:] if message.is_theirs else []
        asked = Message.objects.filter(
            conversation=message.conversation_id, message_id__in=answered, automatic="check_in"
        ).first()
        return CheckIn.objects.filter(message_id=asked.pk).first() if asked else None

    @classmethod
    def heard_by_mail(cls, message: Message, *, at: datetime) -> str:
        """A teammate has said what this mail means. How we know it: "check_in" where it answers our question, which is over then."""
        check_in = cls.answered_by(message)
        if check_in is None:
            return "message"
        if check_in.closed_at is None and not check_in.answer:
            check_in._close(check_in.Because.BY_MAIL, at)
        return "check_in"

    def _locked(self) -> "tuple[CheckIn, Conversation]":
        """This check-in and where its conversation goes on, as they are now and until we are done."""
        mine = cast("CheckIn", self)
        conversations = type(mine.conversation).objects.select_for_update()
        conversation = conversations.get(pk=conversations.get(pk=mine.conversation_id).target().pk)
        mine.refresh_from_db()
        mine.blocker.refresh_from_db()
        return mine, conversation

    def _count(self, conversation: "Conversation", message: Message | None, at: datetime) -> None:
        """What the answer means for the blocker and for the conversation."""
        check_in = cast("CheckIn", self)
        blocker, name = check_in.blocker, check_in.person.called
        yes = check_in.answer == check_in.Answer.YES
        stands = blocker.moved_at == check_in.spell_began_at
        kind = Activity.Kind.WORKS if yes else Activity.Kind.BACK
        check_in.heard = None
        if stands:
            with Activity.of(conversation, kind, by=None, at=at, message=message, blocker=blocker, about=name) as activity:
                if yes:
                    blocker.confirm(at=at, source="check_in", key=activity.key("confirmed"))
                else:
                    blocker.come_back(at=at, source="check_in", key=activity.key("returned"))
                if message:
                    message.decided(Message.Outcome.WORKS if yes else Message.Outcome.BACK)
                check_in._wait(conversation, message, at)
            check_in.heard = activity
        elif message or not yes:
            check_in._wait(conversation, message, at)
            conversation.save()
        conversation.settle_blockers()

    def _wait(self, conversation: "Conversation", message: Message | None, at: datetime) -> None:
        """Where it is not yet out of the way, or they wrote, somebody waits: with the one who moved it, while they work here."""
        check_in = cast("CheckIn", self)
        if message or check_in.answer == check_in.Answer.NO:
            conversation.closed_at = None
            conversation.waiting_since = conversation.waiting_since or at
            if check_in.by.is_active:
                conversation.assignee = check_in.by

    def _say(self, conversation: "Conversation", at: datetime) -> Message:
        """What they wrote beside the buttons is a message of theirs."""
        from touchline.desk.models.row import new_id

        check_in = cast("CheckIn", self)
        asked = Message.objects.filter(pk=check_in.message_id or 0).first()
        to = (asked.addressed.get("to") or [["", ""]])[0] if asked else ["", ""]
        message = Message.objects.create(
            id=max(new_id(at), conversation.latest_message + 1),
            conversation=conversation,
            kind=Message.Kind.THEIRS,
            at=at,
            person=check_in.person,
            name=check_in.person.name or to[0],
            email=to[1],
            subject=asked.subject if asked else "",
            text=check_in.words,
            addressed={
                "from": [[check_in.person.name, to[1]]],
                "to": [[conversation.mailbox.name, conversation.mailbox.address]],
            },
            because=_("They wrote it on the page of our question whether it worked."),
        )
        conversation.hold_back(message)
        conversation._noted(message)
        return message
