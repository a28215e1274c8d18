"""Whether two mails speak of the same thing, by their words alone, in whatever language; and by which words.

Words are compared by the runs of letters that they share, so that *invoice* meets *invoices* and *Etiketten* meets
*Versandetiketten*. A word weighs more the rarer it is among what the desk has read lately: what stands in every mail
("good morning", "our shop") says nothing. Scripts that do not space their words are read by pairs of letters.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

ALIKE = 0.38
"""From here on, two mails are proposed to be about the same thing. docs/impact.md says how often that is right, and the command that counts it."""

LONGEST = 1500
"""Letters of a mail that are read: what is in the way is said at its beginning."""
SAME_WORD = 0.5
"""How much of their letters two words share that are taken for one."""
SHORTEST = 3

_WORD = re.compile(r"[^\W_]+")
# Chinese characters, kana, Thai, Lao, Khmer, Burmese: their words stand without spaces.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+")


class Alike(NamedTuple):
    """How alike two mails are, from 0 to 1, and the words of the second that say so, the weightiest first."""

    share: float
    words: tuple[str, ...]


class Usual:
    """How usual each word is among texts: what every mail says weighs next to nothing."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.count = 0
        self.within: Counter[str] = Counter()
        for text in texts:
            self.count += 1
            self.within.update(set(words(text)))

    def weight(self, word: str) -> float:
        """The rarer the heavier. With few texts read, long words weigh more than short ones, as they are rarer everywhere."""
        rare = math.log((self.count + 2) / (self.within[word] + 1)) / math.log(self.count + 2)
        return (0.05 + rare) * min(len(word), 8) if not _UNSPACED.match(word) else (0.05 + rare) * 4


NOTHING_READ = Usual(())


def alike(one: str, other: str, usual: Usual = NOTHING_READ) -> Alike:
    """How alike they are: the share of the weight of their words that both have. The same either way round."""
    ours, theirs = set(words(one)), set(words(other))
    met = _met(ours, theirs, usual)
    shared = sum(weight * ((word in ours) + (word in theirs)) for word, weight in met.items())
    all_ = sum(usual.weight(word) for word in ours) + sum(usual.weight(word) for word in theirs)
    return Alike(shared / all_ if all_ else 0.0, _as_written(met, other))


def words(text: str) -> Iterator[str]:
    """The words of a text, without marks above letters and in small letters; what is shorter than three letters only if it is a number."""
    folded = unicodedata.normalize("NFKC", text[:LONGEST]).casefold()
    for word in _WORD.findall(folded):
        rest = word
        for run in _UNSPACED.findall(word):
            rest = rest.replace(run, " ")
            yield from (run[at : at + 2] for at in range(len(run) - 1))
        for each in rest.split():
            plain = "".join(letter for letter in unicodedata.normalize("NFKD", each) if not unicodedata.combining(letter))
            if len(plain) >= SHORTEST or plain.isdigit():
                yield plain


def _met(ours: set[str], theirs: set[str], usual: Usual) -> dict[str, float]:
    """The words of either that meet one of the other, each with what it weighs for that."""
    met: dict[str, float] = {}
    for these, those in ((ours, theirs), (theirs, ours)):
        by_run: dict[str, list[str]] = {}
        for word in those:
            for run in _runs(word):
                by_run.setdefault(run, []).append(word)
        for word in these:
            near = 1.0 if word in those else _nearest(word, by_run)
            if near >= SAME_WORD:
                met[word] = max(met.get(word, 0.0), near * usual.weight(word))
    return met


def _nearest(word: str, by_run: Mapping[str, Sequence[str]]) -> float:
    """How many of their runs of letters it shares with the word nearest to it, from 0 to 1."""
    runs = _runs(word)
    shared = Counter(other for run in runs for other in by_run.get(run, ()))
    return max((2 * count / (len(runs) + len(_runs(other))) for other, count in shared.items()), default=0.0)


@lru_cache(20_000)
def _runs(word: str) -> frozenset[str]:
    """Its runs of three letters, how it begins among them; none of a number, a short word, or a pair of letters."""
    if len(word) < 4 or word.isdigit() or _UNSPACED.match(word):
        return frozenset()
    else:
        word = f" {word}"  # how a word begins says more than how it ends
        return frozenset(word[at : at + 3] for at in range(len(word) - 2))


def _as_written(met: Mapping[str, float], text: str, most: int = 5) -> tuple[str, ...]:
    """The weightiest of these words as they stand in the text; pairs of letters that follow each other stand as one."""
    found: dict[str, float] = {}
    for word in _WORD.findall(unicodedata.normalize("NFKC", text[:LONGEST])):
        plain = list(words(word))
        if _UNSPACED.search(word):
            for stretch in _stretches([each if each in met else "" for each in plain]):
                found["".join(each[0] for each in stretch) + stretch[-1][1:]] = sum(met[each] for each in stretch)
        elif plain and plain[0] in met and plain[0] not in map(str.casefold, found):
            found[word] = met[plain[0]]
    heaviest = max(found.values(), default=0.0)
    said = sorted((word for word in found if found[word] >= heaviest / 3), key=lambda word: -found[word])
    return tuple(said[:most])


def _stretches(pairs: Sequence[str]) -> Iterator[list[str]]:
    """The longest runs of pairs that follow each other, without a gap."""
    for there, stretch in groupby(pairs, key=bool):
        if there:
            yield list(stretch)
