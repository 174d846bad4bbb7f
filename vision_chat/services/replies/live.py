"""A running reply, in memory once, and the cursors of those who watch it.

A watcher remembers how far it has seen and asks for what changed since. So a slow one gets fewer and
larger updates instead of a growing queue, and one that comes back brings its cursor and misses nothing.

A revision is the number of characters of the answer that were rendered when something changed; the
end of the reply counts as one more.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from vision_chat.events import Event, ReplyAppend, ReplyBlocks, ReplySettled
from vision_chat.services.markdown.changes import Append, Change, Replace, Truncate
from vision_chat.services.replies.pacing import Pace, at_once

NEVER = 1 << 62
"""Later than every revision: what a watcher can never have seen."""


class Document(Protocol):
    """What turns the growing text into blocks; see `document.StreamingDocument`."""

    @property
    def blocks(self) -> Sequence[str]: ...
    def extend(self, text: str) -> Sequence[Change]: ...
    def finish(self) -> Sequence[Change]: ...


@dataclass(slots=True)
class _Block:
    html: str
    changed_at: int
    previous_at: int = NEVER
    """The revision of the HTML that `keep` refers to."""
    keep: int = 0
    """How many characters of the previous HTML begin this one too."""
    is_sealed: bool = False
    """Whether appended text has become part of `html`; a watcher that saw it arrive has not that HTML."""


@dataclass(slots=True)
class Cursor:
    """How far one watcher has seen."""

    revision: int = -1
    known_from: int = -1
    """Only HTML sent after this revision is kept by the watcher as text that can be patched."""
    tail_seen: int | None = None
    """Length of the text it has at the open end; None after a reconnect, where that is not known."""

    @classmethod
    def at(cls, revision: int) -> "Cursor":
        """The cursor of a page that shows `revision` but was not told so by this socket."""
        return cls(revision=revision, known_from=revision)


@dataclass(frozen=True, slots=True)
class End:
    status: str
    footer: str
    """HTML of the reply's footer."""


def common_prefix(old: str, new: str) -> int:
    """The number of characters that both begin with."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


class LiveReply:
    """The text of one running reply. Rendering waits until somebody watches, and is done once for all."""

    def __init__(
        self,
        message_id: str,
        open_document: Callable[[str], Document],
        text: str = "",
        soon: Callable[[Callable[[], None]], None] = at_once,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.message_id = message_id
        self.first_revision = len(text)
        self.revision = len(text)
        self.length = len(text)
        self.end: End | None = None
        self._open_document = open_document
        self._document: Document | None = None
        self._text = [text]
        self._unrendered: list[str] = []
        self._soon = soon
        self._clock = clock
        self._waiting: list[tuple[asyncio.Future[float], Pace]] = []
        self._is_told = True
        self._blocks: list[_Block] = []
        self._replaced_at = len(text)
        # the tail is the text appended to the last block since its HTML was last made
        self._tail = ""
        self._tail_from = len(text)
        self._tail_at = len(text)

    @property
    def text(self) -> str:
        """All of the answer so far. May be read from any thread."""
        return "".join(self._text)

    def append(self, text: str) -> None:
        self._text.append(text)
        self.length += len(text)
        if self._document is not None:
            self._unrendered.append(text)
        self._tell()

    def settle(self, end: End) -> None:
        """Tell every watcher that this was all. Only the first call counts."""
        if self.end is None:
            self.end = end
            self._tell()

    def _tell(self) -> None:
        if self._is_told and self._waiting:
            self._is_told = False
            self._soon(self._wake)

    def _wake(self) -> None:
        """Render before anybody is told: so all replies of a tick are rendered together, and then sent."""
        self._is_told = True
        waiting, self._waiting = self._waiting, []
        watchers = [watcher for watcher, _ in waiting if not watcher.done()]
        try:
            took = self._render_ahead() if any(pace.has_rested() for _, pace in waiting) else 0.0
        except Exception as error:  # noqa: BLE001 - it concerns this reply's watchers, not the next reply
            for watcher in watchers:
                watcher.set_exception(error)
            return
        for watcher in watchers:
            watcher.set_result(took)

    def _render_ahead(self) -> float:
        """Return how many seconds it took. Where all watchers rest, it waits for them and for more text."""
        begun = self._clock()
        self._render()
        return self._clock() - begun

    async def follow(self, cursor: Cursor, send: Callable[[Event], Awaitable[None]], pace: Pace) -> None:
        """Send what changes, from `cursor` to the end, no faster than `pace` and `send` allow."""
        loop = asyncio.get_running_loop()
        rendered_in = 0.0
        while True:
            if not pace.is_due():
                await pace.next_frame()
            ended, length = self.end is not None, self.length
            events = self.read(cursor)
            pace.made(rendered_in)
            for event in events:
                await send(event)
            if ended:
                return
            rendered_in = 0.0
            if self.length == length and self.end is None:
                changed: asyncio.Future[float] = loop.create_future()
                self._waiting.append((changed, pace))
                rendered_in = await changed

    def read(self, cursor: Cursor) -> list[Event]:
        """What changed since `cursor`, which moves on. The last event of all is `reply.settled`."""
        self._render()
        if self.end is None and cursor.tail_seen is not None and cursor.revision >= self._replaced_at:
            return self._appended(cursor)
        if cursor.revision > self.revision:
            cursor.revision = cursor.known_from = -1
        events: list[Event] = []
        resend = self._lacks_its_tail(cursor)
        if cursor.revision < self._replaced_at or self.end or resend:
            events.append(self._changed_blocks(cursor, resend=resend))
        self._move_to_tail(cursor, resend=resend)
        return events + self._appended(cursor)

    def _appended(self, cursor: Cursor) -> list[Event]:
        """What was added to the tail since the cursor, which moves on to all that there is."""
        seen, cursor.tail_seen = cursor.tail_seen, len(self._tail)
        cursor.revision = self.revision
        if seen == cursor.tail_seen or self.end:
            return []
        return [ReplyAppend(message_id=self.message_id, revision=self.revision, text=self._tail[seen:])]

    def _lacks_its_tail(self, cursor: Cursor) -> bool:
        """Whether a watcher that came back has some unknown part of the tail: it gets the block again."""
        return cursor.tail_seen is None and self._tail_from <= cursor.revision < self._tail_at

    def _move_to_tail(self, cursor: Cursor, *, resend: bool) -> None:
        if resend or cursor.revision < self._tail_from:
            cursor.tail_seen = 0
        elif cursor.tail_seen is None:
            cursor.tail_seen = len(self._tail)

    def _changed_blocks(self, cursor: Cursor, *, resend: bool) -> Event:
        last = len(self._blocks) - 1
        blocks = []
        for index, block in enumerate(self._blocks):
            if block.changed_at > cursor.revision or (index == last and resend):
                has_previous = cursor.known_from < block.previous_at <= cursor.revision and not resend
                keep = block.keep if has_previous else 0
                blocks.append((index, _utf16_length(block.html[:keep]), block.html[keep:]))
        if self.end is None:
            return ReplyBlocks(
                message_id=self.message_id, revision=self.revision, count=len(self._blocks), blocks=blocks
            )
        return ReplySettled(
            message_id=self.message_id,
            revision=self.revision,
            count=len(self._blocks),
            blocks=blocks,
            status=self.end.status,
            html=self.end.footer,
        )

    def _render(self) -> None:
        document = self._document or self._open()
        if self._unrendered:
            text = "".join(self._unrendered)
            self._unrendered = []
            self.revision += len(text)
            self._apply(document.extend(text))
        if self.end and self.revision <= self.length:
            self.revision = self.length + 1
            self._seal()
            self._apply(document.finish())

    def _open(self) -> Document:
        """Begin rendering, with all the text that came before the first watcher."""
        self._document = document = self._open_document(self.text)
        self.revision = self._replaced_at = self._tail_from = self._tail_at = self.length
        self._blocks = [_Block(html, self.revision) for html in document.blocks]
        return document

    def _apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if isinstance(change, Append):
                self._tail += change.text
                self._tail_at = self.revision
            elif isinstance(change, Replace):
                self._replace(change.index, change.html)
            else:
                self._truncate(change)

    def _replace(self, index: int, html: str) -> None:
        self._replaced_at = self.revision
        if index == len(self._blocks):
            self._seal()
            self._blocks.append(_Block(html, self.revision))
            return
        if index == len(self._blocks) - 1:
            self._begin_tail()
        block = self._blocks[index]
        block.previous_at = NEVER if block.is_sealed else block.changed_at
        block.keep = common_prefix(block.html, html)
        block.html, block.changed_at, block.is_sealed = html, self.revision, False

    def _truncate(self, change: Truncate) -> None:
        del self._blocks[change.count :]
        self._replaced_at = self.revision
        self._begin_tail()

    def _seal(self) -> None:
        """The last block takes what was appended to it into its HTML, which is sent whole from now on."""
        if self._tail and self._document:
            block = self._blocks[-1]
            block.html = self._document.blocks[len(self._blocks) - 1]
            block.changed_at, block.previous_at, block.is_sealed = self._tail_at, NEVER, True
        self._begin_tail()

    def _begin_tail(self) -> None:
        self._tail = ""
        self._tail_from = self._tail_at = self.revision
