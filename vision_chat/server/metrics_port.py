"""The port at which Prometheus reads the metrics of a server: its own, of this machine alone by default.

Where there are workers, their parent serves it, and tells of each that has died. A worker only records.
"""

import contextlib
import ipaddress
import logging
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from vision_chat.conf import Config
from vision_chat.errors.base import ConfigurationError
from vision_chat.server.measured_database import count_errors
from vision_chat.services.metrics import recording

if TYPE_CHECKING:
    from vision_chat.services.metrics.aggregate import Aggregate

logger = logging.getLogger(__name__)

PATH = "/metrics"
SECONDS = 10.0
"""Time for a request to arrive."""
_served: "list[Aggregate]" = []
"""The aggregate of this process, while it serves one."""


def folder_of(config: Config) -> Path:
    """Return the folder of the values of this server's processes.

    Of this machine, because machines may share DATA_DIR; and of the port, because servers may.
    """
    return config.data_dir / "metrics" / f"{socket.gethostname()}-{config.metrics_port}"


def address_of(config: Config) -> str:
    """Return the address at which Prometheus reads."""
    host = f"[{config.metrics_host}]" if ":" in config.metrics_host else config.metrics_host
    return f"http://{host}:{config.metrics_port}{PATH}"


def record_metrics() -> None:
    """Record in this process, where its server serves metrics. Called before requests are served.

    A worker may have newer settings than the supervisor: it records where that one reads.
    """
    try:
        recording.record()
    except OSError as error:
        logger.warning("Nothing of this process is measured: %s", error)
    if recording.is_on():
        count_errors()


@contextmanager
def serve_metrics(config: Config) -> Iterator[None]:
    """Serve the metrics of all processes of this server, where METRICS_PORT is set.

    Called before any process records. Raises ConfigurationError.
    """
    if not config.metrics_port:
        recording.name(None)
        yield
        return
    with ExitStack() as stack:
        server = stack.enter_context(_bound(config.metrics_host, config.metrics_port))
        folder = folder_of(config)
        recording.name(folder)
        # imported here: a server without metrics does not pay for the library
        from vision_chat.services.metrics.aggregate import Aggregate, emptied  # noqa: PLC0415

        stack.callback(shutil.rmtree, emptied(folder), ignore_errors=True)
        server.aggregate = Aggregate(folder)
        _served.append(server.aggregate)
        stack.callback(_served.clear)
        thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        yield


def is_known(host: str) -> bool:
    """Tell whether a request to this Host may be answered: to an address, or to a name of this site.

    Any page in a browser may have its own name lead to this machine, and would then read the metrics.
    """
    if not host:  # no browser leaves it out
        return True
    name = split_domain_port(host)[0]
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(name.strip("[]"))
        return True
    return bool(name) and validate_host(name, ["localhost", *settings.ALLOWED_HOSTS])


def forget_process(pid: int) -> None:
    """Forget what a worker that has died said of itself; what it has counted stays counted."""
    for aggregate in _served:
        aggregate.forget(pid)


class _Server(ThreadingHTTPServer):
    """A thread for each request, none of which keeps the process from ending."""

    aggregate: "Aggregate"
    daemon_threads = True

    def server_bind(self) -> None:
        """Bind, without looking up the name of the address, which can take seconds."""
        TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that hangs up, or sends what is no request."""


class _ServerOfIpv6(_Server):
    address_family = socket.AF_INET6


class _Handler(BaseHTTPRequestHandler):
    """Answers at one path."""

    server: _Server
    timeout = SECONDS

    def do_GET(self) -> None:
        from vision_chat.services.metrics.aggregate import CONTENT_TYPE  # noqa: PLC0415 - as above

        if not is_known(self.headers.get("Host", "")):
            self.send_error(421, "Name this host in ALLOWED_HOSTS")
            return
        if self.path.partition("?")[0] != PATH:
            self.send_error(404)
            return
        body = self.server.aggregate.text()
        self.send_response(200)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Write no line for each request."""


def _bound(host: str, port: int) -> _Server:
    """Return a server that listens. Raises ConfigurationError."""
    try:
        return (_ServerOfIpv6 if ":" in host else _Server)((host, port), _Handler)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigurationError(problem=f"METRICS_PORT cannot be {port} on {host}: {reason}.") from error
