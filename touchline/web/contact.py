"""The contact form: a page for people who have no mail program at hand, on the desk or within a page of somebody else.

It needs no account, no cookie and no script: a frame on another page gets no cookies. In place of a cookie stands a signed token that
says when the form was opened. Whatever is refused is refused with its words still there.
"""

import ipaddress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from csp.decorators import csp_replace
from django import forms
from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from touchline.core.mail.compose import CannotBeAddressed
from touchline.core.mail.email import Attachment, Correspondent
from touchline.core.mail.form_mail import Written, first_words
from touchline.core.mail.fresh_words import fresh_words
from touchline.core.mail.understand import understand
from touchline.desk.models import ContactForm, InboundEmail, TooMuch, our_addresses
from touchline.web.assets import all_assets
from touchline.web.forms import Form
from touchline.web.page import render
from touchline.web.request import Request

QUICKEST = timedelta(seconds=2)
"""Nobody reads a form and fills it in faster."""
OPEN_FOR = timedelta(days=1)
"""So long the token of a page that was opened is good."""
SHOWN_FOR = timedelta(hours=1)
"""So long the page that thanks can show the words again."""
MOST_WORDS = 50_000
EMBEDDED_FOR = 300  # seconds for which a browser may keep the script that other pages load


class Write(Form):
    """What is asked of somebody who writes. `website` is the trap: people do not see it."""

    address = forms.EmailField(max_length=254)
    name = forms.CharField(max_length=100, required=False)
    subject = forms.CharField(max_length=200, required=False)
    words = forms.CharField(max_length=MOST_WORDS, strip=False)
    website = forms.CharField(required=False)
    token = forms.CharField(required=False)

    def __init__(self, *args: Any, takes: ContactForm, files: "list[UploadedFile[Any]]", at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["address"].error_messages["required"] = _("Where may we answer you? It looks like nora@example.org.")
        self.fields["words"].error_messages["required"] = _("Please tell us what is in the way, in a few words.")
        self.takes = takes
        self.files_sent = files if takes.takes_files else []
        self.at = at
        self.opened_at = opened_at(str(self.data.get("token", "")), takes) if self.is_bound else None

    @property
    def fresh_token(self) -> str:
        """The token it came with, so that its time goes on; a new one where that is no good any more."""
        opened = self.opened_at
        return token_of(self.takes, opened if opened and self.at - opened < OPEN_FOR else self.at)

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip()
        if address.lower() in our_addresses():
            raise forms.ValidationError(_("This is our own address. Where may we answer you?"))
        return address

    def clean_words(self) -> str:
        words = str(self.cleaned_data["words"])
        if not words.strip():
            raise forms.ValidationError(self.fields["words"].error_messages["required"])
        return words

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        self._refuse_too_many_files()
        if not self.opened_at or self.at - self.opened_at >= OPEN_FOR:
            self.add_error(None, _("This page was open for a long time. Your words are still here: please press Send once more."))
        elif self.at - self.opened_at < QUICKEST:
            self.add_error(None, _("That was quicker than people write. Your words are still here: please press Send once more."))
        return told

    def _refuse_too_many_files(self) -> None:
        most = self.takes.MOST_FILES
        if len(self.files_sent) > most:
            words = ngettext("At most %(count)d file fits.", "At most %(count)d files fit.", most) % {"count": most}
            self.add_error(None, FilesRefused(words))
        elif sum(file.size or 0 for file in self.files_sent) > self.takes.most_bytes:
            words = _("These files are more than %(size)d MB together. Could one be left out?")
            self.add_error(None, FilesRefused(words % {"size": self.takes.most_bytes // 1_000_000}))

    @property
    def wrong_files(self) -> str:
        """What is wrong with the files; where they were fine, that a browser forgets them with every try."""
        refused = [str(each.message) for each in self._whole_errors() if isinstance(each, FilesRefused)]
        if refused:
            return " ".join(refused)
        elif self.is_bound and self.files_sent:
            return _("Please choose your files once more.")
        else:
            return ""

    @property
    def whole(self) -> str:
        return " ".join(" ".join(each.messages) for each in self._whole_errors() if not isinstance(each, FilesRefused))

    def _whole_errors(self) -> list[forms.ValidationError]:
        return list(self.errors.as_data().get("__all__", [])) if self.is_bound else []

    def written(self) -> Written:
        told = self.cleaned_data
        return Written(
            writer=Correspondent(told["name"], told["address"]),
            subject=" ".join(told["subject"].split()),
            words=told["words"].replace("\r\n", "\n"),
            files=tuple(Attachment(file.name or "", file.content_type or "", file.read()) for file in self.files_sent),
        )


class FilesRefused(forms.ValidationError):
    """It is the files that are too many or too large."""


@csrf_exempt  # a frame on another page gets no cookie; the form acts in nobody's name
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, key: str) -> HttpResponse:
    """The form; what is posted is kept durably before anyone is thanked."""
    takes, asked = _form(key), cast(Request, request)
    if not takes.is_open:
        return _show(asked, takes, "contact/closed.html", status=410)
    sent = asked.FILES.getlist("files") if asked.method == "POST" else []
    form = Write(asked.POST if asked.method == "POST" else None, takes=takes, files=sent, at=asked.at)
    status = 200
    if asked.method == "POST":
        status, inbound = _take(asked, takes, form)
        if inbound:
            return redirect(_address("contact_sent", asked, key, sent_token(inbound)))
    return _show(asked, takes, "contact/form.html", status=status, form=form)


def _take(request: Request, takes: ContactForm, form: Write) -> tuple[int, InboundEmail | None]:
    """Keep it; or say in the form why not, with the status that says so to programs."""
    if not form.is_valid():
        return 422, None
    try:
        trap = str(form.cleaned_data["website"])
        return 303, takes.take(form.written(), at=request.at, network=network_of(request), trap=trap)
    except CannotBeAddressed:
        form.add_error("address", _("We couldn’t read this address. It looks like nora@example.org."))
        return 422, None
    except TooMuch as trouble:
        minutes = max(1, (trouble.again_at - request.at) // timedelta(minutes=1))
        words = ngettext(
            "A lot was sent from here within the hour, and we take no more just now. Your words are still here: please press Send again in %(minutes)d minute, or write to %(address)s.",
            "A lot was sent from here within the hour, and we take no more just now. Your words are still here: please press Send again in %(minutes)d minutes, or write to %(address)s.",
            minutes,
        )
        form.add_error(None, words % {"minutes": minutes, "address": takes.mailbox.address})
        return 429, None
    except OSError:
        words = _(
            "We could not keep this just now. Your words are still here: please press Send again in a minute, or write to %(address)s."
        )
        form.add_error(None, words % {"address": takes.mailbox.address})
        return 503, None


@require_safe
def sent(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """Thanks, what happens next, and for an hour what was written."""
    takes, asked = _form(key), cast(Request, request)
    inbound = sent_by(token, takes, asked.at)
    try:
        email = understand(inbound.raw()) if inbound else None
    except OSError:
        email = None  # its bytes are not where they are kept just now; that it came is true all the same
    words = fresh_words(email) if email else None
    said = "\n\n".join(part for part in (words.new, words.rest) if part) if words else ""
    subject = email.subject if email and email.subject != first_words(said) else ""
    return _show(asked, takes, "contact/sent.html", email=email, subject=subject, said=said)


@require_safe
def embed(request: HttpRequest, key: str) -> HttpResponse:
    """The script that another page loads: it shows the form there in a frame, or behind a button."""
    _form(key)
    response = HttpResponse(all_assets()["embed.js"].body, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={EMBEDDED_FOR}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _form(key: str) -> ContactForm:
    found = ContactForm.objects.select_related("mailbox").filter(key=key, opened_at__isnull=False).first()
    if found is None:
        raise Http404
    return found


def _show(request: Request, takes: ContactForm, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page of the form: in the language of the page around it, and framed by no other pages than the form's own."""
    with translation.override(language_of(request)):
        theme = request.GET.get("theme", "")
        response = render(
            request,
            template,
            status=status,
            takes=takes,
            embedded="embedded" in request.GET,
            preview="preview" in request.GET,
            here=_address("contact", request, takes.key),
            **({"theme": theme} if theme in ("light", "dark") else {}),
            **context,
        )
    return cast(HttpResponse, csp_replace({"frame-ancestors": ["'self'", *takes.origins]})(lambda _request: response)(request))


def language_of(request: Request) -> str:
    """That of the page around the frame, else the browser's; English where we have no words in it, so that a page never says of its
    words that they are in a language which they are not in."""
    wanted = (request.GET.get("lang") or translation.get_language() or "").lower().partition("-")[0]
    return wanted if wanted in _languages() else settings.LANGUAGE_CODE


@cache
def _languages() -> frozenset[str]:
    offered = (code for code, _name in settings.LANGUAGES)
    return frozenset(code for code in offered if any((Path(path) / code).is_dir() for path in settings.LOCALE_PATHS))


def _address(name: str, request: Request, *args: str) -> str:
    """With what the page around the frame told about its looks."""
    told = {each: request.GET[each] for each in ("embedded", "theme", "lang") if each in request.GET}
    return reverse(name, args=args) + ("?" + urlencode(told) if told else "")


def network_of(request: HttpRequest) -> str:
    """Where it was sent from: an address, or of IPv6 the network of one household or office (/64).

    "" where that is this machine: then a proxy stands before it that we were not told of, and everyone would be one network.
    """
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return ""
    if address.version == 6:
        address = address.ipv4_mapped or address
    if address.is_loopback:
        return ""
    return str(address if address.version == 4 else ipaddress.ip_network((address, 64), strict=False))


def token_of(takes: ContactForm, at: datetime) -> str:
    """That this form was opened at this time, signed."""
    return signing.Signer(salt="contact form opened").sign(f"{takes.key} {int(at.timestamp())}")


def opened_at(token: str, takes: ContactForm) -> datetime | None:
    """When the form was opened; None where the token is not ours, or another form's."""
    try:
        key, _blank, seconds = signing.Signer(salt="contact form opened").unsign(token).rpartition(" ")
        return datetime.fromtimestamp(int(seconds), UTC) if key == takes.key else None
    except (signing.BadSignature, ValueError):
        return None


def sent_token(inbound: InboundEmail) -> str:
    """The right to see once more what was just sent; good for an hour."""
    return signing.Signer(salt="contact form sent").sign(str(inbound.pk))


def sent_by(token: str, takes: ContactForm, at: datetime) -> InboundEmail | None:
    try:
        id = int(signing.Signer(salt="contact form sent").unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    return InboundEmail.objects.filter(
        pk=id, mailbox=takes.mailbox_id, via=InboundEmail.Via.FORM, received_at__gt=at - SHOWN_FOR
    ).first()
