"""Random histories of the desk for hypothesis: few people and few instants, so that things meet."""

import json
import random
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from tests.core.impact.oracle import fits
from touchline.core.impact.ledger import read

BEGIN = datetime(2026, 3, 25, 22, tzinfo=UTC)  # Dublin and New York change their clocks around these days
ZONES = ["Europe/Dublin", "America/New_York", "Pacific/Apia", "UTC"]
BLOCKERS = [f"b{n}" for n in range(16)]
PERSONS = ["nora", "ilse", "tomas", "nora-at-work", "ilse-at-home", "p6", "p7"]
TEAM = ["kay", "sam", "mo"]

# The horizons and their neighbours, and the midnights: where a comparison may be wrong by one.
HOURS = [0, 1, 2, 3, 4, 5, 8, 24, 26, 48, 71, 72, 73, 96, 300, 503, 504, 505, 506, 508, 600]


def drawn(choose):
    """Drawn evenly by a seed: hypothesis alone prefers the small and the few, and then nothing ever comes to be."""
    return st.integers(0, 2**32).map(lambda seed: choose(random.Random(seed)))


instants = drawn(lambda chance: BEGIN + timedelta(hours=chance.choice([*HOURS, *range(400, 900, 20)])))
DAYS = [date(2026, 3, 25) + timedelta(days=n) for n in (-1, 0, 1, 2, 4, 7, 14, 30)]
periods = drawn(lambda chance: chance.choice([(DAYS[0], DAYS[-1]), tuple(sorted(chance.choices(DAYS, k=2)))]))


def happening(chance, kind, at=0):
    """One line of a kind, with fields drawn from what the desk holds."""
    said = {"at": (BEGIN + timedelta(hours=at)).isoformat().replace("+00:00", "Z"), "kind": kind}
    if kind == "joined":
        return said | {"person": chance.choice(PERSONS), "into": chance.choice(PERSONS)}
    if kind == "retracted":
        return said | {"event": f"e{chance.randrange(60)}", "by": chance.choice(TEAM)}
    fields = {
        "raised": lambda: {"person": chance.choice(PERSONS)},
        "moved": lambda: {"by": chance.choice(TEAM)},
        "took_part": lambda: {"by": chance.choice(TEAM), "how": chance.choice(["reply", "note", "review", "answer"])},
        "asked": lambda: {"horizon": chance.choice(["hours", "days", "weeks"]), "random": chance.random() < 0.8},
        "confirmed": lambda: {"source": chance.choice(["message", "check_in", "check_in", "teammate"])},
        "returned": lambda: {"source": chance.choice(["message", "check_in", "check_in", "teammate"])},
        "observed": lambda: {"event": "site.published"},
        "withdrawn": lambda: {"why": "spam"},
    }
    return said | {"blocker": chance.choice(BLOCKERS)} | fields[kind]()


ENDS = [[], ["asked"], ["asked", "confirmed"], ["asked", "confirmed"], ["asked", "returned"], ["observed"]]
MIDDLE = ["moved", "moved", "asked", "confirmed", "returned", "took_part", "observed"]


def story(chance, blocker, corrected):
    """The lines of one blocker, at times that never run backwards and are often equal."""
    at = chance.choice(HOURS[:10])
    kinds = ["raised", *chance.choices(MIDDLE, k=chance.choice([0, 0, 1, 2, 5, 9]))]
    if chance.random() < 0.6:
        kinds[1:1] = ["took_part", "moved", *chance.choice(ENDS)]
    if corrected and chance.random() < 0.05:
        kinds.append("withdrawn")
    lines = []
    for kind in kinds:
        lines.append(happening(chance, kind, at) | {"blocker": blocker})
        at += chance.choice([0, 0, 1, 4, 8, 30, 72])
    return lines


@st.composite
def drafts(draw, corrected=True, most=16):
    """Lines as they came in, some of them late; with corrections they may be more than a ledger would take."""
    chance = draw(drawn(lambda chance: chance))
    lines = [line for blocker in BLOCKERS[: chance.randint(1, most)] for line in story(chance, blocker, corrected)]
    if corrected:
        kinds = chance.choices(["joined", "joined", "retracted", "retracted", "retracted"], k=chance.choice([0, 1, 3, 8]))
        lines += [happening(chance, kind, chance.choice(HOURS)) for kind in kinds]
    if chance.random() < 0.8:
        lines.sort(key=lambda line: line["at"])
    for line in chance.sample(lines, k=min(chance.choice([0, 0, 1, 4]), len(lines))):
        lines.remove(line)
        lines.insert(chance.randint(0, len(lines)), line)
    if chance.random() < 0.1:
        chance.shuffle(lines)
    return [{"id": f"e{n}", **line} for n, line in enumerate(lines)]


@st.composite
def histories(draw, corrected=True):
    """Lines that a ledger takes: those that do not fit are left out, one after another."""
    lines = draw(drafts(corrected=corrected))
    if not fits(lines):
        ids = {line["id"] for line in lines}
        kept = [line for line in lines if line["kind"] not in ("joined", "retracted")]
        for line in lines:
            if line["kind"] == "joined" or (line["kind"] == "retracted" and line["event"] in ids):
                longer = sorted([*kept, line], key=lambda its: int(its["id"][1:]))
                kept = longer if fits(longer) else kept
        lines = kept
    return lines


def ledger(lines):
    """The events of lines given as dicts."""
    return read(json.dumps(line) for line in lines)
