import base64
import io
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from PIL import Image

from vision_chat.demo.answer import DISCLAIMER
from vision_chat.demo.server import DemoEndpoint
from vision_chat.services.completions.catalogue import Offer
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.ends import Finish
from vision_chat.services.completions.parameters import Parameters

Message = dict[str, Any]


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with DemoEndpoint(seconds_per_token=0) as demo:
        yield Endpoint(base_url=demo.base_url, model_name="demo")


async def ask(endpoint: Endpoint, *messages: Message, **parameters: Any) -> tuple[str, Finish]:
    """Over the same way as the real model is asked."""
    async with (
        CompletionClient() as client,
        client.stream(endpoint, messages, Parameters(**parameters)) as completion,
    ):
        return "".join([piece.text async for piece in completion]), completion.finish


def says(text: str, *sizes: tuple[int, int]) -> Message:
    """A person's message with a red picture of each size."""
    return {"role": "user", "content": [*map(picture, sizes), {"type": "text", "text": text}]}


def picture(size: tuple[int, int]) -> Message:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "PNG")
    url = "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
    return {"type": "image_url", "image_url": {"url": url}}


async def test_an_image_is_measured_and_the_answer_streamed(endpoint: Endpoint) -> None:
    text, finish = await ask(endpoint, says("What is this?", (1120, 560)))
    assert text.startswith(DISCLAIMER)
    assert "**1120 × 560 pixels**" in text
    assert "| `#ff0000` | red | 100% |" in text
    assert (finish.finish_reason, finish.model_name) == ("stop", "demo")
    assert finish.prompt_tokens == 2 * 1601 + 4 + len("What is this?") // 4
    assert finish.completion_tokens == len(text.split())


async def test_a_text_alone_gets_what_the_demo_can_do(endpoint: Endpoint) -> None:
    text, _ = await ask(endpoint, {"role": "user", "content": "Hello"})
    assert "Send me a picture" in text


async def test_the_latest_image_counts_when_there_is_no_new_one(endpoint: Endpoint) -> None:
    history = [says("First", (10, 10)), {"role": "assistant", "content": "…"}, says("Second", (20, 20))]
    text, _ = await ask(endpoint, *history, {"role": "assistant", "content": "…"}, says("And the size?"))
    assert "about the latest one" in text
    assert "**20 × 20 pixels**" in text
    assert "10 × 10" not in text


async def test_an_instruction_before_the_question_does_not_change_the_answer(endpoint: Endpoint) -> None:
    folded, _ = await ask(endpoint, says("Answer with colours.\n\nIs it sharp?", (10, 10)))
    assert "Sharpness" in folded
    assert "Main colours" not in folded


async def test_an_answer_cut_at_max_tokens_is_continued_where_it_was_cut(endpoint: Endpoint) -> None:
    question = says("What is this?", (30, 20))
    whole, _ = await ask(endpoint, question)
    begun, finish = await ask(endpoint, question, max_tokens=40)
    assert finish.finish_reason == "length"
    assert finish.completion_tokens == 40
    rest, _ = await ask(endpoint, question, {"role": "assistant", "content": begun})
    assert begun + rest == whole


async def test_an_image_that_cannot_be_read_is_said_to_be_so(endpoint: Endpoint) -> None:
    broken = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    text, _ = await ask(endpoint, {"role": "user", "content": [broken]})
    assert "could not be measured" in text


async def test_the_demo_endpoint_is_in_its_own_catalogue(endpoint: Endpoint) -> None:
    async with CompletionClient() as client:
        status = await client.look_up(endpoint)
    assert status.offer is Offer.OFFERED
    assert status.vision_models == ("demo",)


async def test_the_demo_endpoint_answers_in_one_body_when_asked_to(endpoint: Endpoint) -> None:
    body = {"model": "demo", "messages": [{"role": "user", "content": "Hello"}]}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{endpoint.base_url}/chat/completions", json=body) as response,
    ):
        answer = await response.json()
    assert answer["choices"][0]["message"]["content"].startswith(DISCLAIMER)
    assert answer["usage"]["total_tokens"] > answer["usage"]["completion_tokens"] > 0


@pytest.mark.parametrize("body", ["no json", "[]", "{}", '{"messages": []}', '{"messages": [7]}'])
async def test_a_bad_request_is_refused(endpoint: Endpoint, body: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{endpoint.base_url}/chat/completions", data=body) as response,
    ):
        assert response.status == 400
        assert "Not a chat completion" in (await response.json())["error"]["message"]
