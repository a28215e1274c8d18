"""We ask whether it worked, and hear."""

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from touchline.core.impact.asking import drawn, not_before, questions
from touchline.core.impact.events import Kind
from touchline.core.mail.email import Correspondent
from touchline.desk.keys import check_in_keys
from touchline.desk.live import publish
from touchline.desk.models.ask_rule import LINK, AskRule, asking_words, default_words, first_name
from touchline.desk.models.check_in_hearing import Hearing
from touchline.desk.models.desk import Desk
from touchline.desk.models.mailbox import our_addresses
from touchline.desk.models.message import Message, Words
from touchline.desk.models.outcome_event import OutcomeEvent
from touchline.desk.models.person import Address, Person
from touchline.desk.models.row import Due, DueQuerySet
from touchline.desk.models.spell import Spell

if TYPE_CHECKING:
    from touchline.desk.models.blocker import Blocker
    from touchline.desk.models.conversation import Conversation
    from touchline.desk.models.delivery import Delivery
    from touchline.desk.models.teammate import Teammate


class CheckInQuerySet(DueQuerySet):
    def open_questions(self) -> Self:
        """Those that are on their way or were asked, and whose answer we wait for."""
        return self.filter(message_id__isnull=False, answer="", closed_at=None)

    def planned(self, blocker: "Blocker") -> Self:
        """Those that will be asked of the spell that stands, the first to be asked first."""
        still = self.filter(blocker=blocker, spell_began_at=blocker.moved_at, message_id=None, closed_at=None)
        return still.order_by("due_at", "id") if blocker.moved_at else self.none()

    def by_token(self, token: str, *, at: datetime) -> "CheckIn | None":
        """The one that this token names; None where it names none, or its time is over."""
        found: CheckIn | None = self.filter(token_digest=_digest(token), expires_at__gt=at).first()
        return found


class CheckIn(Hearing, Due):
    """One question about one spell of a blocker: planned when the blocker is moved, asked when it is due, answered or not.

    `due_at` is when it is to be asked; once it was, when its answer is not waited for any more; then, when its link dies.
    """

    LEASE: ClassVar = timedelta(minutes=5)
    LASTS: ClassVar = timedelta(days=60)
    """How long its link is good."""
    OPEN_FOR: ClassVar = timedelta(days=7)
    """How long an answer is waited for: until then nothing else is asked of the person. The link goes on being good."""
    AT_MOST_LATE: ClassVar = timedelta(days=30)
    """What could not be asked by then is not asked any more."""
    LOOK_AGAIN: ClassVar = timedelta(days=1)
    """When something that passes is in the way of asking."""

    class Horizon(models.TextChoices):
        HOURS = "hours", _("hours later")
        DAYS = "days", _("days later")
        WEEKS = "weeks", _("weeks later")

    class Answer(models.TextChoices):
        YES = "yes", _("yes, it worked")
        NO = "no", _("not yet")

    class Because(models.TextChoices):
        """Why it is asked no more, or was never asked."""

        LEFT_OUT = "left_out", _("who moved it left it out")
        NOT_MOVED = "not_moved", _("it did not stay out of the way")
        CONFIRMED = "confirmed", _("they had said already that it works")
        DO_NOT_ASK = "do_not_ask", _("they do not want to be asked")
        NO_ADDRESS = "no_address", _("mail does not reach them")
        SPAM = "spam", _("it was spam")
        TURNED_OFF = "turned_off", _("the team does not ask any more")
        ASKED = "asked", _("a question about it was open already")
        TOO_LATE = "too_late", _("it could not be asked in time")
        NOT_SENT = "not_sent", _("it could not be sent")
        BY_MAIL = "by_mail", _("they answered by mail")
        NO_ANSWER = "no_answer", _("no answer came")

    blocker = models.ForeignKey("desk.Blocker", on_delete=models.CASCADE, related_name="check_ins")
    conversation = models.ForeignKey("desk.Conversation", on_delete=models.CASCADE, related_name="check_ins")
    person = models.ForeignKey("desk.Person", on_delete=models.CASCADE, related_name="check_ins")
    by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, related_name="+", help_text="who moved it, and asks")
    horizon = models.CharField(max_length=10, choices=Horizon)
    random = models.BooleanField(default=False, help_text="its spell was drawn at random")
    spell_began_at = models.DateTimeField()
    line = models.CharField(
        max_length=200, blank=True, help_text="what it was about, as the person reads it; the mover could edit it"
    )
    planned_at = models.DateTimeField()
    left_out_at = models.DateTimeField(null=True, blank=True, help_text="the mover left it out")
    asked_at = models.DateTimeField(null=True, blank=True)
    message_id = models.BigIntegerField(null=True, blank=True, help_text="the message that asked")
    token_digest = models.CharField(max_length=64, blank=True, db_index=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=5, choices=Answer, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True, help_text="when they said that it was the other one")
    words = models.TextField(blank=True, help_text="what they added")
    heard = models.ForeignKey(
        "desk.Activity", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", help_text="what the answer did"
    )
    closed_at = models.DateTimeField(null=True, blank=True, help_text="it is asked no more, or was never asked")
    closed_because = models.CharField(max_length=30, blank=True)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="check_in_due"),
            models.Index(fields=["person", "-id"], name="check_in_of_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(message_id__isnull=False, answer="", closed_at=None),
                name="one_open_question_a_person",
            )
        ]

    # Planning, as a blocker is moved

    @classmethod
    def plan(cls, conversation: "Conversation", blocker: "Blocker", *, by: "Teammate", at: datetime) -> "list[CheckIn]":
        """Plan what will be asked of the spell that began at `at`. Nothing where none began: what is moved twice is asked of once."""
        if blocker.moved_at != at or cls.objects.filter(blocker=blocker, spell_began_at=at).exists():
            return []
        new = cls.outlook(conversation, blocker, by=by, at=at)
        for each in new:
            each.save()
        return new

    @classmethod
    def outlook(cls, conversation: "Conversation", blocker: "Blocker", *, by: "Teammate", at: datetime) -> "list[CheckIn]":
        """What would be planned if `by` moved the blocker at `at`; nothing is kept. The draw is the same as when it is done."""
        rule = AskRule.holding(conversation.mailbox, blocker.topic)
        person = blocker.person.now()
        where = _whom(conversation, person)
        if where is None or person.do_not_ask_at or _only_imported(conversation):
            return []
        desk = Desk.get()
        before = Spell.objects.filter(blocker=blocker, began_at__lt=at).count()
        is_drawn = drawn(f"{blocker.pk}:{before}", secret=check_in_keys()[0], share=rule.share)
        quiet = person.quiet(desk)
        return [
            cls(
                blocker=blocker,
                conversation=conversation,
                person=person,
                by=by,
                horizon=each.horizon,
                random=each.random,
                spell_began_at=at,
                line=blocker.words,
                planned_at=each.at,
                due_at=not_before(each.at, quiet=quiet, away_until=where.away_until),
            )
            for each in questions(rule, desk.horizons, at, is_drawn=is_drawn)
        ]

    @classmethod
    def say(cls, blocker: "Blocker", line: str) -> None:
        """In which words it is said what it was about, in all that is still to be asked of the spell that stands."""
        words = " ".join(line.split())[:200]
        if words:
            cls.objects.planned(blocker).update(line=words)

    @classmethod
    def leave_out(cls, blocker: "Blocker", *, at: datetime) -> None:
        """Nothing more is asked of the spell that stands."""
        cls.objects.planned(blocker).update(left_out_at=at, closed_at=at, closed_because=cls.Because.LEFT_OUT, due_at=None)

    @classmethod
    def ask_after_all(cls, blocker: "Blocker") -> None:
        """What was left out is to be asked again, when it was to be."""
        left_out = cls.objects.filter(blocker=blocker, spell_began_at=blocker.moved_at, closed_because=cls.Because.LEFT_OUT)
        left_out.update(left_out_at=None, closed_at=None, closed_because="", due_at=models.F("planned_at"))

    # Asking, when it is due

    def go_on(self, at: datetime) -> None:
        """Do what is due: ask; or wait no longer for an answer; or let the link die."""
        if self.message_id is None:
            self._ask(at)
        elif self.expires_at is None or at >= self.expires_at:
            self._update(token_digest="", due_at=None)
        elif self.answer or self.closed_at:
            self._update(due_at=self.expires_at)
        else:
            self._close(self.Because.NO_ANSWER, at)

    @transaction.atomic
    def _ask(self, at: datetime) -> None:
        """Write to them, once, if it is still to be asked; else say why not, or when to look again."""
        conversation = type(self.conversation).objects.select_for_update().get(pk=self.conversation_id).target()
        person = Person.objects.select_for_update().get(pk=self.blocker.person_id).now()  # one question at a time
        self.refresh_from_db()
        if self.message_id or self.closed_at:
            return
        self.person, self.conversation = person, conversation
        desk = Desk.get()
        where = _whom(conversation, person)
        why = self._why_not(where, at)
        if why or where is None:
            self._close(why, at)
        elif at < self.planned_at:
            self._update(due_at=self.planned_at)
        elif (free := not_before(at, quiet=person.quiet(desk), away_until=where.away_until)) > at:
            self._update(due_at=free)
        elif conversation.waiting_since or not conversation.mailbox.can_send:
            self._update(due_at=at + self.LOOK_AGAIN)  # they wait for us; or there is no way out
        elif others := self._others_open(at):
            same = any((each.blocker_id, each.spell_began_at) == (self.blocker_id, self.spell_began_at) for each in others)
            if same:
                self._close(self.Because.ASKED, at)
            else:
                self._update(due_at=at + self.LOOK_AGAIN)
        else:
            self._write(conversation, where, at)

    def _write(self, conversation: "Conversation", where: Address, at: datetime) -> None:
        to = Correspondent(self.person.name, where.email)
        message = conversation.tell_them(self.as_asked(), what="check_in", to=to, at=at)
        self.message_id = message.pk
        self.token_digest = _digest(self._token(check_in_keys()[0]))
        self.expires_at = at + self.LASTS
        self.due_at = at + self.OPEN_FOR
        self.save()

    def as_asked(self) -> Words:
        """What the person is written, with a mark where the link will stand."""
        rule = AskRule.closest(self.conversation.mailbox, self.blocker.topic)
        return asking_words(
            rule.words if rule and rule.words else default_words(),
            person=first_name(self.person.name),
            teammate=self.by.first_name,
            line=self.line or str(self.conversation),
        )

    def _why_not(self, where: Address | None, at: datetime) -> str:
        """Why it must not be asked, one of Because; "" where it may."""
        self.blocker.refresh_from_db()
        rule = AskRule.holding(self.conversation.mailbox, self.blocker.topic)
        if self.blocker.moved_at != self.spell_began_at or self.blocker.withdrawn_at:
            return self.Because.NOT_MOVED
        elif self.blocker.confirmed_at:
            return self.Because.CONFIRMED
        elif self.person.do_not_ask_at:
            return self.Because.DO_NOT_ASK
        elif where is None:
            return self.Because.NO_ADDRESS
        elif self.conversation.spam_at or self.conversation.mailbox.closed_at:
            return self.Because.SPAM if self.conversation.spam_at else self.Because.TURNED_OFF
        elif self.horizon not in rule.asks and not (self.random and rule.share):
            return self.Because.TURNED_OFF
        elif at > self.planned_at + self.AT_MOST_LATE:
            return self.Because.TOO_LATE
        else:
            return ""

    def _others_open(self, at: datetime) -> "list[CheckIn]":
        """The open questions to the same person. One whose spell is over is closed on the way: its answer would say nothing new."""
        others: list[CheckIn] = []
        to_them = CheckIn.objects.filter(person__in=self.person.everyone).open_questions()
        for each in to_them.exclude(pk=self.pk).select_related("blocker"):
            if each.blocker.moved_at == each.spell_began_at and not each.blocker.confirmed_at:
                others.append(each)
            else:
                each._close(self.Because.NOT_MOVED, at)
        return others

    # As its mail leaves

    @classmethod
    def may_leave(cls, delivery: "Delivery", at: datetime) -> bool:
        """Whether this question is still to be sent now. What came in between takes it back, or puts it off until the morning."""
        asks = (
            cls.objects.select_related("blocker", "person", "conversation__mailbox")
            .filter(message_id=delivery.message_id)
            .first()
        )
        if asks and asks.closed_at is None and not asks.answer:
            why = asks._why_not(_whom(asks.conversation, asks.person), at)
            if why:
                asks._close(why, at)
        if asks is None or asks.closed_at or asks.answer:
            Message.objects.filter(pk=delivery.message_id).update(taken_back_at=at)
            type(delivery).objects.filter(pk=delivery.pk).update(taken_back_at=at, due_at=None)
            return False
        free: datetime = asks.person.quiet(Desk.get()).over(at)
        if free > at:
            type(delivery).objects.filter(pk=delivery.pk).update(due_at=free)
        return free <= at

    @classmethod
    def has_left(cls, message: Message, at: datetime) -> None:
        """Their server has taken it: it was asked, and the ledger says so."""
        for asks in cls.objects.filter(message_id=message.pk, asked_at=None):
            asks.was_asked(at)

    @classmethod
    def never_left(cls, message: Message, at: datetime) -> None:
        """It was given up: nobody was asked."""
        for asks in cls.objects.filter(message_id=message.pk, asked_at=None, closed_at=None):
            asks._close(cls.Because.NOT_SENT, at)

    def was_asked(self, at: datetime) -> None:
        """`asked`, once, however often this is called."""
        self._update(asked_at=self.asked_at or at)
        OutcomeEvent.record(
            Kind.ASKED, key=f"asked:{self.pk}", at=at, blocker=self.blocker, horizon=self.horizon, random=self.random
        )

    @classmethod
    def with_link(cls, message: Message) -> Words:
        """The words of the message that asks, with the link in its place: made anew at every try, the same each time, and kept nowhere."""
        asks = cls.objects.filter(message_id=message.pk).first()
        address = asks.address if asks else ""
        shown = format_html('<a href="{0}">{0}</a>', address)
        return Words(message.text.replace(LINK, address), message.html.replace(LINK, shown))

    @property
    def address(self) -> str:
        """The page on which they answer; "" once its time is over."""
        tokens = (self._token(key) for key in check_in_keys())
        token = next((each for each in tokens if secrets.compare_digest(_digest(each), self.token_digest)), None)
        return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('check_in', args=[token])}" if token else ""

    def _token(self, key: bytes) -> str:
        """128 bits that only this desk can make, of this check-in and no other: so that a mail tried twice has the same link."""
        return hmac.new(key, f"check-in {self.pk} {self.spell_began_at.isoformat()}".encode(), sha256).hexdigest()[:32]

    @classmethod
    def put_right_after_a_clock_went_back(cls, at: datetime) -> None:
        """What was put off by a wrong clock is due when it was planned: nothing is put off for longer than AT_MOST_LATE."""
        not_asked = cls.objects.filter(message_id=None, closed_at=None, due_at__gt=at + cls.AT_MOST_LATE)
        not_asked.filter(due_at__gt=models.F("planned_at") + cls.AT_MOST_LATE).update(due_at=models.F("planned_at"))

    def _close(self, because: str, at: datetime) -> None:
        self._update(closed_at=at, closed_because=because, due_at=self.expires_at if self.message_id else None)
        publish("conversation", self.conversation_id)

    def _update(self, **values: object) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        self.save(update_fields=list(values))


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _whom(conversation: "Conversation", person: Person) -> Address | None:
    """Where they are reached: the address from which they wrote here last, of those that get what we write and that mail reaches."""
    ours = our_addresses()
    gets = {each.email.lower() for each in conversation.participants.recipients()}
    known = Address.objects.filter(person__in=person.everyone, cannot_be_reached_at=None).order_by("id")
    good = {each.email.lower(): each for each in known}
    good = {email: each for email, each in good.items() if email in gets and email not in ours}
    wrote = (
        conversation.messages.by_people()
        .filter(person__in=person.everyone)
        .order_by("-at", "-id")
        .values_list("email", flat=True)
    )
    return next((good[email.lower()] for email in wrote[:50] if email.lower() in good), next(iter(good.values()), None))


def _only_imported(conversation: "Conversation") -> bool:
    """It is a conversation of an archive in which nobody has written since."""
    since = conversation.imported_at
    return since is not None and not conversation.messages.by_people().filter(at__gt=since).exists()
