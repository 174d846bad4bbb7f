import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.use_cases import ask, begin, call, finish
from vision_chat.errors.turns import NotFoundError, NothingToContinueError, ReplyRunningError
from vision_chat.models import Conversation, Generation, Message
from vision_chat.services.conversations.continue_reply import continue_reply
from vision_chat.services.conversations.delete_message import delete_message
from vision_chat.services.replies.turn import Attached


def test_continue_reply_goes_on_with_the_same_message_as_its_next_part(ann: User) -> None:
    first = ask(ann)
    finish(first, "It begins")
    turn = begin(ann, continue_reply, str(first.reply.pk))

    assert turn.reply == first.reply
    assert turn.is_continued
    assert (first.generation.part, turn.generation.part) == (0, 1)
    assert turn.branch[-1].text == "It begins"


def test_continue_reply_divides_what_there_is_before_the_reply_starts(ann: User) -> None:
    first = ask(ann)
    finish(first, "<think>Hmm.</think>It begins")
    turn = begin(ann, continue_reply, str(first.reply.pk))

    assert turn.divider is not None
    assert (str(turn.divider.thoughts), str(turn.divider.answer)) == ("Hmm.", "It begins")


def test_continue_reply_refuses_a_reply_without_text(ann: User) -> None:
    turn = ask(ann)
    finish(turn, "")
    with pytest.raises(NothingToContinueError):
        call(ann, continue_reply, str(turn.reply.pk))


def test_continue_reply_finds_no_reply_of_somebody_else(ann: User, stranger: User) -> None:
    turn = ask(ann)
    finish(turn)
    with pytest.raises(NotFoundError):
        call(stranger, continue_reply, str(turn.reply.pk))


def test_continue_reply_makes_a_sibling_of_one_that_something_follows(ann: User) -> None:
    first = ask(ann)
    finish(first, "<think>Hmm.</think>It begins")
    Generation.objects.update(status="stopped")
    second = begin(ann, continue_reply, str(first.reply.pk))
    finish(second, "<think>Hmm.</think>It begins, goes on")
    later = ask(ann, conversation_id=first.reply.conversation_id)
    finish(later)
    turn = begin(ann, continue_reply, str(first.reply.pk))

    assert turn.reply != first.reply
    assert (turn.reply.parent_id, turn.reply.text) == (
        first.reply.parent_id,
        "<think>Hmm.</think>It begins, goes on",
    )
    assert [part.text for part in turn.parts] == ["<think>Hmm.</think>It begins", ", goes on"]
    assert turn.divider is not None
    assert (str(turn.divider.thoughts), str(turn.divider.answer)) == ("Hmm.", "It begins, goes on")
    assert (turn.generation.part, turn.generation.starts_at) == (2, len(turn.reply.text))
    assert turn.branch[-1].message_id == turn.reply.pk
    assert Conversation.objects.get().leaf == turn.reply
    assert Message.objects.get(pk=first.reply.pk).shown_child_id == later.reply.parent_id


@pytest.mark.each_database
def test_continue_reply_keeps_what_it_has_drawn(ann: User) -> None:
    image = factories.image(ann)
    first = ask(ann)
    finish(first, "It begins")
    factories.attach(first.reply, image)
    finish(ask(ann, conversation_id=first.reply.conversation_id))
    turn = begin(ann, continue_reply, str(first.reply.pk))

    assert list(turn.reply.images.all()) == [image]
    assert turn.branch[-1].attached == [Attached.whole(image)]


def test_a_deleted_message_comes_back_after_the_reply_that_it_followed(ann: User) -> None:
    first = ask(ann)
    finish(first, "It begins")
    later = ask(ann, conversation_id=first.reply.conversation_id)
    finish(later)
    call(ann, delete_message, later.reply.parent_id)

    assert begin(ann, continue_reply, str(first.reply.pk)).reply != first.reply


def test_a_reply_that_runs_is_not_continued(ann: User) -> None:
    turn = ask(ann)
    with pytest.raises(ReplyRunningError):
        call(ann, continue_reply, str(turn.reply.pk))
