"""Limits of one question, checked when it is written, and again when one that waited is sent."""

from vision_chat.errors.turns import TooManyImagesError, TurnEmptyError, TurnTooLongError

MAX_TEXT_LENGTH = 60_000


def check_text_and_images(text: str, image_count: int, max_images: int) -> None:
    """Raise a TurnError where nothing may be asked so."""
    if not text and not image_count:
        raise TurnEmptyError
    if len(text) > MAX_TEXT_LENGTH:
        raise TurnTooLongError(limit=MAX_TEXT_LENGTH)
    if image_count > max_images:
        raise TooManyImagesError(limit=max_images)
