"""Words for tests about the account page."""

import re

import httpx

from tests.support.client import PASSWORD, Browser


def change(browser: Browser, section: str, **fields: str) -> httpx.Response:
    """Press the button of a section, and come to the page that follows."""
    answer = browser.post("/account/", data={"section": section, **fields})
    return browser.get(answer.headers["Location"]) if answer.status_code == 302 else answer


def errors(page: httpx.Response) -> list[str]:
    return re.findall(r'class="field-error"[^>]*>\s*<p>([^<]*)</p>', page.text)


def notice(page: httpx.Response) -> str:
    found = re.search(r"data-notice>.*</svg>\s*([^<]*)</p>", page.text, re.DOTALL)
    return found[1].strip() if found else ""


def delete(browser: Browser, password: str = PASSWORD) -> httpx.Response:
    """Delete the account of whoever is signed in."""
    return browser.post("/account/delete/", data={"password": password})
