"""What a server indexes by itself after its start."""

import asyncio

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.gallery import shown_images
from tests.support.server import running_server
from vision_chat.models import ImageWords, Message, MessageWords, TitleWords
from vision_chat.server.alone import Alone
from vision_chat.server.search_index import complete
from vision_chat.services.search import rebuild
from vision_chat.services.writer import Readers, Writer

pytestmark = pytest.mark.each_database


def complete_now() -> None:
    async def completed() -> None:
        readers, writer = Readers(), Writer()
        try:
            await complete(readers, writer, Alone(writer, "", others_may_run=False))
        finally:
            await readers.close()
            await writer.close()

    asyncio.run(completed())


def test_a_server_indexes_what_an_earlier_release_has_stored(ann: User) -> None:
    reply = factories.turn(factories.conversation(ann, "Stairs"), answer="A staircase.")
    (image,) = shown_images(ann, 1)
    with running_server() as server:
        server.until(lambda: MessageWords.objects.count() == 3 and TitleWords.objects.count() == 2)

    assert "staircase" in MessageWords.objects.get(pk=reply.pk).tokens
    assert ImageWords.objects.get(pk=image.pk).tokens.endswith(" 0 jpg ")


def test_more_than_a_batch_is_indexed(ann: User) -> None:
    conversations = [factories.conversation(ann, str(number)) for number in range(rebuild.BATCH + 1)]
    Message.objects.bulk_create(
        Message(conversation=conversations[0], role=Message.Role.USER, text=str(number))
        for number in range(2 * rebuild.BATCH + 1)
    )
    complete_now()

    assert MessageWords.objects.count() == 2 * rebuild.BATCH + 1
    assert TitleWords.objects.count() == rebuild.BATCH + 1


def test_a_failure_is_logged_and_ends_nothing_else(ann: User, caplog: pytest.LogCaptureFixture) -> None:
    factories.turn(factories.conversation(ann))
    with factories.without_table("vision_chat_titlewords"):
        complete_now()

    assert "The index of the search is not complete" in caplog.text
