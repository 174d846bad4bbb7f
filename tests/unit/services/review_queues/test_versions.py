"""Versions are made when something has changed."""

import pytest
from django.contrib.auth.models import User

from tests.support import review_factories as made
from vision_chat.models import Queue, Rubric
from vision_chat.services.review_queues import versions

pytestmark = [pytest.mark.each_database, pytest.mark.usefixtures("transactional_db")]

COLOUR = {
    "key": "colour",
    "kind": "choice",
    "choices": "Red\r\n\n Blue ",
    "bad_choices": "Red",
    "reasons": "Too loud",
    "is_required": True,
}


def test_a_version_says_all_that_was_asked() -> None:
    first = versions.save_rubric_version(made.rubric("Colours", COLOUR))
    assert first.definition["questions"] == [
        {
            "key": "colour",
            "label": "colour",
            "kind": "choice",
            "choices": ["Red", "Blue"],
            "bad_choices": ["Red"],
            "reasons": ["Too loud"],
            "policy": "",
            "is_required": True,
        }
    ]
    assert [each["value"] for each in first.definition["verdicts"]] == ["good", "flawed", "harmful"]


def test_a_new_one_is_made_only_of_a_change() -> None:
    queue = made.queue()
    first = versions.current(queue)
    assert versions.save_queue_version(queue) == versions.current(queue) == first
    queue.name = "Renamed"
    assert versions.save_queue_version(queue) == first
    queue.lease_minutes = 7
    assert (second := versions.current(queue)).number == 2
    queue.rubric.policy = "Be kind."
    queue.rubric.save()
    rubric_version = versions.save_rubric_version(queue.rubric)
    assert (rubric_version.number, versions.save_rubric_version(queue.rubric)) == (2, rubric_version)
    third = versions.current(queue)
    assert (third.number, third.rubric_version) == (3, rubric_version)
    assert second.rubric_version_id == first.rubric_version_id


def test_a_queue_of_a_rubric_without_a_version_gets_both(ann: User) -> None:
    queue = Queue.objects.create(name="Bare", rubric=Rubric.objects.create(name="Bare"))
    assert versions.current(queue).rubric_version.number == 1
