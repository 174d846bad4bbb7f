"""What reviewers and the people who chat have said, as metadata of a line."""

from typing import Any

from vision_chat.models import (
    Annotation,
    Correction,
    Feedback,
    Message,
    ModerationVerdict,
    Report,
    Resolution,
    Review,
)
from vision_chat.services.conversations.records import Record, time_of
from vision_chat.services.reviews.exports.names import Names
from vision_chat.services.reviews.exports.reading import Covered, item_id_of
from vision_chat.services.reviews.exports.verdicts import verdict_of


def of_conversation(covered: Covered, names: Names) -> Record:
    """Return the verdict that counts, and all that was said of the conversation."""
    verdict = verdict_of(covered)
    return {
        "verdict": verdict.value if verdict else None,
        "verdict_tone": verdict.tone if verdict else None,
        "reviews": [_review(review, names) for review in covered.reviews],
        "resolutions": [_resolution(resolution, names) for resolution in covered.resolutions],
        "reports": [_report(report, names) for report in covered.conversation.reports.all()],
    }


def of_message(message: Message, names: Names) -> Record:
    """Return what was said of one message."""
    return {
        "corrections": [_correction(each, names) for each in message.corrections.all()],
        "annotations": [_annotation(each, names) for each in message.annotations.all()],
        "feedback": [_feedback(each, names) for each in message.feedback.all()],
        "moderation": [
            _moderation(each)
            for generation in message.generations.all()
            for each in generation.moderation_verdicts.all()
        ],
    }


def rubric_of(review: Review) -> Record:
    version = review.rubric_version
    return {"id": str(version.rubric_id), "name": version.rubric.name, "version": version.number}


def _review(review: Review, names: Names) -> Record:
    item_id = item_id_of(review)
    return {
        "id": str(review.pk),
        "item_id": None if item_id is None else str(item_id),
        "verdict": review.verdict,
        "tone": review.verdict_tone or None,
        "rubric": rubric_of(review),
        "answers": review.answers,
        "note": review.note,
        "reviewer": names.person(review.author),
        "created_at": time_of(review.created_at),
    }


def _resolution(resolution: Resolution, names: Names) -> Record:
    return {
        "id": str(resolution.pk),
        "item_id": str(resolution.item_id),
        "verdict": resolution.verdict,
        "note": resolution.note,
        "author": names.person(resolution.author),
        "created_at": time_of(resolution.created_at),
    }


def _report(report: Report, names: Names) -> Record:
    return {
        "id": str(report.pk),
        "reason": report.reason,
        "comment": report.comment,
        "person": names.person(report.person),
        "created_at": time_of(report.created_at),
    }


def _correction(correction: Correction, names: Names) -> Record:
    return {
        "id": str(correction.pk),
        "text": correction.text,
        "author": names.person(correction.author),
        "changed_at": time_of(correction.changed_at),
    }


def _annotation(annotation: Annotation, names: Names) -> Record:
    return {
        "id": str(annotation.pk),
        "labels": annotation.labels,
        "note": annotation.note,
        "image_id": str(annotation.image_id) if annotation.image_id else None,
        "box": _box(annotation),
        "author": names.person(annotation.author),
        "changed_at": time_of(annotation.changed_at),
    }


def _box(annotation: Annotation) -> dict[str, Any] | None:
    if annotation.image_id is None:
        return None
    return {name: getattr(annotation, name) for name in ("x", "y", "width", "height")}


def _moderation(verdict: ModerationVerdict) -> Record:
    return {
        "id": str(verdict.pk),
        "model_name": verdict.model_name,
        "verdict": verdict.outcome,
        "categories": verdict.category_codes,
        "reason": verdict.reason or None,
        "without_pictures": verdict.is_without_images,
        "settled_at": time_of(verdict.settled_at) if verdict.settled_at else None,
    }


def _feedback(feedback: Feedback, names: Names) -> Record:
    return {
        "id": str(feedback.pk),
        "mark": feedback.mark,
        "reasons": feedback.shown_reasons,
        "comment": feedback.shown_comment,
        "person": names.person(feedback.person),
        "changed_at": time_of(feedback.changed_at),
    }
