"""Branches that are not in the database, with pictures, and the prompts that are built of them."""

import itertools
from typing import Any, Final, NamedTuple

from django.core.files.base import ContentFile

from vision_chat.models import ImageCopy, UploadedImage
from vision_chat.services.replies._bundles import BranchImages
from vision_chat.services.replies._prompt import Prompt, build_prompt
from vision_chat.services.replies.turn import Attached, PromptMessage
from vision_chat.services.vision.request_rules import RequestRules

GENERIC: Final = RequestRules()
PRIMARY_KEYS: Final = itertools.count(1)


class Picture(NamedTuple):
    """An image and its copy for the model, whose file holds the image's name."""

    image: UploadedImage
    copy: ImageCopy


def picture(name: str, *, size: int = 1000, side: int = 560) -> Picture:
    image = UploadedImage(name=name, width=4000, height=4000)
    copy = ImageCopy(image=image, recipe="test", width=side, height=side, bytes=size)
    copy.file.save(f"{image.pk}/{copy.recipe}.jpg", ContentFile(name.encode()), save=False)
    return Picture(image, copy)


class Said(NamedTuple):
    message: PromptMessage
    pictures: tuple[Picture, ...]


def message(role: str, text: str, *pictures: Picture) -> Said:
    attached = [Attached.whole(each.image) for each in pictures]
    return Said(PromptMessage(next(PRIMARY_KEYS), role, text, attached, has_canvas=False), pictures)


def build(*branch: Said, rules: RequestRules = GENERIC, **options: Any) -> Prompt:
    """Build the prompt; only the copies are there that the branch wants."""
    messages = [said.message for said in branch]
    images = BranchImages.of(messages, rules, is_continued=options.get("is_continued", False))
    made = {each.image.pk: each.copy for said in branch for each in said.pictures}
    copies = {plan: made[plan.image_ids[0]] for plan in images.wanted_copies(rules)}
    return build_prompt(messages, rules, copies, **options)
