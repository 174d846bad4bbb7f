"""The channel layer of an installation without Redis."""

import contextlib
from typing import Any

from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer


class LocalLayer(InMemoryChannelLayer):
    """Channels' own, without what one process has no use for and pays for at every message.

    Nothing expires: a socket leaves its groups when it closes, and until then belongs to them for however
    many days. Of what a stuck one does not take, no more than the layer's capacity is kept.
    """

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """To everybody but the sender, who has seen it."""
        for channel in [name for name in self.groups.get(group, ()) if name != message.get("sender")]:
            with contextlib.suppress(ChannelFull):
                await self.send(channel, message)

    def _clean_expired(self) -> None:
        """It goes through all channels and groups, which are two for each open tab."""
