"""A turn for the runner: the reply to be written, its branch and its settings."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self, cast

from vision_chat.models import Generation, Message, MessageImage, UploadedImage
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.thoughts.divider import Divider
from vision_chat.services.thoughts.division import Part
from vision_chat.services.vision.bundles import Detail, LetteredBox, Shown
from vision_chat.services.vision.recipes import Box
from vision_chat.services.vision.selection import Inclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnSettings:
    """Endpoint, model and parameters of a turn. Decided when it is submitted; stored on its completion."""

    endpoint: Endpoint
    parameters: Parameters
    system_prompt: str = ""
    language_model_id: int | None = None
    """The row of the model; None for the model of the environment."""


@dataclass(frozen=True, slots=True)
class Attached:
    """An image of a message, how that shows it, and what the person wants of it in later turns."""

    image: UploadedImage
    shown: Shown
    inclusion: Inclusion = "rule"

    @classmethod
    def whole(cls, image: UploadedImage, inclusion: Inclusion = "rule") -> Self:
        """Show an image as it is."""
        return cls(image, shown_of(image), inclusion)

    @classmethod
    def of(cls, attachment: MessageImage) -> Self:
        """Read a row that was fetched with its image and regions."""
        image, tiles = attachment.image, attachment.tiles
        shown = shown_of(
            image,
            detail=cast(Detail, attachment.detail),
            tiles=None if tiles is None else tuple(tiles),
            regions=tuple(
                LetteredBox(each.letter, Box(each.x, each.y, each.x + each.width, each.y + each.height))
                for each in attachment.regions.all()
            ),
        )
        return cls(image, shown, cast(Inclusion, attachment.included))


def shown_of(
    image: UploadedImage,
    *,
    detail: Detail = "fit",
    tiles: tuple[int, ...] | None = None,
    regions: tuple[LetteredBox, ...] = (),
) -> Shown:
    """Return what is planned with of an image that is shown so."""
    return Shown(
        image_id=image.pk,
        width=image.width,
        height=image.height,
        calm_rows=tuple(image.calm_rows),
        detail=detail,
        tiles=tiles,
        regions=regions,
    )


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """A message of the branch with the parts that a prompt needs.

    `inclusions` are those of this question alone about images of earlier messages, by their ids.
    """

    message_id: int
    role: str
    text: str
    attached: Sequence[Attached] = ()
    stands_for: int = 1
    """The number of messages that this is: one without a text may stand for all above those that fit, which
    are none any more where only their images are needed.
    """
    has_canvas: bool = True
    inclusions: Mapping[str, Inclusion] = field(default_factory=dict)

    @property
    def wants_images(self) -> bool:
        """Tell whether it has images that are not left out for good."""
        return any(each.inclusion != "never" for each in self.attached)

    @classmethod
    def of(cls, message: Message, text: str, attached: Sequence[Attached]) -> Self:
        """Read a row; `text` is what a prompt has of it."""
        return cls(
            message.pk,
            message.role,
            text,
            attached,
            has_canvas=message.has_canvas,
            inclusions=message.earlier_images,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PartToAsk:
    """A part of a picture that a request of its own is about: its number, from 1, and its tile.

    `heading` is what stands above its answer, `branch` ends with the question as it shows this part alone.
    """

    image_id: uuid.UUID
    number: int
    tile: int
    heading: str
    branch: Sequence[PromptMessage]


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question and its reply, with what writing the reply needs.

    `branch` ends with the question, or with the reply itself where it is continued: then `parts` is what
    earlier generations have written of it, and `thought_ms` the time of their thinking.
    """

    reply: Message
    generation: Generation
    branch: Sequence[PromptMessage]
    settings: TurnSettings
    is_continued: bool = False
    parts: Sequence[Part] = ()
    divider: Divider | None = None
    """A divider that has read `parts`, which takes up to 0.1 s: made where nobody waits for it."""
    thought_ms: int = 0
    to_ask: Sequence[PartToAsk] = ()
    """The parts that are asked about after this, in the same reply, each with a generation of its own."""

    @property
    def is_of_part(self) -> bool:
        """True where the request is about one of several parts of a picture."""
        return self.generation.tile is not None

    def of_next_part(self, generation: Generation) -> Self:
        """Return the turn of the part that is asked about next, whose rows are these."""
        part, *rest = self.to_ask
        return replace(self, generation=generation, branch=part.branch, is_continued=False, to_ask=rest)
