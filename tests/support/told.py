"""A socket without a server, which keeps what it is told."""

import asyncio
from types import TracebackType
from typing import Any, Self

from tests.support.server import PATIENCE
from vision_chat.services.site import relay


class Told:
    """Takes part in what is sent to a person, while it is entered."""

    def __init__(self, person_id: int) -> None:
        self.messages: list[dict[str, Any]] = []
        self._person_id = person_id
        self._has_come = asyncio.Event()

    def tell(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        self._has_come.set()

    async def look(self) -> None:
        """Has no page that could be behind."""

    async def send_away(self) -> None:
        """Has no connection to close."""

    async def until(self, count: int) -> None:
        """Wait for as many messages."""
        async with asyncio.timeout(PATIENCE):
            while len(self.messages) < count:
                self._has_come.clear()
                await self._has_come.wait()

    def __enter__(self) -> Self:
        relay.join(self._person_id, self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        relay.leave(self._person_id, self)
