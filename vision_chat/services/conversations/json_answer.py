"""Show a reply that is JSON: as a tree, held to its schema, and as a table."""

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Generation, Message
from vision_chat.models.generation import Status
from vision_chat.services.presentation.json_answer import JsonAnswerView, csv_answer
from vision_chat.services.presentation.messages import copied_text


def json_answer(user: AbstractBaseUser, message_id: int) -> JsonAnswerView | None:
    """Return reply `message_id` as JSON; None where it is none or has not ended. Raises NotFoundError."""
    reply, generation = _reply(user, message_id)
    if generation.status == Status.RUNNING:
        return None
    return JsonAnswerView.of(reply.pk, copied_text(reply), generation.completion)


def json_as_csv(user: AbstractBaseUser, message_id: int) -> str | None:
    """Return reply `message_id` as CSV; None where it is no list of flat objects. Raises NotFoundError."""
    reply, _ = _reply(user, message_id)
    return csv_answer(copied_text(reply))


def _reply(user: AbstractBaseUser, message_id: int) -> tuple[Message, Generation]:
    replies = Message.objects.visible_to(user).sent().prefetch_related("generations__completion")
    reply = replies.filter(pk=message_id).first()
    if reply is None or (generation := reply.generation) is None:
        raise NotFoundError
    return reply, generation
