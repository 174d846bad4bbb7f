"""The words of the tests of search and palette."""

import re
import uuid
from contextlib import suppress

from playwright.sync_api import Error, Locator, Page, Route, expect

from tests.support.browser.chat_page import ChatPage
from tests.support.browser.waiting import wait_for
from tests.support.fake_scenarios import say

LONG_ANSWER = "\n\n".join(f"Paragraph {number} of a long answer." for number in range(40))
SEARCHES = re.compile(r"/search/\?")
IN_VIEW = """(element) => {
  const { top } = element.getBoundingClientRect();
  const view = element.closest("[data-scroller]").getBoundingClientRect();
  return top >= view.top && top < view.bottom;
}"""


def rare_word() -> str:
    """A word that nobody has said yet."""
    return f"w{uuid.uuid4().hex[:10]}"


def results_html(*titles: str) -> str:
    """Return the server's answer where it finds these, as templates/_search_results.html writes it."""
    items = "".join(
        f'<li><a data-result href="/c/{uuid.uuid4()}/"><span class="result-title" dir="auto">{title}</span>'
        f'<span class="result-facts"><span>Title</span><time>today</time></span></a></li>'
        for title in titles
    )
    return f'<ol class="results">{items}</ol>'


def expect_in_view(element: Locator) -> None:
    """Its beginning is in sight."""
    element.page.wait_for_function(IN_VIEW, arg=element.element_handle())


def answer_searches(page: Page, html: str) -> None:
    """Let every search on this page find this."""
    page.route(SEARCHES, lambda route: route.fulfill(body=html, content_type="text/html"))


class SearchDialog:
    """The dialog of a tab."""

    def __init__(self, chat: ChatPage) -> None:
        self.page = chat.page
        self.button = chat.page.get_by_role("button", name="Search", exact=True)
        self.dialog = chat.page.get_by_role("dialog", name="Search")
        self.box = chat.page.get_by_role("searchbox", name="Search conversations")
        self.results = self.dialog.locator("[data-result]")

    def open(self) -> "SearchDialog":
        self.button.click()
        expect(self.box).to_be_focused()
        return self

    def find(self, words: str) -> Locator:
        """Type them and return the results."""
        self.box.fill(words)
        return self.results


class HeldSearches:
    """Searches of a page that are answered when the test says so."""

    def __init__(self, page: Page) -> None:
        self._routes: list[Route] = []
        self._page = page
        page.route(SEARCHES, self._hold)

    def _hold(self, route: Route) -> None:
        self._routes.append(route)

    def wait_for(self, words: str) -> Route:
        """Return the search for these words, which is on its way or will be soon."""

        def found() -> list[Route]:
            return [route for route in self._routes if f"q={words}" in route.request.url]

        wait_for(self._page, lambda: bool(found()))
        return found()[-1]

    def answer(self, words: str, html: str) -> None:
        """Answer the search for these words; where the page has given it up, nobody hears."""
        route = self.wait_for(words)
        with suppress(Error):
            route.fulfill(body=html, content_type="text/html")


def tell(chat: ChatPage, word: str) -> ChatPage:
    """Make a conversation whose first question has the word, with two long answers."""
    chat.site.fake.script(say(LONG_ANSWER), say(LONG_ANSWER))
    for text in (f"Where is the {word} here?", "And what else?"):
        chat.ask(text)
        chat.expect_reply("Paragraph 39")
    return chat
