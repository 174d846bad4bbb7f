"""Stop a running reply."""

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Message
from vision_chat.services.conversations.context import Context


async def stop(context: Context, message_id: str) -> None:
    """Stop reply `message_id` and its request. Does nothing where it has ended. Raises NotFoundError."""
    await context.stop(await context.on_reader(_visible_reply, int(message_id)))


def _visible_reply(user: AbstractBaseUser, message_id: int) -> int:
    replies = Message.objects.visible_to(user).filter(role=Message.Role.ASSISTANT)
    if not replies.filter(pk=message_id).exists():
        raise NotFoundError
    return message_id
