"""A channel layer that loses messages, as every layer may."""

from collections.abc import Callable
from typing import Any

from channels.layers import InMemoryChannelLayer


class LossyLayer(InMemoryChannelLayer):
    """Loses the messages to groups whose number `loses` says, counted from 1."""

    sent = 0
    loses: Callable[[int], bool] = staticmethod(lambda number: number < 0)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        type(self).sent += 1
        if not type(self).loses(self.sent):
            await super().group_send(group, message)
