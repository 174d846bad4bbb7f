"""Whatever is done to a conversation, from two tabs and in any order: nothing is lost, and pages show it."""

import asyncio
import random
import uuid
from collections.abc import Iterator
from itertools import pairwise

import pytest
from django.contrib.auth.models import User

from tests.support.examples import seeds
from tests.support.random_tree import MAX_REPLIES, RandomTree
from vision_chat.models import Generation, Message, MessageImage, UploadedImage, WaitingMessage


@pytest.fixture
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


def check_nothing_is_lost(tree: RandomTree) -> None:
    rows = Message.objects.filter(role="user").values_list("pk", "text")
    assert dict(rows) == {pk: text for pk, (text, _) in tree.said.items()}
    shown: dict[int, list[uuid.UUID]] = {pk: [] for pk in tree.said}
    attached = MessageImage.objects.filter(message__role="user").order_by("message", "position")
    for pk, image in attached.values_list("message", "image"):
        shown[pk].append(image)
    assert shown == {pk: images for pk, (_, images) in tree.said.items()}
    assert set(UploadedImage.objects.values_list("pk", flat=True)) == tree.images
    texts = dict(Message.objects.values_list("pk", "text"))
    for pk, text in tree.settled.items():
        assert texts[pk].startswith(text)


def check_branches(tree: RandomTree) -> None:
    """Assert that visible messages follow visible ones, and that the shown branch is whole and remembered."""
    visible = {row.pk: row for row in Message.objects.sent()}
    for row in visible.values():
        assert row.parent_id is None or row.parent_id in visible
    leaf_id = tree.conversation.leaf_id
    if leaf_id is None:
        assert not visible
        return
    assert not [row for row in visible.values() if row.parent_id == leaf_id]
    path = list(Message.objects.branch_to(leaf_id))
    assert path[0].parent_id is None
    for above, below in pairwise(path):
        assert (below.parent_id, above.shown_child_id) == (above.pk, below.pk)
        assert above.pk in visible
    for row in Message.objects.exclude(shown_child=None).select_related("shown_child"):
        assert row.shown_child is not None
        assert row.shown_child.parent_id == row.pk


def check_waiting(tree: RandomTree) -> None:
    waiting = Message.objects.filter(state="waiting").select_related("parent", "waiting")
    assert WaitingMessage.objects.count() == len(waiting)
    for row in waiting:
        assert not Message.objects.sent().filter(parent=row.parent_id).exists()
        latest = Generation.objects.filter(message=row.parent_id).latest("pk")
        is_deleted = row.deleted_at is not None
        assert is_deleted or latest.status != "completed" or row.waiting.refusal_code
    running = set(Generation.objects.running().values_list("message", flat=True))
    assert running == {int(live.message_id) for live in tree.running}
    assert len(running) <= MAX_REPLIES


def check_pages(tree: RandomTree) -> None:
    afresh = tree.opened()
    for tab in tree.tabs:
        if tab.is_open:
            assert tab.page.shown() == afresh.shown()


@pytest.mark.long
@pytest.mark.parametrize("seed", seeds(4))
@pytest.mark.each_database
def test_nothing_is_lost_and_pages_show_what_a_page_opened_afresh_shows(
    ann: User, loop: asyncio.Runner, seed: int
) -> None:
    tree = RandomTree(ann, random.Random(seed), loop)
    for _ in range(50):
        tree.happen()
        check_nothing_is_lost(tree)
        check_branches(tree)
        check_waiting(tree)
        check_pages(tree)
    tree.come_back()
    check_pages(tree)
