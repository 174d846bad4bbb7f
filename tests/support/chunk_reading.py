"""Words for tests about the chunks of a completion."""

from typing import Any

from vision_chat.demo.framing import DONE, Framing, event
from vision_chat.services.completions.chunks import ReplyReader

FRAMING = Framing("chatcmpl-1", "some/model")
END = FRAMING.finish() + DONE


def read(*pieces: bytes, reader: ReplyReader | None = None) -> str:
    """Return the text of a whole reply that comes in these pieces."""
    reader = reader or ReplyReader()
    text = "".join([*feed(reader, *pieces), *(piece.text for piece in reader.flush())])
    reader.check_end()
    return text


def feed(reader: ReplyReader, *pieces: bytes) -> list[str]:
    return [piece.text for data in pieces for piece in reader.feed(data)]


def choice(**values: Any) -> bytes:
    return event({"id": "1", "model": "m", "choices": [{"index": 0, **values}]})
