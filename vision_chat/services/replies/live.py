"""A running reply in memory: its text, and its watchers with their cursors.

A watcher asks for the changes after its cursor. So a slow one gets fewer and larger updates instead of a
growing queue, and one that reconnects brings its cursor and misses nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from vision_chat.events import Event, ReplyAppend, ReplyBlocks, ReplyNote, ReplySettled
from vision_chat.services.markdown.changes import Change
from vision_chat.services.replies._pacing import RenderPace, Ticker
from vision_chat.services.replies.history import BlockHistory, Cursor


class Document(Protocol):
    """A growing text as blocks of HTML, as `services.markdown` explains."""

    def feed(self, text: str) -> str | None: ...
    def render(self) -> Sequence[Change]: ...
    def finish(self) -> Sequence[Change]: ...


@dataclass(frozen=True, slots=True)
class End:
    """The end of a reply: its status, and the HTML of its footer."""

    status: str
    footer: str


class LiveReply:
    """One reply while it runs and shortly afterwards. Used on the event loop only, except for `text`.

    It is rendered only while somebody watches, and then once for all watchers.
    """

    def __init__(
        self,
        message_id: str,
        document: Document,
        ticker: Ticker,
        text: str = "",
        pace: RenderPace | None = None,
    ) -> None:
        self.message_id = message_id
        self.first_revision = len(text)
        self.length = len(text)
        self.end: End | None = None
        self._note = ""
        self._text = [text]
        self._unfed = [text]
        self._ticker = ticker
        self._pace = pace or RenderPace()
        self._document = document
        self._history = BlockHistory([], 0)
        self._is_stale = False
        """True while the document holds text that is shown only after a rendering."""
        self._is_finished = False
        self._is_scheduled = False
        self._watchers = 0
        self._changed = asyncio.Event()
        self._failure: Exception | None = None

    @property
    def text(self) -> str:
        """The answer so far. May be read from any thread."""
        return "".join(self._text)

    @property
    def _has_begun(self) -> bool:
        return self.end is not None or self.length > self.first_revision

    @property
    def last_revision(self) -> int:
        """The revision of a page that shows all of the reply so far."""
        return self.length + (self.end is not None)

    def append(self, text: str) -> None:
        """Add text that the model has written."""
        self._text.append(text)
        self._unfed.append(text)
        self.length += len(text)
        self._schedule()

    def note(self, text: str) -> None:
        """Say why the reply has not begun, "" for no reason. Does nothing once it has."""
        if not self._has_begun:
            self._note = text
            self._schedule()

    def settle(self, end: End) -> None:
        """Set the end of the reply. Only the first call counts."""
        if self.end is None:
            self.end = end
            self._schedule()

    async def follow(self, cursor: Cursor, send: Callable[[Event], Awaitable[None]]) -> None:
        """Send the changes from `cursor` to the end of the reply, as fast as `send` allows.

        Raises what `send` raises, and the exception of a rendering that failed.
        """
        self._watchers += 1
        try:
            self._update(at_once=True)
            while True:
                changed, is_finished = self._changed, self._is_finished
                for event in self._events_since(cursor):
                    await send(event)
                if is_finished:
                    return
                await changed.wait()
                if self._failure is not None:
                    raise self._failure
        finally:
            self._watchers -= 1

    def _schedule(self) -> None:
        if self._watchers and not self._is_scheduled:
            self._is_scheduled = True
            self._ticker.soon(self._tick)

    def _tick(self) -> None:
        self._is_scheduled = False
        if not self._watchers:
            return  # the next watcher updates first
        try:
            self._update()
        except Exception as error:  # noqa: BLE001 - raised by `follow`, so that only this reply fails
            self._failure = error
        self._changed.set()
        self._changed = asyncio.Event()  # a fresh event for the next change

    def _update(self, *, at_once: bool = False) -> None:
        """Update the history: with appended text always, with a rendering as often as the pace allows."""
        text = "".join(self._unfed)
        self._unfed = []
        if text:
            appended = self._document.feed(text)
            self._is_stale = self._is_stale or appended is None
            if not self._is_stale and appended is not None:
                self._history.append(appended, self.length)
        if self.end is not None:
            self._finish()
        elif self._is_stale:
            self._render_in_time(at_once=at_once)

    def _render_in_time(self, *, at_once: bool) -> None:
        wait = 0.0 if at_once else self._pace.wait()
        if wait > 0:
            if not self._is_scheduled:
                self._is_scheduled = True
                self._ticker.later(wait, self._tick)
            return
        self._pace.run(self._render)

    def _render(self) -> None:
        self._is_stale = False
        self._history.apply(self._document.render(), self.length)

    def _finish(self) -> None:
        if not self._is_finished:
            self._is_finished = True
            self._history.apply(self._document.finish(), self.last_revision)

    def _events_since(self, cursor: Cursor) -> Iterator[Event]:
        if not self._has_begun and cursor.note != self._note:  # the first text removes it without an event
            cursor.note = self._note
            yield ReplyNote(message_id=self.message_id, text=self._note)
        update = self._history.since(cursor)
        blocks = update.blocks
        # a finished reply's blocks go with `reply.settled`, so that its last change and its end are shown at
        # once; not where text follows, which the page adds to the last of these blocks
        if update.text or (update.has_new_structure and not self._is_finished):
            if update.has_new_structure:
                yield ReplyBlocks(
                    message_id=self.message_id,
                    revision=cursor.revision,
                    count=self._history.count,
                    blocks=blocks,
                )
                blocks = []
            if update.text:
                yield ReplyAppend(message_id=self.message_id, revision=cursor.revision, text=update.text)
        if self._is_finished and self.end is not None:
            yield ReplySettled(
                message_id=self.message_id,
                revision=cursor.revision,
                count=self._history.count,
                blocks=blocks,
                status=self.end.status,
                html=self.end.footer,
            )
