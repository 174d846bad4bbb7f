"""Serve as `manage.py serve` does, and answer at /held-up/ for how long the event loop was held up at most.

These are the milliseconds from the moment at which a callback was due to that at which it ran: code that
does not yield, a thread that keeps the interpreter, and children that take the core all show in it. Reading
it begins a new measurement.
"""

import asyncio
import os
import sys
import time
from typing import Any, Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

PATH: Final = "/held-up/"
STEP_SECONDS: Final = 0.002


class Watched:
    """An ASGI application around another, which watches the event loop that it runs on."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._most = 0.0
        self._watch: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer PATH, and give everything else to the application."""
        self._watch = self._watch or asyncio.create_task(self._look())
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._application(scope, receive, send)
            return
        most, self._most = self._most, 0.0
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(1000 * most).encode()})

    async def _look(self) -> None:
        while True:
            begun = time.monotonic()
            await asyncio.sleep(STEP_SECONDS)
            self._most = max(self._most, time.monotonic() - begun - STEP_SECONDS)


def main() -> None:
    # these need the settings, which are named above
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    from chatsite import asgi  # noqa: PLC0415

    asgi.application = Watched(asgi.application)  # uvicorn finds it by this name
    execute_from_command_line(["manage.py", "serve", *sys.argv[1:]])


if __name__ == "__main__":
    main()
