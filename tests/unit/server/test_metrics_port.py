"""The port of the metrics: where it listens, what it answers, and what is there without it."""

import shutil
import socket
import subprocess
import sys
from dataclasses import replace
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from tests.support.paths import ROOT
from vision_chat.conf import Config
from vision_chat.errors.base import ConfigurationError
from vision_chat.server.metrics_port import (
    address_of,
    folder_of,
    forget_process,
    record_metrics,
    serve_metrics,
)
from vision_chat.services.metrics import recording

RECORD = """
import os, sys
from pathlib import Path
from vision_chat.services.metrics import measured, recording
recording.name(Path(sys.argv[1]))
recording.record()
measured.REPLIES_RUNNING.set(3)
measured.REPLIES_STARTED.add(2, "a/b")
print(os.getpid())
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv(recording.VARIABLE, "")  # put back to what it was
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return replace(settings.VISION_CHAT, data_dir=tmp_path, metrics_port=port)


def get(
    config: Config, path: str = "/metrics", method: str = "GET", host: str = "localhost"
) -> tuple[HTTPResponse, str]:
    connection = HTTPConnection(config.metrics_host, config.metrics_port, timeout=10)
    try:
        connection.request(method, path, headers={"Host": host})
        response = connection.getresponse()
        return response, response.read().decode()
    finally:
        connection.close()


WORK = """
import logging
from vision_chat.server.metrics_port import record_metrics
from vision_chat.services.metrics import measured, recording
logging.basicConfig(format="%(message)s")
record_metrics()
measured.REPLIES_STARTED.add(2, "a/b")
print(recording.is_on())
"""
"""A worker, whose settings have no METRICS_PORT."""


def work() -> str:
    """Let a process record that this one has started; what it says."""
    command = [sys.executable, "-c", WORK]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout + done.stderr


def record_elsewhere(config: Config) -> int:
    command = [sys.executable, "-c", RECORD, str(folder_of(config))]
    return int(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)


def test_prometheus_reads_what_a_process_has_recorded(config: Config) -> None:
    with serve_metrics(config):
        record_elsewhere(config)
        response, text = get(config)

    assert response.status == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'vision_chat_replies_started_total{model="a/b"} 2.0' in text


def test_a_worker_records_where_its_supervisor_reads(config: Config) -> None:
    with serve_metrics(config):
        assert work().startswith("True\n")
        assert 'vision_chat_replies_started_total{model="a/b"} 2.0' in get(config)[1]


def test_a_worker_of_a_supervisor_that_serves_no_metrics_records_nothing(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(recording.VARIABLE, "/of/another/program")
    with serve_metrics(replace(config, metrics_port=0)):
        assert work() == "False\n"


def test_a_folder_that_has_gone_is_made(config: Config) -> None:
    with serve_metrics(config):
        shutil.rmtree(config.data_dir / "metrics")
        assert work().startswith("True\n")
        assert "vision_chat_replies_started_total" in get(config)[1]


def test_where_the_folder_cannot_be_made_nothing_is_recorded_and_the_log_says_so(config: Config) -> None:
    with serve_metrics(config):
        shutil.rmtree(config.data_dir / "metrics")
        (config.data_dir / "metrics").touch()
        said = work()

    assert said.startswith("False\nNothing of this process is measured: ")


def test_a_process_that_has_died_is_forgotten_and_what_it_counted_is_not(config: Config) -> None:
    with serve_metrics(config):
        forget_process(record_elsewhere(config))
        _, text = get(config)

    assert "vision_chat_replies_running" not in text
    assert 'vision_chat_replies_started_total{model="a/b"} 2.0' in text


def test_what_an_earlier_server_has_left_does_not_count(config: Config) -> None:
    folder_of(config).mkdir(parents=True)
    record_elsewhere(config)
    with serve_metrics(config):
        assert "vision_chat" not in get(config)[1]


def test_nothing_is_left_at_the_end_and_nobody_listens(config: Config) -> None:
    with serve_metrics(config):
        assert folder_of(config).exists()

    assert not folder_of(config).exists()
    with pytest.raises(ConnectionRefusedError):
        get(config)
    forget_process(1)


@pytest.mark.parametrize(("path", "method", "status"), [("/", "GET", 404), ("/metrics", "POST", 501)])
def test_there_is_nothing_else(config: Config, path: str, method: str, status: int) -> None:
    with serve_metrics(config):
        assert get(config, path, method)[0].status == status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:9464", 200),
        ("127.0.0.1:9464", 200),
        ("[::1]:9464", 200),
        ("10.1.2.3", 200),
        ("chat.example.org:9464", 200),
        ("", 200),
        ("rebound.example.net", 421),
        ("localhost.example.net", 421),
        ("no host", 421),
    ],
)
def test_a_page_whose_name_leads_here_reads_nothing(config: Config, host: str, status: int) -> None:
    with override_settings(ALLOWED_HOSTS=["chat.example.org"]), serve_metrics(config):
        assert get(config, host=host)[0].status == status


def test_it_listens_at_its_own_address_alone(config: Config) -> None:
    with serve_metrics(config), pytest.raises(ConnectionRefusedError):
        get(replace(config, metrics_host="127.0.0.2"))


def test_another_address_may_be_named(config: Config) -> None:
    elsewhere = replace(config, metrics_host="127.0.0.2")
    with serve_metrics(elsewhere):
        assert get(elsewhere)[0].status == 200
        with pytest.raises(ConnectionRefusedError):
            get(config)


def test_who_hangs_up_leaves_no_trace(config: Config, capfd: pytest.CaptureFixture[str]) -> None:
    with serve_metrics(config):
        socket.create_connection((config.metrics_host, config.metrics_port)).close()
        with socket.create_connection((config.metrics_host, config.metrics_port)) as client:
            client.sendall(b"nonsense\r\n\r\n")
            client.recv(1000)
        get(config)

    assert capfd.readouterr() == ("", "")


def test_a_port_in_use_is_named(config: Config) -> None:
    said = f"METRICS_PORT cannot be {config.metrics_port} on"
    in_use = socket.create_server((config.metrics_host, config.metrics_port))
    with in_use, pytest.raises(ConfigurationError, match=said), serve_metrics(config):
        pass


def test_servers_that_share_a_data_folder_do_not_share_values(config: Config) -> None:
    assert folder_of(config) != folder_of(replace(config, metrics_port=config.metrics_port + 1))


def test_the_address_is_one_that_can_be_read(config: Config) -> None:
    config = replace(config, metrics_port=9464)

    assert address_of(config) == "http://127.0.0.1:9464/metrics"
    assert address_of(replace(config, metrics_host="::1")) == "http://[::1]:9464/metrics"


def test_without_the_setting_nothing_is_served_nor_recorded(config: Config) -> None:
    off = replace(config, metrics_port=0)
    with serve_metrics(off):
        record_metrics()

    assert not recording.is_on()
    assert not (config.data_dir / "metrics").exists()
