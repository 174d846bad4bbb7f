"""Thoughts on a page: watched, resumed and folded like the answer that follows them."""

import random

import pytest

from tests.support.live_stage import Stage
from vision_chat.services.markdown.rendering import render, render_open
from vision_chat.services.thoughts.division import Part, divide

TEXTS = {
    "fields": [("", "The **user** wants "), ("", "a\n\n- total\n"), ("The ", ""), ("total is 14,20.", "")],
    "tags": [("<th", ""), ("ink>\nHmm *so*\n", ""), ("</think>\n\nThe total", ""), (" is 14.<|im_end|>", "")],
    "a closing tag alone": [("Hmm, a **long**\n\n", ""), ("text.\n</thi", ""), ("nk>\n\nHi", ""), (".", "")],
    "in turns": [("", "One "), ("Hi, ", ""), ("", "two\n\n"), ("there ", ""), ("", "three"), (".", "")],
    "thoughts only": [("", "Hmm "), ("", "so.")],
}


def blocks(text: str, *, is_open: bool) -> list[str]:
    return [str(block) for block in (render_open(text) if is_open else render(text))]


@pytest.mark.parametrize("name", TEXTS)
async def test_every_watcher_shows_what_a_page_opened_afresh_shows(name: str) -> None:
    chance = random.Random(name)
    stage, text, thoughts = Stage(), "", ""
    eager, leaver = await stage.watch(), await stage.watch()
    for more_text, more_thoughts in TEXTS[name]:
        text, thoughts = text + more_text, thoughts + more_thoughts
        stage.reply.append(more_text, more_thoughts)
        if chance.random() < 0.5:
            await stage.time.pass_by(0.02)
            await leaver.come_back()
        await stage.time.pass_by(1)
        divided = divide([Part(text, thoughts)], is_open=True)
        for watcher in (eager, leaver):
            assert watcher.blocks == blocks(divided.answer, is_open=True)
            if name != "in turns":  # a page opened afresh has them in another order
                assert watcher.thoughts.blocks == blocks(divided.thoughts, is_open=True)
    await stage.settle()
    divided = divide([Part(text, thoughts)])
    for watcher in (eager, leaver):
        await watcher.task
        assert watcher.blocks == blocks(divided.answer, is_open=False)
        assert "".join(watcher.thoughts.blocks).count("<p>") >= 1
        assert watcher.page.revision == len(text) + len(thoughts) + 1


async def test_thoughts_are_open_and_named_until_the_answer_begins() -> None:
    stage = Stage()
    watcher = await stage.watch()
    stage.reply.append("", "Hmm")
    await stage.time.pass_by(12)
    first = watcher.frames[-1]
    stage.reply.append("Hi")
    await stage.time.pass_by(1)

    assert (first["type"], first["label"], first["is_open"]) == ("reply.thoughts", "Thinking", True)
    second = next(frame for frame in reversed(watcher.frames) if frame["type"] == "reply.thoughts")
    assert (second["label"], second["is_open"], second["blocks"], second["text"]) == (
        "Thought for 12 seconds",
        False,
        [],
        "",
    )


async def test_an_answer_that_was_thoughts_begins_afresh_with_fewer_blocks() -> None:
    stage = Stage()
    watcher = await stage.watch()
    await stage.say("One.\n\nTwo.\n\nThree.")
    assert len(watcher.blocks) == 3
    await stage.say("\n</think>\n\nHi", ".")

    assert watcher.blocks == blocks("Hi.", is_open=True)
    assert len(watcher.thoughts.blocks) == 3


async def test_the_end_of_a_reply_that_only_thought_leaves_its_thoughts_open() -> None:
    stage = Stage()
    watcher = await stage.watch()
    stage.reply.append("<think>Hmm")
    await stage.time.pass_by(3)
    await stage.settle()

    last = [frame for frame in watcher.frames if frame["type"] == "reply.thoughts"][-1]
    assert (last["label"], last["is_open"]) == ("Thought for 3 seconds", True)
    assert not stage.reply.has_answer
    assert stage.reply.written.thinking_ms == 3000


async def test_a_page_that_got_half_of_a_change_gets_all_of_it_again() -> None:
    stage = Stage()
    watcher = await stage.watch()
    stage.reply.append("", "Hmm")
    await stage.time.pass_by(1)
    watcher.go_on.clear()
    stage.reply.append("Hi", " so")
    await stage.time.pass_by(1)
    watcher.frames.clear()
    watcher.limit = 1
    watcher.go_on.set()
    await stage.time.pass_by(1)
    assert [frame["type"] for frame in watcher.frames] == ["reply.thoughts"]
    watcher.limit = None
    await watcher.come_back()
    await stage.time.pass_by(1)

    assert watcher.blocks == blocks("Hi", is_open=True)
    assert watcher.thoughts.blocks == blocks("Hmm so", is_open=True)
