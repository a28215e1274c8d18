"""The weekly letter: whom you took part in helping, and how they fared since."""

from datetime import date, datetime, time, timedelta
from typing import ClassVar

from django.db import IntegrityError, models, transaction

from touchline.desk.letters import Told, as_html, as_text, subject, tell
from touchline.desk.models.desk import Desk
from touchline.desk.models.notice import Notice
from touchline.desk.models.row import Row
from touchline.desk.models.teammate import Teammate


class Letter(Row):
    """Which letters were written, so that each goes out once."""

    LEAVES_AT: ClassVar = time(8)
    """On Mondays, in the team's time zone."""
    LATEST: ClassVar = timedelta(days=2)
    """After a Monday's morning; one that could not be written by then is not written any more."""

    teammate = models.ForeignKey("desk.Teammate", on_delete=models.CASCADE, related_name="letters")
    week = models.DateField(help_text="the Monday of the week it tells of")
    written_at = models.DateTimeField()
    empty = models.BooleanField(default=False, help_text="there was nothing to tell, and none was sent")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["teammate", "week"], name="one_letter_a_week_and_teammate")]

    @classmethod
    def write_all(cls, at: datetime) -> int:
        """On a Monday morning, the letters about last week, to everyone who wants theirs: how many. Again, it writes none."""
        desk = Desk.get()
        here = at.astimezone(desk.zone)
        monday = here.date() - timedelta(days=here.weekday())
        leaves = datetime.combine(monday, cls.LEAVES_AT, tzinfo=desk.zone)
        count = 0
        if leaves <= at < leaves + cls.LATEST:
            week = monday - timedelta(days=7)
            wants = Teammate.objects.here().filter(wants_letter=True)
            for teammate in wants.exclude(letters__week=week).order_by("id"):
                letter = cls.write(teammate, week=week, at=at, desk=desk)
                count += letter is not None and not letter.empty
        return count

    @classmethod
    def write(cls, teammate: Teammate, *, week: date, at: datetime, desk: Desk) -> "Letter | None":
        """The letter about the week that began on this Monday, in one transaction with its mail; None where it was written already."""
        told = cls.about(teammate, week=week, as_of=at, desk=desk)
        try:
            with transaction.atomic():
                letter = cls.objects.create(teammate=teammate, week=week, written_at=at, empty=not told)
                if told:
                    text, html = as_text(told, teammate), as_html(told, teammate)
                    Notice.write(teammate.email, subject(told), text, html=html, at=at)
        except IntegrityError:
            return None
        else:
            return letter

    @classmethod
    def about(cls, teammate: Teammate, *, week: date, as_of: datetime, desk: Desk) -> Told:
        """What a letter about this week says, as far as it is known at `as_of`."""
        return tell(teammate, week=week, as_of=as_of, desk=desk)
