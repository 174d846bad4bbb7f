"""Conversations before their first message: what they begin with."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.errors.turns import ModelNotUsableError, NotFoundError
from vision_chat.models import Conversation, Preferences
from vision_chat.services.language_models.choice import chosen_model


def conversation_of(user: AbstractBaseUser, conversation_id: uuid.UUID) -> Conversation:
    """Return the conversation; one that is not saved yet as it would be. Raises NotFoundError."""
    if conversation := Conversation.objects.visible_to(user).filter(pk=conversation_id).first():
        return conversation
    return unsaved(user, conversation_id)


def unsaved(user: AbstractBaseUser, conversation_id: uuid.UUID) -> Conversation:
    """Return a new conversation with the person's own instructions and last model.

    Raises NotFoundError where the id is somebody else's, or of one that was just deleted.
    """
    if Conversation.objects.filter(pk=conversation_id).exists():
        raise NotFoundError
    return Conversation(
        pk=conversation_id,
        owner_id=user.pk,
        system_prompt=Preferences.objects.instructions_of(user),
        language_model_id=_last_model(user),
    )


def _last_model(user: AbstractBaseUser) -> int | None:
    """Return the model that the person chose last, None where it can no longer be used."""
    last = Preferences.objects.filter(person=user.pk).values_list("language_model", flat=True).first()
    try:
        row = None if last is None else chosen_model(user, last)
    except ModelNotUsableError:
        return None
    return None if row is None else row.pk
