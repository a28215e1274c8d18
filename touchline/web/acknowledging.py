"""Whether a mailbox tells people that their mail has come, and in which words: a card on its page."""

from typing import Any

from django import forms

from touchline.desk.models import Conversation, Mailbox
from touchline.desk.models.conversation_telling import default_acknowledgement
from touchline.web.forms import Form
from touchline.web.request import Request


class TellThem(Form):
    acknowledges = forms.BooleanField(required=False)
    acknowledgement = forms.CharField(max_length=2000, required=False)

    def __init__(self, *args: Any, mailbox: Mailbox, **kwargs: Any) -> None:
        known = {"acknowledges": mailbox.acknowledges, "acknowledgement": mailbox.acknowledgement}
        super().__init__(*args, initial=known, **kwargs)
        self.mailbox = mailbox

    @property
    def looks(self) -> bool:
        """It is only to be shown as it would be."""
        return self.data.get("then") == "look"

    @property
    def words(self) -> str:
        """As they go out with what stands in the form now; the mailbox's own where it cannot be read."""
        told = self.cleaned_data["acknowledgement"] if self.is_bound and self.is_valid() else self.mailbox.acknowledgement
        return told.strip() or default_acknowledgement(self.mailbox.name).text


def card(_request: Request, mailbox: Mailbox) -> dict[str, Any]:
    return {
        "form": TellThem(mailbox=mailbox),
        "days": Conversation.ACKNOWLEDGE_AGAIN_AFTER.days,
        "most": Conversation.MOST_ACKNOWLEDGED,
    }
