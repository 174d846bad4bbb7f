from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from tests.support import factories
from vision_chat.models import UploadedImage
from vision_chat.models.image import MAX_UNSENT_AGE
from vision_chat.services.uploads import storage

pytestmark = pytest.mark.each_database


def exists(image: UploadedImage) -> bool:
    """Tell that all files are there, or none."""
    (there,) = {path.exists() for path in factories.paths(image)}
    return there


def test_a_deletion_that_is_rolled_back_leaves_the_files(ann: User) -> None:
    image = factories.image(ann)
    with transaction.atomic():
        storage.delete_unused([image])
        transaction.set_rollback(True)

    assert exists(image)
    assert UploadedImage.objects.count() == 1


def test_a_missing_file_does_not_keep_the_others_from_being_deleted(ann: User) -> None:
    image = factories.image(ann)
    paths = factories.paths(image)
    paths[0].unlink()
    assert storage.delete_unused([image]) == 1
    assert not any(path.exists() for path in paths)


def test_an_image_that_was_never_sent_is_swept_after_a_day(ann: User) -> None:
    old, new, sent = factories.image(ann), factories.image(ann), factories.image(ann)
    old_paths = factories.paths(old)
    factories.attach(factories.turn(factories.conversation(ann)), sent)
    long_ago = timezone.now() - MAX_UNSENT_AGE - timedelta(seconds=1)
    UploadedImage.objects.filter(pk__in=[old.pk, sent.pk]).update(created_at=long_ago)

    assert storage.sweep_unsent() == 1
    assert not any(path.exists() for path in old_paths)
    assert exists(new)
    assert exists(sent)
    assert set(UploadedImage.objects.all()) == {new, sent}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", "picture"),
        ("a/\n\t", "picture"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("C:\\photos\\cat.jpg", "cat.jpg"),
    ],
)
def test_display_name_is_one_that_can_be_shown(name: str, shown: str) -> None:
    assert storage.display_name(name) == shown
