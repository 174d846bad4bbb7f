"""Serve as `manage.py serve` does, and answer at /counts/ with the numbers of tasks and threads, as JSON."""

import asyncio
import gc
import json
import os
import sys
import threading
from typing import Any, Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

PATH: Final = "/counts/"


class Counted:
    """An ASGI application around another."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer PATH, and give everything else to the application."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._application(scope, receive, send)
            return
        gc.collect()
        counts = {"tasks": len(asyncio.all_tasks()), "threads": threading.active_count()}
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps(counts).encode()})


def main() -> None:
    # these need the settings, which are named above
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    from chatsite import asgi  # noqa: PLC0415

    asgi.application = Counted(asgi.application)  # uvicorn finds it by this name
    execute_from_command_line(["manage.py", "serve", *sys.argv[1:]])


if __name__ == "__main__":
    main()
