"""What must not happen in any browser test, whatever it is about."""

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError, WebSocket

from tests.support.browser.site import Site

OWN_SCHEMES = ("blob:", "data:", "about:")


class Troubles:
    """Watches browser contexts and the server's log: complaints of the console, which has violations of the
    content security policy too, exceptions in scripts, requests to other hosts, exceptions in the server."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._log_begins = len(site.log())
        self._seen: list[str] = []
        self._expected: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", self._exception)
        context.on("request", self._request)
        context.on("page", lambda page: page.on("websocket", self._socket))

    def expect(self, *patterns: str) -> None:
        """The test brings these about itself: the browser complains of every answer of 400 and above."""
        self._expected.extend(patterns)

    def check(self) -> None:
        unexpected = [
            trouble
            for trouble in self._seen
            if not any(re.search(pattern, trouble) for pattern in self._expected)
        ]
        assert not unexpected, "\n".join(unexpected)
        log = self._site.log()[self._log_begins :]
        assert "Traceback" not in log, log

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"}:
            self._seen.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def _exception(self, problem: WebError) -> None:
        self._seen.append(f"exception: {problem.error}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self._site.url}/", *OWN_SCHEMES)):
            self._seen.append(f"foreign request: {request.url}")

    def _socket(self, socket: WebSocket) -> None:
        if not socket.url.startswith(f"{self._site.url.replace('http', 'ws', 1)}/"):
            self._seen.append(f"foreign socket: {socket.url}")
