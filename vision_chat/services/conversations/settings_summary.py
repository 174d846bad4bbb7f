"""The settings of a conversation as its page shows them: in short in the top bar, and in their dialog."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.errors.turns import ModelNotUsableError
from vision_chat.models import Conversation, Preferences
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.conversations.beginnings import conversation_of
from vision_chat.services.language_models.offered import offered_model
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
        model = offered_model(user, conversation.language_model_id, defaults.endpoint)
    except ModelNotUsableError:
        name = str(conversation.language_model or "")
        return SettingsSummary(name, takes_images=False, is_default=is_default)
    return SettingsSummary(model.name, takes_images=model.takes_images, is_default=is_default)


@dataclass(frozen=True, slots=True)
class SettingsShown:
    """The settings as the dialog shows them.

    `endpoint` is where the next turn goes, without its key; that of the environment where it can go nowhere.
    """

    system_prompt: str
    parameters: Mapping[str, Any]
    endpoint: Endpoint


def settings_shown(
    user: AbstractBaseUser, defaults: TurnSettings, conversation_id: uuid.UUID
) -> SettingsShown:
    """Return the settings of a conversation, also of one that is not saved. Raises NotFoundError."""
    conversation = conversation_of(user, conversation_id)
    try:
        endpoint = offered_model(user, conversation.language_model_id, defaults.endpoint).endpoint
    except ModelNotUsableError:
        endpoint = defaults.endpoint
    return SettingsShown(conversation.system_prompt, conversation.parameters, endpoint)
