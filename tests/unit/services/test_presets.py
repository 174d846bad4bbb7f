"""Presets of a person, and shared ones."""

import uuid

import pytest
from django.contrib.auth.models import Group, User

from tests.support import factories
from tests.support.use_cases import call
from vision_chat.errors.settings import (
    PresetGoneError,
    PresetNameError,
    PresetNameTakenError,
    TooManyPresetsError,
)
from vision_chat.models import Conversation, Endpoint, LanguageModel, Preset
from vision_chat.models.preset import MAX_PRESET_NAME_LENGTH
from vision_chat.services.conversations.use_preset import use_preset
from vision_chat.services.presets import (
    MAX_PRESETS,
    MAX_VARIABLES,
    delete_preset,
    filled,
    preset_for,
    presets_of,
    rename_preset,
    save_preset,
    variables_in,
)

pytestmark = pytest.mark.each_database


@pytest.fixture
def conversation(ann: User) -> Conversation:
    return factories.conversation(
        ann, system_prompt="Rhyme.", parameters={"temperature": 1, "max_tokens": None}
    )


def test_variables_are_found_once_each_and_filled_in() -> None:
    text = "You are a {{ role }}. {{role}}, answer in {{home language}}. {{}} {{ }} {not} {{a.b}}"

    assert variables_in(text) == ["role", "home language"]
    values = {"role": "{{cook}} \\1", "home language": ""}
    assert filled(text, values, limit=1_000) == (
        "You are a {{cook}} \\1. {{cook}} \\1, answer in {{home language}}. {{}} {{ }} {not} {{a.b}}"
    )


def test_of_thousands_of_variables_the_first_are_asked_for() -> None:
    text = " ".join(f"{{{{v{number}}}}}" for number in range(2_000))

    assert variables_in(text) == [f"v{number}" for number in range(MAX_VARIABLES)]


def test_a_text_that_gets_too_long_is_not_filled_to_its_end() -> None:
    text = "{{a}} " * 1_000

    assert len(filled(text, {"a": "x" * 1_000_000}, limit=500)) == 501
    assert len(filled(text, {"a": "x" * 90}, limit=500)) == 6 * 91 - 1


def test_a_preset_with_long_values_for_many_variables_is_refused(ann: User) -> None:
    conversation = factories.conversation(ann, system_prompt="{{a}}" * 4_000)
    preset = save_preset(ann, conversation, "Long")

    changed = call(ann, use_preset, conversation.pk, preset.pk, {"a": "x" * 1_000_000})

    assert set(changed.errors) == {"system_prompt"}


def test_a_person_sees_their_own_presets_and_then_the_shared_ones(
    ann: User, stranger: User, conversation: Conversation
) -> None:
    Preset.objects.create(name="Common")
    Preset.objects.create(owner=stranger, name="Private")
    for name in ("brief", "About"):
        save_preset(ann, conversation, name)

    assert [(one.name, one.is_shared) for one in presets_of(ann)] == [
        ("About", False),
        ("brief", False),
        ("Common", True),
    ]


def test_nobody_uses_or_changes_the_preset_of_somebody_else(
    ann: User, stranger: User, conversation: Conversation
) -> None:
    preset = save_preset(ann, conversation, "Rhymes")
    with pytest.raises(PresetGoneError):
        preset_for(stranger, preset.pk)
    with pytest.raises(PresetGoneError):
        call(stranger, use_preset, uuid.uuid4(), preset.pk, {})
    with pytest.raises(PresetGoneError):
        rename_preset(stranger, preset.pk, "Mine")
    with pytest.raises(PresetGoneError):
        delete_preset(stranger, preset.pk)

    assert [one.name for one in Preset.objects.all()] == ["Rhymes"]
    save_preset(stranger, Conversation(), "Rhymes")  # a name is a person's own


def test_a_name_is_needed_and_taken_once(ann: User, conversation: Conversation) -> None:
    preset = save_preset(ann, conversation, "  Two \n words ")
    assert preset.name == "Two words"
    for name in ("", " \n", "x" * (MAX_PRESET_NAME_LENGTH + 1), "a\0b"):
        with pytest.raises(PresetNameError):
            save_preset(ann, conversation, name)
    with pytest.raises(PresetNameTakenError):
        save_preset(ann, conversation, "Two words")
    other = save_preset(ann, conversation, "Other")
    with pytest.raises(PresetNameTakenError):
        rename_preset(ann, other.pk, "Two words")
    Preset.objects.create(name="Shared")
    save_preset(ann, conversation, "Shared")

    assert {one.name for one in Preset.objects.filter(owner=ann)} == {"Two words", "Other", "Shared"}


def test_a_person_has_only_so_many(ann: User, conversation: Conversation) -> None:
    Preset.objects.bulk_create(Preset(owner=ann, name=str(number)) for number in range(MAX_PRESETS))
    with pytest.raises(TooManyPresetsError):
        save_preset(ann, conversation, "One more")
    save_preset(ann, conversation, "7", overwrites=True)

    assert Preset.objects.get(name="7").parameters == {"temperature": 1, "max_tokens": None}


def test_a_preset_replaces_all_settings_but_a_model_that_it_has_not(
    ann: User, conversation: Conversation
) -> None:
    preset = save_preset(ann, conversation, "Rhymes")
    endpoint = Endpoint.objects.create(name="Second", base_url="http://second/v1")
    model = LanguageModel.objects.create(endpoint=endpoint, model_name="some/other")
    other = factories.conversation(
        ann, parameters={"seed": 7}, system_prompt="Be brief.", language_model=model
    )
    call(ann, use_preset, other.pk, preset.pk, {})

    other.refresh_from_db()
    assert (other.system_prompt, other.parameters) == ("Rhyme.", {"temperature": 1, "max_tokens": None})
    assert other.language_model == model
    Preset.objects.update(language_model=model, parameters={"colour": 1, "seed": 8})
    model.groups.add(Group.objects.create(name="Few"))
    changed = call(ann, use_preset, conversation.pk, preset.pk, {})

    assert changed.errors.keys() == {"colour", "language_model_id"}
    conversation.refresh_from_db()
    assert (conversation.parameters, conversation.language_model) == ({"seed": 8}, None)


def test_presets_go_with_their_person(ann: User, conversation: Conversation) -> None:
    save_preset(ann, conversation, "Rhymes")
    Preset.objects.create(name="Shared")
    ann.delete()

    assert [one.name for one in Preset.objects.all()] == ["Shared"]
