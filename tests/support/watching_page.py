"""A page of one reply, with what its socket brings."""

import asyncio
import json

from tests.support.page_model import PageModel
from vision_chat.events import ConversationStale, Event, encode
from vision_chat.services.presentation.messages import MessageView
from vision_chat.services.replies.history import Cursor


class Page:
    """A page of one reply, as it is opened, and what its socket brings."""

    def __init__(self, view: MessageView) -> None:
        self.model = PageModel([str(block) for block in view.blocks])
        self.model.revision = view.revision
        self.model.status = view.status
        if view.thoughts is not None:
            self.model.thoughts = PageModel([str(block) for block in view.thoughts.blocks])
        self.label = view.thoughts.label if view.thoughts is not None and view.thoughts.blocks else ""
        self.footer = view.status if view.footer is None else view.footer.id
        self.places: list[str] = []
        self.is_stale = False
        self.queued: int | None = None
        """How many are ahead, as it was said last."""

    async def receive(self, event: Event) -> None:
        await asyncio.sleep(0)
        frame = json.loads(encode(event))
        if isinstance(event, ConversationStale):
            self.is_stale = True
        elif frame["type"] == "reply.note":
            self.queued = frame["queued"]
        elif frame["type"] == "reply.places":
            self.places[frame["first"] :] = [html for html in frame["html"].split("<li")[1:] if html]
        self.model.apply(frame)
        self.label = frame.get("label", self.label)
        if frame["type"] == "reply.settled":
            self.footer = frame["html"]

    def connect(self) -> Cursor:
        """Open another socket, which knows nothing of what the one before has sent."""
        for model in (self.model, self.model.thoughts):
            if model is not None:
                model.sources = [""] * len(model.blocks)
        self.places = []
        return Cursor.at(self.model.revision)

    def shown(self) -> tuple[object, ...]:
        thoughts = self.model.thoughts
        return self.model.status, self.model.blocks, thoughts.blocks if thoughts else [], self.label
