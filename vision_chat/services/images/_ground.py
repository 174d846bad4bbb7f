"""The ground on which a transparent image is shown: models, thumbnails and JPEG know no transparency."""

from typing import Final

from PIL import Image

_COLOURS: Final = {"white": (255, 255, 255), "black": (24, 24, 24), "grey": (128, 128, 128)}
"""In the order in which they are tried."""

_TOO_NEAR: Final = 64  # levels of lightness by which something differs too little from its ground
_HIDDEN: Final = 0.1  # the part of what is visible that a ground may hide
_SAMPLE_SIDE: Final = 512
_STRIP_PIXELS: Final = 1 << 20
_FAINTEST: Final = 24  # alpha below which nobody sees anything


def ground_of(image: Image.Image) -> str:
    """Return the name of a ground that contrasts with the image; "" where nothing is transparent."""
    if image.mode != "RGBA":
        return ""
    # reduced, since lightness alone is looked at; Pillow weighs colours by their alpha there
    sample = image.reduce(max(1, max(image.size) // _SAMPLE_SIDE))
    alpha = sample.getchannel("A")
    faintest = min(_FAINTEST, max(1, int(alpha.getextrema()[1])))  # type: ignore[arg-type]  # one band
    visible = alpha.point(lambda value: 255 if value >= faintest else 0)
    lightness = sample.convert("RGB").convert("L").histogram(visible)
    hidden = {name: _hidden_by(colour[0], lightness) for name, colour in _COLOURS.items()}
    return next(
        (name for name in hidden if hidden[name] <= _HIDDEN), min(hidden, key=lambda name: hidden[name])
    )


def on_ground(image: Image.Image, ground: str | None = None) -> Image.Image:
    """Convert to RGB, on this ground where the image is transparent; None chooses one."""
    if image.mode != "RGBA":
        return image if image.mode == "RGB" else image.convert("RGB")
    canvas = Image.new("RGB", image.size, colour_of(ground_of(image) if ground is None else ground))
    rows = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(image.height, top + rows)))
        canvas.paste(strip, (0, top), strip.getchannel("A"))
    return canvas


def colour_of(ground: str) -> tuple[int, int, int]:
    """Return the colour of a ground; white for no name."""
    return _COLOURS.get(ground, _COLOURS["white"])


def _hidden_by(level: int, histogram: list[int]) -> float:
    """The part of the visible pixels whose lightness is about that of the ground."""
    near = sum(histogram[max(0, level - _TOO_NEAR) : level + _TOO_NEAR])
    return near / max(1, sum(histogram))
