"""A question as a person asks it: its text, its images, and what is chosen about them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from vision_chat.commands import NO_CHOICES, AttachmentChoice, ImageChoices
from vision_chat.errors.turns import ImageChoicesError
from vision_chat.models import Message, UploadedImage
from vision_chat.models.region import MAX_REGIONS
from vision_chat.services.conversations._limits import check_text_and_images
from vision_chat.services.replies.turn import Attached, PromptMessage, shown_of
from vision_chat.services.vision.bundles import LetteredBox
from vision_chat.services.vision.recipes import Box
from vision_chat.services.vision.selection import Inclusion

MAX_TILES: Final = 100
MAX_EARLIER_IMAGES: Final = 500
AT_MOST: Final = 1.000001
"""A sum of fractions may be a little more than 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A person's question. `client_id` is chosen by the page: the same again is the same question."""

    client_id: uuid.UUID = field(default_factory=uuid.uuid4)
    text: str
    image_ids: Sequence[uuid.UUID] = ()
    choices: ImageChoices = NO_CHOICES

    def as_prompted(self, message_id: int, attached: Sequence[Attached]) -> PromptMessage:
        """Return what a prompt needs of the question."""
        return PromptMessage(
            message_id,
            Message.Role.USER,
            self.text,
            attached,
            has_canvas=self.choices.has_canvas,
            inclusions=self.inclusions,
        )

    @property
    def inclusions(self) -> dict[str, Inclusion]:
        """The choices about earlier images for this question, by their ids."""
        return {str(image_id): inclusion for image_id, inclusion in self.choices.earlier_images.items()}


def attached_as_chosen(images: Sequence[UploadedImage], choices: ImageChoices) -> list[Attached]:
    """Return images that are not attached yet with what was chosen for each."""
    chosen = {choice.image_id: choice for choice in choices.attachments}
    return [
        _attached(image, chosen[image.pk]) if image.pk in chosen else Attached.whole(image)
        for image in images
    ]


def _attached(image: UploadedImage, choice: AttachmentChoice) -> Attached:
    shown = shown_of(
        image,
        detail=choice.detail,
        tiles=None if choice.tiles is None else tuple(choice.tiles),
        regions=tuple(
            LetteredBox(each.letter, Box(each.x, each.y, each.x + each.width, each.y + each.height))
            for each in choice.regions
        ),
    )
    return Attached(image, shown)


def checked(question: Question, max_images: int) -> Question:
    """Return the question without blanks around it. Raises a TurnError where nothing may be asked so."""
    check_choices(question)
    question = replace(question, text=question.text.strip())
    check_text_and_images(question.text, len(question.image_ids), max_images)
    return question


def check_choices(question: Question) -> None:
    """Raise ImageChoicesError where what was chosen does not fit the images of the question."""
    choices = question.choices
    regions = [region for choice in choices.attachments for region in choice.regions]
    letters = {region.letter for region in regions}
    ids = [choice.image_id for choice in choices.attachments]
    if (
        len(ids) != len(set(ids))
        or not set(ids) <= set(question.image_ids)
        or len(letters) != len(regions)
        or len(regions) > MAX_REGIONS
        or any(each.x + each.width > AT_MOST or each.y + each.height > AT_MOST for each in regions)
        or any(len(choice.tiles or ()) > MAX_TILES for choice in choices.attachments)
        or len(choices.earlier_images) > MAX_EARLIER_IMAGES
    ):
        raise ImageChoicesError
