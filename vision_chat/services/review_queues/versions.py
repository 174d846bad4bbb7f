"""Versions of rubrics and queues: made when something has changed, never changed themselves."""

from collections.abc import Collection
from typing import Any

from django.db import transaction

from vision_chat.models import Queue, QueueVersion, Rubric, RubricQuestion, RubricVersion
from vision_chat.models.rubric import definition_of

_SETTINGS = (
    "unit",
    "reviewers_per_item",
    "shared_percent",
    "is_blind",
    "lease_minutes",
    "gold_percent",
    "gold_is_told",
)


def save_rubric_version(rubric: Rubric) -> RubricVersion:
    """Return the version of the rubric as it is now; a new one only if something has changed."""
    with transaction.atomic():
        Rubric.objects.select_for_update().get(pk=rubric.pk)
        latest = RubricVersion.objects.latest_of(rubric).first()
        definition = _definition(rubric)
        if latest and latest.definition == definition:
            return latest
        number = latest.number + 1 if latest else 1
        return RubricVersion.objects.create(rubric=rubric, number=number, definition=definition)


def save_queue_version(queue: Queue) -> QueueVersion:
    """Return the version of the queue as it is now; a new one only if it or its rubric has changed."""
    with transaction.atomic():
        Queue.objects.select_for_update().get(pk=queue.pk)
        latest = queue.versions.order_by("-number").first()
        if latest and _matches(latest, queue):
            return latest
        number = latest.number + 1 if latest else 1
        rubric_version = _rubric_version(queue)
        return queue.versions.create(
            number=number, rubric_version=rubric_version, settings=_settings_of(queue)
        )


def current(queue: Queue) -> QueueVersion:
    """Return the version by which items are handed out now; it is saved first where something has changed."""
    latest = queue.versions.select_related("rubric_version").order_by("-number").first()
    return latest if latest and _matches(latest, queue) else save_queue_version(queue)


def required_questions(queues: Collection[Queue]) -> dict[int, str]:
    """Return the first question that must be answered beside the verdict, by the ids of queues with such."""
    rubrics = [queue.rubric_id for queue in queues]
    required = RubricQuestion.objects.filter(rubric__in=rubrics, is_required=True)
    labels = dict(required.order_by("-position", "-pk").values_list("rubric", "label"))
    return {queue.pk: labels[queue.rubric_id] for queue in queues if queue.rubric_id in labels}


def _matches(version: QueueVersion, queue: Queue) -> bool:
    """Tell whether neither the queue nor its rubric has changed since the version."""
    return version.settings == _settings_of(queue) and version.rubric_version_id == _rubric_version(queue).pk


def _settings_of(queue: Queue) -> dict[str, Any]:
    return {name: getattr(queue, name) for name in _SETTINGS}


def _rubric_version(queue: Queue) -> RubricVersion:
    latest = RubricVersion.objects.latest_of(queue.rubric_id).first()
    return latest or save_rubric_version(queue.rubric)


def _definition(rubric: Rubric) -> dict[str, Any]:
    rows = (rubric.verdicts.order_by("position", "pk"), rubric.questions.order_by("position", "pk"))
    return definition_of(rubric.policy, *rows)
