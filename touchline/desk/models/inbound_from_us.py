"""A mail by one of us, once it is proved to be: somebody's mail that they forward, or words for the team."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, cast

from django.utils.translation import gettext as _

from touchline.core.mail.automatic import Automatic, Kind
from touchline.core.mail.email import Email
from touchline.core.mail.fresh_words import FreshWords
from touchline.core.mail.passed_on import PassedOn
from touchline.desk.models.activity import Activity
from touchline.desk.models.mailbox import our_addresses

if TYPE_CHECKING:
    from touchline.desk.models.conversation import Conversation
    from touchline.desk.models.inbound_email import InboundEmail
    from touchline.desk.models.message import Message
    from touchline.desk.models.teammate import Teammate


class FromUs(NamedTuple):
    """Who of us wrote it, and what they pass on, where they do."""

    teammate: "Teammate"
    passed_on: PassedOn | None


class FilingOurs:
    def _place_ours(self, email: Email, words: FreshWords, ours: FromUs, kept: Callable[[], list[str]]) -> "Message | None":
        """What they forward is the mail of whoever wrote it, with their own words above as a note. What answers in a conversation is a
        note too: nothing is sent in a teammate's name that they did not send here. All else waits for somebody to say what it is."""
        from touchline.desk.models.conversation import Conversation

        inbound = cast("InboundEmail", self)
        if ours.passed_on and not _is_one_of_us(ours.passed_on.email.sender.address):
            return inbound._bring(ours.passed_on, ours.teammate, kept())
        written = Automatic(kind=Kind.HUMAN, because="", bounce=None, loop=False)
        conversation, choice = Conversation.for_email(email, written, inbound.mailbox, inbound.received_at)
        if conversation and not choice.clue.is_weak and not conversation.spam_at:
            return inbound._note_by_mail(conversation, email, words, ours.teammate, kept())
        else:
            inbound.trouble = _("%(name)s, one of us, wrote this, and it neither forwards a mail nor answers one.") % {
                "name": ours.teammate.name
            }
            return None

    def _bring(self, passed_on: PassedOn, by: "Teammate", kept: list[str]) -> "Message":
        """The mail that a teammate forwards, as if it had come here first; their own words stand beside it as a note."""
        from touchline.desk.models.conversation import Conversation
        from touchline.desk.models.message import MessageKey

        inbound = cast("InboundEmail", self)
        email, words, above = passed_on
        earlier = MessageKey.find(email.message_id, inbound.mailbox)
        if earlier and earlier.says_the_same(email.subject, words.new, words.rest):
            return earlier
        human = Automatic(kind=Kind.HUMAN, because="", bounce=None, loop=False)
        conversation, choice = Conversation.for_email(email, human, inbound.mailbox, inbound.received_at)
        if conversation and not conversation.spam_at:
            message = conversation.add(email, words, human, inbound=inbound, kept=kept, choice=choice, twin=earlier)
        else:
            message = Conversation.start(email, words, inbound=inbound, kept=kept, twin=earlier)
        message.because = _("%(name)s forwarded it to this mailbox.") % {"name": by.name}
        message.save(update_fields=["because"])
        with Activity.of(message.conversation, Activity.Kind.BROUGHT, by=by, at=message.at, message=message):
            pass
        if above:
            inbound._says_to_the_team(message.conversation, above, by, at=message.at)
        return message

    def _note_by_mail(
        self, conversation: "Conversation", email: Email, words: FreshWords, by: "Teammate", kept: Sequence[str]
    ) -> "Message":
        from touchline.desk.models.conversation import attachments_of
        from touchline.desk.models.message import MessageKey

        inbound = cast("InboundEmail", self)
        note = inbound._says_to_the_team(conversation, words.new or email.subject, by, at=inbound.received_at)
        note.subject, note.text, note.rest = email.subject, words.new, words.rest
        note.message_id, note.inbound, note.email = email.message_id, inbound, email.sender.address
        note.because = _("%(name)s sent it by mail. It went to nobody: what you answer is sent from here.") % {"name": by.name}
        note.really_from = inbound.really_from
        note.save()
        for attachment in attachments_of(email, note, kept):
            attachment.save()
        MessageKey.remember(note, inbound.mailbox)
        return note

    def _says_to_the_team(self, conversation: "Conversation", text: str, by: "Teammate", *, at: datetime) -> "Message":
        from touchline.desk.models.message import Words

        return conversation.note(Words.plain(text), by=by, at=at)


def _is_one_of_us(address: str) -> bool:
    from touchline.desk.really_from import teammate_at

    return address in our_addresses() or teammate_at(address) is not None
