"""Which mails belong together."""

from hypothesis import given
from hypothesis import strategies as st

from touchline.importers.threads import Threads

Joined = list[list[bytes]]
some_keys = st.lists(st.lists(st.integers(0, 30).map(lambda number: b"%d" % number), min_size=1, max_size=4), max_size=30)


@given(some_keys)
def test_threads_are_what_is_connected(joined: Joined) -> None:
    assert found(joined) == slowly(joined)


@given(some_keys, st.randoms())
def test_the_order_does_not_matter(joined: Joined, random: object) -> None:
    shuffled = list(joined)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert found(shuffled) == found(joined)


def test_a_key_that_nobody_joined_is_in_no_thread() -> None:
    threads = Threads()
    threads.join([b"one", b"two"])
    assert threads.find(b"one") == threads.find(b"two")
    assert threads.find(b"three") is None


def found(joined: Joined) -> set[frozenset[bytes]]:
    threads = Threads()
    for keys in joined:
        threads.join(keys)
    groups: dict[int, set[bytes]] = {}
    for key, place in threads.items():
        groups.setdefault(threads.thread(place), set()).add(key)
    return {frozenset(group) for group in groups.values()}


def slowly(joined: Joined) -> set[frozenset[bytes]]:
    groups: list[set[bytes]] = []
    for keys in joined:
        touching = [group for group in groups if group & set(keys)]
        groups = [group for group in groups if not group & set(keys)] + [set(keys).union(*touching)]
    return {frozenset(group) for group in groups}
