"""The history of a reply's blocks, which tells what has changed since any earlier revision.

A revision is the number of characters, of thoughts and text, that had come when something changed; the end
of the reply counts as one more. See docs/protocol.md, "How a reply grows".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from vision_chat.services.markdown.changes import Change, Truncate

NEVER = 1 << 62
"""Greater than every revision."""


@dataclass(slots=True)
class Cursor:
    """The revision that one watcher has seen, -1 before the first."""

    revision: int = -1
    known_from: int = -1
    """The watcher can patch only HTML that was sent after this revision, because it keeps that as source."""

    note: str = ""
    """The note that the watcher shows; none after a reconnect, because the page forgets it."""

    places: Sequence[str] = ()
    """The list of places that the watcher shows; after a reconnect it gets all of them anew."""

    @classmethod
    def at(cls, revision: int) -> "Cursor":
        """Return the cursor of a page that got `revision` from elsewhere, not from this socket."""
        return cls(revision=revision, known_from=revision)


@dataclass(frozen=True, slots=True)
class Update:
    """A change for a watcher: blocks as (index, keep, html), then text to add at the insertion point."""

    has_new_structure: bool
    blocks: list[tuple[int, int, str]] = field(default_factory=list)
    text: str = ""


@dataclass(slots=True)
class _Block:
    html: str
    changed_at: int
    previous_at: int = NEVER
    """The revision of the HTML that `keep` refers to."""
    keep: int = 0
    """Length of the common prefix of the previous HTML and this one, in characters."""


class BlockHistory:
    """The blocks of one reply, each with the revision at which it last changed.

    Text that was appended to the last block is logged with its revisions until that block is rendered again.
    """

    def __init__(self, blocks: Iterable[str], revision: int) -> None:
        self.revision = revision
        self._blocks = [_Block(html, revision) for html in blocks]
        self._structure_at = revision
        self._appended: list[tuple[int, str]] = [(revision, "")]

    @property
    def count(self) -> int:
        return len(self._blocks)

    @property
    def last_size(self) -> int:
        """Length of the HTML of the last block, as it was rendered."""
        return len(self._blocks[-1].html) if self._blocks else 0

    def append(self, text: str, revision: int) -> None:
        """Record that `text` was added at the insertion point of the last block."""
        self.revision = revision
        self._appended.append((revision, text))

    def apply(self, changes: Sequence[Change], revision: int) -> None:
        """Record the changes of a rendering."""
        self.revision = revision
        if not changes:
            self._appended.append((revision, ""))
            return
        self._structure_at = revision
        for change in changes:
            if isinstance(change, Truncate):
                del self._blocks[change.count :]
                self._appended = [(revision, "")]
            else:
                self._replace(change.index, change.html)

    def _replace(self, index: int, html: str) -> None:
        if index >= len(self._blocks) - 1:
            self._appended = [(self.revision, "")]
        if index == len(self._blocks):
            self._blocks.append(_Block(html, self.revision))
            return
        block = self._blocks[index]
        block.previous_at = block.changed_at
        block.keep = common_prefix(block.html, html)
        block.html, block.changed_at = html, self.revision

    def since(self, cursor: Cursor) -> Update:
        """Return the changes after the cursor, and move it to the end."""
        if cursor.revision > self.revision:  # the page has seen text that was lost when a process crashed
            cursor.revision = cursor.known_from = -1
        seen, cursor.revision = cursor.revision, self.revision
        if seen == self.revision:
            return Update(has_new_structure=False)
        text, resend_last = self._appended_since(seen)
        if text and seen == cursor.known_from >= 0 and not resend_last:
            # the page may have got some of it on another socket
            text, resend_last = self._all_appended(), True
        last = len(self._blocks) - 1
        blocks = [
            self._patch(index, block, seen, cursor.known_from)
            for index, block in enumerate(self._blocks)
            if block.changed_at > seen or (index == last and resend_last)
        ]
        return Update(seen < self._structure_at or bool(blocks), blocks, text)

    def _appended_since(self, seen: int) -> tuple[str, bool]:
        """Return the text that follows `seen`, and whether the last block must be sent again before it.

        It must where `seen` lies within an appended text, as it may for a page that was opened meanwhile.
        """
        parts: list[str] = []
        for revision, text in reversed(self._appended):
            if revision <= seen:
                # without parts nothing was appended after `seen`, so that it lies within no text
                is_a_boundary = revision == seen or not parts
                return ("".join(reversed(parts)), False) if is_a_boundary else (self._all_appended(), True)
            parts.append(text)
        is_new = not self._blocks or self._blocks[-1].changed_at > seen
        return self._all_appended(), not is_new

    def _all_appended(self) -> str:
        return "".join(text for _, text in self._appended)

    def _patch(self, index: int, block: _Block, seen: int, known_from: int) -> tuple[int, int, str]:
        is_known = block.changed_at > seen and known_from < block.previous_at <= seen
        keep = block.keep if is_known else 0
        return index, _utf16_length(block.html[:keep]), block.html[keep:]


def common_prefix(old: str, new: str) -> int:
    """Return the length of the common prefix, by binary search."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _utf16_length(text: str) -> int:
    """Return the length in UTF-16 code units, as JavaScript counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
