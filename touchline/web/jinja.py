"""The templates' surroundings: what every page may call, and how a time, a person's words and a tint are shown."""

import re
from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Any

import jinja2
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import conditional_escape, urlize
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext, npgettext, pgettext
from markupsafe import Markup, escape

from touchline.web.assets import asset_url
from touchline.web.near import ahead_words, clock_words, exactly, near_words

TINTS = 12


def environment(**options: Any) -> jinja2.Environment:
    """The environment of Django's Jinja2 backend. A name that nobody gave is an error, and never an empty place on a page."""
    options |= {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True, "undefined": jinja2.StrictUndefined}
    env = jinja2.Environment(extensions=["jinja2.ext.i18n"], **options)  # noqa: S701 (autoescape is among the options)
    env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    env.globals |= {
        "url": url,
        "asset_url": asset_url,
        "static": static,
        "language": translation.get_language,
        "rtl": translation.get_language_bidi,
    }
    env.filters |= {
        "near": near,
        "clock": clock,
        "ahead": ahead,
        "words": words,
        "excerpt": excerpt,
        "tint": tint,
        "initials": initials,
        "size": size,
        "day": day,
    }
    return env


@lru_cache(maxsize=10_000)
def url(name: str, *args: object) -> str:
    """The address of the page of this name. It never changes while we run, so it is worked out once."""
    return reverse(name, args=args)


def near(when: datetime, at: datetime, zone: tzinfo | None = None) -> Markup:
    """A time as `<time>`: near in words, and the exact time for whoever points at it. `at` is now; `zone` is the team's."""
    zone = zone or timezone.get_current_timezone()
    return _time(when, near_words(when, at, zone), zone, " data-near")


def clock(when: datetime, at: datetime, zone: tzinfo | None = None) -> Markup:
    """A time as `<time>` that says the hour of its day: “today 08:12”."""
    zone = zone or timezone.get_current_timezone()
    return _time(when, clock_words(when, at, zone), zone)


def ahead(when: datetime, at: datetime, zone: tzinfo | None = None) -> Markup:
    """A time to come as `<time>`: “tomorrow 09:00”."""
    zone = zone or timezone.get_current_timezone()
    return _time(when, ahead_words(when, at, zone), zone)


def _time(when: datetime, shown: str, zone: tzinfo, mark: str = "") -> Markup:
    # Written out rather than with Markup.format: a list has fifty of these.
    whole = f"{_beginning(when, zone, translation.get_language())}{mark}>{escape(shown)}</time>"
    return Markup(whole)  # noqa: S704 (each piece is escaped, or ours)


@lru_cache(maxsize=4096)
def _beginning(when: datetime, zone: tzinfo, _language: str | None) -> str:
    """What of a `<time>` stays the same as it goes by; the rows of a list are mostly those of a moment ago."""
    return f'<time datetime="{when.isoformat(timespec="seconds")}" title="{escape(exactly(when, zone))}"'


def words(text: str) -> Markup:
    """Plain text as paragraphs: escaped, line ends kept, what looks like an address of the web made a link.

    Each paragraph runs the way of its own script. A link opens beside the desk, tells its target nothing of us, and vouches for nothing.
    """
    paragraphs = re.split(r"\n\s*\n", text.strip().replace("\r\n", "\n"))
    shown = (_links(paragraph).replace("\n", Markup("<br>")) for paragraph in paragraphs if paragraph.strip())
    return Markup("").join(Markup('<p dir="auto">{}</p>').format(paragraph) for paragraph in shown)


# What `urlize` could make a link of. Looking for that first is a hundred times quicker than `urlize`, and most words hold none.
_MAY_LINK = re.compile(r"(?i)https?:|www\.|@|\.(?:com|edu|gov|int|mil|net|org)")


def _links(text: str) -> Markup:
    if not _MAY_LINK.search(text):
        return escape(text)
    linked = urlize(conditional_escape(text), nofollow=True)
    plain = r'<a href="(https?:[^"]*)" rel="nofollow">'
    beside = r'<a href="\1" rel="noopener noreferrer nofollow" target="_blank">'
    return Markup(re.sub(plain, beside, linked))  # noqa: S704 (escaped in the first line)


def excerpt(text: str, length: int = 160) -> str:
    """The first words on one line, at most `length` characters, ending at a word."""
    return Truncator(" ".join(text.split())).chars(length)


def tint(person_id: int) -> str:
    """The class of a person's tint, one of twelve; the same person always has the same."""
    # Ids are milliseconds shifted left by 20 bits: all of their digits have a say.
    return f"tint-{(person_id ^ (person_id >> 20)) % TINTS + 1}"


def initials(name: str) -> str:
    """The first letters of a name: of the first and the last word of it."""
    parts = [part for part in re.split(r"[\s.@_-]+", name) if part]
    letters = parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else "") if parts else "?"
    return letters.upper()


def day(which: date) -> str:
    """A day of the calendar: “3 March 2026”."""
    return date_format(which, "j F Y")


def size(count: int) -> str:
    """A number of bytes for people: “640 KB”, “2.4 MB”."""
    if count < 1000:
        return ngettext("%(count)d byte", "%(count)d bytes", count) % {"count": count}
    elif count < 1_000_000:
        return gettext("%(count)d KB") % {"count": round(count / 1000)}
    else:
        return gettext("%(count).1f MB") % {"count": count / 1_000_000}
