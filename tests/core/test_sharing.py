"""How many people is worth telling, and one text as each of many reads it."""

import pytest

from touchline.core.sharing import STEPS, StrangePlace, check_places, step, written_to


def test_a_step_is_reached_and_not_before() -> None:
    assert [step(people) for people in (0, 4, 5, 9, 10, 24, 25, 49, 50, 99, 100)] == [0, 0, 5, 5, 10, 10, 25, 25, 50, 50, 100]
    assert step(1_000_000) == STEPS[-1]


def test_each_reads_their_own_name_and_nobody_an_empty_place() -> None:
    text = "Hello {first name},\n\n{first name}, it works."
    assert written_to(text, "Nora") == "Hello Nora,\n\nNora, it works."
    assert written_to("Hello {first name},\n\nit works.", "") == "Hello,\n\nit works."
    assert written_to("Nothing to fill in.", "Nora") == "Nothing to fill in."
    assert written_to("Hello {first name}", "{first name}") == "Hello {first name}"  # a name is only put in once


@pytest.mark.parametrize("place", ["{name}", "{ first name }", "{}", "{First name}", "{0}"])
def test_braces_that_stand_for_nothing_are_refused(place: str) -> None:
    with pytest.raises(StrangePlace) as refused:
        check_places(f"Hello {place}, all is well.")
    assert refused.value.place == place


def test_other_braces_are_only_braces() -> None:
    check_places("Hello {first name}, write } or { as you like.")
