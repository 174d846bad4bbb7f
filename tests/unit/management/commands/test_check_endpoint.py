import asyncio
import io
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings

from tests.support import fake_scenarios as scenarios
from tests.support.fake_endpoint import FakeEndpoint


async def check(**config: Any) -> str:
    """Run the command as from a shell: in a thread of its own, with an event loop of its own."""
    out = io.StringIO()
    with override_settings(VISION_CHAT=replace(settings.VISION_CHAT, **config)):
        await asyncio.to_thread(call_command, "check_endpoint", stdout=out, no_color=True)
    return out.getvalue()


def pointing_at(fake: FakeEndpoint) -> dict[str, Any]:
    return {
        "endpoint_base_url": fake.base_url,
        "model_name": "fake/vision",
        "api_key": "sk-secret",
        "demo": False,
    }


async def test_a_working_endpoint_is_reported(fake: FakeEndpoint) -> None:
    fake.script(scenarios.say("ready"))
    out = await check(**pointing_at(fake))
    for line in (
        "Model:        fake/vision",
        "Answer:       ready",
        "100 tokens in, 1 out",
        "Cost:         $0.000625",
    ):
        assert line in out
    assert "First token:  after " in out
    assert "The endpoint works." in out
    assert "sk-secret" not in out


async def test_the_request_is_tiny(fake: FakeEndpoint) -> None:
    await check(**pointing_at(fake))
    (call,) = fake.calls
    assert call.body["max_tokens"] == 16
    assert len(call.body["messages"]) == 1


async def test_a_failure_says_why_and_in_whose_words(fake: FakeEndpoint) -> None:
    fake.script(scenarios.error(401, {"message": "Bad key sk-secret", "requestId": "r1"}))
    with pytest.raises(CommandError) as caught:
        await check(**pointing_at(fake))
    assert caught.value.returncode == 1
    sentence, code, detail = str(caught.value).splitlines()
    assert "does not accept this site’s API key" in sentence
    assert code == "Code:   endpoint.key_refused"
    assert detail == "Detail: HTTP 401: Bad key [key] [request r1]"


async def test_check_endpoint_names_other_models_where_the_model_is_gone(fake: FakeEndpoint) -> None:
    fake.script(scenarios.error(404, {"error": {"message": "No such model"}}))
    with pytest.raises(CommandError, match="Models that accept pictures: fake/vision"):
        await check(**pointing_at(fake) | {"model_name": "fake/gone"})


async def test_what_the_endpoint_refuses_is_said_and_asked_again(fake: FakeEndpoint) -> None:
    refusal = {"error": {"message": "Unrecognized request argument supplied: stream_options"}}
    fake.script(scenarios.error(400, refusal), scenarios.say("ready"))
    out = await check(**pointing_at(fake))

    assert "Refused:      Unrecognized request argument supplied: stream_options" in out
    assert "The endpoint works." in out


async def test_without_usage_it_says_that_it_is_unknown(fake: FakeEndpoint) -> None:
    fake.script(scenarios.raw(b'data: {"choices":[{"delta":{"content":"ready"}}]}\n\ndata: [DONE]\n\n'))
    out = await check(**pointing_at(fake))
    assert "unknown tokens in, unknown out" in out
    assert "Cost" not in out


async def test_without_a_key_the_demo_is_checked() -> None:
    out = await check(demo=True, api_key="")
    assert "the built-in demo" in out
    assert "API key:      none" in out
    assert "The endpoint works." in out
