"""The line of a site that several processes serve: no limit is exceeded, and people take turns."""

import os
import uuid

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.environment import redis_database
from tests.support.fake_endpoint import FakeEndpoint, last_user_text
from tests.support.fake_scenarios import error
from tests.support.line_stage import line_stage
from tests.support.models_of_sites import endpoint, language_model
from vision_chat.models import Generation
from vision_chat.models.generation import Status
from vision_chat.services.conversations.question import Question
from vision_chat.services.conversations.submit import submit
from vision_chat.services.endpoint_states import rows
from vision_chat.services.replies.admission import ahead_in_line

pytestmark = [pytest.mark.service("TEST_REDIS_URL"), pytest.mark.each_database]


@pytest.fixture
def url() -> str:
    return redis_database(os.environ["TEST_REDIS_URL"])


@pytest.fixture
def people(ann: User, stranger: User) -> tuple[User, User, User]:
    return ann, User.objects.create_user("bea"), stranger


async def test_two_processes_never_exceed_a_limit_and_serve_people_in_turn(
    people: tuple[User, User, User], url: str
) -> None:
    ann, bea, stranger = people
    async with line_stage(url, at_once=2) as stage:
        replies: dict[int, str] = {}
        for number in range(3):
            for index, person in enumerate((ann, ann, bea, stranger) if number == 0 else (ann, bea)):
                text = f"{person.username} {number} {index}"
                replies[await stage.processes[index % 2].submit(person, text)] = text
        line = await stage.read(ahead_in_line)
        order = [replies[message_id] for message_id in sorted(line, key=lambda pk: line[pk])]
        most = 0
        for served in range(len(replies)):
            await stage.until(lambda: len(stage.fake.calls) >= min(served + 2, len(replies)))  # noqa: B023 - awaited here
            most = max(most, len(stage.open_calls), await stage.read(Generation.objects.taken().count))
            stage.release(stage.open_calls[0])
            await stage.until(lambda: len([c for c in stage.fake.calls if c.ended.is_set()]) > served)  # noqa: B023 - awaited here
        await stage.until_ended(*replies)

    assert most == 2
    assert stage.asked[2:] == order
    assert len(stage.asked) == len(replies)


async def test_what_waited_in_a_process_that_died_another_one_takes(
    ann: User, stranger: User, url: str
) -> None:
    async with line_stage(url, at_once=1) as stage:
        first, second = stage.processes
        running = await second.submit(ann, "First")
        waiting = await first.submit(stranger, "Second")
        await first.die()
        await stage.until(lambda: len(stage.fake.calls) == 1)
        await second.sweep()
        stage.release(stage.fake.calls[0])
        await stage.until(lambda: len(stage.fake.calls) == 2)
        stage.release(stage.fake.calls[1])
        await stage.until_ended(running, waiting)

    assert stage.asked == ["First", "Second"]


@pytest.mark.parametrize("has_redis", [True, False])
@pytest.mark.parametrize("taken_by", [0, 1])
async def test_a_page_sees_its_place_and_then_the_reply_whoever_takes_it(
    people: tuple[User, User, User], url: str, taken_by: int, has_redis: bool
) -> None:
    ann, bea, stranger = people
    async with line_stage(url if has_redis else "redis://127.0.0.1:1/0", at_once=1) as stage:
        taker, other = stage.processes[taken_by], stage.processes[1 - taken_by]
        running = await taker.submit(ann, "First")
        before = await other.submit(bea, "Second")
        waiting = await stage.processes[0].submit(stranger, "Third")
        page = await stage.processes[0].watch(waiting)
        await stage.until(lambda: page.queued == 1)
        await other.context(bea).stop(before)
        await stage.until(lambda: page.queued == 0)

        await stage.until(lambda: len(stage.fake.calls) == 1)
        stage.release(stage.fake.calls[0])
        await stage.until(lambda: len(stage.fake.calls) == 2)
        call = stage.fake.calls[1]
        assert last_user_text(call.body) == "Third"
        call.release()
        await stage.until(lambda: page.model.revision == len("One"))
        stage.release(call)
        await stage.until(lambda: page.model.status == Status.COMPLETED)
        await stage.until_ended(running, before, waiting)

        assert page.model.blocks == ["<p>One two.</p>"]
        assert (await stage.statuses())[before] == Status.STOPPED


async def test_a_stop_reaches_a_reply_that_waits_from_any_process(
    ann: User, stranger: User, url: str
) -> None:
    async with line_stage(url, at_once=1) as stage:
        first, second = stage.processes
        await first.submit(ann, "First")
        waiting = await first.submit(stranger, "Second")
        page = await first.watch(waiting)
        await stage.until(lambda: page.queued == 0)
        await second.context(stranger).stop(waiting)
        await stage.until(lambda: page.model.status == Status.STOPPED)
        statuses = await stage.statuses()

    assert statuses[waiting] == Status.STOPPED


async def test_a_page_sees_that_a_reply_gives_its_slot_back_and_then_its_answer(
    people: tuple[User, User, User], url: str
) -> None:
    ann, bea, stranger = people
    async with line_stage(url, at_once=1) as stage, FakeEndpoint() as other:
        first, _ = stage.processes
        inside = await stage.read(lambda: conversation_at(other, stranger))
        await first.submit(bea, "First")
        paused = await first.submit(ann, "Paused")
        page = await first.watch(paused)
        await stage.until(lambda: len(stage.fake.calls) == 1)
        stage.fake.script(error(429, headers={"Retry-After": "60"}))
        stage.release(stage.fake.calls[0])
        await stage.until(lambda: first.runner.held() == [paused])
        await submit(first.context(stranger), inside, Question(text="Elsewhere", client_id=uuid.uuid4()))
        await stage.until(lambda: page.is_stale)

        again = await first.watch(paused)
        assert await stage.read(lambda: rows.close(stage.fake.base_url))
        for process in stage.processes:
            process.runner.dependencies.states.look_again()
        await stage.until(lambda: len(stage.fake.calls) == 3)
        stage.release(stage.fake.calls[2])
        await stage.until(lambda: again.model.status == Status.COMPLETED)

        assert again.model.blocks == ["<p>One two.</p>"]
        assert len(other.calls) == 1


def conversation_at(other: FakeEndpoint, person: User) -> uuid.UUID:
    """A conversation with a model of this endpoint."""
    inside = factories.conversation(person)
    inside.language_model = language_model(at=endpoint("Other", other.base_url), model_name="other")
    inside.save()
    return inside.pk
