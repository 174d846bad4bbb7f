import asyncio

import pytest

from tests.support import fake_scenarios as scenarios
from tests.support.fake_endpoint import Call, FakeEndpoint, refusing_base_url
from tests.support.reading import HELLO, Pauses, endpoint_at, endpoint_of, fail, read
from vision_chat.demo.framing import DONE, Framing
from vision_chat.errors.completions import (
    CompletionError,
    ConnectTimeoutError,
    DisconnectedError,
    EndpointFailedError,
    FirstTokenTimeoutError,
    KeyRefusedError,
    NotACompletionError,
    ReplyCutOffError,
    ReplyEmptyError,
    ReplyFailedError,
    ReplyLostError,
    ReplyTimeoutError,
    RequestRefusedError,
    TokenTimeoutError,
    UnreachableError,
    UntrustedError,
)
from vision_chat.services.completions._provider_errors import MAX_DETAIL
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.completions.timeouts import Timeouts

SHORT = 0.05  # seconds until a hanging endpoint is given up
LONG = 1.0  # enough for a first token, also on a busy machine


# Endings that are failures

ENDINGS = {
    "error in mid-stream": (
        scenarios.error_midway("Half"),
        "Half",
        ReplyFailedError,
        "Scripted failure",
    ),
    "no end mark": (scenarios.cut("Half"), "Half", ReplyCutOffError, "finish_reason"),
    "broken connection": (scenarios.cut_connection("Half"), "Half", ReplyLostError, "payload"),
    "hung up": (scenarios.disconnect(), "", DisconnectedError, "disconnected"),
    "not a word": (scenarios.empty(), "", ReplyEmptyError, "stop"),
    "a web page": (scenarios.html(), "", NotACompletionError, "Welcome to nginx!"),
    "an error inside a 200": (scenarios.error(200), "", ReplyFailedError, "Scripted failure"),
    "another JSON": (scenarios.error(200, {"hello": 1}), "", NotACompletionError, "hello"),
    "another text": (scenarios.raw(b"Hello there"), "", NotACompletionError, "Hello there"),
    "nothing at all": (scenarios.raw(), "", ReplyCutOffError, "finish_reason"),
}


@pytest.mark.parametrize(("scenario", "said", "kind", "detail"), ENDINGS.values(), ids=ENDINGS.keys())
async def test_an_ending_that_is_no_end_has_its_own_error(
    *,
    completions: CompletionClient,
    fake: FakeEndpoint,
    pauses: Pauses,
    scenario: scenarios.Scenario,
    said: str,
    kind: type[CompletionError],
    detail: str,
) -> None:
    fake.script(scenario)
    text, error = await fail(completions, endpoint_of(fake))
    assert (text, type(error)) == (said, kind)
    assert detail.lower() in error.detail.lower()
    assert pauses.taken == [], "what may have run is not sent again"
    assert len(fake.calls) == 1


async def test_a_refused_connection_is_its_own_error_and_is_tried_again(
    completions: CompletionClient, pauses: Pauses
) -> None:
    with refusing_base_url() as base_url:
        _, error = await fail(completions, endpoint_at(base_url))
    assert type(error) is UnreachableError
    assert pauses.taken == [0.5, 1.0]


async def test_tls_that_does_not_work_is_its_own_error(
    *, completions: CompletionClient, fake: FakeEndpoint, pauses: Pauses
) -> None:
    base_url = fake.base_url.replace("http:", "https:")
    _, error = await fail(completions, endpoint_of(fake, base_url=base_url))
    assert type(error) is UntrustedError
    assert pauses.taken == []


async def test_a_server_that_speaks_no_http_is_no_completion(completions: CompletionClient) -> None:
    async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 mail.example.org ready\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(hello, "127.0.0.1") as server:
        host, port = server.sockets[0].getsockname()
        _, error = await fail(completions, endpoint_at(f"http://{host}:{port}/v1"))
    assert type(error) is NotACompletionError


async def test_a_refusal_that_breaks_off_is_still_that_refusal(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    async def play(call: Call) -> None:
        await call.start(401)
        await call.send(b"Your key is")
        call.cut()

    fake.script(play)
    _, error = await fail(completions, endpoint_of(fake))
    assert type(error) is KeyRefusedError
    assert error.detail == "HTTP 401: Your key is"


async def test_an_endless_refusal_is_read_only_so_far(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    async def play(call: Call) -> None:
        await call.start(400)
        while True:
            await call.send(b"x" * 10_000)

    fake.script(play)
    _, error = await fail(completions, endpoint_of(fake))
    assert type(error) is RequestRefusedError
    assert len(error.detail) == MAX_DETAIL
    await fake.wait_closed()


# Time


@pytest.mark.parametrize(
    ("scenario", "said", "timeouts", "kind"),
    [
        (scenarios.hang(), "", Timeouts(first_token=SHORT), FirstTokenTimeoutError),
        (scenarios.hang_after_headers(), "", Timeouts(first_token=SHORT), FirstTokenTimeoutError),
        (scenarios.hang_midway("Half"), "Half", Timeouts(between_tokens=SHORT), TokenTimeoutError),
        (scenarios.hang_midway("Half"), "Half", Timeouts(whole=LONG), ReplyTimeoutError),
        (scenarios.hang(), "", Timeouts(whole=SHORT), ReplyTimeoutError),
    ],
    ids=["no headers", "no token", "silence", "whole", "whole before the first token"],
)
async def test_every_silence_has_its_own_error_and_closes_the_connection(
    *,
    completions: CompletionClient,
    fake: FakeEndpoint,
    scenario: scenarios.Scenario,
    said: str,
    timeouts: Timeouts,
    kind: type[CompletionError],
) -> None:
    fake.script(scenario)
    text, error = await fail(completions, endpoint_of(fake), timeouts=timeouts)
    assert (text, type(error)) == (said, kind)
    await fake.wait_closed()


async def test_a_comment_counts_as_life(completions: CompletionClient, fake: FakeEndpoint) -> None:
    async def play(call: Call) -> None:
        framing = Framing("1", "m")
        await call.start()
        await call.send(framing.delta("Hello"))
        await call.pace([b"8\r\n: ping\n\n\r\n"] * 12, rate=10)
        await call.send(framing.finish() + DONE)

    fake.script(play)
    text, _ = await read(completions, endpoint_of(fake), timeouts=Timeouts(between_tokens=1))
    assert text == "Hello"


async def test_the_callers_own_time_is_not_the_endpoints_silence(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    fake.script(scenarios.say("one two three"))
    texts: list[str] = []
    async with completions.stream(
        endpoint_of(fake), HELLO, timeouts=Timeouts(between_tokens=0.2)
    ) as completion:
        async for piece in completion:
            if not texts:
                await asyncio.sleep(0.3)  # time is the subject here
            texts.append(piece.text)
    assert "".join(texts) == "one two three"


async def test_a_failure_can_be_caught_where_the_text_is_read(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    fake.script(scenarios.hang_midway("Half"))
    async with completions.stream(
        endpoint_of(fake), HELLO, timeouts=Timeouts(between_tokens=SHORT)
    ) as completion:
        with pytest.raises(TokenTimeoutError):
            [piece async for piece in completion]
        assert completion.finish.finish_reason is None


async def test_a_connection_that_takes_too_long_is_its_own_error() -> None:
    """One connection is allowed, and it is taken: the second call waits for it until its time is up."""
    async with FakeEndpoint() as fake, CompletionClient(max_connections=1) as completions:
        fake.default = scenarios.hang_midway("Half")
        async with completions.stream(endpoint_of(fake), HELLO):
            _, error = await fail(completions, endpoint_of(fake), timeouts=Timeouts(connect=SHORT))
    assert type(error) is ConnectTimeoutError


# Trying again


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_passing_problem_is_tried_again(
    completions: CompletionClient, fake: FakeEndpoint, pauses: Pauses, status: int
) -> None:
    fake.script(scenarios.error(status), scenarios.error(status), scenarios.say("At last"))
    text, _ = await read(completions, endpoint_of(fake), request_id="turn-1")
    assert text == "At last"
    assert pauses.taken == [0.5, 1.0]
    assert [call.headers["X-Client-Request-Id"] for call in fake.calls] == ["turn-1"] * 3


async def test_the_endpoint_says_how_long_to_wait(
    completions: CompletionClient, fake: FakeEndpoint, pauses: Pauses
) -> None:
    fake.script(scenarios.error(503, headers={"Retry-After": "3"}))
    await read(completions, endpoint_of(fake))
    assert pauses.taken == [3.0]


async def test_a_refusal_for_too_many_requests_is_a_matter_of_all_of_them(
    completions: CompletionClient, fake: FakeEndpoint, pauses: Pauses
) -> None:
    fake.script(scenarios.error(429, headers={"Retry-After": "3"}))
    _, error = await fail(completions, endpoint_of(fake))
    assert error.retry_after == 3
    assert pauses.taken == []


async def test_too_long_a_wait_is_left_to_the_person(
    completions: CompletionClient, fake: FakeEndpoint, pauses: Pauses
) -> None:
    fake.script(scenarios.error(503, headers={"Retry-After": "3600"}))
    _, error = await fail(completions, endpoint_of(fake))
    assert error.retry_after == 3600
    assert pauses.taken == []


async def test_after_the_last_attempt_the_error_stands(
    completions: CompletionClient, fake: FakeEndpoint, pauses: Pauses
) -> None:
    fake.script(*[scenarios.error(503, scenarios.AIMLAPI_ERROR)] * 4)
    _, error = await fail(completions, endpoint_of(fake))
    assert type(error) is EndpointFailedError
    assert error.detail == "HTTP 503: Scripted failure [request req-1]"
    assert len(fake.calls) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
async def test_a_refusal_is_not_tried_again(
    completions: CompletionClient, fake: FakeEndpoint, pauses: Pauses, status: int
) -> None:
    fake.script(scenarios.error(status))
    await fail(completions, endpoint_of(fake))
    assert pauses.taken == []
