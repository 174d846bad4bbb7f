"""Housekeeping: at the start, when it is woken, and again after it has failed."""

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.client import Browser
from tests.support.server import Server
from vision_chat.models.generation import Status
from vision_chat.services.accounts import deletion

pytestmark = pytest.mark.each_database


def names() -> set[str]:
    return set(User.objects.values_list("username", flat=True))


def test_housekeeping_that_is_woken_removes_a_closed_account_at_once(
    server: Server, ann: User, stranger: User
) -> None:
    factories.attach(factories.turn(factories.conversation(ann)), factories.image(ann))
    deletion.begin(ann)
    server.runtime.housekeeping.wake()

    server.until(lambda: names() == {"stranger"})


def test_every_tab_is_told_when_an_orphan_is_settled(server: Server, ann: User) -> None:
    browser = Browser(server, ann)
    reply = factories.turn(factories.conversation(ann), boot_id="killed", status=Status.RUNNING)
    conversation_id = str(reply.conversation_id)
    watching, elsewhere = browser.socket(), browser.socket()
    watching.send("conversation.watch", conversation_id=conversation_id, leaf_id=str(reply.pk), cursors={})
    watching.wait_for("request.done")
    server.runtime.housekeeping.wake()

    for socket in (watching, elsewhere):
        socket.wait_for("conversation.settled", conversation_id=conversation_id)
    watching.wait_for("conversation.stale", conversation_id=conversation_id)
    browser.close()


def test_housekeeping_that_failed_is_done_when_it_is_woken_again(
    server: Server, ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    with factories.without_table("vision_chat_uploadedimage"):
        server.runtime.housekeeping.wake()
        server.until(lambda: "Housekeeping failed" in caplog.text)
        deletion.begin(ann)
        caplog.clear()
        server.runtime.housekeeping.wake()
        server.until(lambda: "Housekeeping failed" in caplog.text)
        assert names() == {"ann"}
    server.runtime.housekeeping.wake()

    server.until(lambda: names() == set())
