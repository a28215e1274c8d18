"""The account once more, straight from the sentences of IMPACT.md: slow, and built another way, so that both can be compared.

It works on the lines of the ledger as plain dicts. It looks for each thing where the page says it lies, and keeps nothing.
"""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from math import exp, log, sqrt
from statistics import NormalDist
from zoneinfo import ZoneInfo

Z = NormalDist().inv_cdf(0.975)
GRADES = ["confirmed", "observed", "held", "early"]
HORIZONS = {"hours": timedelta(hours=4), "days": timedelta(days=3), "weeks": timedelta(days=21)}


class Ledger:
    """The lines known at an instant."""

    def __init__(self, lines, as_of):
        self.as_of = as_of
        first = {}
        for n, line in enumerate(lines):
            first.setdefault(line["id"], {**line, "at": datetime.fromisoformat(line["at"]).astimezone(UTC), "n": n})
        self.events = [event for event in first.values() if event["at"] <= as_of]
        self.retractions = [event for event in self.events if event["kind"] == "retracted"]

    def exists(self, event):
        return not any(self.exists(other) for other in self.retractions if other["event"] == event["id"])

    def of_kind(self, *kinds):
        found = [event for event in self.events if event["kind"] in kinds and self.exists(event)]
        return sorted(found, key=place)

    def of_blocker(self, blocker, *kinds):
        return [event for event in self.of_kind(*kinds) if event["blocker"] == blocker]

    def person(self, name):
        holds = {}
        for join in self.of_kind("joined"):
            if join["person"] not in holds and follow(holds, join["into"]) != join["person"]:
                holds[join["person"]] = join["into"]
        return follow(holds, name)

    def spells(self):
        """Each `moved` that finds its blocker not already moved, with all that the page says of its spell."""
        found = []
        for start in self.of_kind("moved"):
            blocker = start["blocker"]
            raised = self.of_blocker(blocker, "raised")
            turns = [event for event in self.of_blocker(blocker, "moved", "returned") if place(event) < place(start)]
            if not raised or self.of_blocker(blocker, "withdrawn") or (turns and turns[-1]["kind"] == "moved"):
                continue
            ends = [event for event in self.of_blocker(blocker, "returned") if place(event) > place(start)]
            end = ends[0] if ends else None
            within = [
                event
                for event in self.of_blocker(blocker, "confirmed", "observed", "asked")
                if place(start) < place(event) and (end is None or place(event) < place(end))
            ]
            found.append(
                {
                    "person": self.person(raised[0]["person"]),
                    "start": start["at"],
                    "end": end,
                    "grade": self.grade(start, within),
                    "hands": {start["by"]}
                    | {event["by"] for event in self.of_blocker(blocker, "took_part") if place(event) < place(start)},
                    "asked": any(event["kind"] == "asked" and event.get("random") for event in within),
                    "yes": any(event["kind"] == "confirmed" and event["source"] == "check_in" for event in within),
                    "no": end is not None and end["source"] == "check_in",
                    "duration": (end["at"] if end else self.as_of) - start["at"],
                }
            )
        return found

    def grade(self, start, within):
        kinds = {event["kind"] for event in within}
        if "confirmed" in kinds:
            return "confirmed"
        if "observed" in kinds:
            return "observed"
        return "held" if self.as_of - start["at"] >= HORIZONS["weeks"] else "early"


def account(lines, from_, to, as_of, tz):
    spells = Ledger(lines, as_of).spells()
    its = started(spells, midnight(from_, tz), midnight(to, tz))
    dates = [from_ + timedelta(days=n) for n in range((to - from_).days)]
    helped = people(its)
    return {
        "from": str(from_),
        "to": str(to),
        "as_of": as_of.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "tz": tz,
        "people_helped": {"total": len(helped)} | {grade: list(helped.values()).count(grade) for grade in GRADES},
        "came_back": len(back(its)),
        "by_day": [
            {"day": str(day), "people_helped": len(people(those)), "came_back": len(back(those))}
            for day in dates
            for those in [started(its, midnight(day, tz), midnight(day + timedelta(days=1), tz))]
        ],
        "took_part": {
            name: len({spell["person"] for spell in its if spell["end"] is None and name in spell["hands"]})
            for name in sorted({name for spell in its if spell["end"] is None for name in spell["hands"]})
        },
        "held_curve": {name: held(its, horizon) for name, horizon in HORIZONS.items()},
        "check_ins": check_ins(its),
    }


def started(spells, begin, end):
    return [spell for spell in spells if begin <= spell["start"] < end]


def people(spells):
    """person → strongest grade of their standing spells"""
    grades = {}
    for spell in spells:
        if spell["end"] is None:
            grades.setdefault(spell["person"], []).append(spell["grade"])
    return {person: min(its, key=GRADES.index) for person, its in grades.items()}


def back(spells):
    return {spell["person"] for spell in spells} - people(spells).keys()


def held(spells, horizon):
    durations = [spell["duration"] for spell in spells]
    if not any(duration >= horizon for duration in durations):
        return None
    s, greenwood = Fraction(1), Fraction(0)
    for t in sorted({spell["duration"] for spell in spells if spell["end"] and spell["duration"] <= horizon}):
        n = sum(duration >= t for duration in durations)
        d = sum(spell["duration"] == t for spell in spells if spell["end"])
        s *= 1 - Fraction(d, n)
        greenwood += Fraction(d, n * (n - d)) if d < n else 0
    at_risk = sum(duration >= horizon for duration in durations)
    if s in (0, 1):
        return {"s": float(s), "low": float(s), "high": float(s), "at_risk": at_risk}
    # The interval on the scale of log(-log S), taken back: S to the power of exp(±z·se).
    se = sqrt(greenwood) / abs(log(s))
    return {"s": float(s), "low": float(s) ** exp(Z * se), "high": float(s) ** exp(-Z * se), "at_risk": at_risk}


def check_ins(spells):
    asked = [spell for spell in spells if spell["asked"]]
    n, no = len(asked), sum(spell["no"] for spell in asked)
    yes = sum(spell["yes"] and not spell["no"] for spell in asked)
    said = {"asked": n, "yes": yes, "no": no, "silent": n - yes - no}
    said["bounds"] = [yes / n, (n - no) / n] if n else None
    if yes + no < 5:
        return said | {"rate": None, "low": None, "high": None}
    rate, low, high = wilson(yes, yes + no)
    return said | {"rate": rate, "low": low, "high": high}


def wilson(yes, of):
    """The two p for which the observed share lies Z standard errors away: (share - p)² = Z² p (1 - p) / of."""
    share = yes / of
    a, b, c = 1 + Z**2 / of, -(2 * share + Z**2 / of), share**2
    root = sqrt(max(0.0, b * b - 4 * a * c))
    return share, (-b - root) / (2 * a), (-b + root) / (2 * a)


@lru_cache(maxsize=10_000)
def midnight(day: date, tz: str):
    """Try every minute from a day and a half before to as long after, for the first that bears the date, or a later one."""
    zone = ZoneInfo(tz)
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=36)
    minutes = [begin + timedelta(minutes=n) for n in range(72 * 60)]
    bearing = [at for at in minutes if at.astimezone(zone).date() == day]
    return bearing[0] if bearing else next(at for at in minutes if at.astimezone(zone).date() > day)


def fits(lines):
    """Whether every line may be recorded after those before it: one `raised`, joins, known ids, no ring of retractions."""
    first = {}
    for line in lines:
        first.setdefault(line["id"], line)
    kept = list(first.values())
    raised = [line["blocker"] for line in kept if line["kind"] == "raised"]
    targets = {line["id"]: line["event"] for line in kept if line["kind"] == "retracted"}
    if len(set(raised)) < len(raised) or not set(targets.values()) <= first.keys():
        return False
    for name in targets:
        seen = set()
        while name in targets:
            if name in seen:
                return False
            seen.add(name)
            name = targets[name]
    return all(joins_fit(kept[: n + 1]) for n in range(len(kept)))


def joins_fit(lines):
    def stands(line):
        return not any(stands(other) for other in lines if other["kind"] == "retracted" and other["event"] == line["id"])

    joins = [line for line in lines if line["kind"] == "joined" and stands(line)]
    into = {join["person"]: join["into"] for join in joins}
    return len(into) == len(joins) and all(follow(into, person) is not None for person in into)


def follow(into, person):
    """Where a chain of joins leads; None where it never ends."""
    for _ in range(len(into) + 1):
        if person not in into:
            return person
        person = into[person]
    return None


def place(event):
    return event["at"], event["n"]
