"""Invitations: what a text/calendar part asks, said in words (RFC 5545, 5546; MAIL.md, rule 79).

The lines that a person would ask about are read, and nothing is worked out: times stand in the zone they were written in, and
repetitions are only said to be there.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from touchline.core.mail.headers import clean

MOST_LINES = 2_000
LONGEST_LINE = 2_000  # characters of one value


@dataclass(frozen=True, slots=True)
class Invitation:
    """One event, as its organiser or a guest wrote it. "" where something is not said.

    `method` is in capitals (REQUEST, REPLY, CANCEL, COUNTER, PUBLISH, ...); `when` a phrase fit to show; `answers` who
    answered how, as phrases ("Nora Quinn accepts").
    """

    method: str
    summary: str
    when: str
    where: str
    organiser: str
    answers: tuple[str, ...] = ()
    repeats: bool = False
    comment: str = ""

    def words(self) -> str:
        """A few lines that tell it."""
        lines = [f"{_SAYS.get(self.method, 'Event')}: {self.summary or 'without a title'}"]
        lines += [f"Who: {answer}" for answer in self.answers]
        lines += [f"When: {self.when}{' (it repeats)' if self.repeats else ''}"] if self.when else []
        lines += [f"Where: {self.where}"] if self.where else []
        lines += [f"Organiser: {self.organiser}"] if self.organiser else []
        lines += [self.comment] if self.comment else []
        return "\n".join(lines)


_SAYS = {"REQUEST": "Invitation", "REPLY": "Answer to an invitation", "CANCEL": "Cancelled", "COUNTER": "Another time is proposed", "ADD": "Invitation",
         "DECLINECOUNTER": "The other time is declined", "REFRESH": "The details are asked for"}  # fmt: skip
_ANSWERS = {
    "ACCEPTED": "accepts",
    "DECLINED": "declines",
    "TENTATIVE": "may come",
    "DELEGATED": "sends someone else",
    "NEEDS-ACTION": "has not answered",
}


def invitation_in(calendar: str, *, method: str = "") -> Invitation | None:
    """The first event in a calendar; None where there is none. `method` is what the part's Content-Type says, should the calendar not."""
    said: dict[str, tuple[dict[str, str], str]] = {}
    attendees: list[tuple[dict[str, str], str]] = []
    inside: list[str] = []
    for name, parameters, value in _properties(calendar):
        if name == "BEGIN":
            inside.append(value.upper())
        elif name == "END":
            if inside and inside.pop() == "VEVENT":
                break
        elif name == "METHOD" and "VEVENT" not in inside:
            method = value
        elif inside and inside[-1] == "VEVENT":
            if name == "ATTENDEE":
                attendees.append((parameters, value))
            else:
                said.setdefault(name, (parameters, value))
    if not said:
        return None
    method = re.sub(r"[^A-Z]", "", method.upper())[:20]
    return Invitation(
        method=method,
        summary=_text(said, "SUMMARY"),
        when=_when(said),
        where=_text(said, "LOCATION"),
        organiser=_who(*said["ORGANIZER"]) if "ORGANIZER" in said else "",
        answers=tuple(_answer(*one) for one in attendees[:5]) if method in ("REPLY", "COUNTER") else (),
        repeats="RRULE" in said,
        comment=_text(said, "COMMENT"),
    )


_PROPERTY = re.compile(
    r"""([A-Za-z0-9-]{1,60})((?:;[^:;="]{1,60}=(?:"[^"]*"|[^";:]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)""", re.DOTALL
)
_PARAMETER = re.compile(r""";([^:;="]{1,60})=("[^"]*"|[^";:]*)""")


def _properties(calendar: str) -> list[tuple[str, dict[str, str], str]]:
    """Name, parameters and value of each line, unfolded."""
    lines: list[str] = []
    for line in calendar.replace("\r\n", "\n").replace("\r", "\n").split("\n")[: 5 * MOST_LINES]:
        if line[:1] in (" ", "\t") and lines:
            if len(lines[-1]) < LONGEST_LINE:
                lines[-1] += line[1:]
        elif line.strip():
            lines.append(line)
    found = []
    for line in lines[:MOST_LINES]:
        if match := _PROPERTY.match(line[: 2 * LONGEST_LINE]):
            parameters = {key.upper(): value.strip('"') for key, value in _PARAMETER.findall(match[2])}
            found.append((match[1].upper(), parameters, match[3].strip()))
    return found


def _text(said: dict[str, tuple[dict[str, str], str]], name: str) -> str:
    value = said.get(name, ({}, ""))[1]
    return clean(re.sub(r"\\([\\;,nN])", lambda escaped: " " if escaped[1] in "nN" else escaped[1], value))[:500]


def _who(parameters: dict[str, str], value: str) -> str:
    address = clean(re.sub(r"(?i)^mailto:", "", value))[:320]
    name = clean(parameters.get("CN", "").replace("^'", '"'))[:200]
    return f"{name} <{address}>" if name and name.lower() != address.lower() else address


def _answer(parameters: dict[str, str], value: str) -> str:
    said = parameters.get("PARTSTAT", "NEEDS-ACTION").upper()
    return f"{_who(parameters, value)} {_ANSWERS.get(said, clean(said.lower())[:40])}"


def _when(said: dict[str, tuple[dict[str, str], str]]) -> str:
    start, zone = _moment(*said.get("DTSTART", ({}, "")))
    end, end_zone = _moment(*said.get("DTEND", ({}, "")))
    if start is None:
        return ""
    if not isinstance(start, datetime):
        # A whole day ends, by the book, on the day after.
        last = end - timedelta(days=1) if end and end > date(1, 1, 2) else start
        return _day(start) if last <= start else f"{_day(start)} to {_day(last)}"
    ends = ""
    if isinstance(end, datetime) and zone == end_zone:
        ends = f"–{end:%H:%M}" if end.date() == start.date() else f" to {_day(end)}, {end:%H:%M}"
    return f"{_day(start)}, {start:%H:%M}{ends}{f' ({zone})' if zone else ''}"


def _day(day: date) -> str:
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


def _moment(parameters: dict[str, str], value: str) -> tuple[date | None, str]:
    """A date or a time as written, and its zone in words."""
    figures = re.fullmatch(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})?(Z)?)?", value)
    if not figures:
        return None, ""
    try:
        day = date(int(figures[1]), int(figures[2]), int(figures[3]))
        if not figures[4]:
            return day, ""
        moment = datetime(day.year, day.month, day.day, int(figures[4]), int(figures[5]))  # noqa: DTZ001 (in the zone that is named)
    except ValueError:
        return None, ""
    return moment, "UTC" if figures[7] else clean(parameters.get("TZID", ""))[:80]
