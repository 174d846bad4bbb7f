import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.use_cases import ask, begin, call, finish
from vision_chat.errors.turns import NotFoundError, ReplyRunningError
from vision_chat.events import Event, FeedbackChanged
from vision_chat.models import Feedback, Message
from vision_chat.models.generation import Status
from vision_chat.services.conversations.continue_reply import continue_reply
from vision_chat.services.conversations.delete import delete
from vision_chat.services.conversations.delete_message import delete_message
from vision_chat.services.conversations.give_feedback import Details, give_feedback
from vision_chat.services.conversations.new_chat import new_chat_from
from vision_chat.services.presentation.feedback import FeedbackView
from vision_chat.services.replies._outcomes import Outcome
from vision_chat.services.replies.checkpoints import Checkpoint
from vision_chat.services.replies.ends import settle

pytestmark = pytest.mark.each_database
WRONG = Details(["wrong"], "There are twenty.")


@pytest.fixture
def reply(ann: User) -> Message:
    return factories.turn(factories.conversation(ann))


def given() -> list[tuple[str, list[str], str]]:
    return [(row.mark, row.reasons, row.comment) for row in Feedback.objects.all()]


def test_a_reply_has_one_mark_which_is_changed_and_taken_back(ann: User, reply: Message) -> None:
    told: list[Event] = []
    call(ann, give_feedback, reply.pk, "good", told=told)
    call(ann, give_feedback, reply.pk, "bad", told=told)
    call(ann, give_feedback, reply.pk, "bad", WRONG, told=told)
    assert given() == [("bad", ["wrong"], "There are twenty.")]
    call(ann, give_feedback, reply.pk, "", told=told)
    call(ann, give_feedback, reply.pk, "", told=told)

    assert given() == []
    assert [event.mark for event in told if isinstance(event, FeedbackChanged)] == [
        "good",
        "bad",
        "bad",
        "",
        "",
    ]


def test_pressing_once_more_keeps_the_details_and_the_other_mark_shows_none_of_them(
    ann: User, reply: Message
) -> None:
    call(ann, give_feedback, reply.pk, "bad", WRONG)
    call(ann, give_feedback, reply.pk, "bad")
    assert given() == [("bad", ["wrong"], "There are twenty.")]

    call(ann, give_feedback, reply.pk, "good")
    good = Feedback.objects.select_related("person").get()
    view = FeedbackView.of(good)
    assert (view.mark, view.reasons, view.comment) == ("good", [], "")
    call(ann, give_feedback, reply.pk, "bad")
    assert given() == [("bad", ["wrong"], "There are twenty.")]


def test_only_a_settled_reply_of_one_s_own_takes_a_mark(ann: User, stranger: User, reply: Message) -> None:
    for person, message_id in ((stranger, reply.pk), (ann, reply.parent_id), (ann, 10**18)):
        with pytest.raises(NotFoundError):
            call(person, give_feedback, message_id, "good")
    running = ask(ann)
    with pytest.raises(ReplyRunningError):
        call(ann, give_feedback, running.reply.pk, "good")
    assert given() == []


def test_what_was_deleted_takes_no_mark(ann: User, reply: Message) -> None:
    other = factories.turn(factories.conversation(ann))
    call(ann, delete_message, other.pk)
    call(ann, delete, reply.conversation_id)

    for message_id in (reply.pk, other.pk):
        with pytest.raises(NotFoundError):
            call(ann, give_feedback, message_id, "good")


def test_a_copy_of_a_chat_has_no_marks(ann: User, reply: Message) -> None:
    call(ann, give_feedback, reply.pk, "bad", WRONG)
    call(ann, new_chat_from, reply.pk)

    assert Message.objects.filter(role="assistant").count() == 2
    assert [row.message_id for row in Feedback.objects.all()] == [reply.pk]


def test_a_reply_that_goes_on_keeps_its_mark(ann: User) -> None:
    first = ask(ann)
    finish(first, "It begins")
    call(ann, give_feedback, first.reply.pk, "bad")
    turn = begin(ann, continue_reply, str(first.reply.pk))
    whole = Checkpoint(turn.generation.pk, first.reply.pk, "It begins and ends.")

    assert settle(whole, Outcome(Status.COMPLETED, {}, {})).feedback == "bad"
