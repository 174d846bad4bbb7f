"""The language models that a person may choose among."""

import pytest
from django.contrib.auth.models import Group, User

from tests.support import models_of_sites
from tests.support.use_cases import SETTINGS
from vision_chat.models import Habit, LanguageModel
from vision_chat.services.completions import habits
from vision_chat.services.language_models.offered import offered_models

ENVIRONMENT = SETTINGS.endpoint


def names(person: User) -> list[str]:
    return [model.name for model in offered_models(person, ENVIRONMENT)]


def of_environment(**values: bool) -> LanguageModel:
    """The row of the environment's model, at an endpoint whose name comes last."""
    place = models_of_sites.endpoint("Z", ENVIRONMENT.base_url, is_from_environment=True)
    return models_of_sites.language_model("some/model", place, is_from_environment=True, **values)


def test_without_rows_there_is_the_model_of_the_environment(ann: User) -> None:
    (model,) = offered_models(ann, ENVIRONMENT)

    assert (model.row, model.endpoint, model.name) == (None, ENVIRONMENT, "some/model")


def test_models_come_by_endpoint_and_name_those_of_the_environment_first(ann: User) -> None:
    models_of_sites.language_model("zebra", label="Ant")
    models_of_sites.language_model("bee")
    other = models_of_sites.endpoint("another", "http://another/v1")
    models_of_sites.language_model("cow", other)
    of_environment()

    assert names(ann) == ["some/model", "cow", "Ant", "bee"]


def test_what_a_person_may_not_use_is_not_offered(ann: User) -> None:
    of_environment()
    models_of_sites.language_model("off", is_enabled=False)
    closed = models_of_sites.endpoint("Closed", "http://closed/v1", is_enabled=False)
    models_of_sites.language_model("closed", closed)
    group = Group.objects.create(name="Readers")
    models_of_sites.language_model("of the group").groups.add(group)
    assert names(ann) == ["some/model"]
    ann.groups.add(group)

    assert names(ann) == ["some/model", "of the group"]


def test_a_model_is_described_without_its_key_and_as_it_is_known_to_be(ann: User) -> None:
    of_environment()
    place = models_of_sites.endpoint(key_variable="CHAT_KEY_THAT_IS_NOT_SET")
    models_of_sites.language_model("one", place, max_images=3)
    models_of_sites.language_model("two", place, max_images=3)
    habit = habits.Habit(habits.HabitKind.IMAGES, "0")
    Habit.objects.learn(models_of_sites.ADDRESS, "two", [habit])
    _, one, two = offered_models(ann, ENVIRONMENT)

    assert (one.endpoint.base_url, one.endpoint.api_key) == (models_of_sites.ADDRESS, "")
    assert (one.takes_images, two.takes_images) == (True, False)


@pytest.mark.parametrize("count", [1, 30])
def test_the_queries_do_not_grow_with_the_models(
    ann: User, django_assert_num_queries: object, count: int
) -> None:
    of_environment()
    for number in range(count):
        models_of_sites.language_model(f"model {number}")
    assert callable(django_assert_num_queries)
    with django_assert_num_queries(3):
        assert len(names(ann)) == count + 1
