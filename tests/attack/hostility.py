"""The product beside a hostile endpoint, and somebody who asks it a question."""

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec

from tests.bench import processes
from tests.bench.line import Line
from tests.bench.processes import Served
from tests.bench.speakers import Answer, OurSpeaker


@dataclass(frozen=True, slots=True)
class Hostility:
    """One server of ours and the endpoint that it calls."""

    served: Served
    endpoint: str

    async def ask(self, session: str) -> Answer:
        """Ask a question, and wait for the end of its reply; `has_ended` where one came."""
        speaker = OurSpeaker()
        line = await Line.connect(self.served.port, speaker.path, speaker.headers(session))
        answer = Answer("", time.monotonic(), session)
        await speaker.ask(line, "What does this picture show?", answer)
        answer.has_ended = await line.until(speaker.ends)
        line.close()
        return answer

    async def go_on(self, session: str, message_id: int) -> bool:
        """Continue a reply; return whether its end came."""
        speaker = OurSpeaker()
        line = await Line.connect(self.served.port, speaker.path, speaker.headers(session))
        command = {"type": "turn.continue", "request_id": "1", "message_id": str(message_id)}
        line.send(msgspec.json.encode(command))
        has_ended = await line.until((b'{"type":"reply.settled"',))
        line.close()
        return has_ended

    async def begin(self) -> None:
        """Let the endpoint send its catalogue, for which the product has asked when it started."""
        await self._tell("/begin")

    async def until_closed(self) -> None:
        """Wait until the endpoint has no connection of the attack any more."""
        await self._tell("/end")

    async def _tell(self, path: str) -> None:
        async with httpx.AsyncClient(timeout=processes.PATIENCE, trust_env=False) as http:
            answer = await http.get(f"{self.endpoint}{path}")
        answer.raise_for_status()


@contextmanager
def hostile(name: str, data_dir: Path, more: Mapping[str, str] = processes.NOTHING) -> Iterator[Hostility]:
    """Start both; `name` is that of the hostile answer, `more` are settings of the product."""
    with (
        processes.beside("tests.attack.hostile_endpoint", "--answer", name) as endpoint,
        processes.ours(data_dir, f"{endpoint}/v1", more=more) as served,
    ):
        yield Hostility(served, endpoint)
        os.kill(served.pid, signal.SIGKILL)  # one that is still at it would take its time to drain
