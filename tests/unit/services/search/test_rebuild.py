"""What is missing in the index, and how it is brought in line."""

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.gallery import shown_images
from tests.support.use_cases import ask
from vision_chat.models import ImageWords, Message, MessageWords, TitleWords, UploadedImage
from vision_chat.services.search import matching, rebuild
from vision_chat.services.search.find import find
from vision_chat.services.search.fold import VERSION

pytestmark = pytest.mark.each_database


@pytest.fixture
def reply(ann: User) -> Message:
    """The end of a conversation that nobody has indexed."""
    return factories.turn(factories.conversation(ann, "Stairs"), text="What is this?", answer="A staircase.")


def lacking() -> list[int]:
    found: list[int] = []
    window = rebuild.lacking_messages(matching.MAX_KEY)
    while window.below is not None:
        found += window.lacking
        window = rebuild.lacking_messages(window.below)
    return found


def test_what_was_never_indexed_is_found_and_written(ann: User, reply: Message) -> None:
    assert lacking() == [reply.pk, reply.parent_id]
    assert rebuild.lacking_titles() == [reply.conversation_id]
    assert find(ann, "staircase") == []

    assert rebuild.repair_messages(lacking()) == 2
    assert rebuild.repair_titles(rebuild.lacking_titles()) == 1
    assert lacking() == rebuild.lacking_titles() == []
    assert [hit.message_id for hit in find(ann, "staircase")] == [reply.pk]


def test_rows_of_an_earlier_fold_are_written_again(reply: Message) -> None:
    rebuild.repair_messages(lacking())
    rebuild.repair_titles(rebuild.lacking_titles())
    MessageWords.objects.update(fold_version=VERSION - 1, tokens="old")
    TitleWords.objects.update(fold_version=VERSION - 1, tokens="old")

    assert lacking() == [reply.pk, reply.parent_id]
    assert rebuild.repair_messages(lacking()) == 2
    assert rebuild.repair_titles(rebuild.lacking_titles()) == 1
    assert "staircase" in MessageWords.objects.get(pk=reply.pk).tokens


def test_a_row_that_does_not_say_what_its_message_says_differs(reply: Message) -> None:
    rebuild.repair_messages(lacking())
    rebuild.repair_titles(rebuild.lacking_titles())
    (ids,) = rebuild.batches_of_messages()
    assert rebuild.differing_messages(ids) == []
    Message.objects.filter(pk=reply.pk).update(text="A ladder.")
    TitleWords.objects.update(tokens="other words")

    assert [words.message_id for words in rebuild.differing_messages(ids)] == [reply.pk]
    (titles,) = rebuild.batches_of_titles()
    assert len(rebuild.differing_titles(titles)) == 1
    assert rebuild.repair_messages(ids) == 1
    assert rebuild.repair_messages(ids) == 0


def test_images_are_brought_in_line_with_names_and_alternative_texts(ann: User) -> None:
    old, image = shown_images(ann, 2)
    assert rebuild.lacking_images() == [old.pk, image.pk]
    assert rebuild.repair_images([old.pk, image.pk]) == 2
    assert rebuild.lacking_images() == []
    UploadedImage.objects.filter(pk=image.pk).update(alt_text="A ladder.")
    ImageWords.objects.filter(pk=old.pk).update(fold_version=VERSION - 1)

    assert rebuild.lacking_images() == [old.pk]
    (ids,) = rebuild.batches_of_images()
    assert {words.image_id for words in rebuild.differing_images(ids)} == {old.pk, image.pk}
    assert rebuild.repair_images(ids) == 2
    assert rebuild.repair_images(ids) == 0
    assert ImageWords.objects.get(pk=image.pk).tokens.endswith(" a ladder ")


def test_a_reply_that_is_still_written_is_left_to_its_end(ann: User) -> None:
    turn = ask(ann)
    (ids,) = rebuild.batches_of_messages()

    assert turn.reply.pk in ids
    assert lacking() == []
    assert rebuild.repair_messages(ids) == 0
    assert not MessageWords.objects.filter(pk=turn.reply.pk).exists()


def test_batches_hold_every_message_and_conversation_once(ann: User) -> None:
    conversations = [factories.conversation(ann, str(number)) for number in range(rebuild.BATCH + 3)]
    messages = Message.objects.bulk_create(
        Message(conversation=conversations[0], role=Message.Role.USER, text=str(number))
        for number in range(2 * rebuild.BATCH + 3)
    )

    batches = list(rebuild.batches_of_messages())
    assert [key for batch in batches for key in batch] == [message.pk for message in reversed(messages)]
    assert [len(batch) for batch in batches] == [rebuild.BATCH, rebuild.BATCH, 3]
    titles = [key for batch in rebuild.batches_of_titles() for key in batch]
    assert titles == [conversation.pk for conversation in conversations]
