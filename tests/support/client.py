"""A person's browser without a browser: a session, pages over HTTP, a socket."""

import json
import socket
import uuid
from contextlib import ExitStack, suppress
from typing import Any

import httpx
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from websockets import Origin
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.server import PATIENCE, Server

PASSWORD = "correct horse battery staple"


class _InTurn(httpx.HTTPTransport):
    """Sends each request to the next server of the site."""

    def __init__(self, server: Server) -> None:
        super().__init__(verify=False)  # nothing is encrypted here, and reading the certificates takes 25 ms
        self._server = server

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.port == self._server.port:
            request.url = request.url.copy_with(port=next(self._server.addresses.requests))
        return super().handle_request(request)


class Browser:
    """Signed in as `user`, or as nobody. Its requests and sockets go to all servers of the site in turn."""

    def __init__(self, server: Server, user: User | None = None) -> None:
        self.server = server
        self.cookies = {}
        if user is not None:
            client = Client()
            client.force_login(user)
            self.cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
        self.http = httpx.Client(
            base_url=server.url,
            cookies=self.cookies,
            timeout=PATIENCE,
            trust_env=False,
            transport=_InTurn(server),
        )
        self._open = ExitStack()
        self._open.callback(self.http.close)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.http.get(path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        """With a CSRF token, as the page's scripts send it."""
        token = "a" * 32
        self.http.cookies.set("csrftoken", token)
        headers = {"X-CSRFToken": token, "Referer": f"{self.server.url}/"}
        return self.http.post(path, headers=headers, **options)

    def upload(self, data: bytes, name: str = "picture.jpg") -> httpx.Response:
        return self.post("/images/", files={"images": (name, data)})

    def socket(self, **headers: str) -> "Socket":
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        opening = connect(
            f"ws://127.0.0.1:{self.server.port}/ws/chat/",
            address=("127.0.0.1", next(self.server.addresses.sockets)),
            additional_headers={"Cookie": cookie} if cookie else {},
            origin=Origin(headers.get("origin", self.server.url)),
            compression=None,
            proxy=None,
            open_timeout=PATIENCE,
        )
        return Socket(self._open.enter_context(opening))

    def close(self) -> None:
        self._open.close()


class Socket:
    """Speaks the protocol; keeps every event it has received."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        assert connection.response is not None
        self.request_id = connection.response.headers["X-Request-ID"]
        """The id of the handshake."""
        self.events: list[dict[str, Any]] = []

    def send(self, kind: str, **fields: Any) -> str:
        """Send one command, return its request id."""
        request_id = str(uuid.uuid4())
        self._connection.send(json.dumps({"type": kind, "request_id": request_id, **fields}))
        return request_id

    def send_raw(self, frame: str) -> None:
        self._connection.send(frame)

    def receive(self, timeout: float = PATIENCE) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self._connection.recv(timeout=timeout))
        self.events.append(event)
        return event

    def wait_for(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The next event of this kind with these values; what comes before is kept in `events`."""
        while True:
            event = self.receive()
            if event["type"] == kind and all(event.get(name) == value for name, value in fields.items()):
                return event

    def wait_closed(self) -> int:
        """Until the server closes the socket; the close code."""
        with suppress(ConnectionClosed):
            while True:
                self._connection.recv(timeout=PATIENCE)
        assert self._connection.close_code is not None
        return self._connection.close_code

    def submit(self, text: str, conversation_id: str | None = None, **fields: Any) -> str:
        """Send a turn; the id of its conversation."""
        conversation_id = conversation_id or str(uuid.uuid4())
        values = {"client_id": str(uuid.uuid4()), "image_ids": [], **fields}
        self.send("turn.submit", conversation_id=conversation_id, text=text, **values)
        return conversation_id

    def reply_id(self) -> str:
        """The id of the reply that is announced next."""
        created = self.wait_for("message.created", role="assistant")
        message_id: str = created["message_id"]
        return message_id

    def abort(self) -> None:
        """As a browser that is killed: without a word."""
        self._connection.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._connection.close()
