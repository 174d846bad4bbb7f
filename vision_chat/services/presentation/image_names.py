"""Names of images in sentences."""

from collections.abc import Iterable
from typing import Final

from vision_chat.services.direction import isolated

MAX_NAME_LENGTH: Final = 32
"""Longest name of an image in a sentence, in characters."""


def listed(names: Iterable[str]) -> str:
    """Return names with commas between, each of limited length and of its own direction."""
    return ", ".join(isolated(_shortened(name)) for name in names)


def _shortened(name: str) -> str:
    """Cut a long file name in the middle, because its beginning and its end identify it."""
    return name if len(name) <= MAX_NAME_LENGTH else f"{name[: MAX_NAME_LENGTH - 12]}…{name[-11:]}"
