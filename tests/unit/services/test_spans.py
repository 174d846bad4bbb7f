"""What OpenTelemetry is told of a generation, by a collector that listens."""

import subprocess
import sys

import pytest

from tests.support.collector import running_collector
from tests.support.paths import ROOT
from vision_chat.services.spans import Call, Spans, check

CALL = Call(
    endpoint="https://models.example:8443/v1",
    model_name="fake/vision",
    status="completed",
    duration_ms=1200,
    first_token_ms=300,
    finish_reason="stop",
    prompt_tokens=100,
    completion_tokens=7,
    request_id="b7e1.3.9f27c1aa",
    message_id=11,
    generation_id=12,
)
FAILED = Call(
    endpoint="http://models.example/v1",
    model_name="near/vision",
    asked_model_name="far/vision",
    status="failed",
    duration_ms=10,
    error="endpoint.key_refused",
    request_id="",
    message_id=13,
    generation_id=14,
)


def test_a_span_has_the_time_and_the_figures_of_its_call() -> None:
    spans = Spans()
    with running_collector() as collector:
        spans.start(collector.url + "/")
        spans.record(CALL)
        spans.stop()
        (span,), (attributes,), (resource,) = collector.spans(), collector.attributes(), collector.resources()

    assert span.name == "chat fake/vision"
    assert span.end_time_unix_nano - span.start_time_unix_nano == 1_200_000_000
    assert resource["service.name"] == "vision-chat"
    assert attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "fake/vision",
        "gen_ai.request.stream": True,
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.response.time_to_first_chunk": 0.3,
        "gen_ai.usage.input_tokens": 100,
        "gen_ai.usage.output_tokens": 7,
        "server.address": "models.example",
        "server.port": 8443,
        "vision_chat.status": "completed",
        "vision_chat.request_id": "b7e1.3.9f27c1aa",
        "vision_chat.message_id": 11,
        "vision_chat.generation_id": 12,
    }


def test_a_span_of_a_failure_says_so_and_whom_the_fallback_replaced() -> None:
    spans = Spans()
    with running_collector() as collector:
        spans.start(collector.url)
        spans.record(FAILED)
        spans.stop()
        (span,), (attributes,) = collector.spans(), collector.attributes()

    assert span.status.code == 2
    assert attributes["error.type"] == "endpoint.key_refused"
    assert attributes["vision_chat.asked_model"] == "far/vision"
    assert "gen_ai.response.time_to_first_chunk" not in attributes


def run(program: str, *flags: str) -> "subprocess.CompletedProcess[str]":
    """Run it where the product can be imported."""
    arguments = [sys.executable, *flags, "-c", program]
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_process_ends_in_silence_although_its_collector_is_away() -> None:
    ended = run(
        "from tests.unit.services.test_spans import CALL, Spans\n"
        "spans = Spans()\n"
        "spans.start('http://127.0.0.1:9')\n"
        "spans.record(CALL)\n"
        "spans.stop()\n"
    )

    assert (ended.returncode, ended.stderr) == (0, "")


def test_nothing_of_opentelemetry_is_loaded_without_a_collector() -> None:
    ended = run(
        "import sys\n"
        "from vision_chat.services.spans import check, spans\n"
        "check('')\n"
        "spans.start('')\n"
        "spans.record(None)\n"
        "spans.stop()\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])\n"
    )

    assert ended.stdout == "[]\n", ended.stderr


def test_a_start_without_the_packages_is_refused_with_what_to_do() -> None:
    ended = run(
        "from vision_chat.services.spans import check\ncheck('http://127.0.0.1:4318')\n",
        "-S",  # without the packages of the environment
    )

    assert "ConfigurationError" in ended.stderr
    assert "pip install -r requirements-tracing.txt" in ended.stderr
    check("http://127.0.0.1:4318")  # where they are


@pytest.mark.parametrize("call", [CALL, FAILED], ids=lambda call: call.status)
def test_no_attribute_is_empty(call: Call) -> None:
    assert all(value is not None for value in call.attributes().values())
