"""The alternative text of a picture: kept in one line, and only by its owner."""

import uuid

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.use_cases import call
from vision_chat.errors.turns import ImageGoneError
from vision_chat.services.gallery.describe import MAX_ALT_TEXT, describe

pytestmark = pytest.mark.each_database


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  A red\n door \0", "A red door"),
        ("", ""),
        ("é" * (MAX_ALT_TEXT + 1), "é" * MAX_ALT_TEXT),
    ],
)
def test_the_text_is_kept_in_one_line(ann: User, text: str, kept: str) -> None:
    image = factories.image(ann)

    assert call(ann, describe, image.pk, text) == kept
    image.refresh_from_db()
    assert image.alt_text == kept


def test_a_picture_of_somebody_else_or_of_nobody_is_not_described(ann: User, stranger: User) -> None:
    theirs = factories.image(stranger)
    for image_id in (theirs.pk, uuid.uuid4()):
        with pytest.raises(ImageGoneError):
            call(ann, describe, image_id, "Mine")
    theirs.refresh_from_db()
    assert theirs.alt_text == ""
