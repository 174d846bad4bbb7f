"""Rows of deleted pictures leave nothing in the files of SQLite."""

import pytest
from django.contrib.auth.models import User
from django.db import connection

from tests.support import factories, remains
from vision_chat.models import UploadedImage
from vision_chat.services.uploads._traces import leave_no_trace
from vision_chat.services.uploads.storage import delete_unused

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="other databases have files of another kind"),
]

ROWS = 40
SECRET = "What nobody is to read about picture"


def described(owner: User, number: int) -> UploadedImage:
    """Return an image whose alternative text takes a good part of a page of the database, or several."""
    image = factories.image(owner, f"{SECRET} {number}.png")
    image.alt_text = f"{SECRET} {number} " * (10 + 20 * number)
    image.save(update_fields=["alt_text"])
    return image


def traces() -> list[int]:
    return [data.count(SECRET.encode()) for data in remains.database_files()]


def test_names_and_texts_of_deleted_rows_are_overwritten_in_the_database_itself(ann: User) -> None:
    images = [described(ann, number) for number in range(ROWS)]
    assert leave_no_trace(), "so that all is in the database's file"
    assert sum(traces()) > ROWS
    # every second one first, so that its place is one within a page that stays
    delete_unused(images[::2])
    delete_unused(images[1::2])
    assert leave_no_trace()

    assert not UploadedImage.objects.exists()
    assert sum(traces()) == 0


def test_a_text_that_was_replaced_is_overwritten_too(ann: User) -> None:
    image = described(ann, 3)
    image.alt_text = "A cat"
    image.name = "cat.png"
    image.save(update_fields=["alt_text", "name"])
    assert leave_no_trace()
    assert sum(traces()) == 0


def test_every_connection_overwrites_what_it_deletes() -> None:
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA secure_delete").fetchone()[0] == 1
