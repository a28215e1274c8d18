"""Words can be read on every ground, in light and in dark: the ratios of WCAG 2.2, worked out from tokens.css."""

import math
import re
from itertools import product
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "touchline/web/static/css"

WORDS = ["ink", "ink-soft", "ink-faint", "shore", "helped", "early", "back", "note"]
GROUNDS = ["paper", "sheet", "well", "shore-wash", "helped-wash", "early-wash", "back-wash", "note-wash"]
MODES = ["light", "dark"]


def tokens() -> dict[str, tuple[str, str]]:
    """Every colour token with its value in light and in dark."""
    pairs = re.findall(r"--([\w-]+): light-dark\((oklch\([^)]*\)), (oklch\([^)]*\))\);", (CSS / "tokens.css").read_text())
    return {name: (light, dark) for name, light, dark in pairs}


def luminance(colour: str) -> float:
    """The relative luminance (WCAG 2.2) of an `oklch(L% C H)`, by way of OKLab and linear sRGB, clipped to the gamut."""
    percent, chroma, hue = re.fullmatch(r"oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)", colour).groups()
    lightness, radians = float(percent) / 100, math.radians(float(hue))
    a, b = float(chroma) * math.cos(radians), float(chroma) * math.sin(radians)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    red, green, blue = (min(max(part, 0.0), 1.0) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: str, other: str, mode: str) -> float:
    lighter, darker = sorted((luminance(tokens()[name][MODES.index(mode)]) for name in (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_arithmetic_knows_black_on_white():
    assert luminance("oklch(100% 0 0)") == pytest.approx(1, abs=1e-6)
    assert luminance("oklch(0% 0 0)") == 0
    # sRGB #808080 is oklch(59.987% 0 0), and its luminance by the standard's own formula 0.21586.
    assert luminance("oklch(59.987% 0 0)") == pytest.approx(0.21586, abs=1e-4)


@pytest.mark.parametrize("mode", MODES)
def test_every_word_can_be_read_on_every_ground(mode):
    too_faint = {f"{w} on {g}": round(ratio(w, g, mode), 2) for w, g in product(WORDS, GROUNDS) if ratio(w, g, mode) < 4.5}
    assert not too_faint


@pytest.mark.parametrize("mode", MODES)
def test_the_words_of_the_main_button_can_be_read(mode):
    assert ratio("on-shore", "shore", mode) >= 4.5


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["edge", "focus"])
def test_edges_and_the_focus_ring_are_seen_on_every_ground(name, mode):
    too_faint = {ground: round(ratio(name, ground, mode), 2) for ground in GROUNDS if ratio(name, ground, mode) < 3}
    assert not too_faint


def test_no_part_has_a_colour_of_its_own():
    """Values come from tokens. A face's tint alone is worked out, from the person's hue."""
    for part in sorted([*CSS.glob("parts/*.css"), CSS / "base.css", CSS / "helpers.css"]):
        if part.name != "face.css":
            css = re.sub(r"@media print \{.*", "", part.read_text(), flags=re.DOTALL)
            assert not re.findall(r"oklch\(|#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(|light-dark\(", css), part.name


def test_every_value_that_a_part_uses_has_a_meaning():
    """A misspelt custom property would quietly be nothing."""
    everything = "".join(path.read_text() for path in CSS.rglob("*.css"))
    set_somewhere = set(re.findall(r"(--[\w-]+)\s*:", everything))
    used_bare = set(re.findall(r"var\((--[\w-]+)\)", everything))
    assert used_bare - set_somewhere == set()


@pytest.mark.parametrize("side", ["left", "right"])
def test_sides_are_logical_so_that_right_to_left_comes_for_free(side):
    for part in CSS.rglob("*.css"):
        assert not re.search(
            rf"(margin|padding|border|inset)-{side}\b|(?<![\w-]){side}\s*:|text-align:\s*{side}", part.read_text()
        ), part.name
    assert all("!important" not in part.read_text() for part in CSS.rglob("*.css"))
