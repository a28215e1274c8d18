"""Writing in a conversation: the reply or note, the draft that keeps itself, its files, and taking a reply back."""

import re
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from touchline.desk.models import Attachment, Conversation, Draft, Message, Presence, Words
from touchline.desk.models.conversation_writing import NobodyToWriteTo, NothingWritten, SomethingNew, TooLate
from touchline.desk.models.row import new_id
from touchline.web import lists, talk
from touchline.web.access import any_message_for, conversation_for, signed_in
from touchline.web.around import offer
from touchline.web.jinja import size
from touchline.web.mail import kind_of_picture
from touchline.web.outcomes import onwards, to
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
    as_note = _kind(request) == Draft.Kind.NOTE
    sent_before = _sent_before(opened, request.POST.get("draft", ""))
    if sent_before:
        return _written(request, opened, key, sent_before)
    draft = _draft(request, opened)
    words = Words(draft.text, draft.html)
    try:
        _take_files(request, draft)
        if as_note:
            message = opened.note(words, by=request.teammate, at=request.at, draft=draft)
        else:
            moves = request.POST.get("then") == "moved"
            message = opened.reply(
                words, by=request.teammate, at=request.at, seen=_seen(request, opened), moved=moves, draft=draft
            )
    except SomethingNew as new:
        return _again(request, opened, draft, status=409, meanwhile=new.said)
    except NothingWritten:
        return _again(request, opened, draft, error=_("There are no words here yet."))
    except NobodyToWriteTo:
        return _again(request, opened, draft, error=_("There is no address here that a reply could go to. A note can be kept."))
    except TooLarge as trouble:
        return _again(request, opened, draft, error=str(trouble))
    return _written(request, opened, key, message)


@signed_in
@require_POST
def draft(request: Request, number: int) -> HttpResponse:
    """Keep what is being written. What was sent already is no draft any more."""
    opened = conversation_for(request.teammate, number)
    if not _sent_before(opened, request.POST.get("draft", "")):
        kept = _draft(request, opened)
        _drop(kept, request, while_writing=True)
        if kept.is_empty:
            kept.delete()
    return HttpResponse(status=204)


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
        offer(request, _("Taken back. Your words are in the box again."))
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
    """A reply, or a note; in doubt the words stay in the house."""
    is_note = Draft.Kind.NOTE in (request.POST.get("kind"), request.POST.get("then"))
    return Draft.Kind.NOTE if is_note else Draft.Kind.REPLY


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
        offer(request, _("Sent to %(name)s.") % {"name": opened.person.called}, undo=undo, seconds=10)
        return onwards(request, key)


def _again(request: Request, opened: Conversation, draft: Draft, *, status: int = 422, **why: object) -> HttpResponse:
    """The conversation as it is now, with the words still in the box and what is wrong."""
    shown = conversation_for(request.teammate, opened.number)
    Presence.touch(shown, request.teammate, seen_message=shown.latest_message)
    block = "conversation" if request.htmx else None
    return talk.show(request, shown, lists.Where.of(request), status=status, block=block, draft=draft, **why)
