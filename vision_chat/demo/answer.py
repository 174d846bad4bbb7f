"""The text of the demo's answers, from measurements of the images."""

from collections.abc import Callable, Sequence
from typing import Final

from vision_chat.demo.measure import LUMA, Measurement

DISCLAIMER: Final = (
    "*This is the built-in demo, not a language model. To connect the real one, put "
    "`AIMLAPI_KEY=your-key` into the file `.env` and start the server again.*"
)

WITHOUT_IMAGE: Final = """\
## Send me a picture

Without a picture there is nothing I can do, because I do not understand text. \
Drop a picture anywhere on this page, paste one, or choose it with the button beside the text field. \
Then I can tell you

1. its **size**, format and orientation,
2. its **main colours**, with the share of each,
3. its **brightness**, **contrast** and **sharpness**.

What I cannot do: recognise people, things or writing, or answer questions. The real model can.

While I write, you can try out this page:

- press *Stop*, then have the answer written again,
- close the tab in the middle of an answer and come back: it goes on without you,
- copy this block with its button:

```ini
# .env
AIMLAPI_KEY=your-key
```
"""

CODE: Final = """\
```python
from PIL import Image, ImageStat

with Image.open("picture") as picture:
    sample = picture.convert("RGB")
    sample.thumbnail((512, 512))

red, green, blue = (mean / 255 for mean in ImageStat.Stat(sample).mean)
brightness = 0.2126 * red + 0.7152 * green + 0.0722 * blue
```
"""

Section = Callable[[Measurement], str]


def write(question: str, images: Sequence[Measurement | str], *, are_new: bool = True) -> str:
    """Return the answer to `question`. An image that could not be measured is a text with the reason."""
    parts = [DISCLAIMER]
    if not images:
        return "\n\n".join([*parts, WITHOUT_IMAGE.strip()])
    if not are_new:
        parts.append("There was no new picture, so this is about the latest one.")
    for number, image in enumerate(images, 1):
        heading = "## What I measured" if len(images) == 1 else f"## Picture {number}"
        parts += [heading, *_sections_of(question, image)]
    parts.append(
        "> I cannot say **what** a picture shows, nor answer a question about it: "
        "these are measurements, and the rest needs the real model."
    )
    return "\n\n".join(parts)


def _sections_of(question: str, image: Measurement | str) -> list[str]:
    if isinstance(image, str):
        return [f"This picture could not be measured: {image}."]
    return [section(image) for section in _asked_for(question)]


def _asked_for(question: str) -> list[Section]:
    """Return the sections whose keywords the question contains, or all of them."""
    words = question.lower()
    asked = [section for section, keys in KEYWORDS.items() if any(key in words for key in keys)]
    return asked or list(KEYWORDS)


def _size(image: Measurement) -> str:
    return (
        f"The picture arrived as a {image.format} of **{image.width} × {image.height} pixels**: "
        f"{image.orientation}, with an aspect ratio of about {image.ratio}."
    )


def _colours(image: Measurement) -> str:
    rows = [f"| `{colour.hex}` | {colour.name} | {colour.share:.0%} |" for colour in image.colours]
    return "\n".join(["### Main colours", "", "| Colour | Name | Share |", "|---|---|--:|", *rows])


def _light(image: Measurement) -> str:
    red, green, blue = image.mean
    terms = " + ".join(rf"{weight} \cdot {value:.2f}" for weight, value in zip(LUMA, image.mean, strict=True))
    return "\n\n".join(
        [
            "### Light",
            f"- **Brightness** {image.brightness:.2f} of 1: {_word(image.brightness, BRIGHTNESS)}\n"
            f"- **Contrast** {image.contrast:.2f}: {_word(image.contrast, CONTRAST)}",
            f"The channels have the means $R = {red:.2f}$, $G = {green:.2f}$ and $B = {blue:.2f}$, "
            "and the brightness is their weighted sum:",
            f"$$Y = {terms} = {image.brightness:.2f}$$",
            CODE.strip(),
        ]
    )


def _sharpness(image: Measurement) -> str:
    return (
        "### Sharpness\n\n"
        f"The Laplacian $\\nabla^2 Y$ has a variance of **{image.sharpness:.0f}**: "
        f"{_word(image.sharpness, SHARPNESS)}. Noise and fine texture raise it too, "
        "so it compares pictures of the same kind only."
    )


KEYWORDS: Final[dict[Section, tuple[str, ...]]] = {
    _size: ("size", "pixel", "large", "big", "wide", "orientation", "format"),
    _colours: ("colour", "color", "palette", "hue"),
    _light: ("bright", "dark", "light", "contrast", "expos"),
    _sharpness: ("sharp", "blur", "focus"),
}

BRIGHTNESS: Final = (
    (0.25, "dark"),
    (0.45, "rather dark"),
    (0.6, "medium"),
    (0.8, "bright"),
    (2, "very bright"),
)
CONTRAST: Final = ((0.08, "flat"), (0.18, "moderate"), (0.28, "strong"), (2, "very strong"))
SHARPNESS: Final = (
    (50, "soft or very smooth"),
    (400, "moderately sharp"),
    (float("inf"), "many sharp edges"),
)


def _word(value: float, scale: Sequence[tuple[float, str]]) -> str:
    return next(word for limit, word in scale if value < limit)
