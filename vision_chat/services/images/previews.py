"""Small images of what is not stored, such as the pages of a document that is being looked at."""

from pathlib import Path
from typing import Final

from vision_chat.services.images._decoding import decode
from vision_chat.services.images.encoding import Rendition, encode_thumbnail
from vision_chat.services.images.limits import Limits

PREVIEW: Final = Limits(thumbnail_side=400)


def make_preview(path: Path) -> Rendition:
    """Return the image of a file as a thumbnail. Blocks. Raises ImageErrors."""
    with path.open("rb") as file:
        return encode_thumbnail(decode(file, PREVIEW).image, "", PREVIEW)
