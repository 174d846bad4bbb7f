"""Images as large as may be: what another person's tiny one waits for, and the memory that each takes."""

import asyncio
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import httpx
import uvloop
from PIL import Image

from tests.attack.finding import Finding, at_most
from tests.attack.one_person import SUBMIT_BAR, Scene, scenes
from tests.support import sample_images

LARGEST = (8_000, 6_125)
"""49 megapixels."""
OF_A_PHONE = (16_000, 12_400)
"""198 megapixels, as the largest sensors of telephones have."""
MANY = 25
TINY_BAR = 2.0
"""Seconds: the one image that is being processed, and the tiny one."""
MEMORY_BAR = 450 + 30
"""Megabytes: the setting, and the file itself with what the server does besides."""
CHOOSING = 1.5
"""Seconds until somebody has chosen their next image."""
TOKEN = "a" * 32


def uploads(data_dir: Path) -> Iterator[Finding]:
    """Upload many of the largest images at once; then one of each kind of file."""
    tiny = sample_images.encoded(sample_images.scene((64, 64)), "PNG")
    large = _photograph(LARGEST)
    for scene in scenes(data_dir):
        slowest, submit = uvloop.run(_crowd(scene, large, tiny))
        name = f"{MANY} images of 49 megapixels of one person at once"
        yield at_most(f"{name}: another's slowest tiny image", slowest, TINY_BAR, "s", digits=1)
        yield at_most(f"{name}: another's slowest submit", submit, SUBMIT_BAR, "s")
        for kind, data in _kinds():
            before = scene.served.memory()
            scene.served.forget_peak()
            answer = uvloop.run(_upload_once(scene, data))
            peak = scene.served.memory("VmHWM") - before
            yield at_most(f"{kind}, {answer}: memory at its peak", peak, MEMORY_BAR, "MB", digits=0)


def _photograph(size: tuple[int, int]) -> bytes:
    return sample_images.encoded(sample_images.scene((800, 600)).resize(size), "JPEG", quality=85)


def _kinds() -> Iterator[tuple[str, bytes]]:
    scene = sample_images.scene((800, 600))
    yield "JPEG of 198 megapixels", _photograph(OF_A_PHONE)
    large = scene.resize(LARGEST)
    yield "progressive JPEG of 49 megapixels", sample_images.encoded(large, "JPEG", progressive=True)
    yield "PNG of 49 megapixels", sample_images.encoded(large, "PNG", compress_level=1)
    yield "PNG of 49 megapixels of one bit", sample_images.encoded(Image.new("1", LARGEST, 1), "PNG")
    yield "transparent PNG of 49 megapixels", sample_images.encoded(Image.new("LA", LARGEST), "PNG")
    # of grain they would have more bytes than are taken
    smooth, even = (
        Image.linear_gradient("L").resize(LARGEST).convert("RGB"),
        Image.new("I;16", LARGEST, 9_000),
    )
    yield "TIFF of 49 megapixels", sample_images.encoded(smooth, "TIFF", compression="tiff_lzw")
    yield "TIFF of 49 megapixels of 16 bits", sample_images.encoded(even, "TIFF", compression="tiff_lzw")
    yield "WebP of 49 megapixels", sample_images.encoded(large, "WEBP", quality=50, method=0)
    yield "WebP of 24 megapixels", sample_images.encoded(scene.resize((6_000, 4_000)), "WEBP", method=0)


async def _crowd(scene: Scene, large: bytes, tiny: bytes) -> tuple[float, float]:
    neighbour = scene.prepared.sessions[3]
    async with _browser(scene) as http:
        for session in (scene.attacker, neighbour):  # who uploads has opened the page before
            (await http.get("/", headers={"Cookie": f"sessionid={session}"})).raise_for_status()
        crowd = [asyncio.create_task(_post(scene.attacker, http, large)) for _ in range(MANY)]
        await asyncio.sleep(CHOOSING)
        asking = asyncio.create_task(scene.slowest_submit())
        slowest = 0.0
        while not all(task.done() for task in crowd):
            begun = time.monotonic()
            (await _post(neighbour, http, tiny)).raise_for_status()
            slowest = max(slowest, time.monotonic() - begun)
            await asyncio.sleep(CHOOSING)
        await asyncio.gather(*crowd, return_exceptions=True)
        return slowest, await asking


async def _upload_once(scene: Scene, data: bytes) -> str:
    """Return what became of it."""
    async with _browser(scene) as http:
        answer = await _post(scene.attacker, http, data)
    return "taken" if answer.is_success else f"refused ({answer.json()['code']})"


def _browser(scene: Scene) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=scene.served.url, timeout=300, trust_env=False)


async def _post(session: str, http: httpx.AsyncClient, data: bytes) -> httpx.Response:
    headers = {"Cookie": f"sessionid={session}; csrftoken={TOKEN}", "X-CSRFToken": TOKEN}
    return await http.post("/images/", files={"images": ("image", BytesIO(data))}, headers=headers)
