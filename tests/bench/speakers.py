"""Speak as a page does with ours and with the raw relay: the same question, and what its frames say."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from tests.bench.line import Line
from tests.support.page_model import PageModel

Frames = Sequence[tuple[float, bytes]]


@dataclass(slots=True)
class Answer:
    """Hold what one client asked for and what it got."""

    text: str
    asked_at: float
    session: str
    request_id: str = ""
    conversation_id: str = ""
    message_id: str = ""
    has_ended: bool = False
    frames: Frames = ()
    wire_bytes: int = 0
    progress: list[tuple[float, int]] = field(default_factory=list)
    """When how many characters of the answer had come."""


class Speaker(Protocol):
    path: str
    ends: tuple[bytes, ...]

    def headers(self, session: str) -> dict[str, str]: ...
    async def ask(self, line: Line, question: str, answer: Answer) -> None: ...
    def understand(self, answer: Answer) -> None:
        """Read the answer's frames: its ids and its progress."""
        ...


class OurSpeaker:
    path = "/ws/chat/"
    ends: tuple[bytes, ...] = (b'{"type":"reply.settled"', b'{"type":"error"')

    def headers(self, session: str) -> dict[str, str]:
        return {"Cookie": f"sessionid={session}"}

    async def ask(self, line: Line, question: str, answer: Answer) -> None:
        answer.conversation_id = answer.conversation_id or str(uuid.uuid4())
        command = {
            "type": "turn.submit",
            "request_id": "1",
            "conversation_id": answer.conversation_id,
            "client_id": str(uuid.uuid4()),
            "text": question,
            "image_ids": [],
        }
        line.send(msgspec.json.encode(command))

    def understand(self, answer: Answer) -> None:
        for at, event in _events(answer):
            if event["type"] == "message.created" and event["role"] == "assistant":
                answer.message_id = event["message_id"]
            elif event.get("message_id") == answer.message_id and "revision" in event:
                answer.progress.append((at, event["revision"]))


class RelaySpeaker:
    path = "/"
    ends: tuple[bytes, ...] = (b'{"end"',)

    def headers(self, session: str) -> dict[str, str]:
        return {}

    async def ask(self, line: Line, question: str, answer: Answer) -> None:
        answer.request_id = uuid.uuid4().hex
        line.send(msgspec.json.encode({"request_id": answer.request_id, "text": question}))

    def understand(self, answer: Answer) -> None:
        length = 0
        for at, event in _events(answer):
            length += len(event.get("text", ""))
            answer.progress.append((at, length))


def _events(answer: Answer) -> list[tuple[float, dict[str, Any]]]:
    return [(at, msgspec.json.decode(payload)) for at, payload in answer.frames]


def shown(answer: Answer) -> tuple[list[str], str]:
    """The blocks that our page shows after these frames, and the status of its reply."""
    page = PageModel()
    for _, event in _events(answer):
        if event.get("message_id") == answer.message_id:
            page.apply(event)
    return page.blocks, page.status


def relayed(answer: Answer) -> str:
    """The text that the relay's page has after these frames."""
    return "".join(event.get("text", "") for _, event in _events(answer))
