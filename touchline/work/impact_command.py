"""`touchline impact`: the account of people helped, from a file with a ledger or from the desk's own."""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from touchline.core.impact.events import NotValid, OutcomeEvent, in_utc, shown
from touchline.core.impact.ledger import read
from touchline.core.impact.report import report
from touchline.core.impact.spells import DEFAULT, Evidence, Horizons
from touchline.work import environment
from touchline.work.environment import wrong


@dataclass(frozen=True)
class Source:
    """Where the events come from, and what goes with them: the team's horizons and zone, and how a teammate is named there."""

    events: Callable[[], list[OutcomeEvent]]
    horizons: Horizons = DEFAULT
    tz: str | None = None
    teammate: str | None = None


def main(argv: Sequence[str]) -> int:
    """Print the account that `argv` asks for, whole or not at all.

    Without `--events` the ledger, the horizons and, where no `--tz` is told, the zone are those of the desk. Raises `Sorry`
    (exit code 2) where what was asked for, or the ledger, cannot be read.
    """
    print(_account(_asked(argv)))
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        wrong(f"{message[0].upper()}{message[1:]} (`touchline impact --help` says what it takes).")


def _asked(argv: Sequence[str]) -> argparse.Namespace:
    parser = _Parser(
        prog="touchline impact",
        description="Count the people helped in a period, and say how we know. IMPACT.md says what each figure means.",
        epilog="docs/impact.md tells how people are counted.",
        allow_abbrev=False,
    )
    parser.add_argument("--events", metavar="FILE", help="a ledger, one JSON object a line; without it, the desk's own")
    parser.add_argument("--from", dest="from_", metavar="DAY", required=True, help="the first day, such as 2026-01-01")
    parser.add_argument("--to", metavar="DAY", required=True, help="the day after the last")
    parser.add_argument("--as-of", metavar="TIME", help="what was known then, such as 2026-03-01T00:00:00Z; without it, now")
    parser.add_argument("--tz", metavar="ZONE", help="whose days, such as Europe/Dublin; without it, the desk's")
    parser.add_argument(
        "--teammate",
        metavar="EMAIL",
        help="from the desk: with how many people the teammate with this address took part; in JSON they are a number, as in the "
        "ledger. From a file everyone is counted, by the id that they have there",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")
    return parser.parse_args(argv)


def _account(asked: argparse.Namespace) -> str:
    from_, to = day("--from", asked.from_), day("--to", asked.to)
    as_of = datetime.now(UTC) if asked.as_of is None else _instant(asked.as_of)
    tz = None if asked.tz is None else _zone(asked.tz)
    if to < from_:
        wrong(f"The period ends on {to}, before it begins on {from_}: turn --from and --to around.")
    if asked.events is None:
        source = _of_desk(asked.teammate)
    elif tz is None:
        wrong("A file does not say whose days it keeps: add --tz, such as --tz Europe/Dublin.")
    else:
        source = Source(lambda: _from_file(asked.events))
    try:
        account = report(
            source.events(),
            from_=from_,
            to=to,
            as_of=as_of,
            tz=tz or _zone(source.tz or "UTC"),
            horizons=source.horizons,
            teammate=source.teammate,
            everyone=asked.events is not None,
        )
    except OverflowError:
        wrong("Days so near to the ends of the calendar cannot be counted.")
    if asked.json:
        return json.dumps(account, indent=1)
    elif source.teammate is not None:
        return in_words(account | {"took_part": {asked.teammate: account["took_part"][source.teammate]}})
    else:
        return in_words(account)


def _of_desk(email: str | None) -> Source:
    """The desk's own ledger, and the teammate with this address by the number that they have in it."""
    environment.django()
    from touchline.desk.models import Desk, OutcomeEvent, Teammate
    from touchline.work import database

    if database.pending():
        wrong("The database is not ready for this version: run `touchline migrate`, or start the desk once.")
    desk = Desk.get()
    teammate = None if email is None else Teammate.objects.get_queryset().filter(email__lower=email.strip().lower()).first()
    if email is not None and teammate is None:
        wrong(f"No teammate has the address {shown(email)}. `touchline teammate list` shows them all.")
    return Source(
        events=lambda: [row.as_value() for row in OutcomeEvent.objects.in_order().iterator()],
        horizons=desk.horizons,
        tz=desk.time_zone,
        teammate=str(teammate.pk) if teammate else None,
    )


def day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        wrong(f"{option} is {shown(text)}, and that is not a day such as 2026-01-31.")


def _instant(text: str) -> datetime:
    try:
        return in_utc(text)
    except ValueError as trouble:
        wrong(f"--as-of: {trouble}")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; not a name at all; a folder of zones
        wrong(f"There is no time zone called {shown(name)}: write it like Europe/Dublin.")


def _from_file(name: str) -> list[OutcomeEvent]:
    try:
        with open(name, "rb") as lines:
            return read(lines)
    except NotValid as refusal:
        wrong(f"{name}, line {refusal.line}: {refusal.reason}")
    except OSError as trouble:
        wrong(f"{name} cannot be read: {trouble.strerror}.")


def in_words(account: Mapping[str, Any]) -> str:
    """The account as a colleague would tell it: a sentence first, then how we know, then the rest."""
    people, back = account["people_helped"], account["came_back"]
    from_, to = date.fromisoformat(account["from"]), date.fromisoformat(account["to"])
    if from_ == to:
        return f"From {_told(from_)} to the same day there is nothing to count: --to is the day after the last."
    last = to - timedelta(days=1)
    span = f"On {_told(from_)}" if from_ == last else f"From {_told(from_)} to {_told(last)}"
    lines = [f"{span} we helped {_people(people['total'])}.", ""]
    lines += [f"  {people[evidence.name.lower()]:6}  {evidence.words}" for evidence in sorted(Evidence, reverse=True)]
    came_back = f"{_people(back).capitalize()} came back: what was moved for them has not held."
    lines += ["", came_back if back else "Nobody came back.", "", "How long it holds:"]
    lines += [f"  {name:6}  {_share(account['held_curve'][name])}" for name in ("hours", "days", "weeks")]
    lines += ["", _asking(account["check_ins"])]
    if "took_part" in account:
        lines += ["", "Who took part, each in full, by name:"]
        lines += [f"  {name} had a hand in helping {_people(count)}" for name, count in account["took_part"].items()]
        lines += [] if account["took_part"] else ["  nobody yet"]
    lines += ["", "Day by day (helped, came back):"]
    lines += [f"  {day['day']}  {day['people_helped']:5} {day['came_back']:5}" for day in account["by_day"]]
    known = in_utc(account["as_of"]).astimezone(ZoneInfo(account["tz"]))
    lines += ["", f"As known on {_told(known.date())} at {known:%H:%M}. Days and times are those of {account['tz']}."]
    return "\n".join(lines)


def _told(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _people(count: int) -> str:
    return "one person" if count == 1 else f"{count} people"


def _share(held: Mapping[str, Any] | None) -> str:
    if held is None:
        return "too early to say"
    of = f"{held['at_risk']} {'spell' if held['at_risk'] == 1 else 'spells'} seen that long"
    return f"{_percent(held['s'])} had not come back (between {_percent(held['low'])} and {_percent(held['high'])}; {of})"


def _asking(check_ins: Mapping[str, Any]) -> str:
    if check_ins["bounds"] is None:
        return "No check-in went out at random."
    counts = (
        f"Of {check_ins['asked']} check-ins at random, {check_ins['yes']} heard that it works, {check_ins['no']} that it does not"
    )
    least, most = check_ins["bounds"]
    sure = f"So it worked for between {_percent(least)} and {_percent(most)}, whatever the silent would say."
    said = f"{counts}, {check_ins['silent']} have no answer.\n{sure}"
    if check_ins["rate"] is None:
        return f"{said}\nToo few answered to say more."
    between = f"between {_percent(check_ins['low'])} and {_percent(check_ins['high'])}"
    return f"{said}\nAmong those who answered it is {_percent(check_ins['rate'])} ({between}), if the silent are like them."


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
