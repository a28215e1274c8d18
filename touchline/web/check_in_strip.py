"""What the line above a conversation says of check-ins: when it will be asked, to whom and in which words, or what came of it."""

from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from touchline.desk.models import Blocker, CheckIn, Conversation, Teammate, Words
from touchline.desk.models.ask_rule import first_name
from touchline.web.jinja import ahead, clock


class Asks(NamedTuple):
    """What is, or was, to be asked of the spell that stands. `state`: planned, left_out, asked, or nothing."""

    state: str = ""
    words: Markup = Markup("")
    line: str = ""
    as_asked: Words = Words("")
    by_chance: bool = False


def asks_of(blocker: Blocker | None, at: datetime) -> Asks:
    """The next question about a blocker that is moved; where there is none, what became of the last."""
    if blocker is None or blocker.moved_at is None:
        return Asks()
    about = CheckIn.objects.filter(blocker=blocker, spell_began_at=blocker.moved_at).select_related(
        "blocker", "person", "by", "conversation__mailbox"
    )
    planned = about.filter(message_id=None, closed_at=None).order_by("due_at", "id").first()
    asked = about.filter(asked_at__isnull=False).order_by("-asked_at").first()
    name = called(planned or asked or CheckIn(person=blocker.person))
    if planned and planned.due_at:
        words = _told(_("We’ll ask %(name)s whether it worked: %(when)s."), name=name, when=ahead(planned.due_at, at))
        return Asks("planned", words, planned.line, planned.as_asked(), planned.random)
    elif about.filter(closed_because=CheckIn.Because.LEFT_OUT).exists():
        return Asks("left_out", _told(_("%(name)s will not be asked whether it worked."), name=name))
    elif asked and not asked.answer and asked.closed_at is None and asked.asked_at:
        words = _told(_("We asked %(name)s %(when)s, and have no answer yet."), name=name, when=clock(asked.asked_at, at))
        return Asks("asked", words)
    else:
        return Asks()


def when_it_leaves(conversation: Conversation, *, by: Teammate, at: datetime) -> str:
    """What will be asked once a reply has left that moves what is in the way, as whoever sends it is told; "" where nothing is."""
    blocker = conversation.blocker
    outlook = CheckIn.outlook(conversation, blocker, by=by, at=at) if blocker and not blocker.moved_at else []
    first = min(outlook, key=lambda each: each.planned_at, default=None)
    if first and first.due_at:
        when = ahead(first.due_at, at).striptags()
        return _("We’ll ask %(name)s whether it worked: %(when)s.") % {"name": called(first), "when": when}
    else:
        return ""


def called(check_in: CheckIn) -> str:
    return first_name(check_in.person.name) or check_in.person.called


def _told(sentence: str, **facts: object) -> Markup:
    return Markup(escape(sentence)) % facts  # noqa: S704 (escaped, and % escapes the facts)
