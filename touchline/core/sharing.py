"""What stands in many people's way: how many is worth telling, and one text that is written to each of them."""

import re

FIRST_NAME = "{first name}"
"""Where a person's own first name stands in what is written to all of them."""

STEPS = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000)
"""Numbers of people; growing to one of them is told outside."""


class StrangePlace(ValueError):
    """Something in braces that stands for nothing we know; `place` is what stood there."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


def step(people: int) -> int:
    """The highest of STEPS that so many people reach; 0 below the first."""
    return max((each for each in STEPS if each <= people), default=0)


def check_places(text: str) -> None:
    """Raises StrangePlace for the first `{…}` that is not FIRST_NAME, so that nobody is greeted as “{name}”."""
    for place in re.findall(r"\{[^{}]*\}", text):
        if place != FIRST_NAME:
            raise StrangePlace(place)


def written_to(text: str, first_name: str) -> str:
    """The text as one person reads it. Where we know no name, its place and the space before it are left out: “Hello,”."""
    if first_name:
        return text.replace(FIRST_NAME, first_name)
    else:
        return re.sub(r"[ \t]*" + re.escape(FIRST_NAME), "", text)
