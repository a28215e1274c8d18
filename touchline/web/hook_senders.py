"""The sending services whose webhooks bring mail in: what each signs its posts with, and where in them the mail is.

django-anymail knows how each of them signs, and how to put a mail together from fields. Where a service posts the mail as it
came, those bytes are taken from the post itself, unread and unchanged.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email import policy
from email.message import Message
from typing import Any
from urllib.parse import quote

import requests
from anymail.exceptions import AnymailConfigurationError, AnymailError, AnymailWebhookValidationFailure
from anymail.inbound import AnymailInboundMessage
from anymail.webhooks import brevo, mailersend, mailgun, mailjet, mandrill, postal, postmark, resend, sendgrid, sparkpost
from anymail.webhooks.base import AnymailBaseWebhookView
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from touchline.web.hook_posts import Posted

WAITS = (5, 20)  # seconds for a service to answer, and between two pieces of what it sends
MOST_FETCHED = 64 * 1024 * 1024
MALFORMED = (LookupError, ValueError, TypeError, AttributeError, AssertionError)
"""What reading raises where something is not in the shape that a service documents."""

Told = Mapping[str, str]

USER = "touchline"
"""The name that stands before our password in the address that a service posts to."""


class NotTheirs(Exception):
    """It is not signed as this mailbox's service signs, or lacks our password."""


class NoMail(Exception):
    """It is signed well and is no mail that we could read. `str()` is a sentence for whoever looks after the service."""


class ServiceDown(Exception):
    """The service only named the mail, and could not be asked for it just now."""


@dataclass(frozen=True)
class Mail:
    """A mail that was posted: its bytes, and the envelope it came in as far as the service told."""

    raw: bytes
    mail_from: str = ""
    recipient: str = ""


@dataclass(frozen=True)
class Secret:
    """Something that only the service and we know. `anymail` is what django-anymail calls it."""

    name: str
    words: Promise
    anymail: str


@dataclass(frozen=True)
class Sender:
    """One service. `raw` takes mails as they came from a post; None where the post holds only their fields.

    `signs`: each post is signed with one of `secrets`; else the password in the address is what proves it. `how` says what to do there.
    """

    name: str
    words: str
    view: type[AnymailBaseWebhookView]
    raw: Callable[[Posted, Told], list[Mail] | None]
    how: Promise | str
    secrets: tuple[Secret, ...] = ()
    signs: bool = False
    ends_in: str = ""

    def mails(self, posted: Posted, told: Told, address: str) -> list[Mail]:
        """The mails of a post. `told` are the secrets by name, our `password` among them; `address` is where it was posted to.

        Raises NotTheirs, NoMail and ServiceDown.
        """
        if not all(told.get(name) for name in self.needed):
            raise NotTheirs  # nothing is proven by an empty key
        view = self._view(told, address)
        try:
            view.run_validators(posted)
        except (AnymailWebhookValidationFailure, *MALFORMED) as failure:
            raise NotTheirs from failure
        try:
            mails = self.raw(posted, told)
            return mails if mails is not None else [_put_together(event.message, posted) for event in view.parse_events(posted)]
        except requests.RequestException as trouble:
            raise ServiceDown(str(trouble)) from trouble
        except (AnymailError, AnymailConfigurationError, *MALFORMED) as trouble:
            raise NoMail(f"{type(trouble).__name__}: {trouble}"[:300]) from trouble

    @property
    def needed(self) -> tuple[str, ...]:
        """The names of all that must be known before a post can be believed."""
        return (*(secret.name for secret in self.secrets), *(() if self.signs else ("password",)))

    def _view(self, told: Told, address: str) -> AnymailBaseWebhookView:
        known: dict[str, Any] = {secret.anymail: told[secret.name] for secret in self.secrets}
        if not self.signs:
            known["webhook_secret"] = [f"{USER}:{told['password']}"]
        if self.name == "mandrill":
            known["webhook_url"] = address  # which it signs, too
        return self.view(**known)


def _put_together(message: AnymailInboundMessage | None, posted: Posted) -> Mail:
    """The bytes of a mail that came as fields: the same for the same post, so that one that is posted again is seen to be the same."""
    if message is None or not message["From"]:
        raise NoMail("This post holds no mail.")
    digest = hashlib.sha256(posted.body).hexdigest()[:24]
    for number, part in enumerate(message.walk()):
        if part.get_content_maintype() == "multipart":
            part.set_boundary(f"=_posted_{digest}_{number}")
        elif part.get_content_disposition():
            _spell_out(part)
    raw = Message.as_bytes(message, policy=policy.SMTP.clone(refold_source="none"))
    return Mail(raw, message.envelope_sender or "", message.envelope_recipient or "")


def _spell_out(part: AnymailInboundMessage) -> None:
    """A file in base64: as django-anymail leaves it, every lone line feed in it would become a line end."""
    data = part.get_payload(decode=True)
    if data is not None:
        del part["Content-Transfer-Encoding"]
        part["Content-Transfer-Encoding"] = "base64"
        part.set_payload(base64.encodebytes(data).decode("ascii"))


# Where each of them puts a mail as it came.


def _of_mailgun(posted: Posted, _told: Told) -> list[Mail] | None:
    if "body-mime" in posted.fields:
        return [Mail(posted.fields["body-mime"], posted.POST.get("sender") or "", posted.POST.get("recipient") or "")]
    else:
        return None


def _of_sendgrid(posted: Posted, _told: Told) -> list[Mail] | None:
    if "email" in posted.fields and "headers" not in posted.fields:
        envelope = json.loads(posted.POST.get("envelope") or "{}")
        return [Mail(posted.fields["email"], envelope.get("from") or "", next(iter(envelope.get("to") or []), ""))]
    else:
        return None


def _of_postmark(posted: Posted, _told: Told) -> list[Mail] | None:
    told = posted.told()
    if told.get("RawEmail") and told.get("RecordType", "Inbound") == "Inbound":
        first: Mapping[str, str] = next(iter(told.get("Headers") or []), {})
        sender = first.get("Value", "").strip("<>") if first.get("Name", "").lower() == "return-path" else ""
        return [Mail(_bytes(told["RawEmail"]), sender, told.get("OriginalRecipient") or "")]
    else:
        return None


def _of_mandrill(posted: Posted, _told: Told) -> list[Mail] | None:
    events = [each for each in json.loads(posted.POST["mandrill_events"]) if each.get("event") == "inbound"]
    return [Mail(_bytes(each["msg"]["raw_msg"]), recipient=each["msg"].get("email") or "") for each in events]


def _of_sparkpost(posted: Posted, _told: Told) -> list[Mail] | None:
    mails = []
    for each in posted.told():
        relayed = each["msys"].get("relay_message")
        if relayed:
            content = relayed["content"]
            is_base64 = content.get("email_rfc822_is_base64")
            raw = base64.b64decode(content["email_rfc822"]) if is_base64 else _bytes(content["email_rfc822"])
            mails.append(Mail(raw, relayed.get("msg_from") or "", relayed.get("rcpt_to") or ""))
    return mails


def _of_mailersend(posted: Posted, _told: Told) -> list[Mail] | None:
    told = posted.told()
    if told.get("type") != "inbound.message":
        raise NoMail(f"This is {told.get('type')}, and no mail.")
    data = told["data"]
    recipients = (data.get("recipients") or {}).get("rcptTo") or [{}]
    return [Mail(_bytes(data["raw"]), (data.get("sender") or {}).get("email") or "", recipients[0].get("email") or "")]


def _of_postal(posted: Posted, _told: Told) -> list[Mail] | None:
    told = posted.told()
    raw = base64.b64decode(told["message"]) if told.get("base64") else _bytes(told["message"])
    return [Mail(raw, told.get("mail_from") or "", told.get("rcpt_to") or "")]


def _of_fields(_posted: Posted, _told: Told) -> list[Mail] | None:
    """It never posts a mail as it came."""
    return None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _of_resend(posted: Posted, told: Told) -> list[Mail] | None:
    """It only names a mail, which is fetched from there as it came."""
    about = posted.told()
    if about.get("type") != "email.received":
        raise NoMail(f"This is {about.get('type')}, and no mail.")
    data = about["data"]
    key = {"Authorization": f"Bearer {told['api_key']}"}
    whole = json.loads(_fetched(f"https://api.resend.com/emails/receiving/{quote(data['email_id'], safe='')}", key)[0])
    raw, _kind = _fetched(whole["raw"]["download_url"], {})
    return [Mail(raw, recipient=next(iter(data.get("to") or []), ""))]


class SendGrid(sendgrid.SendGridInboundWebhookView):  # type: ignore[misc]
    """As django-anymail has it, but for its warning, to each post, that SendGrid gives it no account to test with."""

    def __init__(self, **kwargs: Any) -> None:
        super(sendgrid.SendGridInboundWebhookView, self).__init__(**kwargs)


class Brevo(brevo.BrevoInboundWebhookView):  # type: ignore[misc]
    """As django-anymail has it, but for a file that Brevo only names: that is waited for no longer than is sensible."""

    def _fetch_attachment(self, attachment: Mapping[str, Any]) -> Any:
        address = f"https://api.brevo.com/v3/inbound/attachments/{quote(attachment['DownloadToken'], safe='')}"
        content, kind = _fetched(address, {"api-key": self.api_key})
        return AnymailInboundMessage.construct_attachment(
            content_type=kind or attachment["ContentType"],
            content=content,
            filename=attachment.get("Name"),
            content_id=attachment.get("ContentID"),
        )


def _fetched(address: str, headers: Mapping[str, str]) -> tuple[bytes, str]:
    """What is at an address that the service named, and of which kind it is."""
    if not address.startswith("https://"):
        raise NoMail("The service named an address that is not https.")
    with requests.get(address, headers=headers, timeout=WAITS, stream=True, allow_redirects=False) as answer:
        answer.raise_for_status()
        whole = bytearray()
        for piece in answer.iter_content(256 * 1024):
            whole += piece
            if len(whole) > MOST_FETCHED:
                raise NoMail("It is larger than any mail we take.")
        return bytes(whole), answer.headers.get("Content-Type", "")


_PASSWORD_ONLY = _(
    "It signs nothing: the password in the address is what proves that a post is theirs. Give the address to nobody else."
)

SENDERS = {
    sender.name: sender
    for sender in (
        Sender("brevo", "Brevo", Brevo, _of_fields, _PASSWORD_ONLY, (Secret("api_key", _("API key"), "api_key"),)),
        Sender(
            "mailersend",
            "MailerSend",
            mailersend.MailerSendInboundWebhookView,
            _of_mailersend,
            _("In an inbound route, forward to this address; the secret stands beside it."),
            (Secret("signing_key", _("Secret of the inbound route"), "inbound_secret"),),
            signs=True,
        ),
        Sender(
            "mailgun",
            "Mailgun",
            mailgun.MailgunInboundWebhookView,
            _of_mailgun,
            _(
                "In a receiving route, choose Forward (not Store). With “mime” at the end, as it is here, mails come as they were sent."
            ),
            (Secret("signing_key", _("HTTP webhook signing key"), "webhook_signing_key"),),
            signs=True,
            ends_in="mime",
        ),
        Sender("mailjet", "Mailjet", mailjet.MailjetInboundWebhookView, _of_fields, _PASSWORD_ONLY),
        Sender(
            "mandrill",
            "Mandrill",
            mandrill.MandrillCombinedWebhookView,
            _of_mandrill,
            _("In Inbound, add a route for your domain that posts to this address. Its key stands under Webhooks."),
            (Secret("signing_key", _("Webhook key"), "webhook_key"),),
            signs=True,
        ),
        Sender(
            "postal",
            "Postal",
            postal.PostalInboundWebhookView,
            _of_postal,
            _(
                "Add an HTTP endpoint with this address that gets the whole message, and a route to it. The key is p= of its DKIM record."
            ),
            (Secret("signing_key", _("Public key of the server"), "webhook_key"),),
            signs=True,
        ),
        Sender(
            "postmark",
            "Postmark",
            postmark.PostmarkInboundWebhookView,
            _of_postmark,
            _("In the settings of the inbound stream, give this address, and switch on “Include raw email content”."),
        ),
        Sender(
            "resend",
            "Resend",
            resend.ResendInboundWebhookView,
            _of_resend,
            _("Add a webhook for the event email.received. It only names a mail, so we need a key to fetch it with."),
            (Secret("api_key", _("API key"), "api_key"),),
        ),
        Sender(
            "sendgrid",
            "SendGrid",
            SendGrid,
            _of_sendgrid,
            _("In Inbound Parse, give this address, and tick “POST the raw, full MIME message”."),
        ),
        Sender(
            "sparkpost",
            "SparkPost",
            sparkpost.SparkPostInboundWebhookView,
            _of_sparkpost,
            _("Add a relay webhook for your inbound domain that posts to this address."),
        ),
    )
}
"""The services that we know, by the name that a mailbox keeps."""
