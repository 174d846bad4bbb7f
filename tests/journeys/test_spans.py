"""`manage.py serve` with OTEL_EXPORTER_OTLP_ENDPOINT: each generation is told of without words."""

import signal
from urllib.parse import urlsplit

import pytest

from tests.support.client import Browser
from tests.support.collector import running_collector
from tests.support.started import SetUp, Start, Visit

pytestmark = pytest.mark.long

SAID = "Where do these marble stairs lead?"


def ask(browser: Browser) -> tuple[str, str]:
    """Ask and wait for the end of the answer; its id, and the id of the socket."""
    socket = browser.socket()
    socket.submit(SAID)
    reply = socket.reply_id()
    socket.wait_for("reply.settled", message_id=reply, status="completed")
    return reply, str(socket.request_id)


def test_each_generation_is_a_span_without_words(start: Start, set_up: SetUp, visit: Visit) -> None:
    with running_collector() as collector:
        program = start(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
        browser = visit(program, set_up(program).cookies["sessionid"])
        answers = [ask(browser) for _ in range(2)]
        browser.close()
        program.process.send_signal(signal.SIGTERM)
        assert program.process.wait(30) == 0
        attributes, sent = collector.attributes(), b"".join(collector.bodies)

    assert [str(each["vision_chat.message_id"]) for each in attributes] == [reply for reply, _ in answers]
    for each, (_, request_id) in zip(attributes, answers, strict=True):
        assert each["vision_chat.status"] == "completed"
        assert each["vision_chat.request_id"].startswith(f"{request_id}.1.")
        assert each["gen_ai.usage.output_tokens"] > 0
        assert each["server.address"] == urlsplit(program.url).hostname
    assert b"marble" not in sent
