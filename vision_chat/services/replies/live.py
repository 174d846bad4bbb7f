"""A running reply in memory: its texts, and its watchers with their cursors.

Its thoughts and its answer are two texts with one revision: the number of characters that have come, of both.

A watcher asks for the changes after its cursor. So a slow one gets fewer and larger updates instead of a
growing queue, and one that reconnects brings its cursor and misses nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from vision_chat.events import (
    Event,
    ReplyAppend,
    ReplyBlocks,
    ReplyNote,
    ReplyPlaces,
    ReplySettled,
    ReplyThoughts,
)
from vision_chat.services.replies._live_text import Document, LiveText, PlacesSoFar
from vision_chat.services.replies._pacing import RenderPace, Ticker
from vision_chat.services.replies.history import Cursor, Update
from vision_chat.services.replies.thinking import Thinking
from vision_chat.services.thoughts.divider import Divider
from vision_chat.services.thoughts.division import Part, ReplySoFar, continued

__all__ = ["Document", "End", "LiveReply"]


@dataclass(frozen=True, slots=True)
class End:
    """The end of a reply: its status, and the HTML of its footer."""

    status: str
    footer: str


class LiveReply:
    """One reply while it runs and shortly afterwards. Used on the event loop only, except for `text` and
    `written`.

    It is rendered only while somebody watches, and then once for all watchers.
    """

    def __init__(  # noqa: PLR0913 - the last four are for tests and for the runner
        self,
        message_id: str,
        new_document: Callable[[], Document],
        ticker: Ticker,
        parts: Sequence[Part] = (),
        *,
        divider: Divider | None = None,
        pace: RenderPace | None = None,
        thinking: Thinking | None = None,
        places: PlacesSoFar | None = None,
    ) -> None:
        self.message_id = message_id
        self.places = places
        self.first_parts = tuple(parts)
        self.first_text = "".join(part.text for part in parts)
        self.length = sum(len(part.text) + len(part.thoughts) for part in parts)
        """Number of characters that have come, of text and thoughts."""
        self.first_revision = self.length
        self.end: End | None = None
        self._note = ""
        self._ahead: int | None = None
        self._divider = divider or continued(parts)
        self.pieces: list[tuple[str, str]] = []
        """Text and thoughts that were added. One list, so that other threads see both of one moment."""
        self.part_starts = [0]
        """For each generation that writes here, the index of its first piece."""
        self._ticker = ticker
        self._pace = pace or RenderPace()
        self._thinking = thinking or Thinking()
        self._thoughts = LiveText(self._divider.thoughts, new_document)
        self._answer = LiveText(self._divider.answer, new_document, places)
        self._label = self._thinking.label
        self._label_at = -1
        """The revision at which the label changed."""
        self._is_finished = False
        self._is_scheduled = False
        self._last: Event | None = None
        self._watchers = 0
        self._changed = asyncio.Event()
        self._failure: Exception | None = None

    @property
    def text(self) -> str:
        """The text so far, as it came. May be read from any thread."""
        return self.written.text

    @property
    def written(self) -> ReplySoFar:
        """The text so far, and the thoughts of the latest generation. May be read from any thread."""
        first, pieces = self.part_starts[-1], tuple(self.pieces)
        text = self.first_text + "".join(text for text, _ in pieces)
        thoughts = "".join(thoughts for _, thoughts in pieces[first:])
        return ReplySoFar(text, thoughts, self._thinking.milliseconds)

    @property
    def has_answer(self) -> bool:
        """True where people see text, beside thoughts."""
        return not self._divider.answer.is_empty

    @property
    def has_answered(self) -> bool:
        """True where the latest generation has begun its answer."""
        return self._divider.has_answered

    @property
    def answer(self) -> str:
        """The text that people see, without thoughts."""
        return str(self._divider.answer)

    @property
    def has_thought(self) -> bool:
        """True where this generation has thoughts."""
        return self._divider.has_thought

    @property
    def thought_ms(self) -> tuple[int, int | None]:
        """The time of thinking of earlier generations, and of the latest one."""
        return self._thinking.before_ms, self._thinking.milliseconds

    @property
    def shown_note(self) -> str:
        """Why the reply has not begun, "" for no reason, or where it has."""
        return "" if self._has_begun else self._note

    @property
    def _has_begun(self) -> bool:
        return self.end is not None or self.length > self.first_revision

    @property
    def has_ended(self) -> bool:
        """True where it grows no further: it is complete, or goes on elsewhere."""
        return self.end is not None or self.is_left

    @property
    def is_left(self) -> bool:
        """True where it goes on elsewhere: `leave` was called."""
        return self._last is not None

    @property
    def last_revision(self) -> int:
        """The revision of a page that shows all of the reply so far."""
        return self.length + (self.end is not None)

    def append(self, text: str, thoughts: str = "") -> None:
        """Add text that the model has written, and thoughts that came beside it."""
        self.pieces.append((text, thoughts))
        self.length += len(text) + len(thoughts)
        self._divider.think(thoughts)
        self._divider.feed(text)
        self._note_thinking()
        self._schedule()

    def end_part(self) -> None:
        """End the code or the thoughts that a generation has left open: what follows is none of it."""
        self.close()
        if (end := self._divider.missing_end) != "":
            self.append(end)

    def begin_part(self, heading: str) -> None:
        """Add a heading; what follows it is written by another generation, with thoughts of its own.

        What stands above it was ended, by `end_part`.
        """
        self.append(heading)
        self._divider.begin_part()
        self._thinking.begin_part()
        self.part_starts.append(len(self.pieces))

    def close(self) -> None:
        """Take what has come as all: what waited for more text is decided."""
        self._divider.finish()
        self._note_thinking()

    def note(self, text: str, ahead: int | None = None) -> None:
        """Say why the reply has not begun, "" for no reason, and how many are ahead of it where it waits.

        Does nothing once it has begun.
        """
        if not self._has_begun:
            self._note, self._ahead = text, ahead
            self._schedule()

    def settle(self, end: End) -> None:
        """Set the end of the reply. Only the first call counts."""
        if self.end is None:
            self.end = end
            self._schedule()

    def leave(self, last: Event) -> None:
        """Give it up, as it goes on elsewhere: whoever follows it gets this event and nothing more."""
        self._last = last
        self._wake()

    def _note_thinking(self) -> None:
        divider = self._divider
        self._thinking.note(is_thinking=divider.has_thought and not divider.has_answered)

    async def follow(self, cursor: Cursor, send: Callable[[Event], Awaitable[None]]) -> None:
        """Send the changes from `cursor` to the end of the reply, as fast as `send` allows.

        Raises what `send` raises, and the exception of a rendering that failed.
        """
        self._watchers += 1
        try:
            self._update(at_once=True)
            while True:
                changed, is_finished = self._changed, self._is_finished
                if not self._is_behind(cursor):
                    for event in self._events_since(cursor):
                        await send(event)
                if is_finished:
                    return
                if self._last is not None:
                    await send(self._last)
                    return
                await changed.wait()
                if self._failure is not None:
                    raise self._failure
        finally:
            self._watchers -= 1

    def _is_behind(self, cursor: Cursor) -> bool:
        """Tell whether the page shows more already than is recorded: a long text is read in steps."""
        return self._answer.revision < cursor.revision <= self.last_revision

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
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()  # a fresh event for the next change

    def _update(self, *, at_once: bool = False) -> None:
        """Record what has come: appended text always, what must be rendered as often as the pace allows.

        Both texts are recorded at once, because one revision stands for both.
        """
        if self.end is not None:
            self._finish()
            return
        self._read()
        if self._thoughts.is_stale or self._answer.is_stale:
            self._record_in_time(at_once=at_once)
        else:
            self._record()
        if self._waiting:
            self._schedule()

    def _read(self) -> None:
        self._thoughts.read()
        self._answer.read()

    @property
    def _waiting(self) -> int:
        """Number of characters that are to be read after a recording."""
        return self._thoughts.waiting + self._answer.waiting

    def _record_in_time(self, *, at_once: bool) -> None:
        wait = 0.0 if at_once else self._pace.wait()
        if wait > 0:
            if not self._is_scheduled:
                self._is_scheduled = True
                self._ticker.later(wait, self._tick)
            return
        self._pace.run(self._record)

    def _record(self) -> None:
        if self._thoughts.is_behind or self._answer.is_behind:
            self._thoughts.prepare()
            self._answer.prepare()
            return
        # what the divider holds back is less than a step, so that this never falls
        revision = self.length - self._waiting
        self._thoughts.record(revision)
        self._answer.record(revision)
        self._record_label(revision)

    def _record_label(self, revision: int) -> None:
        if self._thoughts.count and self._label != self._thinking.label:
            self._label, self._label_at = self._thinking.label, revision

    def _finish(self) -> None:
        """Record a step of what is left; the end with the last one."""
        if self._is_finished:
            return
        self.close()
        self._read()
        if self._waiting:
            self._record()
            self._schedule()
            return
        self._is_finished = True
        self._thinking.end()
        self._thoughts.finish(self.last_revision)
        self._answer.finish(self.last_revision)
        self._record_label(self.last_revision)

    def _events_since(self, cursor: Cursor) -> Iterator[Event]:
        if not self._has_begun and cursor.note != self._note:  # the first text removes it without an event
            cursor.note = self._note
            yield ReplyNote(message_id=self.message_id, text=self._note, queued=self._ahead)
        seen = cursor.revision if cursor.revision <= self.last_revision else -1
        # until its last event an update is one that the page has not got: what comes twice changes nothing
        before = max(seen, 0)
        thoughts = self._thoughts.since(Cursor(cursor.revision, cursor.known_from))
        update = self._answer.since(cursor)
        if thoughts.has_new_structure or thoughts.text or (self._thoughts.count and self._label_at > seen):
            is_last = not (update.has_new_structure or update.text or self._is_finished)
            yield self._thoughts_event(thoughts, cursor.revision if is_last else before)
        blocks = update.blocks
        # a finished reply's blocks go with `reply.settled`, so that its last change and its end are shown at
        # once; not where text follows, which the page adds to the last of these blocks
        if update.text or (update.has_new_structure and not self._is_finished):
            if update.has_new_structure:
                yield ReplyBlocks(
                    message_id=self.message_id,
                    revision=before if update.text else cursor.revision,
                    count=self._answer.count,
                    blocks=blocks,
                )
                blocks = []
            if update.text:
                revision = before if self._is_finished else cursor.revision
                yield ReplyAppend(message_id=self.message_id, revision=revision, text=update.text)
        yield from self._places_event(cursor)
        if self._is_finished and self.end is not None:
            yield ReplySettled(
                message_id=self.message_id,
                revision=cursor.revision,
                count=self._answer.count,
                blocks=blocks,
                status=self.end.status,
                html=self.end.footer,
            )

    def _places_event(self, cursor: Cursor) -> Iterator[Event]:
        """Yield the places that the page lacks, also where the answer has begun afresh."""
        items = () if self.places is None else tuple(self.places.items)
        if items == cursor.places:
            return
        pairs = zip(items, cursor.places, strict=False)
        first = next((index for index, (new, old) in enumerate(pairs) if new != old), None)
        if first is None:
            first = min(len(items), len(cursor.places))
        cursor.places = items
        yield ReplyPlaces(message_id=self.message_id, first=first, html="".join(items[first:]))

    def _thoughts_event(self, update: Update, revision: int) -> Event:
        return ReplyThoughts(
            message_id=self.message_id,
            revision=revision,
            count=self._thoughts.count,
            blocks=update.blocks,
            text=update.text,
            label=self._label,
            is_open=self._thinking.is_open,
        )
