"""A conversation that turns out to be spam."""

from datetime import datetime
from typing import TYPE_CHECKING, cast

from django.db import transaction

from touchline.desk.models.activity import Activity
from touchline.desk.models.blocker import Blocker
from touchline.desk.models.sender_rule import SenderRule

if TYPE_CHECKING:
    from touchline.desk.models.conversation import Conversation
    from touchline.desk.models.teammate import Teammate


class Spam:
    @property
    def writes_from(self) -> str:
        """The address from which a person wrote here last; "" where none did."""
        last = cast("Conversation", self).messages.by_people().order_by("at", "id").last()
        return last.email if last else ""

    @transaction.atomic
    def call_spam(self, *, by: "Teammate", at: datetime, block: str = "") -> Activity:
        """It leaves every list and count, and whatever was raised here never stood in anyone's way. Nothing of it is deleted.

        `block` is an address or a domain whose mail is spam from now on. Undoing the activity undoes all of it. Raises
        ValidationError for a `block` that cannot be blocked.
        """
        conversation = cast("Conversation", self)._still()
        raised = Blocker.objects.filter(conversations=conversation, raised_at__isnull=False, withdrawn_at=None)
        blocked = SenderRule.say(block, SenderRule.Kind.BLOCK, by=by, at=at) if block else None
        about = blocked.pattern if blocked and blocked.at == at else ""  # what was blocked before stays so when this is undone
        with Activity.of(conversation, Activity.Kind.SPAM, by=by, at=at, about=about) as activity:
            for number, blocker in enumerate(raised.order_by("id")):
                blocker.withdraw(at=at, why=Blocker.Why.SPAM, key=activity.key(f"withdrawn-{number}"))
            conversation.spam_at = at
            conversation.waiting_since = None
        conversation.settle_blockers()
        return activity
