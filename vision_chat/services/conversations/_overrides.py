"""Settings for one turn alone, beside those of its conversation."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.models import Conversation
from vision_chat.services.conversations._settings import settings_of
from vision_chat.services.conversations.parameter_changes import changed
from vision_chat.services.replies.turn import TurnSettings


@dataclass(frozen=True, slots=True)
class Overrides:
    """Settings that differ for one turn; None leaves one as the conversation has it.

    `parameters` has those that differ, as in `parameter_changes`.
    """

    language_model_id: int | None = None
    parameters: Mapping[str, Any] | None = None


def overridden_settings(
    user: AbstractBaseUser, conversation: Conversation, defaults: TurnSettings, overrides: Overrides
) -> TurnSettings:
    """Return the settings of a turn, checked like those of the conversation, which stay as they are.

    Raises ModelNotUsableError and ParameterError.
    """
    as_if = copy(conversation)
    if overrides.language_model_id is not None:
        as_if.language_model_id = overrides.language_model_id
    as_if.parameters = changed(conversation.parameters, overrides.parameters or {})
    return settings_of(user, as_if, defaults)
