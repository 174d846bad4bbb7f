"""A place that has anything is no place for a backup."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from tests.support import factories
from tests.support.waiting import reason_of
from vision_chat.errors.backups import BackupError
from vision_chat.errors.turns import NoPlaceError
from vision_chat.models import EndpointState, FileHold, Generation, Lease, Message, Site, WaitingMessage
from vision_chat.models.generation import NO_PROCESS, Status
from vision_chat.services.backups import place
from vision_chat.services.conversations.dispatch import _left_waiting
from vision_chat.services.files.share import mark
from vision_chat.services.replies import orphan_rows
from vision_chat.services.uploads import holds

pytestmark = [pytest.mark.each_database, pytest.mark.usefixtures("transactional_db")]


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    """A data folder that is this test's own, with the pictures in it."""
    settings.VISION_CHAT = replace(settings.VISION_CHAT, data_dir=tmp_path)
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media"},
        }
    }
    return tmp_path


def test_an_empty_place_is_taken(folder: Path) -> None:
    place.require_empty()
    (folder / "media/images/ab/cd").mkdir(parents=True)
    place.require_empty()


def test_the_mark_of_a_shared_folder_is_no_picture(folder: Path) -> None:
    (folder / "media").mkdir()
    assert mark(folder / "media", known=())
    place.require_empty()


def test_accounts_are_not_written_over() -> None:
    User.objects.create_user("ann")
    with pytest.raises(BackupError, match="has accounts"):
        place.require_empty()


def test_pictures_are_not_mixed_with_others() -> None:
    default_storage.save("images/ab/cd/original.webp", ContentFile(b"bytes"))
    with pytest.raises(BackupError, match=r"such as images/ab/cd/original\.webp"):
        place.require_empty()


def test_what_an_earlier_log_published_is_kept(folder: Path) -> None:
    (folder / "audit").mkdir()
    (folder / "audit/2026-01-31.txt").touch()
    with pytest.raises(BackupError, match="move them away, and keep them"):
        place.require_empty()


def test_the_original_is_forgotten() -> None:
    Site.objects.create(pk=1, site_id="of the original")
    holds.hold()
    Lease.objects.create(name="housekeeping", holder="original", expires_at=timezone.now())
    EndpointState.objects.create(address="https://api.example.org", changed_at=timezone.now())
    place.forget_original()

    assert [
        model.__name__ for model in (Site, FileHold, Lease, EndpointState) if model.objects.exists()
    ] == []


@pytest.fixture
def replies(ann: User) -> dict[str, Message]:
    """A reply that runs, one that is queued, and a complete one."""
    states = {
        "running": {"status": Status.RUNNING, "boot_id": "original"},
        "queued": {"status": Status.RUNNING, "boot_id": NO_PROCESS},
        "complete": {"boot_id": "original"},
    }
    return {name: factories.turn(factories.conversation(ann), **values) for name, values in states.items()}


def test_replies_of_the_original_are_interrupted_by_the_server(replies: dict[str, Message]) -> None:
    place.forget_original()

    assert orphan_rows.find_unrun() == (True, False), "none is taken"
    assert len(orphan_rows.interrupt_orphans("here", others_may_run=True)) == 2
    states = dict(Generation.objects.values_list("message", "status"))
    assert {name: states[reply.pk] for name, reply in replies.items()} == {
        "running": Status.INTERRUPTED,
        "queued": Status.INTERRUPTED,
        "complete": Status.COMPLETED,
    }


def test_messages_that_wait_ask_their_people(replies: dict[str, Message]) -> None:
    waiting = [factories.waiting_for(reply) for reply in replies.values()]
    WaitingMessage.objects.update(is_due=True, refusal_code=NoPlaceError.code)
    place.forget_original()
    orphan_rows.interrupt_orphans("here", others_may_run=True)

    assert _left_waiting() == [], "none is sent"
    asked = "The site has come back from a backup since you wrote this. Send it if you still want to."
    assert [reason_of(message) for message in waiting] == [asked] * 3


def test_why_a_message_was_not_sent_is_kept(replies: dict[str, Message]) -> None:
    factories.waiting_for(replies["complete"])
    WaitingMessage.objects.update(refusal_code="turn.image_gone")
    place.forget_original()

    assert WaitingMessage.objects.get().refusal_code == "turn.image_gone"
