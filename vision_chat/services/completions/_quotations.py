"""The texts of a request that its refusal quotes: what people wrote says nothing of the endpoint. No I/O."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

MIN_QUOTATION: Final = 16
"""Characters of a text that counts as quoted. A shorter one is more often a word of the refusal's own."""


def texts_of(messages: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the texts of the messages of a request."""
    for message in messages:
        content = message["content"]
        if isinstance(content, str):
            yield content
        else:
            yield from (part["text"] for part in content if part["type"] == "text")


def without_quotations(words: str, said: Iterable[str]) -> str:
    """Take the texts of the request out of a refusal, as they are, as JSON and as Python write them."""
    # a text that is part of another would leave the rest of that
    for text in sorted(said, key=len, reverse=True):
        if not MIN_QUOTATION <= len(text) <= len(words):
            continue
        for quoted in (
            text,
            json.dumps(text)[1:-1],
            json.dumps(text, ensure_ascii=False)[1:-1],
            repr(text)[1:-1],
        ):
            words = words.replace(quoted, "…")
    return words
