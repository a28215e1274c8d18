"""A message on its way out, with its tries."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal, Self

from django.conf import settings
from django.db import models, transaction
from django.utils.html import escape, linebreaks
from django.utils.translation import gettext as _

from touchline.channels import Never, NotNow, Refused, Reply, WrongSetting
from touchline.core.mail.automatic import Bounce
from touchline.core.mail.compose import CannotBeAddressed, Outgoing, compose, quoted
from touchline.core.mail.email import Attachment as MailAttachment
from touchline.core.mail.email import Correspondent
from touchline.core.mail.recipients import ascii_domain
from touchline.desk import files
from touchline.desk.live import publish
from touchline.desk.models.activity import Activity
from touchline.desk.models.blocker import Blocker
from touchline.desk.models.check_in import CheckIn
from touchline.desk.models.conversation import Conversation
from touchline.desk.models.conversation_writing import correspondents
from touchline.desk.models.mailbox import Mailbox
from touchline.desk.models.message import Message, Words
from touchline.desk.models.notice import Notice
from touchline.desk.models.person import Address
from touchline.desk.models.row import Due, DueQuerySet, growing_pause
from touchline.desk.models.write_once import WriteOnceMail

AUTOMATIC: dict[str, Literal["", "replied", "generated"]] = {"acknowledgement": "replied", "check_in": "generated"}
"""What the desk itself tells people, as RFC 3834 (section 5) names it."""


class DeliveryQuerySet(DueQuerySet):
    def visible_to(self, teammate: Any) -> Self:
        return self.all()

    def not_sent(self) -> Self:
        """What has left the writer's hand and not the house, newest first: waiting, failing, or given up."""
        return self.filter(released_at__isnull=False, sent_at=None, taken_back_at=None, put_away_at=None).order_by("-id")

    def wait_for_their_time(self) -> Self:
        """Those that are to leave when their writer said."""
        return self.filter(send_at__isnull=False, released_at=None)

    def later(self) -> Self:
        """Those of them that will leave, the first to leave first."""
        return self.wait_for_their_time().filter(taken_back_at=None).order_by("send_at", "id")

    def in_trouble(self) -> Self:
        """Those that a teammate should look at."""
        return self.filter(put_away_at=None, taken_back_at=None).exclude(trouble="").order_by("-id")


class Delivery(Due):
    LEASE: ClassVar = timedelta(minutes=10)  # longer than we wait for a server, so that no two have it in hand
    GIVE_UP_AFTER: ClassVar = timedelta(days=4)
    GIVE_UP_TRIES: ClassVar = 20  # as many as four days have; a clock that jumps, or a desk that was off, gives nobody up

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="deliveries")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="deliveries")
    blocker = models.ForeignKey(Blocker, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    moves = models.BooleanField(default=False, help_text="the blocker is moved with it")
    send_at = models.DateTimeField(null=True, blank=True, help_text="when it is to leave, where the writer chose a time")
    unless_they_write = models.BooleanField(default=False, help_text="it does not leave if they write before it does")
    held_at = models.DateTimeField(null=True, blank=True, help_text="since when it waits for its writer, since they wrote first")
    waited_since = models.DateTimeField(null=True, blank=True, help_text="since when they waited, before it was written")
    written_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True, help_text="when the time to take it back was over")
    taken_back_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    gave_up_at = models.DateTimeField(null=True, blank=True)
    put_away_at = models.DateTimeField(
        null=True, blank=True, help_text="a teammate has seen its trouble and wants it off the list"
    )
    trying_since = models.DateTimeField(null=True, blank=True, help_text="when the first of these tries was made")
    claimed_until = models.DateTimeField(null=True, blank=True, help_text="until when whoever sent it last had it to send")
    refused = models.JSONField(default=dict, help_text="recipients that were refused or bounced, and why")
    still_to = models.JSONField(
        default=list, help_text="recipients who may get it later, where others have it; empty: nobody has it yet"
    )
    quotes = models.ForeignKey(
        Message, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="what it answers"
    )

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="delivery_due"),
            models.Index(
                fields=["-id"],
                condition=models.Q(released_at__isnull=False, sent_at=None, taken_back_at=None, put_away_at=None),
                name="delivery_not_sent",
            ),
            models.Index(
                fields=["-id"],
                condition=models.Q(put_away_at=None, taken_back_at=None) & ~models.Q(trouble=""),
                name="delivery_in_trouble",
            ),
            models.Index(
                fields=["send_at"],
                condition=models.Q(send_at__isnull=False, released_at=None, taken_back_at=None),
                name="delivery_later",
            ),
            models.Index(fields=["mailbox", "-id"], condition=models.Q(sent_at__isnull=False), name="delivery_last_sent"),
        ]

    @property
    def can_be_taken_back(self) -> bool:
        return self.released_at is None and self.taken_back_at is None

    @property
    def can_go_again(self) -> bool:
        """It did not arrive, or not everywhere, and is not tried any more by itself: another may take its place."""
        return self.gave_up_at is not None or (self.sent_at is not None and bool(self.refused))

    @property
    def waits_for_setup(self) -> bool:
        return self.released_at is not None and self.sent_at is None and not self.mailbox.can_send

    @property
    def is_being_sent(self) -> bool:
        """Somebody has it in hand: it is due again only at the end of their lease."""
        return self.due_at is not None and self.due_at == self.claimed_until

    def claim(self, at: datetime, *, lease: timedelta) -> bool:
        is_ours = super().claim(at, lease=lease)
        if is_ours:
            self._update(claimed_until=self.due_at)
        return is_ours

    @transaction.atomic
    def release(self, at: datetime) -> bool:
        """The time to take it back is over: what it means for the blocker is recorded now. False if it was taken back, or put off."""
        conversation = Conversation.objects.select_for_update().get(pk=self.conversation_id)
        self.refresh_from_db()
        put_off = self.released_at is None and self.send_at is not None and self.send_at > at
        if self.taken_back_at or put_off:
            return False
        elif self.released_at is None:
            self.released_at = at
            self.save(update_fields=["released_at"])
            if self.send_at:  # it is said now, whenever it was written
                self.message.at = at
                self.message.save(update_fields=["at"])
            by = self.message.teammate
            if by:
                conversation.added(self.message, at=at)
            self._take_the_place_of(self.message.resends, at)
            if self.blocker and by:
                self.blocker.took_part(by=by, how="reply", at=at, key=f"took_part:{self.message_id}")
            if self.moves and self.blocker and by:
                conversation.move_blocker(by=by, at=at, blocker=self.blocker, message=self.message, closes=True)
            publish("conversation", self.conversation_id)
            publish("places", 0)
        return True

    def _take_the_place_of(self, earlier: Message | None, at: datetime) -> None:
        """What could not be sent, or did not arrive, is off the list of troubles: this goes in its place."""
        if earlier:
            Delivery.objects.filter(message=earlier, put_away_at=None).update(put_away_at=at, due_at=None)

    def send(self, at: datetime) -> None:
        """Hand the message to its channel. If that fails it is due again later, and the team can see why."""
        if self.sent_at:
            self._update(due_at=None)
        elif self.message.asks and not CheckIn.may_leave(self, at):
            self.refresh_from_db()
        elif settings.DEMO:
            self._update(due_at=None, trouble=_("The demo desk mails nobody."))
        elif not self.mailbox.can_send:
            self._update(
                due_at=None,
                trouble=_("Sending is not set up for %(address)s. It is kept here until it is.")
                % {"address": self.mailbox.address},
            )
        elif self.message.is_one_of_many:
            if WriteOnceMail.may_leave(self, at):
                self._try(at)
                WriteOnceMail.was_handed_over(self)
        else:
            self._try(at)
        publish("conversation", self.conversation_id)
        publish("places", 0)

    def _try(self, at: datetime) -> None:
        self.trying_since = self.trying_since or at
        self.save(update_fields=["trying_since"])
        try:
            refused = self.mailbox.how.send(self.mailbox.told_out(), self.as_reply())
        except Never as trouble:
            self._settle(dict(trouble.refused), str(trouble), at, taken=False)
        except CannotBeAddressed as trouble:
            self._settle({}, str(trouble), at, taken=False)
        except WrongSetting as trouble:
            self.try_again(at, str(trouble), pause=growing_pause(self.tries))
        except NotNow as trouble:
            if self._tried_for_long(at):
                self._settle(dict(trouble.refused), str(trouble), at, taken=False)
            else:
                self.try_again(at, str(trouble), pause=growing_pause(self.tries))
        else:
            later = [who for who, why in refused.items() if not why.permanent]
            if later and not self._tried_for_long(at):
                self.refused = self.refused | {who: str(why) for who, why in refused.items()}
                self.still_to = later
                self.save(update_fields=["refused", "still_to"])
                self.try_again(at, " ".join(refused.values()), pause=growing_pause(self.tries))
            else:
                self._settle(dict(refused), " ".join(refused.values()), at, taken=True)

    def _tried_for_long(self, at: datetime) -> bool:
        since = self.trying_since or at
        return at - since > self.GIVE_UP_AFTER and self.tries >= self.GIVE_UP_TRIES

    @transaction.atomic
    def _settle(self, refused: dict[str, Refused], trouble: str, at: datetime, *, taken: bool) -> None:
        """It will not be tried again: `taken` by the outside but for those `refused`, or given up with this trouble."""
        got_it = set(self.still_to or self.recipients()) - refused.keys() if taken else set()
        known = {who: why for who, why in self.refused.items() if who not in got_it} | {
            who: str(why) for who, why in refused.items()
        }
        for who in got_it & self.refused.keys():
            Address.objects.filter(email__lower=who.lower()).update(cannot_be_reached_at=None)
        if taken or self.still_to:
            self._update(sent_at=at, due_at=None, tries=0, refused=known, still_to=[], trouble=" ".join(known.values())[:2000])
            for who, why in refused.items():
                self._unreachable(who, permanent=why.permanent, at=at)
            self._tell_if_missed(Activity.Kind.BOUNCED, known, at)
            if self.message.asks:
                CheckIn.has_left(self.message, at)
        else:
            if self.message.asks:
                CheckIn.never_left(self.message, at)
            self._update(gave_up_at=at, due_at=None, refused=known, trouble=trouble[:2000])
            for who, why in refused.items():
                self._unreachable(who, permanent=why.permanent, at=at)
            self._they_still_wait(Activity.Kind.COULD_NOT_SEND, trouble, at)

    @transaction.atomic
    def bounced(self, bounce: Bounce, at: datetime) -> None:
        """A mail came back that says it did not arrive. Whom it was for waits again; where it is only late, that is noted."""
        lost = bounce.permanent or bounce.given_up
        self._update(
            refused=self.refused | {bounce.recipient: bounce.reason},
            trouble=bounce.reason[:2000] if lost else self.trouble,
        )
        if lost:
            self._unreachable(bounce.recipient, permanent=bounce.permanent, at=at)
            self._tell_if_missed(Activity.Kind.BOUNCED, {bounce.recipient: bounce.reason}, at)

    def _unreachable(self, who: str, *, permanent: bool, at: datetime) -> None:
        """An address that mail cannot reach is marked, if we wrote to it: anyone can say that some other cannot be reached."""
        if permanent and who.lower() in self.recipients():
            Address.objects.filter(email__lower=who.lower(), cannot_be_reached_at=None).update(cannot_be_reached_at=at)

    def _tell_if_missed(self, kind: str, missed: dict[str, str], at: datetime) -> None:
        """Whoever it was for and does not have it waits again; where only somebody copied missed it, that is only told."""
        copied = {address.lower() for place in ("cc", "bcc") for _name, address in self.message.addressed.get(place, [])}
        if any(who.lower() not in copied for who in missed):
            self._they_still_wait(kind, " ".join(missed.values()), at)
        elif missed:
            conversation = Conversation.objects.select_for_update().get(pk=self.conversation_id)
            with Activity.of(conversation, kind, by=None, at=at, message=self.message, about=" ".join(missed.values())[:500]):
                pass
            self._tell_its_writer(" ".join(missed.values()), at)

    @transaction.atomic
    def try_by_hand(self, at: datetime) -> None:
        """Try again now, whatever happened before. While it is on its way once more, they do not wait."""
        conversation = Conversation.objects.select_for_update().get(pk=self.conversation_id)
        self.refresh_from_db()
        if self.released_at and self.sent_at is None and self.taken_back_at is None and not self.message.sent_again():
            wrote_since = conversation.messages.by_people().filter(at__gt=self.message.at).exists()
            if self.gave_up_at and not wrote_since and not self.message.forwards_id:
                conversation.waiting_since = None
                conversation.save(update_fields=["waiting_since"])
            if self.message.is_one_of_many:
                WriteOnceMail.may_leave_again(self)
            self._update(due_at=at, gave_up_at=None, put_away_at=None, tries=0, trying_since=None, trouble="")
            publish("delivery", self.pk)
            conversation.tell()

    @transaction.atomic
    def may_have_left(self, at: datetime) -> None:
        """We were ended while it was handed over, and nobody can know whether it was taken: it is not tried again by itself."""
        trouble = _("We were stopped while this was handed over, so they may have it already. It is not sent again by itself.")
        self._update(gave_up_at=at, due_at=None, trouble=trouble)
        self._they_still_wait(Activity.Kind.COULD_NOT_SEND, trouble, at)

    def put_away(self, at: datetime) -> None:
        self._update(put_away_at=at, due_at=None)
        publish("places", 0)

    def as_reply(self) -> Reply:
        """What goes over the wire: the same bytes at every try, to those who do not have it yet."""
        message = self.message
        to, cc, reply_to = (correspondents(message.addressed.get(name)) for name in ("to", "cc", "reply_to"))
        domain = ascii_domain(self.mailbox.address).rpartition("@")[2]
        signed, signed_html = self._signature()
        past, past_html = self._past()
        pictures = {a.address: f"cid:{a.pk}@{domain}" for a in message.attachments.all() if a.inline}
        said = CheckIn.with_link(message) if message.asks else Words(message.text, message.html)
        html = said.html
        for ours, cid in pictures.items():
            html = html.replace(f'"{ours}"', f'"{cid}"')
        raw = compose(
            Outgoing(
                from_=Correspondent(name=message.name, address=message.sent_from or self.mailbox.address),
                to=tuple(to),
                cc=tuple(cc),
                reply_to=reply_to[0].address if reply_to else "",
                subject=message.subject,
                text=(said.text + signed + past).lstrip("\n"),
                html=html + signed_html + past_html if html else "",
                message_id=message.message_id,
                in_reply_to=message.references[-1] if message.references else "",
                references=tuple(message.references),
                date=message.at,
                automatic=AUTOMATIC.get(message.automatic, ""),
                attachments=tuple(
                    MailAttachment(
                        name=a.name,
                        content_type=a.content_type,
                        data=files.read(a.digest),
                        content_id=f"{a.pk}@{domain}" if a.inline else "",
                        inline=a.inline,
                    )
                    for a in message.attachments.order_by("id")
                ),
            )
        )
        # Only what answers something comes from nobody (RFC 3834, section 3.3): of what we ask we want to know where it bounces.
        envelope_from = "" if AUTOMATIC.get(message.automatic) == "replied" else self.mailbox.address
        return Reply(envelope_from=envelope_from, recipients=tuple(self.still_to or self.recipients()), raw=raw)

    def recipients(self) -> list[str]:
        """Everyone it goes to, those who get it unseen (Bcc) too: the envelope, and nothing in the mail, names them."""
        return [address.lower() for name in ("to", "cc", "bcc") for _name, address in self.message.addressed.get(name, [])]

    def _signature(self) -> tuple[str, str]:
        """What stands beneath the words, as text and as HTML, in the way that mail programs know it (RFC 3676, section 4.3).

        Many of them fold whatever follows such a line. What is passed on follows it and is to be read, so there it has none.
        """
        message = self.message
        line, line_html = ("", "") if message.forwards_id else ("-- \n", "-- <br>")
        if message.signature:
            html = message.signature_html or linebreaks(escape(message.signature))
            return f"\n\n{line}{message.signature}", f'<div class="signature">{line_html}{html}</div>'
        else:
            return "", ""

    def _past(self) -> tuple[str, str]:
        """What it answers or passes on, quoted beneath, as text and as HTML."""
        last = self.quotes
        if self.message.forwards_id and self.message.rest:
            rest = self.message.rest
            return f"\n\n{rest}", f'<blockquote type="cite">{linebreaks(escape(rest))}</blockquote>'
        elif last and last.text:
            when = last.at.astimezone(_zone()).strftime("%Y-%m-%d %H:%M")
            head = _("On %(when)s, %(who)s wrote:") % {"when": when, "who": last.by}
            text = "\n\n" + quoted(last.text, last.by, when)
            html = f'<p>{escape(head)}</p><blockquote type="cite">{linebreaks(escape(last.text))}</blockquote>'
            return text, html
        else:
            return "", ""

    def _they_still_wait(self, kind: str, about: str, at: datetime) -> None:
        if self.message.is_automatic:  # nobody waits for it: it is given up quietly
            self._update(put_away_at=at)
            return
        conversation = Conversation.objects.select_for_update().get(pk=self.conversation_id)
        with Activity.of(conversation, kind, by=None, at=at, message=self.message, about=about[:500]):
            if not self.message.forwards_id:  # nobody here waits for what was passed on to someone outside
                conversation.closed_at = None
                conversation.waiting_since = conversation.waiting_since or self.waited_since or self.written_at
        self._tell_its_writer(about, at)

    def _tell_its_writer(self, why: str, at: datetime) -> None:
        """Whoever sent it hears by mail that it did not arrive, wherever they are by now."""
        by = self.message.teammate
        if by and by.is_active:
            told = {"about": str(self.conversation), "number": self.conversation.number, "why": why[:500]}
            words = _(
                "What you wrote in “%(about)s” (number %(number)d) did not reach everyone: %(why)s\n\nThe conversation says who has it."
            )
            Notice.write(by.email, _("Not delivered: %(about)s") % told, words % told, at=at)

    def _update(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        self.save(update_fields=list(values))


def _zone() -> Any:
    from touchline.desk.models.desk import Desk

    return Desk.get().zone
