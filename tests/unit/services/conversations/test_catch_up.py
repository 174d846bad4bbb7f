"""A page that comes back shows what a page shows that is opened now, whatever has happened meanwhile."""

import asyncio
import json
import random
import uuid
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from django.contrib.auth.models import User

from tests.support.random_conversation import RandomConversation
from tests.support.thread_model import ThreadModel
from tests.support.use_cases import RecordingRunner, ask, call, finish
from vision_chat.errors.turns import NotFoundError
from vision_chat.events import ConversationStale, Event, MessageCreated, encode
from vision_chat.services.conversations.catch_up import Missed, catch_up
from vision_chat.services.conversations.regenerate import regenerate


@pytest.fixture
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


class Visit:
    """A page comes back to a conversation and stays for a while."""

    def __init__(
        self, page: ThreadModel, inside: RandomConversation, owner: User, loop: asyncio.Runner
    ) -> None:
        self.page = page
        self._inside = inside
        self._owner = owner
        self._loop = loop

    def catch_up(self) -> Missed:
        self.page.connect()
        page, process = self.page, self._inside.process
        return call(self._owner, catch_up, self._inside.id, page.leaf_id, page.cursors, runner=process)

    def stay(self, missed: Missed, *steps: Callable[[], None]) -> None:
        """Apply what was missed, and follow the running replies while these things happen."""
        for event in missed.events:
            self.page.apply(json.loads(encode(event)))
        tasks = [
            self._loop.get_loop().create_task(live.follow(cursor, self._send))
            for live, cursor in missed.followed
        ]
        for step in steps:
            step()
            self._loop.run(self._inside.time.pass_by(1))
        self._loop.run(self._inside.time.pass_by(1))
        for task in tasks:
            task.cancel()
        self._loop.run(asyncio.sleep(0))

    async def _send(self, event: Event) -> None:
        self.page.apply(json.loads(encode(event)))


@pytest.mark.parametrize("seed", range(40))
def test_a_page_that_catches_up_shows_what_a_page_opened_afresh_shows(
    ann: User, loop: asyncio.Runner, seed: int
) -> None:
    chance = random.Random(seed)
    inside = RandomConversation(ann, chance)
    page = inside.opened()
    for _ in range(6):
        for _ in range(chance.randint(0, 5)):
            inside.happen()
        visit = Visit(page, inside, ann, loop)
        ending = inside.save_end() if inside.running and chance.random() < 0.2 else None
        missed = visit.catch_up()
        if ending is not None:
            inside.tell_end(ending)
        visit.stay(missed, *chance.choices([inside.grow, inside.settle], k=chance.randint(0, 3)))
        afresh = inside.opened()
        if page.is_stale:
            page = afresh
        assert page.shown() == afresh.shown()


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
    missed = call(ann, catch_up, conversation_id, str(turn.reply.pk), {})

    assert missed == Missed([ConversationStale(conversation_id=str(conversation_id))], [])


def test_an_empty_page_gets_the_whole_branch(ann: User) -> None:
    turn = ask(ann)
    finish(turn)
    missed = call(ann, catch_up, turn.reply.conversation_id, None, {})
    roles = [event.role for event in missed.events if isinstance(event, MessageCreated)]

    assert roles == ["user", "assistant"]


def test_a_page_that_shows_everything_is_told_nothing(ann: User) -> None:
    turn = ask(ann)
    finish(turn, "An answer.")
    reply_id = str(turn.reply.pk)
    cursors = {reply_id: len("An answer.") + 1}

    assert call(ann, catch_up, turn.reply.conversation_id, reply_id, cursors) == Missed([], [])


@pytest.mark.parametrize("conversation", ["of somebody else", "unknown"])
def test_catch_up_finds_no_conversation_of_somebody_else(
    ann: User, stranger: User, conversation: str
) -> None:
    turn = ask(ann)
    conversation_id = turn.reply.conversation_id if conversation == "of somebody else" else uuid.uuid4()
    with pytest.raises(NotFoundError):
        call(stranger, catch_up, conversation_id, None, {}, runner=RecordingRunner())
