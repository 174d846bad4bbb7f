"""What the tests of pictures share: running one through, and looking at what came out."""

from io import BytesIO

from PIL import Image

from vision_chat.errors.images import ImageError
from vision_chat.services.images.encoding import Rendition
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.processing import Processed, process
from vision_chat.services.vision.request_rules import RequestRules, request_rules

LIMITS = Limits()
LLAMA = request_rules("https://api.aimlapi.com/v1", "llama-3.2-vision")


class CountingFile(BytesIO):
    """Counts the bytes that are read from it."""

    count = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.count += len(data)
        return data


def run(data: bytes, limits: Limits = LIMITS, rules: RequestRules = LLAMA) -> Processed:
    return process(BytesIO(data), limits, rules)


def opened(rendition: Rendition) -> Image.Image:
    return Image.open(BytesIO(rendition.data))


def renditions(processed: Processed) -> tuple[Rendition, Rendition, Rendition]:
    return processed.original, processed.thumbnail, processed.copy


def pixel(rendition: Rendition, x: float, y: float) -> tuple[int, int, int]:
    """The colour at this fraction of width and height."""
    image = opened(rendition).convert("RGB")
    value = image.getpixel((int(x * (image.width - 1)), int(y * (image.height - 1))))
    assert isinstance(value, tuple)
    return value[0], value[1], value[2]


def close(one: tuple[int, ...], other: tuple[int, ...], tolerance: int = 12) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(one, other, strict=True))


def assert_is_the_chart(rendition: Rendition) -> None:
    assert close(pixel(rendition, 0.2, 0.2), (255, 0, 0))
    assert close(pixel(rendition, 0.8, 0.2), (0, 255, 0))
    assert close(pixel(rendition, 0.2, 0.8), (0, 0, 255))
    assert close(pixel(rendition, 0.8, 0.8), (255, 255, 255))


def is_processed_or_refused(data: bytes) -> bool:
    """Tell whether the image has a copy that can be opened, or an ImageError; any other error is raised."""
    try:
        processed = run(data, Limits(max_megapixels=1))
    except ImageError:
        return True
    return opened(processed.copy).size == (processed.copy.width, processed.copy.height)
