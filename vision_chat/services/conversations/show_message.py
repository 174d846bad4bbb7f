"""Show a message: make a branch that contains it the current one of its conversation."""

from collections.abc import Mapping

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.errors.turns import NotFoundError, OtherBranchRunningError
from vision_chat.events import ConversationStale
from vision_chat.models import Conversation, Generation, Message
from vision_chat.services.conversations.context import Context


async def show_message(context: Context, message_id: int) -> None:
    """Make the latest branch through message `message_id` the current one, in every tab that shows it.

    Does nothing where the current branch has it. Raises NotFoundError, OtherBranchRunningError.
    """
    changed = await context.on_writer(_show, message_id)
    if changed is not None:
        await context.broadcast(changed.owner_id, ConversationStale(conversation_id=str(changed.pk)))


def _show(user: AbstractBaseUser, message_id: int) -> Conversation | None:
    """Return the conversation where its branch has changed."""
    with transaction.atomic():
        visible = Conversation.objects.visible_to(user).select_for_update()
        conversation = visible.filter(messages=message_id).first()
        if conversation is None:
            raise NotFoundError
        parents = dict(conversation.messages.sent().order_by("pk").values_list("pk", "parent_id"))
        if message_id not in parents:
            raise NotFoundError
        if Message.objects.branch_to(conversation.leaf_id).filter(pk=message_id).exists():
            return None
        if Generation.objects.running().filter(message__conversation=conversation).exists():
            raise OtherBranchRunningError
        conversation.leaf_id = _latest_after(parents, message_id)
        conversation.save(update_fields=["leaf"])
        return conversation


def _latest_after(parents: Mapping[int, int | None], message_id: int) -> int:
    """Return the latest message that follows this one, which is the leaf of the latest branch through it."""
    following = {message_id}
    for key, parent in parents.items():
        if parent in following:
            following.add(key)
    return max(following)
