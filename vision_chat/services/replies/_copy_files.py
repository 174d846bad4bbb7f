"""Files of copies, as a request holds them, and as its record describes them."""

import base64
from dataclasses import dataclass

from vision_chat.models import ImageCopy
from vision_chat.services.replies._request_texts import hash_of
from vision_chat.services.uploads.copies import read_copy
from vision_chat.services.vision.bundles import PlannedCopy
from vision_chat.services.vision.recipes import Placement
from vision_chat.services.vision.request_rules import RequestRules


@dataclass(frozen=True, slots=True)
class CopyFile:
    """A copy, its plan, and the bytes of its file."""

    plan: PlannedCopy
    copy: ImageCopy
    data: bytes

    @property
    def content_type(self) -> str:
        return "image/png" if str(self.copy.file.name).endswith(".png") else "image/jpeg"

    @property
    def url(self) -> str:
        return f"data:{self.content_type};base64,{base64.b64encode(self.data).decode('ascii')}"


def read(plan: PlannedCopy, copy: ImageCopy) -> CopyFile:
    """Read the file of a copy (blocks). Raises ImageGoneError, and OSError where the storage is away."""
    return CopyFile(plan, copy, read_copy(copy))


def image_record(file: CopyFile, rules: RequestRules) -> dict[str, object]:
    """Describe an image for the record of the request, without its data.

    `shows` says which part of which original has which place in the copy, so that places in an answer can be
    mapped back. A copy that was encoded smaller than planned to save bytes has its places scaled.
    """
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
        "shows": [_placement_record(each, file) for each in file.plan.recipe.placements],
    }


def _placement_record(placement: Placement, file: CopyFile) -> dict[str, object]:
    recipe, copy = file.plan.recipe, file.copy
    along, down = copy.width / recipe.width, copy.height / recipe.height
    left, top, right, bottom = placement.place
    return {
        "image_id": str(file.plan.image_ids[placement.source]),
        "part": list(placement.part),
        "place": [left * along, top * down, right * along, bottom * down],
    }
