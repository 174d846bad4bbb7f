"""Checks of what a process depends on: questions that are answered in time, whatever hangs."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

logger = logging.getLogger(__name__)

ANSWER_SECONDS: Final = 2.0
OK: Final = "ok"
FAILING: Final = "failing"
NO_ANSWER: Final = "no answer"


class Check:
    """One question, which a thread of its own asks. Used on one event loop.

    `ask` returns "ok" or another word; where it raises, the answer is that it fails, and with what. While it
    hangs it is not called a second time.
    """

    def __init__(self, name: str, ask: Callable[[], str], seconds: float = ANSWER_SECONDS) -> None:
        self.name = name
        self._ask = ask
        self._seconds = seconds
        self._asking: asyncio.Future[str] | None = None
        self._said = OK

    async def answer(self) -> str:
        """Return what is known within `seconds`."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.wrap_future(self._asked())
        await asyncio.wait({self._asking}, timeout=self._seconds)
        answer = self._asking.result() if self._asking.done() else NO_ANSWER
        self._note(answer)
        return answer

    def _asked(self) -> Future[str]:
        asked: Future[str] = Future()
        # a daemon, so that a process can end while it hangs
        threading.Thread(target=self._work, args=(asked,), name=f"check {self.name}", daemon=True).start()
        return asked

    def _work(self, asked: Future[str]) -> None:
        try:
            answer = self._ask()
        except Exception as error:
            logger.debug("The check of %s failed", self.name, exc_info=True)
            answer = f"{FAILING}: {type(error).__name__}"
        asked.set_result(answer)

    def _note(self, answer: str) -> None:
        """Say each change once."""
        if answer != self._said:
            level = logging.INFO if answer == OK else logging.WARNING
            logger.log(level, "The check of %s says: %s (before: %s)", self.name, answer, self._said)
        self._said = answer
