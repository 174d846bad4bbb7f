"""Mark a reply as good or bad, say why, and take the mark back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from vision_chat.errors.turns import NotFoundError
from vision_chat.events import FeedbackChanged
from vision_chat.models import Feedback, Message
from vision_chat.services.conversations._turns import locked_message, refuse_running
from vision_chat.services.conversations.context import Context
from vision_chat.services.figures import kept as figures
from vision_chat.services.reviews import consents


@dataclass(frozen=True, slots=True)
class Details:
    """Why a person marks a reply so: values of `Feedback.Reason`, and words.

    With `lets_read` and a bad mark they let those who review read the conversation, where the site seals it.
    """

    reasons: Sequence[str] = ()
    comment: str = ""
    lets_read: bool = False


async def give_feedback(context: Context, message_id: int, mark: str, details: Details | None = None) -> None:
    """Set the person's mark of a reply, which has one at most; "" takes it back.

    Without `details` those that were given stay, for when it is a bad mark again: a good one shows none of
    them. Raises NotFoundError, and ReplyRunningError while the reply is written.
    """
    owner_id, conversation_id = await context.on_writer(_give, message_id, mark, details)
    changed = FeedbackChanged(conversation_id=str(conversation_id), message_id=str(message_id), mark=mark)
    await context.broadcast(owner_id, changed)
    if _lets_read(mark, details):
        await consents.tell_owner(owner_id, conversation_id)


def _give(user: AbstractBaseUser, message_id: int, mark: str, details: Details | None) -> tuple[int, UUID]:
    with transaction.atomic():
        # the lock lets two tabs come one after the other
        conversation, message = locked_message(user, message_id)
        if message.role != Message.Role.ASSISTANT:
            raise NotFoundError
        refuse_running(message_id)
        own = Feedback.objects.given_by(user).filter(message=message)
        if not mark:
            own.delete()
        elif (before := own.first()) is None or before.mark != mark or details is not None:
            _save(user, message, mark, details)
        figures.update_feedback(conversation.pk)
        if _lets_read(mark, details):
            consents.give_locked(user, conversation)
        return conversation.owner_id, conversation.pk


def _lets_read(mark: str, details: Details | None) -> bool:
    return mark == Feedback.Mark.BAD and details is not None and details.lets_read


def _save(user: AbstractBaseUser, message: Message, mark: str, details: Details | None) -> None:
    values: dict[str, Any] = {"mark": mark, "changed_at": timezone.now()}
    if details is not None:
        values |= {"reasons": list(details.reasons), "comment": details.comment}
    Feedback.objects.update_or_create(message=message, person_id=user.pk, defaults=values)
