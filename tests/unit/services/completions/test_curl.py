"""A request as a command: what a shell makes of it is what was sent."""

import json
import subprocess
from typing import Any

import pytest

from vision_chat.services.completions.curl import curl, json_text, shown_address
from vision_chat.services.completions.endpoints import Endpoint

AIMLAPI = "https://api.aimlapi.com/v1"
NASTY = 'it\'s "$HOME" `id` $(id) !! \\n \\ \u202e\x7f\x85\u00a0\nREQUEST\n😀 €'


def endpoint(base_url: str = AIMLAPI, **values: Any) -> Endpoint:
    return Endpoint(base_url=base_url, model_name="some/model", **values)


def run(command: str, **environment: str) -> list[str]:
    """Return what `curl` gets: its arguments, then its input."""
    script = 'curl() { printf "%s\\0" "$@"; cat; }\n' + command
    done = subprocess.run(
        ["/bin/sh", "-c", script], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stderr == ""
    return done.stdout.split("\0")


@pytest.mark.parametrize("text", ["Hello", NASTY, "'", "REQUEST"])
def test_a_shell_sends_the_body_whatever_it_holds(text: str) -> None:
    body = {"model": "some/model", "messages": [{"role": "user", "content": text}], "stop": [text]}
    *arguments, sent = run(curl(endpoint(), body), AIMLAPI_KEY="k")

    assert json.loads(sent) == body
    assert arguments[1] == "https://api.aimlapi.com/v1/chat/completions"
    assert "Authorization: Bearer k" in arguments


def test_the_command_has_the_name_of_a_variable_and_no_key() -> None:
    secret = "sk-secret"
    other = endpoint("https://user:pass@host/v1?token=hush", api_key=secret)
    command = curl(other, {})

    assert '"Authorization: Bearer $CHAT_KEY"' in command
    assert not any(word in command for word in (secret, "user", "pass", "hush"))


def test_an_address_with_a_quote_in_it_stays_one_word() -> None:
    assert run(curl(endpoint("https://host/it's"), {}))[1] == "https://host/it's/chat/completions"


def test_azure_takes_its_key_in_a_header_of_its_own() -> None:
    azure = endpoint("https://host/openai/deployments/some?api-version=2024-10-21")
    assert '"api-key: $CHAT_KEY"' in curl(azure, {})
    assert shown_address(azure).endswith("/chat/completions?api-version=2024-10-21")


def test_signs_that_cannot_be_seen_are_escaped() -> None:
    text = json_text({"text": NASTY})
    assert all(sign.isprintable() or sign == "\n" for sign in text)
    assert json.loads(text) == {"text": NASTY}
