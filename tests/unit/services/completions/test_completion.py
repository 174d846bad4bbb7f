"""What a completion gives of a reply: words within their limit, pictures apart, long pieces in parts."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from vision_chat.demo.framing import DONE, Framing, event
from vision_chat.errors.completions import ReplyCutOffError
from vision_chat.services.completions._body import Body
from vision_chat.services.completions.chunks import ReplyReader
from vision_chat.services.completions.completion import MAX_PART, Completion
from vision_chat.services.completions.ends import TOO_LONG
from vision_chat.services.completions.pieces import Piece
from vision_chat.services.completions.timeouts import Deadlines, Timeouts

FRAMING = Framing("1", "m")
END = FRAMING.finish() + DONE
BASE64 = "iVBORw0KGgo" * 2000
PICTURE = f"![A square](data:image/png;base64,{BASE64})"
MANY = 1_000_000


async def arriving(*packets: bytes) -> AsyncIterator[bytes]:
    for packet in packets:
        yield packet


def completion_of(*packets: bytes, room: int = MANY, picture_room: int = MANY) -> Completion:
    return Completion(
        Body(arriving(*packets)),
        ReplyReader(),
        Deadlines(Timeouts()),
        {},
        room,
        max_picture_characters=picture_room,
    )


async def read(completion: Completion) -> tuple[str, list[Piece]]:
    pieces = [piece async for piece in completion]
    return "".join(piece.text for piece in pieces), pieces


async def test_a_picture_in_the_text_does_not_count_as_words() -> None:
    completion = completion_of(FRAMING.delta(f"Look: {PICTURE} That is it."), END, room=50)
    text, pieces = await read(completion)
    assert text == "Look:  That is it."
    assert [picture for piece in pieces for picture in piece.pictures] == [BASE64]
    assert completion.finish.finish_reason == "stop"


@pytest.mark.parametrize(
    "chunk",
    [
        FRAMING.delta(PICTURE),
        event({"choices": [{"delta": {"images": [{"image_url": f"data:image/png;base64,{BASE64}"}]}}]}),
    ],
    ids=["in the text", "beside it"],
)
async def test_pictures_without_end_end_the_answer(chunk: bytes) -> None:
    completion = completion_of(FRAMING.delta("Look: "), *[chunk] * 9, END, picture_room=3 * len(BASE64))
    text, pieces = await read(completion)
    assert text == "Look: "
    assert completion.finish.finish_reason == TOO_LONG
    assert sum(len(piece.pictures) + len(piece.image_urls) for piece in pieces) <= 4


async def test_words_end_at_their_limit() -> None:
    completion = completion_of(FRAMING.delta("so " * 9000), FRAMING.delta("more"), END, room=10_000)
    text, _ = await read(completion)
    assert text == ("so " * 9000)[:10_000]
    assert completion.finish.finish_reason == TOO_LONG


WORDS = "One, two. " * 4000
DELTA = {"reasoning": WORDS, "content": WORDS}


@pytest.mark.parametrize(
    "body",
    [
        event({"choices": [{"delta": DELTA, "finish_reason": "stop"}]}) + DONE,
        msgspec.json.encode({"choices": [{"message": DELTA, "finish_reason": "stop"}]}),
        msgspec.json.format(msgspec.json.encode({"choices": [{"message": DELTA, "finish_reason": "stop"}]})),
    ],
    ids=["a chunk", "a whole answer", "a whole answer in lines"],
)
async def test_a_long_piece_comes_in_parts_between_which_the_loop_has_a_turn(body: bytes) -> None:
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    completion, pieces = completion_of(body), list[Piece]()
    task = asyncio.create_task(take_turns())
    async for piece in completion:
        if not pieces:
            turns = 0
        pieces.append(piece)
    task.cancel()
    assert "".join(piece.text for piece in pieces) == WORDS
    assert "".join(piece.thoughts for piece in pieces) == WORDS
    assert max(len(piece.text) + len(piece.thoughts) for piece in pieces) <= MAX_PART
    assert turns >= len(pieces) - 1 >= 2 * len(WORDS) // MAX_PART - 1


async def test_what_is_held_back_comes_before_the_error_of_a_cut() -> None:
    pieces = aiter(completion_of(FRAMING.delta("It is ![a square](data:")))
    text = (await anext(pieces)).text + (await anext(pieces)).text
    assert text == "It is ![a square](data:"
    with pytest.raises(ReplyCutOffError):
        await anext(pieces)


async def test_what_is_held_back_is_left_for_those_who_stop_reading() -> None:
    completion, text = completion_of(FRAMING.delta("It is ![a square](data:"), END), ""
    async for piece in completion:
        text += piece.text
        break
    assert text + "".join(piece.text for piece in completion.rest()) == "It is ![a square](data:"
    assert not completion.rest()
