"""The disk of DATA_DIR is full: of a lone server, whose database, pictures and secret key lie there.

python -m tests.chaos.full_data

The disk is a small tmpfs, which only root mounts.
"""

import asyncio
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx

from tests.attack.finding import HEAD, Finding
from tests.bench import processes
from tests.bench.processes import Served
from tests.bench.table import line, say
from tests.chaos.endpoint import expected, question, reciting
from tests.chaos.findings import exactly, said
from tests.chaos.page import Page, RefusedError
from tests.chaos.people import sessions_of
from tests.chaos.services import end_as_by_ctrl_c, temporary_folder
from tests.chaos.site import Disk
from tests.support import sample_images
from tests.support.paths import ROOT

MEGABYTES = 100
MIN_FREE = 20
FULL_FOR = 8.0
LONG = question(1, tokens=500, rate=20)
SHORT = question(2, tokens=20, rate=50)
PATIENCE = 60
TOKEN = "a" * 32
SETTINGS = {"MIN_FREE_MEGABYTES": str(MIN_FREE)}


def main() -> None:
    end_as_by_ctrl_c()
    with temporary_folder() as folder:
        disk = Disk(folder / "var", MEGABYTES)
        disk.mount()
        try:
            if not disk.is_small:
                say("Left out: a tmpfs cannot be mounted here.")
                return
            found = [*asyncio.run(_served(folder / "var", disk)), *_started_on(folder / "var", disk)]
        finally:
            disk.unmount()
    say(line(HEAD))
    say(line("---" for _ in HEAD))
    for finding in found:
        say(line(finding.cells()))
    sys.exit(0 if all(finding.is_met for finding in found) else 1)


async def _served(data_dir: Path, disk: Disk) -> list[Finding]:
    """Let somebody ask and upload before, while and after the disk is full."""
    async with reciting() as fake:
        (session,) = await asyncio.to_thread(sessions_of, 1, data_dir)
        with processes.ours(data_dir, fake.base_url, more=SETTINGS) as served:
            return [finding async for finding in _play(Visitor(served, session), disk)]


class Visitor:
    """Somebody who asks on pages of their own, and uploads."""

    def __init__(self, served: Served, session: str) -> None:
        self.served, self._session = served, session
        self.accepted: dict[Page, str] = {}
        """What was asked on which page."""

    def page(self, conversation_id: str = "") -> Page:
        return Page([self.served], self._session, conversation_id)

    async def ask(self, page: Page, text: str) -> str:
        """Return what became of it: "accepted", or the code of the refusal."""
        fields = {"client_id": str(uuid.uuid4()), "text": text, "image_ids": []}
        try:
            async with asyncio.timeout(PATIENCE):
                await page.request("turn.submit", conversation_id=page.conversation_id, **fields)
        except RefusedError as error:
            return error.code
        except TimeoutError:
            return "no answer"
        self.accepted[page] = text
        return "accepted"

    async def upload(self) -> str:
        """Return what became of a picture: "stored", or the code of the refusal."""
        headers = {"Cookie": f"sessionid={self._session}; csrftoken={TOKEN}", "X-CSRFToken": TOKEN}
        files = {"images": ("photo.jpg", sample_images.photograph((1200, 900)))}
        async with self._browser() as http:
            answer = await http.post("/images/", files=files, headers=headers)
        return "stored" if answer.is_success else f"{answer.status_code} {answer.json()['code']}"

    async def is_whole(self, page: Page) -> bool:
        """Tell whether the answer is complete on the page, with all its words in the database."""
        assert page.last is not None
        async with self._browser() as http:
            cookie = {"Cookie": f"sessionid={self._session}"}
            answer = await http.get(f"/messages/{page.last.id}/text/", headers=cookie)
        return page.last.status == "completed" and answer.text == expected(self.accepted[page])

    async def readiness(self) -> str:
        async with self._browser() as http:
            answer = await http.get("/readyz")
        return f"{answer.status_code} {answer.json().get('disk', '')}".strip()

    def _browser(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.served.url, timeout=PATIENCE, trust_env=False)


async def _play(visitor: Visitor, disk: Disk) -> AsyncIterator[Finding]:
    long, short, later = (visitor.page() for _ in range(3))
    async with long.shown(), short.shown(), later.shown():
        yield _is("with room, a picture", await visitor.upload(), "stored")
        yield _is("with room, a question", await visitor.ask(long, LONG), "accepted")
        await long.until(lambda thread: bool(thread.articles) and thread.articles[-1].revision > 0, PATIENCE)
        with disk.full():
            begun = time.monotonic()
            yield _is("full, a picture", await visitor.upload(), "507 server.disk_full")
            yield _is("full, /readyz", (await visitor.readiness())[:3], "503")
            asked = time.monotonic()
            became = await visitor.ask(short, SHORT)
            yield _is("full, a question", became, "server.not_saved")
            yield said("full, a question: answered after", f"{time.monotonic() - asked:.1f} s")
            await asyncio.sleep(max(0, FULL_FOR - (time.monotonic() - begun)))
        yield _is("with room again, a picture", await visitor.upload(), "stored")
        yield _is("with room again, a question", await visitor.ask(later, SHORT), "accepted")
        await asyncio.gather(*(page.until_answered(PATIENCE) for page in visitor.accepted))
        for finding in await _of_pages(visitor):
            yield finding


async def _of_pages(visitor: Visitor) -> list[Finding]:
    """Look whether everything that was accepted is there, whole, and shown as on a page opened afresh."""
    pages = list(visitor.accepted)
    fresh = [await page.fetch() for page in pages]
    whole = [await visitor.is_whole(page) for page in pages]
    lost = sum(thread is None or not thread.articles for thread in fresh)
    differ = sum(
        thread is None or thread.shown() != page.thread.shown()
        for thread, page in zip(fresh, pages, strict=True)
    )
    return [
        exactly(f"questions lost of {len(pages)} accepted", lost, 0),
        exactly("their answers that are whole", sum(whole), len(pages)),
        exactly("pages that differ from one opened afresh", differ, 0),
        exactly("frames that fit no page", sum(len(page.faults) for page in pages), 0),
    ]


def _started_on(data_dir: Path, disk: Disk) -> Iterator[Finding]:
    """Start a server in a new folder on the full disk, and once more when there is room."""
    new = data_dir / "new"
    new.mkdir()
    with disk.full():
        code, words = _start(new)
        yield Finding(
            attack="a first start on a full disk",
            measured=f"exit code {code}: {words}",
            bar="a sentence that says so",
            is_met=code == 1 and words.startswith("Cannot start"),
        )


def _start(data_dir: Path) -> tuple[int, str]:
    """Return the exit code and the last line of errors."""
    done = subprocess.run(
        [sys.executable, "manage.py", "serve", "--port", str(processes.free_port())],
        cwd=ROOT,
        env=processes.environment(data_dir, more=SETTINGS),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, (done.stderr.strip().splitlines() or [""])[-1]


def _is(what: str, became: str, bar: str) -> Finding:
    return Finding(attack=what, measured=became, bar=bar, is_met=became == bar)


if __name__ == "__main__":
    main()
