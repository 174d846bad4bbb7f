"""The outline of a conversation: every message of every branch, where it belongs."""

import uuid

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Message
from vision_chat.services.conversations import outline as outlines
from vision_chat.services.conversations.outline import outline


@pytest.fixture
def answers(ann: User) -> list[Message]:
    """Two answers to one question, of which the second was asked about further and is shown."""
    conversation = factories.conversation(ann)
    first = factories.turn(conversation, text="What?", answer="First.")
    assert first.parent is not None
    second = factories.reply(first.parent, "<think>Hm.</think>Second\n\nlines.")
    third = factories.turn(conversation, text="And then?", answer="Third.")
    return [first, second, third]


def test_each_version_is_followed_by_its_own_branch(ann: User, answers: list[Message]) -> None:
    lines = outline(ann, answers[0].conversation_id).lines

    assert [(line.text, line.level, line.index, line.count, line.is_shown) for line in lines] == [
        ("What?", 0, 1, 1, True),
        ("First.", 1, 1, 2, False),
        ("Second lines.", 1, 2, 2, True),
        ("And then?", 1, 1, 1, True),
        ("Third.", 1, 1, 1, True),
    ]


def test_a_long_one_is_cut_and_says_so(
    ann: User, answers: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not outline(ann, answers[0].conversation_id).is_cut
    monkeypatch.setattr(outlines, "MAX_LINES", 2)
    cut = outline(ann, answers[0].conversation_id)

    assert (len(cut.lines), cut.is_cut) == (2, True)


def test_a_message_without_words_and_a_long_one_have_a_line_each(ann: User) -> None:
    conversation = factories.conversation(ann)
    factories.turn(conversation, text="", answer="word " * 400)
    lines = outline(ann, conversation.pk).lines

    assert lines[0].text == ""
    assert len(lines[1].text) <= outlines.SHOWN + 1
    assert lines[1].text.endswith("…")


def test_strangers_get_none(stranger: User, answers: list[Message]) -> None:
    for conversation_id in (answers[0].conversation_id, uuid.uuid4()):
        with pytest.raises(NotFoundError):
            outline(stranger, conversation_id)
