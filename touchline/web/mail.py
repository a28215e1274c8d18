"""A mail as it came, its bytes, and the files of messages: a stranger's content, each under a policy that lets nothing run."""

import re
from html import escape
from pathlib import Path

from django.http import FileResponse, Http404, HttpResponse, HttpResponseNotModified
from django.utils.http import content_disposition_header
from django.utils.translation import get_language, get_language_bidi, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from touchline.core.mail.safe_html import safe_html
from touchline.core.mail.understand import understand
from touchline.desk import files
from touchline.desk.models import Message
from touchline.web.access import any_message_for, attachment_for, signed_in
from touchline.web.request import Request

PICTURES = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
)
"""How the pictures begin that a browser may show in place: kinds that can hold no script."""

HARMLESS = re.compile(
    r"(?:image/(?:png|jpeg|gif|webp|heic)|audio/[\w.+-]+|video/[\w.+-]+|application/(?:pdf|zip)|text/(?:plain|csv|calendar))\Z"
)
NOTHING_RUNS = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@signed_in
@require_GET
def as_it_came(request: Request, id: int) -> HttpResponse:
    """The HTML of a mail, made harmless, for the sandboxed frame. `?remote=1`: with its pictures from the web."""
    message = any_message_for(request.teammate, id)
    if message.inbound is None or not message.has_html:
        raise Http404
    remote = request.GET.get("remote") == "1"
    try:
        bytes_ = message.inbound.raw()
    except OSError:
        raise Http404 from None  # what was read of it stands in the conversation; `touchline check` says what is missing
    safe = safe_html(understand(bytes_).html, images=_pictures(message), remote=remote)
    offer = ""
    if safe.remote and not remote:
        words = ngettext(
            "%(count)d picture from the web is not loaded.", "%(count)d pictures from the web are not loaded.", safe.remote
        )
        told, ask = words % {"count": safe.remote}, _("Load pictures from the web")
        offer = f'<p class="desk-offer">{escape(told)} <a href="?remote=1" target="_self" rel="noreferrer">{escape(ask)}</a></p>'
    page = (
        f'<!doctype html><html lang="{get_language()}" dir="{"rtl" if get_language_bidi() else "ltr"}"><head><meta charset="utf-8">'
        f'<meta name="referrer" content="no-referrer"><base target="_blank"><title>{escape(message.subject or _("(no subject)"))}</title>'
        f"<style>{FRAME_STYLE}</style></head><body>{offer}{safe.html}</body></html>"
    )
    response = HttpResponse(page)
    pictures = "'self' https:" if remote else "'self'"
    response["Content-Security-Policy"] = (
        f"default-src 'none'; img-src {pictures}; style-src 'unsafe-inline'; form-action 'none'; base-uri 'self'; frame-ancestors 'self'; "
        "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
    )
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    return response


@signed_in
@require_GET
def raw(request: Request, id: int) -> HttpResponse:
    """The bytes of a mail as they came in, to keep."""
    message = any_message_for(request.teammate, id)
    if message.inbound is None:
        raise Http404
    name = f"{message.conversation.number}-{message.pk}.eml"
    return _bytes(request, message.inbound.digest, content_type="text/plain; charset=utf-8", name=name)


@signed_in
@require_GET
def file(request: Request, id: int) -> HttpResponse:
    """A file of a message: to keep; or shown in place (`?inline`) where it truly is a picture. Drafts show theirs to their writer."""
    attachment = attachment_for(request.teammate, id)
    picture = _kind_of_kept_picture(attachment.digest)
    if picture and ("inline" in request.GET or attachment.inline):
        return _bytes(request, attachment.digest, content_type=picture, name=attachment.name, in_place=True)
    else:
        kind = attachment.content_type if HARMLESS.match(attachment.content_type) else "application/octet-stream"
        return _bytes(request, attachment.digest, content_type=kind, name=attachment.name)


def _bytes(request: Request, digest: str, *, content_type: str, name: str, in_place: bool = False) -> HttpResponse:
    """Kept bytes, under a policy that lets nothing run, whatever they are. They never change, so a browser may keep them."""
    etag = f'"{digest}"'
    path = files.path_of(digest)
    response: HttpResponse
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
    elif path.exists():
        response = _streamed(path, content_type)
        response["Content-Disposition"] = content_disposition_header(not in_place, name or _("file")) or "attachment"
    else:
        raise Http404
    response["ETag"] = etag
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = NOTHING_RUNS
    return response


def _streamed(path: Path, content_type: str) -> HttpResponse:
    response = FileResponse(path.open("rb"), content_type=content_type)
    response["Content-Length"] = path.stat().st_size
    return response  # type: ignore[return-value]  # a view may answer with a stream; Django's stubs keep the two apart


def _kind_of_kept_picture(digest: str) -> str:
    """What picture these bytes begin like; nothing where they are none that may be shown."""
    path = files.path_of(digest)
    if not path.exists():
        return ""
    with path.open("rb") as opened:
        return kind_of_picture(opened.read(16))


def kind_of_picture(head: bytes) -> str:
    """What picture bytes are that begin like this; nothing where they are none that may be shown."""
    return next((kind for begins, kind in PICTURES if begins.match(head)), "")


def _pictures(message: Message) -> dict[str, str]:
    """Where the pictures are that a mail's HTML names by their content id."""
    return {cid: f"/files/{id}" for cid, id in message.attachments.exclude(content_id="").values_list("content_id", "pk")}


FRAME_STYLE = (
    "html{color-scheme:light}body{margin:8px;font:16px/1.5 system-ui,sans-serif;color:#222;background:#fff;overflow-wrap:break-word}"
    "img{max-width:100%;height:auto}table{max-width:100%}blockquote{margin-inline:0;padding-inline-start:12px;border-inline-start:2px solid #ccc}"
    ".desk-offer{margin:0 0 12px;padding:8px 12px;background:#f4f1ea;border-radius:6px;font-size:14px}"
)
