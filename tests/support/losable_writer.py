"""A writer whose database may be away, for a while."""

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
