"""The revision of a conversation: another one where a page that showed all of it may lack something."""

import uuid
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import OuterRef, Subquery

from vision_chat.models import Conversation, Generation, Message
from vision_chat.services.conversations.context import Context

WHY_IT_WAITS: Final = ("waiting__is_due", "waiting__refusal_code")


async def revision_of(context: Context, conversation_id: uuid.UUID) -> str | None:
    """Return the revision, made of the rows that messages over the channel layer tell of.

    None where there is no such conversation for this person. Raises SignedOutError.
    """
    return await context.on_reader(_revision_of, conversation_id)


def _revision_of(user: AbstractBaseUser, conversation_id: uuid.UUID) -> str | None:
    of_leaf = Generation.objects.filter(message=OuterRef("leaf")).order_by("-pk")
    waiting = Message.objects.filter(state=Message.State.WAITING, parent=OuterRef("leaf"), deleted_at=None)
    columns = [
        *(Subquery(of_leaf.values(name)[:1]) for name in ("pk", "status")),
        *(Subquery(waiting.values(name)[:1]) for name in ("pk", *WHY_IT_WAITS)),
    ]
    found = Conversation.objects.visible_to(user).filter(pk=conversation_id)
    row = found.values_list("leaf_id", "tree_revision", *columns).first()
    return None if row is None else " ".join(map(str, row))
