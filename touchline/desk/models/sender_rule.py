"""What the team knows of an address or a domain that writes to us."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import DomainNameValidator, EmailValidator
from django.db import models
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from touchline.desk.models.mailbox import Mailbox
from touchline.desk.models.row import Row

if TYPE_CHECKING:
    from touchline.desk.models.teammate import Teammate


class Standing(NamedTuple):
    """What is said of one sender at one mailbox: the rule that speaks, each None where none does. Blocked and allowed are never both."""

    blocked: "SenderRule | None" = None
    allowed: "SenderRule | None" = None
    person: "SenderRule | None" = None


class SenderRule(Row):
    """A rule for one sender (`nora@example.org`) or for all of a domain and those beneath it (`example.org`)."""

    DEEPEST: ClassVar = 20
    """Labels of a domain that are looked at, from its end."""

    class Kind(models.TextChoices):
        BLOCK = "block", _("is spam")
        ALLOW = "allow", _("is never spam")
        PERSON = "person", _("a person writes through this")

    pattern = models.CharField(max_length=320, help_text="an address, or a domain; lower-case")
    kind = models.CharField(max_length=10, choices=Kind)
    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, null=True, blank=True, related_name="sender_rules")
    by = models.ForeignKey("desk.Teammate", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("pattern"), "kind", Coalesce("mailbox_id", 0), name="a_sender_has_one_rule_of_a_kind_a_mailbox"
            )
        ]

    @classmethod
    def standing(cls, address: str, mailbox: Mailbox) -> Standing:
        """The rules that hold for this sender here: one for the address wins over one for its domain, a nearer domain over a wider,
        a mailbox's own over one for all, and of the same the kinder."""
        address = address.lower()
        labels = address.rpartition("@")[2].split(".")[-cls.DEEPEST :]
        patterns = [address, *(".".join(labels[i:]) for i in range(max(len(labels) - 1, 1)))]
        here = models.Q(mailbox=None) | models.Q(mailbox=mailbox)
        found = list(cls.objects.filter(here, pattern__lower__in=patterns).select_related("by"))
        found.sort(key=lambda rule: (patterns.index(rule.pattern.lower()), rule.mailbox_id is None, rule.kind != cls.Kind.ALLOW))
        verdict = next((rule for rule in found if rule.kind != cls.Kind.PERSON), None)
        person = next((rule for rule in found if rule.kind == cls.Kind.PERSON), None)
        if verdict is None:
            return Standing(person=person)
        elif verdict.kind == cls.Kind.ALLOW:
            return Standing(allowed=verdict, person=person)
        else:
            return Standing(blocked=verdict, person=person)

    @classmethod
    def say(cls, pattern: str, kind: str, *, by: "Teammate | None", at: datetime, mailbox: Mailbox | None = None) -> "SenderRule":
        """From now on. A verdict takes the place of its opposite; the same once more changes nothing.

        Raises ValidationError for what is neither an address nor a domain, and for a domain of which everybody may have an address.
        """
        pattern = plain(pattern)
        cls._check(pattern, kind)
        opposite = {cls.Kind.BLOCK: cls.Kind.ALLOW, cls.Kind.ALLOW: cls.Kind.BLOCK}.get(cls.Kind(kind))
        if opposite:
            cls.objects.filter(pattern__lower=pattern, kind=opposite, mailbox=mailbox).delete()
        rule, _new = cls.objects.get_or_create(pattern=pattern, kind=kind, mailbox=mailbox, defaults={"by": by, "at": at})
        return rule

    @classmethod
    def _check(cls, pattern: str, kind: str) -> None:
        if len(pattern) > 320:
            raise ValidationError(gettext("This is longer than an address can be."))
        words = gettext("We couldn’t read this. It looks like nora@example.org, or example.org for all of a domain.")
        validate: EmailValidator | DomainNameValidator = (
            EmailValidator(words) if "@" in pattern else DomainNameValidator(message=words)
        )
        validate(pattern)
        if kind == cls.Kind.BLOCK and is_everybodys(pattern):
            words = gettext("Everybody may have an address at %(domain)s. Please name the one address that is meant.")
            raise ValidationError(words % {"domain": pattern})

    @property
    def is_domain(self) -> bool:
        return "@" not in self.pattern


def plain(pattern: str) -> str:
    """As it is kept: lower-case, and a domain without what people write before it (`@example.org`, `*@example.org`, `*.example.org`)."""
    return pattern.strip().lower().removeprefix("*").lstrip("@.").strip()


_EVERYBODYS = frozenset(
    [
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "msn.com",
        "yahoo.com",
        "ymail.com",
        "icloud.com",
        "me.com",
        "mac.com",
        "aol.com",
        "proton.me",
        "protonmail.com",
        "pm.me",
        "tutanota.com",
        "tuta.com",
        "fastmail.com",
        "zoho.com",
        "mail.com",
        "email.com",
        "gmx.com",
        "gmx.net",
        "gmx.de",
        "gmx.at",
        "gmx.ch",
        "web.de",
        "t-online.de",
        "freenet.de",
        "orange.fr",
        "wanadoo.fr",
        "free.fr",
        "laposte.net",
        "sfr.fr",
        "libero.it",
        "tiscali.it",
        "virgilio.it",
        "ziggo.nl",
        "kpnmail.nl",
        "telenet.be",
        "bluewin.ch",
        "seznam.cz",
        "email.cz",
        "wp.pl",
        "o2.pl",
        "onet.pl",
        "interia.pl",
        "mail.ru",
        "yandex.ru",
        "yandex.com",
        "bk.ru",
        "list.ru",
        "inbox.ru",
        "rambler.ru",
        "ukr.net",
        "qq.com",
        "163.com",
        "126.com",
        "sina.com",
        "foxmail.com",
        "naver.com",
        "daum.net",
        "hanmail.net",
        "rediffmail.com",
        "uol.com.br",
        "bol.com.br",
        "terra.com.br",
        "comcast.net",
        "verizon.net",
        "att.net",
        "sbcglobal.net",
        "cox.net",
        "btinternet.com",
        "sky.com",
        "virginmedia.com",
        "bigpond.com",
        "shaw.ca",
        "rogers.com",
        "docomo.ne.jp",
        "hotmail.co.uk",
        "hotmail.fr",
        "hotmail.de",
        "hotmail.it",
        "hotmail.es",
        "outlook.de",
        "outlook.fr",
        "live.co.uk",
        "live.nl",
        "yahoo.co.uk",
        "yahoo.fr",
        "yahoo.de",
        "yahoo.co.jp",
        "yahoo.co.in",
        "yahoo.com.br",
        "yahoo.es",
        "yahoo.it",
    ]
)


def is_everybodys(domain: str) -> bool:
    """Whether anybody may have an address there, so that to block the domain would be to block strangers by the million."""
    return domain.lower() in _EVERYBODYS
