"""`touchline impact`: the account of people helped, from a file with a ledger or from the desk's own."""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from touchline.core.impact.events import NotValid, OutcomeEvent, in_utc, shown
from touchline.core.impact.ledger import read
from touchline.core.impact.report import report
from touchline.core.impact.spells import Evidence
from touchline.work.environment import wrong


def main(
    argv: Sequence[str],
    *,
    events_of_desk: Callable[[], list[OutcomeEvent]] | None = None,
    zone_of_desk: str | None = None,
) -> int:
    """Print the account that `argv` asks for, whole or not at all.

    Without `--events` the events come from `events_of_desk`; without `--tz` the zone is `zone_of_desk`. Raises `Sorry` (exit
    code 2) where what was asked for, or the ledger, cannot be read.
    """
    print(_account(_asked(argv, zone_of_desk), events_of_desk))
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        wrong(f"{message[0].upper()}{message[1:]} (`touchline impact --help` says what it takes).")


def _asked(argv: Sequence[str], zone_of_desk: str | None) -> argparse.Namespace:
    parser = _Parser(
        prog="touchline impact",
        description="Count the people helped in a period, and say how we know. IMPACT.md says what each figure means.",
        allow_abbrev=False,
    )
    parser.add_argument("--events", metavar="FILE", help="a ledger, one JSON object a line; without it, the desk's own")
    parser.add_argument("--from", dest="from_", metavar="DAY", required=True, help="the first day, such as 2026-01-01")
    parser.add_argument("--to", metavar="DAY", required=True, help="the day after the last")
    parser.add_argument("--as-of", metavar="TIME", help="what was known then, such as 2026-03-01T00:00:00Z; without it, now")
    parser.add_argument(
        "--tz",
        metavar="ZONE",
        required=zone_of_desk is None,
        default=zone_of_desk,
        help="whose days, such as Europe/Dublin" + ("" if zone_of_desk is None else f"; without it, {zone_of_desk}"),
    )
    parser.add_argument("--teammate", metavar="NAME", help="from the desk: with how many people this teammate took part")
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")
    return parser.parse_args(argv)


def _account(asked: argparse.Namespace, events_of_desk: Callable[[], list[OutcomeEvent]] | None) -> str:
    from_, to = _day("--from", asked.from_), _day("--to", asked.to)
    as_of = datetime.now(UTC) if asked.as_of is None else _instant(asked.as_of)
    tz = _zone(asked.tz)
    if to < from_:
        wrong(f"The period ends on {to}, before it begins on {from_}: turn --from and --to around.")
    if asked.events is not None:
        events = _from_file(asked.events)
    elif events_of_desk is not None:
        events = events_of_desk()
    else:
        wrong("Say which ledger to read: --events FILE.")
    try:
        account = report(
            events,
            from_=from_,
            to=to,
            as_of=as_of,
            tz=tz,
            teammate=asked.teammate,
            everyone=asked.events is not None,
        )
    except OverflowError:
        wrong("Days so near to the ends of the calendar cannot be counted.")
    return json.dumps(account, indent=1) if asked.json else in_words(account)


def _day(option: str, text: str) -> date:
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
