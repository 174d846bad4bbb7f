"""The revision of a conversation: another one where a page that showed all of it may lack something."""

import uuid
from functools import cache
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection
from django.db.models import OuterRef, Subquery

from vision_chat.models import Conversation, Generation, Message
from vision_chat.services.conversations.context import Context

WHY_IT_WAITS: Final = ("waiting__is_due", "waiting__refusal_code")
_ANYBODY: Final = -1
_ANY: Final = uuid.UUID(int=0)
"""Values that no row has, in the query that is built once."""


async def revision_of(context: Context, conversation_id: uuid.UUID) -> str | None:
    """Return the revision, made of the rows that messages over the channel layer tell of.

    None where there is no such conversation for this person. Raises SignedOutError.
    """
    return await context.on_reader(read_revision, conversation_id)


def read_revision(user: AbstractBaseUser, conversation_id: uuid.UUID) -> str | None:
    """Return the same on a database thread."""
    sql, parameters = _statement(connection.vendor)
    values = {_ANYBODY: user.pk, _adapted(_ANY): _adapted(conversation_id)}
    with connection.cursor() as cursor:
        cursor.execute(sql, [values.get(parameter, parameter) for parameter in parameters])
        row = cursor.fetchone()
    return None if row is None else " ".join(map(str, row))


@cache
def _statement(_vendor: str) -> tuple[str, tuple[Any, ...]]:
    """Return the query for _ANYBODY and _ANY, whose places in the parameters others take.

    It is built once: that takes 2 ms of CPU, and every tab that is only open asks every 20 seconds.
    """
    of_leaf = Generation.objects.filter(message=OuterRef("leaf")).order_by("-pk")
    waiting = Message.objects.filter(state=Message.State.WAITING, parent=OuterRef("leaf"), deleted_at=None)
    columns = [
        *(Subquery(of_leaf.values(name)[:1]) for name in ("pk", "status")),
        *(Subquery(waiting.values(name)[:1]) for name in ("pk", *WHY_IT_WAITS)),
    ]
    found = Conversation.objects.visible_to(get_user_model()(pk=_ANYBODY)).filter(pk=_ANY)
    statement: tuple[str, tuple[Any, ...]] = (
        found.order_by().values_list("leaf_id", "tree_revision", *columns).query.sql_with_params()
    )
    return statement


def _adapted(conversation_id: uuid.UUID) -> Any:
    return Conversation._meta.pk.get_db_prep_value(conversation_id, connection)
