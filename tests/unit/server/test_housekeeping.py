"""Housekeeping: at the start, when it is woken, and again after it has failed."""

import asyncio
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import factories, review_factories
from tests.support.client import Browser
from tests.support.server import Server
from vision_chat.models import Conversation, ConversationFigures, Generation, ImageCopy, Rule
from vision_chat.models.generation import Status
from vision_chat.server.alone import Alone
from vision_chat.server.housekeeping import Housekeeping
from vision_chat.services.accounts import deletion
from vision_chat.services.figures import rebuild
from vision_chat.services.site import leases


def names() -> set[str]:
    return set(User.objects.values_list("username", flat=True))


@pytest.mark.each_database
def test_housekeeping_that_is_woken_removes_a_closed_account_at_once(
    server: Server, ann: User, stranger: User
) -> None:
    factories.attach(factories.turn(factories.conversation(ann)), factories.image(ann))
    deletion.begin(ann)
    server.runtime.housekeeping.wake()

    server.until(lambda: names() == {"stranger"})


@pytest.mark.each_database
def test_a_process_that_is_woken_removes_a_closed_account_though_another_one_cleans_up(
    server: Server, ann: User
) -> None:
    leases.hold("housekeeping", "another", 60)
    runtime = server.runtime

    def housekeeping() -> Housekeeping:
        alone = Alone(runtime.writer, "here", others_may_run=True)
        return Housekeeping(runtime.writer, runtime.runner, runtime.documents, runtime.images.files, alone)

    woken = server.now(housekeeping)
    running = server.now(lambda: asyncio.create_task(woken.run()))
    deletion.begin(ann)
    woken.wake()

    server.until(lambda: names() == set())
    server.now(running.cancel)


@pytest.mark.each_database
def test_settings_for_a_conversation_that_nobody_began_go_after_a_day(server: Server, ann: User) -> None:
    factories.conversation(ann, "Begun", days_ago=2)
    factories.conversation(ann, "", days_ago=2, is_begun=False)
    server.runtime.housekeeping.wake()

    server.until(lambda: [one.title for one in Conversation.objects.all()] == ["Begun"])


@pytest.mark.each_database
def test_a_copy_that_no_model_has_seen_for_long_is_evicted(server: Server, ann: User) -> None:
    factories.image(ann)
    ImageCopy.objects.update(used_at=timezone.now() - timedelta(days=1000))
    server.runtime.housekeeping.wake()

    server.until(lambda: not ImageCopy.objects.exists())


@pytest.mark.each_database
def test_the_rules_of_review_queues_look_at_what_is_new(server: Server, ann: User) -> None:
    queue = review_factories.queue()
    queue.rules.create(kind=Rule.Kind.SHARE, value="100", since=timezone.now() - timedelta(hours=1))
    factories.turn(factories.conversation(ann))
    server.runtime.housekeeping.wake()

    server.until(queue.items.exists)


def test_a_conversation_that_older_code_began_comes_into_the_list(server: Server, ann: User) -> None:
    reply = factories.turn(factories.conversation(ann))
    ConversationFigures.objects.all().delete()
    server.runtime.housekeeping.wake()

    server.until(ConversationFigures.objects.exists)
    assert rebuild.differing([reply.conversation_id]) == []


def test_every_tab_is_told_when_an_orphan_is_settled(server: Server, ann: User) -> None:
    """It becomes one while pages show it, by its heartbeat. Among other processes `Sweep` does it."""
    browser = Browser(server, ann)
    other = factories.turn(factories.conversation(ann))
    alive = timezone.now() + timedelta(hours=1)
    boot_id = server.runtime.runner.boot_id
    reply = factories.turn(
        factories.conversation(ann), boot_id=boot_id, status=Status.RUNNING, heartbeat_at=alive
    )
    conversation_id = str(reply.conversation_id)
    watching, elsewhere = browser.socket(), browser.socket()
    for socket, shown in ((watching, reply), (elsewhere, other)):
        shown_id = str(shown.conversation_id)
        socket.send("conversation.watch", conversation_id=shown_id, leaf_id=str(shown.pk), cursors={})
        socket.wait_for("request.done")
    Generation.objects.filter(message=reply).update(heartbeat_at=timezone.now() - timedelta(hours=1))
    server.runtime.housekeeping.wake()

    for socket in (watching, elsewhere):
        socket.wait_for("conversation.settled", conversation_id=conversation_id)
    watching.wait_for("conversation.stale", conversation_id=conversation_id)
    browser.close()


@pytest.mark.each_database
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
