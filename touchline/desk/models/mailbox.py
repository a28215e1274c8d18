"""An address that people write to, and how it is reached."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from touchline.channels import CHANNELS, Channel, NotNow
from touchline.core.mail.recipients import OurAddresses, Ours, ascii_domain, plain, without_tag
from touchline.desk import files
from touchline.desk.keys import Secret
from touchline.desk.live import publish
from touchline.desk.models.mailbox_signing_in import SigningIn, reaching
from touchline.desk.models.mailbox_silence import Silence
from touchline.desk.models.row import growing_pause

if TYPE_CHECKING:
    from touchline.desk.models.inbound_email import InboundEmail


class MailboxQuerySet(models.QuerySet["Mailbox"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def reached_by(self, address: str) -> "Mailbox | None":
        """The open mailbox that has this address or alias, whatever its case; `support+anything@` reaches `support@` too."""
        address = plain(address)
        return self._at(address) or self._at(without_tag(address))

    def _at(self, address: str) -> "Mailbox | None":
        spelt = {address, ascii_domain(address)}
        here = self.open().filter(address__lower__in=spelt).first()
        return here or self.open().filter(aliases__address__lower__in=spelt).first()

    def due(self, at: datetime) -> Self:
        return self.open().filter(due_at__lte=at).order_by("due_at")

    def watchable(self) -> Self:
        """Those whose server may tell us when mail comes, the oldest first."""
        return self.filter(imap_idle=True).exclude(imap_host="").order_by("id")

    def in_trouble(self) -> Self:
        return self.open().exclude(trouble="")


class Security(models.TextChoices):
    TLS = "tls", _("TLS")
    STARTTLS = "starttls", _("STARTTLS")
    NONE = "none", _("none (this machine only)")


class After(models.TextChoices):
    """What happens to a mail at its server once we have it durably."""

    MARK = "mark", _("mark it as read")
    LEAVE = "leave", _("leave it as it is")
    MOVE = "move", _("move it to another folder")
    DELETE = "delete", _("delete it there")


class Mailbox(Silence, SigningIn):
    FETCH_EVERY: ClassVar = timedelta(seconds=30)
    FETCH_SELDOM: ClassVar = timedelta(minutes=5)
    """Where its server tells us when mail comes, asking is only for safety."""
    watched: ClassVar[set[int]] = set()
    """The mailboxes whose servers are telling us just now, in this process."""
    LEASE: ClassVar = timedelta(minutes=3)

    name = models.CharField(_("name people see"), max_length=100)
    address = models.EmailField(_("address"))
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    channel = models.CharField(max_length=20, default="email")

    imap_host = models.CharField(_("IMAP server"), max_length=255, blank=True)
    imap_port = models.PositiveIntegerField(_("port"), default=993)
    imap_security = models.CharField(_("security"), max_length=10, choices=Security, default=Security.TLS)
    imap_username = models.CharField(_("user name"), max_length=255, blank=True)
    imap_password = Secret(_("password"), blank=True)
    imap_folder = models.CharField(_("folder"), max_length=255, default="INBOX")
    imap_mark = models.TextField(blank=True, help_text="how far we have read the folder")
    imap_more_folders = models.TextField(_("other folders to read"), blank=True, help_text=_("One a line."))
    imap_spam_folder = models.CharField(_("folder of spam"), max_length=255, blank=True)
    imap_marks = models.JSONField(default=dict, blank=True, help_text="how far we have read each of the other folders, by name")
    imap_after = models.CharField(_("once we have it"), max_length=10, choices=After, default=After.MARK)
    imap_move_to = models.CharField(_("move it to"), max_length=255, blank=True)
    imap_idle = models.BooleanField(_("be told at once (IDLE)"), default=True)
    fetched_at = models.DateTimeField(null=True, blank=True)

    smtp_host = models.CharField(_("SMTP server"), max_length=255, blank=True)
    smtp_port = models.PositiveIntegerField(_("port"), default=587)
    smtp_security = models.CharField(_("security"), max_length=10, choices=Security, default=Security.STARTTLS)
    smtp_username = models.CharField(_("user name"), max_length=255, blank=True)
    smtp_password = Secret(_("password"), blank=True)

    hook_sender = models.CharField(_("sending service"), max_length=30, blank=True, help_text="whose webhooks bring mail in")
    hook_key = models.CharField(max_length=40, blank=True, db_index=True, help_text="stands in the address of the webhook")
    hook_secret = Secret(blank=True)

    fed_by_group = models.BooleanField(
        _("fed by a group"),
        default=False,
        help_text=_("Mail comes through a mailing list or a group address; it is people’s all the same."),
    )
    trusted_server = models.CharField(
        _("server whose checks we believe"), max_length=255, blank=True, help_text="the authserv-id of its Authentication-Results"
    )
    tags_arrive_at = models.DateTimeField(
        null=True, blank=True, help_text="when the doctor saw that mail to an address with a plus arrives"
    )
    acknowledges = models.BooleanField(_("tell people that their mail has come"), default=False)
    acknowledgement = models.TextField(_("in these words"), blank=True)
    quiet_since = models.DateTimeField(null=True, blank=True, help_text="since when it has been silent for longer than usual")
    quiet_words = models.TextField(blank=True)
    quiet_fine_at = models.DateTimeField(null=True, blank=True, help_text="when a teammate said that this silence is fine")

    objects = MailboxQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("address"), name="an_address_is_one_mailbox")]

    @classmethod
    def open(cls, *, address: str, name: str, at: datetime) -> "Mailbox":
        mailbox = cls(address=address.strip(), name=name, opened_at=at)
        mailbox.full_clean()
        mailbox.save()
        return mailbox

    def __str__(self) -> str:
        return self.address

    def clean(self) -> None:
        from touchline.desk.models.alias import Alias

        if Alias.objects.filter(address__lower=self.address.lower()).exists():
            raise ValidationError({"address": _("This is another address of a mailbox already.")})

    def ours(self) -> Ours:
        """Its address and aliases, among all of the desk: what is ours when somebody who wrote to it is answered."""
        return Ours(self.address, tuple(str(alias) for alias in self.aliases.order_by("id")), our_addresses())

    @property
    def can_fetch(self) -> bool:
        return bool(self.imap_host)

    @property
    def can_send(self) -> bool:
        return bool(self.smtp_host)

    @property
    def how(self) -> Channel:
        return CHANNELS[self.channel]

    @property
    def other_folders(self) -> list[str]:
        """The folders that are read besides the first, that of spam among them."""
        lines = [line.strip() for line in [*self.imap_more_folders.splitlines(), self.imap_spam_folder]]
        return [name for name in dict.fromkeys(lines) if name and name != self.imap_folder]

    def receive(
        self, raw: bytes, *, at: datetime, via: str, mail_from: str = "", recipient: str = "", note: str = "", folder: str = ""
    ) -> "InboundEmail":
        """Keep what came in, byte for byte and durably. When this returns, it may be acknowledged.

        The same bytes twice are one inbound email. Raises OSError where they cannot be kept.
        """
        from touchline.desk.models.inbound_email import InboundEmail

        digest = files.keep(raw)
        return InboundEmail.keep(
            self, digest, len(raw), at=at, via=via, mail_from=mail_from, recipient=recipient, note=note, folder=folder
        )

    def fetch(self, at: datetime) -> int:
        """Ask the channel what is new, keep it, and only then say so there. How many mails were kept.

        Who makes it due while it is asked is heard: it is asked again at once.
        """
        count = 0
        failed = self.keeps_failing(at)
        leased = self.due_at
        try:
            more = {name: self.imap_marks.get(name, "") for name in self.other_folders}
            fetching = self.how.fetch(self.told_in(), since=self.imap_mark, more=more, size_limit=settings.MAX_MAIL_BYTES)
            for fetched in fetching:
                received_at = min(fetched.received_at or at, at)
                self.receive(fetched.raw, at=received_at, via="imap", note=fetched.note, folder=fetched.place)
                self._read_to(fetched.place, fetched.mark)
                fetched.kept()
                count += 1
            for place, mark in (("", fetching.mark), *fetching.marks.items()):
                self._read_to(place, mark)
        except NotNow as trouble:
            self.tries += 1
            self.trouble = str(trouble)
            pause = max(self.FETCH_EVERY, growing_pause(self.tries - 1) / 2)
        else:
            self.tries = 0
            self.trouble = fetching.trouble
            self.fetched_at = at
            pause = self.FETCH_SELDOM if self.pk in self.watched else self.FETCH_EVERY
        self.save(update_fields=["tries", "trouble", "fetched_at"])
        if self.keeps_failing(at) != failed:
            publish("banners", 0)
        if Mailbox.objects.filter(pk=self.pk, due_at=leased).update(due_at=at + pause):
            self.due_at = at + pause
        return count

    def _read_to(self, place: str, mark: str) -> None:
        if place and self.imap_marks.get(place) != mark:
            self.imap_marks[place] = mark
            self.save(update_fields=["imap_marks"])
        elif not place and self.imap_mark != mark:
            self.imap_mark = mark
            self.save(update_fields=["imap_mark"])

    def tell_them_it_came(self, yes: bool, words: str) -> None:
        """Whether the desk tells people that their mail has come, and how; without words, in those of the desk."""
        self.acknowledges, self.acknowledgement = yes, words.strip()
        self.save(update_fields=["acknowledges", "acknowledgement"])

    def mail_has_come(self, at: datetime) -> None:
        """Its server says so: it is asked at once."""
        if Mailbox.objects.open().filter(pk=self.pk, due_at__isnull=False).update(due_at=at):
            publish("mailbox", self.pk)

    def folders(self) -> dict[str, bool]:
        """The folders at its server, in the order in which to show them, and of each whether that is where spam goes. Raises CannotReach."""
        with reaching():
            return {place.name: place.spam for place in self.how.places(self.told_in())}

    def make_folder(self, name: str) -> None:
        """Make a folder at its server. Raises CannotReach."""
        with reaching():
            self.how.make_place(self.told_in(), name)

    @transaction.atomic
    def be_reached(self, told: dict[str, Any], *, at: datetime) -> None:
        """Say how mail comes in and goes out. What waited to be sent, or to be fetched, is due at once."""
        from touchline.desk.models.notice import Notice

        changed = [*told, "due_at", "tries", "trouble"]  # and nothing else: a fetch may be at work on the rest
        moved = any(told.get(name) and told[name] != getattr(self, name) for name in ("imap_host", "smtp_host"))
        if moved and "oauth_signed_in_as" not in told:
            self._throw_away()  # what lets us in at one server is never said to another
            changed += self.TOKENS
        if any(name in told and told[name] != getattr(self, name) for name in ("imap_host", "imap_username")):
            self.tags_arrive_at = None  # there nobody has seen yet that an address with a plus arrives
            changed.append("tags_arrive_at")
        for name, value in told.items():
            setattr(self, name, value)
        self.due_at = at if self.can_fetch else None
        self.tries = 0
        self.trouble = ""
        self.full_clean()
        self.save(update_fields=changed)
        if self.can_send:
            in_hand = models.Q(
                claimed_until__gt=at, due_at=models.F("claimed_until")
            )  # it is being sent: twice would be too often
            self.deliveries.not_sent().filter(gave_up_at=None).exclude(in_hand).update(due_at=at, tries=0, trying_since=None)
            Notice.objects.held_back(at).update(due_at=at)
        publish("mailbox", self.pk)

    def told_in(self) -> dict[str, Any]:
        folders = {"folder": self.imap_folder, "more": self.other_folders, "move_to": self.imap_move_to}
        return self._told("imap") | folders | {"after": self.imap_after}

    def told_out(self) -> dict[str, Any]:
        return self._told("smtp")

    def _told(self, prefix: str) -> dict[str, Any]:
        told = {name: getattr(self, f"{prefix}_{name}") for name in ("host", "port", "security", "username", "password")}
        if self.sign_in_by == self.SignInBy.OAUTH:
            name = told["username"] or self.imap_username or self.oauth_signed_in_as or self.address
            return told | {"username": name, "password": "", "token": self.token}
        else:
            return told


def our_addresses() -> OurAddresses:
    """Every address of the desk's mailboxes, and their aliases."""
    from touchline.desk.models.alias import Alias

    aliases = Alias.objects.values_list("address", flat=True)
    return OurAddresses([*Mailbox.objects.values_list("address", flat=True), *aliases])
