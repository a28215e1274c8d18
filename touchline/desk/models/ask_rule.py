"""When people are asked whether it worked, and in which words: what a team chose, for all or for a mailbox or a topic."""

import re
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from touchline.core.impact.asking import NOBODY, Rule
from touchline.desk.models.message import Words
from touchline.desk.models.row import Row

if TYPE_CHECKING:
    from touchline.desk.models.mailbox import Mailbox

LINK = "[link]"
"""Where the link stands in the words that we keep. The link itself is put there as the mail leaves, and is read by nobody here."""


class CannotBeAsked(Exception):
    """Words that do not say what such a mail must say; the reason is a sentence for whoever wrote them."""


class AskRule(Row):
    """For all, for a mailbox, for a topic, or for a topic in a mailbox; the closest one holds. With no rule nobody is asked."""

    MOST_WORDS: ClassVar = 1000
    PLACES: ClassVar = ("teammate", "line", "link")
    """What may stand in the words in braces: who asks, what it was about, and the link."""

    mailbox = models.ForeignKey("desk.Mailbox", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    topic = models.CharField(max_length=60, blank=True)
    after_hours = models.BooleanField(gettext_lazy("after hours"), default=False)
    after_days = models.BooleanField(gettext_lazy("after days"), default=True)
    after_weeks = models.BooleanField(gettext_lazy("after weeks"), default=False)
    random_share = models.FloatField(
        gettext_lazy("drawn at random"), default=0.0, help_text="0 to 1 of the spells, whether or not everyone is asked"
    )
    words = models.TextField(blank=True, help_text="how we ask; empty: in our own words")

    class Meta:
        constraints = [
            models.UniqueConstraint(Coalesce("mailbox_id", 0), "topic", name="one_rule_of_asking_a_mailbox_and_topic"),
            models.CheckConstraint(condition=models.Q(random_share__gte=0, random_share__lte=1), name="a_share_is_0_to_1"),
        ]

    @classmethod
    def closest(cls, mailbox: "Mailbox", topic: str) -> "AskRule | None":
        """The rule that holds for this topic in this mailbox: a topic is closer than a mailbox."""
        fitting = cls.objects.filter(models.Q(mailbox=None) | models.Q(mailbox=mailbox), topic__in=("", topic))
        return max(fitting, key=lambda rule: (bool(rule.topic), rule.mailbox_id is not None), default=None)

    @classmethod
    def holding(cls, mailbox: "Mailbox", topic: str) -> Rule:
        """The same as a value; nobody is asked where there is none."""
        rule = cls.closest(mailbox, topic)
        return rule.as_value() if rule else NOBODY

    def as_value(self) -> Rule:
        asked = {"hours": self.after_hours, "days": self.after_days, "weeks": self.after_weeks}
        return Rule(frozenset(name for name, is_asked in asked.items() if is_asked), self.random_share)


def default_words() -> str:
    """How we ask where a team chose no words of its own: three sentences and one link."""
    return _(
        "{teammate} asked us to check whether this is out of your way: “{line}”.\n\nDoes it work for you now? One press on this page tells us, and so does an answer to this mail:\n{link}"
    )


def refuse_bad_words(words: str) -> None:
    """Raise CannotBeAsked unless the words say who asks, hold the link once, and nothing that we could not fill in."""
    found = re.findall(r"\{([^{}]*)\}", words)
    strange = next((name for name in found if name not in AskRule.PLACES), None)
    if strange is not None:
        raise CannotBeAsked(
            _("We don’t know what “{%(name)s}” stands for. You can use {teammate}, {line} and {link}.") % {"name": strange[:40]}
        )
    elif found.count("link") != 1:
        raise CannotBeAsked(_("{link} belongs in it once: it is where they answer."))
    elif "teammate" not in found:
        raise CannotBeAsked(_("{teammate} is missing: people are told who asked us to check."))


def asking_words(words: str, *, person: str, teammate: str, line: str) -> Words:
    """What a person is written. `person` is what they are called, "" where we have no name; the link's place is marked by LINK."""
    told = {"teammate": teammate, "line": line}
    greeting = _("Hello %(name)s,") % {"name": person} if person else _("Hello,")
    filled = re.sub(r"\{(\w+)\}", lambda place: _told(told, place), words.replace(LINK, "").replace("\r\n", "\n").strip())
    text = f"{greeting}\n\n{filled}"
    paragraphs = (format_html("<p>{}</p>", part).replace("\n", "<br>") for part in re.split(r"\n\s*\n", text))
    return Words(text, "".join(paragraphs))


def _told(told: dict[str, str], place: re.Match[str]) -> str:
    return LINK if place[1] == "link" else " ".join(told.get(place[1], "").replace(LINK, "").split())


def first_name(name: str) -> str:
    """What a person is called to their face, of the name in their mails: “Nora” of “Nora Adeyemi” and of “Adeyemi, Nora”; "" of an address."""
    last, comma, first = name.partition(",")
    words = (first if comma and first.strip() else last).split()
    return "" if not words or "@" in name else words[0][:60]
