"""What would be wrong with a page as it is shown just now, whoever uses it and however."""

from dataclasses import dataclass
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe()
MOST_STEPS = 80  # with Tab, from the top


@dataclass(frozen=True)
class Mode:
    """A window, and whether its owner likes it light or dark."""

    wide: int
    high: int
    scheme: str = "light"

    def __str__(self) -> str:
        return f"{self.wide} {self.scheme}"

    def put_on(self, page: Page) -> None:
        page.set_viewport_size({"width": self.wide, "height": self.high})
        page.emulate_media(color_scheme="dark" if self.scheme == "dark" else "light", reduced_motion="reduce")


MODES = (Mode(1440, 900), Mode(1440, 900, "dark"), Mode(390, 844), Mode(320, 640))


def flaws(page: Page) -> list[str]:
    """Of the page as it stands: what axe finds, of any impact; words that are cut off at its side; another number of titles than one."""
    return [*of_axe(page), *of_shape(page)]


def of_axe(page: Page) -> list[str]:
    found: dict[str, Any] = AXE.run(page).response
    return [
        f"{each['id']}: {each['help']}, at {node['html'][:200]}: {node.get('failureSummary', '')}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


def of_shape(page: Page) -> list[str]:
    wider, titles, over = page.evaluate(LOOK_AT_SHAPE)
    return [
        *(f"words run over the side of {each}" for each in over),
        *([f"it is {wider} px wider than the window"] if wider > 0 else []),
        *([f"it has {titles} h1"] if titles != 1 else []),
    ]


def of_focus(page: Page) -> list[str]:
    """Go through the page with Tab: wherever the focus comes it is seen, has a ring and is not covered (WCAG 2.4.7, 2.4.11)."""
    page.evaluate("() => { getSelection().removeAllRanges(); document.activeElement.blur() }")
    found: list[str] = []
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        told = page.evaluate(LOOK_AT_FOCUS)
        if told is None:
            break
        elif told:
            found.append(told)
    return found


LOOK_AT_SHAPE = """() => {
  const runsOver = (it) => {
    const style = getComputedStyle(it);
    const box = it.getBoundingClientRect();
    return it instanceof HTMLElement && style.display !== "inline" && style.overflowX === "visible" && box.width > 8 && it.scrollWidth > it.clientWidth + 1 && it.checkVisibility();
  };
  const over = [...document.querySelectorAll("main *")].filter(runsOver).map((it) => it.outerHTML.slice(0, 160));
  return [document.scrollingElement.scrollWidth - innerWidth, document.querySelectorAll("h1").length, over];
}"""

# Null where the focus has left the page, "" where all is well.
LOOK_AT_FOCUS = """() => {
  const it = document.activeElement;
  if (!it || it === document.body) return null;
  const name = it.outerHTML.slice(0, 160);
  if (it.matches("iframe")) return "";
  const ringed = (one) => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && one.getBoundingClientRect().width > 8;
  };
  const shown = it.closest("label") ?? it;
  let near = it;
  for (let up = 0; up < 4 && near && !ringed(near); up += 1) near = near.parentElement;
  const beside = it.labels?.[0];
  const ring = near && ringed(near) ? near : beside && ringed(beside) ? beside : null;
  if (!ring) return `the focus is not seen on ${name}`;
  const box = ring.getBoundingClientRect();
  const inside = (box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight);
  if (!inside) return `the focus is out of view on ${name}`;
  const points = [[.5, .5], [.1, .5], [.9, .5], [.5, .1], [.5, .9]];
  const free = points.some(([x, y]) => {
    const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return top && (ring.contains(top) || top.contains(ring) || shown.contains(top));
  });
  return free ? "" : `the focus is covered on ${name}`;
}"""
