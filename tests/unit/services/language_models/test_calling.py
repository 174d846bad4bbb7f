"""A row as what is called: address, key, and rules with what the administrator has set."""

from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.models_of_sites import ADDRESS, KEY, endpoint, language_model
from tests.support.use_cases import begin, call, question
from vision_chat.errors.turns import ModelKeyError
from vision_chat.models import Completion, Endpoint, Habit
from vision_chat.services.completions.endpoints import Endpoint as Called
from vision_chat.services.completions.habits import Habit as Known
from vision_chat.services.completions.habits import HabitKind
from vision_chat.services.conversations.submit import submit
from vision_chat.services.language_models.calling import endpoint_for, rules_for
from vision_chat.services.vision.request_rules import RequestRules, request_rules

pytestmark = pytest.mark.django_db(transaction=True)

ENVIRONMENT = Called(
    base_url="https://login:hush@env.example.org/v1",
    model_name="env/model",
    api_key="sk-env",
    rules=RequestRules(max_images=3, context_tokens=5000),
)


def test_the_row_of_the_environment_is_what_the_environment_says() -> None:
    place = endpoint("env", "https://env.example.org/v1", is_from_environment=True)
    row = language_model("an older name", place, is_from_environment=True)

    assert endpoint_for(row, ENVIRONMENT) is ENVIRONMENT
    assert endpoint_for(None, ENVIRONMENT) is ENVIRONMENT
    assert rules_for(row, ENVIRONMENT) is ENVIRONMENT.rules


def test_another_model_of_the_environments_endpoint_is_called_there_with_its_key() -> None:
    place = endpoint("env", "https://env.example.org/v1", is_from_environment=True)
    called = endpoint_for(language_model("gpt-4o", place), ENVIRONMENT)

    assert replace(called, rules=RequestRules()) == replace(
        ENVIRONMENT, model_name="gpt-4o", rules=RequestRules()
    )
    assert called.rules == request_rules(ENVIRONMENT.base_url, "gpt-4o")


def test_a_row_of_another_endpoint_is_called_there_with_the_key_of_that() -> None:
    called = endpoint_for(language_model(at=endpoint(key=KEY)), ENVIRONMENT)

    assert (called.base_url, called.api_key, called.model_name) == (ADDRESS, KEY, "some/vision")


def test_what_an_administrator_has_set_counts_before_the_family() -> None:
    row = language_model(max_images=0, context_tokens=9000, max_output_tokens=700)
    rules = rules_for(row, ENVIRONMENT)

    assert (rules.max_images, rules.context_tokens, rules.max_output_tokens) == (0, 9000, 700)


def test_the_family_is_guessed_from_the_name_until_it_is_set(ann: User) -> None:
    row = language_model("in-house-7")
    assert rules_for(row, ENVIRONMENT).family == "generic"
    row.family = "llama-3.2-vision"
    row.save()

    rules = rules_for(row, ENVIRONMENT)
    assert rules == request_rules(ADDRESS, "in-house-7", family_id="llama-3.2-vision")
    assert rules.family == "llama-3.2-vision"
    begin(ann, submit, **question(conversation_id=factories.conversation(ann, language_model=row).pk))
    assert Completion.objects.get().family == "llama-3.2-vision"


def test_a_family_that_is_known_no_more_is_guessed_again() -> None:
    assert rules_for(language_model("in-house-7", family="gone"), ENVIRONMENT).family == "generic"


def test_what_was_learned_of_a_row_counts_for_its_turns(ann: User) -> None:
    row = language_model()
    Habit.objects.learn(ADDRESS, row.model_name, [Known(HabitKind.PARAMETER, "seed")])
    conversation = factories.conversation(ann, language_model=row)
    turn = begin(ann, submit, **question(conversation_id=conversation.pk))

    assert [habit.value for habit in turn.settings.endpoint.habits.known] == ["seed"]


def test_people_are_refused_where_the_key_cannot_be_read(ann: User) -> None:
    row = language_model(at=endpoint(key=KEY))
    Endpoint.objects.update(encrypted_key="gone")
    conversation = factories.conversation(ann, language_model=row)

    with pytest.raises(ModelKeyError):
        call(ann, submit, **question(conversation_id=conversation.pk))
    assert not conversation.messages.exists()
