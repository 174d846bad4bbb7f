"""Show a reply that is JSON: as a tree, held to its schema."""

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Message
from vision_chat.models.generation import Status
from vision_chat.services.presentation.json_answer import JsonAnswerView
from vision_chat.services.presentation.messages import copied_text


def json_answer(user: AbstractBaseUser, message_id: int) -> JsonAnswerView | None:
    """Return reply `message_id` as JSON; None where it is none or has not ended. Raises NotFoundError."""
    replies = Message.objects.visible_to(user).sent().prefetch_related("generations__completion")
    reply = replies.filter(pk=message_id).first()
    if reply is None or reply.generation is None:
        raise NotFoundError
    if reply.generation.status == Status.RUNNING:
        return None
    return JsonAnswerView.of(reply.pk, copied_text(reply), reply.generation.completion)
