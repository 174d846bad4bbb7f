"""Use a preset: give a conversation its instructions, its parameters and its model."""

import uuid
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import msgspec
from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.models import Preset
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.conversations.change_settings import (
    MAX_SYSTEM_PROMPT_LENGTH,
    ChangedSettings,
    SettingsChange,
    change_settings,
)
from vision_chat.services.conversations.context import Context
from vision_chat.services.conversations.parameter_changes import LEAVE_OUT
from vision_chat.services.presets import filled, preset_for


async def use_preset(
    context: Context, conversation_id: uuid.UUID, preset_id: int, variables: Mapping[str, str]
) -> ChangedSettings:
    """Change all settings of a conversation to those of a preset, its variables filled in.

    A preset without a model leaves that as it is. Raises NotFoundError and PresetGoneError.
    """
    preset = await context.on_reader(_preset, preset_id)
    change = SettingsChange(
        language_model_id=preset.language_model_id or msgspec.UNSET,
        system_prompt=filled(preset.system_prompt, variables, MAX_SYSTEM_PROMPT_LENGTH),
        parameters=_parameters(preset),
    )
    return await change_settings(context, conversation_id, change)


def _preset(user: AbstractBaseUser, preset_id: int) -> Preset:
    return preset_for(user, preset_id)


def _parameters(preset: Preset) -> dict[str, Any]:
    """Return what a change has for each parameter, as the default where the preset says nothing of it."""
    values: dict[str, Any] = {parameter.name: None for parameter in fields(Parameters)}
    for name, value in preset.parameters.items():
        values[name] = LEAVE_OUT if value is None else value
    return values
