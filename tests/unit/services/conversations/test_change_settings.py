"""Settings of a conversation, also before its first message."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.utils import timezone

from tests.support import factories
from tests.support.use_cases import ask, call
from tests.support.waiting import ask_meanwhile, end
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Completion, Conversation, Endpoint, LanguageModel, Preferences
from vision_chat.services.accounts.archive import pieces
from vision_chat.services.conversations.change_settings import (
    MAX_NOT_BEGUN,
    MAX_SYSTEM_PROMPT_LENGTH,
    ChangedSettings,
    SettingsChange,
    change_settings,
)
from vision_chat.services.conversations.delete import delete, restore
from vision_chat.services.conversations.dispatch import Sent
from vision_chat.services.conversations.purge import purge_abandoned
from vision_chat.services.conversations.rename import rename
from vision_chat.services.presentation.sidebar import sidebar_for
from vision_chat.services.reviews.queries import reviewable
from vision_chat.services.search.rebuild import lacking_titles

pytestmark = pytest.mark.each_database


def change(person: User, conversation_id: uuid.UUID, **values: Any) -> ChangedSettings:
    return call(person, change_settings, conversation_id, SettingsChange(**values))


@pytest.fixture
def model(db: None) -> LanguageModel:
    endpoint = Endpoint.objects.create(name="Second", base_url="http://second/v1")
    return LanguageModel.objects.create(endpoint=endpoint, model_name="some/other", label="Other")


def test_settings_before_the_first_message_hold_for_it(ann: User) -> None:
    new = uuid.uuid4()
    changed = change(ann, new, system_prompt="Rhyme.", parameters={"temperature": 0.5})
    turn = ask(ann, "What is this?", conversation_id=new)

    assert not changed.errors
    assert not changed.summary.is_default
    assert turn.settings.system_prompt == "Rhyme."
    assert turn.settings.parameters.to_json() == {"temperature": 0.5}
    assert turn.generation.completion.parameters == {"temperature": 0.5}
    conversation = Conversation.objects.get()
    assert (conversation.pk, conversation.title, conversation.is_begun) == (new, "What is this?", True)
    assert "What is this?" in str(sidebar_for(ann).groups)


def test_a_conversation_with_settings_alone_is_in_no_list_and_no_export(ann: User) -> None:
    change(ann, uuid.uuid4(), parameters={"seed": 7})

    assert Conversation.objects.visible_to(ann).count() == 1
    assert sidebar_for(ann).groups == []
    assert not reviewable().exists()
    assert lacking_titles() == []
    assert b"conversations/" not in b"".join(pieces(ann))


def test_a_conversation_with_settings_alone_is_purged_a_day_after_its_last_change(ann: User) -> None:
    for minutes in (-1, 1):
        change(ann, uuid.uuid4(), parameters={"seed": 7})
        last = timezone.now() - timedelta(days=1, minutes=minutes)
        Conversation.objects.filter(updated_at__gt=timezone.now() - timedelta(minutes=1)).update(
            updated_at=last
        )
    factories.conversation(ann, "Old", days_ago=9)

    assert [purge_abandoned(), purge_abandoned()] == [1, 0]
    assert Conversation.objects.count() == 2


def test_only_so_many_wait_for_a_first_message(ann: User) -> None:
    kept = factories.conversation(ann, "Begun", days_ago=9)
    first = uuid.uuid4()
    change(ann, first, parameters={"seed": 1})
    Conversation.objects.bulk_create(
        Conversation(owner=ann, is_begun=False) for _ in range(MAX_NOT_BEGUN - 1)
    )
    change(ann, uuid.uuid4(), parameters={"seed": 2})

    assert Conversation.objects.filter(is_begun=False).count() == MAX_NOT_BEGUN
    assert not Conversation.objects.filter(pk=first).exists()
    assert Conversation.objects.filter(pk=kept.pk).exists()


def test_valid_values_hold_beside_others_that_are_not(ann: User) -> None:
    conversation = factories.conversation(ann, parameters={"temperature": 1, "top_k": 3})
    changed = change(
        ann,
        conversation.pk,
        parameters={"temperature": 9, "top_p": 0.5, "top_k": None, "colour": 1, "n": 5},
        system_prompt="x" * (MAX_SYSTEM_PROMPT_LENGTH + 1),
    )

    conversation.refresh_from_db()
    assert conversation.parameters == {"temperature": 1, "top_p": 0.5}
    assert conversation.system_prompt == ""
    assert changed.errors.keys() == {"temperature", "colour", "n", "system_prompt"}
    assert str(changed.errors["temperature"]) == "temperature must be a number from 0 to 2."


@pytest.mark.parametrize(
    "value",
    ["\0", "\ud800", ["a" * 65_000], [["b", "\0"]], json.loads("[" * 60 + "]" * 60), 10**30],
)
def test_what_cannot_be_stored_is_refused(ann: User, value: Any) -> None:
    changed = change(ann, uuid.uuid4(), parameters={"prediction": {"type": "content", "content": value}})

    assert changed.errors.keys() == {"prediction"}
    assert Conversation.objects.get().parameters == {}


def test_all_parameters_together_have_a_limit(ann: User) -> None:
    conversation = factories.conversation(ann)
    long = {"type": "content", "content": "a" * 45_000}
    for name, value in {"prediction": long, "tools": [long], "stop": long["content"]}.items():
        changed = change(ann, conversation.pk, parameters={name: value})

    assert changed.errors.keys() == {"stop"}
    conversation.refresh_from_db()
    assert conversation.parameters.keys() == {"prediction", "tools"}


def test_a_limit_of_tokens_can_be_left_to_the_endpoint(ann: User) -> None:
    conversation = factories.conversation(ann)
    change(ann, conversation.pk, parameters={"max_tokens": "not_sent"})
    conversation.refresh_from_db()
    assert conversation.parameters == {"max_tokens": None}

    change(ann, conversation.pk, parameters={"max_tokens": None})
    conversation.refresh_from_db()
    assert conversation.parameters == {}


def test_the_last_chosen_model_is_that_of_new_conversations(ann: User, model: LanguageModel) -> None:
    changed = change(ann, uuid.uuid4(), language_model_id=model.pk)

    assert (changed.summary.model, changed.summary.is_default) == ("Other", True)
    turn = ask(ann)
    assert turn.settings.language_model_id == model.pk
    assert turn.settings.endpoint.model_name == "some/other"
    change(ann, turn.reply.conversation_id, language_model_id=None)
    assert ask(ann).settings.language_model_id is None


def test_a_new_conversation_has_the_default_where_the_last_model_is_gone(
    ann: User, model: LanguageModel
) -> None:
    change(ann, uuid.uuid4(), language_model_id=model.pk)
    LanguageModel.objects.update(is_enabled=False)

    assert ask(ann).settings.language_model_id is None


def test_a_model_that_the_person_may_not_use_is_not_chosen(ann: User, model: LanguageModel) -> None:
    model.groups.add(Group.objects.create(name="Few"))
    changed = change(ann, uuid.uuid4(), language_model_id=model.pk)

    assert changed.errors.keys() == {"language_model_id"}
    assert Conversation.objects.get().language_model is None
    assert not Preferences.objects.exists()


def test_settings_differ_from_the_default_where_instructions_are_others_than_the_person_s(ann: User) -> None:
    Preferences.objects.create(person=ann, instructions="Answer in German.")
    new = uuid.uuid4()

    assert change(ann, new).summary.is_default
    assert not change(ann, new, system_prompt="").summary.is_default


@pytest.mark.parametrize("is_begun", [True, False])
def test_nobody_changes_the_settings_of_somebody_else(ann: User, stranger: User, *, is_begun: bool) -> None:
    conversation = factories.conversation(ann, is_begun=is_begun)
    with pytest.raises(NotFoundError):
        change(stranger, conversation.pk, parameters={"seed": 7})

    conversation.refresh_from_db()
    assert conversation.parameters == {}


def test_the_settings_of_a_deleted_conversation_cannot_be_changed(ann: User) -> None:
    conversation = factories.conversation(ann, deleted_at=timezone.now())
    with pytest.raises(NotFoundError):
        change(ann, conversation.pk, parameters={"seed": 7})


SCHEMA = {"type": "object", "properties": {"total": {"type": "number"}}}


def formatted(schema: object) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}


def test_a_schema_is_kept_and_one_that_is_none_is_not(ann: User) -> None:
    conversation = factories.conversation(ann)
    good = {"response_format": formatted(SCHEMA)}
    assert change(ann, conversation.pk, parameters=good).errors == {}
    elsewhere = formatted({"$ref": "https://example.org/schema.json"})
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "colour"}}}]
    changed = change(ann, conversation.pk, parameters={"response_format": elsewhere, "tools": tools})

    assert "may only refer to this schema itself" in str(changed.errors["response_format"])
    assert "not a valid schema" in str(changed.errors["tools"])
    conversation.refresh_from_db()
    assert conversation.parameters == good


def test_a_message_that_waits_keeps_the_settings_of_when_it_was_written(
    ann: User, model: LanguageModel
) -> None:
    turn = ask(ann)
    conversation = turn.reply.conversation_id
    change(ann, conversation, language_model_id=model.pk, parameters={"seed": 7, "max_tokens": "not_sent"})
    ask_meanwhile(ann, turn)
    change(ann, conversation, language_model_id=None, system_prompt="Rhyme.", parameters={"seed": 8})
    sent = end(turn.reply.pk)

    assert isinstance(sent, Sent)
    settings = sent.new.turn.settings
    assert settings.endpoint.model_name == "some/other"
    assert settings.parameters.to_json() == {"seed": 7, "max_tokens": None}
    assert settings.system_prompt == ""
    assert Completion.objects.latest("pk").parameters == {"seed": 7, "max_tokens": None}


def test_what_is_not_begun_is_neither_renamed_nor_deleted(ann: User) -> None:
    new = uuid.uuid4()
    change(ann, new, parameters={"seed": 7})
    for use_case, args in ((rename, (new, "Title")), (delete, (new,)), (restore, (new,))):
        with pytest.raises(NotFoundError):
            call(ann, use_case, *args)
