"""Begin a new conversation with a copy of a branch."""

import uuid
from datetime import timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext

from vision_chat.errors.turns import NotFoundError, TooManyCopiesError
from vision_chat.models import Conversation, Message
from vision_chat.models.branches import show_branch_to
from vision_chat.models.conversation import MAX_TITLE_LENGTH
from vision_chat.services.conversations._copies import copy_contents
from vision_chat.services.conversations._turns import locked_message, refuse_running
from vision_chat.services.conversations.context import Context
from vision_chat.services.figures import kept as figures
from vision_chat.services.presentation.sidebar import conversation_updated
from vision_chat.services.search.index import index_messages, index_title

MAX_IN_A_MINUTE = 20
"""New conversations of a person in a minute beyond which none is copied."""
BATCH = 50
"""Messages that are copied in one turn of the person's, for which the question of another one waits."""


async def new_chat_from(context: Context, message_id: int) -> uuid.UUID:
    """Copy the branch that ends with message `message_id` into a new conversation with the same settings.

    A long one takes seconds, so it is copied in turns; until the last one it is no conversation for anybody.
    Returns the new conversation's id. Raises NotFoundError, TooManyCopiesError, and ReplyRunningError where
    that message is still written.
    """
    conversation, title, ids = await context.on_writer(_begin, message_id)
    for start in range(0, len(ids), BATCH):
        await context.on_writer(_copy, conversation.pk, ids[start : start + BATCH])
    await context.on_writer(_end, conversation.pk, title)
    row = await context.on_reader(_row, conversation.pk)
    updated = conversation_updated(row or conversation, image_id=row and row.shown_image_id)
    await context.broadcast(conversation.owner_id, updated)
    return conversation.pk


def _begin(user: AbstractBaseUser, message_id: int) -> tuple[Conversation, str, list[int]]:
    """Create a conversation that is not begun, which is swept if the copy never ends."""
    with transaction.atomic():
        _refuse_many(user)
        before, message = locked_message(user, message_id)
        refuse_running(message.pk)
        conversation = Conversation.objects.create(
            owner_id=user.pk,
            system_prompt=before.system_prompt,
            language_model_id=before.language_model_id,
            parameters=before.parameters,
            is_begun=False,
        )
        ids = Message.objects.branch_to(message.pk).values_list("pk", flat=True)
        return conversation, _title_of_copy(before.title), list(ids)


def _title_of_copy(title: str) -> str:
    """Return a title that tells the copy from the original in the list, where only its beginning is seen."""
    return (gettext("Copy of %(title)s") % {"title": title})[:MAX_TITLE_LENGTH] if title else ""


def _refuse_many(user: AbstractBaseUser) -> None:
    """Raise TooManyCopiesError where a person copied many conversations just now: a copy costs one click."""
    lately = timezone.now() - timedelta(minutes=1)
    new = Conversation.objects.owned_by(user).filter(updated_at__gt=lately, created_at__gt=lately)
    # its messages keep their times, unless none is copied yet
    is_copy = Q(messages__parent=None, messages__created_at__lt=F("created_at")) | Q(is_begun=False)
    if new.filter(is_copy).values("pk").distinct().count() >= MAX_IN_A_MINUTE:
        raise TooManyCopiesError(limit=MAX_IN_A_MINUTE)


def _copy(user: AbstractBaseUser, conversation_id: uuid.UUID, ids: list[int]) -> None:
    """Copy these messages below the last one that was copied."""
    with transaction.atomic():
        conversation = _locked(user, conversation_id)
        pairs = []
        for original in Message.objects.filter(pk__in=ids).with_details(with_requests=True).order_by("pk"):
            made = Message.objects.create(
                conversation=conversation,
                parent_id=conversation.leaf_id,
                role=original.role,
                text=original.text,
                author_id=original.author_id,
                created_at=original.created_at,
                deleted_images=original.deleted_images,
                has_canvas=original.has_canvas,
                earlier_images=original.earlier_images,
            )
            conversation.leaf_id = made.pk
            pairs.append((original, made))
        copy_contents(pairs)
        conversation.save(update_fields=["leaf"])
        index_messages([made.pk for _, made in pairs])


def _end(user: AbstractBaseUser, conversation_id: uuid.UUID, title: str) -> None:
    with transaction.atomic():
        conversation = _locked(user, conversation_id)
        if conversation.leaf_id is not None:
            show_branch_to(conversation.leaf_id)
        conversation.title, conversation.is_begun = title, True
        conversation.updated_at = timezone.now()
        conversation.save(update_fields=["title", "is_begun", "updated_at"])
        index_title(conversation)
        figures.update(conversation.pk)


def _locked(user: AbstractBaseUser, conversation_id: uuid.UUID) -> Conversation:
    visible = Conversation.objects.visible_to(user).select_for_update(no_key=True)
    if conversation := visible.filter(pk=conversation_id).first():
        return conversation
    raise NotFoundError


def _row(user: AbstractBaseUser, conversation_id: uuid.UUID) -> Conversation | None:
    return Conversation.objects.visible_to(user).for_list().filter(pk=conversation_id).first()
