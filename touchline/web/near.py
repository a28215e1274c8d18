"""Times near in words: “12 min”, “yesterday 16:40”, “3 Mar”."""

from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def near_words(when: datetime, at: datetime, zone: tzinfo) -> str:
    """How long ago, while that is what one thinks; then the day. Days are those of `zone`. What is to come is named by its day."""
    gone = at - when
    there, here = when.astimezone(zone), at.astimezone(zone)
    days = (here.date() - there.date()).days
    clock = f"{there:%H:%M}"
    if gone < -MINUTE:
        return _ahead(there, -days, clock)
    elif gone < MINUTE:
        return gettext("now")
    elif gone < HOUR:
        return gettext("%(count)s min") % {"count": gone // MINUTE}
    elif gone < 12 * HOUR or days == 0:
        return gettext("%(count)s h") % {"count": gone // HOUR}
    elif days == 1:
        return gettext("yesterday %(clock)s") % {"clock": clock}
    elif days < 7:
        return gettext("%(weekday)s %(clock)s") % {"weekday": _day_as(there.date(), "l"), "clock": clock}
    else:
        return _day(there.date(), here.date())


def clock_words(when: datetime, at: datetime, zone: tzinfo) -> str:
    """When in its day something was said: “today 08:12”, “yesterday 16:40”, “3 Mar 16:40”."""
    there, here = when.astimezone(zone), at.astimezone(zone)
    days = (here.date() - there.date()).days
    clock = f"{there:%H:%M}"
    if days == 0:
        return gettext("today %(clock)s") % {"clock": clock}
    elif days == 1:
        return gettext("yesterday %(clock)s") % {"clock": clock}
    else:
        return gettext("%(day)s %(clock)s") % {"day": _day(there.date(), here.date()), "clock": clock}


def ahead_words(when: datetime, at: datetime, zone: tzinfo) -> str:
    """When in its day something is to be done: “today 15:00”, “tomorrow 09:00”, “Thursday 09:00”, “3 Mar 09:00”."""
    there, here = when.astimezone(zone), at.astimezone(zone)
    days = (there.date() - here.date()).days
    return _ahead(there, days, f"{there:%H:%M}") if 0 <= days < 7 else clock_words(when, at, zone)


def exactly(when: datetime, zone: tzinfo) -> str:
    """The whole of it: “3 March 2026, 16:40 CET”."""
    there = when.astimezone(zone)
    return f"{_day_as(there.date(), 'j F Y')}, {there:%H:%M %Z}"


def _ahead(there: datetime, days: int, clock: str) -> str:
    if days <= 0:
        return gettext("today %(clock)s") % {"clock": clock}
    elif days == 1:
        return gettext("tomorrow %(clock)s") % {"clock": clock}
    elif days < 7:
        return gettext("%(weekday)s %(clock)s") % {"weekday": _day_as(there.date(), "l"), "clock": clock}
    else:
        return _day_as(there.date(), "j M Y")


def _day(day: date, today: date) -> str:
    return _day_as(day, "j M" if (today - day).days < 300 else "j M Y")


def _day_as(day: date, form: str) -> str:
    return _written(day, form, get_language())


@lru_cache(maxsize=4096)
def _written(day: date, form: str, _language: str | None) -> str:
    """A day in the words of the language that is spoken now: a list has fifty of them, and mostly the same."""
    return date_format(day, form)
