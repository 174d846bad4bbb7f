"""Checks of many sockets in one job: whether a session has ended, and which revision its conversation has.

Thousands of tabs that are only open are checked again and again, and all at once where they come back.
"""

import asyncio
import contextvars
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.errors.turns import SignedOutError
from vision_chat.models import Conversation
from vision_chat.services.accounts.sessions import SocketSession, people_of
from vision_chat.services.conversations.revision import Revision, revisions_of
from vision_chat.services.writer import Checker

MAX_AT_ONCE: Final = 200
"""Sockets that are checked in one job, which takes some 30 ms."""


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """A check that somebody waits for."""

    session: SocketSession
    conversation_id: uuid.UUID | None
    revision: asyncio.Future[Revision | None] = field(default_factory=asyncio.Future)


class SocketChecks:
    """Checks sockets: all that ask while others are being checked in one job."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker
        self._waiting: list[_Wanted] = []
        self._checking: asyncio.Task[None] | None = None

    async def check(
        self, session: SocketSession, conversation_id: uuid.UUID | None = None
    ) -> Revision | None:
        """Return the revision of a conversation, None where the session's person sees no such one.

        Raises SignedOutError where the session has ended, DatabaseError.
        """
        if not session.key:
            raise SignedOutError
        wanted = _Wanted(session, conversation_id)
        self._waiting.append(wanted)
        if self._checking is None or self._checking.done():
            # of no request: in the context of the first one all lines of the log would be said to be its own
            self._checking = asyncio.create_task(self._check_all(), context=contextvars.Context())
        return await wanted.revision

    async def _check_all(self) -> None:
        """Check until nobody waits."""
        while self._waiting:
            some, self._waiting = self._waiting[:MAX_AT_ONCE], self._waiting[MAX_AT_ONCE:]
            # not those whose sockets have gone, or waited too long
            await self._check([each for each in some if not each.revision.done()])

    async def _check(self, wanted: Sequence[_Wanted]) -> None:
        try:
            found = await self._checker.run(_found, wanted)
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            found = [error] * len(wanted)
        for each, what in zip(wanted, found, strict=True):
            if each.revision.done():
                continue
            if isinstance(what, Exception):
                each.revision.set_exception(what)
            else:
                each.revision.set_result(what)


def _found(wanted: Sequence[_Wanted]) -> list[Revision | Exception | None]:
    """Return for each socket the revision of its conversation, or why it is none. On a database thread."""
    people = people_of(each.session.key for each in wanted)
    revisions = _revisions(people.values(), {each.conversation_id for each in wanted if each.conversation_id})
    found: list[Revision | Exception | None] = []
    for each in wanted:
        try:
            user = each.session.user_among(people)
        except SignedOutError as error:
            found.append(error)
        else:
            shown = each.conversation_id
            found.append(revisions.get((user.pk, shown)) if shown else None)
    return found


def _revisions(
    people: Iterable[AbstractBaseUser], conversation_ids: Collection[uuid.UUID]
) -> dict[tuple[int, uuid.UUID], Revision]:
    """Return the revisions of what these people see, by person and conversation."""
    if not conversation_ids:
        return {}
    visible = Conversation.objects.visible_to_any(people).filter(pk__in=conversation_ids)
    rows = list(visible.only("owner_id", "leaf_id", "tree_revision"))
    return {(row.owner_id, row.pk): revision for row, revision in zip(rows, revisions_of(rows), strict=True)}
