from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.support import review_factories
from tests.support.people import signed_in
from vision_chat.models import Queue, ReviewItem

QUESTIONS: tuple[dict[str, Any], ...] = (
    {
        "key": "picture",
        "kind": "yes_no",
        "label": "Did it read the picture?",
        "bad_choices": "no",
        "reasons": "Missed a thing\nMade something up",
        "is_required": True,
    },
    {"key": "clear", "kind": "scale", "label": "How clear?", "choices": "1\n5", "policy": "**5** is best."},
    {"key": "steps", "kind": "number", "label": "How many steps?"},
)


@pytest.fixture
def queue(db: None) -> Queue:
    of = review_factories.rubric("Pictures", *QUESTIONS)
    return review_factories.queue("Stairs", of, reviewers_per_item=2)


@pytest.fixture
def item(queue: Queue, owner: User) -> ReviewItem:
    return review_factories.item(queue, owner)


@pytest.fixture
def rita(db: None) -> User:
    return review_factories.reviewer("rita")


@pytest.fixture
def rob(db: None) -> User:
    return review_factories.reviewer("rob")


@pytest.fixture
def client(rita: User) -> Client:
    return signed_in(rita)
