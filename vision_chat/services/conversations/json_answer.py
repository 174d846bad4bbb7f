"""Show a reply that is JSON: as a tree, held to its schema, and as a table."""

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.models.generation import Status
from vision_chat.services.conversations._replies import reply_of
from vision_chat.services.presentation.json_answer import JsonAnswerView, csv_answer, json_text
from vision_chat.services.presentation.messages import copied_text


def json_answer(user: AbstractBaseUser, message_id: int) -> JsonAnswerView | None:
    """Return reply `message_id` as JSON; None where it is none or has not ended. Raises NotFoundError."""
    reply, generation = reply_of(user, message_id)
    if generation.status == Status.RUNNING:
        return None
    return JsonAnswerView.of(reply.pk, copied_text(reply), generation.completion)


def json_source(user: AbstractBaseUser, message_id: int) -> str:
    """Return the JSON of reply `message_id` as it was written, without a fence. Raises NotFoundError."""
    reply, _ = reply_of(user, message_id)
    return json_text(copied_text(reply))


def json_as_csv(user: AbstractBaseUser, message_id: int) -> str | None:
    """Return reply `message_id` as CSV; None where it is no list of flat objects. Raises NotFoundError."""
    reply, _ = reply_of(user, message_id)
    return csv_answer(copied_text(reply))
