"""Which mails of an archive belong together: those that are connected by the ids they bear and answer, in whatever order they come."""

from collections.abc import Iterable


class Threads:
    """Connected components of keys (union by size, with path halving). A thread is known by a number that may change with the next `join`."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}
        self._above: list[int] = []
        self._sizes: list[int] = []

    def join(self, keys: Iterable[bytes]) -> int:
        """These belong together from now on. The number of any of them; `thread` says whose it is later."""
        places = [self._place(key) for key in keys]
        first = self.thread(places[0])
        for place in places[1:]:
            first = self._unite(first, self.thread(place))
        return first

    def thread(self, place: int) -> int:
        above = self._above
        while above[place] != place:
            above[place] = above[above[place]]
            place = above[place]
        return place

    def find(self, key: bytes) -> int | None:
        """The thread of a key, None for one that nobody joined."""
        place = self._places.get(key)
        return None if place is None else self.thread(place)

    def items(self) -> Iterable[tuple[bytes, int]]:
        """Every key, with a number of its thread."""
        return self._places.items()

    def _place(self, key: bytes) -> int:
        place = self._places.setdefault(key, len(self._above))
        if place == len(self._above):
            self._above.append(place)
            self._sizes.append(1)
        return place

    def _unite(self, one: int, other: int) -> int:
        if one != other:
            if self._sizes[one] < self._sizes[other]:
                one, other = other, one
            self._above[other] = one
            self._sizes[one] += self._sizes[other]
        return one
