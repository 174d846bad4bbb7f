from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from tests.support import factories
from tests.support.deletions import finish_deletions
from vision_chat.models import DeletedFile, FileHold, ImageCopy, UploadedImage
from vision_chat.services.uploads import eviction, holds, storage

pytestmark = [pytest.mark.each_database, pytest.mark.usefixtures("transactional_db")]


def expire(held: FileHold) -> None:
    FileHold.objects.filter(pk=held.pk).update(until=timezone.now() - timedelta(seconds=1))


def test_files_are_held_until_they_are_released() -> None:
    assert not holds.is_held()
    held = holds.hold()
    assert holds.is_held()
    assert holds.release(held)
    assert not holds.is_held()


def test_each_of_two_backups_holds_them() -> None:
    first, second = holds.hold(), holds.hold()
    assert holds.release(first)
    assert holds.is_held()
    assert holds.release(second)
    assert not holds.is_held()


def test_a_hold_ends_by_itself() -> None:
    held = holds.hold()
    expire(held)
    assert not holds.is_held()
    assert not holds.renew(held), "files may be gone"
    assert not holds.release(held)
    assert not FileHold.objects.exists()


def test_a_hold_is_moved_on() -> None:
    held = holds.hold()
    FileHold.objects.update(until=timezone.now() + timedelta(seconds=holds.SECONDS / 2))
    before = FileHold.objects.get().until
    assert holds.renew(held)
    assert FileHold.objects.get().until > before


def test_what_a_killed_backup_has_left_goes_with_the_next() -> None:
    expire(holds.hold())
    holds.release(holds.hold())
    assert not FileHold.objects.exists()


def test_rows_go_at_once_and_files_afterwards(ann: User) -> None:
    image = factories.image(ann)
    paths = factories.paths(image)
    held = holds.hold()
    assert storage.delete_unused([image]) == 1
    assert not UploadedImage.objects.exists()
    assert finish_deletions() == 0
    assert all(path.exists() for path in paths)

    holds.release(held)
    assert finish_deletions() == 3
    assert not any(path.exists() for path in paths)
    assert not DeletedFile.objects.exists()


def test_all_of_a_person_is_held_too(ann: User) -> None:
    paths = factories.paths(factories.image(ann))
    held = holds.hold()
    with transaction.atomic():
        assert storage.delete_owned(ann) == 1
    assert storage.delete_owned(ann) == 0
    assert all(path.exists() for path in paths)

    holds.release(held)
    assert finish_deletions() == 3
    assert not any(path.exists() for path in paths)


def test_copies_that_are_evicted_are_held_too(ann: User) -> None:
    factories.image(ann)
    ImageCopy.objects.update(used_at=timezone.now() - timedelta(days=1000))
    path = ImageCopy.objects.get().file.path
    held = holds.hold()
    assert eviction.evict_unused() == 1
    assert finish_deletions() == 0
    assert DeletedFile.objects.get().file.path == path
    assert DeletedFile.objects.get().file.storage.exists(path)

    holds.release(held)
    assert finish_deletions() == 1
    assert not DeletedFile.objects.exists()
