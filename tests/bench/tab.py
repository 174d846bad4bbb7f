"""A tab that is only open: it watches one conversation, and comes back as `static/js/lib/socket.js` does."""

import asyncio
import contextlib
import random
import re
import time
from collections import Counter
from typing import Any

import msgspec

from tests.bench.line import Line
from tests.bench.speakers import OurSpeaker

LONGEST_PAUSE = 15.0
STEADY = 5.0
GREETING = "greeting"
GREETED = b'{"type":"request.done","request_id":"greeting"'
SHOWN = re.compile(r'data-revision="(?P<revision>\d+)"')
SPEAKER = OurSpeaker()


class Tab:
    """One tab. `address` is that of this machine from which it connects."""

    def __init__(self, port: int, session: str, conversation_id: str, address: str = "127.0.0.1") -> None:
        self.conversation_id = conversation_id
        self.arrivals: list[float] = []
        """When it heard, on each connection, that from now on the server tells it of all that happens."""
        self.leavings: list[float] = []
        """When each of these connections was lost."""
        self.codes: Counter[int] = Counter()
        """With what the server closed connections; 0 where it said nothing."""
        self.settled: set[str] = set()
        """The replies whose end it has seen."""
        self._port, self._session, self._address = port, session, address
        self._leaf: str | None = None
        self._cursors: dict[str, int] = {}
        self._revision: str | None = None
        self._line: Line | None = None

    @property
    def is_here(self) -> bool:
        """Tell whether it hears of all that happens."""
        return len(self.arrivals) > len(self.leavings)

    async def stay_open(self) -> None:
        """Connect, and stay connected until cancelled."""
        attempts = 0
        while True:
            begun = time.monotonic()
            with contextlib.suppress(OSError):
                await self._connect()
            if time.monotonic() - begun > STEADY:
                attempts = 0
            longest = min(LONGEST_PAUSE, 0.5 * 2**attempts)
            attempts += 1
            await asyncio.sleep(longest * random.uniform(0.5, 1))

    async def _connect(self) -> None:
        """Open one connection, and stay with it until it is lost."""
        headers = SPEAKER.headers(self._session)
        line = await Line.connect(
            self._port, SPEAKER.path, headers, address=self._address, receive=self._receive
        )
        self._line = line
        try:
            self._greet()
            await line.lost()
        finally:
            line.close()
            self.codes[line.close_code] += 1
            if self.is_here:
                self.leavings.append(time.monotonic())

    def _greet(self) -> None:
        assert self._line is not None
        watch: dict[str, object] = {
            "type": "conversation.watch",
            "request_id": GREETING,
            "conversation_id": self.conversation_id,
            "leaf_id": self._leaf,
            "cursors": self._cursors,
            "revision": self._revision,
        }
        self._line.send(msgspec.json.encode(watch))

    def _receive(self, payload: bytes) -> None:
        if payload.startswith(GREETED):
            self._revision = msgspec.json.decode(payload).get("revision")
            if not self.is_here:
                self.arrivals.append(time.monotonic())
            return
        event = msgspec.json.decode(payload)
        if event["type"] == "ping":
            if "conversation_id" in event:
                self._greet()
        elif event.get("conversation_id") in {None, self.conversation_id}:
            self._see(event)

    def _see(self, event: dict[str, Any]) -> None:
        """Remember what is shown. A page that is out of date is opened afresh."""
        kind, message_id = event["type"], event.get("message_id", "")
        if kind == "conversation.stale":
            self._leaf, self._cursors, self._revision = None, {}, None
            self._greet()
        elif kind == "message.created":
            self._leaf = message_id
            if event["role"] == "assistant" and (found := SHOWN.search(event["html"])):
                self._cursors = {message_id: int(found["revision"])}
                if 'data-status="running"' not in event["html"]:
                    self.settled.add(message_id)
        elif "revision" in event:
            self._cursors = {message_id: event["revision"]}
            if kind == "reply.settled":
                self.settled.add(message_id)
