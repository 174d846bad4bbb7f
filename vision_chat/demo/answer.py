"""What the demo says. All of it is measured or known; nothing is made up."""

from collections.abc import Callable, Sequence
from typing import Final

from vision_chat.demo.measure import LUMA, Measurement

DISCLAIMER: Final = (
    "*This is the built-in demo, not a language model. To connect the real one, put "
    "`AIMLAPI_KEY=your-key` into the file `.env` and start the server again.*"
)

WITHOUT_PICTURE: Final = """\
## Send me a picture

Without a picture there is nothing for me to do, because I do not understand text. \
Drop a picture anywhere on this page, paste one, or choose it with the button beside the text field. \
Then I can tell you

1. its **size**, format and orientation,
2. its **main colours**, with the share of each,
3. its **brightness**, **contrast** and **sharpness**.

What I cannot do: recognise people, things or writing, or answer questions. The real model can.

While I write, you can try out this page:

- press *Stop*, then let the answer be written again,
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


def write(question: str, pictures: Sequence[Measurement | str], *, are_new: bool = True) -> str:
    """The answer to `question`. A picture that could not be measured is the reason in words."""
    parts = [DISCLAIMER]
    if not pictures:
        return "\n\n".join([*parts, WITHOUT_PICTURE.strip()])
    if not are_new:
        parts.append("There was no new picture, so this is about the latest one.")
    for number, picture in enumerate(pictures, 1):
        heading = "## What I measured" if len(pictures) == 1 else f"## Picture {number}"
        parts += [heading, *_picture(question, picture)]
    parts.append(
        "> I cannot say **what** a picture shows, nor answer a question about it: "
        "these are measurements, and the rest needs the real model."
    )
    return "\n\n".join(parts)


def _picture(question: str, picture: Measurement | str) -> list[str]:
    if isinstance(picture, str):
        return [f"This picture could not be measured: {picture}."]
    return [section(picture) for section in _sections(question)]


def _sections(question: str) -> list[Section]:
    """Those which the question's words ask for; all of them when it has none of the words."""
    words = question.lower()
    asked = [section for section, keys in KEYWORDS.items() if any(key in words for key in keys)]
    return asked or list(KEYWORDS)


def _size(picture: Measurement) -> str:
    return (
        f"The picture arrived as a {picture.format} of **{picture.width} × {picture.height} pixels**: "
        f"{picture.orientation}, with an aspect ratio of about {picture.ratio}."
    )


def _colours(picture: Measurement) -> str:
    rows = [f"| `{colour.hex}` | {colour.name} | {colour.share:.0%} |" for colour in picture.colours]
    return "\n".join(["### Main colours", "", "| Colour | Name | Share |", "|---|---|--:|", *rows])


def _light(picture: Measurement) -> str:
    red, green, blue = picture.mean
    terms = " + ".join(
        rf"{weight} \cdot {value:.2f}" for weight, value in zip(LUMA, picture.mean, strict=True)
    )
    return "\n\n".join(
        [
            "### Light",
            f"- **Brightness** {picture.brightness:.2f} of 1: {_word(picture.brightness, BRIGHTNESS)}\n"
            f"- **Contrast** {picture.contrast:.2f}: {_word(picture.contrast, CONTRAST)}",
            f"The channels have the means $R = {red:.2f}$, $G = {green:.2f}$ and $B = {blue:.2f}$, "
            "and the brightness is their weighted sum:",
            f"$$Y = {terms} = {picture.brightness:.2f}$$",
            CODE.strip(),
        ]
    )


def _sharpness(picture: Measurement) -> str:
    return (
        "### Sharpness\n\n"
        f"The Laplacian $\\nabla^2 Y$ has a variance of **{picture.sharpness:.0f}**: "
        f"{_word(picture.sharpness, SHARPNESS)}. Noise and fine texture raise it too, "
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
