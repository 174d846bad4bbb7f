"""Branches that are not in the database, with pictures, and the prompts that are built of them."""

import itertools
from typing import Any, Final, NamedTuple

from django.core.files.base import ContentFile

from vision_chat.models import ImageCopy, UploadedImage
from vision_chat.services.replies._prompt import Prompt, build_prompt, newest_images
from vision_chat.services.replies.turn import PromptMessage
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
    images = [each.image for each in pictures]
    return Said(PromptMessage(next(PRIMARY_KEYS), role, text, images), pictures)


def build(*branch: Said, rules: RequestRules = GENERIC, **options: Any) -> Prompt:
    messages = [said.message for said in branch]
    sent = {image.pk for image in newest_images(messages, rules)}
    copies = {each.image.pk: each.copy for said in branch for each in said.pictures}
    return build_prompt(messages, rules, {pk: copies[pk] for pk in sent}, **options)
