"""Refusals of one image: which they are, and which image they name. No I/O."""

from dataclasses import dataclass

from vision_chat.services.completions import _refusals as refusals


@dataclass(frozen=True, slots=True)
class ImagePath:
    """The place of an image in a request as a refusal names it, counted from 0; None where it names none.

    `part` counts all parts of the message, `image` its images alone.
    """

    message: int
    part: int | None = None
    image: int | None = None


def is_about_an_image(words: str) -> bool:
    """Return whether a refusal says that the endpoint cannot use one of the images."""
    words = " ".join(words.split())
    return any(pattern.search(words) for pattern in refusals.BAD_IMAGE)


def image_path_in(words: str) -> ImagePath | None:
    """Return which image a refusal names; None where it does not say."""
    found = refusals.IMAGE_PART.search(" ".join(words.split()))
    if found is None:
        return None
    return ImagePath(int(found["message"]), _number(found["part"]), _number(found["image"]))


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)
