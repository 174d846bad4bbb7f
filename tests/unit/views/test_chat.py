"""The page of the chat: what it tells its scripts about the model."""

import pytest

from tests.support.client import Browser
from tests.support.server import Server
from vision_chat.models import Habit
from vision_chat.services.completions import habits


def said(browser: Browser) -> str:
    return browser.get("/").text.partition('data-images-per-request="')[2].partition('"')[0]


@pytest.mark.parametrize("learned", ["0", "1", "2"])
def test_the_page_says_how_many_pictures_the_model_was_learned_to_take(
    browser: Browser, server: Server, learned: str
) -> None:
    endpoint = server.runtime.default_settings.endpoint
    assert said(browser) == str(endpoint.rules.max_images)

    images = habits.Habit(habits.HabitKind.IMAGES, learned)
    Habit.objects.learn(endpoint.address, endpoint.model_name, [images])
    assert said(browser) == learned


def test_a_habit_of_another_model_counts_for_nothing(browser: Browser, server: Server) -> None:
    endpoint = server.runtime.default_settings.endpoint
    Habit.objects.learn(endpoint.address, "another", [habits.Habit(habits.HabitKind.IMAGES, "1")])
    assert said(browser) == str(endpoint.rules.max_images)
