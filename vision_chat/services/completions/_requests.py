"""The request of a chat completion: its address, headers and body. No I/O."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

import httpx
import msgspec

from vision_chat.errors.completions import RequestTooLargeError
from vision_chat.services.completions._connections import basic_authorization, without_login
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.request_ids import id_of_call

CHARACTERS_PER_TOKEN: Final = 16
"""More than the tokens of any language have on average: English has 4, code with indents up to 8."""
SPARE_CHARACTERS: Final = 4_000
MAX_CHARACTERS: Final = 1_000_000
"""Length of an answer, its thoughts included, at which it is ended. No model writes as much at once."""
PART_BYTES: Final = 256 * 1024
"""Bytes of a body that are given to a connection at once: others have their turn in between."""


def address_of(endpoint: Endpoint, path: str) -> httpx.URL:
    """Return the address of `path` at the endpoint."""
    return without_login(httpx.URL(endpoint.url(path)))


def authorization(endpoint: Endpoint) -> dict[str, str]:
    """Return the header with the key, or else with the name and password of the address."""
    if endpoint.api_key and endpoint.wants_api_key_header:
        return {"api-key": endpoint.api_key}
    if endpoint.api_key:
        return {"Authorization": f"Bearer {endpoint.api_key}"}
    url = httpx.URL(endpoint.base_url)
    return {"Authorization": basic_authorization(url)} if url.userinfo else {}


def values_of(endpoint: Endpoint, parameters: Parameters) -> dict[str, Any]:
    """Return the parameters that are sent, with a limit of tokens unless it is not to be sent."""
    values = parameters.to_json()
    if "max_completion_tokens" not in values:
        values.setdefault("max_tokens", endpoint.rules.max_output_tokens)
    return {name: value for name, value in values.items() if value is not None}


def max_characters(values: Mapping[str, Any]) -> int:
    """Return the length at which an answer is ended, its endpoint not keeping to the limit of tokens."""
    tokens: int | None = values.get("max_completion_tokens") or values.get("max_tokens")
    if tokens is None:
        return MAX_CHARACTERS
    return min(MAX_CHARACTERS, tokens * CHARACTERS_PER_TOKEN + SPARE_CHARACTERS)


def encode_body(
    endpoint: Endpoint, messages: Sequence[Mapping[str, Any]], values: Mapping[str, Any]
) -> bytes:
    """Return the body of the request. Raises RequestTooLargeError."""
    fields = endpoint.fields(values)
    body = msgspec.json.encode({"model": endpoint.model_name, "messages": messages, **fields})
    if len(body) > endpoint.rules.max_body_bytes:
        raise RequestTooLargeError(f"{len(body)} bytes, of {endpoint.rules.max_body_bytes} allowed")
    return body


class Parts:
    """A long body, as parts that can be read anew each time that the request is sent."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._body), PART_BYTES):
            yield self._body[start : start + PART_BYTES]


def content_of(body: bytes) -> bytes | Parts:
    """Return the body as it is sent: at once where it is short, which saves a packet."""
    return body if len(body) <= PART_BYTES else Parts(body)


def clean_id(request_id: str) -> str:
    """Return an id that providers accept: a bad one would be dropped silently, and with it the trace."""
    return re.sub(r"[^A-Za-z0-9._:-]", "-", request_id)[:128] or id_of_call()
