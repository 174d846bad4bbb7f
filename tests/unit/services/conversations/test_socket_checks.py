"""Many sockets that are checked in one job: their sessions, and the revisions of what their pages show."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import OperationalError

from tests.support import factories
from tests.support.people import session_of
from vision_chat.errors.turns import SignedOutError
from vision_chat.services.accounts.sessions import SocketSession
from vision_chat.services.conversations.revision import revisions_of
from vision_chat.services.conversations.socket_checks import MAX_AT_ONCE, SocketChecks

pytestmark = pytest.mark.each_database


class Jobs:
    """Threads of the database, as far as they are counted: how many sockets each job was for."""

    def __init__(self, *failures: Exception) -> None:
        self.sizes: list[int] = []
        self.checks = SocketChecks(cast(Any, self))
        self._failures = list(failures)

    async def run(self, job: Callable[..., object], wanted: list[object]) -> object:
        self.sizes.append(len(wanted))
        if self._failures:
            raise self._failures.pop()
        return await sync_to_async(job)(wanted)


async def test_check_gives_the_revision_to_the_owner_and_to_nobody_else(ann: User, stranger: User) -> None:
    conversation = await sync_to_async(factories.conversation)(ann)
    revisions = await sync_to_async(revisions_of)([conversation])
    sessions = [SocketSession(await sync_to_async(session_of)(person)) for person in (ann, stranger)]
    jobs = Jobs()

    found = await asyncio.gather(*(jobs.checks.check(session, conversation.pk) for session in sessions))

    assert found == [*revisions, None]
    assert [session.person_id for session in sessions] == [ann.pk, stranger.pk]


async def test_all_who_wait_are_checked_in_one_job_as_far_as_it_takes_them(ann: User) -> None:
    session, jobs = SocketSession(await sync_to_async(session_of)(ann)), Jobs()
    waiting = [jobs.checks.check(session) for _ in range(MAX_AT_ONCE + 5)]

    assert set(await asyncio.gather(*waiting)) == {None}
    assert jobs.sizes == [MAX_AT_ONCE, 5]


async def test_who_has_gone_is_not_checked(ann: User) -> None:
    session, jobs = SocketSession(await sync_to_async(session_of)(ann)), Jobs()
    gone, stays = (asyncio.create_task(jobs.checks.check(session)) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    await stays

    assert jobs.sizes == [1]


async def test_a_session_that_has_ended_is_told_apart_from_those_beside_it(ann: User) -> None:
    session, jobs = SocketSession(await sync_to_async(session_of)(ann)), Jobs()
    ended, good = await asyncio.gather(
        jobs.checks.check(SocketSession("ended")), jobs.checks.check(session), return_exceptions=True
    )

    assert isinstance(ended, SignedOutError)
    assert good is None


async def test_nobody_waits_for_the_database_without_a_session() -> None:
    jobs = Jobs()
    with pytest.raises(SignedOutError):
        await jobs.checks.check(SocketSession(None))
    assert jobs.sizes == []


async def test_all_hear_that_the_database_fails_and_later_ones_are_checked_again(ann: User) -> None:
    session, jobs = SocketSession(await sync_to_async(session_of)(ann)), Jobs(OperationalError("away"))
    failed = await asyncio.gather(*(jobs.checks.check(session) for _ in range(2)), return_exceptions=True)

    assert [type(error) for error in failed] == [OperationalError] * 2
    assert await jobs.checks.check(session) is None
    assert jobs.sizes == [2, 1]
