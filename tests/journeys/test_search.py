"""Search over what was said on this server: from the question to the result."""

import re

import pytest

from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser
from tests.support.replies import ask

pytestmark = pytest.mark.each_database


def results(browser: Browser, query: str) -> list[str]:
    """The texts of the results."""
    found = browser.get("/search/", params={"q": query}).text
    return [
        " ".join(re.sub("<[^>]+>", "", item).split())
        for item in re.findall(r"<a data-result[^>]*>(.*?)</a>", found, re.DOTALL)
    ]


def test_what_was_asked_and_answered_is_found_until_it_is_deleted(browser: Browser) -> None:
    turn = ask(browser, scenarios.say("<think>It has steps.</think>A staircase in Rome."))
    turn.settle()

    (found,) = results(browser, "stair")
    assert found.endswith("A staircase in Rome.")
    assert results(browser, "steps") == []
    address = f"/c/{turn.conversation}/"
    browser.post(f"{address}rename/", data={"title": "Piazza di Spagna"})
    assert len(results(browser, "piazza")) == 1
    browser.post(f"{address}delete/")
    assert results(browser, "stair") == results(browser, "piazza") == []
    browser.post(f"{address}restore/")
    assert len(results(browser, "stair")) == len(results(browser, "piazza")) == 1
