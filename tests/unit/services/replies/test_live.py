"""Whoever watches, from whatever cursor, however slowly: the page ends as one opened afresh."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tests.support.page_model import PageModel
from tests.support.paths import CORPUS as CORPUS_FOLDER
from vision_chat.events import Event, encode
from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.markdown.rendering import render, render_open
from vision_chat.services.replies.live import Cursor, End, LiveReply, common_prefix

CORPUS = sorted(CORPUS_FOLDER.glob("*.md"))
END = End("completed", "<p>footer</p>")


def tokens(text: str, chance: random.Random) -> list[str]:
    """Cut anywhere, also inside words and markup."""
    parts = []
    while text:
        length = chance.randint(1, 9)
        parts.append(text[:length])
        text = text[length:]
    return parts


def sent(event: Event) -> dict[str, Any]:
    """The event as a page receives it."""
    received: dict[str, Any] = json.loads(encode(event))
    return received


class Watcher:
    """A page and its cursor. `opened` is the text that a page opened in mid-stream shows."""

    def __init__(self, reply: LiveReply, opened: str | None = None) -> None:
        self.reply = reply
        self.cursor = Cursor() if opened is None else Cursor.at(len(opened))
        self.page = PageModel(None if opened is None else [str(block) for block in render_open(opened)])

    def look(self) -> None:
        for event in self.reply.read(self.cursor):
            self.page.apply(sent(event))

    def come_back(self) -> None:
        """The socket broke: the page brings what it has, without what it was told how it came by."""
        self.cursor = Cursor.at(max(self.page.revision, self.cursor.revision))
        self.page.sources = [""] * len(self.page.blocks)


def live(text: str = "") -> LiveReply:
    return LiveReply("7", StreamingDocument, text)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_every_watcher_always_shows_what_a_page_opened_afresh_shows(path: Path) -> None:
    chance = random.Random(path.stem)
    text = path.read_text()
    reply = live()
    eager, lazy, leaver = (Watcher(reply) for _ in range(3))
    late: list[Watcher] = []
    said = ""
    for token in tokens(text, chance):
        reply.append(token)
        said += token
        eager.look()
        assert eager.page.blocks == [str(block) for block in render_open(said)]
        if chance.random() < 0.1:
            lazy.look()
            assert lazy.page.blocks == eager.page.blocks
        if chance.random() < 0.1:
            leaver.look()
            leaver.come_back()
        if chance.random() < 0.02:
            late.append(Watcher(reply, said))
        for watcher in late:
            if chance.random() < 0.3:
                watcher.look()
                assert watcher.page.blocks == eager.page.blocks
    reply.settle(END)
    for watcher in (eager, lazy, leaver, *late):
        watcher.look()
        assert watcher.page.blocks == [str(block) for block in render(text)]
        assert watcher.page.status == "completed"


def test_a_plain_word_travels_as_the_word_alone() -> None:
    reply = live()
    watcher = Watcher(reply)
    reply.append("The picture shows")
    watcher.look()
    reply.append(" a table")

    events = reply.read(watcher.cursor)

    assert [sent(event) for event in events] == [
        {"type": "reply.append", "message_id": "7", "revision": 25, "text": " a table"}
    ]


def test_a_changed_block_travels_without_the_beginning_that_the_page_has() -> None:
    reply = live()
    watcher = Watcher(reply)
    reply.append("The **picture** shows ")
    watcher.look()
    reply.append("**tables**")

    events: list[Any] = reply.read(watcher.cursor)
    (index, keep, html) = events[0].blocks[0]

    assert (index, keep > 20) == (0, True)
    assert "picture" not in html


def test_nobody_is_sent_what_has_not_changed() -> None:
    reply = live()
    watcher = Watcher(reply)
    reply.append("Hello")
    watcher.look()

    assert reply.read(watcher.cursor) == []


def test_a_cursor_from_the_future_gets_a_snapshot() -> None:
    """A server that was killed lost the last second, which the page still shows."""
    reply = live()
    reply.append("Hello")
    watcher = Watcher(reply, "Hello, this was lost")
    watcher.look()

    assert watcher.page.blocks == ["<p>Hello<i data-end></i></p>"]


def test_nothing_is_rendered_while_nobody_watches() -> None:
    opened: list[str] = []

    def open_document(text: str) -> StreamingDocument:
        opened.append(text)
        return StreamingDocument(text)

    reply = LiveReply("7", open_document)
    reply.append("Hello ")
    reply.append("world")
    assert opened == []
    Watcher(reply).look()

    assert opened == ["Hello world"]


def test_a_continued_reply_goes_on_from_its_text() -> None:
    reply = live("The answer is ")
    watcher = Watcher(reply, "The answer is ")
    reply.append("42.")
    watcher.look()
    reply.settle(END)
    watcher.look()

    assert watcher.page.blocks == ["<p>The answer is 42.</p>"]


def test_a_keep_counts_as_browsers_count() -> None:
    reply = live()
    watcher = Watcher(reply)
    for token in ("🙂🙂 *a", "*", " and ", "`b", "`"):
        reply.append(token)
        watcher.look()

    assert watcher.page.blocks == [str(block) for block in render_open("🙂🙂 *a* and `b`")]


@pytest.mark.parametrize(
    ("old", "new", "length"),
    [("", "", 0), ("abc", "abd", 2), ("abc", "abc", 3), ("a", "b", 0), ("ab", "abc", 2)],
)
def test_the_common_prefix_of_two_texts(old: str, new: str, length: int) -> None:
    assert common_prefix(old, new) == length
