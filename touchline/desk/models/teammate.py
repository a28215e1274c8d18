"""One of us."""

from datetime import datetime
from typing import ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from touchline.desk.models.row import Row


class OnlyOwner(Exception):
    """They are the only one who looks after the desk, so they cannot leave it."""


class TeammateQuerySet(models.QuerySet["Teammate"]):
    def here(self) -> Self:
        """Those who work here now."""
        return self.filter(deactivated_at=None)


class TeammateManager(BaseUserManager["Teammate"]):
    def get_queryset(self) -> TeammateQuerySet:
        return TeammateQuerySet(self.model, using=self._db)

    def here(self) -> TeammateQuerySet:
        return self.get_queryset().here()

    def get_by_natural_key(self, username: str | None) -> "Teammate":
        return self.get(email__lower=(username or "").lower())


class Teammate(Row, AbstractBaseUser):
    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        LEAD = "lead", _("Lead")
        TEAMMATE = "teammate", _("Teammate")

        @classmethod
        def of(cls, *, owner: bool = False, lead: bool = False) -> "Teammate.Role":
            return cls.OWNER if owner else cls.LEAD if lead else cls.TEAMMATE

    class Theme(models.TextChoices):
        AS_SYSTEM = "", _("As my device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    USERNAME_FIELD: ClassVar = "email"
    EMAIL_FIELD: ClassVar = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    email = models.EmailField(_("email address"))
    name = models.CharField(_("name"), max_length=100)
    role = models.CharField(max_length=10, choices=Role, default=Role.TEAMMATE)
    theme = models.CharField(max_length=5, choices=Theme, default=Theme.AS_SYSTEM, blank=True)
    single_keys = models.BooleanField(_("single-letter keys"), default=True)
    wants_letter = models.BooleanField(_("weekly letter"), default=True)
    joined_at = models.DateTimeField()
    deactivated_at = models.DateTimeField(null=True, blank=True)

    objects = TeammateManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="a_teammate_has_an_address_of_their_own")]

    @classmethod
    def join(cls, *, name: str, email: str, password: str | None, at: datetime, role: str = Role.TEAMMATE) -> "Teammate":
        """A new teammate. Without a password they sign in through a link that sets one."""
        teammate = cls(name=name, email=email.strip().lower(), role=role, joined_at=at)
        teammate.set_password(password)
        teammate.full_clean(exclude=["password"])
        teammate.save()
        return teammate

    @classmethod
    @transaction.atomic
    def welcome(cls, *, name: str, email: str, role: str, at: datetime) -> "Teammate":
        """Someone new, or someone who left and is back with all they did. They have no password until they choose one."""
        back = cls.objects.get_queryset().filter(email__lower=email.strip().lower()).exclude(deactivated_at=None).first()
        if back:
            back.name, back.role, back.deactivated_at = name, role, None
            back.set_unusable_password()
            back.save(update_fields=["name", "role", "deactivated_at", "password"])
            return back
        else:
            return cls.join(name=name, email=email, password=None, role=role, at=at)

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django writes a plain True there
        return self.deactivated_at is None

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name.split() else self.email

    @property
    def is_owner(self) -> bool:
        return self.role == self.Role.OWNER

    @property
    def is_lead(self) -> bool:
        """Who may write to many at once, and decide what the team shares."""
        return self.role in (self.Role.OWNER, self.Role.LEAD)

    def describe(self, *, name: str, email: str, theme: str, single_keys: bool, wants_letter: bool) -> None:
        """What they say about themselves, and how they like the pages."""
        self.name, self.email, self.theme, self.single_keys = name, email.strip().lower(), theme, single_keys
        self.wants_letter = wants_letter
        self.full_clean(exclude=["password"])
        self.save(update_fields=["name", "email", "theme", "single_keys", "wants_letter"])

    def choose_theme(self, theme: str) -> None:
        self.theme = theme
        self.save(update_fields=["theme"])

    def choose_password(self, password: str) -> None:
        """From now on they sign in with it; wherever they were signed in, they no longer are."""
        self.set_password(password)
        self.save(update_fields=["password"])

    @transaction.atomic
    def leave(self, *, at: datetime) -> None:
        """They no longer sign in, and what was with them is with nobody. What they did keeps their name.

        Raises OnlyOwner where nobody would be left to look after the desk.
        """
        owners = list(Teammate.objects.here().filter(role=self.Role.OWNER).select_for_update())
        if owners == [self]:
            raise OnlyOwner
        self.deactivated_at = at
        self.save(update_fields=["deactivated_at"])
        self.conversations.update(assignee=None)
