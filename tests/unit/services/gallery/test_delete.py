"""Pictures that are deleted go with all their files, and the messages that showed them say so."""

import asyncio
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User

from tests.support import factories, sample_images
from tests.support.use_cases import call
from vision_chat.errors.turns import ImageGoneError
from vision_chat.events import ConversationStale, Event
from vision_chat.models import ImageCopy, Message, UploadedImage
from vision_chat.services.conversations.continue_reply import continue_reply
from vision_chat.services.conversations.new_chat import new_chat_from
from vision_chat.services.conversations.regenerate import regenerate
from vision_chat.services.gallery.delete import BATCH, delete_images
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.processing import process
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.search.find import Filters, find
from vision_chat.services.uploads import storage
from vision_chat.services.uploads.copies import Copies, copies_for
from vision_chat.services.vision.bundles import Shown, whole_copy
from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.writer import Writer

pytestmark = pytest.mark.each_database


def question_with(owner: User, *images: UploadedImage, text: str = "What is this?") -> Message:
    question = factories.turn(factories.conversation(owner), text).parent
    assert question is not None
    factories.attach(question, *images)
    return question


def test_rows_and_files_go_and_every_message_keeps_the_number(ann: User) -> None:
    image, other = factories.image(ann), factories.image(ann)
    first, second = question_with(ann, image, other), question_with(ann, image)
    paths = factories.paths(image)
    assert call(ann, delete_images, [image.pk]) == 1

    assert not any(path.exists() for path in paths)
    assert list(UploadedImage.objects.all()) == [other]
    assert all(path.exists() for path in factories.paths(other))
    counts = Message.objects.in_bulk([first.pk, second.pk])
    assert [counts[pk].deleted_images for pk in (first.pk, second.pk)] == [1, 1]
    assert list(first.images.all()) == [other]


def test_a_canvas_that_shows_it_goes_from_the_other_picture(ann: User) -> None:
    first, second = factories.image(ann), factories.image(ann)
    canvas = ImageCopy.objects.get(image=first)
    canvas.others.add(second)
    question_with(ann, first, second)
    call(ann, delete_images, [second.pk])

    assert not ImageCopy.objects.filter(pk=canvas.pk).exists()
    assert not Path(canvas.file.path).exists()
    assert Path(first.original.path).exists()


def test_the_pictures_of_others_stay(ann: User, stranger: User) -> None:
    theirs = factories.image(stranger)
    question_with(stranger, theirs)

    assert call(ann, delete_images, [theirs.pk]) == 0
    assert [path.exists() for path in factories.paths(theirs)] == [True] * 3


def test_many_go_in_batches_and_their_pages_are_told(ann: User) -> None:
    images = [factories.image(ann) for _ in range(BATCH + 1)]
    questions = {question_with(ann, image) for image in images[:2]}
    told: list[Event] = []

    assert call(ann, delete_images, [image.pk for image in images], told=told) == BATCH + 1
    stale = {event.conversation_id for event in told if isinstance(event, ConversationStale)}
    assert stale == {str(question.conversation_id) for question in questions}


def test_a_search_for_what_has_pictures_no_longer_finds_the_message(ann: User) -> None:
    image = factories.image(ann)
    question = question_with(ann, image, text="Which linden?")
    factories.index(question.conversation)
    assert len(find(ann, "linden", Filters(with_images=True))) == 1
    call(ann, delete_images, [image.pk])

    assert find(ann, "linden", Filters(with_images=True)) == []
    assert len(find(ann, "linden")) == 1


def test_a_question_that_has_nothing_left_cannot_be_answered_again(ann: User) -> None:
    image = factories.image(ann)
    question = question_with(ann, image, text="")
    call(ann, delete_images, [image.pk])
    reply = Message.objects.get(parent=question)
    for use_case in (regenerate, continue_reply):
        with pytest.raises(ImageGoneError):
            call(ann, use_case, str(reply.pk))


def test_a_copy_of_the_branch_says_too_what_was_deleted(ann: User) -> None:
    image = factories.image(ann)
    question = question_with(ann, image)
    call(ann, delete_images, [image.pk])
    reply = Message.objects.get(parent=question)
    copied = call(ann, new_chat_from, reply.pk)

    made = Message.objects.get(conversation=copied, role=Message.Role.USER)
    assert made.deleted_images == 1


class DeletingWorker(ImageWorker):
    """Everything is deleted while it works."""

    async def run(self, *args: Any, **kwargs: Any) -> Any:
        result = await super().run(*args, **kwargs)
        await sync_to_async(UploadedImage.objects.all().delete)()
        return result


def test_a_copy_that_is_made_while_its_picture_is_deleted_is_not_kept(ann: User) -> None:
    data = sample_images.encoded(sample_images.chart((600, 400)), "JPEG")
    image = storage.store(ann, "chart.jpg", process(BytesIO(data), Limits(), RequestRules()))
    folder = Path(image.original.path).parent
    files = set(folder.iterdir())
    plan = whole_copy(Shown(image_id=image.pk, width=600, height=400), RequestRules(max_image_side=100))

    async def asked() -> Copies:
        writer, worker = Writer(), DeletingWorker()
        try:
            return await copies_for([plan], [image], writer, worker)
        finally:
            worker.close()
            await writer.close()

    assert asyncio.run(asked()) == {}
    assert set(folder.iterdir()) == files
