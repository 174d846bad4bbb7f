"""Parts of a picture that a model of one picture is asked about one after the other, in one reply."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.client import Browser, Socket
from tests.support.replies import saved_text, settle
from tests.support.server import Server, running_server
from vision_chat.models import Completion, Generation, Message
from vision_chat.models.generation import Status

pytestmark = pytest.mark.each_database

ONE_PICTURE = "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo"
SIZE = (2400, 1800)
"""Three columns and two rows of tiles for that model."""


@pytest.fixture
def one_picture(transactional_db: None) -> Iterator[Server]:
    with running_server(model_name=ONE_PICTURE) as server:
        yield server


@pytest.fixture
def reader(one_picture: Server, ann: User) -> Iterator[Browser]:
    browser = Browser(one_picture, ann)
    yield browser
    browser.close()


def uploaded(browser: Browser) -> str:
    data = sample_images.encoded(sample_images.chart(SIZE), "JPEG")
    return str(browser.upload(data, "plan.jpg").json()["id"])


def question_about(image_id: str, *tiles: int) -> dict[str, Any]:
    choice = {"image_id": image_id, "detail": "fine", "tiles": tiles}
    return {"image_ids": [image_id], "choices": {"attachments": [choice]}}


def asked(browser: Browser, *planned: scenarios.Scenario, tiles: tuple[int, ...] = (0, 1, 5)) -> Socket:
    """A socket on which parts of a picture were asked about."""
    question = question_about(uploaded(browser), *tiles)
    browser.server.fake.script(*planned)
    socket = browser.socket()
    socket.submit("What does it say?", **question)
    return socket


def caption(body: dict[str, Any]) -> str:
    """What the endpoint was told about the one picture that it got."""
    (message,) = [message for message in body["messages"] if message["role"] == "user"]
    pictures = [part for part in message["content"] if part["type"] == "image_url"]
    assert len(pictures) == 1
    return str(next(part["text"] for part in message["content"] if part["type"] == "text"))


def generations(reply_id: str) -> list[Generation]:
    found = Generation.objects.filter(message=int(reply_id)).select_related("completion")
    return list(found.order_by("pk"))


def wait_for_words(words: str, browser: Browser, socket: Socket, reply_id: str) -> None:
    """Wait until these have come of the running reply."""
    live = browser.server.runtime.runner.live(int(reply_id))
    assert live is not None
    while words not in live.text:
        socket.receive()


ALL = (
    "## Part 1 of 3: top left\n\nOne.\n\n"
    "## Part 2 of 3: top\n\nTwo.\n\n"
    "## Part 3 of 3: bottom right\n\nThree."
)


def test_each_part_is_a_request_of_its_own_and_all_are_one_answer(reader: Browser) -> None:
    socket = asked(reader, *map(scenarios.say, ("One.", "Two.", "Three.")))
    reply = socket.reply_id()
    settled = settle(socket, reply)
    captions = [caption(reader.server.next_call().body) for _ in range(3)]

    assert settled["status"] == "completed"
    assert saved_text(reply) == ALL
    assert ["column 1, row 1" in captions[0], "column 2, row 1" in captions[1]] == [True, True]
    assert "column 3, row 2" in captions[2]
    rows = generations(reply)
    assert [(row.tile, row.part, row.status) for row in rows] == [
        (0, 0, "completed"),
        (1, 1, "completed"),
        (5, 2, "completed"),
    ]
    assert Completion.objects.count() == 3
    assert len({row.completion.request[-1]["images"][0]["recipe"] for row in rows}) == 3
    page = reader.get(f"/messages/{reply}/request/").text
    assert [f"Part {number} of 3" in page for number in (1, 2, 3)] == [True] * 3
    assert page.count('class="sent"') == 3


def test_the_preview_says_the_requests_and_the_sum_before(reader: Browser) -> None:
    image_id, socket = uploaded(reader), reader.socket()
    question = question_about(image_id, 0, 1, 5)
    socket.send("turn.preview", conversation_id=str(uuid.uuid4()), text="", **question)
    preview = socket.wait_for("turn.previewed")
    one = preview["tokens"] // 3

    assert preview["cost"].startswith("3 requests · ")
    assert preview["estimates"][image_id]["note"] == "3 of 6 parts, one after the other."
    page = reader.post(f"/c/{uuid.uuid4()}/seen/{image_id}/", json=question).text
    assert page.count('aria-pressed="true"') == 3
    assert f'data-estimate-tokens="{preview["tokens"]}"' in page
    socket.submit("What is this?", **question)
    reply = socket.reply_id()
    settle(socket, reply)
    sent = [row.completion.request[-1]["images"][0]["tokens"] for row in generations(reply)]
    assert sent == [one] * 3


def test_the_figures_of_all_requests_are_told_as_sums(reader: Browser) -> None:
    socket = asked(reader, *map(scenarios.say, ("One.", "Two.", "Three.")))
    settled = settle(socket, socket.reply_id())
    total = sum(row.completion_tokens or 0 for row in Completion.objects.all())

    assert total
    assert f"{total} tokens" in settled["html"]
    assert "<dt>Requests</dt>" in settled["html"]


def test_stop_ends_all_and_keeps_what_came_and_continue_goes_on_with_what_lacks(reader: Browser) -> None:
    socket = asked(reader, scenarios.say("One."), scenarios.hang_midway("Two begins"))
    reply = socket.reply_id()
    wait_for_words("Two begins", reader, socket, reply)
    socket.send("generation.stop", message_id=reply)
    settled = settle(socket, reply)

    assert settled["status"] == "stopped"
    assert saved_text(reply).endswith("## Part 2 of 3: top\n\nTwo begins")
    assert [row.status for row in generations(reply)] == ["completed", "stopped"]
    assert 'data-command="turn.continue"' in settled["html"]

    reader.server.fake.script(scenarios.say(" and ends."), scenarios.say("Three."))
    socket.send("turn.continue", message_id=reply)
    assert settle(socket, reply)["status"] == "completed"
    assert saved_text(reply) == ALL.replace("Two.", "Two begins and ends.")
    assert [row.tile for row in generations(reply)] == [0, 1, 1, 5]


def test_a_part_that_fails_says_so_below_its_heading_and_the_others_go_on(reader: Browser) -> None:
    socket = asked(reader, scenarios.say("One."), scenarios.error(400), scenarios.say("Three."))
    reply = socket.reply_id()
    assert settle(socket, reply)["status"] == "completed"

    text = saved_text(reply)
    assert "## Part 2 of 3: top\n\n> The model’s server did not accept this request." in text
    assert text.endswith("## Part 3 of 3: bottom right\n\nThree.")
    rows = generations(reply)
    assert [(row.status, row.error_code) for row in rows] == [
        ("completed", ""),
        ("failed", "endpoint.refused"),
        ("completed", ""),
    ]


def test_what_every_part_would_meet_ends_the_reply(reader: Browser) -> None:
    socket = asked(reader, scenarios.say("One."), scenarios.error(401))
    reply = socket.reply_id()
    settled = settle(socket, reply)

    assert settled["status"] == "failed"
    assert "does not accept this site’s API key" in settled["html"]
    assert saved_text(reply).endswith("## Part 2 of 3: top\n\n")
    reader.server.fake.script(scenarios.say("Two."), scenarios.say("Three."))
    socket.send("turn.continue", message_id=reply)
    assert settle(socket, reply)["status"] == "completed"
    assert saved_text(reply) == ALL


def test_after_a_kill_the_parts_that_came_are_shown_and_the_rest_can_be_asked(
    ann: User, transactional_db: None
) -> None:
    with running_server(model_name=ONE_PICTURE) as server:
        browser = Browser(server, ann)
        socket = asked(browser, scenarios.say("One."), scenarios.hang_midway("Two begins"))
        reply = socket.reply_id()
        wait_for_words("Two begins", browser, socket, reply)
        browser.close()
    # the row of a process that was killed: nobody has settled it
    latest = generations(reply)[-1]
    Generation.objects.filter(pk=latest.pk).update(status=Status.RUNNING, boot_id="killed")
    with running_server(model_name=ONE_PICTURE, redis_url="") as server:
        browser = Browser(server, ann)
        conversation = Message.objects.get(pk=int(reply)).conversation_id
        page = browser.get(f"/c/{conversation}/").text
        assert 'data-status="interrupted"' in page
        assert "Part 2 of 3: top" in page
        assert "Two begins" in page
        server.fake.script(scenarios.say("."), scenarios.say("Three."))
        socket = browser.socket()
        socket.send("turn.continue", message_id=reply)
        assert settle(socket, reply)["status"] == "completed"
        browser.close()

    assert saved_text(reply) == ALL.replace("Two.", "Two begins.")
