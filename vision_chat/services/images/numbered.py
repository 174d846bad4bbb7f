"""A small picture with a number on it, which shows whether a model sees pictures."""

from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

SIZE: Final = (448, 224)
LETTERS: Final = 120
QUALITY: Final = 90


def numbered_image(number: int) -> bytes:
    """Return a JPEG of 448 x 224 pixels with the number in its middle, black on white."""
    image = Image.new("RGB", SIZE, "white")
    middle = (SIZE[0] / 2, SIZE[1] / 2)
    ImageDraw.Draw(image).text(
        middle, str(number), fill="black", font=ImageFont.load_default(LETTERS), anchor="mm"
    )
    file = BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()
