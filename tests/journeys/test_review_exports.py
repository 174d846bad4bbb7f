"""Downloads of reviewed conversations, by a server."""

import csv
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile

from tests.support import exported, factories
from tests.support.client import Browser
from tests.support.people import granted, staff
from tests.support.replies import ask
from tests.support.server import Server
from vision_chat.models import AuditEntry, Conversation
from vision_chat.services.reviews.exports.choices import Format

OpenBrowser = Callable[[User | None], Browser]
DOWNLOAD = "/admin/vision_chat/conversation/export/download/"
CHOICES = {"format": "chat", "pictures": "none", "branches": "shown", "with_corrections": "on"}
MORE_THAN_A_CONNECTION_HOLDS = 30_000_000


@pytest.fixture
def stairs(ann: User) -> Conversation:
    stairs = factories.conversation(ann, "Stairs")
    reply = factories.turn(stairs)
    assert reply.parent
    factories.attach(reply.parent, factories.image(ann))
    factories.review(stairs, "good", author=ann)
    factories.index(stairs)
    return stairs


@pytest.fixture
def lead(open_browser: OpenBrowser, stairs: Conversation) -> Browser:
    """The browser of somebody who has given a reason to read it, and none for another one."""
    lead = staff("lead", "view_conversation")
    granted(lead, stairs)
    factories.turn(factories.conversation(stairs.owner, "Locked"))
    return open_browser(lead)


@pytest.mark.each_database
def test_a_download_has_what_may_be_read_and_is_in_the_log(lead: Browser, stairs: Conversation) -> None:
    answer = lead.post(DOWNLOAD, data={**CHOICES, "_changelist_filters": "verdict=good&q=staircase"})
    [record] = [json.loads(line) for line in answer.text.splitlines()]

    assert answer.headers["Content-Type"] == "application/jsonl; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="conversations-')
    assert "no-store" in answer.headers["Cache-Control"]
    exported.check_lines([record], Format.CHAT)
    assert record["metadata"]["conversation_id"] == str(stairs.pk)
    [entry] = AuditEntry.objects.filter(action=AuditEntry.Action.EXPORTED)
    assert (str(entry.actor), str(entry.subject), entry.conversation_id) == ("lead", "ann", stairs.pk)
    assert (entry.details["number"], entry.details["filters"]) == (1, ["verdict", "words"])


def test_every_format_comes_as_what_it_is(lead: Browser, stairs: Conversation) -> None:
    sent = {**CHOICES, "ids": str(stairs.pk)}
    whole = lead.post(DOWNLOAD, data={**sent, "format": "conversations"})
    table = lead.post(DOWNLOAD, data={**sent, "format": "table"})
    archive = lead.post(DOWNLOAD, data={**sent, "pictures": "files"})

    assert json.loads(whole.text)["title"] == "Stairs"
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert [row["verdict"] for row in csv.DictReader(StringIO(table.text))] == ["good"]
    assert archive.headers["Content-Type"] == "application/zip"
    with ZipFile(BytesIO(archive.content)) as found:
        assert found.testzip() is None
        assert len(found.namelist()) == 2


def test_nothing_is_sent_that_cannot_be_written_to_the_log(lead: Browser, stairs: Conversation) -> None:
    with factories.without_table("vision_chat_auditentry"):
        answer = lead.post(DOWNLOAD, data={**CHOICES, "ids": str(stairs.pk)})

    assert answer.status_code == 503
    assert "Stairs" not in answer.text


def test_a_choice_that_is_none_shows_the_page_again(lead: Browser, stairs: Conversation) -> None:
    answer = lead.post(DOWNLOAD, data={**CHOICES, "format": "x", "ids": str(stairs.pk)})

    assert answer.status_code == 400
    assert "Select a valid choice" in answer.text
    assert not AuditEntry.objects.filter(action=AuditEntry.Action.EXPORTED).exists()


def test_a_queue_that_one_may_not_see_is_no_way_to_its_items(
    lead: Browser, stairs: Conversation, open_browser: OpenBrowser
) -> None:
    assert stairs.leaf
    queue = exported.queue()
    exported.item(queue, stairs.leaf)
    sent = {**CHOICES, "queue": str(queue.pk)}
    seeing = staff("seeing", "view_conversation", "view_queue")
    granted(seeing, stairs)

    assert lead.post(DOWNLOAD, data=sent).status_code == 403
    assert json.loads(open_browser(seeing).post(DOWNLOAD, data=sent).text)["metadata"]["queue_id"]


@pytest.mark.each_database
def test_nobody_else_gets_a_download(open_browser: OpenBrowser, lead: Browser, stairs: Conversation) -> None:
    sent: dict[str, Any] = {**CHOICES, "ids": str(stairs.pk)}
    for person in (None, stairs.owner):
        answer = open_browser(person).post(DOWNLOAD, data=sent)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/admin/login/")
    for person in (staff("helper"), staff("worker", "work_reviewitem")):
        assert open_browser(person).post(DOWNLOAD, data=sent).status_code == 403
    assert open_browser(staff("other", "view_conversation")).post(DOWNLOAD, data=sent).text == ""
    assert lead.get(DOWNLOAD).status_code == 405
    assert lead.http.post(DOWNLOAD, data=sent).status_code == 403  # without the token


def token_of(browser: Browser) -> dict[str, str]:
    """Headers of a form, as `Browser.post` sends them."""
    token = "a" * 32
    browser.http.cookies.set("csrftoken", token)
    return {"X-CSRFToken": token, "Referer": f"{browser.server.url}/"}


@pytest.fixture
def stalled(lead: Browser, stairs: Conversation) -> Iterator[ExitStack]:
    """A download that nobody reads; closing it ends it."""
    image = stairs.owner.uploaded_images.get()
    image.original.storage.delete(str(image.original.name))
    image.original.save(str(image.original.name), ContentFile(bytes(MORE_THAN_A_CONNECTION_HOLDS)))
    with ExitStack() as begun:
        headers = token_of(lead)
        lead.get("/admin/")  # the server knows the session from then on
        sent = {**CHOICES, "pictures": "data", "ids": str(stairs.pk)}
        answer = begun.enter_context(lead.http.stream("POST", DOWNLOAD, data=sent, headers=headers))
        assert answer.status_code == 200
        reading = answer.iter_raw()
        next(reading)
        begun.callback(list, [reading])  # keeps it: without it the answer would be closed
        yield begun


@pytest.mark.each_database
@pytest.mark.one_server("each lets one export of a person in")
def test_a_download_that_nobody_reads_holds_nobody_up_and_ends_with_its_client(
    lead: Browser, stairs: Conversation, stalled: ExitStack, browser: Browser, server: Server
) -> None:
    sent = {**CHOICES, "ids": str(stairs.pk)}
    headers = {**token_of(lead), "Accept": "text/html"}
    refused = lead.http.post(DOWNLOAD, data=sent, headers=headers)
    assert refused.status_code == 429
    assert "already in progress" in refused.text
    turn = ask(browser)
    turn.settle()
    assert browser.get(f"/c/{turn.conversation}/").status_code == 200
    begun = time.monotonic()
    stalled.close()

    server.until(lambda: lead.post(DOWNLOAD, data=sent).status_code == 200)
    assert time.monotonic() - begun < 20
