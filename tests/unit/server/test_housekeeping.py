"""Housekeeping: at the start, when it is woken, and again after it has failed."""

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.server import Server
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
