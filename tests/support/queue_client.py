"""A reviewer without a browser: follows the links and sends the forms of the pages, as they stand there."""

import hashlib
from html.parser import HTMLParser
from urllib.parse import urlsplit

from tests.support.client import Browser

WORK = "/admin/vision_chat/reviewitem/work/"


class _Page(HTMLParser):
    """Reads what a page offers: the link "Next item", and the form of an item with its hidden fields."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.next_url = self.form_url = ""
        self.fields: dict[str, str] = {}
        self.verdicts: list[str] = []
        self._is_in_form = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "a" and said.get("href", "").endswith("/next/"):
            self.next_url = said["href"]
        elif tag == "form":
            self._is_in_form = "data-item-form" in said
            self.form_url = said["action"] if self._is_in_form else self.form_url
        elif tag == "input" and self._is_in_form:
            if said.get("type") == "hidden":
                self.fields[said["name"]] = said["value"]
            elif said.get("name") == "verdict":
                self.verdicts.append(said["value"])


class QueueClient:
    """Works through a queue. `given` has the verdicts by the numbers of items."""

    def __init__(self, name: str, browser: Browser) -> None:
        self.name, self.browser = name, browser
        self.given: dict[int, str] = {}

    def work(self) -> None:
        """Press "Next item" on the page of the queues, and "Done and next" until that page comes again."""
        while url := _Page(self._get(WORK)[1]).next_url:
            url, page = self._get(url)
            while url != WORK:
                url, page = self._hand_in(url, _Page(page))

    def _hand_in(self, url: str, page: _Page) -> tuple[str, str]:
        item = int(url.split("/")[-3])
        assert item not in self.given, f"{self.name} got item {item} twice"
        verdict = verdict_of(self.name, item, page.verdicts)
        headers = {"Referer": f"{self.browser.server.url}{url}"}
        sent = self.browser.http.post(page.form_url, data=page.fields | {"verdict": verdict}, headers=headers)
        assert sent.status_code == 302, sent.text
        self.given[item] = verdict
        return self._get(sent.headers["Location"])

    def _get(self, url: str) -> tuple[str, str]:
        """Return the path to which this leads, and the page there."""
        got = self.browser.http.get(url, follow_redirects=True)
        assert got.status_code == 200, got.text
        return urlsplit(str(got.url)).path, got.text


def verdict_of(reviewer: str, item: int, verdicts: list[str]) -> str:
    """Return what somebody says of an item: four of five times what anybody would say of it."""
    own, common = (hashlib.sha256(f"{who} {item}".encode()).digest() for who in (reviewer, ""))
    return verdicts[(common if own[0] % 5 else own)[1] % len(verdicts)]
