"""The page of an item as tests use it: its addresses, its forms, and what reviewers do there."""

import json
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.support import review_factories
from vision_chat.models import Assignment, Message, Queue, Review, ReviewItem
from vision_chat.services.review_queues import verdicts

WRONG = {
    "verdict": "flawed",
    "answer-picture": "no",
    "reasons-picture[]": "Missed a thing",
    "note": "Count again",
}
"""A verdict with a reason, as the form sends it."""


def url(name: str, *args: object) -> str:
    return reverse(f"admin:vision_chat_reviewitem_{name}", args=args)


def page(client: Client, item: ReviewItem) -> str:
    response = client.get(url("review", item.pk))
    assert response.status_code == 200
    return response.content.decode()


def lease(person: User, item: ReviewItem) -> dict[str, str]:
    """Return the fields by which the form names the assignment of this person."""
    assignment = Assignment.objects.get(item=item, reviewer=person)
    return {"assignment": str(assignment.pk), "token": str(assignment.token)}


def take(person: User, queue: Queue) -> dict[str, str]:
    assignment = review_factories.handed_out(person, queue)
    return {"assignment": str(assignment.pk), "token": str(assignment.token)}


def judge(person: User, queue: Queue, verdict: str = "good") -> Review:
    held = take(person, queue)
    answers = {"picture": {"value": "yes", "reasons": []}}
    return verdicts.submit(int(held["assignment"]), person, held["token"], verdict, answers, f"By {person}")


def post_json(client: Client, path: str, value: object) -> Any:
    return client.post(path, json.dumps(value), content_type="application/json")


def answer_of(item: ReviewItem) -> Message:
    return Message.objects.get(conversation=item.conversation, role=Message.Role.ASSISTANT)


def last_message_of(item: ReviewItem) -> Message:
    return Message.objects.get(pk=item.through_message_id)
