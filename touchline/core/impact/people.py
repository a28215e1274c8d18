"""Who is one and the same, and what was taken back."""

from collections import Counter
from collections.abc import Iterable, Mapping

from touchline.core.impact.events import Kind, NotValid, OutcomeEvent, when


def standing(events: Iterable[OutcomeEvent]) -> list[OutcomeEvent]:
    """The events that nothing has taken back; a retraction that was itself retracted takes nothing back.

    Give the events known at an instant, each id once. Raises NotValid where retractions take back each other in a ring.
    """
    known = list(events)
    taken_back = _taken_back([event for event in known if event.kind is Kind.RETRACTED])
    if taken_back:
        return [event for event in known if event.id not in taken_back]
    else:
        return known


def _taken_back(retractions: list[OutcomeEvent]) -> set[str]:
    """The ids that a standing retraction names. A retraction is decided once all that take it back are."""
    of_id = {retraction.id: retraction for retraction in retractions if retraction.id}
    undecided = Counter(retraction.event for retraction in retractions if retraction.event in of_id)
    ready = [retraction for retraction in retractions if not undecided[retraction.id]]
    taken_back: set[str] = set()
    decided = 0
    while ready:
        retraction = ready.pop()
        decided += 1
        if retraction.id not in taken_back:
            taken_back.add(retraction.event)
        target = of_id.get(retraction.event)
        if target:
            undecided[target.id] -= 1
            if not undecided[target.id]:
                ready.append(target)
    if decided < len(retractions):
        raise NotValid(_RING)
    return taken_back


class People:
    """Who each person is, by the joins that stand among `events` (those known at an instant, retractions followed).

    A ledger whose times run backwards can hold two joins of one person that stood at different moments of its recording,
    and yet stand together at some instant between. The first of them holds then, as it would when they are recorded.
    """

    def __init__(self, events: Iterable[OutcomeEvent]) -> None:
        self._into: dict[str, str] = {}
        for join in sorted((event for event in events if event.kind is Kind.JOINED), key=when):
            if join.person not in self._into and self.of(join.into) != join.person:
                self._into[join.person] = join.into

    @property
    def joined(self) -> frozenset[str]:
        """Those who are known as someone else."""
        return frozenset(self._into)

    def of(self, person: str) -> str:
        """The person that `person` is now known to be."""
        into = self._into
        while person in into:
            further = into[person]
            if further in into:
                into[person] = into[further]  # the road grows shorter each time it is walked
            person = into[person]
        return person


def refuse_join(person: str, into: str, joins: Mapping[str, str]) -> None:
    """Raise NotValid where joining `person` into another would be their second standing join, or would close a cycle.

    `joins` are those that stand: person → into.
    """
    if person in joins:
        raise NotValid(f"{person} is joined into {joins[person]} already, and that join stands.")
    further: str | None = into
    while further is not None:
        if further == person:
            raise NotValid(f"Joining {person} into {into} would close a cycle: {into} is {person} already.")
        further = joins.get(further)


class Joins:
    """The joins that stand while events are recorded one after another, so that one which does not fit is refused.

    Only `joined` and `retracted` events matter to it. A retraction may come before what it takes back.
    """

    def __init__(self) -> None:
        self.into: dict[str, str] = {}
        self._joined: dict[str, OutcomeEvent] = {}
        self._target: dict[str, str] = {}
        self._taken_back: Counter[str] = Counter()  # id → how many standing retractions name it

    def record(self, event: OutcomeEvent) -> None:
        """Take in the next event. Raises NotValid for a second standing join of a person, for one that would close a
        cycle, also where taking a retraction back would bring such a join back, and for retractions in a ring."""
        if event.kind is Kind.JOINED:
            if event.id:
                self._joined[event.id] = event
            if not self._taken_back[event.id]:
                self._stand(event)
        elif event.kind is Kind.RETRACTED:
            self._refuse_ring(event)
            if event.id:
                self._target[event.id] = event.event
            if not self._taken_back[event.id]:
                self._take_back(event.event)

    def _stand(self, join: OutcomeEvent) -> None:
        refuse_join(join.person, join.into, self.into)
        self.into[join.person] = join.into

    def _refuse_ring(self, retraction: OutcomeEvent) -> None:
        further = retraction.event
        while further in self._target and further != retraction.id:
            further = self._target[further]
        if further == retraction.id:
            raise NotValid(_RING)

    def _take_back(self, target: str) -> None:
        """Count one more standing retraction of `target`, and one less or more of what that took back, and so on."""
        change = 1
        while True:
            stood = not self._taken_back[target]
            self._taken_back[target] += change
            stands = not self._taken_back[target]
            if stood == stands:
                return
            if target in self._joined:
                join = self._joined[target]
                if stands:
                    self._stand(join)
                else:
                    del self.into[join.person]
            if target not in self._target:
                return
            target, change = self._target[target], 1 if stands else -1


_RING = "This retraction takes back itself, or others that take it back in turn."
