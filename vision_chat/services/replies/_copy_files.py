"""Files of copies, as a request holds them, and as its record describes them."""

import base64
from dataclasses import dataclass

from vision_chat.errors.turns import ImageGoneError
from vision_chat.models import ImageCopy
from vision_chat.services.replies._request_texts import hash_of
from vision_chat.services.vision.request_rules import RequestRules


@dataclass(frozen=True, slots=True)
class CopyFile:
    """A copy and the bytes of its file."""

    copy: ImageCopy
    data: bytes

    @property
    def content_type(self) -> str:
        return "image/png" if str(self.copy.file.name).endswith(".png") else "image/jpeg"

    @property
    def url(self) -> str:
        return f"data:{self.content_type};base64,{base64.b64encode(self.data).decode('ascii')}"


def read(copy: ImageCopy) -> CopyFile:
    """Read the file of a copy (blocks). Raises ImageGoneError."""
    try:
        with copy.file.open("rb") as file:
            return CopyFile(copy, file.read())
    except OSError as error:
        raise ImageGoneError(repr(error)) from error


def image_record(file: CopyFile, rules: RequestRules) -> dict[str, object]:
    """Describe an image for the record of the request, without its data."""
    copy = file.copy
    return {
        "image_id": str(copy.image_id),
        "recipe": copy.recipe,
        "type": file.content_type,
        "width": copy.width,
        "height": copy.height,
        "bytes": len(file.data),
        "tokens": rules.billed_tokens(copy.width, copy.height),
        "sha256": hash_of(file.data),
    }
