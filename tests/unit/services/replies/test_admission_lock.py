"""The lock under which slots are counted, on PostgreSQL: who holds it and stops holds nobody up for long."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection, transaction

from tests.support.use_cases import RecordingRunner, ask, call, question
from vision_chat.models import Message
from vision_chat.services.conversations.submit import submit
from vision_chat.services.replies import admission, checkpoints
from vision_chat.services.replies.checkpoints import Checkpoint
from vision_chat.services.replies.turn import Turn

pytestmark = pytest.mark.each_database

LIMITS = ("lock_timeout", "idle_in_transaction_session_timeout")


@pytest.fixture
def running(transactional_db: None, ann: User) -> Turn:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer, and no lock of the site")
    return ask(ann)


@pytest.fixture
def stopped(running: Turn) -> Iterator[None]:
    """Another process has the lock and has stopped."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [admission._LOCK])
        yield
        cursor.execute("SELECT pg_advisory_unlock(%s)", [admission._LOCK])
    other.close()


def limits() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s), current_setting(%s)", LIMITS)
        return list(cursor.fetchone())


@pytest.mark.usefixtures("stopped")
def test_while_another_process_keeps_the_lock_turns_are_refused_and_running_replies_saved(
    running: Turn, stranger: User
) -> None:
    before = Message.objects.count()
    with pytest.raises(OperationalError, match="lock timeout"):
        call(stranger, submit, **question())
    with pytest.raises(OperationalError, match="lock timeout"):
        admission.take(RecordingRunner().door())
    checkpoint = Checkpoint(running.generation.pk, running.reply.pk, "Saved.")
    to_end = checkpoints.save(running.generation.boot_id, [running.generation.pk], [checkpoint])

    assert Message.objects.count() == before
    assert to_end == (set(), set())
    assert Message.objects.get(pk=running.reply.pk).text == "Saved."


@pytest.mark.usefixtures("running")
def test_the_database_ends_a_transaction_that_stands_still_with_the_lock() -> None:
    with transaction.atomic():
        admission._hold_lock()
        within = limits()

    assert within == [f"{admission.LOCK_SECONDS}s", f"{admission.IDLE_SECONDS}s"]
    assert limits() == ["0", "0"], "others, as those of backups and migrations, may stand still"
