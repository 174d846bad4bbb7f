"""Show a message: make a branch that contains it the one that is shown of its conversation."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.events import ConversationStale
from vision_chat.models import Conversation, branches
from vision_chat.services.conversations._turns import is_on_shown_branch, locked_message, show
from vision_chat.services.conversations.context import Context


async def show_message(context: Context, message_id: int) -> None:
    """Show the branch through message `message_id` that was shown last, in every tab with the conversation.

    Replies run on, also on the branch that is left. Does nothing where the message is shown already. Raises
    NotFoundError.
    """
    changed = await context.on_writer(_show, message_id)
    if changed is not None:
        await context.broadcast(changed.owner_id, ConversationStale(conversation_id=str(changed.pk)))


def _show(user: AbstractBaseUser, message_id: int) -> Conversation | None:
    """Return the conversation where its branch has changed."""
    with transaction.atomic():
        conversation, message = locked_message(user, message_id)
        if is_on_shown_branch(conversation, message.pk):
            return None
        show(conversation, branches.leaf_below(message.pk), outdates_pages=False)
        return conversation
