"""A page without a browser: a socket as `static/js/lib/socket.js` keeps it, and the thread that it shows."""

import asyncio
import contextlib
import json
import random
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

import httpx
from websockets import Origin
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.support.page_model import PageModel
from tests.support.thread_model import Article, ThreadModel

REPEATABLE: Final = {"turn.submit", "turn.send", "generation.stop"}
SILENCE: Final = 45
LONGEST_PAUSE: Final = 15.0
STEADY: Final = 5.0
LOST: Final = (OSError, TimeoutError, WebSocketException)


class RefusedError(Exception):
    """The server answered a command with an error."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Address(Protocol):
    """A server, as far as a page knows it."""

    @property
    def port(self) -> int: ...

    @property
    def url(self) -> str: ...


class _Pending:
    def __init__(self, frame: str, kind: str) -> None:
        self.frame, self.kind = frame, kind
        self.was_sent = False
        self.answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def end(self, event: dict[str, Any]) -> None:
        if self.answer.done():
            return
        if event["type"] == "error":
            self.answer.set_exception(RefusedError(event["code"]))
        else:
            self.answer.set_result(None)


class Page:
    """Shows one conversation. It connects to its server, and to another one while that refuses."""

    def __init__(self, servers: Sequence[Address], session: str, conversation_id: str = "") -> None:
        self.conversation_id = conversation_id or str(uuid.uuid4())
        self.thread = ThreadModel([])
        self.faults: list[str] = []
        """What a page must never meet: frames that do not fit, in the words of the model."""
        self.seen_at: dict[tuple[int, str], float] = {}
        """When it first showed a reply with a status."""
        self.heard_at = 0.0
        self.session = session
        self._servers = servers
        self._cookie = {"Cookie": f"sessionid={session}"}
        self._server = servers[0]
        self._socket: ClientConnection | None = None
        self._pending: dict[str, _Pending] = {}
        self._greeting = ""
        self._before = -1
        """Number of the messages when it asked last."""
        self._has_changed = asyncio.Event()
        self._refreshing: asyncio.Task[None] | None = None
        self._is_stale = False
        self._revision: str | None = None

    # what a person does

    async def request(self, kind: str, **fields: Any) -> None:
        """Ask for something, as often as it takes. Raises RefusedError."""
        request_id = str(uuid.uuid4())
        frame = json.dumps({"type": kind, "request_id": request_id, **fields})
        pending = self._pending[request_id] = _Pending(frame, kind)
        if kind == "turn.submit":
            self._before = len(self.thread.articles)
        if self._socket is not None:
            await self._send(pending)
        await pending.answer

    async def until(self, holds: Callable[[ThreadModel], bool], seconds: float) -> bool:
        """Wait until the thread is so; whether that came in time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not holds(self.thread):
                    self._has_changed.clear()
                    await self._has_changed.wait()
        return holds(self.thread)

    async def until_answered(self, seconds: float) -> bool:
        """Wait until nothing goes on: whatever was asked here is answered, or waits."""
        return await self.until(lambda _: self._is_quiet, seconds)

    @property
    def _is_quiet(self) -> bool:
        if self.last is None or len(self.thread.articles) <= self._before:
            return False
        return self.last.waits or (self.last.role == "assistant" and self.last.status != "running")

    @property
    def last(self) -> Article | None:
        return self.thread.articles[-1] if self.thread.articles else None

    @property
    def is_connected(self) -> bool:
        return self._socket is not None

    def __str__(self) -> str:
        how = "connected" if self.is_connected else "not connected"
        silence = time.monotonic() - self.heard_at
        return f"/c/{self.conversation_id}/ at {self._server.url}, {how}, silent for {silence:.0f} s"

    @asynccontextmanager
    async def shown(self) -> AsyncIterator["Page"]:
        """Be open in a browser."""
        task = asyncio.create_task(self.run())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def fetch(self) -> ThreadModel | None:
        """Return the thread of a page that is opened now; None where no server gives it."""
        try:
            async with httpx.AsyncClient(trust_env=False, headers=self._cookie, timeout=SILENCE) as http:
                answer = await http.get(f"{self._server.url}/c/{self.conversation_id}/")
        except (httpx.TransportError, OSError):
            return None
        if answer.status_code == httpx.codes.NOT_FOUND:
            return ThreadModel([])  # nothing was asked there
        return ThreadModel.of_page(answer.text) if answer.is_success else None

    # the connection

    async def run(self) -> None:
        """Connect, and stay connected until cancelled."""
        try:
            await self._stay_connected()
        except Exception as error:
            self.faults.append(f"the page broke: {error!r}")
            raise

    async def _stay_connected(self) -> None:
        attempts = 0
        while True:
            begun = time.monotonic()
            with contextlib.suppress(*LOST):
                await self._connect()
            self._socket = None
            if time.monotonic() - begun > STEADY:
                attempts = 0
            longest = min(LONGEST_PAUSE, 0.5 * 2**attempts)
            attempts += 1
            if attempts > 1:
                self._server = random.choice(self._servers)
            await asyncio.sleep(longest * random.uniform(0.5, 1))

    async def _connect(self) -> None:
        connection = connect(
            f"ws://127.0.0.1:{self._server.port}/ws/chat/",
            additional_headers=self._cookie,
            origin=Origin(self._server.url),
            compression=None,
            proxy=None,
            open_timeout=SILENCE,
            ping_interval=None,
            close_timeout=1,
            max_size=None,
        )
        async with connection as socket:
            self._socket = socket
            self.thread.connect()
            await self._greet()
            for request_id, pending in list(self._pending.items()):
                if pending.kind in REPEATABLE or not pending.was_sent:
                    await self._send(pending)
                else:
                    del self._pending[request_id]
                    pending.end({"type": "request.done"})
            while True:
                async with asyncio.timeout(SILENCE):
                    frame = await socket.recv()
                self.heard_at = time.monotonic()
                await self._receive(json.loads(frame))

    async def _send(self, pending: _Pending) -> None:
        assert self._socket is not None
        pending.was_sent = True
        with contextlib.suppress(*LOST):
            await self._socket.send(pending.frame)

    async def _greet(self) -> None:
        """Introduce this page, as after a connection."""
        if self._socket is None:
            return
        self._greeting = str(uuid.uuid4())
        command = {
            "type": "conversation.watch",
            "request_id": self._greeting,
            "conversation_id": self.conversation_id,
            "leaf_id": self.thread.leaf_id,
            "cursors": self.thread.cursors,
            "tree_revision": self.thread.tree_revision,
            "revision": self._revision,
        }
        with contextlib.suppress(*LOST):
            await self._socket.send(json.dumps(command))

    async def _receive(self, event: dict[str, Any]) -> None:
        if (pending := self._pending.pop(event.get("request_id") or "", None)) is not None:
            pending.end(event)
        elif event.get("request_id") == self._greeting:
            if event["type"] == "error" and event["code"] != "conversation.not_found":
                raise ConnectionError(event["code"])  # this connection would bring no messages
            self._revision = None if self._is_refreshing else event.get("revision")
        elif event["type"] == "ping":
            if "conversation_id" in event:
                await self._greet()
        elif self._concerns(event):
            self._apply(event)

    def _concerns(self, event: dict[str, Any]) -> bool:
        if event["type"] in {"message.created", "message.removed", "conversation.stale"}:
            return bool(event["conversation_id"] == self.conversation_id)
        return event.get("message_id") in {article.id for article in self.thread.articles}

    def _apply(self, event: dict[str, Any]) -> None:
        """Bring the thread to what an event says, as strictly as scripts do and no more."""
        if "message_id" in event:
            self._make_room(event)
        try:
            self.thread.apply(event)
        except (AssertionError, IndexError) as error:
            if "cannot keep" not in str(error):
                self.faults.append(f"{event['type']} does not fit: {error!r}")
            self._article(event).revision = -1  # what is fetched is newer
            self.thread.is_stale = True
        if self.thread.is_stale:
            self.thread.is_stale = False
            self.refresh()
        self._changed()

    def _make_room(self, event: dict[str, Any]) -> None:
        """Take frames that were under way when the thread was fetched: they may be older than it."""
        if event["type"] in {"reply.blocks", "reply.settled", "reply.append", "reply.thoughts"}:
            body = self._article(event).body
            body.revision = -1
            if event["type"] == "reply.thoughts":
                thoughts = body.thoughts or PageModel()
                body.thoughts = thoughts
                thoughts.revision = -1
                body = thoughts
            for index, _, _ in event.get("blocks", ()):
                body.blocks += [""] * (index - len(body.blocks))
                body.sources += [""] * (index - len(body.sources))

    def _article(self, event: dict[str, Any]) -> Article:
        return next(article for article in self.thread.articles if article.id == event["message_id"])

    def refresh(self) -> None:
        """Fetch the thread afresh, once more where it is being fetched."""
        self._revision = None
        if not self._is_refreshing:
            self._refreshing = asyncio.create_task(self._refresh())
        else:
            self._is_stale = True

    @property
    def _is_refreshing(self) -> bool:
        return self._refreshing is not None and not self._refreshing.done()

    async def _refresh(self) -> None:
        self._is_stale = True
        while self._is_stale:
            self._is_stale = False
            fresh = await self.fetch()
            if fresh is not None:
                self._adopt(fresh)
                await self._greet()

    def _adopt(self, fresh: ThreadModel) -> None:
        """Show what a fresh page shows; what the socket has brought more of stays."""
        known = {article.id: article for article in self.thread.articles}
        fresh.articles = [_newer(known.get(article.id), article) for article in fresh.articles]
        self.thread = fresh
        self._changed()

    def _changed(self) -> None:
        for article in self.thread.articles:
            if article.role == "assistant":
                self.seen_at.setdefault((int(article.id), article.status), time.monotonic())
        self._has_changed.set()


def _newer(known: Article | None, fresh: Article) -> Article:
    if known is None:
        return fresh
    known.siblings = fresh.siblings
    is_running = "running" in {known.status, fresh.status}
    is_newer = is_running and known.revision >= fresh.revision
    return known if is_newer or known.shown() == fresh.shown() else fresh
