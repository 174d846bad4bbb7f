"""Measure what a browser that has never been here transfers to show a conversation of 20 messages."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

from tests.bench import processes
from tests.bench.ground import Ground
from tests.bench.table import Row, at_most
from tests.support.needs import CHROMIUM

SETTLING_MS = 1000


class Traffic:
    """Requests and bytes as the browser itself counts them: headers and bodies as transferred."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.transferred = 0

    def asked(self, event: dict[str, Any]) -> None:
        address = event["request"]["url"]
        if not address.startswith("data:"):
            self.addresses.append(address)

    def opened_socket(self, event: dict[str, Any]) -> None:
        self.addresses.append(event["url"])

    def finished(self, event: dict[str, Any]) -> None:
        self.transferred += event["encodedDataLength"]


def page(ground: Ground, _rounds: int) -> Iterator[Row]:
    if CHROMIUM is None:
        yield Row(figure="cold page of 20 messages", bar="–", ours="not measured: there is no Chromium here")
        return
    with processes.endpoint() as endpoint, processes.ours(ground.data_dir, endpoint) as served:
        traffic = _load(served.url + ground.conversation, ground.sessions[0])
    own = urlsplit(served.url).netloc
    others = sum(urlsplit(address).netloc != own for address in traffic.addresses)
    yield at_most("cold page of 20 messages: transferred", "KB", 60, [traffic.transferred / 1024], digits=1)
    yield at_most("cold page: requests, the socket included", "", 30, [len(traffic.addresses)])
    yield at_most("cold page: requests to other hosts", "", 0, [others])


def _load(address: str, session: str) -> Traffic:
    traffic = Traffic()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context()
        context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        tab = context.new_page()
        wire = context.new_cdp_session(tab)
        wire.send("Network.enable")
        wire.on("Network.requestWillBeSent", traffic.asked)
        wire.on("Network.webSocketCreated", traffic.opened_socket)
        wire.on("Network.loadingFinished", traffic.finished)
        answer = tab.goto(address, wait_until="networkidle")
        assert answer is not None
        assert answer.ok, answer.status
        tab.wait_for_timeout(SETTLING_MS)
        browser.close()
    return traffic
