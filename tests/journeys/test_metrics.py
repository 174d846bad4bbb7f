"""`manage.py serve` with METRICS_PORT and LOG_FORMAT=json: what is told of a question."""

import json
import os
import signal
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.support import sample_images
from tests.support.client import Browser
from tests.support.process_resources import children_of
from tests.support.programs import Program
from tests.support.server import until
from tests.support.started import Services, SetUp, Start, Visit
from vision_chat.services.metrics import measured

pytestmark = pytest.mark.long

SAID = "Where do these marble stairs lead?"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Scraper:
    """Prometheus, which reads one port."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/metrics"

    def sums(self) -> dict[str, float]:
        """Return the samples by name, summed over their labels."""
        found: dict[str, float] = {}
        for family in text_string_to_metric_families(self.text()):
            for sample in family.samples:
                found[sample.name] = found.get(sample.name, 0) + sample.value
        return found

    def labels(self, name: str) -> list[dict[str, str]]:
        families = text_string_to_metric_families(self.text())
        return [sample.labels for family in families for sample in family.samples if sample.name == name]

    def text(self) -> str:
        return httpx.get(self._url, trust_env=False).raise_for_status().text


def ask(browser: Browser, text: str = SAID) -> str:
    """Ask and wait for the end of the answer; the id of the socket."""
    socket = browser.socket()
    socket.submit(text)
    socket.wait_for("reply.settled", message_id=socket.reply_id(), status="completed")
    return str(socket.request_id)


def log_of(program: Program) -> list[dict[str, Any]]:
    return [json.loads(line) for line in program.errors().splitlines()]


def test_a_question_is_measured_and_logged_without_its_words(
    start: Start, set_up: SetUp, visit: Visit, data_dir: Path
) -> None:
    port = free_port()
    program = start(METRICS_PORT=str(port), LOG_FORMAT="json")
    assert f"Metrics:     http://127.0.0.1:{port}/metrics\n" in program.introduction
    browser, scraper = visit(program, set_up(program).cookies["sessionid"]), Scraper(port)
    picture = sample_images.encoded(sample_images.chart(), "JPEG")
    assert browser.upload(picture, "marble-stairs.jpg").status_code == 201
    socket_id = ask(browser)
    until(lambda: scraper.sums().get("vision_chat_sockets") == 1)
    found = scraper.sums()

    for name in ("replies_started_total", "replies_ended_total", "first_token_seconds_count"):
        assert found[f"vision_chat_{name}"] == 1, name
    assert found["vision_chat_tokens_total"] > 10
    assert found["vision_chat_uploads_total"] == 1
    assert found["vision_chat_upload_bytes_total"] > 1000
    assert found["vision_chat_storage_duration_seconds_count"] >= 3
    assert found["vision_chat_database_job_wait_seconds_count"] > 0
    assert found["vision_chat_event_loop_lag_seconds_count"] > 0
    assert found["vision_chat_processes"] == 1
    assert found["vision_chat_cpu_seconds_total"] > 0.1
    assert {"route": "upload", "status": "201"} in scraper.labels("vision_chat_http_requests_total")
    assert {name.partition("{")[0] for name in found if name.startswith("vision_chat_")} <= {
        f"{each.name}{end}" for each in measured.ALL for end in ("", "_count", "_sum", "_bucket", "_created")
    }
    told = scraper.text()
    program.end(signal.SIGTERM)
    ended = [line for line in log_of(program) if "generation_id" in line]

    assert [(line["status"], line["person_id"]) for line in ended] == [("completed", 1)]
    assert ended[0]["request_id"].startswith(f"{socket_id}.1.")
    for text in (told, program.errors()):
        assert "marble" not in text
    assert not list((data_dir / "metrics").iterdir())


def test_without_the_setting_there_is_no_port_no_folder_and_the_usual_log(
    start: Start, set_up: SetUp, data_dir: Path
) -> None:
    program = start()
    ask(set_up(program))

    assert "Metrics" not in program.introduction
    assert not (data_dir / "metrics").exists()
    assert program.errors() == ""


def test_a_server_that_was_killed_leaves_nothing_that_the_next_one_counts(
    start: Start, set_up: SetUp, data_dir: Path
) -> None:
    port = free_port()
    first = start(METRICS_PORT=str(port))
    ask(set_up(first))
    assert Scraper(port).sums()["vision_chat_replies_ended_total"] == 1
    first.end(signal.SIGKILL)
    assert list((data_dir / "metrics").rglob("*.db"))
    start(METRICS_PORT=str(port))
    until(lambda: Scraper(port).sums().get("vision_chat_processes") == 1)

    assert "vision_chat_replies_ended_total" not in Scraper(port).sums()


@pytest.mark.service("TEST_POSTGRES_URL", "TEST_REDIS_URL")
def test_on_postgresql_and_redis_the_pool_and_the_link_are_measured(
    start: Start, set_up: SetUp, services: Services
) -> None:
    port = free_port()
    program = start(**services, METRICS_PORT=str(port))
    scraper = Scraper(port)
    ask(set_up(program))
    until(lambda: {"state": "in_use"} in scraper.labels("vision_chat_database_connections"))
    until(lambda: scraper.sums().get("vision_chat_up") == 1)

    assert scraper.labels("vision_chat_up") == [{"service": "redis"}]
    assert scraper.sums()["vision_chat_database_connections"] >= 1
    assert program.errors() == ""


@pytest.mark.service("TEST_POSTGRES_URL", "TEST_REDIS_URL")
def test_workers_are_summed_and_what_a_killed_one_has_counted_stays_counted(
    start: Start, set_up: SetUp, services: Services
) -> None:
    port = free_port()
    program = start(workers=2, **services, METRICS_PORT=str(port), LOG_FORMAT="json")
    scraper = Scraper(port)
    ask(set_up(program))
    until(lambda: scraper.sums().get("vision_chat_processes") == 2)
    ended = [line for line in log_of(program) if "generation_id" in line]
    before = workers_of(program)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(workers_of(program)) == 2 and set(before).isdisjoint(workers_of(program)))
    until(lambda: scraper.sums().get("vision_chat_processes") == 2)

    assert [line["worker"] in {"1", "2"} for line in ended] == [True]
    assert scraper.sums()["vision_chat_replies_ended_total"] == 1


@pytest.mark.service("TEST_POSTGRES_URL", "TEST_REDIS_URL")
def test_workers_that_a_reload_gives_another_port_go_on_to_be_read_at_the_first(
    start: Start, services: Services, tmp_path: Path
) -> None:
    port, env = free_port(), tmp_path / "settings.env"
    env.write_text(f"METRICS_PORT={port}\n")
    program = start(workers=2, **services, ENV_FILE=str(env))
    until(lambda: Scraper(port).sums().get("vision_chat_processes") == 2)
    before = workers_of(program)
    env.write_text(f"METRICS_PORT={free_port()}\n")
    program.process.send_signal(signal.SIGHUP)
    until(lambda: before[0] not in workers_of(program))
    until(lambda: before[1] not in workers_of(program))
    until(lambda: Scraper(port).sums().get("vision_chat_processes") == 2)


def workers_of(program: Program) -> list[int]:
    return children_of(program.process.pid)
