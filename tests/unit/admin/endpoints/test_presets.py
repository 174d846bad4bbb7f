"""An administrator shares presets."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.support.people import signed_in, staff
from vision_chat.models import Preset

ADD = "admin:vision_chat_preset_add"
PARAMETERS = '{"temperature": 0.2, "seed": null, "max_tokens": "not_sent"}'
VALUES = {"name": " Be  brief ", "system_prompt": "Be brief.\r\nNow.", "parameters": PARAMETERS}

pytestmark = pytest.mark.each_database


def test_a_preset_that_is_added_is_shared(chief_client: Client) -> None:
    response = chief_client.post(reverse(ADD), VALUES)

    assert response.status_code == 302
    preset = Preset.objects.get()
    assert (preset.owner, preset.name, preset.system_prompt) == (None, "Be brief", "Be brief.\nNow.")
    assert preset.parameters == {"temperature": 0.2, "max_tokens": None}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"parameters": '{"temperature": 9}'}, "temperature must be a number from 0 to 2."),
        ({"parameters": "[1]"}, "This must be a JSON object."),
        ({"parameters": "{"}, "Enter a valid JSON."),
        ({"system_prompt": "x" * 20_001}, "This is longer than 20,000 characters."),
        ({"name": "Taken"}, "There is a shared preset with this name already."),
    ],
)
def test_what_a_conversation_would_refuse_is_refused(
    chief_client: Client, values: dict[str, str], sentence: str
) -> None:
    Preset.objects.create(name="Taken")
    page = chief_client.post(reverse(ADD), VALUES | values).content.decode()

    assert sentence in page
    assert Preset.objects.count() == 1


def test_the_presets_of_people_are_not_shown(chief_client: Client, owner: User) -> None:
    private = Preset.objects.create(owner=owner, name="Private")
    Preset.objects.create(name="Shared")
    page = chief_client.get(reverse("admin:vision_chat_preset_changelist")).content.decode()

    assert "Shared" in page
    assert "Private" not in page
    change = chief_client.get(reverse("admin:vision_chat_preset_change", args=[private.pk]))
    assert change.status_code == 302


def test_only_who_may_shares_presets(db: None) -> None:
    assert signed_in(staff("reader", "view_conversation")).get(reverse(ADD)).status_code == 403
    assert signed_in(staff("sharer", "add_preset")).get(reverse(ADD)).status_code == 200
