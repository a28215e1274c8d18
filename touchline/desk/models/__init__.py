"""The nouns. One file a noun; a line here for each."""

from touchline.desk.models.row import Counter, new_id  # isort: skip
from touchline.desk.models.acknowledgement import Acknowledgement
from touchline.desk.models.activity import Activity
from touchline.desk.models.alias import Alias
from touchline.desk.models.ask_rule import AskRule
from touchline.desk.models.blocker import Blocker, ConversationBlocker
from touchline.desk.models.came_back_link import CameBackLink, NothingToDecide
from touchline.desk.models.check_in import CheckIn
from touchline.desk.models.checkup import Checkup
from touchline.desk.models.contact_form import ContactForm, FormPost, TooMuch
from touchline.desk.models.conversation import Conversation
from touchline.desk.models.delivery import Delivery
from touchline.desk.models.desk import Desk, LinkNotGood
from touchline.desk.models.draft import Draft, Presence
from touchline.desk.models.inbound_email import InboundEmail, InboundKey
from touchline.desk.models.kept_figures import KeptFigures
from touchline.desk.models.letter import Letter
from touchline.desk.models.mailbox import Mailbox, our_addresses
from touchline.desk.models.message import Attachment, Message, MessageKey, Words
from touchline.desk.models.notice import Notice
from touchline.desk.models.outcome_event import EventKey, OutcomeEvent
from touchline.desk.models.participant import Participant
from touchline.desk.models.person import Address, Person
from touchline.desk.models.product_event import ApiToken, ExternalId, KeyTaken, MilestoneSeen, ProductEvent, ProductRule, Webhook
from touchline.desk.models.sender_rule import SenderRule
from touchline.desk.models.shared_blocker import SharedBlocker
from touchline.desk.models.signature import Signature
from touchline.desk.models.spell import Spell
from touchline.desk.models.teammate import OnlyOwner, Teammate
from touchline.desk.models.topic import Topic
from touchline.desk.models.webhook_call import WebhookCall
from touchline.desk.models.write_once import WriteOnce, WriteOnceMail

__all__ = [
    "Acknowledgement", "Activity", "Address", "Alias", "ApiToken", "AskRule", "Attachment", "Blocker", "CameBackLink",
    "CheckIn", "Checkup", "ContactForm", "Conversation", "ConversationBlocker", "Counter", "Delivery", "Desk", "Draft",
    "EventKey", "ExternalId", "FormPost", "InboundEmail", "InboundKey", "KeptFigures", "KeyTaken", "Letter", "LinkNotGood", "Mailbox", "Message",
    "MessageKey", "MilestoneSeen", "NothingToDecide", "Notice", "OnlyOwner", "OutcomeEvent", "Participant", "Person", "Presence", "ProductEvent", "ProductRule",
    "SenderRule", "SharedBlocker", "Signature", "Spell", "Teammate", "TooMuch", "Topic", "Webhook", "WebhookCall", "Words", "WriteOnce",
    "WriteOnceMail", "new_id", "our_addresses",
]  # fmt: skip
