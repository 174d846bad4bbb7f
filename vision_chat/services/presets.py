"""Presets of a person and shared ones: their variables, and what is changed of one's own."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction

from vision_chat.errors.settings import (
    PresetGoneError,
    PresetNameError,
    PresetNameTakenError,
    TooManyPresetsError,
)
from vision_chat.models import Conversation, Preset
from vision_chat.models.preset import MAX_PRESET_NAME_LENGTH

MAX_PRESETS: Final = 200
"""Most presets of one person."""
MAX_VARIABLES: Final = 20
"""Most variables that are asked for: all names of all presets are in each list of them."""
_VARIABLE: Final = re.compile(r"\{\{\s*(\w[\w -]{0,39}?)\s*\}\}")


@dataclass(frozen=True, slots=True)
class PresetView:
    """A preset for lists; `variables` are asked for when it is used."""

    id: int
    name: str
    is_shared: bool
    variables: list[str]


def variables_in(text: str) -> list[str]:
    """Return the names of the first `{{variables}}` of a text, each once, in their order."""
    names: dict[str, None] = {}
    for found in _VARIABLE.finditer(text):
        names[found[1]] = None
        if len(names) == MAX_VARIABLES:
            break
    return list(names)


def filled(text: str, values: Mapping[str, str], limit: int) -> str:
    """Return the text with its variables filled in. One without a value stays as it is written.

    Where it gets longer than `limit` it ends soon after that: thousands of variables, each with the same
    megabyte, would take more memory than there is.
    """
    written: list[str] = []
    length = end = 0
    for found in _VARIABLE.finditer(text):
        value = values.get(found[1]) or found[0]
        written += (text[end : found.start()], value[: limit + 1])
        length, end = length + len(written[-2]) + len(written[-1]), found.end()
        if length > limit:
            return "".join(written)
    return "".join((*written, text[end:]))


def presets_of(user: AbstractBaseUser) -> list[PresetView]:
    """Return the presets that a person may use: their own, then the shared ones, by name."""
    rows = Preset.objects.visible_to(user).only("name", "owner", "system_prompt")
    presets = sorted(rows, key=lambda preset: (preset.owner_id is None, preset.name.casefold()))
    return [
        PresetView(preset.pk, preset.name, preset.owner_id is None, variables_in(preset.system_prompt))
        for preset in presets
    ]


def preset_for(user: AbstractBaseUser, preset_id: int) -> Preset:
    """Return a preset that the person may use. Raises PresetGoneError."""
    preset = Preset.objects.visible_to(user).filter(pk=preset_id).first()
    if preset is None:
        raise PresetGoneError
    return preset


def save_preset(
    user: AbstractBaseUser, conversation: Conversation, name: str, *, overwrites: bool = False
) -> Preset:
    """Save the settings of a conversation under a name.

    Raises PresetNameError, PresetNameTakenError unless it `overwrites`, TooManyPresetsError.
    """
    name = _checked_name(name)
    values: dict[str, Any] = {
        "system_prompt": conversation.system_prompt,
        "parameters": conversation.parameters,
        "language_model_id": conversation.language_model_id,
    }
    own = Preset.objects.filter(owner=user.pk)
    with transaction.atomic():
        if overwrites and (preset := own.filter(name=name).first()):
            own.filter(pk=preset.pk).update(**values)
            return preset
        if own.count() >= MAX_PRESETS:
            raise TooManyPresetsError(limit=MAX_PRESETS)
        with _one_of_a_name():
            return Preset.objects.create(owner_id=user.pk, name=name, **values)


def rename_preset(user: AbstractBaseUser, preset_id: int, name: str) -> None:
    """Rename one's own preset. Raises PresetGoneError, PresetNameError, PresetNameTakenError."""
    name = _checked_name(name)
    with _one_of_a_name():
        if not Preset.objects.filter(owner=user.pk, pk=preset_id).update(name=name):
            raise PresetGoneError


def delete_preset(user: AbstractBaseUser, preset_id: int) -> None:
    """Delete one's own preset. Raises PresetGoneError, also for a shared one."""
    deleted, _ = Preset.objects.filter(owner=user.pk, pk=preset_id).delete()
    if not deleted:
        raise PresetGoneError


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > MAX_PRESET_NAME_LENGTH or not name.isprintable():
        raise PresetNameError(limit=MAX_PRESET_NAME_LENGTH)
    return name


@contextmanager
def _one_of_a_name() -> Iterator[None]:
    """Raise PresetNameTakenError where the person has another preset of that name."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise PresetNameTakenError from error
