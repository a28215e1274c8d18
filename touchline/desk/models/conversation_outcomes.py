"""What a teammate says of a conversation: who has it, whether it is closed, and what their words mean for the blocker."""

from datetime import datetime
from typing import TYPE_CHECKING, cast

from django.db import transaction

from touchline.desk.models.activity import Activity
from touchline.desk.models.blocker import Blocker
from touchline.desk.models.check_in import CheckIn
from touchline.desk.models.message import Message

if TYPE_CHECKING:
    from touchline.desk.models.conversation import Conversation
    from touchline.desk.models.teammate import Teammate


class NothingInTheWay(Exception):
    """There is no blocker here that this could be said of."""


class AlreadyDecided(Exception):
    """Someone has said already what these words mean."""


class NotMoved(Exception):
    """What stands in the way was not moved, or is back already: nothing can be said of how it fares."""


class Outcomes:
    @transaction.atomic
    def give(self, to: "Teammate | None", *, by: "Teammate", at: datetime) -> Activity:
        """It is with `to` from now on; with nobody where that is None."""
        conversation = cast("Conversation", self)._still()
        kind = Activity.Kind.LET_GO if to is None else Activity.Kind.TOOK if to == by else Activity.Kind.GAVE
        with Activity.of(conversation, kind, by=by, at=at, about=to.name if to else "") as activity:
            conversation.assignee = to
        return activity

    @transaction.atomic
    def nothing_to_answer(self, *, by: "Teammate", at: datetime) -> Activity:
        """Closed, without words. It opens again when they write."""
        conversation = cast("Conversation", self)._still()
        with Activity.of(conversation, Activity.Kind.CLOSED, by=by, at=at) as activity:
            conversation.closed_at = at
            conversation.waiting_since = None
        return activity

    @transaction.atomic
    def open_again(self, *, by: "Teammate", at: datetime) -> Activity:
        conversation = cast("Conversation", self)._still()
        with Activity.of(conversation, Activity.Kind.OPENED, by=by, at=at) as activity:
            conversation.closed_at = None
        return activity

    @transaction.atomic
    def move_blocker(
        self,
        *,
        by: "Teammate",
        at: datetime,
        blocker: Blocker | None = None,
        message: Message | None = None,
        closes: bool = False,
    ) -> Activity:
        """What stood in the way is out of the way. A second time changes nothing in the account.

        `blocker` is the one that a reply was about, where that may no longer be the newest; `closes` closes the
        conversation too, unless somebody waits in it.
        """
        conversation = cast("Conversation", self)._still()
        blocker = blocker or conversation.blocker
        if blocker is None:
            raise NothingInTheWay
        with Activity.of(conversation, Activity.Kind.MOVED, by=by, at=at, message=message, blocker=blocker) as activity:
            blocker.move(by=by, at=at, key=activity.key("moved"))
            CheckIn.plan(conversation, blocker, by=by, at=at)
            if closes and not conversation.waiting_since:
                conversation.closed_at = at
        conversation.settle_blockers()
        return activity

    @transaction.atomic
    def it_works(self, message: Message, *, by: "Teammate", at: datetime) -> Activity:
        """With these words the person says that it worked: `confirmed`, when they wrote it."""
        conversation = self._decide(message)
        blocker = conversation._spoken_of()
        with Activity.of(conversation, Activity.Kind.WORKS, by=by, at=at, message=message, blocker=blocker) as activity:
            blocker.confirm(at=message.at, source=CheckIn.heard_by_mail(message, at=at), key=activity.key("confirmed"))
            message.decided(Message.Outcome.WORKS)
        conversation.settle_blockers()
        return activity

    @transaction.atomic
    def it_is_back(self, message: Message, *, by: "Teammate", at: datetime) -> Activity:
        """With these words the person says that the same blocker is back: `returned`, when they wrote it."""
        conversation = self._decide(message)
        blocker = conversation._spoken_of()
        with Activity.of(conversation, Activity.Kind.BACK, by=by, at=at, message=message, blocker=blocker) as activity:
            blocker.come_back(at=message.at, source=CheckIn.heard_by_mail(message, at=at), key=activity.key("returned"))
            message.decided(Message.Outcome.BACK)
        conversation.settle_blockers()
        return activity

    @transaction.atomic
    def they_told_us_it_works(self, *, by: "Teammate", at: datetime) -> Activity:
        """A teammate heard without a mail (on the phone, say) that it worked: `confirmed`, now. Raises NotMoved."""
        conversation = cast("Conversation", self)._still()
        blocker = conversation._moved()
        with Activity.of(conversation, Activity.Kind.WORKS, by=by, at=at, blocker=blocker) as activity:
            blocker.confirm(at=at, source="teammate", key=activity.key("confirmed"))
        conversation.settle_blockers()
        return activity

    @transaction.atomic
    def they_told_us_it_is_back(self, *, by: "Teammate", at: datetime) -> Activity:
        """A teammate heard without a mail that it is back: `returned`, now. They wait again. Raises NotMoved."""
        conversation = cast("Conversation", self)._still()
        blocker = conversation._moved()
        with Activity.of(conversation, Activity.Kind.BACK, by=by, at=at, blocker=blocker) as activity:
            blocker.come_back(at=at, source="teammate", key=activity.key("returned"))
            conversation.closed_at = None
            conversation.waiting_since = conversation.waiting_since or at
        conversation.settle_blockers()
        return activity

    @transaction.atomic
    def something_new(self, message: Message, *, by: "Teammate", at: datetime) -> Activity:
        """These words are about something else that stands in their way: a blocker of its own, raised when they wrote."""
        conversation = self._decide(message)
        with Activity.of(conversation, Activity.Kind.NEW, by=by, at=at, message=message) as activity:
            words = " ".join(message.text.split())[:80] or conversation.subject
            Blocker.raise_(
                conversation, person=message.person or conversation.person, words=words, at=message.at, key=activity.key("raised")
            )
            message.decided(Message.Outcome.NEW)
        conversation.settle_blockers()
        return activity

    @transaction.atomic
    def just_a_thank_you(self, message: Message, *, by: "Teammate", at: datetime) -> Activity:
        """Kind words that say nothing of the blocker. They need no answer: with no other words to decide, it closes."""
        conversation = self._decide(message)
        with Activity.of(conversation, Activity.Kind.THANKS, by=by, at=at, message=message) as activity:
            message.decided(Message.Outcome.THANKS)
            if not conversation.messages.said().filter(outcome=Message.Outcome.ASKED).exists():
                conversation.closed_at = at
                conversation.waiting_since = None
        return activity

    @transaction.atomic
    def nothing_in_the_way(self, *, why: str, by: "Teammate", at: datetime) -> Activity:
        """It never was a blocker. `why` is one of Blocker.Why; the conversation closes."""
        conversation = cast("Conversation", self)._still()
        blocker = conversation.blocker
        if blocker is None:
            raise NothingInTheWay
        about = str(Blocker.Why(why).label)
        with Activity.of(conversation, Activity.Kind.WITHDRAWN, by=by, at=at, blocker=blocker, about=about) as activity:
            blocker.withdraw(at=at, why=why, key=activity.key("withdrawn"))
            conversation.closed_at = at
            conversation.waiting_since = None
        conversation.settle_blockers()
        return activity

    @transaction.atomic
    def name_blocker(self, words: str, *, by: "Teammate", at: datetime) -> Activity:
        """Say in a few words what stands in the way."""
        conversation = cast("Conversation", self)._still()
        blocker = conversation.blocker
        if blocker is None:
            raise NothingInTheWay
        with Activity.of(conversation, Activity.Kind.NAMED, by=by, at=at, blocker=blocker, about=words[:200]) as activity:
            blocker.words = words.strip()[:200] or blocker.words
            blocker.save(update_fields=["words"])
        return activity

    def _decide(self, message: Message) -> "Conversation":
        conversation = cast("Conversation", self)._still()
        message.refresh_from_db(fields=["outcome"])
        if message.to_decide:
            return conversation
        else:
            raise AlreadyDecided

    def _spoken_of(self) -> Blocker:
        """The blocker that words about how it went are about."""
        blocker = cast("Conversation", self).blocker
        if blocker is None:
            raise NothingInTheWay
        else:
            return blocker

    def _moved(self) -> Blocker:
        """The blocker that is out of the way now."""
        blocker = self._spoken_of()
        if blocker.moved_at:
            return blocker
        else:
            raise NotMoved
