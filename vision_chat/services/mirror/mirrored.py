"""The mirror of a reply: a live reply that grows as its rows and its stream tell."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from vision_chat.events import ConversationStale, Event
from vision_chat.services.mirror.entries import Entry, beyond
from vision_chat.services.mirror.rows import Elsewhere, Row
from vision_chat.services.presentation.thoughts import thoughts_label
from vision_chat.services.replies.history import Cursor
from vision_chat.services.replies.live import End, LiveReply
from vision_chat.services.replies.thinking import Thinking
from vision_chat.services.thoughts.divider import Divider
from vision_chat.services.thoughts.division import Part, continued
from vision_chat.services.vision.family import Family, Places

FIRST_ID: Final = "0-0"
"""Lower than the id of every entry."""


class NewLive(Protocol):
    """Makes a live reply that begins with `parts`: `Runner.new_live`."""

    def __call__(
        self,
        message_id: int,
        parts: Sequence[Part],
        *,
        divider: Divider | None,
        thinking: Thinking,
        places: Places | None,
    ) -> LiveReply: ...


class MeasuredThinking(Thinking):
    """The time that a model has thought, as the process of its reply has measured it."""

    _measured: int | None = None

    @property
    def milliseconds(self) -> int | None:
        return self._measured

    def measured(self, before_ms: int, milliseconds: int | None) -> None:
        """Take over the time of earlier generations and of this one."""
        self.before_ms, self._measured = before_ms, milliseconds
        if not self.is_open:
            self._ms = milliseconds
        self._make()


class Mirror:
    """A live reply that is brought up to date by rows and entries, in whatever order they come.

    The state of a reply is a function of the number of its characters, so that what is known already is left
    out. Made from its row on any thread; used on the event loop.
    """

    def __init__(self, row: Row, new_live: NewLive) -> None:
        earlier = row.parts[:-1]
        self._family: Family = row.family
        self._thinking = MeasuredThinking(thoughts_label, before_ms=row.before_ms)
        self.live = new_live(
            row.where.message_id,
            earlier,
            divider=continued(earlier),
            thinking=self._thinking,
            places=None if row.is_of_part else row.family.places,
        )
        self._sizes = [(len(part.text), len(part.thoughts)) for part in earlier] + [(0, 0)]
        """The lengths of text and thoughts of each part."""
        self.take_row(row)

    def take_row(self, row: Row) -> bool:
        """Take over what the row has. Returns False where it lacks what has come."""
        is_known = self._advance(row.parts, row.before_ms, row.thinking_ms)
        if row.end is None:
            return is_known
        if sum(map(_length, row.parts)) < self.live.length:
            return False  # its process died before it saved all
        self._settle(row.end, row.before_ms, row.thinking_ms)
        return is_known

    def take(self, entry: Entry) -> bool:
        """Take over what an entry brings. Returns False where one before it is missing."""
        if entry.parts is not None:
            if not self._advance(entry.parts, *entry.thought_ms):
                return False
        elif not self._append(entry):
            return False
        if entry.seen is not None and self.live.places is not None:
            self.live.places.know(entry.seen.by(self._family))
        if entry.note is not None:
            self.live.note(entry.note)
        if entry.ended is not None:
            self._settle(End(entry.ended.status, entry.ended.footer), *entry.thought_ms)
        return True

    def _append(self, entry: Entry) -> bool:
        missing = entry.at - self.live.length
        if missing > 0:
            return False
        rest = list(beyond(entry.pieces, -missing))
        if not rest:
            return True
        if entry.part == len(self._sizes):
            self._begin_part()
        if entry.part != len(self._sizes) - 1:
            return False
        self._thinking.measured(*entry.thought_ms)
        for text, thoughts in rest:
            self._add(text, thoughts)
        return True

    def _advance(self, parts: Sequence[Part], before_ms: int, milliseconds: int | None) -> bool:
        """Take over a state, unless more has come already. Returns False where it does not fit."""
        if sum(map(_length, parts)) <= self.live.length:
            return True
        for index, part in enumerate(parts):
            if index == len(self._sizes):
                self._begin_part()
            if index == len(parts) - 1:
                self._thinking.measured(before_ms, milliseconds)
            text, thoughts = self._sizes[index]
            more = part.text[text:], part.thoughts[thoughts:]
            if more != ("", ""):
                if index < len(self._sizes) - 1:
                    return False
                self._add(*more)
        return True

    def _add(self, text: str, thoughts: str) -> None:
        before = self._sizes[-1]
        self._sizes[-1] = (before[0] + len(text), before[1] + len(thoughts))
        self.live.append(text, thoughts)

    def _begin_part(self) -> None:
        self.live.begin_part("")
        self._thinking.measured(self._thinking.before_ms, None)
        self._sizes.append((0, 0))

    def _settle(self, end: End, before_ms: int, milliseconds: int | None) -> None:
        self._thinking.measured(before_ms, milliseconds)
        self.live.settle(end)


def _length(part: Part) -> int:
    return len(part.text) + len(part.thoughts)


class MirroredReply:
    """A reply that does not run here, as far as this process knows it. Used on the event loop only.

    It can be followed like a `LiveReply`, from before its mirror is made. Once it runs here, `home` is it.
    """

    def __init__(self, where: Elsewhere) -> None:
        self.where = where
        self.message_id = str(where.message_id)
        self.mirror: Mirror | None = None
        """None until its row was read."""
        self.followers = 0
        self.followed_at = 0.0
        """Time at which it was wanted last."""
        self.asked_at = float("-inf")
        """Time at which a snapshot was asked for last."""
        self.stream_id: str | bytes = FIRST_ID
        """The id of the last entry that was read of its stream."""
        self.home: LiveReply | None = None
        self._is_lost = False
        self._left = asyncio.Event()
        """Set once its mirror is followed no longer."""
        self._changed = asyncio.Event()

    @property
    def length(self) -> int:
        """Number of characters that have come, -1 before the first look."""
        return -1 if self.mirror is None else self.mirror.live.length

    @property
    def has_ended(self) -> bool:
        """True where it grows no further."""
        if self.home is not None:
            return self.home.has_ended
        return self._is_lost or (self.mirror is not None and self.mirror.live.end is not None)

    @property
    def is_left(self) -> bool:
        """True where it ran here, and has given its slot back."""
        return self.home is not None and self.home.is_left

    @property
    def is_growing(self) -> bool:
        """True while its mirror is brought up to date."""
        return self.home is None and not self.has_ended

    def lose(self) -> None:
        """Give it up: its rows lack what pages have seen. Whoever follows it fetches its page again."""
        self._is_lost = True
        self._leave()

    def move_to(self, home: LiveReply) -> None:
        """Let whoever follows it follow this reply from now on, which this process writes."""
        self.home = home
        self._leave()

    def unnote(self) -> None:
        """Say no longer why it has not begun."""
        if self.mirror is not None:
            self.mirror.live.note("")

    def _leave(self) -> None:
        self._left.set()
        self.changed()

    def changed(self) -> None:
        """Let those who wait for it to grow look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def follow(self, cursor: Cursor, send: Callable[[Event], Awaitable[None]]) -> None:
        """Send the changes from `cursor` to the end of the reply, as a `LiveReply` does.

        A page that has seen what is lost is told to fetch itself again.
        """
        self.followers += 1
        try:
            if (live := await self._as_long_as(cursor.revision)) is not None:
                if self.where.is_queued and cursor.revision < 0:
                    cursor = Cursor.at(live.length)  # its page was just told of it, with all that it has
                await self._unless_left(live.follow(cursor, send))
            if self.home is not None:
                await self.home.follow(cursor, send)
            elif self._is_lost:
                await send(ConversationStale(conversation_id=str(self.where.conversation_id)))
        finally:
            self.followers -= 1

    async def _as_long_as(self, revision: int) -> LiveReply | None:
        """Wait until it has all that a page has seen, which may come from the process of the reply itself."""
        while self.home is None and (self.mirror is None or self.mirror.live.last_revision < revision):
            if self.has_ended:
                self.lose()
                return None
            await self._changed.wait()
        return None if self.home is not None or self.mirror is None else self.mirror.live

    async def _unless_left(self, following: Awaitable[None]) -> None:
        tasks = [asyncio.ensure_future(following), asyncio.ensure_future(self._left.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if tasks[0].done():
                tasks[0].result()
        finally:
            for task in tasks:
                task.cancel()
