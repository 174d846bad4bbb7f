import pytest
from django.contrib.auth.models import User

from tests.support.use_cases import ask, begin, call, finish
from vision_chat.errors.turns import NotFoundError, NothingToContinueError
from vision_chat.services.conversations.continue_reply import continue_reply


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
