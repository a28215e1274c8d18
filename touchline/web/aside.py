"""Mails that are in no conversation, spam among them: why, what they say, and what to do with them."""

import structlog
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from touchline.core.mail.fresh_words import fresh_words
from touchline.core.mail.understand import understand
from touchline.desk.models import InboundEmail, SenderRule
from touchline.desk.models.sender_rule import is_everybodys
from touchline.web.access import inbound_for, signed_in
from touchline.web.around import offer, show
from touchline.web.forms import id_in
from touchline.web.request import Request

log = structlog.get_logger()

A_PAGE = 50
RAW_SHOWN = 100_000


@require_safe
@signed_in
def set_aside(request: Request) -> HttpResponse:
    """Newest first; `?before=` goes on to older ones."""
    before = id_in(request.GET, "before")
    listed = InboundEmail.objects.visible_to(request.teammate).set_aside().select_related("mailbox")
    if before:
        listed = listed.filter(pk__lt=before)
    found = list(listed[: A_PAGE + 1])
    older = found[A_PAGE - 1].pk if len(found) > A_PAGE else None
    return show(request, "set_aside.html", here="set_aside", mails=found[:A_PAGE], older=older, first=not before, writer=writer)


@require_safe
@signed_in
def one(request: Request, id: int) -> HttpResponse:
    """As far as it can be read, beside the bytes as they came. One that found its place leads there."""
    inbound = inbound_for(request.teammate, id)
    if inbound.message:
        return redirect("conversation", inbound.message.conversation.number)
    return _shown(request, inbound)


@require_safe
@signed_in
def raw(request: Request, id: int) -> HttpResponse:
    """The mail as a file, byte for byte as it came."""
    inbound = inbound_for(request.teammate, id)
    try:
        response = HttpResponse(inbound.raw(), content_type="message/rfc822")
    except OSError:
        return _shown(request, inbound, trouble=_not_there())
    response["Content-Disposition"] = f'attachment; filename="mail-{inbound.pk}.eml"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@signed_in
def again(request: Request, id: int) -> HttpResponse:
    """Read it again, as after an upgrade; or, since a teammate says so, as what a person wrote.

    `by_a_person` is "always" where a person writes through this sender from now on too.
    """
    inbound = inbound_for(request.teammate, id)
    if request.POST.get("by_a_person") == "always" and inbound.sender_address:
        SenderRule.say(inbound.sender_address, SenderRule.Kind.PERSON, by=request.teammate, at=request.at)
    return filed_again(request, inbound, by_a_person="by_a_person" in request.POST)


def filed_again(request: Request, inbound: InboundEmail, *, by_a_person: bool) -> HttpResponse:
    """It is read afresh: on to its conversation, or its page with the reason why it stays where it is."""
    if inbound.message:
        return redirect("conversation", inbound.message.conversation.number)
    try:
        message = inbound.file(request.at, by_a_person=by_a_person)
    except OSError:
        return _shown(request, inbound, trouble=_not_there())
    except Exception as trouble:  # whatever a stranger wrote: the mail is still here, and so are we
        log.exception("could not be read again", id=inbound.pk)
        words = _("It could not be read again: %(trouble)s. It stays set aside, and nothing of it is lost.")
        return _shown(request, inbound, trouble=words % {"trouble": type(trouble).__name__})
    if message:
        offer(request, _("It is in its conversation now."))
        return redirect("conversation", message.conversation.number)
    else:
        return _shown(request, inbound, trouble=_("It was read again, and stays set aside."))


@require_POST
@signed_in
def dismiss(request: Request, id: int) -> HttpResponse:
    inbound_for(request.teammate, id).dismiss(request.at)
    offer(request, _("It is kept, and no longer listed."))
    return redirect("set_aside")


def writer(mail: InboundEmail) -> str:
    """Who wrote it, as far as that could be read."""
    if mail.sender.startswith(" <"):  # an address without a name
        return mail.sender_address or _("someone we could not tell")
    else:
        return mail.sender.strip() if "@" in mail.sender else mail.mail_from or _("someone we could not tell")


def _shown(request: Request, inbound: InboundEmail, trouble: str = "") -> HttpResponse:
    try:
        bytes_, missing = inbound.raw(), False
    except OSError:
        bytes_, missing = b"", True
    try:
        email = understand(bytes_)
        words = fresh_words(email)
    except Exception:  # what could not be filed may not be readable here either; its bytes are shown all the same
        log.exception("could not be read", id=inbound.pk)
        email = understand(b"")
        words = fresh_words(email)
    return show(
        request,
        "set_aside_one.html",
        here="spam" if inbound.spam_because else "set_aside",
        domain=inbound.sender_address.rpartition("@")[2],
        everybodys=is_everybodys(inbound.sender_address.rpartition("@")[2]),
        status=409 if trouble else 200,
        mail=inbound,
        email=email,
        writer=writer,
        words=words,
        raw=bytes_[:RAW_SHOWN].decode("utf-8", "backslashreplace"),
        cut=len(bytes_) > RAW_SHOWN,
        missing=_not_there() if missing else "",
        trouble=trouble,
    )


def _not_there() -> str:
    return _("Its bytes are not where they are kept. Restore the data folder’s files from a backup, then read it again.")
