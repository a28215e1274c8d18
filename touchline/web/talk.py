"""One conversation as it is shown: what is in the way, what was said and done, who gets a reply, and the person."""

import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Max
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from markupsafe import Markup

from touchline.desk.models import (
    Activity,
    Attachment,
    Blocker,
    Conversation,
    Delivery,
    Draft,
    Mailbox,
    Message,
    Participant,
    Presence,
    Signature,
    Teammate,
    Words,
)
from touchline.desk.models.conversation_forwarding import as_passed_on
from touchline.desk.models.conversation_writing import correspondents
from touchline.desk.models.draft import new_key
from touchline.web import addressing, around, came_back, later, lists, sentences
from touchline.web.check_in_strip import Asks, asks_of
from touchline.web.page import render
from touchline.web.request import READING_LASTS, Request

MOST_BEFORE = 8
MOST_SAID = 100
"""Messages shown at once; the earlier ones of a long conversation are one click away."""


def show(
    request: Request, conversation: Conversation, where: lists.Where, *, status: int = 200, block: str | None = None, **more: Any
) -> HttpResponse:
    """The page of a conversation with the list it was opened from; or one block of it.

    `more`: `draft` (what was posted and stands in its box again), `error` (what is wrong with it), `who` (what was just done
    about who gets it, as for addressing.shown), `meanwhile` (what was said while it was written) and `notice`.
    """
    context = {
        "meanwhile": None,
        "notice": "",
        "boxes": _boxes(request, conversation, more.pop("draft", None), more.pop("error", ""), more.pop("who", {})),
        "person": _person(request, conversation),
        **living(request, conversation, where),
        **more,
    }
    if block:
        return render(request, "conversation.html", block=block, status=status, **context)
    else:
        listed = lists.page(where, request.teammate, request.at)
        return around.show(request, "conversation.html", here=where.place.name, status=status, listed=listed, **context)


def living(request: Request, conversation: Conversation, where: lists.Where, *, whole: bool = False) -> dict[str, Any]:
    """What changes while a page is open: the story, what is in the way, who has it, who is here; `whole`: and who gets a reply."""
    blocker = conversation.blocker
    story = _story(conversation, request)
    return {
        "conversation": conversation,
        "where": where,
        "items": story.items,
        "earlier": story.earlier,
        "strip": _strip(blocker, story, asks_of(blocker, request.at)),
        "strangers": _strangers(conversation),
        "proposed": came_back.proposed(conversation, request),
        "here_words": who_is_here(conversation, request.teammate, request.at),
        "version": version(
            conversation.assignee_id, conversation.closed_at, conversation.waiting_since, blocker and bool(blocker.moved_at)
        ),
        "blocker": blocker,
        "teammates": list(Teammate.objects.here().exclude(pk=request.teammate.pk).order_by("name")),
        "whys": Blocker.Why.choices,
        **({"boxes": _boxes(request, conversation, None, "", {})} if whole else {}),
    }


def _strangers(conversation: Conversation) -> list[Participant]:
    """Those who came in here unasked. Whom we asked, by passing something on to them, is none: they are answered there."""
    asked = conversation.asked_outside()
    return [each for each in conversation.participants.new_since(conversation.imported_at) if each.email.lower() not in asked]


def who_is_here(conversation: Conversation, teammate: Teammate, at: datetime) -> str:
    """Who else reads and writes here now, in words."""
    since = at - READING_LASTS
    reading, writing = [], []
    for presence in (
        Presence.objects.filter(conversation=conversation).exclude(teammate=teammate).select_related("teammate").order_by("id")
    ):
        if presence.writing_at and presence.writing_at > since:
            writing.append(presence.teammate.name)
        elif presence.reading_at and presence.reading_at > since:
            reading.append(presence.teammate.name)
    return sentences.here(reading, writing)


def version(*facts: object) -> str:
    """A short word that changes when what is shown changes: a page replaces what has another one, and nothing else."""
    return f"{zlib.crc32(repr(facts).encode()):08x}"


@dataclass
class Said:
    """A message as it is shown."""

    message: Message
    delivery: Delivery | None = None
    sent: sentences.Sent | None = None
    files: list[tuple[str, str, int, str]] = field(default_factory=list)  # name, address, bytes, address of a small picture
    pictures: list[tuple[str, int]] = field(default_factory=list)  # those that stand in the words
    means: str = ""
    again: Message | None = None  # what went in its place

    @property
    def version(self) -> str:
        return version(self.message.outcome, self.sent, self.again and self.again.pk)

    @property
    def got(self) -> list[sentences.Got]:
        return sentences.got(self.message, self.delivery)

    @property
    def can_go_again(self) -> bool:
        """It did not arrive and nothing went in its place."""
        return bool(self.delivery and self.delivery.can_go_again and self.again is None)

    @property
    def kind(self) -> str:
        return "automatic" if self.message.automatic else self.message.kind

    @property
    def machine(self) -> str:
        """What kind of machine wrote it, in words."""
        return {
            "acknowledgement": _("The desk told them that it came."),
            "auto_reply": _("An automatic answer"),
            "bounce": _("From a mail server"),
            "list": _("From a mailing list"),
            "check_in": _("The desk asked whether it worked"),
        }.get(self.message.automatic, _("Sent by a machine"))

    @property
    def head(self) -> list[tuple[str, str]]:
        """From whom and to whom, in words."""
        told = [(_("From"), "from"), (_("Answers go to"), "reply_to"), (_("To"), "to"), (_("Copied"), "cc")]
        told = told[:1] if self.message.is_ours else told  # whom ours went to stands beside, with how it went
        addressed = self.message.addressed
        return [(label, sentences.listed(correspondents(addressed[name]))) for label, name in told if addressed.get(name)]


@dataclass
class Did:
    """An activity as it is told."""

    activity: Activity
    words: Markup
    undone_by: str

    @property
    def version(self) -> str:
        return version(self.undone_by)


class Strip(NamedTuple):
    """What is in the way, as the line above the conversation says it."""

    kind: str  # of the strip: nothing while it is in the way, moved, back, or quiet where nothing is
    label: str
    what: str
    more: Markup
    can_move: bool = False
    undo: Activity | None = None
    asked: Message | None = None
    asks: Asks = Asks()
    missed: bool = False  # what told them of it did not arrive: it is not moved by one key

    @property
    def version(self) -> str:
        return version(
            self.kind,
            self.label,
            self.what,
            self.more,
            self.can_move,
            self.undo and self.undo.pk,
            self.asked and self.asked.pk,
            self.asks,
        )


class Passed(NamedTuple):
    """What goes along beneath the words: a message of this conversation, as it stands in the mail; or as a mail of its own."""

    words: str
    attached: bool
    without: list[int]  # the files that are not ticked


class Box(NamedTuple):
    """Where a reply, a note or something passed on is written: what stands in it."""

    kind: str
    key: str
    words: str
    html: str
    kept: list[tuple[int, str, int]]  # id, name and bytes of the files that were sent ahead; pictures stand in the words
    error: str
    shown: bool  # one of them is
    who: addressing.Addressing | None = None  # gets it: of a note nobody does
    passed: Passed | None = None
    resends: Message | None = None
    beneath: Words = Words("")  # the signature that goes out with it
    times: later.Times | None = None  # at which it may leave, where it may leave later


@dataclass
class Pane:
    """The person, beside the conversation."""

    person: Any
    addresses: list[Any]
    before: list[tuple[str, int | None, sentences.Fared]]
    others: list[tuple[str, int, datetime]]


class Story(NamedTuple):
    """What was said and done, in order, and what of it matters to the line above."""

    items: list[Said | Did]
    earlier: int  # how many messages before these are not shown
    asked: Message | None  # the oldest that waits to be understood
    moved: Activity | None  # by whom it was moved last
    leaving: bool  # a reply is on its way that moves it
    missed: bool  # the reply that moved it did not arrive, and nothing went in its place


def _story(conversation: Conversation, request: Request) -> Story:
    at = request.at
    said = conversation.messages.said()
    messages = list(said) if request.GET.get("all") else list(said.reverse()[:MOST_SAID])[::-1]
    earlier = said.count() - len(messages) if len(messages) == MOST_SAID else 0
    since = messages[0].at if earlier else conversation.started_at
    files: dict[int, list[Attachment]] = defaultdict(list)
    for attachment in Attachment.objects.filter(conversation=conversation, message__isnull=False).order_by("id"):
        files[attachment.message_id or 0].append(attachment)
    deliveries = {each.message_id: each for each in conversation.deliveries.select_related("mailbox").order_by("id")}
    again = {each.resends_id: each for each in messages if each.resends_id}
    shown = [_said(message, deliveries.get(message.pk), files[message.pk], again.get(message.pk), at) for message in messages]
    activities = list(conversation.activities.select_related("by", "undone_by__by").order_by("id"))
    told = [each for each in activities if each.kind != Activity.Kind.UNDONE and (not earlier or each.at >= since)]
    did = [Did(each, sentences.activity(each, at), _undone_by(each)) for each in told]
    moved = next((each for each in reversed(activities) if each.kind == Activity.Kind.MOVED and not each.is_undone), None)
    moved_with = deliveries.get(moved.message_id or 0) if moved else None
    return Story(
        items=sorted([*shown, *did], key=_when),
        earlier=earlier,
        asked=said.filter(outcome=Message.Outcome.ASKED).first(),
        moved=moved,
        leaving=any(each.moves and each.can_be_taken_back for each in deliveries.values()),
        missed=bool(moved_with and moved_with.can_go_again and moved_with.message_id not in again),
    )


def _when(item: Said | Did) -> tuple[datetime, int, int]:
    return (item.message.at, 0, item.message.pk) if isinstance(item, Said) else (item.activity.at, 1, item.activity.pk)


def _said(message: Message, delivery: Delivery | None, files: Sequence[Attachment], again: Message | None, at: datetime) -> Said:
    return Said(
        message=message,
        delivery=delivery,
        sent=sentences.sent(delivery, at) if delivery else None,
        files=[_file(each) for each in files if not _stands_in_words(each)],
        pictures=[(each.name, each.pk) for each in files if _stands_in_words(each) and not message.html],
        means=sentences.means(message.outcome),
        again=again,
    )


def _stands_in_words(attachment: Attachment) -> bool:
    return attachment.inline and attachment.is_picture


def _file(attachment: Attachment) -> tuple[str, str, int, str]:
    address = reverse("file", args=[attachment.pk])
    return attachment.name, address, attachment.size, f"{address}?inline" if attachment.is_picture else ""


def _undone_by(activity: Activity) -> str:
    if activity.is_undone:
        by = activity.undone_by.by
        return by.name if by else ""
    else:
        return ""


def _strip(blocker: Blocker | None, story: Story, asks: Asks) -> Strip:
    none = Markup("")
    if blocker is None:
        return Strip("quiet", _("Nothing is in the way."), "", none)
    elif story.asked:
        return Strip(
            "", _("%(name)s wrote again:") % {"name": story.asked.by}, f"“{story.asked.excerpt}”", none, asked=story.asked
        )
    elif blocker.moved_at:
        more = (
            _("They said that it works.") if blocker.confirmed_at else asks.words or _("We’ll know with time whether it holds.")
        )
        undo = story.moved if story.moved and story.moved.blocker_id == blocker.pk else None
        if undo and story.missed and not blocker.confirmed_at:
            lost = Markup.escape(_("Is it out of the way all the same?"))
            return Strip("back", _("Moved, but the reply with it did not arrive:"), blocker.words, lost, undo=undo, missed=True)
        return Strip("moved", _("Moved:"), blocker.words, Markup.escape(more), undo=undo, asks=asks)
    elif story.leaving:
        return Strip("quiet", _("Moved, once the reply has left:"), blocker.words, none)
    elif blocker.came_back_at:
        return Strip("back", _("Back in the way:"), blocker.words, none, can_move=True)
    else:
        return Strip("", _("In the way:"), blocker.words, none, can_move=True)


def _boxes(request: Request, conversation: Conversation, posted: Draft | None, error: str, who: dict[str, Any]) -> list[Box]:
    """What the teammate writes here: shown is what was posted just now, else what they wrote in last. Nothing is passed on until
    somebody asks for it."""
    drafts = {each.kind: each for each in conversation.drafts.filter(teammate=request.teammate).order_by("kept_at", "id")}
    if posted:
        drafts[posted.kind] = posted
    last = posted.kind if posted else next(reversed(drafts), Draft.Kind.REPLY)
    forwards = drafts.get(Draft.Kind.FORWARD)
    kinds = [kind for kind in Draft.Kind.values if kind != Draft.Kind.FORWARD or (forwards and forwards.forwards)]
    last = last if last in kinds else Draft.Kind.REPLY
    return [
        _box(
            request,
            conversation,
            kind,
            drafts.get(kind),
            error if kind == last else "",
            kind == last,
            who if kind == last else {},
        )
        for kind in kinds
    ]


def _box(
    request: Request, conversation: Conversation, kind: str, draft: Draft | None, error: str, shown: bool, told: dict[str, Any]
) -> Box:
    who = None if kind == Draft.Kind.NOTE else addressing.shown(conversation, draft, kind, **told)
    beneath = _beneath(request, conversation, who) if who else Words("")
    leave = later.times(request.at, request.desk.zone, draft) if kind == Draft.Kind.REPLY else None
    if draft:
        kept = list(draft.attachments.listed().order_by("id").values_list("id", "name", "size"))
        return Box(
            kind, draft.key, draft.text, draft.html, kept, error, shown, who, _passed(draft), draft.resends, beneath, leave
        )
    else:
        return Box(kind, new_key(), "", "", [], error, shown, who, beneath=beneath, times=leave)


def _beneath(request: Request, conversation: Conversation, who: addressing.Addressing) -> Words:
    """The signature of whoever writes, from the mailbox that it goes out by."""
    own = conversation.mailbox
    mailbox = own if who.from_ == own.address else Mailbox.objects.reached_by(who.from_) or own
    return Signature.beneath(request.teammate, mailbox)


def _passed(draft: Draft) -> Passed | None:
    if draft.forwards:
        told = draft.addressed
        return Passed(as_passed_on(draft.forwards), bool(told.get("attached")), told.get("without", []))
    else:
        return None


def _person(request: Request, conversation: Conversation) -> Pane:
    """Who they are, and how it went before."""
    person = conversation.person
    blockers = list(
        person.blockers.filter(raised_at__isnull=False, withdrawn_at=None)
        .exclude(conversations=conversation)
        .annotate(number=Max("conversations__number"))
        .prefetch_related("spells")
        .order_by("-id")[:MOST_BEFORE]
    )
    numbers: dict[int, int | None] = {each.pk: each.number for each in blockers}  # type: ignore[attr-defined]  # annotated above
    others = (
        person.conversations.visible_to(request.teammate)
        .listed()
        .exclude(pk=conversation.pk)
        .exclude(number__in=[number for number in numbers.values() if number])
        .newest_first()
    )
    return Pane(
        person=person,
        addresses=list(person.addresses.order_by("id")),
        before=[(each.words, numbers[each.pk], sentences.fared(each, request.at, request.desk.horizons)) for each in blockers],
        others=[(each.subject, each.number, each.latest_at) for each in others[:MOST_BEFORE]],
    )
