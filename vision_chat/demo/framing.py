"""The chunks of a streamed chat completion, as an endpoint writes them."""

import time
from typing import Any, Final

import msgspec

DONE: Final = b"data: [DONE]\n\n"


def event(payload: Any) -> bytes:
    """Return the bytes of a `data:` event with this JSON."""
    return b"data: " + msgspec.json.encode(payload) + b"\n\n"


class Framing:
    """Builds the chunks of one reply, which all carry the same id, time and model name."""

    def __init__(self, completion_id: str, model_name: str) -> None:
        self._frame = {
            "id": completion_id,
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model_name,
        }

    def delta(self, text: str) -> bytes:
        return self._choice({"content": text}, None)

    def role(self) -> bytes:
        return self._choice({"role": "assistant", "content": ""}, None)

    def finish(self, reason: str = "stop") -> bytes:
        return self._choice({}, reason)

    def usage(self, prompt_tokens: int, completion_tokens: int, **more: Any) -> bytes:
        """Return the last chunk. `more` is added beside `usage`, as providers add `meta` with the cost."""
        return event({**self._frame, "choices": [], "usage": usage(prompt_tokens, completion_tokens), **more})

    def _choice(self, delta: dict[str, Any], reason: str | None) -> bytes:
        return event({**self._frame, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})


def usage(prompt_tokens: int, completion_tokens: int) -> dict[str, int]:
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }


def completion(completion_id: str, model_name: str, text: str, tokens: dict[str, int]) -> dict[str, Any]:
    """Return the body of an answer that is not streamed."""
    return {
        "id": completion_id,
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model_name,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": tokens,
    }
