"""One of the texts of a running reply: it grows, is rendered, and its blocks have a history."""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from vision_chat.services.markdown.changes import Change, Replace, Truncate
from vision_chat.services.places.mapping import Sight
from vision_chat.services.replies.history import BlockHistory, Cursor, Update
from vision_chat.services.thoughts.growing import GrowingText
from vision_chat.services.vision.family import Places

MIN_STEP: Final = 1_000
"""Characters that are rendered at once: in paragraphs of a word these take 5 ms."""
MAX_STEP: Final = 8_000
"""The same behind a long open block, which is rendered again with each step."""


class Document(Protocol):
    """A growing text as blocks of HTML, as `services.markdown` explains."""

    @property
    def blocks(self) -> Sequence[str]: ...
    def feed(self, text: str) -> str | None: ...
    def render(self) -> Sequence[Change]: ...
    def finish(self) -> Sequence[Change]: ...


class PlacesSoFar(Protocol):
    """The places in pictures that a growing answer names."""

    @property
    def items(self) -> Sequence[str]:
        """The HTML of those that can be drawn."""
        ...

    @property
    def sight(self) -> Sight | None:
        """The sight of the model, once its request is sent."""
        ...

    def read_as(self, spec: Places) -> None:
        """Read places as another family of models names them, before anything has come."""
        ...

    def take(self, text: str, *, is_afresh: bool) -> None: ...
    def finish(self) -> None: ...
    def know(self, sight: Sight) -> None:
        """Take note of what was sent, before the answer to it begins."""
        ...


class LiveText:
    """The blocks of a growing text. First `read` what it has grown, then `record` it at a revision.

    A long addition is read in steps. Of a text that begins afresh nothing is recorded until all is read,
    because its beginning has a revision that has been.
    """

    def __init__(
        self, growing: GrowingText, new_document: Callable[[], Document], places: PlacesSoFar | None = None
    ) -> None:
        self._growing = growing
        self._new_document = new_document
        self._places = places
        self._document: Document | None = None
        """None while there is no text: most replies have no thoughts."""
        self._history = BlockHistory([], 0)
        self._appended: list[str] = []
        """Text for the insertion point that is not recorded yet."""
        self._step = 0
        """Number of characters that were read since the last recording."""
        self._is_afresh = False
        self.is_stale = False
        """True while the document holds text that is shown only after a rendering."""

    @property
    def count(self) -> int:
        return self._history.count

    @property
    def revision(self) -> int:
        """The revision that was recorded last."""
        return self._history.revision

    @property
    def waiting(self) -> int:
        """Number of characters that are to be read after a recording."""
        return self._growing.waiting

    @property
    def is_behind(self) -> bool:
        """True while a text that has begun afresh is not read to its end."""
        return self._is_afresh and self.waiting > 0

    def read(self) -> None:
        """Feed the document a step of what the text has grown; a new one where the text began afresh."""
        step = min(MAX_STEP, max(MIN_STEP, self._history.last_size // 4))
        addition = self._growing.take(max(0, step - self._step))
        if addition is None:
            return
        if self._places is not None:
            self._places.take(addition.text, is_afresh=addition.is_afresh)
        if self._document is None or addition.is_afresh:
            self._is_afresh = self._is_afresh or addition.is_afresh
            self._document, self.is_stale = self._new_document(), True
            self._appended.clear()
        self._step += len(addition.text)
        appended = self._document.feed(addition.text)
        self.is_stale = self.is_stale or appended is None
        if not self.is_stale and appended is not None:
            self._appended.append(appended)

    def record(self, revision: int) -> None:
        """Record what was read, rendered where it must be."""
        self._step = 0
        if self._document is not None and (self.is_stale or self._is_afresh):
            self.is_stale = False
            self._apply(self._document.render(), revision)
        elif self._appended:
            self._history.append("".join(self._appended), revision)
            self._appended.clear()
        else:
            self._history.revision = max(self._history.revision, revision)

    def prepare(self) -> None:
        """Render a step of a text that is behind, and record nothing."""
        self._step, self.is_stale = 0, False
        self._appended.clear()
        if self._document is not None:
            self._document.render()

    def finish(self, revision: int) -> None:
        """Record the text as complete."""
        self.is_stale = False
        if self._places is not None:
            self._places.finish()
        self._apply([] if self._document is None else self._document.finish(), revision)

    def since(self, cursor: Cursor) -> Update:
        """Return the changes after the cursor, and move it to the end."""
        return self._history.since(cursor)

    def _apply(self, changes: Sequence[Change], revision: int) -> None:
        if self._is_afresh and self._document is not None:
            self._is_afresh = False
            blocks = self._document.blocks
            changes = [Replace(index, html) for index, html in enumerate(blocks)]
            if len(blocks) < self._history.count:
                changes = [Truncate(len(blocks)), *changes]
        elif self._appended:
            self._history.append("".join(self._appended), revision)
        self._appended.clear()
        self._history.apply(changes, revision)
