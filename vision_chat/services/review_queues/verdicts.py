"""Verdicts of reviewers: handed in, changed and withdrawn. None is overwritten; records stay."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import QuerySet

from vision_chat.errors.reviews import KnownVerdictToldError, LeaseLostError, VerdictChangedError
from vision_chat.models import Assignment, AuditEntry, Review, ReviewItem
from vision_chat.services import audit
from vision_chat.services.figures import kept as figures
from vision_chat.services.review_queues._locked import Locked, check_is_open, lock, lock_held
from vision_chat.services.review_queues.answers import Answers, checked
from vision_chat.services.review_queues.blindness import blind_id_of, seen_reviews
from vision_chat.services.review_queues.drafts import put
from vision_chat.services.review_queues.gold_items import is_told
from vision_chat.services.review_queues.leases import keep_place
from vision_chat.services.review_queues.states import HandState, end, hand_in


def submit(  # noqa: PLR0913, PLR0917 - what one form brings
    assignment_id: int,
    reviewer: AbstractBaseUser,
    token: uuid.UUID | str,
    verdict: str,
    answers: Mapping[str, Any],
    note: str = "",
) -> Review:
    """Hand in a verdict, by which the reviewer's work on the item is done. The same one twice is one.

    Raises AnswersError. Where the item is in other hands or closed, what came is kept as the draft, and
    LeaseLostError or ItemClosedError raised after that.
    """
    with transaction.atomic():
        held, row = lock_held(assignment_id, reviewer, token)
        if row.state == HandState.DONE:
            return _submitted_before(row, verdict, answers, note)
        if row.state not in {HandState.ACTIVE, HandState.EXPIRED}:
            raise LeaseLostError
        if not held.item.closed_for and keep_place(held, row):
            review = _hand_in(held, row, verdict, answers, note)
            _record(AuditEntry.Action.REVIEWED, reviewer, held, verdict)
            return review
        put(row, draft_of(verdict, answers, note), row.draft_number + 1)
    check_is_open(held.item)
    raise LeaseLostError


def change(
    review_id: int, reviewer: AbstractBaseUser, verdict: str, answers: Mapping[str, Any], note: str = ""
) -> Review:
    """Replace one's own current verdict by another one.

    Raises AnswersError, VerdictChangedError, and KnownVerdictToldError.
    """
    with transaction.atomic():
        held, row, review = _own(review_id, reviewer)
        found, note = checked(review.rubric_version.definition, verdict, answers, note)
        if (review.verdict, review.answers, review.note) == (verdict, found, note):
            return review
        review.is_current = False
        review.save(update_fields=["is_current"])
        changed = _save(held, row, verdict, found, note)
        held.store(hand_in(held.hands, reviewer.pk, verdict))
        _record(AuditEntry.Action.REVIEWED, reviewer, held, verdict)
        return changed


def withdraw(review_id: int, reviewer: AbstractBaseUser) -> None:
    """Take one's own current verdict back. The item waits again; for this reviewer if they take it up again.

    What was withdrawn is the draft then. Raises VerdictChangedError and KnownVerdictToldError.
    """
    with transaction.atomic():
        held, row, review = _own(review_id, reviewer)
        review.is_current, review.withdrawn_at = False, held.now
        review.save(update_fields=["is_current", "withdrawn_at"])
        row.draft = draft_of(review.verdict, review.answers, review.note)
        row.draft_number += 1
        row.token = uuid.uuid4()
        row.save(update_fields=["draft", "draft_number", "token"])
        held.store(end(held.hands, reviewer.pk, HandState.WITHDRAWN))
        _record(AuditEntry.Action.WITHDREW, reviewer, held, review.verdict)


def visible_to(reviewer: AbstractBaseUser, item: ReviewItem) -> QuerySet[Review]:
    """Return the current verdicts on an item that the reviewer may see.

    In a blind queue these are the verdicts of others only after their own; leads see all. On a gold item
    it is their own alone: any number of people have judged it.
    """
    current = Review.every.filter(assignment__item=item, is_current=True)
    current = current.select_related("author", "rubric_version", "assignment")
    return seen_reviews(current, blind_id_of(reviewer))


def draft_of(verdict: str, answers: Mapping[str, Any], note: str) -> dict[str, Any]:
    """Return a draft of a verdict."""
    return {"verdict": verdict, "answers": dict(answers), "note": note}


def _submitted_before(row: Assignment, verdict: str, answers: Mapping[str, Any], note: str) -> Review:
    """Return what a second click finds. Raises LeaseLostError where it brings something else."""
    review = Review.every.select_related("rubric_version").get(assignment=row, is_current=True)
    found, note = checked(review.rubric_version.definition, verdict, answers, note)
    if (review.verdict, review.answers, review.note) != (verdict, found, note):
        raise LeaseLostError
    return review


def _hand_in(held: Locked, row: Assignment, verdict: str, answers: Mapping[str, Any], note: str) -> Review:
    definition = held.item.version.rubric_version.definition
    found, note = checked(definition, verdict, answers, note)
    review = _save(held, row, verdict, found, note)
    if row.draft:
        row.draft = {}
        row.save(update_fields=["draft"])
    held.store(hand_in(held.hands, row.reviewer_id, verdict))
    return review


def _record(action: AuditEntry.Action, reviewer: AbstractBaseUser, held: Locked, verdict: str) -> None:
    """Write what was done to the figures and, as everywhere last, to the log: others wait for its end."""
    if held.item.conversation_id is not None:
        figures.update_verdict(held.item.conversation_id)
    details = held.details(verdict=verdict)
    audit.record(action, reviewer, conversation=held.item.conversation, details=details)


def _save(held: Locked, row: Assignment, verdict: str, answers: Answers, note: str) -> Review:
    assert held.item.conversation_id is not None  # an item without it is closed
    return Review.objects.create(
        conversation_id=held.item.conversation_id,
        author_id=row.reviewer_id,
        assignment=row,
        rubric_version=held.item.version.rubric_version,
        verdict=verdict,
        answers=answers,
        note=note,
        is_gold=held.item.is_gold,
    )


def _own(review_id: int, reviewer: AbstractBaseUser) -> tuple[Locked, Assignment, Review]:
    """Lock the item of one's own current verdict, which may be changed.

    Raises VerdictChangedError, ItemClosedError and KnownVerdictToldError.
    """
    own = Review.every.filter(pk=review_id, author=reviewer.pk, assignment__isnull=False)
    item_id = own.values_list("assignment__item", flat=True).first()
    if item_id is None:
        raise VerdictChangedError
    held = lock(item_id)
    check_is_open(held.item)
    review = own.filter(is_current=True).select_related("rubric_version").first()
    if review is None:
        raise VerdictChangedError
    if is_told(held.item):
        raise KnownVerdictToldError
    return held, held.rows[reviewer.pk], review
