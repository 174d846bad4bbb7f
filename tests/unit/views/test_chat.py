"""The page of the chat: what it knows of the model."""

import re

import pytest

from tests.support.client import Browser
from tests.support.server import Server
from vision_chat.models import Habit
from vision_chat.services.completions import habits


def images_per_request(browser: Browser) -> str:
    found = re.search(r'data-images-per-request="(\d+)"', browser.get("/").text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("value", ["0", "2"])
def test_the_composer_knows_how_many_images_the_endpoint_was_learned_to_take(
    server: Server, browser: Browser, value: str
) -> None:
    endpoint = server.runtime.default_settings.endpoint
    assert images_per_request(browser) != value
    Habit.objects.learn(endpoint.address, endpoint.model_name, [habits.Habit(habits.HabitKind.IMAGES, value)])
    assert images_per_request(browser) == value
