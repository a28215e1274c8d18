"""How far an answer went: the people it helped, alone and with the answers that grew out of it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from touchline.core.impact.events import Kind, OutcomeEvent
from touchline.core.impact.spells import Horizons, Spell


class ThisHelped(NamedTuple):
    """A person said "this helped" on the page of an answer. It is kept beside the ledger."""

    person: str
    answer: str
    topic: str
    at: datetime


def with_descendants(answer: str, grew_from: Mapping[str, Collection[str]]) -> set[str]:
    """The answer and all answers that grew out of it. `grew_from` says for each answer which it grew from."""
    found = {answer}
    while further := {grown for grown, sources in grew_from.items() if grown not in found and not found.isdisjoint(sources)}:
        found |= further
    return found


def reach(
    answers: Collection[str],
    *,
    spells: Iterable[Spell],
    said: Iterable[ThisHelped],
    raised: Iterable[OutcomeEvent],
    as_of: datetime,
    horizons: Horizons,
) -> set[str]:
    """The persons whom one of `answers` helped, each once: the figure is the length of this set.

    They have a spell that stands and before whose start it was sent on their blocker; or they said on its page that it
    helped, and did not write about the same topic within the days horizon. `raised` are the `raised` events that stand, with
    every person, as in `spells` and `said`, the one they are now known to be.
    """
    helped = {spell.person for spell in spells if spell.stands(as_of) and not spell.answers.isdisjoint(answers)}
    wrote: dict[tuple[str, str], list[datetime]] = {}
    for event in raised:
        if event.kind is Kind.RAISED and event.at <= as_of:
            wrote.setdefault((event.person, event.topic), []).append(event.at)
    for word in said:
        if word.answer in answers and word.at <= as_of:
            until = word.at + horizons.days
            if not any(word.at <= at <= until for at in wrote.get((word.person, word.topic), ())):
                helped.add(word.person)
    return helped
