"""The account of a span, counted by its days, weeks or months, by what it was about, by the mailbox, or by the answer."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from touchline.core.impact import account
from touchline.core.impact.account import Period
from touchline.core.impact.spells import Spell as SpellValue
from touchline.desk.models import Blocker, Mailbox, Topic
from touchline.desk.models.spell import Among
from touchline.web import figures
from touchline.web.figures import Days
from touchline.web.request import Request
from touchline.web.spans import ALL, DAY, MONTH, WEEK, YEAR, Span

TOPIC, MAILBOX, ANSWER = "topic", "mailbox", "answer"


class Group(NamedTuple):
    """A line of the table: what it is called, its figures, and where the people behind each are."""

    words: str
    people_helped: int
    came_back: int
    helped_address: str
    back_address: str


class Groups(NamedTuple):
    """The table: what its lines are, the lines, and what has to be known to read them."""

    title: str
    column: str
    lines: list[Group]
    beside: str


class Tab(NamedTuple):
    words: str
    address: str
    here: bool


def tabs(request: Request, span: Span) -> list[Tab]:
    """By what the span can be counted."""
    words = {
        DAY: _("Days"), WEEK: _("Weeks"), MONTH: _("Months"), TOPIC: _("Topics"), MAILBOX: _("Mailboxes"), ANSWER: _("Answers"),
    }  # fmt: skip
    by, query = _by(request, span), span.query | span.days.query
    return [Tab(words[each], f"?{urlencode(query | {'by': each})}#by", each == by) for each in _possible(span)]


def grouped(request: Request, span: Span, spells: Sequence[SpellValue]) -> Groups:
    """The span's account by what the address asks for; by its days where it asks for nothing, by its months of a year."""
    by = _by(request, span)
    if by == TOPIC:
        return _labelled(request, span, spells, by, _("What it was about"), _topics(spells))
    elif by == MAILBOX:
        return _labelled(request, span, spells, by, _("Mailbox"), _mailboxes(spells))
    elif by == ANSWER:
        return _labelled(request, span, spells, by, _("Answer"), (lambda spell: spell.answers, {}))
    else:
        return _by_part(request, span, spells, by)


def narrow(among: Among) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """To what a page can be narrowed: name, label, value and choices of each field. Only where there is a choice."""
    topics = [(key, name) for key, name in Topic.objects.order_by("name").values_list("key", "name")]
    boxes = [(str(id), address) for id, address in Mailbox.objects.order_by("address").values_list("pk", "address")]
    found = []
    if topics:
        value = "*" if among.topic is None else among.topic
        found.append((TOPIC, _("What it was about"), value, [("*", _("everything")), *topics, ("", _("no topic"))]))
    if len(boxes) > 1:
        found.append((MAILBOX, _("Mailbox"), str(among.mailbox or ""), [("", _("all mailboxes")), *boxes]))
    return found


def narrowed_words(among: Among) -> str:
    """What a page is narrowed to, beside its title."""
    told = []
    if among.topic is not None:
        told.append(Topic.objects.filter(key=among.topic).values_list("name", flat=True).first() or among.topic or _("no topic"))
    if among.mailbox is not None:
        told.append(Mailbox.objects.filter(pk=among.mailbox).values_list("address", flat=True).first() or "")
    if among.answer:
        told.append(_("after the answer “%(answer)s”") % {"answer": among.answer})
    if among.teammate:
        told.append(_("where you took part"))
    return " · ".join(told)


def _possible(span: Span) -> list[str]:
    parts = {DAY: [], WEEK: [DAY], MONTH: [DAY, WEEK], YEAR: [MONTH, WEEK], ALL: [MONTH]}[span.kind]
    return [*parts, TOPIC, MAILBOX, ANSWER]


def _by(request: Request, span: Span) -> str:
    asked = request.GET.get("by", "")
    return asked if asked in _possible(span) else _possible(span)[0]


def _by_part(request: Request, span: Span, spells: Sequence[SpellValue], by: str) -> Groups:
    days, zone = span.days, request.desk.zone
    parts = span.parts(by)
    periods = [(from_, Period.of_days(from_, to, zone)) for from_, to in parts]
    counted = account.by_part(spells, periods, as_of=days.at(request), horizons=request.desk.horizons)
    title = {DAY: _("Day by day"), WEEK: _("Week by week"), MONTH: _("Month by month")}[by]
    column = {DAY: _("Day"), WEEK: _("Week"), MONTH: _("Month")}[by]
    shape = {DAY: "D j M", WEEK: "j M", MONTH: "F Y" if span.kind == ALL else "F"}[by]
    lines = []
    for part, (from_, to) in zip(counted, parts, strict=True):
        if part.people_helped or part.came_back:
            its = Days(from_, to, as_of=days.as_of, among=days.among)
            words = date_format(from_, shape)
            words = _("from %(day)s") % {"day": words} if by == WEEK else words
            lines.append(_line(words, part.people_helped, part.came_back, its))
    beside = {
        DAY: _("Someone helped on several days counts on each of them, and once in all."),
        WEEK: _("Someone helped in several weeks counts in each of them, and once in all."),
        MONTH: _("Someone helped in several months counts in each of them, and once in all."),
    }[by]
    return Groups(title, column, lines, beside)


Labels = tuple[Callable[[SpellValue], Iterable[str]], dict[str, str]]
"""Under which labels a spell counts, and what each is called."""


def _labelled(request: Request, span: Span, spells: Sequence[SpellValue], by: str, title: str, labels: Labels) -> Groups:
    days = span.days
    label, names = labels
    counted = account.by_label(spells, label, days.period(request), as_of=days.at(request), horizons=request.desk.horizons)
    lines = [
        _line(
            names.get(key, key) or _("no topic"),
            found.total,
            found.came_back,
            days.only(**{by: int(key) if by == MAILBOX else key}),
        )
        for key, found in counted.items()
    ]
    lines.sort(key=lambda line: line.words.casefold())
    return Groups(title, title, lines, _("Someone helped under several of them counts under each, and once in all."))


def _line(words: str, helped: int, back: int, days: Days) -> Group:
    return Group(words, helped, back, days.address(""), days.address(figures.CAME_BACK))


def _topics(spells: Sequence[SpellValue]) -> Labels:
    topic_of = _of_blockers(spells, "topic")
    return (lambda spell: [topic_of.get(spell.blocker, "")]), dict(Topic.objects.values_list("key", "name"))


def _mailboxes(spells: Sequence[SpellValue]) -> Labels:
    mailbox_of = _of_blockers(spells, "mailbox")
    names = {str(id): address for id, address in Mailbox.objects.values_list("pk", "address")}
    return (lambda spell: [mailbox_of[spell.blocker]] if spell.blocker in mailbox_of else []), names


def _of_blockers(spells: Sequence[SpellValue], field: str) -> dict[str, str]:
    """What the blockers of these spells say in one field, by their id."""
    ids = sorted({int(spell.blocker) for spell in spells})
    found: dict[str, str] = {}
    for start in range(0, len(ids), 5000):
        some = Blocker.objects.filter(pk__in=ids[start : start + 5000]).values_list("pk", field)
        found |= {str(id): str(value) for id, value in some}
    return found
