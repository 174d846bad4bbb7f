"""Texts too long to be rendered at once are shown in steps, from whatever cursor, and whole at the end."""

import pytest

from tests.support.live_stage import END, Stage, Watcher
from vision_chat.services.markdown.changes import Change
from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.markdown.rendering import render, render_open
from vision_chat.services.replies._live_text import MAX_STEP, MIN_STEP
from vision_chat.services.replies._pacing import RENDER_INTERVAL
from vision_chat.services.thoughts.division import Part, divide

PARAGRAPHS = "A line.\n\n" * 2000
TABLE = "| a | b |\n|---|---|\n" + "| **1** | 2 |\n" * 2000
CODE = "```\n" + "a = b\n" * 4000


class Noting(StreamingDocument):
    """Notes how much was fed between two renderings."""

    def __init__(self) -> None:
        self.steps = [0]
        super().__init__()

    def feed(self, text: str) -> str | None:
        self.steps[-1] += len(text)
        return super().feed(text)

    def render(self) -> list[Change]:
        self.steps.append(0)
        return super().render()


def shown(text: str, *, is_open: bool = False) -> list[str]:
    return [str(block) for block in (render_open(text) if is_open else render(text))]


async def until_idle(stage: Stage, *watchers: Watcher) -> None:
    await stage.time.pass_by(200)
    for watcher in watchers:
        assert watcher.page.revision == stage.reply.last_revision


@pytest.mark.parametrize(
    ("text", "most"),
    [(PARAGRAPHS, MIN_STEP), (TABLE, MAX_STEP), (CODE, len(CODE))],
    ids=["paragraphs", "one table", "code, which is added without a rendering"],
)
async def test_a_long_text_at_once_is_rendered_in_steps_and_shown_whole(text: str, most: int) -> None:
    document = Noting()
    stage = Stage(document=document)
    watcher = await stage.watch()
    stage.reply.append(text)
    await until_idle(stage, watcher)

    assert watcher.blocks == shown(text, is_open=True)
    assert max(document.steps) <= most


async def test_a_reply_that_ends_before_it_is_rendered_ends_in_steps_without_waiting_for_the_pace() -> None:
    document = Noting()
    stage = Stage(document=document)
    watcher = await stage.watch()
    stage.reply.append(PARAGRAPHS)
    stage.reply.settle(END)
    await stage.time.pass_by(RENDER_INTERVAL * 5)  # a quarter of the time that the pace would take

    assert watcher.blocks == shown(PARAGRAPHS)
    assert watcher.page.status == "completed"
    assert max(document.steps) <= MIN_STEP


async def test_a_page_that_shows_more_than_is_rendered_is_never_set_back() -> None:
    stage = Stage()
    stage.reply.append(PARAGRAPHS)  # watched by nobody, and so not rendered
    watcher = await stage.watch(PARAGRAPHS)
    await stage.time.pass_by(200)
    assert watcher.frames == []

    await stage.say("The end")
    assert watcher.blocks == shown(PARAGRAPHS + "The end", is_open=True)


@pytest.mark.parametrize("tail", ["Hi.", PARAGRAPHS], ids=["short", "long"])
async def test_a_long_answer_that_turns_out_to_be_thoughts_moves_in_steps(tail: str) -> None:
    stage = Stage()
    eager = await stage.watch()
    stage.reply.append(PARAGRAPHS)
    await until_idle(stage, eager)
    text = f"{PARAGRAPHS}So.\n</think>\n\n{tail}"
    stage.reply.append(text.removeprefix(PARAGRAPHS))
    late = await stage.watch(PARAGRAPHS)
    await until_idle(stage, eager, late)

    divided = divide([Part(text)], is_open=True)
    for watcher in (eager, late):
        assert watcher.blocks == shown(divided.answer, is_open=True)
        assert watcher.thoughts.blocks == shown(divided.thoughts, is_open=True)


async def test_thoughts_and_an_answer_that_come_at_once_are_shown_together() -> None:
    stage = Stage()
    watcher = await stage.watch()
    stage.reply.append(PARAGRAPHS, PARAGRAPHS)
    await until_idle(stage, watcher)
    await stage.settle()
    await watcher.task

    assert watcher.blocks == watcher.thoughts.blocks == shown(PARAGRAPHS)
