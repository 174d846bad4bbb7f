"""Settings over HTTP: what is chosen is what the endpoint receives."""

import re
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.client import Browser
from tests.support.parameters import ALLOWED
from tests.support.schema import expect_valid
from tests.support.server import Server
from vision_chat.models import Completion, Habit, Preset
from vision_chat.services.completions.habits import Habit as Known
from vision_chat.services.completions.habits import HabitKind
from vision_chat.services.completions.parameter_fields import FIELDS


def change(browser: Browser, conversation_id: str, **values: Any) -> dict[str, Any]:
    response = browser.post(f"/c/{conversation_id}/settings/", json=values)
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


def sent(browser: Browser, conversation_id: str) -> dict[str, Any]:
    """Ask in this conversation; the body that the endpoint received."""
    socket = browser.socket()
    socket.submit("What is this?", conversation_id=conversation_id)
    socket.wait_for("reply.settled", message_id=socket.reply_id())
    socket.close()
    body: dict[str, Any] = browser.server.fake.calls[-1].body
    return body


def test_each_parameter_reaches_the_endpoint_as_it_was_set(browser: Browser) -> None:
    for name, values in ALLOWED.items():
        new, value = str(uuid.uuid4()), values[-1]
        answer = change(browser, new, parameters={name: value})
        body = sent(browser, new)

        assert (answer["errors"], answer["is_default"]) == ({}, False), name
        expect_valid(body)
        assert body[name] == (list(value) if isinstance(value, tuple) else value)
        assert Completion.objects.latest("pk").parameters[name] == body[name]


def test_nothing_but_the_site_s_limit_of_tokens_is_sent_by_default(browser: Browser) -> None:
    body = sent(browser, str(uuid.uuid4()))

    expect_valid(body)
    assert body.keys() == {"model", "messages", "stream", "stream_options", "max_tokens"}


def test_the_limit_of_tokens_can_be_left_to_the_endpoint(browser: Browser) -> None:
    new = str(uuid.uuid4())
    change(browser, new, parameters={"max_tokens": "not_sent"})
    body = sent(browser, new)

    expect_valid(body)
    assert "max_tokens" not in body


def test_the_system_prompt_is_sent_before_the_question(browser: Browser) -> None:
    new = str(uuid.uuid4())
    change(browser, new, system_prompt="Rhyme.")

    assert sent(browser, new)["messages"][0] == {"role": "system", "content": "Rhyme."}


def test_each_parameter_has_a_field_with_its_name_its_switch_and_its_value(browser: Browser) -> None:
    conversation = str(uuid.uuid4())
    change(
        browser,
        conversation,
        parameters={"temperature": 0.7, "stop": ["END", "\n"], "max_tokens": "not_sent"},
    )
    page = browser.get(f"/c/{conversation}/settings/").text

    for field in FIELDS:
        assert re.search(rf'<label[^>]* for="setting-{field.name}">{field.name}</label>', page)
        assert page.count(f'data-setting="{field.name}"') == 1
    assert page.count("data-default") == len(FIELDS)
    assert re.search(r'id="setting-temperature"\s+value="0.7"', page)
    assert "data-not-sent checked" in " ".join(page.split())
    assert ">END</textarea>" in page


def test_a_parameter_that_the_model_does_not_accept_is_marked(server: Server, browser: Browser) -> None:
    endpoint = server.runtime.default_settings.endpoint
    known = Known(HabitKind.PARAMETER, "min_p", "min_p is not supported")
    Habit.objects.learn(endpoint.address, endpoint.model_name, [known])
    page = browser.get(f"/c/{uuid.uuid4()}/settings/").text

    assert page.count("This model does not accept it, so it is not sent.") == 1


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"colour": 1}', b'{"system_prompt": 1}', b"[" * 5000, b"\xff"]
)
def test_what_is_no_change_is_refused(browser: Browser, body: bytes) -> None:
    response = browser.post(f"/c/{uuid.uuid4()}/settings/", content=body)

    assert response.status_code == 400
    assert response.json()["code"] == "protocol.invalid"


def test_a_change_that_is_too_long_is_refused(browser: Browser) -> None:
    response = browser.post(f"/c/{uuid.uuid4()}/settings/", content=b" " * (1024 * 1024 + 1))

    assert response.status_code == 413


def test_other_tabs_hear_of_a_change(browser: Browser, ann: User) -> None:
    conversation = factories.conversation(ann)
    socket = browser.socket()
    socket.send("conversation.watch", conversation_id=str(conversation.pk), leaf_id=None, cursors={})
    socket.wait_for("request.done")
    change(browser, str(conversation.pk), parameters={"seed": 7})

    assert socket.wait_for("conversation.changed")["conversation_id"] == str(conversation.pk)
    assert "data-settings-chip" in browser.get(f"/c/{conversation.pk}/topbar/").text


def test_a_page_with_settings_alone_can_be_opened_again(browser: Browser) -> None:
    new = str(uuid.uuid4())
    change(browser, new, system_prompt="Rhyme.")
    page = browser.get(f"/c/{new}/")

    assert page.status_code == 200
    assert "data-settings-chip" in page.text
    assert "Rhyme." in browser.get(f"/c/{new}/settings/").text


def test_a_preset_is_saved_used_renamed_overwritten_and_deleted(browser: Browser, ann: User) -> None:
    new = str(uuid.uuid4())
    change(
        browser,
        new,
        system_prompt="Answer in {{language}}.",
        parameters={"max_tokens": "not_sent", "seed": 7},
    )
    saved = browser.post("/presets/", json={"conversation_id": new, "name": " Polyglot "})
    assert (saved.status_code, saved.json()["name"]) == (201, "Polyglot")
    preset = saved.json()["id"]
    assert browser.get("/presets/").json()["presets"] == [
        {"id": preset, "name": "Polyglot", "is_shared": False, "variables": ["language"]}
    ]

    other = str(uuid.uuid4())
    change(browser, other, parameters={"temperature": 1})
    used = {"conversation_id": other, "variables": {"language": "German"}}
    assert browser.post(f"/presets/{preset}/use/", json=used).json()["errors"] == {}
    body = sent(browser, other)
    assert body["messages"][0]["content"] == "Answer in German."
    assert body["seed"] == 7
    assert body.keys().isdisjoint({"temperature", "max_tokens"})

    again = {"conversation_id": other, "name": "Polyglot"}
    assert browser.post("/presets/", json=again).json()["code"] == "preset.name_taken"
    assert browser.post("/presets/", json={**again, "overwrites": True}).status_code == 201
    assert Preset.objects.get().system_prompt == "Answer in German."
    assert browser.post(f"/presets/{preset}/rename/", json={"name": "Linguist"}).status_code == 204
    assert browser.post(f"/presets/{preset}/rename/", json={"name": "\n"}).status_code == 400
    assert browser.post(f"/presets/{preset}/delete/").status_code == 204
    assert browser.post(f"/presets/{preset}/delete/").status_code == 404


def test_a_shared_preset_is_used_by_everybody_and_changed_by_nobody_here(browser: Browser) -> None:
    preset = Preset.objects.create(name="Shared", system_prompt="Be brief.")
    new = str(uuid.uuid4())

    assert browser.post(f"/presets/{preset.pk}/rename/", json={"name": "Mine"}).status_code == 404
    assert browser.post(f"/presets/{preset.pk}/delete/").status_code == 404
    browser.post(f"/presets/{preset.pk}/use/", json={"conversation_id": new})
    assert sent(browser, new)["messages"][0]["content"] == "Be brief."
