"""Turns as rules about moderation see them: which are to be asked about, and what the verdicts say."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet

from vision_chat.models import Generation, ModerationVerdict, Rule
from vision_chat.models.generation import GenerationQuerySet
from vision_chat.models.moderation import ModerationVerdictQuerySet, codes_in
from vision_chat.services.review_queues.shares import is_within


def outstanding(rule: Rule, turns: GenerationQuerySet) -> list[int]:
    """Return those of these turns, in their order, on which the rule waits for a verdict."""
    known = _verdicts(rule).settled().filter(generation=OuterRef("pk"))
    return _of_share(rule, turns.for_moderation().exclude(Exists(known)))


def unsafe(rule: Rule, turns: QuerySet[Generation]) -> QuerySet[Generation]:
    """Return those of these turns that the rule finds: in its share, and unsafe in one of its categories."""
    found = _verdicts(rule).unsafe(codes_in(rule.hazard_categories))
    turns = turns.filter(pk__in=found.values("generation"))
    if rule.moderated_percent >= 100:
        return turns
    return turns.filter(pk__in=_of_share(rule, turns))


def count_known(rule: Rule) -> int:
    """Return the number of turns since the rule's beginning that its model was asked about."""
    return _verdicts(rule).settled().filter(generation__created_at__gte=rule.since).count()


def _verdicts(rule: Rule) -> "ModerationVerdictQuerySet":
    return ModerationVerdict.objects.filter(model_name=rule.value.strip())


def _of_share(rule: Rule, turns: QuerySet[Generation]) -> list[int]:
    """Return the turns of the rule's share: the same of all rules that ask the same model."""
    rows: Iterable[tuple[int, int]] = turns.order_by("pk").values_list("pk", "message")
    model_name = rule.value.strip()
    return [
        pk
        for pk, message_id in rows
        if is_within(rule.moderated_percent, "moderation", model_name, message_id)
    ]
