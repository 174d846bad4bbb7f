"""An administrator sees what was learned of an endpoint, clears it, and sets a habit by hand."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.support.people import signed_in, staff
from vision_chat.models import Habit
from vision_chat.services.completions.habits import Habit as Known
from vision_chat.services.completions.habits import HabitKind


def learn() -> Habit:
    Habit.objects.learn("http://host/v1", "some/model", [Known(HabitKind.IMAGES, "1", "At most 1 image(s)")])
    return Habit.objects.get()


def test_the_list_shows_the_habit_with_the_words_of_the_refusal(chief_client: Client) -> None:
    learn()
    page = chief_client.get(reverse("admin:vision_chat_habit_changelist")).content.decode()

    assert "At most 1 image(s)" in page
    assert "accepts at most this many pictures" in page


@pytest.mark.parametrize("page", ["changelist", "add", "change"])
def test_list_and_form_say_what_a_habit_is_and_when_one_is_added(chief_client: Client, page: str) -> None:
    row = learn()
    url = reverse(f"admin:vision_chat_habit_{page}", args=[row.pk] if page == "change" else [])
    text = " ".join(chief_client.get(url).content.decode().split())

    assert "Habits are learned from refusals" in text
    assert "add one only where" in text


def test_where_a_habit_comes_from_is_said_in_words(chief_client: Client) -> None:
    row = learn()
    addresses = [reverse("admin:vision_chat_habit_changelist")]
    addresses.append(reverse("admin:vision_chat_habit_change", args=[row.pk]))
    for address in addresses:
        page = chief_client.get(address).content.decode()
        assert ">Learned</" in page
        assert "icon-no" not in page
    Habit.objects.update(is_set_by_hand=True)

    assert "Set by hand" in chief_client.get(addresses[0]).content.decode()


def test_a_cleared_habit_is_known_no_longer(chief_client: Client) -> None:
    row = learn()
    sent = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    chief_client.post(reverse("admin:vision_chat_habit_changelist"), sent)

    assert Habit.objects.known("http://host/v1", "some/model") == ()


def test_a_habit_that_an_administrator_saves_is_set_by_hand(chief_client: Client) -> None:
    values = {"endpoint": "http://host/v1", "model_name": "some/model", "kind": "context", "value": "8192"}
    chief_client.post(reverse("admin:vision_chat_habit_add"), values)

    assert Habit.objects.get().is_set_by_hand
    assert [habit.number for habit in Habit.objects.known("http://host/v1", "some/model")] == [8192]


def test_of_a_new_habit_only_what_can_be_filled_in_is_asked(chief_client: Client) -> None:
    page = chief_client.get(reverse("admin:vision_chat_habit_add")).content.decode()

    assert "Value:" in page
    assert "Origin:" not in page


def test_a_value_that_would_break_every_turn_is_refused(chief_client: Client) -> None:
    values = {"endpoint": "http://host/v1", "model_name": "some/model", "kind": "context", "value": "8k"}
    page = chief_client.post(reverse("admin:vision_chat_habit_add"), values).content.decode()

    assert "needs a number" in page
    assert not Habit.objects.exists()


def test_staff_without_the_permission_see_no_habits(db: None) -> None:
    learn()
    response = signed_in(staff("reader", "view_conversation")).get(
        reverse("admin:vision_chat_habit_changelist")
    )

    assert response.status_code == 403
