"""One line of a conversation's own story, and how it is undone."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from touchline.desk.models.outcome_event import OutcomeEvent
from touchline.desk.models.row import Row

if TYPE_CHECKING:
    from touchline.desk.models.conversation import Conversation
    from touchline.desk.models.message import Message
    from touchline.desk.models.teammate import Teammate


class Activity(Row):
    """What a teammate did, with what was before and after it, so that it can be undone. Never edited."""

    STATE: ClassVar = ("closed_at", "waiting_since", "assignee_id", "spam_at")

    class Kind(models.TextChoices):
        TOOK = "took", _("took this")
        GAVE = "gave", _("gave this to someone")
        LET_GO = "let_go", _("let go of this")
        CLOSED = "closed", _("closed it: nothing to answer")
        OPENED = "opened", _("opened it again")
        MOVED = "moved", _("moved the blocker")
        WORKS = "works", _("it works")
        BACK = "back", _("it is back")
        NEW = "new", _("something new")
        THANKS = "thanks", _("a thank-you")
        WITHDRAWN = "withdrawn", _("nothing stood in the way")
        NAMED = "named", _("said what is in the way")
        ADDED = "added", _("added someone")
        BOUNCED = "bounced", _("did not arrive")
        COULD_NOT_SEND = "could_not_send", _("could not be sent")
        REMOVED = "removed", _("took someone out of the conversation")
        MERGED = "merged", _("merged it into another conversation")
        SPAM = "spam", _("said that it is spam")
        NOT_SPAM = "not_spam", _("said that it is no spam")
        HELD = "held", _("held it back, since they wrote first")
        FORWARDED = "forwarded", _("passed it on to someone outside")
        BROUGHT = "brought", _("forwarded it here")
        BACK_HERE = "back_here", _("it is back, in this conversation")
        SAME_AS = "same_as", _("it is as with a colleague of theirs")
        NOT_BACK = "not_back", _("it is something else")
        SHARED = "shared", _("others have this too")
        UNSHARED = "unshared", _("it is only theirs")
        UNDONE = "undone", _("undone")

    STANDS: ClassVar = (Kind.UNDONE, Kind.BOUNCED, Kind.COULD_NOT_SEND, Kind.ADDED, Kind.BROUGHT, Kind.HELD)
    """What nobody takes back with one key: it came from outside, or has a way back of its own."""

    conversation = models.ForeignKey("desk.Conversation", on_delete=models.CASCADE, related_name="activities")
    at = models.DateTimeField()
    by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    message = models.ForeignKey("desk.Message", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    blocker = models.ForeignKey("desk.Blocker", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    about = models.TextField(blank=True, help_text="who it was given to, what it was named, why")
    events = models.JSONField(default=list, help_text="ids of the outcome events it recorded")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by")

    class Meta:
        indexes = [models.Index(fields=["conversation", "at"], name="activity_in_conversation")]

    @classmethod
    @contextmanager
    def of(
        cls,
        conversation: "Conversation",
        kind: str,
        *,
        by: "Teammate | None",
        at: datetime,
        message: "Message | None" = None,
        blocker: Any = None,
        about: str = "",
    ) -> "Iterator[Activity]":
        """Do something to a conversation within, and it is told, with what was before and what is after."""
        activity = cls(conversation=conversation, kind=kind, by=by, at=at, message=message, blocker=blocker, about=about)
        activity.before = activity._as_it_is()
        yield activity
        activity.after = activity._as_it_is()
        activity.save()
        conversation.save()
        conversation.tell()

    @property
    def is_undone(self) -> bool:
        return hasattr(self, "undone_by")

    @property
    def can_be_undone(self) -> bool:
        return self.kind not in self.STANDS and not self.is_undone

    def key(self, event: str) -> str:
        """The id of an outcome event that this records."""
        key = f"{event}:{self.pk}"
        self.events.append(key)
        return key

    @transaction.atomic
    def undo(self, *, by: "Teammate | None", at: datetime, in_place_of: "Teammate | None" = None) -> None:
        """Take it back: its outcome events are retracted, and what it changed is as before, unless it was changed again since.

        Where no teammate does it (`by` None: a person who pressed the wrong button), the ledger names the one who asked, `in_place_of`.
        """
        from touchline.desk.models.conversation import Conversation

        conversation = Conversation.objects.select_for_update().get(pk=self.conversation_id)
        if not self.can_be_undone or Activity.objects.filter(undoes=self).exists():
            return
        self.refresh_from_db()
        self.conversation = conversation
        for key in reversed(self.events):
            OutcomeEvent.retract(key, by=by or in_place_of, at=at)
        if self.blocker:
            self.blocker.refresh_from_db()
        now = self._as_it_is()
        answered = conversation.messages.said().filter(kind="ours", automatic="", at__gt=self.at).exists()
        for name, value in self.before.items():
            changed_since = now[name] != self.after[name] or (name == "waiting_since" and answered)
            if not changed_since:
                self._restore(name, value)
        conversation.save()
        self._undo_the_rest()
        Activity.objects.create(
            conversation=conversation,
            kind=self.Kind.UNDONE,
            by=by,
            at=at,
            undoes=self,
            message=self.message,
            about=self.get_kind_display(),
        )
        conversation.settle_blockers()

    def _undo_the_rest(self) -> None:
        """What a step of this kind did beside the conversation's own state."""
        from touchline.desk.models.came_back_link import CameBackLink
        from touchline.desk.models.conversation import Conversation
        from touchline.desk.models.participant import Participant
        from touchline.desk.models.sender_rule import SenderRule

        if self.kind == self.Kind.SPAM and self.about:
            SenderRule.objects.filter(pattern=self.about, kind=SenderRule.Kind.BLOCK, mailbox=None, at=self.at).delete()
        elif self.kind in (self.Kind.BACK_HERE, self.Kind.SAME_AS, self.Kind.NOT_BACK):
            CameBackLink.take_back(self)
        elif self.kind == self.Kind.MERGED:
            Conversation.take_apart(self)
        elif self.kind == self.Kind.REMOVED and "recipient_since" in self.after:
            Participant.objects.filter(conversation=self.conversation, email=self.about, recipient_since=None).update(
                recipient_since=datetime.fromisoformat(self.after["recipient_since"])
            )

    def _as_it_is(self) -> dict[str, Any]:
        state: dict[str, Any] = {}
        for name in self.STATE:
            value = getattr(self.conversation, name)
            state[name] = value.isoformat() if isinstance(value, datetime) else value
        state["outcome"] = self.message.outcome if self.message else ""
        state["words"] = self.blocker.words if self.blocker else ""
        state["shared"] = self.blocker.shared_id if self.blocker else None
        return state

    def _restore(self, name: str, value: Any) -> None:
        if name == "outcome":
            if self.message:
                self.message.decided(value)
        elif name == "words":
            if self.blocker:
                self.blocker.words = value
                self.blocker.save(update_fields=["words"])
        elif name == "shared":
            if self.blocker:
                self.blocker.shared_id = value
                self.blocker.save(update_fields=["shared"])
        else:
            setattr(
                self.conversation, name, datetime.fromisoformat(value) if name.endswith(("_at", "_since")) and value else value
            )
