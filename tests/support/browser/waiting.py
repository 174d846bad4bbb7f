"""Waiting for what Playwright itself has no expectation for."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, Route

from tests.support.server import PATIENCE_MS

PAUSE_MS = 20
STILL = """(element) => new Promise((done) => {
  let [before, frames] = ["", 0];
  const look = () => {
    const { x, y, width, height } = element.getBoundingClientRect();
    const now = [x, y, width, height, element.scrollTop].join();
    frames = now === before ? frames + 1 : 0;
    before = now;
    if (frames < 5) requestAnimationFrame(look);
    else done(y);
  };
  look();
})"""


def wait_for(page: Page, holds: Callable[[], bool]) -> None:
    """Let the events of the page come until this holds."""
    for _ in range(PATIENCE_MS // PAUSE_MS):
        if holds():
            return
        page.wait_for_timeout(PAUSE_MS)
    raise AssertionError("what the test waits for did not happen")


def still_top(element: Locator) -> float:
    """Return how far below the top of the window it is, once it has stood still for some frames."""
    top: float = element.evaluate(STILL)
    return top


class HeldRequests:
    """Requests of a page that go on when the test says so."""

    def __init__(self, page: Page, url: str | re.Pattern[str]) -> None:
        self._page = page
        self._routes: list[Route] = []
        page.route(url, self._hold)

    def _hold(self, route: Route) -> None:
        self._routes.append(route)

    def release(self) -> None:
        """Let the latest one go on, which has come or will soon."""
        wait_for(self._page, lambda: bool(self._routes))
        self._routes.pop().continue_()
