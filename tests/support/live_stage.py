"""A live reply and pages that watch it, in a time that passes only when the test says so."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from tests.support.page_model import PageModel
from vision_chat.events import Event, encode
from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.markdown.rendering import render_open
from vision_chat.services.replies._live_text import PlacesSoFar
from vision_chat.services.replies._pacing import RenderPace, Ticker
from vision_chat.services.replies.history import Cursor
from vision_chat.services.replies.live import Document, End, LiveReply
from vision_chat.services.replies.thinking import Thinking
from vision_chat.services.thoughts.division import Part, divide

END = End("completed", "<p>footer</p>")


class Time:
    """A clock and timers that pass only when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self._timers: list[tuple[float, Callable[[], None]]] = []

    def clock(self) -> float:
        return self.now

    def call_later(self, seconds: float, callback: Callable[[], None]) -> None:
        self._timers.append((self.now + seconds, callback))

    async def pass_by(self, seconds: float) -> None:
        """Run the timers of these seconds, and let whoever was woken by them run."""
        end = self.now + seconds
        while due := [timer for timer in self._timers if timer[0] <= end]:
            timer = min(due, key=lambda timer: timer[0])
            self._timers.remove(timer)
            self.now = max(self.now, timer[0])
            timer[1]()
        self.now = end
        for _ in range(5):
            await asyncio.sleep(0)


class Stage:
    """A live reply, and pages that watch it."""

    def __init__(
        self, text: str = "", document: Document | None = None, places: PlacesSoFar | None = None
    ) -> None:
        self.time = Time()
        ticker = Ticker(self.time.call_later, self.time.clock)
        self.reply = LiveReply(
            "7",
            lambda: document or StreamingDocument(),
            ticker,
            [Part(text)] if text else (),
            pace=RenderPace(self.time.clock),
            thinking=Thinking(clock=self.time.clock),
            places=places,
        )

    async def say(self, *words: str) -> None:
        """Append these words and let a second pass, in which everything is shown."""
        for word in words:
            self.reply.append(word)
        await self.time.pass_by(1)

    async def settle(self) -> None:
        self.reply.settle(END)
        await self.time.pass_by(1)

    async def watch(self, opened: str | None = None) -> "Watcher":
        """A page; `opened` is the text that it shows already, as one opened in mid-stream does."""
        watcher = Watcher(self.reply, opened)
        await asyncio.sleep(0)
        return watcher


class Watcher:
    """A page that follows a reply."""

    def __init__(self, reply: LiveReply, opened: str | None) -> None:
        self._reply = reply
        self.page = PageModel(
            None
            if opened is None
            else [str(block) for block in render_open(divide([Part(opened)], is_open=True).answer)]
        )
        self.frames: list[dict[str, Any]] = []
        self.limit: int | None = None
        """Number of frames after which the socket takes no more."""
        self.go_on = asyncio.Event()
        self.go_on.set()
        self._follow(Cursor() if opened is None else Cursor.at(len(opened)))

    @property
    def blocks(self) -> list[str]:
        return self.page.blocks

    @property
    def thoughts(self) -> PageModel:
        return self.page.thoughts or PageModel()

    def _follow(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.task = asyncio.create_task(self._reply.follow(cursor, self._send))

    async def _send(self, event: Event) -> None:
        await self.go_on.wait()
        if self.limit is not None and len(self.frames) >= self.limit:
            raise OSError
        frame = json.loads(encode(event))
        self.frames.append(frame)
        self.page.apply(frame)

    async def come_back(self) -> None:
        """The socket broke: the page brings what it has, without the sources that it was told."""
        self.task.cancel()
        for model in (self.page, self.thoughts):
            model.sources = [""] * len(model.blocks)
        self._follow(Cursor.at(max(self.page.revision, 0)))
        await asyncio.sleep(0)
