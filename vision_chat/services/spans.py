"""Spans of calls of endpoints for OpenTelemetry: one for each generation, none for what a page is told.

OpenTelemetry is imported here alone, and only where a collector is named. Names and attributes are those of
its conventions for generative AI (https://opentelemetry.io/docs/specs/semconv/gen-ai/); nothing that people
or models wrote is among them.
"""

import logging
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from vision_chat.errors.base import ConfigurationError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

EXPORT_SECONDS: Final = 5
"""Time that the collector has for one batch; then its spans are lost."""
LAST_EXPORT_SECONDS: Final = 2
"""Time for the last batch, while a process ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is told of a generation. `endpoint` is an address without secrets."""

    endpoint: str
    model_name: str
    status: str
    duration_ms: int
    request_id: str
    message_id: int
    generation_id: int
    asked_model_name: str = ""
    """The model that did not answer, where this one was its fallback."""
    first_token_ms: int | None = None
    error: str | None = None
    finish_reason: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None

    def attributes(self) -> Mapping[str, Any]:
        address = urlsplit(self.endpoint)
        first = self.first_token_ms
        found: dict[str, Any] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",  # whose protocol all endpoints speak
            "gen_ai.request.model": self.model_name,
            "gen_ai.request.stream": True,
            "gen_ai.response.finish_reasons": [self.finish_reason] if self.finish_reason else None,
            "gen_ai.response.time_to_first_chunk": None if first is None else first / 1000,
            "gen_ai.usage.input_tokens": self.prompt_tokens,
            "gen_ai.usage.output_tokens": self.completion_tokens,
            "server.address": address.hostname,
            "server.port": address.port,
            "error.type": self.error,
            "vision_chat.status": self.status,
            "vision_chat.request_id": self.request_id,
            "vision_chat.message_id": self.message_id,
            "vision_chat.generation_id": self.generation_id,
            "vision_chat.asked_model": self.asked_model_name or None,
        }
        return {name: value for name, value in found.items() if value is not None}


class Spans:
    """Sends spans to the collector, from a thread of its own, until `stop`."""

    def __init__(self) -> None:
        self._provider: TracerProvider | None = None
        self._tracer: Tracer | None = None

    def start(self, collector: str) -> None:
        """Send spans to this address from now on; "" for none. Further `OTEL_` variables hold as usual."""
        if not collector:
            return
        # what it makes of a collector that is away would be lines without end
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        # not everybody has it, hence not at the top
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        os.environ.setdefault("OTEL_SERVICE_NAME", "vision-chat")
        exporter = OTLPSpanExporter(f"{collector.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)
        # its own end may take half a minute where the collector is away
        self._provider = TracerProvider(shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("vision_chat")

    def record(self, call: Call) -> None:
        """Send the span of a call that has just ended. Does nothing where there is no collector."""
        if self._tracer is None:
            return
        from opentelemetry.trace import SpanKind, StatusCode  # noqa: PLC0415 - not everybody has it

        ended_at = time.time_ns()
        span = self._tracer.start_span(
            f"chat {call.model_name}",
            kind=SpanKind.CLIENT,
            attributes=call.attributes(),
            start_time=ended_at - call.duration_ms * 1_000_000,
        )
        if call.error is not None:
            span.set_status(StatusCode.ERROR)
        span.end(ended_at)

    def stop(self) -> None:
        """Send what waits, and no more. Takes two seconds at most."""
        if self._provider is None:
            return
        # OpenTelemetry would wait for a collector that is away as long as for any batch
        last = threading.Thread(target=self._provider.force_flush, daemon=True)
        last.start()
        last.join(LAST_EXPORT_SECONDS)
        self._provider = self._tracer = None


spans: Final = Spans()
"""Those of this process."""


def check(collector: str) -> None:
    """Raise ConfigurationError where spans are wanted and what sends them is not installed."""
    if collector and find_spec("opentelemetry") is None:
        raise ConfigurationError(
            problem="OTEL_EXPORTER_OTLP_ENDPOINT needs packages that are not installed: "
            "pip install -r requirements-tracing.txt."
        )
