import asyncio
import gzip
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from tests.support import fake_scenarios as scenarios
from tests.support.fake_endpoint import Call, FakeEndpoint, refusing_base_url
from tests.support.raw_server import RawServer
from tests.support.reading import HELLO, Received, endpoint_at, endpoint_of, fail, read, receive
from tests.support.schema import MODEL_NAME, SCHEMA
from vision_chat.demo.framing import DONE, Framing
from vision_chat.errors.completions import CompletionError, RequestTooLargeError
from vision_chat.services.completions.catalogue import Offer
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.completions.ends import Finish
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.vision.request_rules import RequestRules

# The answer


async def test_an_answer_comes_with_its_usage_and_cost(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    fake.script(scenarios.say("Grüße, **Welt** 🖼️"))
    text, finish = await read(completions, endpoint_of(fake), request_id="turn-1")
    assert text == "Grüße, **Welt** 🖼️"
    assert finish == Finish(
        finish_reason="stop",
        prompt_tokens=100,
        completion_tokens=3,
        usd_spent=Decimal("0.000625"),
        credits_used=Decimal(1250),
        model_name="fake/vision",
        completion_id="chatcmpl-fake",
        inference_id="inf-1",
        request_id="turn-1",
    )


async def test_text_comes_as_soon_as_it_is_sent(completions: CompletionClient, fake: FakeEndpoint) -> None:
    fake.script(scenarios.step("one two"))
    received = Received()
    task = asyncio.create_task(receive(completions, endpoint_of(fake), received))
    call = await fake.next_call()
    call.release()
    assert await received.next_text() == "one"
    call.release()
    assert await received.next_text() == " two"
    assert not task.done()
    call.release()
    assert (await task).finish_reason == "stop"
    assert received.text == "one two"


async def test_line_separators_inside_the_text_are_kept(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    fake.script(scenarios.line_separator())
    text, _ = await read(completions, endpoint_of(fake))
    assert text == "one\u2028two\u2029three\x85four"


async def test_an_answer_cut_at_max_tokens_says_so(completions: CompletionClient, fake: FakeEndpoint) -> None:
    fake.script(scenarios.length())
    _, finish = await read(completions, endpoint_of(fake))
    assert finish.finish_reason == "length"


async def test_an_endpoint_that_does_not_stream_is_read_as_well(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    fake.script(scenarios.json_answer("Hello at once"))
    text, finish = await read(completions, endpoint_of(fake))
    assert text == "Hello at once"
    assert (finish.finish_reason, finish.prompt_tokens) == ("stop", 100)


async def test_an_answer_is_whole_even_when_the_connection_stays_open(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    fake.script(scenarios.hang_after_finish("Hello"))
    text, finish = await read(completions, endpoint_of(fake))
    assert (text, finish.completion_tokens) == ("Hello", 1)
    await fake.wait_closed()


async def test_a_connection_that_breaks_after_the_last_word_changes_nothing(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    async def play(call: Call) -> None:
        await scenarios.say("Hello")(call)
        call.cut()

    fake.script(play)
    text, finish = await read(completions, endpoint_of(fake))
    assert (text, finish.finish_reason) == ("Hello", "stop")


async def test_a_compressed_answer_is_read_though_nobody_asked_for_it(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    framing = Framing("1", "m")
    packed = gzip.compress(framing.delta("Hello") + framing.finish() + DONE)
    fake.script(scenarios.raw(packed[:20], packed[20:], headers={"Content-Encoding": "gzip"}))
    text, _ = await read(completions, endpoint_of(fake))
    assert text == "Hello"


async def test_the_next_completion_uses_the_same_connection(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    await read(completions, endpoint_of(fake))
    await read(completions, endpoint_of(fake))
    first, second = fake.calls
    assert first.peer == second.peer


async def test_many_completions_run_at_once(completions: CompletionClient, fake: FakeEndpoint) -> None:
    """The transport's own default of 100 connections would make the others wait."""
    fake.default = scenarios.step("Hello")
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(read(completions, endpoint_of(fake))) for _ in range(150)]
        for call in [await fake.next_call() for _ in tasks]:
            call.release(2)
    assert [task.result()[0] for task in tasks] == ["Hello"] * 150


# The request


async def test_the_request_fits_the_schema_of_the_provider(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    parameters = Parameters(temperature=0.5, stop=("END",), seed=7)
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,AAAA"}},
                {"type": "text", "text": "What is this?"},
            ],
        },
    ]
    async with completions.stream(
        endpoint_of(fake, model_name=MODEL_NAME), messages, parameters
    ) as completion:
        assert [piece.text async for piece in completion]
    body = fake.calls[0].body
    jsonschema.validate(body, SCHEMA)
    assert set(body) <= set(SCHEMA["properties"])
    assert body["messages"] == messages
    assert body["stream_options"] == {"include_usage": True}
    assert (body["temperature"], body["stop"], body["seed"]) == (0.5, ["END"], 7)


async def test_max_tokens_is_always_sent_once(completions: CompletionClient, fake: FakeEndpoint) -> None:
    endpoint = endpoint_of(fake, rules=RequestRules(max_output_tokens=3000))
    await read(completions, endpoint)
    await read(completions, endpoint, parameters=Parameters(max_tokens=9))
    await read(completions, endpoint, parameters=Parameters(max_completion_tokens=8))
    limits = [(call.body.get("max_tokens"), call.body.get("max_completion_tokens")) for call in fake.calls]
    assert limits == [(3000, None), (9, None), (None, 8)]


async def test_the_headers_carry_key_and_request_id(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    await read(completions, endpoint_of(fake), request_id="turn 1/ü" + "x" * 200)
    headers = fake.calls[0].headers
    assert headers["Authorization"] == "Bearer sk-secret"
    assert headers["X-Client-Request-Id"] == ("turn-1--" + "x" * 200)[:128]
    assert headers["Accept-Encoding"] == "identity"


async def test_without_a_key_there_is_no_authorization(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    await read(completions, endpoint_of(fake, api_key=""))
    assert "Authorization" not in fake.calls[0].headers
    assert fake.calls[0].headers["X-Client-Request-Id"]


async def test_a_body_larger_than_the_endpoint_takes_is_not_sent(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    _, error = await fail(completions, endpoint_of(fake, rules=RequestRules(max_body_bytes=50)))
    assert isinstance(error, RequestTooLargeError)
    assert fake.calls == []


async def test_an_endpoint_on_this_machine_is_never_called_through_a_proxy(
    fake: FakeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    with refusing_base_url() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.delenv("NO_PROXY", raising=False)
        async with CompletionClient() as completions:
            text, _ = await read(completions, endpoint_of(fake))
    assert text == scenarios.HELLO


# Stopping


async def test_cancelling_the_task_closes_the_call(completions: CompletionClient, fake: FakeEndpoint) -> None:
    fake.script(scenarios.hang_midway("Half"))
    received = Received()
    task = asyncio.create_task(receive(completions, endpoint_of(fake), received))
    call = await fake.next_call()
    await received.next_text()
    assert not call.closed.is_set()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await call.wait_closed()


async def test_cancelling_before_the_answer_begins_closes_the_call(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    fake.script(scenarios.hang())
    task = asyncio.create_task(receive(completions, endpoint_of(fake), Received()))
    call = await fake.next_call()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await call.wait_closed()


async def test_leaving_the_block_in_mid_answer_closes_the_call(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    fake.script(scenarios.hang_midway("Half"))
    async with completions.stream(endpoint_of(fake), HELLO) as completion:
        async for piece in completion:
            assert piece.text == "Half"
            break
        assert completion.finish.inference_id == "inf-1", "what is known of a stopped reply"
    await fake.wait_closed()


async def test_leaving_the_block_unread_closes_the_call(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    fake.script(scenarios.hang_midway("Half"))
    async with completions.stream(endpoint_of(fake), HELLO):
        assert not fake.calls[-1].closed.is_set()
    await fake.wait_closed()
    assert fake.calls[-1].closed.is_set()


# The catalogue


@pytest.mark.parametrize(
    ("model_name", "offer"),
    [("fake/vision", Offer.OFFERED), ("fake-alias", Offer.OFFERED), ("fake/gone", Offer.RETIRED)],
)
async def test_the_catalogue_tells_whether_a_model_is_offered(
    completions: CompletionClient, fake: FakeEndpoint, model_name: str, offer: Offer
) -> None:
    status = await completions.look_up(endpoint_of(fake, model_name=model_name))
    assert status.offer is offer
    assert status.vision_models == ("fake/vision",)


async def test_without_a_catalogue_nothing_is_known(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    fake.catalogue = None
    assert (await completions.look_up(endpoint_of(fake))).offer is Offer.UNKNOWN
    with refusing_base_url() as base_url:
        assert (await completions.look_up(endpoint_of(fake, base_url=base_url))).offer is Offer.UNKNOWN


async def test_a_catalogue_that_speaks_no_http_does_not_bring_the_key_into_the_log(
    completions: CompletionClient, fake: FakeEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "vision_chat")
    async with RawServer() as server:
        task = asyncio.create_task(completions.look_up(endpoint_of(fake, base_url=server.url)))
        peer = await server.next_peer()
        await peer.take_request()
        peer.send(b"220 mail.example ready\r\n\r\n")
        assert (await task).offer is Offer.UNKNOWN
    assert "catalogue.unavailable" in caplog.text
    assert "sk-secret" not in caplog.text


LONG_TEXT = "ünïcode " * 300_000


async def received_whole(fake: FakeEndpoint) -> None:
    call = await fake.next_call()
    assert call.body["messages"] == [{"role": "user", "content": LONG_TEXT}]
    assert int(call.headers["Content-Length"]) > 2 * 1024 * 1024
    assert "Transfer-Encoding" not in call.headers


async def test_a_long_body_is_sent_in_parts_without_a_warning_and_whole_each_time(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    """Warnings are errors in tests: aiohttp warns of more than a megabyte in one piece."""
    fake.script(scenarios.error(503), scenarios.error(500), scenarios.say("Read it all."))
    async with completions.stream(endpoint_of(fake), [{"role": "user", "content": LONG_TEXT}]) as completion:
        text = "".join([piece.text async for piece in completion])

    assert text == "Read it all."
    assert len(fake.calls) == 3
    for _ in range(3):
        await received_whole(fake)


async def test_a_refusal_that_comes_before_a_long_body_is_read_is_told(completions: CompletionClient) -> None:
    async def ask(base_url: str) -> None:
        async with completions.stream(endpoint_at(base_url), [{"role": "user", "content": LONG_TEXT}]):
            pass

    async with RawServer() as server:
        asking = asyncio.create_task(ask(server.url))
        peer = await server.next_peer()
        peer.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nLong")
        with pytest.raises(CompletionError) as caught:
            await asking
    assert caught.value.detail == "HTTP 413: Long"
