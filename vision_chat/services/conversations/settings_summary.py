"""The settings of a conversation as its page shows them: in short in the top bar, and in their dialog."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.errors.turns import ModelNotUsableError
from vision_chat.models import Conversation, Habit, Preferences
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.conversations.beginnings import conversation_of
from vision_chat.services.language_models.calling import endpoint_for
from vision_chat.services.language_models.choice import chosen_model
from vision_chat.services.language_models.offered import keyless_endpoint
from vision_chat.services.replies.turn import TurnSettings


@dataclass(frozen=True, slots=True)
class SettingsSummary:
    """Model and settings of the next turn.

    `is_default` says that neither instructions nor parameters differ from what a new conversation has.
    """

    model: str
    takes_images: bool
    is_default: bool


def summary_of(user: AbstractBaseUser, conversation: Conversation, defaults: TurnSettings) -> SettingsSummary:
    """Return what the next turn will have. A model that cannot be used is named, and takes no images."""
    is_default = not conversation.parameters and (
        conversation.system_prompt == Preferences.objects.instructions_of(user)
    )
    try:
        row = chosen_model(user, conversation.language_model_id)
    except ModelNotUsableError:
        label = str(conversation.language_model or "")
        return SettingsSummary(label, takes_images=False, is_default=is_default)
    endpoint = Habit.objects.amended(keyless_endpoint(row, defaults.endpoint))
    label = endpoint.model_name if row is None else str(row)
    return SettingsSummary(label, takes_images=endpoint.rules.max_images > 0, is_default=is_default)


@dataclass(frozen=True, slots=True)
class SettingsShown:
    """What a dialog shows of the settings; `endpoint` is where the next turn goes."""

    system_prompt: str
    parameters: Mapping[str, Any]
    endpoint: Endpoint


def settings_shown(
    user: AbstractBaseUser, defaults: TurnSettings, conversation_id: uuid.UUID
) -> SettingsShown:
    """Return the settings of a conversation, also of one that is not saved. Raises NotFoundError."""
    conversation = conversation_of(user, conversation_id)
    try:
        endpoint = endpoint_for(chosen_model(user, conversation.language_model_id), defaults.endpoint)
    except ModelNotUsableError:
        endpoint = defaults.endpoint
    return SettingsShown(conversation.system_prompt, conversation.parameters, Habit.objects.amended(endpoint))
