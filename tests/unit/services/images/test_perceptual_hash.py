"""Which images look alike: the same ones saved again, and no others."""

from collections.abc import Callable, Sequence
from io import BytesIO

import pytest
from PIL import Image, ImageDraw, ImageEnhance

from tests.support import sample_images
from vision_chat.services.images.perceptual_hash import (
    FEATURELESS,
    NEAR,
    difference,
    look_alike,
    perceptual_hash,
)

Change = Callable[[Image.Image], Image.Image]
WORDS = ["stairs", "lead", "down", "to", "a", "red", "door", "with", "windows", "above", "one", "lamp"]


def hash_of(image: Image.Image) -> int:
    """Return the hash of what an upload would have as its thumbnail."""
    small = image.copy()
    small.thumbnail((704, 704))
    return perceptual_hash(sample_images.encoded(small.convert("RGB"), "WEBP", quality=78))


def page(number: int) -> Image.Image:
    """Return a page of text that differs from others by its words and the lengths of its lines."""
    image = Image.new("RGB", (800, 1100), "white")
    draw = ImageDraw.Draw(image)
    for line in range(35):
        start = (number * 7 + line * 5) % len(WORDS)
        length = 2 + (number * 11 + line * line) % 12
        draw.text((50, 40 + line * 29), " ".join((WORDS * 3)[start : start + length]), "black", font_size=18)
    return image


def saved_again(image: Image.Image, to: str, quality: int) -> Image.Image:
    return Image.open(BytesIO(sample_images.encoded(image, to, quality=quality)))


def marked(image: Image.Image) -> Image.Image:
    changed = image.copy()
    ImageDraw.Draw(changed).rectangle((100, 100, 160, 130), fill="red")
    return changed


CHANGES: dict[str, Change] = {
    "poor JPEG": lambda image: saved_again(image, "JPEG", 30),
    "WebP": lambda image: saved_again(image, "WEBP", 60),
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "a thumbnail": lambda image: image.resize((image.width // 5, image.height // 5)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "grey": lambda image: image.convert("L"),
    "a mark": marked,
}


@pytest.fixture(scope="module")
def scenes() -> Sequence[Image.Image]:
    return [sample_images.scene((900, 700)) for _ in range(6)]


@pytest.mark.parametrize("change", CHANGES)
def test_an_image_that_is_saved_again_or_changed_a_little_looks_alike(
    scenes: Sequence[Image.Image], change: str
) -> None:
    before, after = hash_of(scenes[0]), hash_of(CHANGES[change](scenes[0]))

    assert look_alike(before, after), difference(before, after)


@pytest.mark.parametrize("change", ["poor JPEG", "half the size"])
def test_a_page_of_text_that_is_saved_again_looks_alike(change: str) -> None:
    assert look_alike(hash_of(page(1)), hash_of(CHANGES[change](page(1))))


def test_other_scenes_and_pages_do_not_look_alike(scenes: Sequence[Image.Image]) -> None:
    hashes = [hash_of(image) for image in [*scenes, *map(page, range(6)), sample_images.chart()]]
    differences = [difference(one, other) for place, one in enumerate(hashes) for other in hashes[:place]]

    assert min(differences) > NEAR


def test_a_hash_fits_a_signed_number_of_64_bits(scenes: Sequence[Image.Image]) -> None:
    assert all(-(2**63) <= hash_of(scene) < 2**63 for scene in scenes)
    assert difference(-1, 0) == 64


@pytest.mark.parametrize("colour", ["white", "black", "teal"])
def test_what_has_no_shapes_looks_like_nothing(colour: str) -> None:
    plain = hash_of(Image.new("RGB", (300, 200), colour))

    assert plain == FEATURELESS
    assert not look_alike(plain, plain)


def test_what_is_no_image_has_no_hash() -> None:
    with pytest.raises(OSError, match="cannot identify"):
        perceptual_hash(b"bytes")
