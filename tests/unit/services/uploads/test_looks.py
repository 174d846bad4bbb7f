"""Images that look alike have one look, those of each person by themselves."""

from io import BytesIO

import pytest
from django.contrib.auth.models import User
from PIL import Image

from tests.support import factories, sample_images
from vision_chat.models import UploadedImage
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.perceptual_hash import FEATURELESS
from vision_chat.services.images.processing import process
from vision_chat.services.uploads import looks, storage
from vision_chat.services.vision.request_rules import RequestRules

pytestmark = pytest.mark.each_database


def upload(owner: User, image: Image.Image, **options: int) -> UploadedImage:
    data = sample_images.encoded(image, "JPEG", **options)
    return storage.store(owner, "scene.jpg", process(BytesIO(data), Limits(), RequestRules()))


def test_an_upload_gets_the_look_of_the_first_that_looks_alike(ann: User) -> None:
    scene, other = sample_images.scene((600, 400)), sample_images.scene((600, 400))
    first = upload(ann, scene)
    again = upload(ann, scene.resize((300, 200)), quality=40)
    different = upload(ann, other)

    assert first.look == first.perceptual_hash
    assert again.look == first.look
    assert different.look == different.perceptual_hash != first.look


def test_the_images_of_others_have_looks_of_their_own(ann: User, stranger: User) -> None:
    scene = sample_images.scene((600, 400))
    upload(stranger, scene)
    own = upload(ann, scene.resize((300, 200)))

    assert own.look == own.perceptual_hash


def test_images_from_before_are_hashed_by_their_thumbnails(ann: User) -> None:
    scene = sample_images.scene((600, 400))
    stored = [upload(ann, scene), upload(ann, scene)]
    hashed = stored[0].perceptual_hash
    UploadedImage.objects.update(perceptual_hash=None, look=None)
    lost = factories.image(ann)  # its files hold no image
    ids = looks.without_hash()
    assert set(ids) == {*(image.pk for image in stored), lost.pk}

    assert looks.write_hashes(looks.hashes_of(looks.thumbnails_of(looks.hashed_rows(ids)))) == 3
    assert looks.without_hash() == []
    rows = UploadedImage.objects.filter(pk__in=[image.pk for image in stored])
    assert set(rows.values_list("perceptual_hash", "look")) == {(hashed, hashed)}
    lost.refresh_from_db()
    assert lost.look == FEATURELESS
