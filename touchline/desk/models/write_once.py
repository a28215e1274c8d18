"""Writing once to everyone in whose way the same thing stands: one mail a person, in their own conversation."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from touchline.core.sharing import check_places, written_to
from touchline.desk.live import publish
from touchline.desk.models.ask_rule import first_name
from touchline.desk.models.blocker import Blocker
from touchline.desk.models.mailbox import our_addresses
from touchline.desk.models.message import Words
from touchline.desk.models.person import Address, Person
from touchline.desk.models.row import Due, DueQuerySet, Row
from touchline.desk.models.shared_blocker import SharedBlocker

if TYPE_CHECKING:
    from touchline.desk.models.conversation import Conversation
    from touchline.desk.models.delivery import Delivery
    from touchline.desk.models.teammate import Teammate

MARK = "once:"
"""How the draft key of a message begins that is one of many."""


class LeadsOnly(Exception):
    """Only who leads the team writes to many at once."""


class OthersByNow(Exception):
    """It would go to more people, or to fewer, than were shown."""


class Began(Exception):
    """It has begun, so its words and its people stay as they are."""


class WriteOnce(Row):
    """One writing: first words that are looked at, then a mail to each, one after the other, until all went or someone stopped it."""

    PACE: ClassVar = timedelta(milliseconds=500)
    """Between two mails: time to press stop, and no flood for a mail server."""
    TIME_TO_STOP: ClassVar = timedelta(seconds=10)
    """Before the first one leaves."""

    shared = models.ForeignKey(SharedBlocker, on_delete=models.CASCADE, related_name="writings")
    by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, related_name="+")
    text = models.TextField(help_text="with {first name} where the person's stands")
    html = models.TextField(blank=True)
    moves = models.BooleanField(default=True)
    written_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    @classmethod
    @transaction.atomic
    def to_all(cls, shared: SharedBlocker, text: str, *, moves: bool, by: "Teammate", at: datetime) -> "WriteOnce":
        """Words for everyone in whose way it stands, and to whom they would go. Nothing leaves yet.

        With `moves` it is out of the way of each with their mail. Raises LeadsOnly, and StrangePlace for braces that stand for nothing.
        """
        if not by.is_lead:
            raise LeadsOnly
        check_places(text)
        writing = cls.objects.create(shared=shared, by=by, text=Words.plain(text).text, moves=moves, written_at=at)
        writing.look(at)
        return writing

    @transaction.atomic
    def say(self, text: str, *, moves: bool, by: "Teammate", at: datetime) -> None:
        """Other words, and a fresh look at who would get them. Whoever presses send last is who writes. Raises Began, as `to_all` else."""
        if not by.is_lead:
            raise LeadsOnly
        check_places(text)
        writing = self._still()
        if writing.started_at:
            raise Began
        writing.text, writing.moves, writing.by, writing.written_at = Words.plain(text).text, moves, by, at
        writing.tested_at = None
        writing.save()
        writing.look(at)
        self.refresh_from_db()

    def look(self, at: datetime) -> None:
        """Who would get it by now, and who not and why; what was said to each so far is what their mail has seen."""
        self.mails.exclude(skipped_because=WriteOnceMail.Because.LEFT_OUT).delete()
        theirs: dict[int, Blocker] = {}
        for blocker in self.shared.each():  # those that are in the way come first
            theirs.setdefault(blocker.person.now().pk, blocker)
        for person, blocker in theirs.items():
            mail, _new = WriteOnceMail.objects.get_or_create(writing=self, person_id=person, defaults={"blocker": blocker})
            conversation = mail.where()
            mail.seen = conversation.latest_message if conversation else 0
            mail.skipped_because = mail.skipped_because or mail.why_not(conversation)
            mail.save()

    def test(self, *, by: "Teammate", at: datetime) -> None:
        """The same words to whoever asks, with their own first name; nobody else hears of it."""
        from touchline.desk.models.notice import Notice

        subject = _("A test: %(words)s") % {"words": self.shared.words}
        Notice.write(by.email, subject, self.as_written_to(by.name), at=at)
        self.tested_at = at
        self.save(update_fields=["tested_at"])

    @transaction.atomic
    def start(self, *, people: int, by: "Teammate", at: datetime) -> None:
        """From now on they leave, one after the other, in the name of `by`, who pressed send. `people` is how many `by` was shown.

        Raises OthersByNow where they are others than that; Began where it had begun; LeadsOnly.
        """
        if not by.is_lead:
            raise LeadsOnly
        writing = self._still()
        if writing.started_at:
            raise Began
        mails = list(writing.mails.to_go().select_related("blocker", "person").order_by("id"))
        if len(mails) != people or not mails:
            raise OthersByNow
        writing.started_at, writing.by = at, by
        writing.save(update_fields=["started_at", "by"])
        for place, mail in enumerate(mails):
            mail.due_at = at + self.TIME_TO_STOP + place * self.PACE
        WriteOnceMail.objects.bulk_update(mails, ["due_at"], batch_size=500)
        if writing.moves:
            writing.shared.is_moved(at=at)
        publish("write_once", self.pk)
        self.refresh_from_db()

    @transaction.atomic
    def stop(self, *, at: datetime) -> None:
        """Nobody else gets it. What was written to some has left, or does."""
        writing = self._still()
        if writing.started_at and not writing.ended_at:
            writing.stopped_at = writing.ended_at = at
            writing.save(update_fields=["stopped_at", "ended_at"])
            writing.mails.to_go().update(due_at=None, skipped_because=WriteOnceMail.Because.STOPPED)
            publish("shared", writing.shared_id)
        self.refresh_from_db()

    def end_if_done(self, at: datetime) -> None:
        if not self.mails.to_go().exists() and self.ended_at is None:
            self.ended_at = at
            self.save(update_fields=["ended_at"])

    def as_written_to(self, name: str) -> str:
        """The words as somebody of that name reads them."""
        return written_to(self.text, first_name(name))

    def _still(self) -> "WriteOnce":
        """This writing, as it is now, and until we are done."""
        return WriteOnce.objects.select_for_update().get(pk=self.pk)


class WriteOnceMailQuerySet(DueQuerySet):
    def to_go(self) -> Self:
        """Those that are still to be written."""
        return self.filter(message_id=None, skipped_because="")

    def written(self) -> Self:
        return self.filter(message_id__isnull=False)

    def skipped(self) -> Self:
        return self.exclude(skipped_because="")


class WriteOnceMail(Due):
    """One person's mail of it. Sent at most once, whatever ends us."""

    LEASE: ClassVar = timedelta(minutes=5)

    class Because(models.TextChoices):
        """Why somebody gets none."""

        MOVED = "moved", gettext_lazy("It is out of their way already.")
        WITHDRAWN = "withdrawn", gettext_lazy("It turned out that it never stood in their way.")
        NOT_HERE = "not_here", gettext_lazy("What stands in their way is not among these any more.")
        SPAM = "spam", gettext_lazy("Their conversation is spam.")
        NO_WAY_OUT = "no_way_out", gettext_lazy("Their mailbox cannot send.")
        NO_ADDRESS = "no_address", gettext_lazy("We have no address of theirs.")
        BOUNCED = "bounced", gettext_lazy("Mail does not reach them.")
        TAKEN_OUT = "taken_out", gettext_lazy("They get nothing of what is written in their conversation.")
        WROTE_SINCE = "wrote_since", gettext_lazy("They wrote since: read that first, and answer it.")
        LEFT_OUT = "left_out", gettext_lazy("A teammate left them out.")
        STOPPED = "stopped", gettext_lazy("It was stopped before their turn.")

    writing = models.ForeignKey(WriteOnce, on_delete=models.CASCADE, related_name="mails")
    blocker = models.ForeignKey(Blocker, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    seen = models.BigIntegerField(default=0, help_text="the last message of their conversation when the words were looked at")
    message_id = models.BigIntegerField(null=True, blank=True, db_index=True, help_text="the message that it became")
    handed_at = models.DateTimeField(null=True, blank=True, help_text="when it was handed over, and until we know how that went")
    skipped_because = models.CharField(max_length=200, blank=True)

    objects = WriteOnceMailQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="write_once_mail_due")]
        constraints = [models.UniqueConstraint(fields=["writing", "person"], name="one_mail_a_person_and_writing")]

    def leave_out(self) -> None:
        """They asked for none, or a teammate knows better."""
        if self.message_id is None:
            self._update(skipped_because=self.Because.LEFT_OUT, due_at=None)

    def take_in(self) -> None:
        """They get it after all, unless something else is in the way of it."""
        if self.skipped_because == self.Because.LEFT_OUT:
            self._update(skipped_because=self.why_not(self.where()))

    @transaction.atomic
    def write(self, at: datetime) -> None:
        """Write to them, in their conversation, unless something came in between. Once: the claim, the message and this row are one commit."""
        writing = WriteOnce.objects.select_for_update().select_related("by", "shared").get(pk=self.writing_id)
        self.refresh_from_db()
        if self.message_id is None and not self.skipped_because:
            conversation = self.where()
            why = self.why_not(conversation)
            where = self.address(conversation) if conversation else None
            if why or conversation is None or where is None:
                self.skipped_because = why
            else:
                words = Words.plain(writing.as_written_to(self.person.name))
                message = conversation.write_once(
                    words, by=writing.by, at=at, to=where, blocker=self.blocker, moved=writing.moves, key=f"{MARK}{self.pk}"
                )
                self.message_id = message.pk
        self._update(due_at=None, message_id=self.message_id, skipped_because=self.skipped_because)
        writing.end_if_done(at)
        publish("shared", writing.shared_id)

    def where(self) -> "Conversation | None":
        """The newest conversation that is about their blocker, where it goes on."""
        from touchline.desk.models.conversation import Conversation

        about = Conversation.objects.filter(blockers=self.blocker_id).order_by("-id").first()
        return about.target() if about else None

    def why_not(self, conversation: "Conversation | None") -> str:
        """Why they must not get it, one of Because; "" where they may."""
        blocker = Blocker.objects.get(pk=self.blocker_id)
        if blocker.shared_id != self.writing.shared_id or conversation is None:
            return self.Because.NOT_HERE
        elif blocker.withdrawn_at or blocker.raised_at is None:
            return self.Because.WITHDRAWN
        elif blocker.moved_at:
            return self.Because.MOVED
        elif conversation.spam_at:
            return self.Because.SPAM
        elif conversation.mailbox.closed_at or not (conversation.mailbox.can_send or settings.DEMO):
            return self.Because.NO_WAY_OUT
        elif self.address(conversation) is None:
            return self._why_no_address(conversation)
        elif self.seen and conversation.messages.by_people().filter(pk__gt=self.seen, taken_back_at=None).exists():
            return self.Because.WROTE_SINCE
        else:
            return ""

    def address(self, conversation: "Conversation") -> Address | None:
        """Where they are reached here: the address they wrote from last, of those that get what we write and that mail reaches."""
        ours = our_addresses()
        gets = {each.email.lower() for each in conversation.participants.recipients()} - ours
        good = {
            each.email.lower(): each for each in self._addresses() if not each.cannot_be_reached_at and each.email.lower() in gets
        }
        wrote = conversation.messages.by_people().filter(email__lower__in=list(good)).order_by("at", "id").last()
        return good[wrote.email.lower()] if wrote else next(iter(good.values()), None)

    # As its mail leaves

    @classmethod
    def may_leave(cls, delivery: "Delivery", at: datetime) -> bool:
        """Whether it is to be handed over now. Where we were ended in the middle of that, nobody can know whether they have it.

        Then it is not handed over again by itself: whoever looks after it sees why, and may send it by hand.
        """
        mail = cls.objects.filter(message_id=delivery.message_id).first()
        if mail is None:
            return True
        elif mail.handed_at:
            delivery.may_have_left(at)
            return False
        else:
            mail._update(handed_at=at)
            return True

    @classmethod
    def may_leave_again(cls, delivery: "Delivery") -> None:
        """A teammate wants it sent once more, knowing what happened."""
        cls.objects.filter(message_id=delivery.message_id).update(handed_at=None)

    @classmethod
    def was_handed_over(cls, delivery: "Delivery") -> None:
        """We know how it went: it has left for good, or may be handed over again."""
        if delivery.sent_at is None:
            cls.objects.filter(message_id=delivery.message_id).update(handed_at=None)
        shared = cls.objects.filter(message_id=delivery.message_id).values_list("writing__shared", flat=True).first()
        if shared:
            publish("shared", shared)

    def _addresses(self) -> list[Address]:
        return list(Address.objects.filter(person__in=self.person.everyone).order_by("id"))

    def _why_no_address(self, conversation: "Conversation") -> str:
        addresses = self._addresses()
        gets = {each.email.lower() for each in conversation.participants.recipients()}
        if not addresses:
            return self.Because.NO_ADDRESS
        elif any(each.email.lower() in gets for each in addresses):
            return self.Because.BOUNCED
        else:
            return self.Because.TAKEN_OUT

    def _update(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        self.save(update_fields=list(values))
