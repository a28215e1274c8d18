"""What the weekly letter says to a teammate: of people, and never of another teammate's figures."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from touchline.core.impact.account import Period

if TYPE_CHECKING:
    from touchline.desk.models.desk import Desk
    from touchline.desk.models.spell import Spell
    from touchline.desk.models.teammate import Teammate

LOOKS_BACK = timedelta(weeks=12)
"""How far back the help may lie of which the letter says how it fared."""
MOST = 8
"""Lines of each kind; a letter is short."""
LONGEST = 240


class Line(NamedTuple):
    """One thing that is told; `words` is what a person said, where they said it."""

    sentence: str
    words: str = ""


@dataclass
class Told:
    """A letter: its opening sentence and its parts, each with a heading. It is false where there is nothing to tell."""

    opening: str = ""
    parts: list[tuple[str, list[Line]]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.parts)

    def add(self, heading: str, lines: Sequence[Line]) -> None:
        if lines:
            more = len(lines) - MOST
            rest = [Line(ngettext("And %(count)d more.", "And %(count)d more.", more) % {"count": more})] if more > 0 else []
            self.parts.append((heading, [*lines[:MOST], *rest]))


def tell(teammate: "Teammate", *, week: date, as_of: datetime, desk: "Desk") -> Told:
    """The letter about the seven days from `week` on, as far as it is known at `as_of`."""
    from touchline.desk.milestones import between
    from touchline.desk.models.person import Person
    from touchline.desk.models.spell import Spell

    period = Period.of_days(week, week + timedelta(days=7), desk.zone)
    until = min(period.to, as_of)
    mine = str(teammate.pk)
    who = Spell.objects.who(period, as_of=as_of, desk=desk, teammate=teammate)
    since = Spell.objects.filter(began_at__gte=period.from_ - LOOKS_BACK, began_at__lt=until).select_related("blocker", "person")
    took_part = [spell for spell in since.order_by("began_at", "id") if mine in spell.took_part]
    names = Person.objects.in_bulk([int(known.person) for known in who.helped])
    told = Told(opening=_opening(len(who.helped)))
    blockers = {spell.blocker_id: spell.blocker.words for spell in took_part}
    told.add(
        _("You took part in helping"),
        [
            Line(
                _("%(name)s: “%(blocker)s”")
                % {"name": names[int(each.person)].called, "blocker": blockers[int(each.spell.blocker)]}
            )
            for each in who.helped
        ],
    )
    said = _said([spell for spell in took_part if _within(spell.confirmed_at, period.from_, until)])
    told.add(_("What they said"), list(said.values()))
    earlier = [spell for spell in took_part if spell.began_at < period.from_ and (spell.ended_at or spell.pk not in said)]
    told.add(
        _("How those of earlier weeks fare"), [line for spell in earlier for line in _fared(spell, period.from_, until, desk)]
    )
    told.add(_("What they went on to do"), [_milestone(each) for each in between(period.from_, until, teammate)])
    return told


def _opening(helped: int) -> str:
    if helped:
        words = ngettext(
            "You took part in helping %(count)d person this week.", "You took part in helping %(count)d people this week.", helped
        )
        return words % {"count": helped}
    else:
        return _("Some news of people whom you helped before.")


def _within(at: datetime | None, since: datetime, until: datetime) -> bool:
    return at is not None and since <= at < until


def _said(confirmed: Sequence["Spell"]) -> dict[int, Line]:
    """The words with which they said that it works, by the spell; what was confirmed without a message has none."""
    from touchline.desk.models.activity import Activity

    works = Activity.objects.filter(
        kind=Activity.Kind.WORKS, undone_by=None, blocker__in=[spell.blocker_id for spell in confirmed]
    )
    messages = {(each.blocker_id, each.message.at): each.message for each in works.select_related("message") if each.message}
    lines = {}
    for spell in confirmed:
        message = messages.get((spell.blocker_id, spell.confirmed_at))  # type: ignore[arg-type]
        if message and message.text.strip():
            words = " ".join(message.text.split())
            words = words if len(words) <= LONGEST else words[:LONGEST].rsplit(" ", 1)[0] + "…"
            lines[spell.pk] = Line(_("%(name)s, of “%(blocker)s”:") % _named(spell), words)
    return lines


def _fared(spell: "Spell", since: datetime, until: datetime, desk: "Desk") -> list[Line]:
    """What became known of it in this time."""
    if _within(spell.ended_at, since, until):
        assert spell.ended_at
        words = _("%(name)s: “%(blocker)s” came back on %(day)s.")
        return [Line(words % {**_named(spell), "day": _day(spell.ended_at, desk)})]
    elif spell.ended_at is None and _within(spell.confirmed_at, since, until):
        assert spell.confirmed_at
        words = _("%(name)s told us on %(day)s that it works: “%(blocker)s”.")
        return [Line(words % {**_named(spell), "day": _day(spell.confirmed_at, desk)})]
    elif spell.ended_at is None and spell.confirmed_at is None and _within(spell.began_at + desk.weeks, since, until):
        return [Line(_("%(name)s: “%(blocker)s” has held, and nothing has come back.") % _named(spell))]
    else:
        return []


def _milestone(each: "object") -> Line:
    from touchline.desk.milestones import Milestone

    assert isinstance(each, Milestone)
    words = {"name": each.spell.person.called, "words": each.event.words, "blocker": each.blocker.words}
    return Line(_("%(name)s %(words)s, after “%(blocker)s” was moved.") % words)


def _named(spell: "Spell") -> dict[str, str]:
    return {"name": spell.person.called, "blocker": spell.blocker.words}


def _day(at: datetime, desk: "Desk") -> str:
    return date_format(at.astimezone(desk.zone), "l")


def subject(told: Told) -> str:
    return _("Your week: %(opening)s") % {"opening": told.opening}


def as_text(told: Told, teammate: "Teammate") -> str:
    lines = [_("Hello %(name)s,") % {"name": teammate.first_name}, "", told.opening]
    for heading, some in told.parts:
        lines += ["", heading, *(f"- {line.sentence}" + (f"\n  “{line.words}”" if line.words else "") for line in some)]
    return "\n".join([*lines, "", *(f"{words}: {address}" for words, address in _links())]) + "\n"


def as_html(told: Told, teammate: "Teammate") -> str:
    """The same, as simple HTML without a picture or anything that is fetched."""
    hello = _("Hello %(name)s,") % {"name": teammate.first_name}
    parts = [f"<p>{escape(hello)}</p>", f"<p>{escape(told.opening)}</p>"]
    for heading, some in told.parts:
        lines = "".join(
            f"<li>{escape(line.sentence)}" + (f"<br><em>“{escape(line.words)}”</em>" if line.words else "") + "</li>"
            for line in some
        )
        parts.append(f"<h2>{escape(heading)}</h2><ul>{lines}</ul>")
    links = "<br>".join(f'<a href="{escape(address)}">{escape(words)}</a>' for words, address in _links())
    return "\n".join([*parts, f"<p>{links}</p>"])


def _links() -> list[tuple[str, str]]:
    at = settings.PUBLIC_URL.rstrip("/")
    return [
        (_("See this letter with its people"), at + reverse("letter")),
        (_("Have no more of these letters"), at + reverse("me") + "#letter"),
    ]
