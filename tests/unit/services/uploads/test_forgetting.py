"""What a redacted image was made from goes when it is sent, with everything that shows the same."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import connection, transaction

from tests.support import factories
from vision_chat.models import DeletedFile, ImageCopy, ImageWords, Message, UploadedImage
from vision_chat.services.search import rebuild
from vision_chat.services.uploads import storage
from vision_chat.services.uploads.forgetting import forget_unredacted, is_shown_unredacted

pytestmark = pytest.mark.each_database


def made_from(before: UploadedImage, redactions: int = 0) -> UploadedImage:
    """Return an edited image, with files of its own."""
    image = factories.image(before.owner, before.name)
    image.made_from = before
    image.edit = {"redactions": redactions, "redacted": before.redactions + redactions}
    image.save(update_fields=["made_from", "edit"])
    return image


def paths_of(*images: UploadedImage) -> list[Path]:
    return [path for image in images for path in factories.paths(image)]


def left() -> set[Any]:
    return set(UploadedImage.objects.values_list("pk", flat=True))


@pytest.fixture
def upload(ann: User) -> UploadedImage:
    return factories.image(ann)


@pytest.fixture
def message(ann: User) -> Message:
    return factories.turn(factories.conversation(ann))


def test_all_that_shows_more_than_the_redacted_image_goes_with_its_files(upload: UploadedImage) -> None:
    cropped, redacted = made_from(upload), made_from(upload, redactions=2)
    sent = made_from(redacted)
    gone, kept = paths_of(upload, cropped), paths_of(redacted, sent)
    forget_unredacted([sent])

    assert left() == {redacted.pk, sent.pk}
    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in kept)
    redacted.refresh_from_db()
    assert redacted.made_from is None


def test_no_word_of_what_was_redacted_is_kept(upload: UploadedImage) -> None:
    UploadedImage.objects.filter(pk=upload.pk).update(name="Ann Example.png", alt_text="The pass of Ann.")
    rebuild.repair_images([upload.pk])
    redacted = made_from(upload, redactions=1)
    with transaction.atomic():
        forget_unredacted([redacted])

    assert [words.tokens for words in ImageWords.objects.all()] == [" stairs jpg "]


def test_of_two_redactions_the_one_before_goes_too(upload: UploadedImage) -> None:
    once = made_from(upload, redactions=1)
    twice = made_from(once, redactions=1)
    beside = made_from(once)
    forget_unredacted([twice])

    assert left() == {twice.pk}
    assert beside.pk not in left()


def test_an_image_without_redaction_keeps_what_it_was_made_from(upload: UploadedImage) -> None:
    cropped = made_from(upload)
    forget_unredacted([cropped])
    assert left() == {upload.pk, cropped.pk}


def test_what_a_message_shows_stays_and_the_rest_goes(upload: UploadedImage, message: Message) -> None:
    factories.attach(message, upload)
    cropped = made_from(upload)
    redacted = made_from(cropped, redactions=1)
    assert is_shown_unredacted(redacted)
    forget_unredacted([redacted])

    assert left() == {upload.pk, redacted.pk}
    redacted.refresh_from_db()
    assert redacted.made_from == upload
    assert is_shown_unredacted(redacted)
    Message.objects.filter(pk=message.pk).delete()
    assert not is_shown_unredacted(redacted)
    forget_unredacted([redacted])
    assert left() == {redacted.pk}


def test_a_canvas_goes_with_each_image_that_it_shows(ann: User, upload: UploadedImage) -> None:
    other = factories.image(ann)
    canvas = ImageCopy(image=other, recipe="canvas", width=2, height=1, bytes=5)
    canvas.file.save("images/canvas.png", ContentFile(b"bytes"))
    canvas.others.add(upload)
    forget_unredacted([made_from(upload, redactions=1)])

    assert not ImageCopy.objects.filter(pk=canvas.pk).exists()
    assert not Path(canvas.file.path).exists()


def test_files_that_a_kill_has_left_are_deleted_later(upload: UploadedImage) -> None:
    files, redacted = paths_of(upload), made_from(upload, redactions=1)
    with transaction.atomic():
        forget_unredacted([redacted])
        connection.run_on_commit.clear()  # the process is killed after the commit

    assert all(path.exists() for path in files)
    left = storage.left_over()
    assert len(left) == len(files)
    storage.forget_deleted(storage.delete_files(left))
    assert storage.left_over() == []
    assert not any(path.exists() for path in files)
    assert not DeletedFile.objects.exists()


def test_a_message_that_is_not_saved_forgets_nothing(upload: UploadedImage) -> None:
    redacted = made_from(upload, redactions=1)
    with transaction.atomic():
        forget_unredacted([redacted])
        transaction.set_rollback(True)

    assert left() == {upload.pk, redacted.pk}
    assert all(path.exists() for path in paths_of(upload))
    assert not DeletedFile.objects.exists()
