"""A page that comes back shows what a page shows that is opened now, whatever has happened meanwhile."""

import asyncio
import random
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test.utils import CaptureQueriesContext

from tests.support import factories
from tests.support.random_conversation import RandomConversation, Visit
from tests.support.use_cases import RecordingRunner, ask, call, finish
from vision_chat.errors.turns import NotFoundError
from vision_chat.events import ConversationStale, MessageCreated
from vision_chat.models import Conversation, Message
from vision_chat.services.conversations.catch_up import (
    MAX_CURSORS,
    MAX_MISSED,
    Missed,
    Page,
    _catch_up,
    catch_up,
)
from vision_chat.services.conversations.regenerate import regenerate
from vision_chat.services.conversations.show_message import show_message

pytestmark = pytest.mark.each_database


@pytest.fixture
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def test_a_page_that_shows_what_a_crash_lost_is_not_taken_for_one_that_shows_the_continuation(
    ann: User, loop: asyncio.Runner
) -> None:
    inside = RandomConversation(ann, random.Random(0))
    inside.running_reply.append("one two")
    page = inside.opened()
    inside.crash(losing=3)
    inside.continue_reply()
    say = inside.running_reply.append
    meanwhile = Visit(inside.opened(), inside, ann, loop)
    meanwhile.stay(meanwhile.catch_up(), partial(say, "tea"), partial(say, " for two"))
    visit = Visit(page, inside, ann, loop)
    visit.stay(visit.catch_up())

    assert page.articles[-1].body.blocks == ["<p>one tea for two<i data-end></i></p>"]


@pytest.mark.parametrize("lost", range(4))
def test_a_page_learns_that_a_crash_ended_its_reply_however_much_that_lost(
    ann: User, loop: asyncio.Runner, lost: int
) -> None:
    inside = RandomConversation(ann, random.Random(0))
    inside.running_reply.append("one two")
    page = inside.opened()
    inside.crash(losing=lost)
    visit = Visit(page, inside, ann, loop)
    visit.stay(visit.catch_up())

    assert page.articles[-1].status == "interrupted"
    assert page.shown() == inside.opened().shown()


def test_a_page_of_another_branch_is_told_to_fetch_itself_again(ann: User) -> None:
    turn = ask(ann)
    finish(turn)
    call(ann, regenerate, str(turn.reply.pk))
    conversation_id = turn.reply.conversation_id
    missed = call(ann, catch_up, conversation_id, Page(str(turn.reply.pk), {}))

    assert missed == Missed([ConversationStale(conversation_id=str(conversation_id))], [])


def test_an_empty_page_gets_the_whole_branch(ann: User) -> None:
    turn = ask(ann)
    finish(turn)
    missed = call(ann, catch_up, turn.reply.conversation_id, Page(None, {}))
    roles = [event.role for event in missed.events if isinstance(event, MessageCreated)]

    assert roles == ["user", "assistant"]


def test_a_page_that_shows_everything_is_told_nothing(ann: User) -> None:
    turn = ask(ann)
    finish(turn, "An answer.")
    reply_id = str(turn.reply.pk)
    cursors = {reply_id: len("An answer.") + 1}

    assert call(ann, catch_up, turn.reply.conversation_id, Page(reply_id, cursors)) == Missed()


@pytest.mark.parametrize("conversation", ["of somebody else", "unknown"])
def test_catch_up_finds_no_conversation_of_somebody_else(
    ann: User, stranger: User, conversation: str
) -> None:
    turn = ask(ann)
    conversation_id = turn.reply.conversation_id if conversation == "of somebody else" else uuid.uuid4()
    with pytest.raises(NotFoundError):
        call(stranger, catch_up, conversation_id, Page(None, {}), runner=RecordingRunner())


def long_conversation(owner: User, turns: int) -> tuple[Conversation, list[Message]]:
    """A conversation with so many turns, and its replies."""
    conversation = factories.conversation(owner)
    return conversation, [factories.turn(conversation) for _ in range(turns)]


def caught_up(owner: User, conversation: Conversation, leaf: str | None, cursors: dict[str, int]) -> Missed:
    return call(owner, catch_up, conversation.pk, Page(leaf, cursors), runner=RecordingRunner())


@pytest.mark.parametrize("turns", [MAX_MISSED // 2, MAX_MISSED // 2 + 1])
def test_a_page_that_lacks_much_fetches_itself_again(ann: User, turns: int) -> None:
    conversation, _ = long_conversation(ann, turns)
    missed = caught_up(ann, conversation, None, {})

    if turns * 2 <= MAX_MISSED:
        assert [type(event) for event in missed.events] == [MessageCreated] * turns * 2
    else:
        assert missed == Missed([ConversationStale(conversation_id=str(conversation.pk))])


def test_a_page_that_shows_many_replies_in_an_old_state_fetches_itself_again(ann: User) -> None:
    conversation, replies = long_conversation(ann, MAX_MISSED + 1)
    missed = caught_up(ann, conversation, str(replies[-1].pk), {str(reply.pk): 1 for reply in replies})

    assert missed == Missed([ConversationStale(conversation_id=str(conversation.pk))])


def test_a_page_with_more_cursors_than_any_page_has_fetches_itself_again(ann: User) -> None:
    conversation, replies = long_conversation(ann, 1)
    cursors = {str(number): 1 for number in range(MAX_CURSORS + 1)}
    missed = caught_up(ann, conversation, str(replies[-1].pk), cursors)

    assert missed == Missed([ConversationStale(conversation_id=str(conversation.pk))])


@pytest.mark.parametrize("leaf", ["", "x", "-1", "٣", "9" * 18, "9" * 30])
def test_a_page_whose_last_message_is_none_of_the_conversation_fetches_itself_again(
    ann: User, leaf: str
) -> None:
    conversation, _ = long_conversation(ann, 1)
    assert caught_up(ann, conversation, leaf, {}) == Missed(
        [ConversationStale(conversation_id=str(conversation.pk))]
    )


def test_a_cursor_of_another_conversation_s_reply_brings_nothing(ann: User, stranger: User) -> None:
    conversation, replies = long_conversation(ann, 1)
    _, others = long_conversation(stranger, 1)
    _, own_others = long_conversation(ann, 1)
    cursors = {str(reply.pk): 1 for reply in (*others, *own_others)}

    assert caught_up(ann, conversation, str(replies[-1].pk), cursors) == Missed()


def test_a_reply_that_ended_between_two_reads_is_shown_whole(ann: User, loop: asyncio.Runner) -> None:
    inside = RandomConversation(ann, random.Random(0))
    inside.running_reply.append("one two")
    page = inside.opened()
    inside.save_end()
    Message.objects.filter(pk=inside.leaf.pk).update(text="one")  # as a reader got it before the end
    page.articles.clear()
    visit = Visit(page, inside, ann, loop)
    visit.stay(visit.catch_up())

    assert page.articles[-1].body.blocks == ["<p>one two</p>"]


def test_a_reply_of_another_process_that_ended_between_two_reads_is_shown_whole(ann: User) -> None:
    conversation, (reply,) = long_conversation(ann, 1)
    whole = reply.text
    Message.objects.filter(pk=reply.pk).update(text=whole[:3])

    unsaved = [whole]

    def end_before_generations(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        """Save the rest when the text was read, and the status was not."""
        if unsaved and "vision_chat_generation" in sql:
            Message.objects.filter(pk=reply.pk).update(text=unsaved.pop())
        return execute(sql, *rest)

    with connections["default"].execute_wrapper(end_before_generations):
        missed = _catch_up(ann, conversation.pk, Page(None, {}), lambda _: None, "this process")
    created = missed.events[-1]

    assert isinstance(created, MessageCreated)
    assert f"<p>{whole}</p>" in created.html


def test_a_watch_that_misses_nothing_asks_as_little_of_a_long_conversation_as_of_a_short_one(
    ann: User,
) -> None:
    numbers = []
    for turns in (1, 40):
        conversation, replies = long_conversation(ann, turns)
        cursors = {str(reply.pk): len(reply.text) + 1 for reply in replies}
        missed, queries = queries_of(ann, conversation, str(replies[-1].pk), cursors)
        assert missed == Missed()
        numbers.append(queries)

    assert numbers == [2, 2]


def queries_of(
    owner: User, conversation: Conversation, leaf: str, cursors: dict[str, int]
) -> tuple[Missed, int]:
    """What was missed, and the number of queries that finding it took."""
    with CaptureQueriesContext(connections["default"]) as captured:
        missed = _catch_up(owner, conversation.pk, Page(leaf, cursors), lambda _: None)
    return missed, len(captured)


def test_a_page_that_shows_other_siblings_than_there_are_is_stale(ann: User) -> None:
    first = ask(ann)
    finish(first)
    conversation = Conversation.objects.get()
    call(ann, regenerate, str(first.reply.pk))
    call(ann, show_message, first.reply.pk)
    page = str(first.reply.pk), {str(first.reply.pk): 11}

    stale = call(ann, catch_up, conversation.pk, Page(*page, conversation.tree_revision))
    assert [type(event) for event in stale.events] == [ConversationStale]
    now = Conversation.objects.get().tree_revision
    assert call(ann, catch_up, conversation.pk, Page(*page, now)) == Missed()
