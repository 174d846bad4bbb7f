"""What a page does with the events of one reply, on HTML strings and written from docs/protocol.md alone."""

from typing import Any

from tests.support.client_model import with_text


class PageModel:
    """`blocks` is what the page shows; `sources` what it keeps of `reply.blocks`, without appended text."""

    def __init__(self, blocks: list[str] | None = None) -> None:
        self.blocks = blocks or []
        self.sources = [""] * len(self.blocks)
        self.revision = -1
        self.status = "running"
        self.thoughts: PageModel | None = None

    def apply(self, event: dict[str, Any]) -> None:
        if event["type"] in {"reply.blocks", "reply.settled"}:
            for index, keep, html in event["blocks"]:
                self._put(index, keep, html)
            del self.blocks[event["count"] :], self.sources[event["count"] :]
            self.status = event.get("status", self.status)
        elif event["type"] == "reply.append":
            self.blocks[-1] = with_text(self.blocks[-1], event["text"])
        elif event["type"] == "reply.thoughts":
            self.thoughts = self.thoughts or PageModel()
            self.thoughts.apply(event | {"type": "reply.blocks"})
            if event["text"]:
                self.thoughts.apply(event | {"type": "reply.append"})
        else:
            return
        assert event["revision"] >= self.revision, "revisions only grow"
        self.revision = event["revision"]

    def _put(self, index: int, keep: int, html: str) -> None:
        assert index <= len(self.blocks), "blocks come in order"
        if index == len(self.blocks):
            self.blocks.append("")
            self.sources.append("")
        kept = self.sources[index].encode("utf-16-le")[: 2 * keep]
        assert len(kept) == 2 * keep, "the page cannot keep what it has not got"
        self.sources[index] = self.blocks[index] = kept.decode("utf-16-le") + html
