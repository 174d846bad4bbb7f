"""Deleting a message with all that follows it, and the undo."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db.models import Prefetch
from django.utils import timezone

from tests.support import factories
from tests.support.use_cases import RecordingRunner, ask, call, finish
from tests.support.waiting import ask_meanwhile, end, reason_of
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Completion, Conversation, Message, UploadedImage
from vision_chat.models.generation import Status
from vision_chat.services.conversations.delete_message import delete_message, restore_message
from vision_chat.services.conversations.purge import purge_deleted_messages
from vision_chat.services.conversations.records import record_of
from vision_chat.services.conversations.show_message import show_message
from vision_chat.services.replies import checkpoints
from vision_chat.services.reviews.queries import reviewable, with_figures
from vision_chat.services.search.find import find

pytestmark = pytest.mark.each_database


def leaf() -> Message | None:
    return Conversation.objects.get().leaf


def visible() -> list[str]:
    return list(Message.objects.sent().order_by("pk").values_list("text", flat=True))


def test_a_message_goes_with_all_that_follows_it_and_comes_back_with_it(ann: User) -> None:
    inside = factories.conversation(ann)
    first = factories.turn(inside, "one", "two")
    last = factories.turn(inside, "three", "four")
    assert last.parent_id is not None
    call(ann, delete_message, last.parent_id)
    assert (visible(), leaf()) == (["one", "two"], first)

    call(ann, restore_message, last.parent_id)
    assert (visible(), leaf()) == (["one", "two", "three", "four"], last)


def test_the_nearest_sibling_is_shown_instead(ann: User) -> None:
    first = factories.turn(factories.conversation(ann))
    assert first.parent is not None
    second, third = factories.reply(first.parent, "A ladder."), factories.reply(first.parent, "A slide.")
    call(ann, delete_message, third.pk)
    assert leaf() == second
    call(ann, show_message, first.pk)
    call(ann, delete_message, first.pk)
    assert leaf() == second


def test_on_another_branch_nothing_that_is_shown_changes(ann: User) -> None:
    first = factories.turn(factories.conversation(ann))
    assert first.parent is not None
    second = factories.reply(first.parent, "A ladder.")
    call(ann, delete_message, first.pk)

    assert leaf() == second
    assert Message.objects.siblings_of([second.pk]) == {}


def test_a_conversation_may_lose_all_its_messages(ann: User) -> None:
    last = factories.turn(factories.conversation(ann))
    assert last.parent_id is not None
    call(ann, delete_message, last.parent_id)
    assert leaf() is None

    turn = ask(ann, conversation_id=last.conversation_id)
    assert turn.reply.parent is not None
    assert turn.reply.parent.parent is None
    call(ann, restore_message, last.parent_id)
    assert leaf() == last


def test_what_runs_below_is_stopped(ann: User) -> None:
    turn = ask(ann)
    runner = RecordingRunner()
    call(ann, delete_message, turn.reply.parent_id, runner=runner)

    assert runner.stopped == [turn.reply.pk]


def test_what_runs_below_in_another_process_ends_at_its_next_checkpoint(ann: User) -> None:
    turn = ask(ann)
    call(ann, delete_message, turn.reply.parent_id)

    assert checkpoints.save("boot", [turn.generation.pk], []).unwanted == {turn.generation.pk}


def test_exports_and_reviews_have_all_branches_and_nothing_that_was_deleted(ann: User) -> None:
    first = factories.turn(factories.conversation(ann), "one", "two")
    assert first.parent is not None
    second, third = factories.reply(first.parent, "three"), factories.reply(first.parent, "four")
    call(ann, delete_message, third.pk)
    conversation = Conversation.objects.prefetch_related(
        Prefetch("messages", Message.objects.sent().with_details().order_by("pk"))
    ).get()

    assert [message["text"] for message in record_of(conversation)["messages"]] == ["one", "two", "three"]
    assert with_figures(reviewable()).get().figures.message_count == 3
    assert conversation.leaf == second


def test_a_waiting_message_goes_along_and_asks_when_it_is_back(ann: User) -> None:
    turn = ask(ann)
    waiting = ask_meanwhile(ann, turn)
    call(ann, delete_message, turn.reply.pk)
    assert end(turn.reply.pk, Status.STOPPED) is None
    assert not Message.objects.waiting_for(turn.reply.pk).exists()

    call(ann, restore_message, turn.reply.pk)
    assert reason_of(waiting) == "The last answer was stopped. Send this anyway?"


def test_what_was_deleted_before_stays_deleted(ann: User) -> None:
    inside = factories.conversation(ann)
    factories.turn(inside, "one", "two")
    last = factories.turn(inside, "three", "four")
    question, first = last.parent, Message.objects.earliest("pk")
    assert question is not None
    call(ann, delete_message, last.pk)
    call(ann, delete_message, question.pk)
    call(ann, delete_message, first.pk)
    call(ann, restore_message, first.pk)
    assert visible() == ["one", "two"]
    call(ann, restore_message, question.pk)
    assert visible() == ["one", "two", "three"]


def test_an_undo_below_a_deleted_message_takes_effect_with_that(ann: User) -> None:
    inside = factories.conversation(ann)
    last = factories.turn(inside, "one", "two")
    assert last.parent_id is not None
    call(ann, delete_message, last.pk)
    call(ann, delete_message, last.parent_id)
    call(ann, restore_message, last.pk)
    assert visible() == []
    call(ann, restore_message, last.parent_id)
    assert visible() == ["one", "two"]


def test_after_the_undo_window_nothing_comes_back(ann: User) -> None:
    last = factories.turn(factories.conversation(ann))
    call(ann, delete_message, last.pk)
    Message.objects.filter(pk=last.pk).update(deleted_at=timezone.now() - timedelta(minutes=6))
    with pytest.raises(NotFoundError):
        call(ann, restore_message, last.pk)


def test_nobody_elses_message_is_deleted_or_restored(ann: User, stranger: User) -> None:
    last = factories.turn(factories.conversation(ann))
    for use_case in (delete_message, restore_message):
        with pytest.raises(NotFoundError):
            call(stranger, use_case, last.pk)
    call(ann, delete_message, last.pk)
    with pytest.raises(NotFoundError):
        call(stranger, restore_message, last.pk)
    with pytest.raises(NotFoundError):
        call(ann, show_message, last.pk)


def test_a_deleted_message_is_not_found_until_it_is_back(ann: User) -> None:
    last = factories.turn(factories.conversation(ann, "Stairs"), answer="A funicular.")
    factories.index(last.conversation)
    call(ann, delete_message, last.pk)
    assert find(ann, "funicular") == []
    call(ann, restore_message, last.pk)
    assert [hit.message_id for hit in find(ann, "funicular")] == [last.pk]


def test_housekeeping_deletes_for_good_what_nobody_can_restore(ann: User) -> None:
    shared, own = factories.image(ann, "shared.jpg"), factories.image(ann, "own.jpg")
    first = ask(ann, image_ids=[shared.pk])
    finish(first)
    last = ask(ann, image_ids=[shared.pk, own.pk], conversation_id=first.reply.conversation_id)
    finish(last)
    just_deleted = ask(ann, conversation_id=first.reply.conversation_id)
    finish(just_deleted)
    call(ann, delete_message, just_deleted.reply.pk)
    assert purge_deleted_messages() == 0

    call(ann, delete_message, last.reply.parent_id)
    Message.objects.exclude(deleted_at=None).update(deleted_at=timezone.now() - timedelta(minutes=6))
    assert purge_deleted_messages() == 4
    assert purge_deleted_messages() == 0
    assert list(UploadedImage.objects.all()) == [shared]
    assert Message.objects.count() == 2
    assert Completion.objects.count() == 3, "what was spent stays counted"
