"""What an export holds in memory does not grow with it; `python -m tests.bench --only export` shows more."""

import tracemalloc

import pytest
from django.contrib.auth.models import User

from tests.support import exported, factories
from vision_chat.models import Conversation
from vision_chat.services.reviews.exports import reading
from vision_chat.services.reviews.exports.choices import Choices
from vision_chat.services.reviews.exports.pieces import pieces

MESSAGES = 20
PORTION = 2
"""Conversations that are read at once."""


def peak_of(conversations: int) -> int:
    selection = exported.selected(*Conversation.objects.order_by("created_at")[:conversations])
    tracemalloc.start()
    try:
        size = sum(len(piece) for piece in pieces(selection, Choices()))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        assert size > conversations


@pytest.fixture(autouse=True)
def _small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MESSAGES_AT_ONCE", PORTION * MESSAGES)


def test_ten_times_the_messages_take_no_more_memory(owner: User) -> None:
    few, many = 2 * PORTION, 20 * PORTION
    for _ in range(many):
        factories.long_conversation(owner, MESSAGES)
    peak_of(few)  # fills what Django and json keep

    # what kept all of them would take eight times as much
    assert peak_of(many) < 1.5 * peak_of(few)
