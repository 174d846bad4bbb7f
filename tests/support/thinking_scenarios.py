"""What a fake endpoint sends of a model that thinks before it answers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.support.fake_scenarios import tokens
from vision_chat.demo.framing import DONE, Framing, event

if TYPE_CHECKING:
    from tests.support.fake_endpoint import Call
    from tests.support.fake_scenarios import Scenario


def delta(**fields: object) -> bytes:
    choice = {"index": 0, "delta": fields, "finish_reason": None}
    return event({"id": "chatcmpl-fake", "model": "fake/vision", "choices": [choice]})


def reason(thoughts: str, answer: str = "", *, finish: str = "stop") -> "Scenario":
    """Thoughts in a field of their own, then the answer; every token, and the end, waits for a release."""
    deltas = [delta(reasoning=token) for token in tokens(thoughts)]
    return _step([*deltas, *(delta(content=token) for token in tokens(answer))], finish)


def pieces(*texts: str, finish: str = "stop") -> "Scenario":
    """These pieces as content, cut as they are; each waits for a release."""
    return _step([delta(content=text) for text in texts], finish)


def _step(frames: Sequence[bytes], finish: str) -> "Scenario":
    async def play(call: "Call") -> None:
        await call.start()
        for frame in frames:
            await call.permit()
            await call.send_token(frame)
        await call.permit()
        await call.send(Framing("chatcmpl-fake", call.model_name).finish(finish))
        await call.send(DONE)

    return play
