"""Answers of a fake endpoint where a request asks for several answers, or for more than words."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from tests.support.fake_scenarios import COST, tokens
from vision_chat.demo.framing import DONE, Framing, event

if TYPE_CHECKING:
    from tests.support.fake_endpoint import Call
    from tests.support.fake_scenarios import Scenario


def chunk(index: int = 0, finish: str | None = None, *, logprobs: Any = None, **delta: Any) -> bytes:
    """A chunk of the answer of this index."""
    choice = {"index": index, "delta": delta, "finish_reason": finish, "logprobs": logprobs}
    return event({"id": "chatcmpl-fake", "model": "fake/vision", "choices": [choice]})


def several(*texts: str, is_in_turn: bool = False, has_ends: bool = True) -> "Scenario":
    """Several answers, word by word beside each other, or one after the other."""
    frames = _ordered(
        [_frames(index, text, has_end=has_ends) for index, text in enumerate(texts)], is_in_turn
    )

    async def play(call: "Call") -> None:
        await call.start(headers={"x-inference-id": "inf-1"})
        for frame in frames:
            await call.send_token(frame)
        await call.send(Framing("chatcmpl-fake", call.model_name).usage(100, len(frames), meta=COST))
        await call.send(DONE)

    return play


def step_frames(*frames: bytes, is_cut: bool = False) -> "Scenario":
    """These chunks, each of which, and the end, waits for a release."""

    async def play(call: "Call") -> None:
        await call.start()
        for frame in frames:
            await call.permit()
            await call.send_token(frame)
        await call.permit()
        if not is_cut:
            await call.send(DONE)

    return play


def frames_of(*frames: bytes) -> "Scenario":
    """These chunks, and the end."""

    async def play(call: "Call") -> None:
        await call.start()
        for frame in frames:
            await call.send_token(frame)
        await call.send(DONE)

    return play


def _frames(index: int, text: str, *, has_end: bool) -> list[bytes]:
    words = [chunk(index, content=token) for token in tokens(text)]
    return [*words, chunk(index, "stop")] if has_end else words


def _ordered(answers: Sequence[list[bytes]], is_in_turn: bool) -> list[bytes]:
    if is_in_turn:
        return [frame for answer in answers for frame in answer]
    return [frame for row in zip_longest(*answers) for frame in row if frame is not None]
