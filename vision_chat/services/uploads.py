"""Uploaded pictures and their files: kept, given up, swept."""

import logging
import uuid
from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models.fields.files import FieldFile

from vision_chat.models import UploadedImage
from vision_chat.services.images.encoding import Rendition
from vision_chat.services.images.processing import Processed

logger = logging.getLogger(__name__)

VARIANTS = ("original", "thumbnail", "model")


def store(user: AbstractBaseUser, name: str, processed: Processed) -> UploadedImage:
    """Write the three files under a random name, then the row. Where either fails, nothing stays."""
    image = UploadedImage(
        owner_id=user.pk,
        name=display_name(name),
        width=processed.original.width,
        height=processed.original.height,
        thumbnail_width=processed.thumbnail.width,
        thumbnail_height=processed.thumbnail.height,
        model_width=processed.copy.width,
        model_height=processed.copy.height,
        original_bytes=len(processed.original.data),
        model_bytes=len(processed.copy.data),
    )
    # not the row's id, which pages and exports show
    token = uuid.uuid4().hex
    folder = f"pictures/{token[:2]}/{token[2:]}"
    renditions: dict[str, Rendition] = {
        "original": processed.original,
        "thumbnail": processed.thumbnail,
        "model": processed.copy,
    }
    for variant, rendition in renditions.items():
        # named before it is written: a disk that fills up in the middle leaves half a file
        setattr(image, variant, f"{folder}/{variant}.{rendition.extension.lstrip('.')}")
    try:
        for variant, rendition in renditions.items():
            file: FieldFile = getattr(image, variant)
            file.save(str(file.name), ContentFile(rendition.data), save=False)
        image.save(force_insert=True)
    except BaseException:
        delete_files([image])
        raise
    return image


def display_name(name: str) -> str:
    """The last part of what the browser called the file, without control characters, at most 200 long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable()).strip()[-200:] or "picture"


def delete_unused(images: Iterable[UploadedImage]) -> int:
    """Delete those of `images` that no message shows, with their files. Returns how many.

    Files go after the commit: a rolled back deletion must not leave rows without pictures.
    """
    with transaction.atomic():
        # held until they are gone: another tab may be sending one of them at this moment
        held = UploadedImage.objects.select_for_update().filter(pk__in=[image.pk for image in images])
        ids = [image.pk for image in held]
        unused = list(UploadedImage.objects.unused().filter(pk__in=ids))
        UploadedImage.objects.filter(pk__in=[image.pk for image in unused]).delete()
        transaction.on_commit(lambda: delete_files(unused))
    return len(unused)


def delete_files(images: Iterable[UploadedImage]) -> None:
    """Delete the files, and their folder where the storage has folders."""
    for image in images:
        for variant in VARIANTS:
            file: FieldFile = getattr(image, variant)
            if file:
                _delete_file(file)


def _delete_file(file: FieldFile) -> None:
    storage, name = file.storage, str(file.name)
    try:
        storage.delete(name)
        storage.delete(name.rpartition("/")[0])
    except OSError as error:
        # the folder is not empty yet; what else stays behind, the sweep finds
        logger.debug("Not deleted: %s", error)


def sweep_unsent() -> int:
    """Delete pictures that were uploaded a day ago and never sent. Returns how many."""
    return delete_unused(UploadedImage.objects.unsent_for_long())
