"""The dialog of the settings, and presets, as a person uses them."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.support import fake_scenarios as scenarios
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage
from tests.support.schema import expect_valid

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]

SCHEMA = {"type": "object", "properties": {"total": {"type": "number"}}}
TOOLS = [{"type": "function", "function": {"name": "look_up"}}]
TYPED: dict[str, tuple[str, Any]] = {
    "max_tokens": ("900", 900),
    "max_completion_tokens": ("901", 901),
    "stop": ("END", ["END"]),
    "n": ("1", 1),
    "temperature": ("0,7", 0.7),
    "top_p": (".5", 0.5),
    "top_k": ("40", 40),
    "min_p": ("0.05", 0.05),
    "repetition_penalty": ("1.1", 1.1),
    "presence_penalty": ("-1", -1),
    "frequency_penalty": ("2", 2),
    "seed": ("7", 7),
    "response_format": ('{"type": "json_object"}', {"type": "json_object"}),
    "logprobs": ("True", True),
    "top_logprobs": ("3", 3),
    "logit_bias": ('{"50256": -100}', {"50256": -100}),
    "tools": (json.dumps(TOOLS), TOOLS),
    "tool_choice": ("auto", "auto"),
    "prediction": ('{"type": "content", "content": "x"}', {"type": "content", "content": "x"}),
    "echo": ("false", False),
}
"""What is typed into each field, and what the endpoint receives."""


class SettingsDialog:
    """The dialog of a tab."""

    def __init__(self, chat: ChatPage) -> None:
        self.page = chat.page
        self.dialog = chat.page.get_by_role("dialog", name="Conversation settings")
        self.system_prompt = self.dialog.get_by_label("System prompt", exact=True)
        self.chip = chat.page.locator("[data-settings-chip]")

    def open(self) -> "SettingsDialog":
        self.page.get_by_role("button", name="Settings", exact=True).click()
        expect(self.system_prompt).to_be_visible()
        for group in self.dialog.locator("details").all():
            if group.get_attribute("open") is None:
                group.locator("summary").click()
        return self

    def field(self, name: str) -> Locator:
        return self.dialog.get_by_label(name, exact=True)

    def switch(self, name: str, switch: str = "Default") -> Locator:
        section = self.dialog.locator(f'[data-setting="{name}"]')
        return section.get_by_role("switch", name=switch)

    def close(self) -> None:
        self.page.keyboard.press("Escape")
        expect(self.dialog).to_be_hidden()


def test_every_field_reaches_the_endpoint_also_when_enter_sends_at_once(chat: ChatPage) -> None:
    chat.site.now(chat.site.fake.script, scenarios.say("An answer."))
    settings = SettingsDialog(chat).open()
    assert settings.dialog.locator("[data-value]:not([aria-label])").count() == len(TYPED)
    for name, (text, _) in TYPED.items():
        settings.field(name).fill(text)
        expect(settings.switch(name)).not_to_be_checked()
    settings.system_prompt.fill("Answer in rhymes.")
    settings.close()
    expect(chat.page.get_by_role("button", name="Settings", exact=True)).to_be_focused()
    chat.write("What is this?")
    chat.send_by_enter()

    body = chat.site.next_call().body
    expect_valid(body)
    assert {name: body[name] for name in TYPED} == {name: value for name, (_, value) in TYPED.items()}
    assert body["messages"][0] == {"role": "system", "content": "Answer in rhymes."}


def test_settings_hold_before_the_first_message_and_over_a_reload(chat: ChatPage) -> None:
    settings = SettingsDialog(chat).open()
    expect(settings.chip).to_be_hidden()
    settings.field("temperature").fill("1.5")
    expect(settings.chip).to_be_visible()
    expect(chat.page).to_have_url(re.compile("/c/"))
    settings.field("temperature").fill("9")
    wrong = settings.dialog.get_by_text("temperature must be a number from 0 to 2.")
    expect(wrong).to_be_visible()
    expect(settings.field("temperature")).to_have_attribute("aria-invalid", "true")
    settings.field("logit_bias").fill("{")
    expect(settings.dialog.get_by_text("This is not valid JSON.")).to_be_visible()
    settings.switch("max_tokens", "Not sent").check()
    settings.dialog.get_by_label("Format", exact=True).select_option("json_schema")
    settings.dialog.get_by_label("JSON schema", exact=True).fill(json.dumps({"$ref": "http://127.0.0.1:9/"}))
    expect(settings.dialog.get_by_text("may only refer to this schema itself")).to_be_visible()
    expect(settings.field("JSON schema")).to_have_attribute("aria-invalid", "true")
    settings.field("JSON schema").fill(json.dumps(SCHEMA))
    expect(settings.dialog.get_by_text("may only refer to this schema itself")).to_be_hidden()
    expect(settings.field("JSON schema")).not_to_have_attribute("aria-invalid", "true")
    expect_accessible(chat.page, "settings")
    settings.close()
    chat.reload()

    settings.open()
    expect(settings.field("temperature")).to_have_value("1.5")
    expect(settings.switch("max_tokens", "Not sent")).to_be_checked()
    expect(settings.field("logit_bias")).to_have_value("")
    expect(settings.dialog.get_by_label("JSON schema", exact=True)).to_have_value(
        json.dumps(SCHEMA, indent=2)
    )
    settings.switch("temperature").check()
    expect(settings.field("temperature")).to_have_value("")
    settings.close()
    chat.reload()
    settings.open()
    expect(settings.switch("temperature")).to_be_checked()


def test_another_tab_hears_of_a_change(chat: ChatPage) -> None:
    chat.ask("What is this?")
    chat.expect_reply()
    other = SettingsDialog(chat.another_tab())
    SettingsDialog(chat).open().field("seed").fill("7")

    expect(other.chip).to_be_visible()


def test_a_preset_is_used_from_the_message_box_and_asks_for_its_variables(open_chat: OpenChat) -> None:
    chat = open_chat("ben", has_touch=True, viewport={"width": 360, "height": 700})
    settings = SettingsDialog(chat).open()
    settings.system_prompt.fill("Answer in {{language}}.")
    settings.field("Name of a new preset").fill("Polyglot")
    settings.dialog.get_by_role("button", name="Save preset").click()
    expect(settings.dialog.get_by_role("button", name="Polyglot", exact=True)).to_be_visible()
    expect_accessible(chat.page, "presets")
    settings.close()

    chat.open()
    option = chat.page.get_by_role("option", name="/Polyglot")
    chat.box.press_sequentially("/po")
    expect(option).to_be_visible()
    chat.box.press("Escape")
    expect(option).to_be_hidden()
    expect(chat.box).to_have_value("/po")
    chat.box.press_sequentially("l")
    expect(option).to_be_visible()
    chat.box.press("Enter")
    settings.field("language").fill("German")
    settings.dialog.get_by_role("button", name="Use preset").click()
    expect(settings.system_prompt).to_have_value("Answer in German.")
    settings.close()
    expect(chat.box).to_have_value("")

    chat.write("/no preset")
    chat.send()
    messages = chat.site.next_call().body["messages"]
    assert messages[0]["content"] == "Answer in German."
    assert messages[1]["content"] == "/no preset"
