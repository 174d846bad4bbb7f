"""What the chunks of one reply have in common: all but the text.

An endpoint says id, model, date and so on again with every token. Where a chunk differs from one that has
been understood in nothing but the text, the text is all that has to be read of it.
"""

from typing import Final, Self

import orjson

_BEFORE: Final = b"data: "
_AFTER: Final = b"\n\n"


class ChunkShape:
    """The bytes before and after the text of an event, the quotation marks included."""

    def __init__(self, head: bytes, tail: bytes) -> None:
        self._head, self._tail = head, tail
        self._start, self._end = len(head) - 1, 1 - len(tail)

    @classmethod
    def of(cls, event: bytes, text: str) -> Self | None:
        """The shape of a plain event whose chunk says `text`, or None where that is written in another way.

        Tried out with another text: it must make the same chunk but for the text.
        """
        head, literal, tail = event.partition(orjson.dumps(text))
        if not literal:
            return None
        other = f"{text}?"
        try:
            wanted = _chunk(event)
            wanted["choices"][0]["delta"]["content"] = other
            is_right = _chunk(head + orjson.dumps(other) + tail) == wanted
        except (orjson.JSONDecodeError, LookupError, TypeError):
            return None
        return cls(head + b'"', b'"' + tail) if is_right else None

    def text_in(self, event: bytes) -> str | None:
        """The text of an event of this shape, None for any other."""
        if not (event.startswith(self._head) and event.endswith(self._tail)):
            return None
        try:
            text: str = orjson.loads(event[self._start : len(event) + self._end])
        except orjson.JSONDecodeError:
            return None
        return text


def _chunk(event: bytes) -> dict[str, list[dict[str, dict[str, str]]]]:
    chunk: dict[str, list[dict[str, dict[str, str]]]] = orjson.loads(
        event.removeprefix(_BEFORE).removesuffix(_AFTER)
    )
    return chunk
