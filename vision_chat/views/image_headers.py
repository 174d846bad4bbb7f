"""Headers of responses that are pictures: what a browser may do with one, and how long it keeps it."""

from collections.abc import Sequence
from typing import Final

from vision_chat.models import UploadedImage

IMAGE_HEADERS: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}
IMMUTABLE: Final = "private, max-age=31536000, immutable"
REVALIDATED: Final = "private, no-cache"
NOT_KEPT: Final = "private, no-store"


def kept_by_browsers(
    person_id: int | None, images: Sequence[UploadedImage], otherwise: str = IMMUTABLE
) -> str:
    """Return the Cache-Control of what shows these images: `otherwise` where a sent message shows each.

    Others may be redacted and forgotten yet. No browser keeps those, so that none shows them afterwards; nor
    those of somebody else, which may be read for a while only.
    """
    if any(image.owner_id != person_id for image in images):
        return NOT_KEPT
    ids = {image.pk for image in images}
    return otherwise if UploadedImage.objects.filter(pk__in=ids).sent().count() == len(ids) else NOT_KEPT
