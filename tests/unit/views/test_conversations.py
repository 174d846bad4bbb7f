"""The sidebar's changes to a conversation, and what other tabs learn of them."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import factories
from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser
from tests.support.server import Server
from vision_chat.models import Conversation, Generation, Message
from vision_chat.models.conversation import MAX_TITLE_LENGTH
from vision_chat.models.generation import Status
from vision_chat.services.presentation.sidebar import PAGE_SIZE
from vision_chat.services.thoughts.division import ReplySoFar


def test_a_new_title_is_kept_and_told_to_every_tab(browser: Browser, ann: User) -> None:
    conversation = factories.conversation(ann)
    socket = browser.socket()
    socket.submit("elsewhere")
    socket.reply_id()
    response = browser.post(f"/c/{conversation.pk}/rename/", data={"title": "  <b>Steps</b> "})

    assert response.status_code == 204
    assert Conversation.objects.get(pk=conversation.pk).title == "<b>Steps</b>"
    event = socket.wait_for("conversation.updated", conversation_id=str(conversation.pk))
    assert event["title"] == "<b>Steps</b>"
    assert "&lt;b&gt;Steps" in event["html"]
    assert "<b>Steps" not in event["html"]


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        ("   ", "A conversation needs a title."),
        ("x" * (MAX_TITLE_LENGTH + 1), "at most 120 characters"),
        ("a\0b", "Null characters"),
    ],
)
def test_a_title_that_is_none_is_refused_with_a_sentence(
    browser: Browser, ann: User, title: str, sentence: str
) -> None:
    conversation = factories.conversation(ann, "Stairs")
    response = browser.post(f"/c/{conversation.pk}/rename/", data={"title": title})

    assert response.status_code == 400
    assert sentence in response.text
    assert response.headers["Content-Type"].startswith("text/plain")
    assert Conversation.objects.get(pk=conversation.pk).title == "Stairs"


def test_a_deleted_conversation_is_out_of_sight_at_once(browser: Browser, ann: User) -> None:
    conversation = factories.conversation(ann, "Stairs")
    reply = factories.turn(conversation)
    socket = browser.socket()
    socket.submit("elsewhere")
    socket.reply_id()
    assert browser.post(f"/c/{conversation.pk}/delete/").status_code == 204

    socket.wait_for("conversation.removed", conversation_id=str(conversation.pk))
    assert browser.get(f"/c/{conversation.pk}/").status_code == 404
    assert browser.get(f"/messages/{reply.pk}/text/").status_code == 404
    assert "Stairs" not in browser.get("/").text
    assert browser.post(f"/c/{conversation.pk}/delete/").status_code == 404, "it is gone already"
    assert browser.post(f"/c/{conversation.pk}/rename/", data={"title": "x"}).status_code == 404


def test_a_deleted_conversation_can_be_brought_back(browser: Browser, ann: User) -> None:
    conversation = factories.conversation(ann, "Stairs")
    factories.turn(conversation)
    browser.post(f"/c/{conversation.pk}/delete/")
    restored = browser.post(f"/c/{conversation.pk}/restore/")

    assert restored.status_code == 200
    assert restored.text.strip() in browser.get("/").text, "the item that a fresh page has"
    assert browser.get(f"/c/{conversation.pk}/").status_code == 200
    assert "Stairs" in browser.get("/").text


def test_a_conversation_that_is_purged_cannot_be_brought_back(browser: Browser, ann: User) -> None:
    assert browser.post(f"/c/{uuid.uuid4()}/restore/").status_code == 404


def test_deleting_stops_the_running_answer_at_the_endpoint_too(server: Server, browser: Browser) -> None:
    server.fake.script(scenarios.hang_midway())
    socket = browser.socket()
    conversation = socket.submit("Hello")
    reply = socket.reply_id()
    call = server.next_call()
    browser.post(f"/c/{conversation}/delete/")

    call.wait_closed()
    server.until(lambda: Generation.objects.get(message_id=int(reply)).status != Status.RUNNING)
    assert Generation.objects.get(message_id=int(reply)).status == Status.STOPPED


def test_the_source_of_a_message_is_its_markdown(browser: Browser, ann: User) -> None:
    reply = factories.turn(factories.conversation(ann), answer="**bold** <script>")
    response = browser.get(f"/messages/{reply.pk}/text/")

    assert response.text == "**bold** <script>"
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_message_that_waits_has_no_source_and_can_be_withdrawn(browser: Browser, ann: User) -> None:
    reply = factories.turn(factories.conversation(ann))
    waiting = factories.waiting_for(reply)
    assert browser.get(f"/messages/{waiting.pk}/text/").status_code == 404
    assert browser.post(f"/messages/{reply.pk}/withdraw/").status_code == 404
    assert browser.post(f"/messages/{'9' * 30}/withdraw/").status_code == 404
    assert browser.post(f"/messages/{waiting.pk}/withdraw/").status_code == 204

    assert not Message.objects.filter(pk=waiting.pk).exists()


def test_the_source_of_a_running_answer_is_newer_than_its_row(server: Server, browser: Browser) -> None:
    server.fake.script(scenarios.hang_midway("The answer begins"))
    socket = browser.socket()
    socket.submit("Hello")
    reply = socket.reply_id()
    socket.wait_for("reply.blocks")
    begun = ReplySoFar("The answer begins", "", None)
    server.until(lambda: server.runtime.runner.written(int(reply)) == begun)

    assert browser.get(f"/messages/{reply}/text/").text == "The answer begins"
    assert Message.objects.get(pk=reply).text in {"", "The answer begins"}


def test_older_conversations_follow_page_by_page(browser: Browser, ann: User) -> None:
    for number in range(PAGE_SIZE + 3):
        factories.conversation(ann, f"Number {number:03}", days_ago=number)
    page = browser.get("/").text
    assert f"Number {PAGE_SIZE - 1:03}" in page
    assert f"Number {PAGE_SIZE:03}" not in page
    (link,) = re.findall(r'class="older"\s+href="([^"]+)"', page)
    older = browser.get(link.replace("&amp;", "&")).text

    assert [f"Number {number:03}" in older for number in range(PAGE_SIZE - 1, PAGE_SIZE + 3)] == [
        False,
        True,
        True,
        True,
    ]
    assert 'class="older"' not in older
    assert "<html" not in older


def test_the_order_of_conversations_within_one_second_can_be_told(browser: Browser, ann: User) -> None:
    second = timezone.now().replace(microsecond=0)
    for number in range(3):
        moment = second + timedelta(microseconds=number)
        Conversation.objects.create(owner=ann, title=str(number), updated_at=moment)
    moments = re.findall('data-updated="([0-9.]+)"', browser.get("/").text)

    assert moments == [f"{int(second.timestamp())}.00000{number}" for number in (2, 1, 0)]


@pytest.mark.parametrize(
    "before",
    [
        *("", "yesterday", "2026-02-31T00:00:00Z", "2026-01-01T00:00:00", "9" * 500),
        *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"),
    ],
)
def test_a_page_that_begins_nowhere_is_not_there(browser: Browser, before: str) -> None:
    assert browser.get(f"/conversations/?{urlencode({'before': before})}").status_code == 404


def test_the_first_page_is_had_alone_with_the_open_conversation_marked(browser: Browser, ann: User) -> None:
    rows = [factories.conversation(ann, days_ago=number) for number in range(PAGE_SIZE + 1)]
    page = browser.get(f"/conversations/?open={rows[-1].pk}").text

    assert page.count("data-conversation=") == PAGE_SIZE + 1
    (current,) = re.findall(r'href="/c/([^/]+)/"[^>]*aria-current="page"', page)
    assert current == str(rows[-1].pk)
    assert browser.get("/conversations/?open=nothing").status_code == 404


def test_conversations_of_others_are_on_no_page(
    browser: Browser, stranger: User, open_browser: Callable[[User | None], Browser]
) -> None:
    factories.conversation(stranger, "Secret plan")
    later = urlencode({"before": (timezone.now() + timedelta(days=1)).isoformat()})

    assert "Secret plan" not in browser.get("/").text
    assert "Secret plan" not in browser.get(f"/conversations/?{later}").text
    assert "Secret plan" in open_browser(stranger).get(f"/conversations/?{later}").text


def test_a_whole_conversation_is_had_as_markdown_also_while_its_answer_runs(
    server: Server, browser: Browser, ann: User
) -> None:
    server.fake.script(scenarios.hang_midway("**Stairs** begin"))
    image = factories.image(ann, "stairs.jpg")
    socket = browser.socket()
    conversation = socket.submit("What is it?", image_ids=[str(image.pk)])
    reply = socket.reply_id()
    begun = ReplySoFar("**Stairs** begin", "", None)
    server.until(lambda: server.runtime.runner.written(int(reply)) == begun)
    text = browser.get(f"/c/{conversation}/text/").text

    assert "\n\n![stairs.jpg](http" in text
    address = text.partition("](")[2].partition(")")[0]
    assert address.endswith(f"/images/{image.pk}/original/")
    assert "\n\nWhat is it?\n\n" in text
    assert text.endswith("\n\n**Stairs** begin\n\n*(running)*\n")
