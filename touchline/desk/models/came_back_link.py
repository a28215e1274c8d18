"""It may be back elsewhere: what they write in another conversation looks like a blocker that was moved."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from touchline.core.alike import ALIKE, Alike, Usual, alike
from touchline.core.mail.public_mail import organization_of
from touchline.desk.models.activity import Activity
from touchline.desk.models.blocker import Blocker, ConversationBlocker
from touchline.desk.models.desk import Desk
from touchline.desk.models.row import Row

if TYPE_CHECKING:
    from touchline.desk.models.conversation import Conversation
    from touchline.desk.models.message import Message
    from touchline.desk.models.teammate import Teammate


class NothingToDecide(Exception):
    """Somebody has decided already, or what was proposed is out of date: their own blocker was moved meanwhile, say."""


class CameBackLinkQuerySet(models.QuerySet["CameBackLink"]):
    def to_decide(self) -> Self:
        """Those that nobody has accepted or declined, in conversations whose own blocker is in the way still."""
        own = Blocker.objects.filter(conversations=models.OuterRef("conversation"), withdrawn_at=None)
        undecided = self.filter(accepted_at=None, declined_at=None, conversation__merged_into=None)
        return undecided.filter(models.Exists(own.filter(moved_at=None)), ~models.Exists(own.filter(spells__isnull=False)))


class CameBackLink(Row):
    """The desk proposes that a conversation is about a blocker that was moved before; a teammate accepts or declines."""

    class Because(models.TextChoices):
        PERSON = "person", _("the same person")
        ORGANIZATION = "organization", _("somebody of the same organization")

    MOST_COMPARED: ClassVar = 30
    """Of a person's and of their colleagues' blockers, those moved last."""
    READ: ClassVar = 200
    """How many conversations of late tell which words are usual here."""

    conversation = models.ForeignKey("desk.Conversation", on_delete=models.CASCADE, related_name="came_back_links")
    blocker = models.ForeignKey("desk.Blocker", on_delete=models.CASCADE, related_name="+", help_text="the one that was moved")
    because = models.CharField(max_length=15, choices=Because)
    alike = models.FloatField(help_text="how alike the words are, 0 to 1")
    words = models.TextField(blank=True, help_text="the words that both have")
    proposed_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    decision = models.ForeignKey("desk.Activity", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = CameBackLinkQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "blocker"], name="proposed_once_a_conversation")]

    @classmethod
    def propose(cls, message: "Message") -> "CameBackLink | None":
        """What they write in a conversation that begins with this message may be a blocker that was moved lately.

        The likest one of theirs is proposed; where none is alike enough, the likest of a colleague's at the same organization.
        Nothing is recorded before a teammate has said so.
        """
        desk = Desk.get()
        moved = Blocker.objects.filter(
            moved_at__gte=message.at - desk.back_within, moved_at__lte=message.at, withdrawn_at=None
        ).exclude(conversations=message.conversation_id)
        among = moved.order_by("-moved_at").select_related("person")
        theirs = (
            among.filter(person__in=(message.person.joined_into or message.person).everyone) if message.person else among.none()
        )
        organization = organization_of(message.email)
        colleagues = among.filter(person__addresses__email__domain=organization).exclude(pk__in=theirs.values("pk")).distinct()
        new = f"{message.subject}. {message.text}"
        usual: Usual | None = None
        for because, some in (
            (cls.Because.PERSON, theirs),
            (cls.Because.ORGANIZATION, colleagues if organization else among.none()),
        ):
            candidates = list(some[: cls.MOST_COMPARED])
            usual = usual or (cls._usual() if candidates else None)
            best = _likest(new, candidates, usual) if usual else None
            if best:
                blocker, how = best
                return cls.objects.create(
                    conversation_id=message.conversation_id,
                    blocker=blocker,
                    because=because,
                    alike=how.share,
                    words=", ".join(how.words),
                    proposed_at=message.at,
                )
        return None

    @property
    def moved_by(self) -> str:
        """Who moved it the last time."""
        spell = self.blocker.spells.select_related("began_by").order_by("-began_at").first()
        return spell.began_by.first_name if spell else ""

    @property
    def is_theirs(self) -> bool:
        """Whether it is a blocker of the person who writes, and not a colleague's."""
        return self.because == self.Because.PERSON

    @transaction.atomic
    def accept(self, *, by: "Teammate", at: datetime) -> Activity:
        """It is the same.

        Where it is their own, it is back since they wrote, and the conversation is about it from now on: what was raised here is
        withdrawn as a duplicate of it. A colleague's is a colleague's: nothing is recorded of either, since each person keeps
        their own blocker and its spells; theirs only joins what the two share, if the colleague's does already.
        Raises NothingToDecide.
        """
        conversation, own = self._undecided()
        message = conversation.messages.filter(kind="theirs").order_by("id").first()
        if own is None or message is None:
            raise NothingToDecide
        kind = Activity.Kind.BACK_HERE if self.is_theirs else Activity.Kind.SAME_AS
        about = self.blocker.words if self.is_theirs else f"{self.blocker.person.called}: {self.blocker.words}"
        with Activity.of(
            conversation, kind, by=by, at=at, blocker=self.blocker if self.is_theirs else own, about=about
        ) as activity:
            if self.is_theirs:
                own.withdraw(at=at, why=Blocker.Why.DUPLICATE, key=activity.key("withdrawn"))
                self.blocker.come_back(at=message.at, source="teammate", key=activity.key("returned"))
                ConversationBlocker.objects.get_or_create(conversation=conversation, blocker=self.blocker)
            elif self.blocker.shared and own.shared is None:
                own.shared = self.blocker.shared
                own.save(update_fields=["shared"])
        self._decided(activity, accepted_at=at, by=by)
        conversation.settle_blockers()
        return activity

    @transaction.atomic
    def decline(self, *, by: "Teammate", at: datetime) -> Activity:
        """It is something else, and stays what it is. Raises NothingToDecide."""
        conversation, own = self._undecided()
        with Activity.of(conversation, Activity.Kind.NOT_BACK, by=by, at=at, blocker=own, about=self.blocker.words) as activity:
            pass
        self._decided(activity, declined_at=at, by=by)
        return activity

    @classmethod
    def take_back(cls, activity: Activity) -> None:
        """A decision was undone: it is to be decided again."""
        for link in cls.objects.filter(decision=activity).select_related("blocker"):
            if activity.kind == Activity.Kind.BACK_HERE:
                ConversationBlocker.objects.filter(conversation=link.conversation_id, blocker=link.blocker).delete()
            elif activity.kind == Activity.Kind.SAME_AS and link.blocker.shared_id:
                Blocker.objects.filter(pk=activity.blocker_id or 0, shared=link.blocker.shared_id).update(shared=None)
            link.accepted_at = link.declined_at = link.by = link.decision = None
            link.save()

    def _undecided(self) -> "tuple[Conversation, Blocker | None]":
        conversation = self.conversation._still()
        if not CameBackLink.objects.to_decide().filter(pk=self.pk).exists():
            raise NothingToDecide
        return conversation, conversation.blocker

    def _decided(self, activity: Activity, *, by: "Teammate", **when: datetime) -> None:
        CameBackLink.objects.filter(pk=self.pk).update(decision=activity, by=by, **when)
        self.refresh_from_db()

    @classmethod
    def _usual(cls) -> Usual:
        """What is written here lately."""
        from touchline.desk.models.conversation import Conversation

        lately = Conversation.objects.newest_first().values_list("subject", "latest_words")[: cls.READ]
        return Usual(f"{subject}. {words}" for subject, words in lately)


def _likest(new: str, among: Iterable[Blocker], usual: Usual) -> tuple[Blocker, Alike] | None:
    """The one whose words are likest to these, where they are alike enough."""
    best: tuple[Blocker, Alike] | None = None
    for blocker in among:
        how = max((alike(old, new, usual) for old in _as_told(blocker)), key=lambda how: how.share)
        if how.share >= ALIKE and (best is None or how.share > best[1].share):
            best = blocker, how
    return best


def _as_told(blocker: Blocker) -> list[str]:
    """What stands in the way as the team calls it, and as they wrote of it first."""
    from touchline.desk.models.message import Message

    written = Message.objects.filter(conversation__blockers=blocker, kind="theirs", automatic="").order_by("id").first()
    return [blocker.words, f"{written.subject}. {written.text}"] if written else [blocker.words]
