"""Report a conversation to those who review."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Conversation, Report
from vision_chat.services.conversations.context import Context
from vision_chat.services.figures import kept as figures
from vision_chat.services.reviews import consents


async def report(context: Context, conversation_id: uuid.UUID, reason: str, comment: str) -> None:
    """Ask that somebody look at a conversation. Raises NotFoundError.

    Until somebody has looked at it a second report changes the first. Where the site seals conversations the
    report opens this one to those who review. Raises AuditUnavailableError where that cannot be written down.
    """
    owner_id = await context.on_writer(_report, conversation_id, reason, comment)
    if consents.are_needed():
        await consents.tell_owner(owner_id, conversation_id)


def _report(user: AbstractBaseUser, conversation_id: uuid.UUID, reason: str, comment: str) -> int:
    with transaction.atomic():
        # the lock lets two tabs come one after the other
        own = Conversation.objects.visible_to(user).begun().select_for_update(of=("self",), no_key=True)
        conversation = own.filter(pk=conversation_id).first()
        if conversation is None:
            raise NotFoundError
        Report.objects.update_or_create(
            conversation=conversation,
            person_id=user.pk,
            handled_at=None,
            defaults={"reason": reason, "comment": comment},
        )
        figures.update_feedback(conversation.pk)
        consents.give_locked(user, conversation)
        return conversation.owner_id
