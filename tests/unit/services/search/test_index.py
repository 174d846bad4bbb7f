"""When something is indexed: once for each end, and never so that a failure harms what it belongs to."""

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from tests.support import factories
from tests.support.fake_scenarios import cut, error, error_midway, say, step
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import ask, begin, call, question
from vision_chat.models import Conversation, Generation, Message, MessageWords, TitleWords
from vision_chat.models.generation import Status
from vision_chat.services.conversations.continue_reply import continue_reply
from vision_chat.services.conversations.rename import rename
from vision_chat.services.conversations.submit import submit
from vision_chat.services.replies import checkpoints, ends, orphan_rows
from vision_chat.services.replies._outcomes import Outcome
from vision_chat.services.replies.checkpoints import Checkpoint
from vision_chat.services.replies.turn import Turn
from vision_chat.services.search.index import index_messages, index_title

pytestmark = pytest.mark.each_database


@pytest.fixture
def stage(transactional_db: None) -> Iterator[RunStage]:
    with run_stage() as stage:
        yield stage


def words(message_id: int) -> list[str] | None:
    """The words of a message without its marks; None where it is not indexed."""
    row = MessageWords.objects.filter(pk=message_id).first()
    return None if row is None else [token for token in row.tokens.split() if token[0] not in "@#+"]


def checkpoint(turn: Turn, text: str, thoughts: str = "") -> Checkpoint:
    return Checkpoint(turn.generation.pk, turn.reply.pk, text, thoughts)


@contextmanager
def without_index() -> Iterator[None]:
    """A database whose index takes nothing."""
    if connection.vendor == "sqlite":
        with factories.without_table("vision_chat_messagewords_index"):
            yield
    else:
        with factories.without_table("vision_chat_messagewords"):
            yield


def test_a_question_and_its_title_are_indexed_when_it_is_sent(ann: User) -> None:
    turn = ask(ann, "Which Café is this?")

    assert turn.reply.parent_id is not None
    assert words(turn.reply.parent_id) == ["which", "cafe", "is", "this"]
    assert words(turn.reply.pk) is None, "it is not written yet"
    assert TitleWords.objects.get().tokens == f"@{ann.pk} which cafe is this"


def test_a_message_with_images_has_their_mark(ann: User) -> None:
    picture = factories.image(ann)
    turn = ask(ann, "What is this?", image_ids=[picture.pk])
    question_id = turn.reply.parent_id

    assert MessageWords.objects.get(pk=question_id).tokens.split()[:3] == [f"@{ann.pk}", "#0", "+images"]


@pytest.mark.parametrize(
    ("scenario", "status"),
    [
        (say("It begins"), Status.COMPLETED),
        (cut("It begins"), Status.INTERRUPTED),
        (error_midway("It begins"), Status.FAILED),
    ],
    ids=["completed", "interrupted", "failed"],
)
def test_a_reply_is_indexed_however_its_endpoint_ends_it(
    stage: RunStage, ann: User, scenario: object, status: Status
) -> None:
    turn = ask(ann)
    assert stage.watch(stage.start(turn, scenario)).status == status  # type: ignore[arg-type]

    assert words(turn.reply.pk) == ["it", "begins"]


def test_a_reply_without_words_is_indexed_too(stage: RunStage, ann: User) -> None:
    turn = ask(ann)
    stage.watch(stage.start(turn, error(401)))

    assert words(turn.reply.pk) == []


def test_a_stopped_reply_is_indexed_with_what_it_has(stage: RunStage, ann: User) -> None:
    turn = ask(ann)
    live = stage.start(turn, step("It begins and goes on"))
    stage.say(live, stage.next_call(), 2)
    stage.now(stage.runner.stop, turn.reply.pk)
    stage.watch(live)

    assert words(turn.reply.pk) == ["it", "begins"]


def test_a_checkpoint_indexes_nothing(ann: User) -> None:
    turn = ask(ann)
    checkpoints.save("boot", [turn.generation.pk], [checkpoint(turn, "It begins")])

    assert Message.objects.get(pk=turn.reply.pk).text == "It begins"
    assert words(turn.reply.pk) is None


def test_a_reply_whose_process_died_is_indexed_when_it_is_interrupted(ann: User) -> None:
    turn = ask(ann)
    checkpoints.save("boot", [turn.generation.pk], [checkpoint(turn, "It begins")])
    assert orphan_rows.interrupt_orphans("another", others_may_run=False)

    assert words(turn.reply.pk) == ["it", "begins"]


def test_no_other_reply_is_indexed_with_one_whose_process_died(ann: User) -> None:
    turn, other = ask(ann), ask(ann)
    Generation.objects.filter(pk=turn.generation.pk).update(heartbeat_at=timezone.now() - timedelta(hours=1))
    assert orphan_rows.interrupt_orphans("another", others_may_run=True)

    assert words(turn.reply.pk) == []
    assert words(other.reply.pk) is None


def test_a_reply_that_is_continued_is_indexed_again_at_its_end(ann: User) -> None:
    turn = ask(ann)
    stopped = Outcome(Status.STOPPED, {}, {})
    ends.settle(checkpoint(turn, "It"), stopped)
    assert words(turn.reply.pk) == ["it"]
    again = begin(ann, continue_reply, str(turn.reply.pk))
    assert words(turn.reply.pk) == ["it"]
    ends.settle(checkpoint(again, "It begins", "Hidden."), Outcome(Status.COMPLETED, {}, {}))

    assert words(turn.reply.pk) == ["it", "begins"]


def test_a_reply_that_another_process_has_settled_is_not_indexed_with_a_text_it_has_not(ann: User) -> None:
    turn = ask(ann)
    ends.settle(checkpoint(turn, "It ended"), Outcome(Status.COMPLETED, {}, {}))
    ends.settle(checkpoint(turn, "Another end"), Outcome(Status.FAILED, {}, {}))

    assert words(turn.reply.pk) == ["it", "ended"]


def test_a_new_title_takes_the_place_of_the_old_one(ann: User) -> None:
    turn = ask(ann, "What is this?")
    call(ann, rename, turn.reply.conversation_id, "Stairs in Rome")

    assert TitleWords.objects.get().tokens == f"@{ann.pk} stairs in rome"


def test_a_failure_of_the_index_keeps_no_message_from_being_sent(
    ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    with without_index():
        turn = ask(ann, "What is this?")

    assert Message.objects.filter(conversation=turn.reply.conversation).count() == 2
    assert turn.reply.parent_id is not None
    assert words(turn.reply.parent_id) is None
    assert "manage.py rebuild_search" in caplog.text


def test_a_failure_of_the_index_keeps_no_reply_from_settling(
    ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    turn = ask(ann)
    with without_index():
        settled = ends.settle(checkpoint(turn, "An answer."), Outcome(Status.COMPLETED, {}, {}))

    assert settled.generation is not None
    assert settled.generation.status == Status.COMPLETED
    assert Message.objects.get(pk=turn.reply.pk).text == "An answer."
    assert words(turn.reply.pk) is None
    assert [record.levelno for record in caplog.records if "rebuild_search" in record.message] == [
        logging.ERROR
    ]


def test_a_failure_of_the_index_keeps_no_orphan_from_being_interrupted(ann: User) -> None:
    turn = ask(ann)
    with without_index():
        assert orphan_rows.interrupt_orphans("another", others_may_run=False)

    assert Generation.objects.get(pk=turn.generation.pk).status == Status.INTERRUPTED


def test_what_is_deleted_leaves_the_index(ann: User) -> None:
    turn = ask(ann)
    Conversation.objects.filter(pk=turn.reply.conversation_id).delete()

    assert not MessageWords.objects.exists()
    assert not TitleWords.objects.exists()


def test_indexing_twice_is_indexing_once(ann: User) -> None:
    reply = factories.turn(factories.conversation(ann))
    for _ in range(2):
        index_messages([reply.pk])
        index_title(reply.conversation)

    assert MessageWords.objects.count() == TitleWords.objects.count() == 1


def test_a_message_that_has_gone_is_no_failure(
    transactional_db: None, caplog: pytest.LogCaptureFixture
) -> None:
    index_messages([12345])

    assert not MessageWords.objects.exists()
    assert caplog.records == []


def test_a_submit_that_is_sent_again_is_indexed_once(ann: User) -> None:
    again = question("What is this?", client_id=uuid.uuid4())
    for _ in range(2):
        call(ann, submit, **again)

    assert MessageWords.objects.count() == 1
