"""The one door: who may see what. What you may not see is not found."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from touchline.desk.models import (
    Activity,
    Attachment,
    Blocker,
    Conversation,
    Delivery,
    InboundEmail,
    Mailbox,
    Message,
    Participant,
    Person,
    SharedBlocker,
    Teammate,
    WriteOnce,
)
from touchline.web.request import Request, sign_in_address

View = Callable[..., HttpResponse]
Noun = TypeVar("Noun", bound=Model)


def signed_in(view: View) -> View:
    """Only for teammates; anyone else is asked to sign in, and comes back to the page they were on."""

    @wraps(view)
    def only_signed_in(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            address = sign_in_address(request)
            if request.headers.get("HX-Request"):
                return HttpResponse(status=401, headers={"HX-Redirect": address})
            else:
                return redirect(address)
        return view(cast(Request, request), *args, **kwargs)

    return only_signed_in


def owners_only(view: View) -> View:
    """Only for those who look after the desk itself. For others it is not found."""

    @signed_in
    @wraps(view)
    def only_owners(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.teammate.is_owner:
            raise Http404
        return view(request, *args, **kwargs)

    return only_owners


def conversation_for(teammate: Teammate, number: int) -> Conversation:
    """By its number; where it was merged, the conversation in which it goes on."""
    among = Conversation.objects.visible_to(teammate).select_related("person", "mailbox", "assignee")
    found = _one(among, number=number)
    return _one(among, pk=found.target().pk) if found.merged_into_id else found


def message_for(teammate: Teammate, conversation: Conversation, id: int) -> Message:
    return _one(Message.objects.visible_to(teammate), conversation=conversation, pk=id)


def any_message_for(teammate: Teammate, id: int) -> Message:
    message = _one(Message.objects.visible_to(teammate).select_related("conversation", "inbound"), pk=id)
    conversation_for(teammate, message.conversation.number)
    return message


def activity_for(teammate: Teammate, id: int) -> Activity:
    activity = _one(Activity.objects.select_related("conversation__person", "message", "blocker"), pk=id)
    conversation_for(teammate, activity.conversation.number)
    return activity


def participant_for(teammate: Teammate, conversation: Conversation, id: int) -> Participant:
    return _one(Participant.objects.all(), conversation=conversation, pk=id)


def blocker_for(teammate: Teammate, id: int) -> Blocker:
    return _one(Blocker.objects.visible_to(teammate).select_related("person", "mailbox"), pk=id)


def person_for(teammate: Teammate, id: int) -> Person:
    return _one(Person.objects.visible_to(teammate), pk=id)


def attachment_for(teammate: Teammate, id: int) -> Attachment:
    attachment = _one(Attachment.objects.visible_to(teammate).select_related("conversation"), pk=id)
    conversation_for(teammate, attachment.conversation.number)
    return attachment


def inbound_for(teammate: Teammate, id: int) -> InboundEmail:
    found: InboundEmail = _one(
        InboundEmail.objects.visible_to(teammate).select_related("mailbox", "message__conversation"), pk=id
    )
    return found


def delivery_for(teammate: Teammate, id: int) -> Delivery:
    found: Delivery = _one(Delivery.objects.visible_to(teammate).select_related("conversation", "mailbox", "message"), pk=id)
    return found


def mailbox_for(_teammate: Teammate, id: int) -> Mailbox:
    return _one(Mailbox.objects.open(), pk=id)


def teammate_for(_teammate: Teammate, id: int) -> Teammate:
    """Another one of us who works here now."""
    return _one(Teammate.objects.here(), pk=id)


def shared_for(_teammate: Teammate, id: int) -> SharedBlocker:
    return _one(SharedBlocker.objects.all(), pk=id)


def writing_for(_teammate: Teammate, id: int) -> WriteOnce:
    return _one(WriteOnce.objects.select_related("shared", "by"), pk=id)


def _one(queryset: "QuerySet[Noun]", **which: Any) -> Noun:
    found = queryset.filter(**which).first()
    if found is None:
        raise Http404
    return found
