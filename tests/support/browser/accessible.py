"""The rules of axe, on a page as it stands, in every look that it can have."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

LOOKS = ((360, "dark"), (1440, "light"))
"""Each width and each scheme once; what fails in one pair of the two others alone is not seen."""
IS_PAINTED = "() => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)))"
"""Transitions begin with the frame after the one that has a new style."""
IS_STILL = """() => {
  const trees = [document, ...[...document.querySelectorAll("*")].map(({ shadowRoot }) => shadowRoot)];
  const isEndless = ({ effect }) => effect.getComputedTiming().iterations === Infinity;
  return trees.every((tree) => !tree || tree.getAnimations().every(isEndless));
}"""
HAS_AXE = "() => 'axe' in window"
FIND_VIOLATIONS = "(options) => axe.run(options).then(({ violations }) => violations)"
OPTIONS = {"resultTypes": ["violations"], "preload": False}  # its copies of style sheets break the page's CSP


def expect_accessible(page: Page, where: str) -> None:
    """No violation, narrow and dark, wide and light. `where` is for whoever reads the failure."""
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the literals
        page.evaluate(IS_PAINTED)
        page.wait_for_function(IS_STILL)  # colours have changed
        found = violations(page)
        assert not found, f"{where}, {scheme}, {width} pixels wide: {found}"


def violations(page: Page) -> list[tuple[str, object, str]]:
    if not page.evaluate(HAS_AXE):  # to send and to read it takes a third of a look
        page.evaluate(Axe().axe_script)
    rules = page.evaluate(FIND_VIOLATIONS, OPTIONS)
    return [(rule["id"], node["target"], node["failureSummary"]) for rule in rules for node in rule["nodes"]]
