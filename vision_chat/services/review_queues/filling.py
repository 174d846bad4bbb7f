"""Filling of queues: by hand, and by their rules.

A rule looks at each turn once, when it has ended, in the order of the turns; what is to be looked at again
finds the same. What people say of answers is compared with what the queue has.
"""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from vision_chat.models import (
    Assignment,
    Conversation,
    Generation,
    Message,
    Queue,
    QueueVersion,
    Report,
    ReviewItem,
    Rule,
)
from vision_chat.models.generation import GenerationQuerySet, Status
from vision_chat.services.review_queues import moderated, rules, versions
from vision_chat.services.review_queues._locked import is_sealed
from vision_chat.services.review_queues.items import ask_again, is_done_with, wanted_of
from vision_chat.services.review_queues.rules import Hit
from vision_chat.services.review_queues.states import State

logger = logging.getLogger(__name__)

BATCH: Final = 200
"""Turns that a rule looks at in one transaction."""
MOST_BATCHES: Final = 10
"""Batches for which somebody who asks for a queue to be filled waits; the server looks at the rest."""
AGAIN: Final = 100
"""Turns that are looked at once more: one with a lower number may be committed after one with a higher."""
MARKS_AGAIN: Final = timedelta(minutes=10)
"""Time whose marks are looked at once more: it may take as long until one is committed, or there again."""
MAX_COUNTED: Final = 20_000
"""Turns among which `count` counts, the latest."""


def add(
    queue: Queue, conversation: Conversation, message: Message | None = None, rule: Rule | None = None
) -> ReviewItem | None:
    """Put a conversation, or one answer of it, into a queue, once. Returns its item.

    None where nothing of it has ended yet, or it is sealed. Later messages go into an item that nobody has
    had in hand yet; else they make a new one.
    """
    with transaction.atomic():
        if is_sealed(conversation.pk):
            return None
        if message is not None:
            return _add(versions.current(queue), rule, conversation.pk, message.pk, message.pk)
        through = _ends_of([conversation.pk]).get(conversation.pk)
        if through is None:
            return None
        return _add(versions.current(queue), rule, conversation.pk, None, through)


def fill_all() -> int:
    """Fill all open queues by their rules. Returns the number of items that are new."""
    return sum(fill(queue) for queue in Queue.objects.filter(is_open=True).order_by("pk"))


def fill(queue: Queue) -> int:
    """Fill a queue by its rules, unless it is closed. Returns the number of items that are new."""
    return _fill(queue, None)[0]


def fill_some(queue: Queue, most: int = MOST_BATCHES) -> tuple[int, bool]:
    """Fill a queue for `most` batches. Returns the number of new items, and whether there may be more."""
    return _fill(queue, most)


def _fill(queue: Queue, most: int | None) -> tuple[int, bool]:
    if not queue.is_open:
        return 0, False
    before, batches = queue.items.count(), 0
    for rule in queue.rules.filter(is_enabled=True).order_by("pk"):
        while batches != most and _step_safely(rule.pk):
            batches += 1
    return queue.items.count() - before, batches == most


def fill_step() -> int:
    """Let the first rule of an open queue that has something new look at a batch. Returns 0 at last."""
    enabled = Rule.objects.filter(is_enabled=True, queue__is_open=True).order_by("pk")
    return next(filter(None, map(_step_safely, list(enabled.values_list("pk", flat=True)))), 0)


def count(rule: Rule, unit: str, among: QuerySet[Conversation] | None = None) -> int:
    """Return how many items a rule would add now, also one that is not saved; among the latest turns.

    With `among`, only those of these conversations.
    """
    if rules.problem_of(rule.kind, rule.value):
        return 0
    is_of_answers = unit == Queue.Unit.ANSWER
    hits = _hits(rule, _latest(rule, among), is_of_answers=is_of_answers)
    if rule.queue_id is not None:
        # an item for each of them, though one that nobody has had in hand may take it in
        return len(
            _new_ones(hits, rule.queue_id, is_of_answers=is_of_answers, is_once=rule.kind in rules.ONCE)
        )
    return len({hit.message_id if is_of_answers else hit.conversation_id for hit in hits})


def turns_at_hand(rule: Rule) -> GenerationQuerySet:
    """Return the turns that the rule looks at next, with those that it looks at once more."""
    numbers = Generation.objects.filter(pk__gt=rule.looked_through).order_by("pk")
    last = max(numbers.values_list("pk", flat=True)[:BATCH], default=rule.looked_through)
    return _Window(max(0, rule.looked_through - AGAIN), last).turns(rule)


def count_to_ask(rule: Rule) -> int:
    """Return the number of turns that a rule about moderation would send to its model; of the latest ones."""
    return len(moderated.outstanding(rule, _latest(rule).turns(rule)))


@dataclass(frozen=True, slots=True)
class _Window:
    """The turns with numbers above `after`, up to `last` and of these conversations where they are given."""

    after: int
    last: int | None
    among: QuerySet[Conversation] | None = None

    def turns(self, rule: Rule) -> GenerationQuerySet:
        turns = Generation.objects.for_review().filter(pk__gt=self.after, created_at__gte=rule.since)
        if self.among is not None:
            turns = turns.filter(message__conversation__in=self.among.values("pk"))
        return turns if self.last is None else turns.filter(pk__lte=self.last)


def _latest(rule: Rule, among: QuerySet[Conversation] | None = None) -> _Window:
    """Return the window of those of the latest turns that count."""
    ended = Generation.objects.for_review().filter(created_at__gte=rule.since)
    first = ended.order_by("-pk").values_list("pk", flat=True)[MAX_COUNTED : MAX_COUNTED + 1]
    return _Window(first[0] if first else 0, None, among)


def _step_safely(rule_id: int) -> int:
    """Let a rule look at a batch of turns. One that fails keeps no other from its work."""
    try:
        with transaction.atomic():
            return _step(rule_id)
    except Exception:
        logger.exception("Rule %s could not fill its queue", rule_id)
        return 0


def _step(rule_id: int) -> int:
    # another process that is at it does the same
    found = Rule.objects.select_for_update(skip_locked=True, of=("self",)).select_related("queue")
    rule = found.filter(pk=rule_id).first()
    if rule is None or rules.problem_of(rule.kind, rule.value):
        return 0
    is_of_answers = rule.queue.unit == Queue.Unit.ANSWER
    _begin_anew_if_changed(rule)
    if rule.kind in rules.OF_MARKS:
        return _look_at_marks(rule, is_of_answers=is_of_answers)
    return _look(rule, is_of_answers=is_of_answers)


def _look_at_marks(rule: Rule, *, is_of_answers: bool) -> int:
    now = timezone.now()
    hits = _hits(rule, None, is_of_answers=is_of_answers)
    new = _new_ones(hits, rule.queue_id, is_of_answers=is_of_answers, is_once=False)
    waiting = _put(rule, new[:BATCH])
    if rule.kind == Rule.Kind.REPORT:
        for item_id in _reported_again(rule)[:BATCH]:
            ask_again(item_id)
    if not waiting and len(new) <= BATCH:
        rule.marks_looked_at = now
    rule.save(update_fields=["marks_looked_at", "looked_through", "looked_for"])
    return BATCH - len(waiting) if len(new) > BATCH else 0


def _reported_again(rule: Rule) -> list[int]:
    """Return the items that were done with before somebody reported what they cover, and nothing newer is."""
    reports = Report.objects.filter(
        conversation=OuterRef("conversation"), handled_at=None, created_at__gte=rule.since
    )
    latest = Subquery(reports.order_by("-created_at").values("created_at")[:1])
    is_done = Q(assignments__state=Assignment.State.DONE)
    items = ReviewItem.objects.filter(queue=rule.queue_id, conversation__in=rules.reported(rule)).annotate(
        reported=latest,
        judged=Max("assignments__ended_at", filter=is_done),
        decided=Max("resolutions__created_at"),
    )
    newest = {item.conversation_id: item for item in items.order_by("pk")}
    return [
        item.pk
        for item in newest.values()
        if is_done_with(item) and _done_at(item, item.judged, item.decided) < item.reported
    ]


def _done_at(item: ReviewItem, judged: datetime | None, decided: datetime | None) -> datetime:
    """Return when somebody last looked at an item: `changed_at` is moved by its owner too."""
    moments = [moment for moment in (judged, decided) if moment is not None]
    if item.closed_for or not moments:
        return item.changed_at
    return max(moments)


def _look(rule: Rule, *, is_of_answers: bool) -> int:
    begun = rule.looked_through
    numbers = Generation.objects.filter(pk__gt=begun).order_by("pk").values_list("pk", "status")
    batch = list(numbers[:BATCH])
    if not batch:
        rule.save(update_fields=["looked_through", "looked_for"])
        return 0
    last = batch[-1][0]
    hits = _hits(rule, _Window(max(0, begun - AGAIN), last), is_of_answers=is_of_answers)
    put_off = [hit.turn for hit in _put(rule, hits)]
    unlooked = [pk for pk, status in batch if status == Status.RUNNING] + put_off
    if rule.kind == Rule.Kind.MODERATION:
        unlooked += moderated.outstanding(rule, _Window(begun, last).turns(rule))
    rule.looked_through = max(begun, min([last, *(pk - 1 for pk in unlooked)]))
    rule.save(update_fields=["looked_through", "looked_for"])
    return rule.looked_through - begun


def _begin_anew_if_changed(rule: Rule) -> None:
    """Let a rule that was changed look at everything since its beginning once more."""
    values = f"{rule.kind} {rule.value} {rule.since.isoformat()} {rule.queue.unit}"
    if rule.kind == Rule.Kind.MODERATION:
        values += f" {rule.moderated_percent.normalize()} {rule.hazard_categories}"
    digest = hashlib.sha256(values.encode()).hexdigest()
    if rule.looked_for != digest:
        earlier = Generation.objects.filter(created_at__lt=rule.since).aggregate(last=Max("pk"))["last"]
        rule.looked_for, rule.looked_through, rule.marks_looked_at = digest, earlier or 0, None


def _hits(rule: Rule, window: _Window | None, *, is_of_answers: bool) -> list[Hit]:
    if rule.kind == Rule.Kind.BAD_ANSWER:
        since = max(rule.since, rule.marks_looked_at - MARKS_AGAIN) if rule.marks_looked_at else rule.since
        return list(rules.marked(rule, since, is_of_answers=is_of_answers))
    if rule.kind == Rule.Kind.REPORT:
        return _last_answers(rules.reported(rule)) if is_of_answers else _ends(rules.reported(rule))
    assert window is not None
    return list(rules.found_in(rule, window.turns(rule), is_of_answers=is_of_answers))


def _put(rule: Rule, hits: Sequence[Hit]) -> list[Hit]:
    """Put what a rule has found into its queue. Returns what must wait for the end of a reply."""
    is_of_answers = rule.queue.unit == Queue.Unit.ANSWER
    is_once = rule.kind in rules.ONCE
    new = _new_ones(hits, rule.queue_id, is_of_answers=is_of_answers, is_once=is_once)
    if not new:
        return []
    ends = _ends_of({hit.conversation_id for hit in new})
    ready = [hit for hit in new if hit.message_id <= ends.get(hit.conversation_id, 0)]
    version = versions.current(rule.queue)
    of_conversations = ReviewItem.objects.filter(queue=rule.queue_id, message=None)
    of_conversations = of_conversations.filter(conversation__in=[hit.conversation_id for hit in ready])
    known = set() if is_of_answers else set(of_conversations.values_list("conversation", flat=True))
    items = []
    for hit in ready:
        if hit.conversation_id in known:
            _add(version, rule, hit.conversation_id, None, ends[hit.conversation_id])
        elif is_of_answers:
            items.append(_new(version, rule, hit.conversation_id, hit.message_id, hit.message_id))
        else:
            items.append(_new(version, rule, hit.conversation_id, None, ends[hit.conversation_id]))
    ReviewItem.objects.bulk_create(items, ignore_conflicts=True)
    return [hit for hit in new if hit not in ready]


def _new_ones(hits: Iterable[Hit], queue_id: int, *, is_of_answers: bool, is_once: bool) -> list[Hit]:
    """Return the hits that the queue does not have yet: the last one of each conversation, or each answer."""
    last = {hit.message_id if is_of_answers else hit.conversation_id: hit for hit in hits}
    items = ReviewItem.objects.filter(queue=queue_id)
    if is_of_answers:
        known = set(items.filter(message__in=list(last)).values_list("message", flat=True))
        return [hit for hit in last.values() if hit.message_id not in known]
    of_conversations = items.filter(conversation__in=list(last), message=None).order_by()
    through = dict(of_conversations.values_list("conversation").annotate(Max("through_message_id")))
    return [
        hit
        for hit in last.values()
        if hit.conversation_id not in through
        or (not is_once and through[hit.conversation_id] < hit.message_id)
    ]


def _add(
    version: QueueVersion, rule: Rule | None, conversation_id: UUID, message_id: int | None, through: int
) -> ReviewItem:
    items = ReviewItem.objects.filter(queue=version.queue_id, conversation=conversation_id)
    items = items.filter(Q(message=None) if message_id is None else Q(message=message_id))
    newest = items.select_for_update(of=("self",)).order_by("-through_message_id").first()
    if newest and newest.through_message_id >= through:
        return newest
    if newest and newest.state == State.WAITING and not newest.assignments.exists():
        newest.through_message_id = through
        newest.save(update_fields=["through_message_id"])
        return newest
    item = _new(version, rule, conversation_id, message_id, through)
    ReviewItem.objects.bulk_create([item], ignore_conflicts=True)
    return items.get(through_message_id=through)


def _new(
    version: QueueVersion, rule: Rule | None, conversation_id: UUID, message_id: int | None, through: int
) -> ReviewItem:
    item = ReviewItem(
        queue_id=version.queue_id,
        version=version,
        rule=rule,
        conversation_id=conversation_id,
        message_id=message_id,
        through_message_id=through,
    )
    item.reviewers_wanted = wanted_of(item)
    return item


def _ends_of(conversation_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return the last message of each conversation; where a reply runs, the last one before its question."""
    ids = list(conversation_ids)
    question = Coalesce(F("message__parent_id"), F("message_id"))
    running = Generation.objects.running().filter(message__conversation__in=ids).order_by()
    first = dict(running.values_list("message__conversation").annotate(first=Min(question)))
    sent = Message.objects.sent().order_by()
    quiet = sent.filter(conversation__in=[pk for pk in ids if pk not in first])
    ends = dict(quiet.values_list("conversation").annotate(Max("pk")))
    for pk, question_id in first.items():
        before = sent.filter(conversation=pk, pk__lt=question_id).aggregate(last=Max("pk"))["last"]
        if before is not None:
            ends[pk] = before
    return ends


def _ends(conversation_ids: Iterable[UUID]) -> list[Hit]:
    return [Hit(pk, message_id) for pk, message_id in _ends_of(conversation_ids).items()]


def _last_answers(conversation_ids: Iterable[UUID]) -> list[Hit]:
    """Return the last answer of each conversation."""
    answers = Message.objects.sent().filter(conversation__in=conversation_ids, role=Message.Role.ASSISTANT)
    ended = answers.exclude(generations__status=Status.RUNNING).order_by()
    return [Hit(*row) for row in ended.values_list("conversation").annotate(Max("pk"))]
