"""Change the settings of a conversation: model, instructions, parameters. They hold from the next turn on."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from vision_chat.errors.base import ChatError
from vision_chat.errors.settings import InstructionsTooLongError, ParametersTooLongError, UnstorableTextError
from vision_chat.errors.turns import ModelNotUsableError
from vision_chat.events import ConversationChanged
from vision_chat.models import Conversation, Preferences
from vision_chat.services.conversations.beginnings import unsaved
from vision_chat.services.conversations.context import Context
from vision_chat.services.conversations.parameter_changes import changed, checked
from vision_chat.services.conversations.settings_summary import SettingsSummary, summary_of
from vision_chat.services.json_schemas.turns import in_turn
from vision_chat.services.language_models.choice import chosen_model
from vision_chat.services.replies.turn import TurnSettings
from vision_chat.services.storable import is_storable

MAX_SYSTEM_PROMPT_LENGTH = 20_000
MAX_PARAMETERS_LENGTH = 100_000
"""Characters of all parameters of a conversation, as JSON."""
MAX_NOT_BEGUN = 50
"""Most conversations of a person that have settings alone: beyond them the oldest are deleted."""


class SettingsChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes to settings, parameters as in `parameter_changes`. A value that is not given stays as it is."""

    language_model_id: int | msgspec.UnsetType | None = msgspec.UNSET
    system_prompt: str | msgspec.UnsetType = msgspec.UNSET
    parameters: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class ChangedSettings:
    """The settings as they are now; `errors` says by name what of the change does not hold, and why."""

    summary: SettingsSummary
    errors: Mapping[str, ChatError] = field(default_factory=dict)


async def change_settings(
    context: Context, conversation_id: uuid.UUID, change: SettingsChange
) -> ChangedSettings:
    """Change what is valid of `change`. A conversation that is not saved is saved, with settings alone.

    Raises NotFoundError.
    """
    parameters, errors = await in_turn(context.caller.person_id, checked, change.parameters)
    outcome = await context.on_writer(_change, context.settings, conversation_id, change, parameters)
    await context.broadcast(outcome.owner_id, ConversationChanged(conversation_id=str(conversation_id)))
    return ChangedSettings(outcome.summary, {**errors, **outcome.errors})


@dataclass(frozen=True, slots=True)
class _Changed:
    owner_id: int
    summary: SettingsSummary
    errors: dict[str, ChatError]


def _change(
    user: AbstractBaseUser,
    defaults: TurnSettings,
    conversation_id: uuid.UUID,
    change: SettingsChange,
    parameters: Mapping[str, Any],
) -> _Changed:
    with transaction.atomic():
        conversation = _locked(user, conversation_id)
        errors: dict[str, ChatError] = {}
        if change.language_model_id is not msgspec.UNSET:
            errors |= _choose(user, conversation, change.language_model_id)
        if change.system_prompt is not msgspec.UNSET:
            errors |= _instruct(conversation, change.system_prompt)
        errors |= _set(conversation, parameters)
        if not conversation.is_begun:
            conversation.updated_at = timezone.now()  # kept for a day from the last change
        conversation.save(update_fields=["language_model", "system_prompt", "parameters", "updated_at"])
        return _Changed(user.pk, summary_of(user, conversation, defaults), errors)


def _set(conversation: Conversation, parameters: Mapping[str, Any]) -> dict[str, ChatError]:
    """Set parameters, which each turn copies: together they have a limit."""
    after = changed(conversation.parameters, parameters)
    if parameters and len(json.dumps(after, ensure_ascii=False)) > MAX_PARAMETERS_LENGTH:
        return dict.fromkeys(parameters, ParametersTooLongError(limit=MAX_PARAMETERS_LENGTH))
    conversation.parameters = after
    return {}


def _locked(user: AbstractBaseUser, conversation_id: uuid.UUID) -> Conversation:
    """Lock the conversation; save it where it is new, in place of the oldest that was never begun."""
    visible = Conversation.objects.visible_to(user).select_for_update(no_key=True)
    if conversation := visible.filter(pk=conversation_id).first():
        return conversation
    conversation = unsaved(user, conversation_id)
    not_begun = Conversation.objects.owned_by(user).filter(is_begun=False).order_by("-updated_at")
    oldest = list(not_begun.values_list("pk", flat=True)[MAX_NOT_BEGUN - 1 :])
    Conversation.objects.filter(pk__in=oldest, is_begun=False).delete()
    conversation.is_begun = False
    conversation.save(force_insert=True)
    return conversation


def _choose(
    user: AbstractBaseUser, conversation: Conversation, language_model_id: int | None
) -> dict[str, ChatError]:
    """Choose a model, for the person's new conversations too. None is the default of the site."""
    try:
        if language_model_id is not None:
            chosen_model(user, language_model_id)
    except ModelNotUsableError as error:
        return {"language_model_id": error}
    conversation.language_model_id = language_model_id
    Preferences.objects.update_or_create(person_id=user.pk, defaults={"language_model_id": language_model_id})
    return {}


def _instruct(conversation: Conversation, text: str) -> dict[str, ChatError]:
    if len(text) > MAX_SYSTEM_PROMPT_LENGTH:
        return {"system_prompt": InstructionsTooLongError(limit=MAX_SYSTEM_PROMPT_LENGTH)}
    if not is_storable(text):
        return {"system_prompt": UnstorableTextError()}
    conversation.system_prompt = text
    return {}
