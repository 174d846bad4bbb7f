"""Gold items: made of an item whose verdict is known, changed, and taken out again."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils import timezone

from vision_chat.errors.reviews import AnswersError, ItemClosedError, NotGoldError
from vision_chat.models import Assignment, KnownVerdict, QueueVersion, Review, ReviewItem
from vision_chat.services.review_queues import items, versions
from vision_chat.services.review_queues._locked import Locked, lock, record_state
from vision_chat.services.review_queues.answers import checked, problem_of_note, problem_of_verdict
from vision_chat.services.review_queues.states import OPEN, HandState, is_overdue

ClosedFor = ReviewItem.ClosedFor
CLOSED_KINDS: Final = ("choice", "yes_no", "scale")
"""Kinds of questions whose answers are one of some: such an answer can be known."""


def make(
    item: ReviewItem,
    by: AbstractBaseUser,
    verdict: str,
    answers: Mapping[str, Any] | None = None,
    explanation: str = "",
) -> KnownVerdict:
    """Use an item as a gold item, or change what is known of it.

    One that nobody has finished is closed: there is nothing to be found out about it. Raises AnswersError,
    ItemClosedError and NotGoldError.
    """
    with transaction.atomic():
        held = lock(item.pk)
        if held.item.is_gold:
            raise NotGoldError
        conversation = held.item.conversation
        if conversation is None or conversation.deleted_at is not None:
            raise ItemClosedError(reason=ClosedFor.DELETED.label)
        if held.item.state in OPEN:
            items.close(held.item, by=by)
        version = versions.current(held.item.queue)
        definition = version.rubric_version.definition
        values = {
            "verdict": verdict,
            "answers": _known(definition, verdict, answers or {}, explanation),
            "explanation": explanation.strip(),
            "author_id": by.pk,
            "changed_at": timezone.now(),
        }
        gold = ReviewItem.every.filter(gold_of=held.item).first() or _copy(held.item, version.pk)
        known, _ = KnownVerdict.objects.update_or_create(item=gold, defaults=values)
        of_gold = lock(gold.pk)
        of_gold.settle(closed_for="", version=fitting_version(of_gold) or of_gold.item.version)
        record_state(held, by, "gold")
        return known


def take_out(item: ReviewItem, by: AbstractBaseUser) -> None:
    """Use an item as a gold item no longer. What was said of it stays as a record, and counts no more."""
    with transaction.atomic():
        held = lock(item.pk)
        gold = ReviewItem.every.filter(gold_of=held.item).first()
        if gold is None or gold.closed_for == ClosedFor.BY_HAND:
            return
        of_gold = lock(gold.pk)
        items.close_and_give_back(of_gold)
        record_state(held, by, "not gold")


def known_of(item: ReviewItem) -> KnownVerdict | None:
    """Return what is known of an item that is used as a gold item."""
    known = KnownVerdict.objects.filter(item__gold_of=item.pk).exclude(item__closed_for=ClosedFor.BY_HAND)
    return known.select_related("item__version__rubric_version", "author").first()


def suggested(item: ReviewItem) -> str:
    """Return the verdict of the decision about an item, else the one that its reviewers agree on."""
    if resolution := item.resolutions.first():
        return resolution.verdict
    done = Review.objects.filter(assignment__item=item, is_current=True).order_by()
    said = set(done.values_list("verdict", flat=True))
    return said.pop() if len(said) == 1 else ""


def fitting_version(held: Locked) -> QueueVersion | None:
    """Return the version of the queue that a locked gold item takes up, None where it keeps its own.

    Nobody works on it then, and the verdict that is known is one of the rubric.
    """
    if any(hand.state == HandState.ACTIVE and not is_overdue(hand, held.now) for hand in held.hands):
        return None
    version = versions.current(held.item.queue)
    is_known = version.rubric_version.of_verdict(held.item.known.verdict, "label")
    return version if is_known else None


def is_told(item: ReviewItem) -> bool:
    """Tell whether who has judged the item is told that it was a gold one."""
    return item.is_gold and item.queue.gold_is_told


def told_to(reviewer: AbstractBaseUser, item: ReviewItem) -> KnownVerdict | None:
    """Return what a reviewer who has judged a gold item is told of it."""
    if not is_told(item):
        return None
    own = Assignment.objects.filter(item=item, reviewer=reviewer.pk, state=HandState.DONE)
    if not own.exists():
        return None
    return KnownVerdict.objects.filter(item=item).select_related("item__version__rubric_version").first()


def _known(
    definition: Mapping[str, Any], verdict: str, answers: Mapping[str, Any], explanation: str
) -> dict[str, Any]:
    """Return the answers that are known, as reviews have them. Raises AnswersError."""
    problems = {
        "verdict": problem_of_verdict(definition, verdict),
        "explanation": problem_of_note(explanation.strip()),
    }
    if found := {name: problem for name, problem in problems.items() if problem}:
        raise AnswersError(found)
    asked = [
        {**question, "is_required": False, "reasons": []}
        for question in definition["questions"]
        if question["kind"] in CLOSED_KINDS
    ]
    known, _ = checked({**definition, "questions": asked}, verdict, answers, "")
    return known


def _copy(item: ReviewItem, version_id: int) -> ReviewItem:
    """Add the row that is handed out: what a reviewer sees of it is as with all others."""
    gold = ReviewItem(
        queue_id=item.queue_id,
        version_id=version_id,
        conversation_id=item.conversation_id,
        message_id=item.message_id,
        through_message_id=item.through_message_id,
        rule_id=item.rule_id,
        gold_of=item,
    )
    gold.reviewers_wanted = items.wanted_of(gold)
    gold.save(force_insert=True)
    return gold
