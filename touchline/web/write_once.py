"""Writing once to everyone in whose way the same thing stands: the words, who gets them, and how far it is."""

from typing import Any, NamedTuple

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from touchline.core.sharing import FIRST_NAME, StrangePlace
from touchline.desk.models import Delivery, WriteOnce, WriteOnceMail
from touchline.desk.models.write_once import Began, OthersByNow
from touchline.web import sentences
from touchline.web.access import View, shared_for, signed_in, writing_for
from touchline.web.around import offer, show
from touchline.web.page import render
from touchline.web.request import Request

PREVIEWS = 3
MOST_LISTED = 200


def leads_only(view: View) -> View:
    """Only for those who lead the team. For others it is not found."""

    @signed_in
    def only_leads(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.teammate.is_lead:
            raise Http404
        return view(request, *args, **kwargs)

    return only_leads


@require_safe
@leads_only
def begin(request: Request, id: int) -> HttpResponse:
    """Words to begin with, for whoever it stands in the way of."""
    return _write(request, shared=shared_for(request.teammate, id), text=_("Hello %(name)s,") % {"name": FIRST_NAME} + "\n\n")


@require_POST
@leads_only
def look(request: Request, id: int) -> HttpResponse:
    """Keep the `text` and look at who would get it: a new writing, or `writing` once more."""
    shared = shared_for(request.teammate, id)
    text, moves = request.POST.get("text", "")[:50_000], "moves" in request.POST
    if not text.strip():
        return _write(request, shared=shared, text=text, moves=moves, trouble=_("Write a few words first."))
    try:
        if told := request.POST.get("writing", ""):
            writing = writing_for(request.teammate, int(told) if told.isdecimal() and len(told) < 20 else 0)
            writing.say(text, moves=moves, by=request.teammate, at=request.at)
        else:
            writing = WriteOnce.to_all(shared, text, moves=moves, by=request.teammate, at=request.at)
    except StrangePlace as trouble:
        told = _("We don’t know what “%(place)s” stands for. You can use %(name)s.")
        return _write(
            request, shared=shared, text=text, moves=moves, trouble=told % {"place": trouble.place[:40], "name": FIRST_NAME}
        )
    except Began:
        offer(request, _("It has begun already."))
    return redirect("writing", writing.pk)


def _write(request: Request, *, trouble: str = "", **context: Any) -> HttpResponse:
    context = {"moves": True, "writing_id": request.POST.get("writing", ""), **context}
    return show(request, "shared/write.html", here="in_the_way", status=422 if trouble else 200, trouble=trouble, **context)


class Preview(NamedTuple):
    """What one of them would read."""

    name: str
    to: str
    text: str


@require_safe
@signed_in
def writing(request: Request, id: int) -> HttpResponse:
    """Before it begins: previews and who gets it, for leads. From then on: how far it is, for all of us."""
    writing = writing_for(request.teammate, id)
    if writing.started_at is None and not request.teammate.is_lead:
        raise Http404
    return _page(request, writing)


def _page(request: Request, writing: WriteOnce, *, trouble: str = "") -> HttpResponse:
    mails = writing.mails.select_related("person", "blocker", "writing").order_by("id")
    context: dict[str, Any] = {
        "writing": writing,
        "shared": writing.shared,
        "trouble": trouble,
        "to_go": mails.to_go().count(),
        "getting": [_named(mail) for mail in mails.to_go()[:MOST_LISTED]],
        "skipped": [_named(mail) for mail in mails.skipped()[:MOST_LISTED]],
        "most": MOST_LISTED,
    }
    if writing.started_at is None:
        previews = [_preview(mail, writing) for mail in mails.to_go()[:PREVIEWS]]
        return show(
            request,
            "shared/writing.html",
            here="in_the_way",
            status=409 if trouble else 200,
            previews=previews,
            send_words=_send_words(context["to_go"], moves=writing.moves),
            **context,
        )
    elif "live" in request.GET:
        return render(request, "shared/progress.html", block="live", **context, **_how_far(writing))
    else:
        return show(request, "shared/progress.html", here="in_the_way", **context, **_how_far(writing))


def _send_words(people: int, *, moves: bool) -> str:
    if moves:
        told = ngettext("Write to %(count)d person, blocker moved", "Write to %(count)d people, blocker moved", people)
    else:
        told = ngettext("Write to %(count)d person", "Write to %(count)d people", people)
    return told % {"count": people}


class Named(NamedTuple):
    mail: WriteOnceMail
    name: str
    number: int
    because: str


def _named(mail: WriteOnceMail) -> Named:
    conversation = mail.where()
    because = str(WriteOnceMail.Because(mail.skipped_because).label) if mail.skipped_because else ""
    return Named(mail, mail.person.called or sentences.someone(), conversation.number if conversation else 0, because)


def _preview(mail: WriteOnceMail, writing: WriteOnce) -> Preview:
    conversation = mail.where()
    address = mail.address(conversation) if conversation else None
    return Preview(mail.person.called, address.email if address else "", writing.as_written_to(mail.person.name))


def _how_far(writing: WriteOnce) -> dict[str, Any]:
    """How many were written to, how many of those mails have left, and how it goes with each."""
    written = writing.mails.written()
    messages = written.values_list("message_id", flat=True)
    deliveries = Delivery.objects.filter(message__in=list(messages))
    return {
        "people": written.count() + writing.mails.to_go().count(),
        "written": written.count(),
        "sent": deliveries.filter(sent_at__isnull=False).count(),
        "not_sent": deliveries.filter(gave_up_at__isnull=False).count(),
        "confirmed": written.filter(blocker__confirmed_at__isnull=False).count(),
        "back": written.filter(blocker__moved_at=None, blocker__came_back_at__isnull=False).count(),
        "reached": [_named(mail) for mail in written.select_related("person", "blocker").order_by("id")[:MOST_LISTED]],
    }


@require_POST
@leads_only
def test(request: Request, id: int) -> HttpResponse:
    writing_for(request.teammate, id).test(by=request.teammate, at=request.at)
    offer(request, _("A test is on its way to %(email)s.") % {"email": request.teammate.email})
    return redirect("writing", id)


@require_POST
@leads_only
def start(request: Request, id: int) -> HttpResponse:
    """Send it, to as many `people` as the page showed."""
    writing = writing_for(request.teammate, id)
    people = request.POST.get("people", "")
    try:
        writing.start(people=int(people) if people.isdecimal() and len(people) < 9 else -1, by=request.teammate, at=request.at)
    except OthersByNow:
        return _page(request, writing, trouble=_("It would go to others by now. Here they are: nothing was sent."))
    except Began:
        offer(request, _("It has begun already."))
    return redirect("writing", id)


@require_POST
@leads_only
def stop(request: Request, id: int) -> HttpResponse:
    writing = writing_for(request.teammate, id)
    writing.stop(at=request.at)
    offer(request, _("Stopped. Nobody else gets it."))
    return redirect("writing", id)


@require_POST
@leads_only
def leave_out(request: Request, id: int, mail: int) -> HttpResponse:
    """One of them gets none; with `again`, they do."""
    writing = writing_for(request.teammate, id)
    found = writing.mails.select_related("person", "writing").filter(pk=mail).first()
    if found is None:
        raise Http404
    if "again" in request.POST:
        found.take_in()
    else:
        found.leave_out()
    return redirect("writing", id)
