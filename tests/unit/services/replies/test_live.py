"""Whoever watches, from whatever cursor, however slowly: the page ends as one opened afresh."""

import asyncio
import random

import pytest

from tests.support.live_stage import END, Stage, Time, Watcher
from tests.support.markdown_texts import CORPUS as TEXTS
from vision_chat.events import Event, ReplySettled
from vision_chat.services.markdown.changes import Change
from vision_chat.services.markdown.document import StreamingDocument
from vision_chat.services.markdown.rendering import render, render_open
from vision_chat.services.replies._pacing import RENDER_INTERVAL, RenderPace, Ticker
from vision_chat.services.replies.history import Cursor
from vision_chat.services.replies.live import LiveReply
from vision_chat.services.thoughts.division import Part, divide


def answer_so_far(said: str) -> str:
    """What a page shows of it: a bracket may be the beginning of a mark."""
    return divide([Part(said)], is_open=True).answer


def tokens(text: str, chance: random.Random) -> list[str]:
    """Cut anywhere, also inside words and markup."""
    parts = []
    while text:
        length = chance.randint(1, 9)
        parts.append(text[:length])
        text = text[length:]
    return parts


@pytest.mark.parametrize("name", TEXTS)
async def test_every_watcher_shows_what_a_page_opened_afresh_shows(name: str) -> None:
    chance = random.Random(name)
    text = TEXTS[name]
    stage = Stage()
    eager, slow, leaver = [await stage.watch() for _ in range(3)]
    late: list[Watcher] = []
    said = ""
    for token in tokens(text, chance):
        said += token
        await stage.say(token)
        afresh = [str(block) for block in render_open(answer_so_far(said))]
        assert eager.blocks == afresh
        if chance.random() < 0.5:
            slow.go_on.clear()
        else:
            slow.go_on.set()
            await stage.time.pass_by(0)
        if chance.random() < 0.1:
            await leaver.come_back()
        if chance.random() < 0.02:
            late.append(await stage.watch(said))
        assert all(watcher.blocks == afresh for watcher in (leaver, *late))
    slow.go_on.set()
    await stage.settle()
    for watcher in (eager, slow, leaver, *late):
        await watcher.task
        assert watcher.blocks == [str(block) for block in render(text)]
        assert watcher.page.status == "completed"


async def test_a_plain_word_travels_as_the_word_alone() -> None:
    stage = Stage()
    watcher = await stage.watch()
    await stage.say("The picture shows")
    watcher.frames.clear()
    await stage.say(" a table")

    assert watcher.frames == [{"type": "reply.append", "message_id": "7", "revision": 25, "text": " a table"}]
    watcher.task.cancel()


async def test_a_changed_block_travels_without_the_beginning_that_the_page_has() -> None:
    stage = Stage()
    watcher = await stage.watch()
    await stage.say("The **picture** shows ")
    watcher.frames.clear()
    await stage.say("**tables**")

    ((index, keep, html),) = watcher.frames[0]["blocks"]
    assert (index, keep > 20) == (0, True)
    assert "picture" not in html
    watcher.task.cancel()


async def test_words_between_two_ticks_travel_together() -> None:
    stage = Stage()
    watcher = await stage.watch()
    await stage.say("Some")
    watcher.frames.clear()
    await stage.say(" words", " at", " once")

    assert [frame["text"] for frame in watcher.frames] == [" words at once"]
    watcher.task.cancel()


async def test_structure_is_rendered_at_its_pace_and_the_words_meanwhile_with_it() -> None:
    stage = Stage()
    watcher = await stage.watch()
    await stage.say("Some ")
    stage.reply.append("**bold** ")
    await stage.time.pass_by(RENDER_INTERVAL / 5)
    watcher.frames.clear()
    stage.reply.append("and *italic* ")
    await stage.time.pass_by(RENDER_INTERVAL / 5)
    assert watcher.frames == []
    stage.reply.append("words")
    await stage.time.pass_by(RENDER_INTERVAL)

    assert len(watcher.frames) == 1
    assert watcher.blocks == [str(block) for block in render_open(stage.reply.text)]
    watcher.task.cancel()


async def test_a_cursor_from_the_future_gets_everything() -> None:
    """A server that was killed lost the last second, which the page still shows."""
    stage = Stage()
    await stage.say("Hello")
    watcher = await stage.watch("Hello, this was lost")

    assert watcher.blocks == [str(block) for block in render_open("Hello")]
    watcher.task.cancel()


async def test_a_live_reply_renders_nothing_while_nobody_watches() -> None:
    fed: list[str] = []

    class Noting(StreamingDocument):
        def feed(self, text: str) -> str | None:
            if text:
                fed.append(text)
            return super().feed(text)

    stage = Stage(document=Noting())
    await stage.say("Hello ", "world")
    assert fed == []
    watcher = await stage.watch()

    assert fed == ["Hello world"]
    watcher.task.cancel()


async def test_a_continued_reply_goes_on_from_its_text() -> None:
    stage = Stage("The answer is ")
    watcher = await stage.watch("The answer is ")
    await stage.say("42.")
    await stage.settle()
    await watcher.task

    assert watcher.blocks == ["<p>The answer is 42.</p>"]


async def test_a_settled_reply_can_still_be_followed_to_its_end() -> None:
    stage = Stage()
    await stage.say("Hello")
    await stage.settle()
    watcher = await stage.watch()
    await watcher.task

    assert watcher.page.status == "completed"
    assert watcher.blocks == ["<p>Hello</p>"]


async def test_a_watcher_that_cannot_send_holds_up_nobody() -> None:
    stage = Stage()
    stuck = await stage.watch()
    stuck.go_on.clear()
    await stage.say("Hello")
    await stage.settle()
    watcher = await stage.watch()
    await watcher.task

    assert watcher.page.status == "completed"
    stuck.task.cancel()


async def test_all_replies_of_a_tick_are_rendered_before_any_of_them_is_sent() -> None:
    time, happened = Time(), list[str]()
    ticker = Ticker(time.call_later, time.clock)

    class Noting(StreamingDocument):
        def finish(self) -> list[Change]:
            happened.append("rendered")
            return super().finish()

    async def send(event: Event) -> None:
        if isinstance(event, ReplySettled):
            happened.append("sent")

    replies = [LiveReply(name, Noting, ticker, pace=RenderPace(time.clock)) for name in "ab"]
    tasks = [asyncio.create_task(reply.follow(Cursor(), send)) for reply in replies]
    await asyncio.sleep(0)
    for reply in replies:
        reply.append("words")
        reply.settle(END)
    await time.pass_by(1)
    await asyncio.gather(*tasks)

    assert happened == ["rendered", "rendered", "sent", "sent"]


def notes(watcher: Watcher) -> list[str]:
    return [frame["text"] for frame in watcher.frames if frame["type"] == "reply.note"]


async def test_a_note_reaches_who_watches_and_who_comes_later() -> None:
    stage = Stage()
    early = await stage.watch()
    stage.reply.note("The model is loading.")
    await stage.time.pass_by(1)
    late = await stage.watch()
    stage.reply.note("")
    await stage.time.pass_by(1)

    assert notes(early) == notes(late) == ["The model is loading.", ""]
    for watcher in (early, late):
        watcher.task.cancel()


async def test_a_note_is_sent_anew_to_a_page_that_comes_back() -> None:
    stage = Stage()
    watcher = await stage.watch()
    stage.reply.note("It waits.")
    await stage.time.pass_by(1)
    await watcher.come_back()

    assert notes(watcher) == ["It waits.", "It waits."]
    watcher.task.cancel()


async def test_a_note_is_over_with_the_first_text_and_with_the_end() -> None:
    stage = Stage("The beginning, ")
    stage.reply.note("It waits.")
    stage.reply.append("and")
    stage.reply.note("Too late.")
    watcher = await stage.watch("The beginning, ")
    await stage.settle()
    await watcher.task

    assert notes(watcher) == []
    assert watcher.page.status == "completed"


async def test_a_reply_that_cannot_be_rendered_fails_its_own_watchers_alone() -> None:
    class Broken(StreamingDocument):
        def feed(self, text: str) -> str | None:
            if text:
                raise ZeroDivisionError(text)
            return ""

    stage = Stage(document=Broken())
    watchers = [await stage.watch() for _ in range(2)]
    await stage.say("Hello")

    for ended in await asyncio.gather(*(watcher.task for watcher in watchers), return_exceptions=True):
        assert isinstance(ended, ZeroDivisionError)
