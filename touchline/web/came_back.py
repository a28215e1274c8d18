"""It may be back here: what the desk proposes, in a sentence and with the words that say so."""

from typing import NamedTuple

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from touchline.desk.models import CameBackLink, Conversation
from touchline.web.request import Request


class Proposed(NamedTuple):
    """A blocker that this may be: in a sentence, with the words that say so, and where it was spoken of."""

    id: int
    sentence: str
    words: str
    yes: str
    address: str


def proposed(conversation: Conversation, request: Request) -> list[Proposed]:
    """What is to be decided here; most often nothing."""
    links = CameBackLink.objects.to_decide().filter(conversation=conversation).select_related("blocker__person")
    return [_told(link, request) for link in links.order_by("id")]


def _told(link: CameBackLink, request: Request) -> Proposed:
    spell = link.blocker.spells.order_by("-began_at").first()
    began = spell.began_at if spell else link.proposed_at
    told = {
        "name": link.moved_by,
        "person": link.blocker.person.called,
        "day": date_format(began.astimezone(request.desk.zone), "j F"),
        "words": link.blocker.words,
    }
    if link.is_theirs:
        sentence = _("This may be the blocker that %(name)s moved on %(day)s: “%(words)s”.") % told
        yes = _("It’s back")
    else:
        sentence = (
            _("This may be what %(name)s moved for %(person)s, who is at the same organization, on %(day)s: “%(words)s”.") % told
        )
        yes = _("It’s the same")
    talks = Conversation.objects.visible_to(request.teammate).listed().filter(blockers=link.blocker)
    there = talks.exclude(pk=link.conversation_id).newest_first().first()
    address = reverse("conversation", args=[there.number]) + "?in=everything" if there else ""
    return Proposed(link.pk, sentence, link.words, yes, address)
