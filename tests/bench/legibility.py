"""Measure how much of a page can be read from what would be sent of it, by Tesseract (Debian: tesseract-ocr).

A page of 12 megapixels has nine blocks of words, of 8 to 40 pixels and in several fonts. Every second page
lies on its side, as its EXIF says. Words that are read count, whatever else is read beside them.
"""

import random
import re
import shutil
import subprocess
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from tests.bench.ground import Ground
from tests.bench.table import Row, say
from tests.support.paths import ROOT
from vision_chat.services.images.copies import make_copy
from vision_chat.services.images.encoding import Rendition
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.processing import process
from vision_chat.services.vision.bundles import Bundle, bundles_of
from vision_chat.services.vision.estimates import Estimate, estimate, total
from vision_chat.services.vision.fine_print import fine_print
from vision_chat.services.vision.plans import LetteredBox, Shown
from vision_chat.services.vision.recipes import Box
from vision_chat.services.vision.request_rules import RequestRules, request_rules
from vision_chat.services.vision.selection import CopySize

AIMLAPI: Final = "https://api.aimlapi.com/v1"
MODELS: Final = {
    "Llama 3.2 (1 MB)": request_rules(AIMLAPI, "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo"),
    "Qwen3-VL (16 megapixels)": request_rules(AIMLAPI, "qwen3-vl"),
}
SIZE: Final = (4000, 3000)
TEXT_SIZES: Final = (8, 10, 12, 14, 16, 20, 24, 32, 40)
FONTS: Final = ("", "DejaVuSerif.ttf", "LiberationSans-Regular.ttf", "DejaVuSansMono.ttf")
WORDS: Final = 45
SHRUNK: Final = 1120
LEAST: Final = 0.95
"""The share that must be read of what is read from the original."""
_SIDEWAYS: Final = 6
_ORIENTATION: Final = 0x0112


@dataclass(frozen=True, slots=True)
class Page:
    """A stored original, its size, and the words on it."""

    data: bytes
    width: int
    height: int
    words: Counter[str]


@dataclass(slots=True)
class Reading:
    """What was read of some copies, and what those take."""

    words: int = 0
    taken: Estimate = field(default_factory=Estimate)

    def add(self, page: Page, copies: Sequence[Rendition], rules: RequestRules) -> None:
        found: Counter[str] = Counter()
        for copy in copies:
            found |= read(copy.data)
        self.words += (found & page.words).total()
        sizes = [CopySize(copy.width, copy.height, len(copy.data)) for copy in copies]
        self.taken = total([self.taken, estimate(sizes, rules)])


def words(ground: Ground, rounds: int) -> Iterator[Row]:  # each section is called so
    """The share of words that are read from each way of sending a page, for each model."""
    if shutil.which("tesseract") is None:
        say("Legibility is not measured: Tesseract is not installed (apt-get install tesseract-ocr).")
        return
    pages = [page(number) for number in range(2)]
    written = sum(each.words.total() for each in pages)
    original = sum((read(each.data) & each.words).total() for each in pages)
    yield Row(figure="words read from the original", bar="–", ours=share(original, written))
    shrunk = sum((read(smaller(each)) & each.words).total() for each in pages)
    yield Row(
        figure=f"words read where it is shrunk to {SHRUNK} pixels", bar="–", ours=share(shrunk, written)
    )
    for name, rules in MODELS.items():
        for way in ("fit", "region", "fine print"):
            reading = Reading()
            for each in pages:
                add_way(reading, way, each, rules)
            taken = reading.taken
            is_bound = way != "fit"
            yield Row(
                figure=f"{name}, {way}: {len(taken.copies) // len(pages)} copies a page, "
                f"{taken.bytes / len(pages) / 1e6:.1f} MB, {taken.tokens // len(pages):,} tokens",
                bar=f">= {LEAST:.0%} of the original’s" if is_bound else "–",
                ours=share(reading.words, written),
                relay=share(original, written),
                ratio=f"{reading.words / original:.2f}",
                is_met=reading.words >= LEAST * original if is_bound else None,
            )


def share(read_words: int, written: int) -> str:
    return f"{read_words / written:.1%}"


def add_way(reading: Reading, way: str, page: Page, rules: RequestRules) -> None:
    """Read a page as this way shows it: each third as a region, every part in fine print."""
    bundles = list(ways(way, page, rules))
    copies = [copy.recipe for bundle in bundles for copy in bundle.copies]
    made = [make_copy([BytesIO(page.data)], recipe, "JPEG") for recipe in dict.fromkeys(copies)]
    reading.add(page, made, rules)


def ways(way: str, page: Page, rules: RequestRules) -> Iterator[Bundle]:
    shown = Shown(image_id=uuid.uuid4(), width=page.width, height=page.height)
    if way == "fit":
        yield from bundles_of([shown], rules)
    elif way == "region":
        for box in thirds():
            region = LetteredBox("A", box)
            yield from bundles_of([replace(shown, regions=(region,))], rules)
    elif rules.max_images > 1:
        yield from bundles_of([replace(shown, detail="fine")], rules)
    else:
        count = len(fine_print(rules, page.width, page.height, 0).recipes)
        for number in range(count):
            yield from bundles_of([replace(shown, detail="fine", tiles=(number,))], rules)


def thirds() -> list[Box]:
    return [Box(x / 3, y / 3, (x + 1) / 3, (y + 1) / 3) for y in range(3) for x in range(3)]


def page(number: int) -> Page:
    """Draw a page and store it as an upload is."""
    chosen = random.Random(number)
    sheet = Image.new("RGB", SIZE, (250, 249, 244))
    drawing = ImageDraw.Draw(sheet)
    # each once, so that it is known which one was read
    drawn = chosen.sample(vocabulary(), WORDS * len(TEXT_SIZES))
    sizes = chosen.sample(TEXT_SIZES, len(TEXT_SIZES))
    for number_of_block, (box, size) in enumerate(zip(thirds(), sizes, strict=True)):
        draw(drawing, drawn[number_of_block * WORDS :][:WORDS], size, box)
    upload = BytesIO()
    if number % 2:
        exif = Image.Exif()
        exif[_ORIENTATION] = _SIDEWAYS
        sheet.rotate(90, expand=True).save(upload, "JPEG", quality=95, exif=exif)
    else:
        sheet.save(upload, "JPEG", quality=95)
    original = process(upload, Limits(max_megapixels=50), RequestRules()).original
    return Page(original.data, original.width, original.height, Counter(drawn))


def draw(drawing: ImageDraw.ImageDraw, block: list[str], size: int, third: Box) -> None:
    """Draw words as lines in the middle of a third."""
    font = font_of(size)
    left, top = round(third.left * SIZE[0]) + 90, round(third.top * SIZE[1]) + 90
    right = round(third.right * SIZE[0]) - 90
    x = left
    for word in block:
        width = drawing.textlength(word + "  ", font)
        if x + width > min(right, left + 45 * size):
            x, top = left, top + round(1.6 * size)
        drawing.text((x, top), word, (20, 20, 30), font)
        x += round(width)


def font_of(size: int) -> "ImageFont.FreeTypeFont | ImageFont.ImageFont":
    name = FONTS[TEXT_SIZES.index(size) % len(FONTS)]
    try:
        return ImageFont.truetype(name, size) if name else ImageFont.load_default(size)
    except OSError:
        return ImageFont.load_default(size)


def vocabulary() -> list[str]:
    """Words of the sample answers."""
    texts = " ".join(path.read_text() for path in sorted((ROOT / "tests/corpus").glob("*.md")))
    return sorted({word.lower() for word in re.findall(r"\b[A-Za-z]{4,9}\b", texts)})


def smaller(page: Page) -> bytes:
    image = Image.open(BytesIO(page.data))
    image.thumbnail((SHRUNK, SHRUNK))
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def read(data: bytes) -> Counter[str]:
    """Return the words that Tesseract reads in an image: enlarged, because it is made for print."""
    image = Image.open(BytesIO(data)).convert("L")
    enlarged = BytesIO()
    image.resize((2 * image.width, 2 * image.height), Image.Resampling.BICUBIC).save(enlarged, "PNG")
    command = ["tesseract", "stdin", "stdout", "--psm", "11"]
    done = subprocess.run(command, input=enlarged.getvalue(), capture_output=True, check=True)
    return Counter(word.lower() for word in re.findall(r"[A-Za-z]{4,}", done.stdout.decode()))
