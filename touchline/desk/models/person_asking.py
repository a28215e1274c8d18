"""Whether, and when, a person may be asked how it went."""

import zoneinfo
from datetime import datetime
from typing import TYPE_CHECKING, cast

from touchline.core.impact.asking import Quiet

if TYPE_CHECKING:
    from touchline.desk.models.desk import Desk
    from touchline.desk.models.person import Person


class Asked:
    def now(self) -> "Person":
        """Who they are as far as we know by now: themselves, or the one that their record was joined into."""
        person = cast("Person", self)
        return person.joined_into or person

    def quiet(self, desk: "Desk") -> Quiet:
        """The hours in which they are not asked anything, by their own clock where we know it."""
        person = cast("Person", self)
        try:
            zone = zoneinfo.ZoneInfo(person.time_zone) if person.time_zone else desk.zone
        except (KeyError, ValueError, OSError):  # a zone that nobody knows any more
            zone = desk.zone
        return Quiet(desk.quiet_from, desk.quiet_to, zone)

    def do_not_ask(self, *, at: datetime) -> None:
        """They want no check-ins from now on. What is planned is not asked."""
        person = cast("Person", self)
        person.do_not_ask_at = person.do_not_ask_at or at
        person.save(update_fields=["do_not_ask_at"])

    def may_be_asked(self) -> None:
        """They may be asked again whether it worked."""
        person = cast("Person", self)
        person.do_not_ask_at = None
        person.save(update_fields=["do_not_ask_at"])
