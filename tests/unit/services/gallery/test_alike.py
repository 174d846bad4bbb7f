"""What looks like a picture, and where it was asked about before."""

from io import BytesIO

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from PIL import Image

from tests.support import factories, sample_images
from vision_chat.models import Conversation, Message, UploadedImage
from vision_chat.services.gallery.alike import alike, asked_before
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.processing import process
from vision_chat.services.uploads import storage
from vision_chat.services.vision.request_rules import RequestRules

pytestmark = pytest.mark.each_database


@pytest.fixture
def scene() -> Image.Image:
    return sample_images.scene((600, 400))


def upload(owner: User, image: Image.Image, quality: int = 90) -> UploadedImage:
    data = sample_images.encoded(image, "JPEG", quality=quality)
    return storage.store(owner, "scene.jpg", process(BytesIO(data), Limits(), RequestRules()))


def ask_about(image: UploadedImage, owner: User) -> Message:
    question = factories.turn(factories.conversation(owner, "Stairs")).parent
    assert question is not None
    factories.attach(question, image)
    return question


def test_the_newest_question_about_such_a_picture_is_found(ann: User, scene: Image.Image) -> None:
    ask_about(upload(ann, scene), ann)
    newest = ask_about(upload(ann, scene.resize((300, 200))), ann)
    again = upload(ann, scene, quality=40)
    place = asked_before(ann, again)

    assert place is not None
    assert (place.message_id, place.conversation_id) == (newest.pk, newest.conversation_id)
    assert place.title == "Stairs"
    assert len(alike(ann, again)) == 2


def test_another_picture_was_not_asked_about(ann: User, scene: Image.Image) -> None:
    ask_about(upload(ann, scene), ann)

    assert asked_before(ann, upload(ann, sample_images.scene((600, 400)))) is None


def test_what_was_only_attached_or_deleted_or_is_somebody_elses_is_no_question(
    ann: User, stranger: User, scene: Image.Image
) -> None:
    upload(ann, scene)
    ask_about(upload(stranger, scene), stranger)
    ask_about(upload(ann, scene), ann)
    Conversation.objects.filter(owner=ann).update(deleted_at=timezone.now())

    assert asked_before(ann, upload(ann, scene)) is None


def test_pictures_without_shapes_say_nothing_of_each_other(ann: User) -> None:
    white = Image.new("RGB", (300, 200), "white")
    ask_about(upload(ann, white), ann)

    assert asked_before(ann, upload(ann, white)) is None
