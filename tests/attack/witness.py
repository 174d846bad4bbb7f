"""What a signed-in person feels while somebody attacks from a process of its own."""

import json
import multiprocessing
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from websockets import Origin
from websockets.sync.client import ClientConnection, connect

from tests.bench.processes import Served

Attack = Callable[[int, str], None]
"""Attacks the port for as long as it lives; the text is the session of somebody who is signed in."""
SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Felt:
    """The slowest page and submit in seconds, and the growth of the server's memory in megabytes."""

    page: float
    submit: float
    memory: float


def felt(served: Served, session: str, attacker: str, attack: Attack, seconds: float = SECONDS) -> Felt:
    """Run the attack for a while, and measure what one person feels meanwhile."""
    witness = Witness(served, session)
    witness.page()
    witness.submit()
    before = served.memory()
    process = multiprocessing.get_context("fork").Process(target=attack, args=(served.port, attacker))
    process.start()
    pages, submits, memory = [0.0], [0.0], [0.0]
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            pages.append(witness.page())
            submits.append(witness.submit())
            memory.append(served.memory() - before)
    finally:
        process.kill()
        process.join()
        witness.http.close()
    return Felt(max(pages), max(submits), max(memory))


class Witness:
    """Somebody who is signed in, and times what they do."""

    def __init__(self, served: Served, session: str) -> None:
        self.port = served.port
        self.url = served.url
        self.session = session
        cookies = {"sessionid": session}
        self.http = httpx.Client(base_url=served.url, cookies=cookies, timeout=60, trust_env=False)

    def page(self) -> float:
        begun = time.monotonic()
        self.http.get("/").raise_for_status()
        return time.monotonic() - begun

    def submit(self) -> float:
        """Return how long the answer to a submit took, on a socket that was open before."""
        command = {
            "type": "turn.submit",
            "request_id": str(uuid.uuid4()),
            "conversation_id": str(uuid.uuid4()),
            "client_id": str(uuid.uuid4()),
            "text": "Hello?",
            "image_ids": [],
        }
        cookie = {"Cookie": f"sessionid={self.session}"}
        address = f"ws://127.0.0.1:{self.port}/ws/chat/"
        with connect(address, origin=Origin(self.url), additional_headers=cookie, proxy=None) as opened:
            begun = time.monotonic()
            opened.send(json.dumps(command))
            _until(opened, "request.done")
            taken = time.monotonic() - begun
            _until(opened, "reply.settled")
        return taken


def _until(opened: ClientConnection, kind: str) -> None:
    while json.loads(opened.recv(timeout=60))["type"] != kind:
        pass
