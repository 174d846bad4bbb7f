import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.support import sample_images
from tests.support.looking import LIMITS, LLAMA, CountingFile, renditions
from vision_chat.services.images.processing import process


@pytest.fixture(scope="module")
def photograph() -> bytes:
    return sample_images.photograph()


def test_a_photograph_from_a_phone_is_upright_clean_and_read_once(photograph: bytes) -> None:
    file = CountingFile(photograph)
    processed = process(file, LIMITS, LLAMA)

    assert [(made.width, made.height) for made in renditions(processed)] == [
        (3024, 4032),
        (384, 512),
        (840, 1120),
    ]
    assert len(processed.thumbnail.data) <= 25_000
    assert file.count < 1.1 * len(photograph)  # a second decode would read it all again
    for rendition in renditions(processed):
        assert sample_images.SECRET not in rendition.data


MEASURE = """
import asyncio, re, sys
from pathlib import Path
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.processing import process
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.vision.request_rules import RequestRules

def megabytes(name):
    return int(re.search(name + r":\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024

async def main():
    worker = ImageWorker()
    before = megabytes('VmRSS')
    for path in sys.argv[1:]:
        await worker.run(1, process, Path(path), Limits(), RequestRules())
    worker.close()
    print(megabytes('VmHWM') - before, megabytes('VmRSS') - before)

asyncio.run(main())
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="tells memory the Linux way")
def test_photographs_in_a_row_need_the_memory_of_one_and_give_it_back(
    photograph: bytes, tmp_path: Path
) -> None:
    turned, upright = tmp_path / "turned.jpg", tmp_path / "upright.jpg"
    turned.write_bytes(photograph)
    upright.write_bytes(sample_images.encoded(Image.open(BytesIO(photograph)), "JPEG", quality=90))
    files = [str(upright), str(turned), str(upright)]
    alone = subprocess.run(
        [sys.executable, "-c", MEASURE, *files], capture_output=True, check=True, timeout=60
    )
    peak, left = map(int, alone.stdout.split())
    assert peak < 150  # MB; the picture and its turned copy are 49 each
    assert left < 35
