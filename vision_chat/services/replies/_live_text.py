"""One of the texts of a running reply: it grows, is rendered, and its blocks have a history."""

from collections.abc import Callable, Sequence
from typing import Protocol

from vision_chat.services.markdown.changes import Change, Truncate
from vision_chat.services.replies.history import BlockHistory, Cursor, Update
from vision_chat.services.thoughts.growing import GrowingText


class Document(Protocol):
    """A growing text as blocks of HTML, as `services.markdown` explains."""

    def feed(self, text: str) -> str | None: ...
    def render(self) -> Sequence[Change]: ...
    def finish(self) -> Sequence[Change]: ...


class LiveText:
    """The blocks of a growing text. First `read` what it has grown, then `record` it at a revision."""

    def __init__(self, growing: GrowingText, new_document: Callable[[], Document]) -> None:
        self._growing = growing
        self._new_document = new_document
        self._document: Document | None = None
        """None while there is no text: most replies have no thoughts."""
        self._history = BlockHistory([], 0)
        self._appended: list[str] = []
        """Text for the insertion point that is not recorded yet."""
        self._is_afresh = False
        self.is_stale = False
        """True while the document holds text that is shown only after a rendering."""

    @property
    def count(self) -> int:
        return self._history.count

    def read(self) -> None:
        """Feed the document what the text has grown; where the text began afresh, a new document."""
        addition = self._growing.take()
        if addition is None:
            return
        if self._document is None or addition.is_afresh:
            self._is_afresh = self._document is not None
            self._document, self.is_stale = self._new_document(), True
            self._appended.clear()
        appended = self._document.feed(addition.text)
        self.is_stale = self.is_stale or appended is None
        if not self.is_stale and appended is not None:
            self._appended.append(appended)

    def record(self, revision: int) -> None:
        """Record what was read, rendered where it must be."""
        if self._document is not None and self.is_stale:
            self.is_stale = False
            self._apply(self._document.render(), revision)
        elif self._appended:
            self._history.append("".join(self._appended), revision)
            self._appended.clear()
        else:
            self._history.revision = max(self._history.revision, revision)

    def finish(self, revision: int) -> None:
        """Record the text as complete."""
        self.is_stale = False
        self._apply([] if self._document is None else self._document.finish(), revision)

    def since(self, cursor: Cursor) -> Update:
        """Return the changes after the cursor, and move it to the end."""
        return self._history.since(cursor)

    def _apply(self, changes: Sequence[Change], revision: int) -> None:
        if self._appended and not self._is_afresh:
            self._history.append("".join(self._appended), revision)
        self._appended.clear()
        if self._is_afresh:
            self._is_afresh = False
            new = {change.index for change in changes if not isinstance(change, Truncate)}
            if len(new) < self._history.count:
                changes = [Truncate(len(new)), *changes]
        self._history.apply(changes, revision)
