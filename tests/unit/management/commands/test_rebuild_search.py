import io

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection

from tests.support import factories
from tests.support.gallery import shown_images
from vision_chat.models import Conversation, Message, MessageWords, UploadedImage
from vision_chat.services.search.find import find


@pytest.fixture
def reply(ann: User) -> Message:
    shown_images(ann, 1)  # of an earlier release, without words
    Conversation.objects.all().delete()
    return factories.turn(factories.conversation(ann, "Stairs"), answer="A staircase.")


def rebuild_search(*arguments: str) -> str:
    out = io.StringIO()
    call_command("rebuild_search", *arguments, stdout=out)
    return out.getvalue()


def check() -> str:
    """What the check says that finds something."""
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("rebuild_search", "--check", stdout=out)
    assert caught.value.returncode == 1
    return out.getvalue()


@pytest.mark.each_database
def test_everything_is_written_and_then_nothing(ann: User, reply: Message) -> None:
    assert rebuild_search() == "2 of 2 messages, 1 of 1 titles and 1 of 1 pictures written.\n"
    assert rebuild_search() == "0 of 2 messages, 0 of 1 titles and 0 of 1 pictures written.\n"
    assert len(find(ann, "staircase")) == 1


@pytest.mark.each_database
def test_the_check_says_how_many_differ_and_changes_nothing(reply: Message) -> None:
    assert check() == "2 of 2 messages, 1 of 1 titles and 1 of 1 pictures differ.\n"
    assert not MessageWords.objects.exists()
    rebuild_search()
    assert rebuild_search("--check") == "0 of 2 messages, 0 of 1 titles and 0 of 1 pictures differ.\n"
    Message.objects.filter(pk=reply.pk).update(text="A ladder.")
    UploadedImage.objects.update(alt_text="A ladder.")
    assert check() == "1 of 2 messages, 0 of 1 titles and 1 of 1 pictures differ.\n"
    rebuild_search()
    assert rebuild_search("--check") == "0 of 2 messages, 0 of 1 titles and 0 of 1 pictures differ.\n"


@pytest.mark.each_database
def test_an_empty_site_has_nothing_that_differs(transactional_db: None) -> None:
    assert rebuild_search("--check") == "0 of 0 messages, 0 of 0 titles and 0 of 0 pictures differ.\n"


def test_an_index_of_sqlite_that_has_lost_words_is_made_anew(ann: User, reply: Message) -> None:
    """That of PostgreSQL cannot differ from its rows."""
    rebuild_search()
    with connection.cursor() as cursor:
        table = "vision_chat_messagewords_index"
        tokens = MessageWords.objects.get(pk=reply.pk).tokens
        cursor.execute(
            f"INSERT INTO {table} ({table}, rowid, tokens) VALUES ('delete', %s, %s)", [reply.pk, tokens]
        )
    assert find(ann, "staircase") == []

    assert "The database’s index does not match its rows." in check()
    assert "Rebuilding it." in rebuild_search()
    assert len(find(ann, "staircase")) == 1
    rebuild_search("--check")
