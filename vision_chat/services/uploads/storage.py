"""Uploaded images and their files: saved, deleted, swept."""

import errno
import logging
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.files.base import ContentFile
from django.db import DatabaseError, close_old_connections, models, transaction
from django.db.models.fields.files import FieldFile

from vision_chat.models import DeletedFile, ImageCopy, UploadedImage
from vision_chat.services.files.errors import LOST, FilesAwayError
from vision_chat.services.files.remote import is_remote
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


class Written(NamedTuple):
    """The files of an image, of which the database knows nothing yet."""

    original: FieldFile
    thumbnail: FieldFile
    copy: FieldFile
    marked: FieldFile | None


def store(user: AbstractBaseUser, name: str, processed: Processed, **values: Any) -> UploadedImage:
    """Write the files, then the rows. Where either fails, delete all.

    `values` are further columns, or others than those that follow from `processed`.
    """
    return store_rows(user, name, processed, write(processed), **values)


def write(processed: Processed) -> Written:
    """Write the files to a folder with a random name. Where that fails, delete what was written."""
    # not the image's id, which pages and exports show
    token = uuid.uuid4().hex
    folder = f"images/{token[:2]}/{token[2:]}"
    image, copy = UploadedImage(), ImageCopy()
    # named before they are written, so that half a file on a full disk is deleted too
    image.original = file_name(folder, "original", processed.original)
    image.thumbnail = file_name(folder, "thumbnail", processed.thumbnail)
    copy.file = file_name(folder, processed.recipe.name, processed.copy)
    written = [
        (image.original, processed.original),
        (image.thumbnail, processed.thumbnail),
        (copy.file, processed.copy),
    ]
    if processed.marked:
        image.marked = file_name(folder, "marked", processed.marked)
        written.append((image.marked, processed.marked))
    try:
        for file, rendition in written:
            _write(file, rendition)
    except BaseException:
        discard([file for file, _ in written])
        raise
    return Written(image.original, image.thumbnail, copy.file, image.marked if processed.marked else None)


def store_rows(
    user: AbstractBaseUser, name: str, processed: Processed, written: Written, **values: Any
) -> UploadedImage:
    """Write the rows of an image. Where that fails, delete its files."""
    try:
        image = _row(user, name, processed, written, values)
        copy = _copy_row(image, written.copy, processed)
        with transaction.atomic():
            image.save(force_insert=True)
            copy.save(force_insert=True)
            index_image(image)
    except BaseException:
        discard(written)
        raise
    return image


def _row(
    user: AbstractBaseUser, name: str, processed: Processed, written: Written, values: dict[str, Any]
) -> UploadedImage:
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
        "original": written.original.name,
        "thumbnail": written.thumbnail.name,
        "marked": written.marked.name if written.marked else "",
    }
    return UploadedImage(**(columns | values))


def _copy_row(image: UploadedImage, file: FieldFile, processed: Processed) -> ImageCopy:
    copy = processed.copy
    return ImageCopy(
        image=image,
        recipe=processed.recipe.name,
        file=file.name,
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

    Those of another server are left to housekeeping, for which nobody waits; so are those that a process
    leaves which ends after the commit, and those that a backup reads.
    """
    deleted = DeletedFile.objects.bulk_create(DeletedFile(file=file.name) for file in files)
    if not is_remote():
        transaction.on_commit(lambda: _delete_unless_held(deleted))


def _delete_unless_held(deleted: Sequence[DeletedFile]) -> None:
    """Delete files whose rows have gone, unless a backup reads them.

    Called after the commit: a backup that begins to hold files after this has looked has none of these rows.
    """
    if not holds.is_held():
        forget_deleted(delete_files(deleted))


def left_over(after: int = 0) -> list[DeletedFile]:
    """Return a batch of files whose rows have gone, of those after this one; none during a backup."""
    left = list(DeletedFile.objects.filter(pk__gt=after).order_by("pk")[:SWEEP_BATCH])
    # only now: what a backup that begins meanwhile still has a row of is not among these
    return [] if holds.is_held() else left


def delete_files(deleted: Iterable[DeletedFile]) -> list[DeletedFile]:
    """Delete files. Returns those that are gone; the others are to be tried again."""
    gone = []
    for row in deleted:
        try:
            is_gone = _is_deleted(row.file)
        except FilesAwayError as error:
            logger.warning("Files that are to be deleted wait: %s", error)
            break
        if is_gone:
            gone.append(row)
    return gone


def forget_deleted(gone: Sequence[DeletedFile]) -> None:
    """Delete what the database's journal says of images whose files are gone, then what is noted of these.

    Where something keeps the database from forgetting the first, the second stays, to be tried again.
    """
    if gone and leave_no_trace():
        DeletedFile.objects.filter(pk__in=[row.pk for row in gone]).delete()


def discard(files: Iterable[FieldFile | None]) -> None:
    """Delete files which no row shows; note those that cannot be deleted now, or are on another server."""
    left = [DeletedFile(file=file.name) for file in files if file and (is_remote() or not _is_deleted(file))]
    try:
        DeletedFile.objects.bulk_create(left)
        close_old_connections()  # threads for files keep none
    except DatabaseError as error:
        logger.warning("Not deleted, and not noted: %s: %r", [row.file.name for row in left], error)


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


def _is_deleted(file: FieldFile) -> bool:
    """Delete a file, and its folder where it is empty then. Tells whether the file is gone."""
    storage, name = file.storage, str(file.name)
    if not name:
        return True
    try:
        storage.delete(name)
    except FilesAwayError:
        raise
    except OSError as error:
        if isinstance(error, LOST) or error.errno == errno.ENOTEMPTY:
            return True  # something else is in its place
        logger.warning("Not deleted: %r", error)
        return False
    folder = name.rpartition("/")[0]
    if folder and not is_remote():
        with suppress(OSError):  # which is not empty before its last file
            storage.delete(folder)
    return True


def sweep_unsent() -> int:
    """Delete a batch of images that were uploaded over a day ago and never sent. Returns their number."""
    return delete_unused(UploadedImage.objects.unsent_for_long()[:SWEEP_BATCH])
