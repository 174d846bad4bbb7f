"""Images as a message shows them, and the copies that a request needs for that, as data."""

import uuid
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from vision_chat.services.vision.recipes import Box, Recipe, recipe_for
from vision_chat.services.vision.request_rules import RequestRules

Detail = Literal["fit", "low", "fine"]


@dataclass(frozen=True, slots=True)
class LetteredBox:
    """A region of an image: its letter, and the rectangle in fractions of the sides."""

    letter: str
    box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An image as a message shows it: its size in pixels, and what the person wants the model to see of it.

    `calm_rows` are those at which it can be cut, if it is a long strip. `tiles` are the numbers of those that
    go, where it is shown in fine print; None for all.
    """

    image_id: uuid.UUID
    width: int
    height: int
    calm_rows: tuple[int, ...] = ()
    detail: Detail = "fit"
    tiles: tuple[int, ...] | None = None
    regions: tuple[LetteredBox, ...] = ()

    @property
    def is_looked_into(self) -> bool:
        """True where the person wants parts of it to be seen large."""
        return bool(self.regions) or self.detail == "fine"


@dataclass(frozen=True, slots=True)
class PlannedCopy:
    """A copy that is to be made: its recipe, and the images that are the recipe's sources."""

    recipe: Recipe
    image_ids: tuple[uuid.UUID, ...]

    @property
    def name(self) -> str:
        """The name under which the copy is kept among those of its first image."""
        if len(self.image_ids) == 1:
            return self.recipe.name
        others = sha256(b"".join(image_id.bytes for image_id in self.image_ids[1:])).hexdigest()
        return f"{self.recipe.name}-{others[:12]}"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Copies that go with a request together or not at all, and the images that they show.

    `caption` tells the model what they show; "" where each is a whole image.
    """

    copies: tuple[PlannedCopy, ...]
    caption: str = ""

    @property
    def image_ids(self) -> tuple[uuid.UUID, ...]:
        """The images that are sent if this is, in their order."""
        return tuple(dict.fromkeys(image_id for copy in self.copies for image_id in copy.image_ids))


def whole_copy(image: Shown, rules: RequestRules) -> PlannedCopy:
    """Return the copy of the whole image, as large as the model can use it."""
    return PlannedCopy(recipe_for(rules, image.width, image.height), (image.image_id,))
