"""How often the desk is right when it says that two mails are about the same thing: `python -m benchmarks.alike`.

Over our sixty pairs (tests/core/alike_pairs.py), and over every first mail with every mail about something else in its language.
"""

from tests.core.alike_pairs import PAIRS, Pair
from touchline.core.alike import ALIKE, Usual, alike


def main() -> None:
    usual = Usual({text for pair in PAIRS for text in (pair.first, pair.second)})
    across = strangers()
    print(f"{'at least':>8}  {'precision':>9}  {'recall':>6}  {'of pairs of strangers, proposed':>32}")
    for hundredth in range(16, 62, 4):
        line(hundredth / 100, usual, across)
    print(f"\nThe desk proposes from {ALIKE} on:")
    line(ALIKE, usual, across)


def line(least: float, usual: Usual, across: list[Pair]) -> None:
    right, wrong, missed, among = measured(least, usual, across)
    precision = right / (right + wrong) if right + wrong else 1.0
    print(f"{least:8.2f}  {precision:9.2f}  {right / (right + missed):6.2f}  {among:>19} of {len(across)}")


def measured(least: float, usual: Usual, across: list[Pair]) -> tuple[int, int, int, int]:
    """Proposed and right, proposed and wrong, not proposed and the same; and how many pairs of strangers were proposed."""
    said = [(pair, alike(pair.first, pair.second, usual).share >= least) for pair in PAIRS]
    right = sum(yes and pair.same for pair, yes in said)
    wrong = sum(yes and not pair.same for pair, yes in said)
    missed = sum(not yes and pair.same for pair, yes in said)
    return right, wrong, missed, sum(alike(pair.first, pair.second, usual).share >= least for pair in across)


def strangers() -> list[Pair]:
    """Every mail with every one of its language that is about something else."""
    same = [pair for pair in PAIRS if pair.same]
    return [
        Pair(one.language, one.first, other.second, False)
        for one in same
        for other in same
        if one.language == other.language and one.first != other.first
    ]


if __name__ == "__main__":
    main()
