"""The parts of a process that write replies."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from vision_chat.services.completions.catalogue import Catalogue
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.timeouts import Timeouts
from vision_chat.services.endpoint_states.states import EndpointStates
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.replies.slots import Door
from vision_chat.services.replies.turn import Turn
from vision_chat.services.writer import Writer


class FollowUp(Protocol):
    """The effect of a reply's end on the message that waited for it."""

    @property
    def turn(self) -> Turn | None:
        """The turn that begins, its rows written; None where the message goes on waiting."""
        ...

    async def announce(self) -> None:
        """Tell the person's tabs."""
        ...


Dispatch = Callable[[int, Door], FollowUp | None]
"""Sends the message that waits for this reply, where it may be sent: `services.conversations.dispatch`.

Called with the id of a reply that has ended, on the writer's thread, in a transaction that holds the
conversation. Returns None where no message waits.
"""


Rebuild = Callable[[int, str], Turn | None]
"""Makes the turn of a queued generation from its rows: `services.conversations.queued`.

Called with its id and the boot id of its process on the writer's thread. Returns None where the generation is
gone, has ended or is run by another process. Raises ChatErrors, as where the model may not be used any more.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """The parts that every reply of a process shares."""

    writer: Writer
    client: CompletionClient
    catalogue: Catalogue
    images: ImageWorker
    timeouts: Timeouts
    dispatch: Dispatch
    rebuild: Rebuild
    states: EndpointStates
    environment: Endpoint
    """What the environment variables define, which may be the fallback of another model."""
