"""A page that shows one conversation, and comes back whenever its socket is closed, as that of people."""

import time
from collections.abc import Callable

from websockets.exceptions import ConnectionClosed, InvalidMessage

from tests.support.client import Browser, Socket
from tests.support.page_model import PageModel
from tests.support.server import PATIENCE


class ReturningPage:
    """Shows one reply; `moves` are the close codes of the sockets that it has lost."""

    def __init__(self, browser: Browser, conversation_id: str, reply_id: str) -> None:
        self.model = PageModel()
        self.moves: list[int] = []
        self._browser = browser
        self._conversation_id = conversation_id
        self._reply_id = reply_id
        self._socket = self._connect()

    def until(self, holds: Callable[[], bool]) -> None:
        """Take events until this holds."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, (self.model.status, self.model.revision, self.moves)
            self.take()

    def take(self) -> None:
        """Take an event, if one comes at once, or come back where the socket was closed."""
        try:
            event = self._socket.receive(timeout=0.1)
        except TimeoutError:
            return
        except ConnectionClosed as closed:
            self.moves.append(closed.rcvd.code if closed.rcvd else 1006)
            self._socket = self._connect()
            return
        if event.get("message_id") == self._reply_id:
            self.model.apply(event)

    def grows_to(self, revision: int) -> None:
        self.until(lambda: self.model.revision >= revision)

    def ends(self) -> None:
        self.until(lambda: self.model.status != "running")

    def _connect(self) -> Socket:
        while True:
            try:
                socket = self._browser.socket()
                break
            except (OSError, EOFError, InvalidMessage):  # its process was ending
                continue
        cursors = {self._reply_id: max(0, self.model.revision)}
        socket.send(
            "conversation.watch",
            conversation_id=self._conversation_id,
            leaf_id=self._reply_id,
            cursors=cursors,
        )
        return socket
