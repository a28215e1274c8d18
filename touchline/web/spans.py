"""Which part of the account is asked for: the time it covers, the instant it is told as of, and what it is narrowed to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import Http404
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from touchline.desk.models.spell import Among, Spell
from touchline.web.figures import Days
from touchline.web.request import Request

EARLIEST, LATEST = date(1970, 2, 1), date(2200, 1, 1)
DAY, WEEK, MONTH, YEAR, ALL = "day", "week", "month", "year", "all"


@dataclass(frozen=True)
class Span:
    """A day, a week, a month or a year that is looked at, and those before and after it, where there are any."""

    kind: str
    days: Days
    here: date

    @property
    def is_now(self) -> bool:
        return self.days.from_ <= self.here < self.days.to

    @property
    def name(self) -> str:
        """“October”, “October 2025”, “2 March”, “the week of 2 March”, “2025”."""
        first = self.days.from_
        this_year = first.year == self.here.year
        if self.kind == ALL:
            return _("all the time")
        elif self.kind == YEAR:
            return str(first.year)
        elif self.kind == MONTH:
            return date_format(first, "F" if this_year else "F Y")
        elif self.kind == WEEK:
            return _("the week of %(day)s") % {"day": date_format(first, "j F" if this_year else "j F Y")}
        else:
            return date_format(first, "j F" if this_year else "j F Y")

    @property
    def before(self) -> "Span | None":
        earlier = self.kind != ALL and self.days.from_ > EARLIEST + timedelta(days=366)
        return self._beside(self.days.from_ - timedelta(days=1)) if earlier else None

    @property
    def after(self) -> "Span | None":
        return self._beside(self.days.to) if self.days.to <= self.here else None

    @property
    def query(self) -> dict[str, str]:
        """What an address says for it."""
        if self.kind == ALL:
            return {ALL: "1"}
        else:
            return {} if self.kind == MONTH and self.is_now else {self.kind: _WRITTEN[self.kind](self.days.from_)}

    def of_kind(self, kind: str) -> "Span":
        """The day, week, month or year that is looked at instead: today's where it is in this one, or its first."""
        return self._beside(self.here if self.is_now else self.days.from_, kind)

    def parts(self, kind: str) -> list[tuple[date, date]]:
        """The days, weeks or months of it, from a day up to another; those at its ends are cut to it."""
        found = []
        first = self.days.from_
        while first < self.days.to:
            to = min(_ends(kind, first), self.days.to)
            found.append((first, to))
            first = to
        return found

    def _beside(self, day: date, kind: str = "") -> "Span":
        kind = kind or self.kind
        first = _begins(kind, day)
        return Span(kind, Days(first, _ends(kind, first), as_of=self.days.as_of, among=self.days.among), self.here)


def span(request: Request) -> Span:
    """The span that an address asks for; this month where it names none. What cannot be is not found."""
    here = request.at.astimezone(request.desk.zone).date()
    if ALL in request.GET:
        began = Spell.objects.order_by("began_at").values_list("began_at", flat=True).first()
        begin = min(began.astimezone(request.desk.zone).date(), here) if began else here
        return Span(ALL, Days(begin, here + timedelta(days=1), as_of=as_of(request), among=among(request)), here)
    kind = next((each for each in (DAY, WEEK, YEAR) if each in request.GET), MONTH)
    words = request.GET.get(kind, "")
    try:
        asked = date.fromisoformat((words + "-01-01")[:10] if words else here.isoformat())
    except ValueError:
        raise Http404 from None
    if not EARLIEST <= asked <= here:
        raise Http404
    first = _begins(kind, asked)
    return Span(kind, Days(first, _ends(kind, first), as_of=as_of(request), among=among(request)), here)


def as_of(request: Request) -> date | None:
    """The day at whose beginning the account is to be told; None for now."""
    words = request.GET.get("as_of", "")
    if not words:
        return None
    try:
        day = date.fromisoformat(words)
    except ValueError:
        raise Http404 from None
    if not EARLIEST <= day < LATEST:
        raise Http404
    return day if day <= request.at.astimezone(request.desk.zone).date() else None


def among(request: Request) -> Among:
    """What the account is narrowed to; a teammate is never another than the one who asks."""
    mailbox = request.GET.get("mailbox", "")
    if mailbox and not (mailbox.isascii() and mailbox.isdigit() and len(mailbox) < 19):
        raise Http404
    return Among(
        topic=_told(request.GET.get("topic"))[:60] if "topic" in request.GET and request.GET["topic"] != "*" else None,
        mailbox=int(mailbox) if mailbox else None,
        answer=_told(request.GET.get("answer"))[:40] or None,
        teammate=request.teammate.pk if request.GET.get("mine") else None,
    )


def _told(words: str | None) -> str:
    return (words or "").replace("\0", "").strip()


def _begins(kind: str, day: date) -> date:
    """The first day of the day, week, month or year that has `day` in it. A week begins on a Monday."""
    if kind == YEAR:
        return day.replace(month=1, day=1)
    elif kind == MONTH:
        return day.replace(day=1)
    else:
        return day - timedelta(days=day.weekday() if kind == WEEK else 0)


def _ends(kind: str, day: date) -> date:
    """The day after the last of the day, week, month or year that has `day` in it."""
    long = {YEAR: 366, MONTH: 31, WEEK: 7, DAY: 1}[kind]
    return _begins(kind, _begins(kind, day) + timedelta(days=long))


_WRITTEN: dict[str, Callable[[date], str]] = {
    YEAR: lambda day: f"{day:%Y}",
    MONTH: lambda day: f"{day:%Y-%m}",
    WEEK: date.isoformat,
    DAY: date.isoformat,
}
