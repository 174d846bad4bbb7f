"""Uploaded images and their files: saved, deleted, swept."""

import logging
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models.fields.files import FieldFile

from vision_chat.models import DeletedFile, ImageCopy, UploadedImage
from vision_chat.services.images.encoding import Rendition
from vision_chat.services.images.notes import ImageNote
from vision_chat.services.images.processing import Processed
from vision_chat.services.search.index import index_image
from vision_chat.services.uploads import holds
from vision_chat.services.uploads._traces import leave_no_trace
from vision_chat.services.uploads.looks import look_of

logger = logging.getLogger(__name__)

VARIANTS = ("original", "thumbnail")
SWEEP_BATCH = 100
OWNED_BATCH = 20
"""Images of a batch: to delete their files takes about 50 ms, for which others wait."""


def store(user: AbstractBaseUser, name: str, processed: Processed, **values: Any) -> UploadedImage:
    """Write the files to a folder with a random name, then the rows. Where either fails, delete all.

    `values` are further columns, or others than those that follow from `processed`.
    """
    is_reduced = ImageNote.REDUCED in processed.notes
    columns: dict[str, Any] = {
        "owner_id": user.pk,
        "name": display_name(name),
        "width": processed.original.width,
        "height": processed.original.height,
        "thumbnail_width": processed.thumbnail.width,
        "thumbnail_height": processed.thumbnail.height,
        "source_width": processed.source_size[0] if is_reduced else 0,
        "source_height": processed.source_size[1] if is_reduced else 0,
        "ground": processed.ground,
        "text_height": processed.text_height,
        "calm_rows": list(processed.calm_rows),
        "perceptual_hash": processed.perceptual_hash,
        "look": look_of(user.pk, processed.perceptual_hash),
        "notes": list(processed.notes),
        "removed": list(processed.removed),
        "original_bytes": len(processed.original.data),
        "source_format": processed.source_format,
    }
    image = UploadedImage(**(columns | values))
    # not the image's id, which pages and exports show
    token = uuid.uuid4().hex
    folder = f"images/{token[:2]}/{token[2:]}"
    # named before they are written, so that half a file on a full disk is deleted too
    image.original = file_name(folder, "original", processed.original)
    image.thumbnail = file_name(folder, "thumbnail", processed.thumbnail)
    copy = _copy_row(image, folder, processed)
    written = [(image.original, processed.original), (image.thumbnail, processed.thumbnail)]
    written.append((copy.file, processed.copy))
    if processed.marked:
        image.marked = file_name(folder, "marked", processed.marked)
        written.append((image.marked, processed.marked))
    try:
        for file, rendition in written:
            _write(file, rendition)
        with transaction.atomic():
            image.save(force_insert=True)
            copy.save(force_insert=True)
            index_image(image)
    except BaseException:
        delete_files(file for file, _ in written)
        raise
    return image


def _copy_row(image: UploadedImage, folder: str, processed: Processed) -> ImageCopy:
    copy, recipe = processed.copy, processed.recipe.name
    return ImageCopy(
        image=image,
        recipe=recipe,
        file=file_name(folder, recipe, copy),
        width=copy.width,
        height=copy.height,
        bytes=len(copy.data),
    )


def file_name(folder: str, stem: str, rendition: Rendition) -> str:
    """Return the name under which the storage keeps a rendition."""
    return f"{folder}/{stem}.{rendition.extension}"


def _write(file: FieldFile, rendition: Rendition) -> None:
    file.save(str(file.name), ContentFile(rendition.data), save=False)


def display_name(name: str) -> str:
    """Return the last part of an uploaded file's path, without control characters, at most 200 characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in last if character.isprintable()).strip()[-200:] or "picture"


def delete_unused(images: Iterable[UploadedImage]) -> int:
    """Delete those of `images` that no message shows, with their files. Returns their number.

    Files are deleted after the commit, because a rolled back deletion must not leave rows without files.
    """
    with transaction.atomic():
        # locked, because another tab may be sending one of them at this moment
        locked = UploadedImage.objects.select_for_update().filter(pk__in=[image.pk for image in images])
        ids = [image.pk for image in locked]
        unused = list(UploadedImage.objects.unused().filter(pk__in=ids))
        delete_rows(unused)
    return len(unused)


def delete_rows(images: Sequence[UploadedImage]) -> None:
    """Delete images with their copies, and canvases that show them beside others; files after the commit."""
    ids = [image.pk for image in images]
    delete_later(
        file for image in _with_copies(UploadedImage.objects.filter(pk__in=ids)) for file in files_of(image)
    )
    ImageCopy.objects.filter(others__in=ids).delete()
    UploadedImage.objects.filter(pk__in=ids).delete()


def delete_later(files: Iterable[FieldFile]) -> None:
    """Delete files after the commit of this transaction, which deletes their rows.

    A process that ends after the commit leaves rows of them to `finish_deletions`, and so does a backup.
    """
    deleted = DeletedFile.objects.bulk_create(DeletedFile(file=file.name) for file in files)
    transaction.on_commit(lambda: _finish(deleted))


def finish_deletions() -> int:
    """Delete a batch of files whose rows have gone, and every trace of the rows. Returns their number.

    Returns 0 at last, and where a backup reads the files, or something keeps the database from forgetting
    their rows: then they are tried again.
    """
    left = list(DeletedFile.objects.order_by("pk")[:SWEEP_BATCH])
    return len(left) if left and _finish(left) else 0


def _finish(deleted: list[DeletedFile]) -> bool:
    """Delete files, then what the database's journal says of their images. Tells whether both are done.

    Called after the commit that deleted their rows: a backup that begins to hold files after this has looked
    has none of these rows.
    """
    if holds.is_held():
        return False
    delete_files(row.file for row in deleted)
    if not leave_no_trace():
        return False
    DeletedFile.objects.filter(pk__in=[row.pk for row in deleted]).delete()
    return True


def delete_owned(user: AbstractBaseUser) -> int:
    """Delete a batch of all that a person has uploaded, sent or not. Returns its number."""
    images = list(UploadedImage.objects.owned_by(user)[:OWNED_BATCH])
    with transaction.atomic():
        delete_rows(images)
    return len(images)


def _with_copies(images: models.QuerySet[UploadedImage]) -> models.QuerySet[UploadedImage]:
    return images.prefetch_related("copies", "canvases")


def files_of(image: UploadedImage) -> Iterator[FieldFile]:
    """Yield all files of an image, those of its copies and of canvases that show it too."""
    yield from (image.original, image.thumbnail)
    if image.marked:
        yield image.marked
    yield from (copy.file for copy in (*image.copies.all(), *image.canvases.all()))


def delete_files(files: Iterable[FieldFile]) -> None:
    """Delete files, and their folder where it is empty then."""
    for file in files:
        storage, name = file.storage, str(file.name)
        try:
            storage.delete(name)
            storage.delete(name.rpartition("/")[0])
        except (OSError, ValueError) as error:
            # most often the folder, which is not empty before its last file; ValueError of a name without one
            logger.debug("Not deleted: %s", error)


def sweep_unsent() -> int:
    """Delete a batch of images that were uploaded over a day ago and never sent. Returns their number."""
    return delete_unused(UploadedImage.objects.unsent_for_long()[:SWEEP_BATCH])
