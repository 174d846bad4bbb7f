"""Replies that somebody comes to look at: a row with its latest generation."""

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Generation, Message


def reply_of(user: AbstractBaseUser, message_id: int) -> tuple[Message, Generation]:
    """Return a reply that the person may see, and its latest generation. Raises NotFoundError."""
    replies = Message.objects.visible_to(user).sent().prefetch_related("generations__completion")
    reply = replies.filter(pk=message_id).first()
    if reply is None or (generation := reply.generation) is None:
        raise NotFoundError
    return reply, generation
