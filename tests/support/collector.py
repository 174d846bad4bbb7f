"""A collector of OpenTelemetry, which keeps the spans that it is sent."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


class Collector(ThreadingHTTPServer):
    """Listens on a free port of its own."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.bodies: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def resources(self) -> list[dict[str, Any]]:
        """Return the attributes of who has sent something."""
        return [_members(each.resource.attributes) for each in self._received()]

    def spans(self) -> list[Any]:
        """Return all spans, as OpenTelemetry's own types."""
        scopes = [scope for each in self._received() for scope in each.scope_spans]
        return [span for scope in scopes for span in scope.spans]

    def attributes(self) -> list[dict[str, Any]]:
        """Return the attributes of each span."""
        return [_members(span.attributes) for span in self.spans()]

    def _received(self) -> list[Any]:
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return [each for request in requests for each in request.resource_spans]


class _Requests(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        assert self.path == "/v1/traces"
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def _members(attributes: Any) -> dict[str, Any]:
    return {each.key: _value(each.value) for each in attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    found = getattr(value, kind)
    return [_value(each) for each in found.values] if kind == "array_value" else found


@contextmanager
def running_collector() -> Iterator[Collector]:
    """Let one listen on a thread."""
    with Collector() as collector:
        thread = threading.Thread(target=collector.serve_forever, daemon=True)
        thread.start()
        try:
            yield collector
        finally:
            collector.shutdown()
            thread.join()
