"""Writing in a conversation: the reply or note, the draft that keeps itself, its files, and taking a reply back."""

import re
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from touchline.core.mail.recipients import Chosen
from touchline.desk.models import Address, Attachment, Conversation, Draft, Message, Presence, Words
from touchline.desk.models.conversation_forwarding import NothingToSendAgain, OnlyForUs
from touchline.desk.models.conversation_outcomes import NothingInTheWay
from touchline.desk.models.conversation_writing import NobodyToWriteTo, NothingWritten, OthersGetIt, SomethingNew, TooLate
from touchline.desk.models.row import new_id
from touchline.web import addressing, later, lists, talk
from touchline.web.access import any_message_for, conversation_for, signed_in
from touchline.web.around import offer
from touchline.web.check_in_strip import when_it_leaves
from touchline.web.jinja import size
from touchline.web.mail import kind_of_picture
from touchline.web.near import ahead_words
from touchline.web.outcomes import onwards, to
from touchline.web.page import render
from touchline.web.request import Request

CONTENT_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}\Z", re.ASCII)


class TooLarge(Exception):
    """More bytes of files than one message may carry. Its words are a sentence."""


@signed_in
@require_POST
def write(request: Request, number: int) -> HttpResponse:
    """Send a reply, or keep a note. What cannot be sent comes back with its words: 409 where something was said meanwhile."""
    opened = conversation_for(request.teammate, number)
    key = lists.key_of(opened, lists.Where.of(request).place)
    sent_before = _sent_before(opened, request.POST.get("draft", ""))
    if sent_before:
        return _written(request, opened, key, sent_before)
    draft = _draft(request, opened)
    try:
        addressing.keep(request, opened, draft, add=True)
        later.keep(request, draft)
        _take_files(request, draft)
        message = _say(request, opened, draft, leaves=later.chosen(request))
    except addressing.CannotAdd as trouble:
        return _again(request, opened, draft, who={"error": str(trouble), "typed": request.POST.get("add", "")})
    except SomethingNew as new:
        return _again(request, opened, draft, status=409, meanwhile=new.said)
    except NothingWritten:
        return _again(request, opened, draft, error=_("There are no words here yet."))
    except OthersGetIt:
        return _again(
            request,
            opened,
            draft,
            status=409,
            notice=_("Who gets this has changed since you looked. Nothing was sent, and your words are kept below."),
            who={"open": True},
        )
    except NobodyToWriteTo:
        return _again(request, opened, draft, who={"error": _("Please say to whom it goes. A note can be kept without.")})
    except TooLarge as trouble:
        return _again(request, opened, draft, error=str(trouble))
    except later.NoSuchTime as trouble:
        return _again(request, opened, draft, notice=str(trouble))
    except NothingInTheWay:
        return _again(request, opened, draft, status=409, notice=_("There is nothing in the way here any more."))
    return _written(request, opened, key, message)


def _say(request: Request, opened: Conversation, draft: Draft, *, leaves: datetime | None) -> Message:
    """What the box is for: a note, something passed on, or a reply, which may leave later."""
    words, by, at = Words(draft.text, draft.html), request.teammate, request.at
    if draft.kind == Draft.Kind.NOTE:
        return opened.note(words, by=by, at=at, draft=draft)
    elif draft.kind == Draft.Kind.FORWARD:
        if draft.forwards is None:
            raise Http404
        attached = "attached" in request.POST
        return opened.forward(draft.forwards, words, to=draft.chosen or Chosen(), by=by, at=at, attached=attached, draft=draft)
    else:
        moves = "leaves_moved" in request.POST if leaves else request.POST.get("then") == "moved"
        return opened.reply(
            words,
            by=by,
            at=at,
            seen=_seen(request, opened),
            moved=moves,
            draft=draft,
            to=draft.chosen,
            shown=request.POST.get("shown", ""),
            leaves=leaves,
            unless_they_write="unless" in request.POST,
        )


@signed_in
@require_POST
def draft(request: Request, number: int) -> HttpResponse:
    """Keep what is being written. What was sent already is no draft any more."""
    opened = conversation_for(request.teammate, number)
    if not _sent_before(opened, request.POST.get("draft", "")):
        kept = _draft(request, opened)
        addressing.keep(request, opened, kept)
        later.keep(request, kept)
        if kept.kind != Draft.Kind.FORWARD:  # there a file is ticked or not, and stays until it is sent
            _drop(kept, request, while_writing=True)
        if kept.is_empty:
            kept.delete()
    return HttpResponse(status=204)


@signed_in
@require_POST
def address(request: Request, number: int) -> HttpResponse:
    """Choose who gets what is being written: take in what was typed, move someone, or one button for all. Nothing is sent."""
    opened = conversation_for(request.teammate, number)
    if _sent_before(opened, request.POST.get("draft", "")):
        return to(request, f"{reverse('conversation', args=[opened.number])}?{lists.Where.of(request).query}")
    draft = _draft(request, opened)
    told: dict[str, Any] = {"open": True}
    try:
        if "mode" in request.POST:
            addressing.choose(request, opened, draft)
        else:
            addressing.keep(request, opened, draft, add=True)
    except addressing.CannotAdd as trouble:
        told |= {"error": str(trouble), "typed": request.POST.get("add", "")}
    if request.htmx:
        shown = addressing.shown(opened, draft, draft.kind, **told)
        return render(request, "addressing.html", who=shown, conversation=opened, where=lists.Where.of(request))
    else:
        return _again(request, opened, draft, status=422 if "error" in told else 200, who=told)


@signed_in
@require_safe
def known(request: Request) -> HttpResponse:
    """Whom we know by the letters typed so far, to choose from."""
    typed = request.GET.get("add", "").strip().rpartition(",")[2].strip()
    found = Address.objects.known_as(typed)[:8] if len(typed) > 1 else []
    return render(request, "known.html", known=found)


@signed_in
@require_POST
def forward(request: Request, id: int) -> HttpResponse:
    """A box in which this message is passed on to somebody outside."""
    message = any_message_for(request.teammate, id)
    try:
        message.conversation.begin_forward(message, by=request.teammate, at=request.at)
    except OnlyForUs:
        raise Http404 from None
    return _to_the_box(request, message.conversation)


@signed_in
@require_POST
def leave_forward(request: Request, number: int) -> HttpResponse:
    """It is not passed on after all; what was written for it goes too."""
    opened = conversation_for(request.teammate, number)
    opened.drafts.filter(teammate=request.teammate, kind=Draft.Kind.FORWARD).delete()
    return _to_the_box(request, opened)


@signed_in
@require_POST
def edit_again(request: Request, id: int) -> HttpResponse:
    """What did not arrive is in the box again, for those who do not have it."""
    message = any_message_for(request.teammate, id)
    try:
        message.conversation.edit_again(message, by=request.teammate, at=request.at)
    except NothingToSendAgain:
        offer(request, _("There is nothing to send again: it has arrived, is on its way, or went again already."))
    return _to_the_box(request, message.conversation)


def _to_the_box(request: Request, opened: Conversation) -> HttpResponse:
    where = lists.Where.of(request, default="waiting" if request.GET.get("in") else "everything")
    return to(request, f"{reverse('conversation', args=[opened.number])}?{where.query}")


@signed_in
@require_POST
def upload(request: Request, number: int) -> HttpResponse:
    """One file for the draft, sent ahead. Answers with what <reply-files> shows of it. `inline`: it is to stand in the words, which
    only a picture can that is truly one."""
    opened = conversation_for(request.teammate, number)
    file = request.FILES.get("file")
    if file is None:
        return JsonResponse({"error": _("There was no file in it.")}, status=422)
    try:
        draft = Draft.of(opened, request.teammate, at=request.at, kind=_kind(request))
        attachment = _attach(draft, file, inline="inline" in request.POST)
    except TooLarge as trouble:
        return JsonResponse({"error": str(trouble)}, status=422)
    shown = {
        "id": str(attachment.pk),
        "name": attachment.name,
        "size": size(attachment.size),
        "url": attachment.address,
        "inline": attachment.inline,
    }
    return JsonResponse(shown)


@signed_in
@require_POST
def take_back(request: Request, id: int) -> HttpResponse:
    """The reply does not leave; its words are in the box again."""
    message = any_message_for(request.teammate, id)
    opened = message.conversation
    try:
        opened.take_back(message, by=request.teammate, at=request.at)
        if message.teammate_id == request.teammate.pk:
            offer(request, _("Taken back. Your words are in the box again."))
        else:
            offer(request, _("Taken back. The words are in the box of %(name)s again.") % {"name": message.name})
    except TooLate:
        offer(request, _("It has left already and cannot be taken back."))
    where = lists.Where.of(request, default="waiting" if request.GET.get("in") else "everything")
    return to(request, f"{reverse('conversation', args=[opened.number])}?{where.query}")


def _draft(request: Request, opened: Conversation) -> Draft:
    """The teammate's draft here, with the words of the form. It goes by the key that the form was given, so that the same
    form posted twice is sent once."""
    words = _words(request)
    draft = Draft.of(opened, request.teammate, at=request.at, kind=_kind(request))
    draft.key = request.POST.get("draft", "")[:40] or draft.key
    draft.keep(text=words.text, html=words.html, at=request.at)
    return draft


def _kind(request: Request) -> str:
    """A reply, a note, or something passed on; in doubt the words stay in the house."""
    told = request.POST.get("kind")
    is_note = Draft.Kind.NOTE in (told, request.POST.get("then"))
    return Draft.Kind.NOTE if is_note else Draft.Kind.FORWARD if told == Draft.Kind.FORWARD else Draft.Kind.REPLY


def _words(request: Request) -> Words:
    words = request.POST.get("words", "")
    return Words.rich(words) if request.POST.get("words_are") == "html" else Words.plain(words)


def _seen(request: Request, opened: Conversation) -> Message | None:
    """The last message that they had in front of them, as the form says; None where it was nothing."""
    seen = request.POST.get("seen", "")
    if seen.isdecimal() and len(seen) < 20:
        return opened.messages.visible_to(request.teammate).filter(pk=seen).first()
    else:
        return None


def _sent_before(opened: Conversation, key: str) -> Message | None:
    """The message that a form with this key became already, unless it was taken back."""
    return opened.messages.filter(draft_key=key, taken_back_at=None).first() if key else None


def _take_files(request: Request, draft: Draft) -> None:
    """The files of the form go with it: those sent ahead that are still listed, and those that come with it."""
    _drop(draft, request)
    for file in request.FILES.getlist("files"):
        _attach(draft, file)


def _drop(draft: Draft, request: Request, *, while_writing: bool = False) -> None:
    """Forget the files that are not listed any more. While writing, only those older than a minute: one may have come since the form
    was read. Pictures that were taken out of the words are left for an hour then, in which that may be undone."""
    listed = [id for id in request.POST.getlist("upload") if id.isdecimal() and len(id) < 20]
    gone = draft.attachments.listed().exclude(pk__in=listed)
    if while_writing:
        gone = gone.filter(pk__lt=new_id(request.at - timedelta(minutes=1)))
        draft.forget_pictures(draft.html, older_than=request.at - timedelta(hours=1))
    gone.delete()


def _attach(draft: Draft, file: "UploadedFile[Any]", *, inline: bool = False) -> Attachment:
    bytes_already = sum(draft.attachments.values_list("size", flat=True))
    if bytes_already + (file.size or 0) > settings.MAX_ATTACHMENT_BYTES:
        most = size(settings.MAX_ATTACHMENT_BYTES)
        raise TooLarge(_("“%(name)s” is too large: one message can carry %(most)s of files.") % {"name": file.name, "most": most})
    data = file.read()
    told = file.content_type or ""
    picture = kind_of_picture(data[:16]) if inline else ""
    kind = picture or (told if CONTENT_TYPE.match(told) else "application/octet-stream")
    return draft.attach(file.name or _("file"), kind, data, inline=bool(picture))


def _written(request: Request, opened: Conversation, key: lists.Key | None, message: Message) -> HttpResponse:
    """A note stays with us; a reply is on its way, and we are at the next one."""
    Presence.touch(opened, request.teammate, seen_message=message.pk, writing_at=None)
    where = lists.Where.of(request)
    if message.is_note:
        shown = conversation_for(request.teammate, opened.number)
        if request.htmx:
            return talk.show(request, shown, where, block="conversation")
        else:
            offer(request, _("Kept. Only the team sees it."))
            return to(request, f"{reverse('conversation', args=[opened.number])}?{where.query}")
    else:
        undo = reverse("take_back", args=[message.pk]) + f"?{where.query}"
        seconds = int(request.desk.take_back_for.total_seconds())
        delivery = message.delivery
        if delivery and delivery.send_at:
            when = ahead_words(delivery.send_at, request.at, request.desk.zone)
            offer(request, _("Written to %(name)s. It leaves %(when)s.") % {"name": _first_of(message), "when": when}, undo=undo)
            return onwards(request, key)
        elif message.forwards_id:
            offer(request, _("Passed on to %(who)s.") % {"who": _first_of(message)}, undo=undo, seconds=seconds)
            return to(request, f"{reverse('conversation', args=[opened.number])}?{where.query}")
        else:
            asks = when_it_leaves(opened, by=request.teammate, at=request.at) if delivery and delivery.moves else ""
            words = _("Sent to %(name)s.") % {"name": _first_of(message)}
            offer(request, f"{words} {asks}".strip(), undo=undo, seconds=seconds)
            return onwards(request, key)


def _first_of(message: Message) -> str:
    """The first of those whom it is for; their name, or their address."""
    told = message.addressed
    name, address = next(pair for place in ("to", "cc", "bcc") for pair in told.get(place, []))
    return str(name or address)


def _again(request: Request, opened: Conversation, draft: Draft, *, status: int = 422, **why: object) -> HttpResponse:
    """The conversation as it is now, with the words still in the box and what is wrong."""
    shown = conversation_for(request.teammate, opened.number)
    Presence.touch(shown, request.teammate, seen_message=shown.latest_message)
    block = "conversation" if request.htmx else None
    return talk.show(request, shown, lists.Where.of(request), status=status, block=block, draft=draft, **why)
