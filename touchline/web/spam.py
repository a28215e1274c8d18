"""Mails that were taken for spam: why, what they say, and what to do with them. And conversations that turned out to be spam."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from touchline.desk.models import Conversation, InboundEmail, SenderRule
from touchline.web.access import inbound_for, signed_in
from touchline.web.around import offer, show
from touchline.web.aside import filed_again, writer
from touchline.web.forms import id_in
from touchline.web.request import Request

A_PAGE = 50
MOST_CONVERSATIONS = 20


@require_safe
@signed_in
def spam(request: Request) -> HttpResponse:
    """Newest first; `?before=` goes on to older ones. Conversations stand on the first page."""
    before = id_in(request.GET, "before")
    listed = InboundEmail.objects.visible_to(request.teammate).spam().select_related("mailbox")
    if before:
        listed = listed.filter(pk__lt=before)
    found = list(listed[: A_PAGE + 1])
    told = Conversation.objects.visible_to(request.teammate).spam().select_related("person")
    return show(
        request,
        "spam.html",
        here="spam",
        mails=found[:A_PAGE],
        conversations=[] if before else list(told[:MOST_CONVERSATIONS]),
        older=found[A_PAGE - 1].pk if len(found) > A_PAGE else None,
        first=not before,
        writer=writer,
    )


@require_POST
@signed_in
def not_spam(request: Request, id: int) -> HttpResponse:
    """A person wrote it: it goes into its conversation. With `allow`, nothing of this sender is spam from now on."""
    inbound = _spam_for(request, id)
    if "allow" in request.POST and inbound.sender_address:
        SenderRule.say(inbound.sender_address, SenderRule.Kind.ALLOW, by=request.teammate, at=request.at)
    return filed_again(request, inbound, by_a_person=True)


@require_POST
@signed_in
def delete(request: Request) -> HttpResponse:
    """The mails named by `mail` go, all of them at once; for a week it can be undone."""
    found = list(InboundEmail.objects.visible_to(request.teammate).spam().filter(pk__in=_chosen(request.POST)))
    for inbound in found:
        inbound.throw_away(request.at)
    words = ngettext(
        "Deleted. It goes for good in a week.", "%(count)s mails are deleted. They go for good in a week.", len(found)
    )
    if found:
        named = " ".join(str(inbound.pk) for inbound in found)
        offer(request, words % {"count": len(found)}, undo=reverse("spam_bring_back"), fields={"mail": named})
    return redirect("spam")


@require_POST
@signed_in
def bring_back(request: Request) -> HttpResponse:
    for inbound in InboundEmail.objects.visible_to(request.teammate).filter(pk__in=_chosen(request.POST), message=None):
        inbound.bring_back()
    offer(request, _("Undone."))
    return redirect("spam")


@require_POST
@signed_in
def block(request: Request, id: int) -> HttpResponse:
    """What comes from this sender is spam from now on; from all of its domain, where `what` is domain."""
    inbound = _spam_for(request, id)
    address = inbound.sender_address
    pattern = address.rpartition("@")[2] if request.POST.get("what") == "domain" else address
    try:
        rule = SenderRule.say(pattern, SenderRule.Kind.BLOCK, by=request.teammate, at=request.at)
    except ValidationError as trouble:
        offer(request, " ".join(trouble.messages))
    else:
        words = _("What comes from %(sender)s is spam from now on.") % {"sender": rule.pattern}
        offer(request, words, undo=reverse("remove_sender", args=[rule.pk]))
    return redirect("set_aside_one", inbound.pk)


def _spam_for(request: Request, id: int) -> InboundEmail:
    inbound = inbound_for(request.teammate, id)
    if inbound.message_id or not inbound.spam_because:
        raise Http404
    return inbound


def _chosen(told: QueryDict) -> list[int]:
    named = " ".join(told.getlist("mail")).split()[: 10 * A_PAGE]
    return [int(each) for each in named if each.isascii() and each.isdecimal() and len(each) < 20 and int(each) < 1 << 63]
