"""The settings of a conversation in short, and as their dialog shows them."""

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.models_of_sites import ADDRESS, KEY, endpoint, language_model
from tests.support.use_cases import SETTINGS
from vision_chat.models import Endpoint, Habit
from vision_chat.services.conversations.settings_summary import settings_shown, summary_of


@pytest.fixture
def keyless(db: None) -> Endpoint:
    """An endpoint whose stored key cannot be read, because it was encrypted for another address."""
    place = endpoint(base_url="https://before.example.org/v1", key=KEY)
    Endpoint.objects.update(base_url=ADDRESS)
    place.refresh_from_db()
    return place


def test_settings_are_shown_also_where_the_key_of_the_model_cannot_be_read(
    ann: User, keyless: Endpoint
) -> None:
    row = language_model("some/other", keyless)
    conversation = factories.conversation(ann, language_model=row, parameters={"seed": 7})

    shown = settings_shown(ann, SETTINGS, conversation.pk)

    assert shown.parameters == {"seed": 7}
    assert (shown.endpoint.model_name, shown.endpoint.api_key) == ("some/other", "")
    assert summary_of(ann, conversation, SETTINGS).model == "some/other"


def test_both_know_what_the_endpoint_refuses(ann: User) -> None:
    row = language_model()
    Habit.objects.create(endpoint=ADDRESS, model_name=row.model_name, kind=Habit.Kind.IMAGES, value="0")
    conversation = factories.conversation(ann, language_model=row)

    assert not summary_of(ann, conversation, SETTINGS).takes_images
    assert settings_shown(ann, SETTINGS, conversation.pk).endpoint.rules.max_images == 0
