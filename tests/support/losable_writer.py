"""Writers whose database may be away, for a while."""

from collections.abc import Callable
from typing import Any

from django.db import OperationalError

from vision_chat.services.writer import Writer


class LosableWriter:
    """Stands for a `Writer`: refuses all while the database is away."""

    def __init__(self, writer: Writer) -> None:
        self.is_away = False
        self._writer = writer

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self.is_away:
            raise OperationalError
        return await self._writer.run(function, *args, **kwargs)


class DeafWriter:
    """Stands for a `Writer`: what it is asked for is done, and the answer to one function is lost once."""

    def __init__(self, writer: Writer, function: Callable[..., Any]) -> None:
        self._writer = writer
        self._function: Callable[..., Any] | None = function

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        result = await self._writer.run(function, *args, **kwargs)
        if function is self._function:
            self._function = None
            raise OperationalError("the connection was lost")
        return result
