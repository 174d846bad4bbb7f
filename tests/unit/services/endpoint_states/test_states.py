"""The states of endpoints as two processes know them, which share the database."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from tests.support import factories
from tests.support.endpoint_time import let_pass
from tests.support.run_stage import SkippingLoop
from vision_chat.errors.completions import EndpointFailedError, KeyRefusedError, RateLimitedError
from vision_chat.models import EndpointState
from vision_chat.services.endpoint_states import rows
from vision_chat.services.endpoint_states.rules import OPENS_AT, WELL, Verdict
from vision_chat.services.endpoint_states.states import FRESH_SECONDS, EndpointStates
from vision_chat.services.writer import Readers, Writer

pytestmark = [pytest.mark.usefixtures("transactional_db"), pytest.mark.each_database]

ADDRESS, OTHER = "https://one.example/v1", "https://other.example/v1"


class CountingReaders(Readers):
    """Counts what is read."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.count += 1
        return await super().run(function, *args, **kwargs)


class Processes:
    """Two processes on one loop, whose time can be put forward."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner
        self.writer, self.readers = Writer(), CountingReaders()
        self.one, self.other = (self.process() for _ in range(2))

    def process(self, *, is_shared: bool = True) -> EndpointStates:
        return EndpointStates(self.writer, self.readers, is_shared=is_shared)

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(coroutine)

    def pass_by(self, seconds: float) -> None:
        let_pass(seconds)
        loop = self._runner.get_loop()
        assert isinstance(loop, SkippingLoop)
        loop.skipped += max(seconds, FRESH_SECONDS)

    def fail(self, process: EndpointStates, times: int = 1, address: str = ADDRESS) -> None:
        for _ in range(times):
            self.run(process.note_failure(address, EndpointFailedError("HTTP 503: Away")))

    def verdict(self, process: EndpointStates, address: str = ADDRESS) -> Verdict:
        verdict: Verdict = self.run(process.decide(address, is_first=True)).verdict
        return verdict


@pytest.fixture
def processes() -> Iterator[Processes]:
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        processes = Processes(runner)
        yield processes
        processes.run(processes.writer.close())
        processes.run(processes.readers.close())


def rate_limited(seconds: float | None = None) -> RateLimitedError:
    error = RateLimitedError("HTTP 429: Slow down")
    error.retry_after = seconds
    return error


def test_a_pause_holds_for_all_processes_and_for_its_endpoint_alone(processes: Processes) -> None:
    processes.run(processes.one.note_rate_limit(ADDRESS, rate_limited(20)))

    assert processes.verdict(processes.one) is Verdict.WAIT
    assert processes.verdict(processes.other) is Verdict.WAIT
    assert processes.verdict(processes.other, OTHER) is Verdict.GO
    row = EndpointState.objects.get()
    assert (row.address, row.error_code, row.error_detail) == (
        ADDRESS,
        "endpoint.rate_limited",
        "HTTP 429: Slow down",
    )


def test_after_a_pause_one_request_of_all_processes_starts_at_a_time(processes: Processes) -> None:
    processes.run(processes.one.note_rate_limit(ADDRESS, rate_limited(20)))
    processes.pass_by(20)

    assert processes.verdict(processes.other) is Verdict.GO
    assert processes.verdict(processes.one) is Verdict.WAIT
    processes.pass_by(1)
    assert processes.verdict(processes.one) is Verdict.GO


def test_failures_of_all_processes_open_the_breaker_and_one_of_them_probes(processes: Processes) -> None:
    processes.fail(processes.one, OPENS_AT - 1)
    assert processes.verdict(processes.other) is Verdict.GO
    processes.fail(processes.other)
    processes.pass_by(1)

    assert processes.verdict(processes.one) is Verdict.AWAY
    processes.pass_by(10)
    assert processes.verdict(processes.other) is Verdict.PROBE
    assert processes.verdict(processes.one) is Verdict.PROBED
    processes.run(processes.other.note_success(ADDRESS))
    processes.pass_by(1)
    assert processes.verdict(processes.one) is Verdict.GO
    assert rows.state_in(EndpointState.objects.get()) == WELL


def test_a_probe_that_is_given_up_lets_another_go_first(processes: Processes) -> None:
    processes.fail(processes.one, OPENS_AT)
    processes.pass_by(10)
    assert processes.verdict(processes.one) is Verdict.PROBE
    processes.run(processes.one.note_end(ADDRESS, asyncio.CancelledError(), was_probe=True))
    processes.pass_by(1)
    assert processes.verdict(processes.other) is Verdict.PROBE


def test_a_refusal_that_is_no_failure_closes_the_breaker(processes: Processes) -> None:
    processes.fail(processes.one, OPENS_AT)
    processes.run(processes.one.note_end(ADDRESS, KeyRefusedError(), was_probe=True))
    assert processes.verdict(processes.one) is Verdict.GO


def test_an_endpoint_that_is_well_costs_no_write_and_one_read_a_second(processes: Processes) -> None:
    for _ in range(5):
        assert processes.verdict(processes.one) is Verdict.GO
        processes.run(processes.one.note_success(ADDRESS))
        processes.run(processes.one.note_end(ADDRESS, KeyRefusedError(), was_probe=False))

    assert processes.readers.count == 1
    assert not EndpointState.objects.exists()
    processes.pass_by(1)
    assert processes.verdict(processes.one) is Verdict.GO
    assert processes.readers.count == 2


def test_where_there_is_one_process_rows_are_read_once_and_while_something_is_wrong(
    processes: Processes,
) -> None:
    alone = processes.process(is_shared=False)
    for _ in range(3):
        assert processes.verdict(alone) is Verdict.GO
        processes.pass_by(1)
    assert processes.readers.count == 1

    processes.fail(alone, OPENS_AT)
    processes.pass_by(1)
    assert processes.verdict(alone) is Verdict.AWAY
    assert rows.close(ADDRESS)
    processes.pass_by(1)
    assert processes.verdict(alone) is Verdict.GO
    assert not rows.close(ADDRESS)
    assert not rows.close(OTHER)


def test_a_process_goes_by_its_memory_where_the_database_fails(
    processes: Processes, caplog: pytest.LogCaptureFixture
) -> None:
    with factories.without_table("vision_chat_endpointstate"):
        assert processes.verdict(processes.one) is Verdict.GO
        processes.fail(processes.one, OPENS_AT)
        assert processes.verdict(processes.one) is Verdict.AWAY

    assert "could not be read" in caplog.text
    assert "could not be saved" in caplog.text


def test_the_clock_is_the_databases(processes: Processes) -> None:
    processes.run(processes.one.note_rate_limit(ADDRESS, rate_limited(20)))

    async def now() -> Any:
        return processes.one.now()

    row = EndpointState.objects.get()
    assert row.paused_until is not None
    assert 15 < (row.paused_until - processes.run(now())).total_seconds() <= 20


def test_a_long_message_of_a_provider_is_kept_as_far_as_the_column_takes_it(processes: Processes) -> None:
    error = EndpointFailedError("x" * 3000 + "\0")
    processes.run(processes.one.note_failure(ADDRESS, error))
    assert EndpointState.objects.get().error_detail == "x" * 500
