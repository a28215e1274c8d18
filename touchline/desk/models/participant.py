"""Who takes part in a conversation, and who of them gets what we write."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models, transaction

from touchline.core.mail.email import Correspondent
from touchline.desk.models.activity import Activity
from touchline.desk.models.conversation import Conversation
from touchline.desk.models.person import Address
from touchline.desk.models.row import Row

if TYPE_CHECKING:
    from touchline.desk.models.teammate import Teammate


class ParticipantQuerySet(models.QuerySet["Participant"]):
    def recipients(self) -> Self:
        return self.filter(recipient_since__isnull=False).order_by("id")

    def only_shown(self) -> Self:
        """Those who wrote here without being asked: they get nothing until a teammate adds them. Nobody who was taken out is among them."""
        removed = Activity.objects.filter(
            conversation=models.OuterRef("conversation"),
            kind=Activity.Kind.REMOVED,
            about=models.OuterRef("email"),
            undone_by=None,
        )
        return self.filter(~models.Exists(removed), recipient_since=None).order_by("id")

    def others_than(self, addresses: Iterable[Address]) -> "list[Participant]":
        """Who gets what we write beside somebody with these addresses, as far as a page has room."""
        theirs = {address.email.lower() for address in addresses}
        return [each for each in self.recipients()[:50] if each.email.lower() not in theirs]

    def new_since(self, at: datetime | None) -> Self:
        """Those only shown who came after an archive was taken in: in a list of years everyone wrote to everyone."""
        return self.only_shown().filter(joined_at__gt=at) if at else self.only_shown()


class Participant(Row):
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="participants")
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=320)
    joined_at = models.DateTimeField()
    recipient_since = models.DateTimeField(null=True, blank=True)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["conversation", "email"], name="participant_in_conversation")]

    @classmethod
    def join(cls, conversation: Conversation, who: Correspondent, *, at: datetime, recipient: bool) -> "Participant":
        """They take part from now on. Who takes part already stays what they were."""
        here = cls.objects.filter(conversation=conversation, email__lower=who.address.lower()).first()
        if here:
            return here
        else:
            return cls.objects.create(
                conversation=conversation,
                name=who.name[:200],
                email=who.address,
                joined_at=at,
                recipient_since=at if recipient else None,
            )

    @transaction.atomic
    def add(self, *, by: "Teammate", at: datetime) -> Activity:
        """A teammate says that they belong here: from now on they get what we write. A second time changes nothing more."""
        conversation = Conversation.objects.select_for_update().get(pk=self.conversation_id)
        with Activity.of(conversation, Activity.Kind.ADDED, by=by, at=at, about=self.called) as activity:
            self.recipient_since = self.recipient_since or at
            self.save(update_fields=["recipient_since"])
        return activity

    @transaction.atomic
    def remove(self, *, by: "Teammate", at: datetime) -> Activity:
        """A teammate takes them out: they get nothing more of what we write, whoever copies them, until they are added again.

        What they write is still shown here. Of somebody who gets nothing anyway nothing changes.
        """
        conversation = Conversation.objects.select_for_update().get(pk=self.conversation_id)
        self.refresh_from_db()
        was = self.recipient_since
        with Activity.of(conversation, Activity.Kind.REMOVED, by=by, at=at, about=self.email) as activity:
            self.recipient_since = None
            self.save(update_fields=["recipient_since"])
        if was:
            Activity.objects.filter(pk=activity.pk).update(after=activity.after | {"recipient_since": was.isoformat()})
        return activity

    @property
    def called(self) -> str:
        return self.name or self.email

    def as_correspondent(self) -> Correspondent:
        return Correspondent(name=self.name, address=self.email)
